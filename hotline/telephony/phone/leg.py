"""One party's side of a call, as Twilio runs it: ask for TwiML, carry out verb after verb.

Everything that takes time is a generator that yields the next 20 ms to be heard and receives the 20 ms that
were spoken meanwhile, so that a verb reads like its page in Twilio's documentation.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urljoin

from hotline.telephony.phone import twiml
from hotline.telephony.phone.stream import FRAME, SILENCE
from hotline.telephony.phone.wire import Answer, WebhookFailed, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline.telephony.phone.log import Log
    from hotline.telephony.phone.stream import MediaStream

T = TypeVar("T")
Audio = Generator[bytes, bytes, T]
"""Yields frames to be heard, receives frames that were spoken."""

APPLICATION_ERROR: Final = "We are sorry. An application error has occurred. Goodbye."
"""What a caller hears when neither the hotline nor its fallback URL answers."""


class HungUp(Exception):  # noqa: N818
    """The TwiML ended this leg (``<Hangup>``, ``<Reject>``, an error); ``status`` is its ``CallStatus``."""

    def __init__(self, status: str = "completed") -> None:
        super().__init__(status)
        self.status = status


class Left(Exception):  # noqa: N818
    """``<Leave>`` was carried out."""


@dataclass(frozen=True)
class Jump:
    """Go on with the TwiML at ``url``, asked for with these parameters besides the usual ones."""

    url: str
    method: str = "POST"
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Party:
    """Who a leg belongs to.

    ``direction`` is ``inbound`` or ``outbound-dial``; ``parent_sid`` is the caller's call where this one was
    dialled for it; ``name`` stands in the log.
    """

    sid: str
    account_sid: str
    from_: str
    to: str
    direction: str = "inbound"
    parent_sid: str = ""
    name: str = "caller"


@dataclass(frozen=True)
class Surroundings:
    """What all legs of a call share: the wire, the log, the voice for ``<Say>``, and whether time is real."""

    wire: Wire
    log: Log
    voice: Callable[[str], bytes]
    live: bool


Handler = Callable[["Leg", twiml.Verb], "Audio[Jump | None]"]


class Leg:
    """One party's side of a call."""

    def __init__(
        self,
        party: Party,
        around: Surroundings,
        verbs: Mapping[str, Handler],
        *,
        fallback: Jump | None = None,
    ) -> None:
        self.party = party
        self.around = around
        self.status = "ringing" if party.direction == "inbound" else "in-progress"
        self.key: str | None = None
        """The key pressed in this 20 ms."""
        self.recognised = ""
        """What Twilio's own recogniser has made of the caller, where TwiML wants it."""
        self.stream: MediaStream | None = None
        self.playing = False
        """Whether something other than silence is being played to this party."""
        self.redirected = False
        """Whether what is being carried out ends because the REST API takes the call elsewhere."""
        self.url = ""
        """The URL of the document being carried out."""
        self._verbs = verbs
        self._fallback = fallback
        self._worker: concurrent.futures.ThreadPoolExecutor | None = None

    def note(self, kind: str, **data: Any) -> None:
        """Write down an event of this leg."""
        self.around.log.note(kind, self.party.name, **data)

    def problem(self, code: int, text: str) -> None:
        """Write down an error or warning that Twilio would show in its debugger."""
        self.note("problem", code=code, text=text)

    def parameters(self) -> dict[str, str]:
        """Return what every voice webhook carries.

        Source: https://www.twilio.com/docs/voice/twiml#request-parameters. ``Called`` and ``Caller`` are
        the older names, still sent; "Twilio will occasionally add new parameters", so a server must stand
        them.
        """
        party = self.party
        parameters = {
            "CallSid": party.sid,
            "AccountSid": party.account_sid,
            "From": party.from_,
            "To": party.to,
            "Caller": party.from_,
            "Called": party.to,
            "CallStatus": self.status,
            "ApiVersion": "2010-04-01",
            "Direction": party.direction,
        }
        return parameters | ({"ParentCallSid": party.parent_sid} if party.parent_sid else {})

    def request(self, url: str, parameters: Mapping[str, str], method: str = "POST") -> Answer:
        """Send a webhook now; relative URLs are relative to the current document.

        :raises WebhookFailed: as :meth:`.wire.Wire.request` does.
        """
        url = urljoin(self.url, url) if self.url else url
        everything = self.parameters() | dict(parameters)
        self.note("webhook", method=method, url=url, parameters=everything)
        return self.around.wire.request(url, everything, method)

    def aside(self, url: str, parameters: Mapping[str, str], method: str = "POST") -> None:
        """Send a webhook whose answer does not matter to the call (a status callback)."""
        try:
            self.request(url, parameters, method)
        except WebhookFailed as failed:
            self.problem(failed.code, str(failed))

    def meanwhile(self, work: Callable[[], T]) -> Audio[T]:
        """Do something that takes time: a live call hears silence meanwhile, otherwise time stands still."""
        if not self.around.live:
            return work()
        self._worker = self._worker or concurrent.futures.ThreadPoolExecutor(1)
        future = self._worker.submit(work)
        while not future.done():
            yield SILENCE
        return future.result()

    def listen_to(self, audio: bytes) -> Audio[None]:
        """Play mu-law audio to this party."""
        self.playing = True
        try:
            for start in range(0, len(audio), FRAME):
                frame = audio[start : start + FRAME]
                yield frame + SILENCE[len(frame) :]
        finally:
            self.playing = False

    def wait(self, seconds: float) -> Audio[None]:
        """Let time pass in silence."""
        for _ in range(round(seconds * 50)):
            yield SILENCE

    def run(self, jump: Jump | None) -> Audio[None]:
        """Carry out TwiML from ``jump`` until there is none left.

        :raises HungUp: if it ends the call before.
        """
        try:
            while jump is not None:
                jump = yield from self.document(jump)
        finally:
            if self._worker is not None:
                self._worker.shutdown(wait=False, cancel_futures=True)
                self._worker = None  # The call may go on with other TwiML.

    def document(self, jump: Jump) -> Audio[Jump | None]:
        """Ask for a document and carry it out; return where it leads, if anywhere."""
        try:
            answer = yield from self.meanwhile(lambda: self.request(jump.url, jump.parameters, jump.method))
            document = twiml.read(answer)
        except (WebhookFailed, twiml.TwimlError) as failed:
            return (yield from self._fall_back(failed, jump))
        self.url = answer.url
        for warning in document.warnings:
            self.problem(twiml.SCHEMA_WARNING, warning)
        return (yield from self.carry_out(document.verbs))

    def carry_out(self, verbs: tuple[twiml.Verb, ...]) -> Audio[Jump | None]:
        """Carry out verbs until one leads to another document."""
        for verb in verbs:
            # "If <Reject> is the first verb, Twilio will not pick up"; with <Pause> first it waits before
            # picking up.
            if self.status == "ringing" and verb.name not in {"Reject", "Pause", "Redirect"}:
                self.status = "in-progress"
            self.note("verb", name=verb.name, attributes=verb.attributes)
            jump = yield from self._verbs[verb.name](self, verb)
            if jump is not None:
                return jump
        return None

    def _fall_back(self, failed: WebhookFailed | twiml.TwimlError, jump: Jump) -> Audio[Jump | None]:
        """Ask the number's fallback URL, once; without one the caller hears that there was an error.

        Source: https://www.twilio.com/docs/usage/security/availability-reliability: the fallback request
        carries ``ErrorCode`` and ``ErrorUrl``.
        """
        self.problem(failed.code, str(failed))
        fallback, self._fallback = self._fallback, None
        if fallback is not None:
            wrong = urljoin(self.url, jump.url) if self.url else jump.url
            told = {"ErrorCode": str(failed.code), "ErrorUrl": wrong}
            return Jump(fallback.url, fallback.method, told)
        self.status = "in-progress"
        self.note("say", text=APPLICATION_ERROR)
        yield from self.listen_to(self.around.voice(APPLICATION_ERROR))
        raise HungUp
