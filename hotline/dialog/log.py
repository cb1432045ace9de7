"""The log of a conversation: one entry per turn, from which everything else follows.

It is the state (a call goes on in another process by replaying it), the agent's context, the audit trail and
the statistics. It only grows: *zurück* is a turn as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from hotline.dialog.prompts import Utterance
from hotline.dialog.steps import HandOffOutcome, Meaning
from hotline.dialog.understanding import Decision, Word


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as the line tells."""

    number: str | None = None
    """E.164; ``None`` if withheld."""
    mobile: bool = False
    """Whether an SMS may go to that number."""


@dataclass(frozen=True, slots=True)
class Start:
    """The call begins."""

    caller: Caller
    keypad: bool = False
    """Whether the call goes by keypad alone from the beginning, because there is no ear."""
    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Resumed:
    """The line is back (a new stream, or keypad mode): ask again where we were."""

    keypad: bool
    """Whether the call goes on in keypad mode, with no ear."""
    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True, slots=True)
class Speech:
    """The caller said something."""

    words: tuple[Word, ...]
    kind: Literal["speech"] = "speech"


@dataclass(frozen=True, slots=True)
class Keys:
    """The caller pressed keys: ``0``-``9``, ``*``, ``#``; several where digits are asked for."""

    keys: str
    kind: Literal["keys"] = "keys"


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller said nothing in the time there was."""

    kind: Literal["silence"] = "silence"


@dataclass(frozen=True, slots=True)
class Transferred:
    """The hand-off to a human is over."""

    outcome: HandOffOutcome
    kind: Literal["transferred"] = "transferred"


@dataclass(frozen=True, slots=True)
class AgentDid:
    """A human at the desk did something for the caller. It is in the log, but nothing is said."""

    agent: str
    """The agent's account."""
    action: str
    """``took``, ``held``, ``booked``, …: see ``docs/desk.md``."""
    details: dict[str, Any] = field(default_factory=dict)
    """Plain JSON."""
    outcome: dict[str, Any] | None = None
    """What has come of the call, if this decides it."""
    kind: Literal["agent_did"] = "agent_did"


@dataclass(frozen=True, slots=True)
class Failed:
    """An error of ours stands in the way; a human has to go on."""

    reason: str
    start: Start | None = None
    """The beginning of the call, where the error happened there already."""
    kind: Literal["failed"] = "failed"


Event = Start | Resumed | Speech | Keys | Silence | Transferred | AgentDid | Failed


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was sent into the script, or a script that was begun on top of it."""

    kind: Literal["answer", "result", "transferred", "interrupt", "gave_up", "restart"]
    """``restart`` marks where a log that no longer fitted the scripts was left behind."""
    name: str
    """The question, the effect, or the reason."""
    value: Any = None
    final: bool = False
    """Whether *zurück* stops here."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How the question that is open has gone so far."""

    failures: int = 0
    repeats: int = 0
    confirming: Meaning | None = None
    """The meaning about which "Meinten Sie …?" was asked."""
    heard: bool = False
    """Whether the caller was heard at all in this call."""
    keypad: bool = False
    """Whether the call goes by keypad alone."""


Then = Literal["listen", "hand_off", "hang_up"]
"""What follows when the last sentence has been heard."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what came, what it was understood as, what was done, and what is said in return."""

    number: int
    at: dt.datetime
    event: Event
    question: str | None
    """The question that was open when the event came."""
    decision: Decision | None
    confidence: float | None
    meaning: Meaning | None
    undo: bool
    """Whether this turn takes the last answer back."""
    entries: tuple[Entry, ...]
    said: tuple[Utterance, ...]
    then: Then
    attempt: Attempt
    outcome: dict[str, Any]
    """What has come of the call so far."""


TURN: TypeAdapter[Turn] = TypeAdapter(Turn)
"""Writes and reads a turn as JSON."""


def effective(turns: Iterable[Turn]) -> list[Entry]:
    """Return what has been sent into the scripts, without the answers that were taken back."""
    entries: list[Entry] = []
    for turn in turns:
        if turn.undo:
            entries = without_last_answer(entries)
        for entry in turn.entries:
            if entry.kind == "restart":
                entries.clear()
            entries.append(entry)
    return entries


def without_last_answer(entries: list[Entry]) -> list[Entry]:
    """Take back the last answer and the effects before it, back to the answer before.

    The effects go too because they are to happen again: the slot that was offered then may be gone by now.
    What is final (a booking) stays, and so does all before it; then nothing is taken back.
    """
    cut = len(entries)
    answers = 0
    while cut and not entries[cut - 1].final:
        if entries[cut - 1].kind == "answer":
            answers += 1
        if entries[cut - 1].kind == "interrupt" or answers == 2:
            break
        cut -= 1
    return entries[:cut] if answers else entries
