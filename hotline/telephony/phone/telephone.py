"""The apparatus in the caller's hand: dial, speak, listen, press keys, hang up.

Its clock is audio time: every :meth:`Telephone.tick` is 20 ms. Unless ``live``, calls run as fast as the
hotline answers, and never more than 100 ms of audio ahead of it (see :mod:`.stream`), so that a minute of
conversation takes seconds and still behaves as it would on the telephone.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import deque
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hotline.telephony.phone import tones, verbs
from hotline.telephony.phone.connect import connect
from hotline.telephony.phone.dial import KEY_TICKS, Callee, Dialled, Exchange
from hotline.telephony.phone.leg import HungUp, Jump, Leg, Party, Surroundings
from hotline.telephony.phone.log import Event, Log
from hotline.telephony.phone.queue import enqueue
from hotline.telephony.phone.stream import FRAME, FRAME_MS, SILENCE
from hotline.telephony.phone.wire import WebhookFailed, Wire, new_sid

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline.telephony.phone.leg import Audio, Handler

MOBILE: Final = "+4915228817386"
LANDLINE: Final = "+494066969123"
HOTLINE: Final = "+494066969000"
"""Numbers that belong to nobody: the Bundesnetzagentur keeps them free for films and manuals ("Rufnummern für
Medienproduktionen", Mitteilung 148/2021)."""
WITHHELD: Final = "anonymous"
"""What Twilio sends as ``From`` where the caller withholds the number."""

LATE_SECONDS: Final = 0.5
"""A live telephone that is further behind the clock gives up catching up: the frames in between were lost."""

VERBS: Final[dict[str, Handler]] = {
    "Connect": connect,
    "Enqueue": enqueue,
    "Gather": verbs.gather,
    "Hangup": verbs.hangup,
    "Leave": verbs.leave,
    "Pause": verbs.pause,
    "Play": verbs.play,
    "Redirect": verbs.redirect,
    "Reject": verbs.reject,
    "Say": verbs.say,
}


class Telephone:
    """One call to a hotline.

    :param base_url: the hotline's public base URL, which is what is signed.
    :param auth_token: the account's token.
    :param connect_to: base URL where connections really go; ``None``: to ``base_url``.
    :param from_: the calling number, E.164 or :data:`WITHHELD`.
    :param to: the called number, E.164.
    :param fallback_url: the number's fallback URL; ``None``: none is configured.
    :param callees: what the party at a number does that the hotline dials: one for all, or a function of
        the number.
    :param voice: turns the text of ``<Say>`` into 8 kHz mu-law; ``None``: the hotline's own embedded voice.
    :param live: keep time with the clock instead of running as fast as the hotline answers.
    :param repeat: send every webhook this many times, as Twilio does when an answer was lost.
    """

    def __init__(
        self,
        base_url: str,
        auth_token: str,
        *,
        account_sid: str = "AC" + 32 * "0",
        from_: str = MOBILE,
        to: str = HOTLINE,
        connect_to: str | None = None,
        voice_url: str = "/voice/incoming",
        status_url: str = "/voice/status",
        fallback_url: str | None = None,
        callees: Callee | Callable[[str], Callee] = Callee(),  # noqa: B008  # it is immutable
        voice: Callable[[str], bytes] | None = None,
        live: bool = False,
        repeat: int = 1,
    ) -> None:
        self.call_sid = new_sid("CA")
        self.heard = bytearray()
        """Everything the caller heard so far, 8 kHz mu-law."""
        self.ticks = 0
        """How many frames of 20 ms have passed."""
        self.log = Log(lambda: self.ticks * FRAME_MS)
        self.status = "queued"
        """Twilio's ``CallStatus``; ``completed``, ``busy``, ``no-answer`` or ``failed`` at the end."""
        self._wire = Wire(base_url, auth_token, connect_to=connect_to, repeat=repeat)
        # It may be asked in another thread than the call's.
        self._asking = Wire(base_url, auth_token, connect_to=connect_to)
        around = Surroundings(self._wire, self.log, voice or own_voice(), live)
        self._exchange = Exchange(callees if callable(callees) else lambda _: callees, VERBS)
        party = Party(self.call_sid, account_sid, from_, to)
        fallback = Jump(fallback_url) if fallback_url else None
        self._leg = Leg(party, around, {**VERBS, "Dial": self._exchange.dial}, fallback=fallback)
        self._leg.url = self._wire.base_url + "/"
        self._voice_url = voice_url
        self._status_url = status_url
        self._line: Audio[None] | None = None
        self._coming = SILENCE
        self._keys: deque[str] = deque()
        self._redirects: deque[str | None] = deque()
        self._key_free_at = 0
        self._live = live
        self._started = 0.0
        self._active_at = 0

    @property
    def events(self) -> list[Event]:
        """What happened, in order."""
        return self.log.events

    @property
    def problems(self) -> list[Event]:
        """What Twilio would complain of in its debugger."""
        return self.log.of("problem")

    @property
    def dialled(self) -> list[Dialled]:
        """Who was called by ``<Dial>``, and what became of it."""
        return self._exchange.dialled

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self._line is None and self.status != "queued"

    @property
    def at_ms(self) -> int:
        """Audio time since the call was dialled."""
        return self.ticks * FRAME_MS

    @property
    def playing(self) -> bool:
        """Whether somebody is speaking to the caller."""
        return self._leg.playing

    @property
    def put_through(self) -> bool:
        """Whether somebody else is being called or spoken to."""
        return any(not callee.over for callee in self.dialled)

    @property
    def quiet_ms(self) -> int:
        """For how long nobody has been speaking to the caller, in ms of audio time."""
        return (self.ticks - self._active_at) * FRAME_MS

    def dial(self) -> None:
        """Call the hotline."""
        self._line = self._leg.run(Jump(self._wire.base_url + self._voice_url))
        self._started = time.monotonic()
        self._advance(None)

    def tick(self, mic: bytes = SILENCE) -> bytes:
        """Let 20 ms pass: ``mic`` (160 bytes of mu-law) is spoken, what is returned was heard meanwhile."""
        if len(mic) != FRAME:
            raise ValueError(f"a frame has {FRAME} bytes, not {len(mic)}")
        if self._line is None:
            return SILENCE
        if self._live:
            self._keep_time()
        heard = self._coming
        self.heard += heard
        self.ticks += 1
        self._leg.key = self._next_key()
        if self._redirects:
            self._follow_redirect()
        else:
            self._advance(mic)
        if self._leg.playing:
            self._active_at = self.ticks
        return heard

    def press(self, keys: str) -> None:
        """Press keys, one after the other: each takes 100 ms, with 100 ms between them.

        :raises ValueError: if a telephone has no such key.
        """
        if set(keys) - tones.KEYPAD:
            raise ValueError(f"no keys of a telephone: {keys!r}")
        self._keys.extend(keys)

    def recognise(self, text: str) -> None:
        """Let Twilio's recogniser, of which this telephone has none, make a text of what is being said."""
        self._leg.recognised = text

    def hang_up(self) -> None:
        """Put the receiver down."""
        if self._line is not None:
            self._line.close()
            self._end("completed")

    def ask(self, path: str) -> dict[str, Any] | None:
        """Return the JSON object at a path of the hotline, asked for as Twilio asks, if there is one."""
        try:
            answer = self._asking.request(self._asking.base_url + path, {}, "GET")
            found = json.loads(answer.body)
        except (WebhookFailed, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def update(self, url: str) -> None:
        """Take the call away from what it is doing and go on with the TwiML at ``url``.

        It is what Twilio's REST API does to a live call
        (https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource).
        """
        if self._line is not None:
            self._leg.redirected = True
            self._line.close()
            self._leg.redirected = False
            self._line = self._leg.run(Jump(url))
            self._advance(None)

    def redirect(self, url: str | None) -> None:
        """Do :meth:`update`, or hang up, at the next frame; may be called from any thread."""
        self._redirects.append(url)

    def break_stream(self) -> None:
        """Cut the media stream's connection, as a fault between Twilio and the hotline does."""
        if self._leg.stream is not None:
            self._leg.stream.drop()

    def _follow_redirect(self) -> None:
        url = self._redirects.popleft()
        if url is None:
            self.hang_up()
        else:
            self.update(url)

    def _advance(self, mic: bytes | None) -> None:
        assert self._line is not None  # noqa: S101
        try:
            self._coming = next(self._line) if mic is None else self._line.send(mic)
            self.status = self._leg.status
        except StopIteration:
            self._end("completed")
        except HungUp as hung_up:
            self._end(hung_up.status)

    def _end(self, status: str) -> None:
        """Report the end to the number's status callback.

        Source: https://www.twilio.com/docs/voice/twiml#ending-the-call-callback-requests and
        /docs/voice/api/call-resource#statuscallback: ``CallDuration`` in seconds, ``Duration`` in begun
        minutes.
        """
        self._line = None
        self._leg.playing = False
        self._coming = SILENCE
        self.status = self._leg.status = status
        told = {
            "Timestamp": format_datetime(dt.datetime.now(dt.UTC)),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": "0",
        }
        if status == "completed":
            seconds = self.at_ms // 1000
            told |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}
        self._leg.aside(self._wire.base_url + self._status_url, told)
        self.log.note("ended", status=status)

    def _next_key(self) -> str | None:
        if not self._keys or self.ticks < self._key_free_at:
            return None
        self._key_free_at = self.ticks + KEY_TICKS
        key = self._keys.popleft()
        self.log.note("key", key=key)
        return key

    def _keep_time(self) -> None:
        """Wait until this frame is due, listening to the hotline meanwhile."""
        due = self._started + self.ticks * FRAME_MS / 1000
        while (ahead := due - time.monotonic()) > 0:
            if self._leg.stream is None:
                time.sleep(ahead)
            else:
                self._leg.stream.listen(ahead)
        if -ahead > LATE_SECONDS:
            self._started -= ahead


@cache
def own_voice() -> Callable[[str], bytes]:
    """Return the hotline's embedded voice, which stands in for Twilio's ``<Say>``."""
    from hotline.speech.voice import PicoVoice  # noqa: PLC0415  # the voice is loaded when somebody speaks

    return cache(PicoVoice().render)
