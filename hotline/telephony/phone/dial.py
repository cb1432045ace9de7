"""``<Dial><Number>``: somebody else is called, hears the whisper, and talks with the caller.

Sources: https://www.twilio.com/docs/voice/twiml/dial (attributes, ``DialCallStatus``, what is requested
when) and /number (``url``: TwiML for the called party "after they answer, but before the parties are
connected").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urljoin

from hotline.telephony.phone import tones
from hotline.telephony.phone.leg import HungUp, Jump, Leg, Party
from hotline.telephony.phone.stream import FRAME, SILENCE
from hotline.telephony.phone.twiml import Verb
from hotline.telephony.phone.wire import new_sid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hotline.telephony.phone.leg import Audio, Handler

TICKS: Final = 50
"""Frames of 20 ms in a second."""

KEY_TICKS: Final = 10
"""A key is pressed for 100 ms, and the next one follows after 100 ms."""

DEFAULT_TIMEOUT: Final = 30
"""Seconds a called party may ring (/dial#timeout)."""


@dataclass(frozen=True)
class Callee:
    """What the called party does.

    ``rings_for`` seconds it rings before anything happens; ``presses`` are the keys pressed ``presses_after``
    seconds into the whisper; ``says`` is mu-law spoken once connected; after ``talks_for`` seconds the party
    hangs up. ``gives_up_after`` seconds of whisper it hangs up without having been connected.
    """

    answer: Literal["answers", "busy", "no-answer", "fails"] = "answers"
    rings_for: float = 3.0
    presses: str = ""
    presses_after: float = 1.0
    says: bytes = b""
    talks_for: float = 3.0
    gives_up_after: float | None = None


@dataclass
class Dialled:
    """What became of one called party: what it heard before and after being connected, and how it ended."""

    number: str
    caller_id: str
    sid: str
    status: str = "queued"
    bridged: bool = False
    seconds: int = 0
    whisper: bytearray = field(default_factory=bytearray)
    heard: bytearray = field(default_factory=bytearray)
    over: bool = False


class Exchange:
    """Connects callers with whoever they are put through to.

    :param callees: tells what the party at a number does.
    :param whisper_verbs: what TwiML may do on the called party's leg.
    """

    def __init__(self, callees: Callable[[str], Callee], whisper_verbs: Mapping[str, Handler]) -> None:
        self._callees = callees
        self._whisper_verbs = {name: verb for name, verb in whisper_verbs.items() if name != "Dial"}
        self.dialled: list[Dialled] = []

    def dial(self, leg: Leg, verb: Verb) -> Audio[Jump | None]:
        """``<Dial>`` calls all its numbers, connects who answers first, and goes on when that call ends."""
        nouns = verb.children or (Verb("Number", text=verb.text),)
        calls = [_Call(leg, verb, noun, self._callees(_address(noun)), self._whisper_verbs) for noun in nouns]
        self.dialled.extend(call.record for call in calls)
        leg.note("dial", numbers=[call.record.number for call in calls])
        try:
            chosen = yield from _ring(leg, verb, calls)
            if chosen.record.status == "in-progress":
                yield from chosen.answered(leg)
        finally:
            for call in calls:
                call.end()
        if not verb.get("action"):
            return None
        record = chosen.record
        told = {"DialCallStatus": record.status, "DialCallSid": record.sid}
        if chosen.picked_up:
            told |= {
                "DialCallDuration": str(record.seconds),
                "DialBridged": str(record.bridged).lower(),
            }
        return Jump(urljoin(leg.url, verb.get("action")), verb.get("method", "POST"), told)


def _ring(leg: Leg, verb: Verb, calls: list[_Call]) -> Audio[_Call]:
    """Let all ring until one answers, all declined, or ``timeout`` is over; return the one that decides."""
    tone = _endless(tones.ringing())
    for call in calls:
        call.tell("initiated")
        call.tell("ringing")
    for tick in range(verb.number("timeout", DEFAULT_TIMEOUT) * TICKS):
        for call in calls:
            if call.decides(tick):
                call.pick_up()
                return call
        if all(call.record.over for call in calls):
            return calls[-1]
        yield next(tone)
    for call in calls:
        call.finish("no-answer")
    return calls[-1]


def _address(noun: Verb) -> str:
    """Return what stands in ``To``: a number, or ``client:`` and the identity of a browser client."""
    return f"client:{noun.text}" if noun.name == "Client" else noun.text


class _Call:
    """One party being called."""

    def __init__(
        self, caller: Leg, dial: Verb, noun: Verb, callee: Callee, verbs: Mapping[str, Handler]
    ) -> None:
        caller_id = dial.get("callerId") or caller.party.from_
        self.record = Dialled(_address(noun), caller_id, new_sid("CA"))
        self.picked_up = False
        self._dial, self._noun, self._callee = dial, noun, callee
        party = Party(
            self.record.sid,
            caller.party.account_sid,
            caller_id,
            self.record.number,
            "outbound-dial",
            caller.party.sid,
            "callee",
        )
        self._leg = Leg(party, caller.around, verbs)
        self._leg.url = caller.url
        self._ticks = 0
        self._told = 0

    def decides(self, tick: int) -> bool:
        """Whether the party answers now; busy and failed calls end by themselves."""
        if self.record.over:
            return False
        if self._callee.answer == "fails":
            self.finish("failed")
        elif tick >= self._callee.rings_for * TICKS:
            if self._callee.answer == "busy":
                self.finish("busy")
            return self._callee.answer == "answers"
        return False

    def pick_up(self) -> None:
        """The party answers."""
        self.picked_up = True
        self.record.status = self._leg.status = "in-progress"
        self.tell("answered")

    def answered(self, caller: Leg) -> Audio[None]:
        """Whisper to the party, connect both, and let them talk until one hangs up."""
        if (yield from self._whisper()):
            self.record.bridged = True
            yield from self._talk(caller)
        self.finish("completed")

    def finish(self, status: str) -> None:
        """The call to this party is over."""
        if not self.record.over:
            self.record.over = True
            self.record.status = self._leg.status = status
            self.record.seconds = self._ticks // TICKS
            self.tell("completed")

    def end(self) -> None:
        """Take the call down, whatever it was doing: somebody else answered, or the caller hung up."""
        self.finish("completed" if self.picked_up else "canceled")

    def _whisper(self) -> Audio[bool]:
        """Carry out the TwiML at the noun's ``url`` on the party's leg; tell whether the party still wants
        the call.

        With ``answerOnBridge`` the caller hears ringing meanwhile (/number#url).
        """
        if not self._noun.get("url"):
            return True
        document = Jump(urljoin(self._leg.url, self._noun.get("url")), self._noun.get("method", "POST"))
        script = self._leg.run(document)
        tone = _endless(tones.ringing() if self._dial.get("answerOnBridge") == "true" else SILENCE)
        keys = iter(self._callee.presses)
        due = round(self._callee.presses_after * TICKS)
        try:
            frame = next(script)
            while self._patient():
                self.record.whisper += frame
                yield next(tone)
                self._ticks += 1
                pressing = self._ticks >= due and (self._ticks - due) % KEY_TICKS == 0
                self._leg.key = next(keys, None) if pressing else None
                frame = script.send(SILENCE)
        except StopIteration:
            return True
        except HungUp:
            pass
        finally:
            script.close()
        return False

    def _patient(self) -> bool:
        patience = self._callee.gives_up_after
        return patience is None or self._ticks < patience * TICKS

    def _talk(self, caller: Leg) -> Audio[None]:
        speech = _frames(self._callee.says)
        limit = min(round(self._callee.talks_for * TICKS), self._dial.number("timeLimit", 14400) * TICKS)
        for _ in range(limit):
            frame = next(speech, None)
            caller.playing = frame is not None
            self.record.heard += yield frame or SILENCE
            self._ticks += 1
            if caller.key == "*" and self._dial.get("hangupOnStar") == "true":
                break
        caller.playing = False

    def tell(self, event: str) -> None:
        """Send the noun's status callback, where one is set (/number#statuscallback)."""
        wanted = self._noun.get("statusCallbackEvent", "completed").split()
        if not self._noun.get("statusCallback") or event not in wanted:
            return
        status = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}.get(event)
        told = {
            "CallStatus": status or self.record.status,
            "Timestamp": format_datetime(dt.datetime.now(dt.UTC)),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._told),
        }
        if event == "completed":
            told |= {"CallDuration": str(self.record.seconds)}
        self._told += 1
        self._leg.aside(
            self._noun.get("statusCallback"), told, self._noun.get("statusCallbackMethod", "POST")
        )


def _endless(audio: bytes) -> Iterator[bytes]:
    while True:
        yield from _frames(audio)


def _frames(audio: bytes) -> Iterator[bytes]:
    for start in range(0, len(audio), FRAME):
        frame = audio[start : start + FRAME]
        yield frame + SILENCE[len(frame) :]
