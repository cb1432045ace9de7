"""What callers hear, as data: one YAML file per language in ``prompts/``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from hotline import yamlfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SLOWER = 0.85
"""Pace at which something is repeated for the second time; 1.0 is the usual pace."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to say: the text, the prompt it came from (a recording may bear that name), the pace."""

    prompt: str
    text: str
    pace: float = 1.0


class QuestionPrompts(BaseModel):
    """The ways to ask one question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: str
    """The question as asked at first."""
    short: str
    """A shorter question with examples, after the first time it was not understood."""
    menu: str
    """The keys. Two sentences at most per key; the key comes after the choice."""
    help: str
    """What the question is about, and what can be said."""


class Prompts(BaseModel):
    """A file ``prompts/<language>.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str
    """The language's tag for Twilio's ``<Say>``, such as ``de-DE``."""
    prompts: dict[str, str]
    questions: dict[str, QuestionPrompts]

    @classmethod
    def load(cls, folder: Path, language: str = "de") -> Prompts:
        """Read the prompts of a language.

        :raises hotline.yamlfile.DataError: naming file and line.
        """
        return yamlfile.load(folder / f"{language}.yaml", cls)

    def render(self, prompt: str, values: Mapping[str, str], pace: float = 1.0) -> Utterance:
        """Return a prompt (``name``, or ``question.variant``) as a sentence, its placeholders filled in."""
        question, _, variant = prompt.partition(".")
        template = getattr(self.questions[question], variant) if variant else self.prompts[prompt]
        text = " ".join(template.format_map(values).split())
        return Utterance(prompt, text[:1].upper() + text[1:], pace)

    def templates(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the template of every prompt."""
        yield from self.prompts.items()
        for name, question in self.questions.items():
            for variant in QuestionPrompts.model_fields:
                yield f"{name}.{variant}", getattr(question, variant)
