"""Somebody on the telephone who keeps to a script."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Protocol

from hotline.telephony.phone.mouth import Mouth, recording
from hotline.telephony.phone.record import Check, Latency, Record, TurnRecord
from hotline.telephony.phone.script import Script, Turn, occurs
from hotline.telephony.phone.transcript import Told, Transcript

if TYPE_CHECKING:
    from hotline.telephony.phone.log import Event
    from hotline.telephony.phone.telephone import Telephone

YOUR_TURN_MS: Final = 300
"""After so much quiet a caller takes the hotline to have finished."""
PATIENCE_MS: Final = 30_000
"""So long a caller waits for the hotline to say anything."""
FAREWELL_MS: Final = 3_000
"""After the last turn a caller hangs up when it has been quiet for so long."""

_SPOKEN = ("audio", "say", "play")
FRAME_MS: Final = 20


class Audience(Protocol):
    """Whoever follows the call while it goes on."""

    def hotline(self, text: str) -> None:
        """The hotline said something."""

    def caller(self, turn: TurnRecord) -> None:
        """The caller did something."""

    def understood(self, turn: TurnRecord) -> None:
        """The hotline made something of it."""

    def check(self, check: Check) -> None:
        """An expectation was looked at."""


class Nobody:
    """An audience of none."""

    def hotline(self, text: str) -> None:
        """See :class:`Audience`."""

    def caller(self, turn: TurnRecord) -> None:
        """See :class:`Audience`."""

    def understood(self, turn: TurnRecord) -> None:
        """See :class:`Audience`."""

    def check(self, check: Check) -> None:
        """See :class:`Audience`."""


class Caller:
    """Places one call by a script. :meth:`call` does it all."""

    def __init__(self, phone: Telephone, script: Script, audience: Audience, *, seed: int = 1) -> None:
        self._phone = phone
        self._script = script
        self._audience = audience
        self._mouth = Mouth(script.voice, seed)
        self._transcript = Transcript(phone)
        self._record = Record(script.name, phone.call_sid, script.from_)
        self._acted_at = 0
        self._events_before = 0
        self._said_before = 0

    def call(self) -> Record:
        """Dial, keep to the script, and return the record.

        :raises hotline.telephony.phone.mouth.NoVoice: if a voice of the script is not installed.
        :raises OSError: if a recording cannot be read.
        """
        began = time.monotonic()
        self._phone.dial()
        current: TurnRecord | None = None
        try:
            for number, turn in enumerate(self._script.turns, 1):
                while current is None or current.action != "listen":
                    self._let_finish(turn.barge_in)
                    if self._phone.ended and turn.action != "listen":
                        break
                    self._take_in(current)
                    if current is None or not self._says_again(current):
                        break
                    current = self._begin(current.number, _instead(current))
                if self._phone.ended and turn.action != "listen":
                    break
                current = self._begin(number)
            self._stay()
        finally:
            self._phone.hang_up()
        self._take_in(current)
        self._conclude(time.monotonic() - began)
        return self._record

    def _begin(self, number: int, instead: Turn | None = None) -> TurnRecord:
        """Do what a turn of the script says, or something else in its stead."""
        turn = instead or self._script.turns[number - 1]
        record = TurnRecord(number, turn.action, _words(turn))
        self._record.turns.append(record)
        self._act(turn, record)
        return record

    def _says_again(self, record: TurnRecord) -> bool:
        """Whether the hotline got nothing, asked back or got a number wrong, and the caller is patient."""
        tries = sum(one.number == record.number for one in self._record.turns)
        number = isinstance(record.understood, dict) and record.understood.get("intent") == "digits"
        turns = self._transcript.turns
        wrong = number and bool(turns) and turns[-1].asks == record.prompt
        lost = self._transcript.available and (record.understood is None or wrong or _asked_back(record))
        return record.action in ("say", "play") and lost and tries <= self._script.repeats

    def _act(self, turn: Turn, record: TurnRecord) -> None:
        if turn.action == "listen":
            before = self._record.turns[-2].heard if len(self._record.turns) > 1 else self._record.greeting
            record.checks += self._check("says", turn.expect.says, " ".join(before))
            return
        self._audience.caller(record)
        self._events_before = len(self._phone.events)
        match turn.action:
            case "say":
                self._speak(self._mouth.say(turn.say or "", turn.voice))
            case "play" if turn.play is not None:
                self._speak(self._mouth.play(recording(turn.play)))
            case "press":
                self._phone.press(turn.press or "")
            case "silent":
                self._speak(self._mouth.quiet() for _ in range(round((turn.silent or 0) * 1000 / FRAME_MS)))
            case "hang_up":
                self._phone.hang_up()
        self._acted_at = self._phone.at_ms

    def _speak(self, frames: Iterator[bytes]) -> None:
        for frame in frames:
            if self._phone.ended:
                return
            self._phone.tick(frame)

    def _tick(self) -> None:
        self._phone.tick(self._mouth.quiet())

    def _let_finish(self, barge_in: float | None) -> None:
        """Wait until the hotline has answered and finished, or for so many seconds after it began."""
        phone = self._phone
        deadline = phone.at_ms + PATIENCE_MS
        while not phone.ended and not (phone.playing or self._answered()) and phone.at_ms < deadline:
            self._tick()
        if barge_in is not None:
            until = phone.at_ms + barge_in * 1000
            while not phone.ended and phone.at_ms < until:
                self._tick()
            return
        while not phone.ended and (phone.playing or phone.put_through or phone.quiet_ms < YOUR_TURN_MS):
            self._tick()

    def _stay(self) -> None:
        """Stay on the line after the last turn until the hotline hangs up or waits for more."""
        self._let_finish(None)
        phone = self._phone
        while not phone.ended and (phone.playing or phone.put_through or phone.quiet_ms < FAREWELL_MS):
            self._tick()

    def _answered(self) -> Event | None:
        """Return the hotline's first sound since the caller acted."""
        events = self._phone.events[self._events_before :]
        return next((event for event in events if event.kind in _SPOKEN and event.leg == "caller"), None)

    def _take_in(self, turn: TurnRecord | None) -> None:
        """Note what the hotline made of the caller's turn and answered; without a turn, its greeting."""
        new = self._transcript.fetch()
        says = [event for event in self._phone.log.of("say") if event.leg == "caller"]
        heard = [told.said for told in new if told.said]
        if not self._transcript.available:
            heard = [event.data["text"] for event in says[self._said_before :]]
        self._said_before = len(says)
        if turn is None:
            self._record.greeting += heard
        else:
            turn.heard += heard
            self._understand(turn, new)
            turn.latency = self._latency(new)
            self._audience.understood(turn)
        for text in heard:
            self._audience.hotline(text)
        if turn is not None and turn.action != "listen" and not self._says_again(turn):
            expect = self._script.turns[turn.number - 1].expect
            turn.checks += self._check("says", expect.says, " ".join(turn.heard))
            tries = [one for one in self._record.turns if one.number == turn.number]
            made = " ".join(f"{one.recognised or ''} {_plain(one.understood)}".strip() for one in tries)
            turn.checks += self._check("understood", expect.understood, made)

    def _understand(self, turn: TurnRecord, new: list[Told]) -> None:
        answers = [told for told in new if told.meaning is not None or told.heard]
        told = answers[0] if answers else (new[0] if new else None)
        if told is not None:
            turn.prompt = told.question
            turn.recognised = told.heard or None
            turn.understood = told.meaning
            turn.made = told.made
            turn.confidence = told.confidence
            turn.decision = told.decision

    def _latency(self, new: list[Told]) -> Latency:
        answer = self._answered()
        latency = Latency(server_ms=new[0].latency_ms if new else None)
        if answer is not None:
            latency.audio_ms = answer.at_ms - self._acted_at
            latency.wall_ms = answer.data.get("wall_ms")
        return latency

    def _conclude(self, wall_seconds: float) -> None:
        record, phone = self._record, self._phone
        self._transcript.fetch()
        record.outcome = self._transcript.outcome
        record.transcript = [told.raw for told in self._transcript.turns]
        record.status = phone.status
        record.seconds = phone.at_ms / 1000
        record.wall_seconds = round(wall_seconds, 2)
        record.problems = [event.data for event in phone.problems]
        if record.turns:
            expect = self._script.turns[record.turns[-1].number - 1].expect
            record.turns[-1].checks += self._check("outcome", expect.outcome, _plain(record.outcome))
        record.checks += self._check("outcome", self._script.expect.outcome, _plain(record.outcome))
        said = " ".join([*record.greeting, *(text for turn in record.turns for text in turn.heard)])
        record.checks += self._check("says", self._script.expect.says, said)
        made = " ".join(f"{told.heard} {_plain(told.meaning)}" for told in self._transcript.turns)
        record.checks += self._check("understood", self._script.expect.understood, made)
        missing = len(self._script.turns) - (record.turns[-1].number if record.turns else 0)
        if missing:
            early = f"the call ended {missing} turns early"
            record.checks.append(Check("turns", "all turns", early, ok=False))
            self._audience.check(record.checks[-1])

    def _check(self, what: str, wanted: tuple[str, ...], found: str) -> list[Check]:
        checks = [Check(what, text, found, occurs(text, found)) for text in wanted]
        for check in checks:
            self._audience.check(check)
        return checks


def _asked_back(record: TurnRecord) -> bool:
    """Whether the hotline asked "Meinten Sie …?"."""
    return record.decision == "confirm"


def _instead(record: TurnRecord) -> Turn | None:
    """Return what a caller says, instead of the same again, who was asked "Meinten Sie …?"."""
    return Turn(say="Ja") if _asked_back(record) else None


def _words(turn: Turn) -> str:
    """Return what a turn is, in words."""
    match turn.action:
        case "say":
            return turn.say or ""
        case "play":
            return str(turn.play)
        case "press":
            return turn.press or ""
        case "silent":
            return f"{turn.silent:g} s"
    return ""


def _plain(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
