"""What a script may yield: something to say, a question, an effect, a hand-off, or the end.

A script is a generator of steps. It is sent the answer to an :class:`Ask`, the result of an :class:`Effect`,
the outcome of a :class:`HandOff`, and ``None`` after a :class:`Say`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the caller meant: an intent and, for some intents, a value (plain JSON)."""

    intent: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a menu that is made up in the call, such as the services of a category."""

    label: str
    """As spoken in "Für … drücken Sie die eins"."""
    meaning: Meaning
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Say:
    """Say a prompt and go on."""

    prompt: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a question: ``prompts/`` says how, ``grammars/`` what may be answered. Answered by a Meaning."""

    question: str
    values: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()


HandOffOutcome = Literal["talked", "unanswered", "call_back", "returned", "finished", "key_number"]
"""How a hand-off ended: a human talked with the caller; nobody answered; the caller would rather be called
back; the assistant is to go on where it was; it is to ask what else there is, as the human has done what was
wanted; it is to take a mobile number by keypad and hand the call over again."""


@dataclass(frozen=True, slots=True)
class HandOff:
    """Connect the caller with a human. Answered, once that is over, by a :data:`HandOffOutcome`."""

    reason: str
    whisper: str
    """What the agent hears before the caller does."""


@dataclass(frozen=True, slots=True)
class End:
    """Hang up, when the last sentence has been heard."""


@dataclass(frozen=True)
class Effect(Generic[T]):
    """Something that only the world can do or know. Its result is logged, so it happens once."""

    result: ClassVar[TypeAdapter[Any]]
    final: ClassVar[bool] = False
    """Whether *zurück* stops here, because it cannot be undone by forgetting it."""

    @property
    def name(self) -> str:
        """The name under which the result stands in the log."""
        return type(self).__name__


Step = Say | Ask | HandOff | End | Effect[Any]
Script = Generator[Step, Any, T]


class GaveUp(Exception):  # noqa: N818
    """Thrown into a script whose question was not answered, when there is nobody to hand the call to."""


def ask(question: str, /, *options: Option, **values: str) -> Script[Meaning]:
    """Ask, and return the meaning of the answer."""
    answer = yield Ask(question, values, options)
    assert isinstance(answer, Meaning)  # noqa: S101
    return answer


def say(prompt: str, **values: str) -> Script[None]:
    """Say a prompt."""
    yield Say(prompt, values)


def do(effect: Effect[T]) -> Script[T]:
    """Have an effect performed, and return its result."""
    result: T = yield effect
    return result
