"""What callers may say and key, as data: one YAML file per question in ``grammars/``.

Phrases are templates: ``[…]`` may be left out, ``(a|b)`` is one of several, as in Home Assistant's hassil.
They serve two masters: the recogniser gets them as fragments (Vosk builds a bigram model from them), and
:mod:`~hotline.dialog.understanding` finds them in what was recognised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from hotline import yamlfile
from hotline.dialog.steps import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Kind(StrEnum):
    """The kind of a question, which decides how long to wait for the end of the answer."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    OPEN = "open"
    DIGITS = "digits"


class Topic(StrEnum):
    """What an answer may hold beside fixed phrases.

    ``phone``: digits, in groups of two and three as well, as people dictate telephone numbers.
    ``time``: a bare number is an hour.
    """

    WISHES = "wishes"
    PLACE = "place"
    SERVICE = "service"
    DIGITS = "digits"
    PHONE = "phone"
    TIME = "time"


Asked = Literal["place", "time"]
"""What a question asks for, where the answer can be unlikely (:mod:`hotline.dialog.doubts`)."""


class TemplateError(ValueError):
    """A phrase template with brackets that do not match."""


def expand(template: str) -> list[str]:
    """Return every phrase that a template stands for, the fullest first.

    >>> expand("ja [bitte|gern]")
    ['ja bitte', 'ja gern', 'ja']

    :raises TemplateError: if brackets do not match.
    """
    tokens = re.findall(r"[\[\]()|]|[^\[\]()|]+", template)
    phrases, rest = _alternatives(tokens, 0, "")
    if rest != len(tokens):
        msg = f"Klammern passen nicht zusammen: {template!r}"
        raise TemplateError(msg)
    return list(dict.fromkeys(" ".join(phrase.split()) for phrase in phrases))


def _alternatives(tokens: list[str], at: int, closing: str) -> tuple[list[str], int]:
    found: list[str] = []
    current = [""]
    while at < len(tokens) and tokens[at] not in ("]", ")"):
        sign = tokens[at]
        at += 1
        if sign == "|":
            found += current
            current = [""]
        elif sign in "[(":
            inner, at = _alternatives(tokens, at, "]" if sign == "[" else ")")
            inner += [""] if sign == "[" else []
            current = [f"{head} {tail}" for head in current for tail in inner]
        else:
            current = [f"{head} {sign}" for head in current]
    if closing:
        if at >= len(tokens) or tokens[at] != closing:
            msg = "eine Klammer wird nicht geschlossen"
            raise TemplateError(msg)
        at += 1
    return found + current, at


def _checked(template: str) -> str:
    expand(template)
    if template != template.lower():
        msg = f"Phrasen werden klein geschrieben, wie das Ohr sie schreibt: {template!r}"
        raise ValueError(msg)
    return template


Template = Annotated[str, AfterValidator(_checked)]


class Shared(BaseModel):
    """Phrases that several questions share; a block of ``grammars/shared.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phrases: dict[str, list[Template]] = Field(default_factory=dict)
    """Intent → templates of what callers say for it."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Intent → how to name it in "Meinten Sie …?"."""
    weights: dict[str, Annotated[int, Field(ge=1, le=1000)]] = Field(default_factory=dict)
    """Phrase → how often it is given to the recogniser, which takes the frequent for likely. A
    single word's weight holds in part for all phrases that begin with it."""


class Grammar(Shared):
    """The answers to one question; the schema of a file in ``grammars/``."""

    kind: Kind
    include: list[str] = Field(default_factory=list)
    """Names of blocks of ``shared.yaml`` whose phrases and labels count here as well."""
    topics: list[Topic] = Field(default_factory=list)
    asks: Asked | None = None
    """What the question is after, where other wishes are possible too, but unlikely."""
    keys: dict[Annotated[str, Field(pattern=r"^[0-9*#]$")], str] = Field(default_factory=dict)
    """Key → intent."""
    digits: tuple[int, int] | None = None
    """Least and greatest number of digits that may be keyed, ended by ``#`` or a pause."""

    @cached_property
    def spoken(self) -> dict[str, Meaning]:
        """Every phrase, expanded, and its meaning."""
        return {
            phrase: Meaning(intent)
            for intent, templates in self.phrases.items()
            for template in templates
            for phrase in expand(template)
        }

    def with_shared(self, shared: Mapping[str, Shared]) -> Grammar:
        """Return the grammar with what it includes.

        :raises KeyError: if a block does not exist.
        """
        blocks: list[Shared] = [*(shared[name] for name in self.include), self]
        phrases: dict[str, list[str]] = {}
        labels: dict[str, str] = {}
        weights: dict[str, int] = {}
        for block in blocks:
            labels |= block.labels
            weights |= block.weights
            for intent, templates in block.phrases.items():
                phrases[intent] = [*phrases.get(intent, []), *templates]
        return self.model_copy(update={"phrases": phrases, "labels": labels, "weights": weights})


class Bounds(BaseModel):
    """Confidences, 0 to 1, that decide what happens with an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accept: float = Field(ge=0, le=1)
    """From here on: go on."""
    confirm: float = Field(ge=0, le=1)
    """From here on: ask back. Below: not understood."""


class Confidence(BaseModel):
    """``grammars/confidence.yaml``: the bounds per kind of question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bounds: dict[Kind, Bounds]
    questions: dict[str, Bounds] = Field(default_factory=dict)
    """Bounds of single questions, where they differ."""


class Fillers(BaseModel):
    """``grammars/fillers.yaml``: words that carry no meaning here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: list[str]
    hesitations: list[str]
    """After "ja" they say that the answer is yet to come."""
    unfinished: list[str]
    """Words after which an answer goes on, so that the caller is given more time."""
    carriers: list[Template]
    """Openings such as "ich hätte gern", offered to the recogniser at open questions."""


@dataclass(frozen=True)
class Grammars:
    """All grammars of a folder."""

    questions: dict[str, Grammar]
    always: Grammar
    """What works at every question."""
    fillers: Fillers
    confidence: Confidence = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> Grammars:
        """Read ``grammars/``.

        :raises hotline.yamlfile.DataError: naming file and line.
        """
        special = {"always", "fillers", "confidence", "shared"}
        shared = yamlfile.load(folder / "shared.yaml", TypeAdapter(dict[str, Shared]))
        questions: dict[str, Grammar] = {}
        for path in sorted(folder.glob("*.yaml")):
            if path.stem in special:
                continue
            try:
                questions[path.stem] = yamlfile.load(path, Grammar).with_shared(shared)
            except KeyError as error:
                line = yamlfile.line_at(path, ["include"])
                raise yamlfile.DataError(
                    f"{path}:{line}: include: {error} steht nicht in shared.yaml"
                ) from error
        return cls(
            questions,
            always=yamlfile.load(folder / "always.yaml", Grammar),
            fillers=yamlfile.load(folder / "fillers.yaml", Fillers),
            confidence=yamlfile.load(folder / "confidence.yaml", Confidence),
        )

    def bounds(self, question: str) -> Bounds:
        """Return the confidence bounds of a question."""
        own = self.confidence.questions.get(question)
        return own or self.confidence.bounds[self.questions[question].kind]

    def carriers(self) -> Iterator[str]:
        """Yield the expanded carrier phrases and fillers."""
        yield from self.fillers.words
        for template in self.fillers.carriers:
            yield from expand(template)
