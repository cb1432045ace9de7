"""What a scripted caller does: the file for ``hotline call``, described in ``docs/telephone.md``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hotline import yamlfile
from hotline.speech.audio import NoiseKind
from hotline.telephony.phone.telephone import MOBILE, WITHHELD


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
"""One text or a list of them. ``/…/`` is a regular expression, anything else is looked for as it stands."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VoiceChoice(_Part):
    """How the caller sounds. Every voice passes a telephone's band of 300 to 3400 Hz."""

    name: str = "pico"
    """``pico``, or a voice of espeak-ng such as ``de+f2``."""
    speed: float = Field(default=1.0, gt=0.3, lt=3)
    """1 is the voice's own pace."""
    pitch: float = Field(default=1.0, gt=0.3, lt=3)
    """1 is the voice's own pitch."""
    noise: float | None = Field(default=None, ge=-10, le=60)
    """How many dB the noise behind the caller lies below the speech; unset: it is quiet there."""
    noise_kind: NoiseKind = "pink"


class Expect(_Part):
    """What must be true after a turn, or at the end."""

    says: Texts = ()
    """What the hotline says in answer."""
    understood: Texts = ()
    """What it understood, or made of it."""
    outcome: Texts = ()
    """How the call ended: ``booked``, ``handed_off``, ``call_back``, ``abandoned``, …"""


class Turn(_Part):
    """One thing the caller does, once the hotline has finished speaking."""

    say: str | None = None
    play: Path | None = None
    """A recording; relative to the script."""
    press: str | None = Field(default=None, pattern=r"^[0-9*#]+$")
    silent: float | None = Field(default=None, gt=0, le=600)
    """Seconds of saying nothing."""
    hang_up: Literal[True] | None = None
    voice: VoiceChoice | None = None
    """For this turn only."""
    barge_in: float | None = Field(default=None, ge=0)
    """Do not wait until the hotline has finished: act so many seconds after it began to speak."""
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        done = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(done) > 1:
            raise ValueError(f"one turn is one thing, not {' and '.join(done)}")
        return self

    @property
    def action(self) -> str:
        """What is done: one of :data:`ACTIONS`, or ``listen``."""
        return next((name for name in ACTIONS if getattr(self, name) is not None), "listen")


ACTIONS = ("say", "play", "press", "silent", "hang_up")


class Agent(_Part):
    """What happens where the hotline puts the call through."""

    answer: Literal["answers", "busy", "no-answer", "fails"] = "answers"
    rings_for: float = 3.0
    presses: str = ""
    talks_for: float = 3.0


class Script(_Part):
    """A caller: who, how, and turn by turn what."""

    name: str = ""
    from_: str = Field(default=MOBILE, alias="from", pattern=rf"^(\+[1-9]\d{{6,14}}|{WITHHELD})$")
    """The calling number, E.164, or ``anonymous`` where it is withheld."""
    voice: VoiceChoice = VoiceChoice()
    agent: Agent = Agent()
    repeats: int = Field(default=0, ge=0, le=9)
    """How often the caller says a turn again that was not understood, or a number that was misheard.
    Asked back ("Meinten Sie …?"), the caller says yes."""
    turns: tuple[Turn, ...] = Field(min_length=1)
    expect: Expect = Expect()


def load(path: Path) -> Script:
    """Read a script; recordings are looked for beside it.

    :raises hotline.yamlfile.DataError: if it is none, naming file and line.
    """
    script = yamlfile.load(path, Script)
    turns = tuple(
        turn.model_copy(update={"play": path.parent / turn.play}) if turn.play else turn
        for turn in script.turns
    )
    for number, turn in enumerate(turns):
        if turn.play is not None and not turn.play.is_file():
            line = yamlfile.line_at(path, ("turns", number, "play"))
            raise yamlfile.DataError(f"{path}:{line}: no such recording: {turn.play}")
    return script.model_copy(update={"turns": turns})


def occurs(wanted: str, text: str) -> bool:
    """Tell whether ``wanted`` is in ``text``, as :data:`Texts` says; upper and lower case are the same."""
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return re.search(wanted[1:-1], text, re.IGNORECASE) is not None
    return wanted.casefold() in text.casefold()
