"""A call that the hotline places by the REST API: somebody's telephone rings, and TwiML says what follows.

Source: https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource (``Url`` is asked for once
the called party answers; ``StatusCallback`` at the end; ``Timeout`` in seconds).
"""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from typing import TYPE_CHECKING

from hotline.telephony.phone.dial import KEY_TICKS, TICKS, Callee, Dialled, Exchange
from hotline.telephony.phone.leg import HungUp, Jump, Leg, Party, Surroundings
from hotline.telephony.phone.log import Log
from hotline.telephony.phone.stream import FRAME_MS, SILENCE
from hotline.telephony.phone.telephone import VERBS, own_voice
from hotline.telephony.phone.wire import Wire, new_sid

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

NOT_ANSWERED = {"busy": "busy", "no-answer": "no-answer", "fails": "failed"}


class Outgoing:
    """One such call. :meth:`run` yields every 20 ms.

    :param form: the parameters with which it was placed.
    :param callees: what the party at a number does.
    """

    def __init__(
        self,
        public_url: str,
        token: str,
        *,
        connect_to: str,
        account_sid: str,
        form: Mapping[str, str],
        callees: Callable[[str], Callee],
        voice: Callable[[str], bytes] | None = None,
    ) -> None:
        self.sid = new_sid("CA")
        self.to = form["To"]
        self.status = "queued"
        self.heard = bytearray()
        """What the called party heard, 8 kHz mu-law."""
        self.log = Log(lambda: self._ticks * FRAME_MS)
        self._form = form
        self._callee = callees(self.to)
        self._ticks = 0
        self._wanted: list[str | None] = []
        wire = Wire(public_url, token, connect_to=connect_to)
        around = Surroundings(wire, self.log, voice or own_voice(), live=False)
        party = Party(self.sid, account_sid, form.get("From", ""), self.to, "outbound-api", name="callee")
        self._exchange = Exchange(callees, VERBS)
        self._leg = Leg(party, around, {**VERBS, "Dial": self._exchange.dial})
        self._leg.url = public_url + "/"

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self.status in {"completed", "busy", "no-answer", "failed"}

    @property
    def dialled(self) -> list[Dialled]:
        """Who was called from within the call."""
        return self._exchange.dialled

    def redirect(self, url: str | None) -> None:
        """Go on with the TwiML at ``url``, or hang up; from any thread."""
        self._wanted.append(url)

    def run(self) -> Generator[None, None, None]:
        """Ring, carry out the TwiML, and report the end."""
        status = "completed"
        try:
            status = yield from self._ring()
            if status == "completed":
                yield from self._talk()
        except HungUp as hung_up:
            status = hung_up.status
        finally:
            self.status = self._leg.status = status
            if self._form.get("StatusCallback"):
                told = {
                    "Timestamp": format_datetime(dt.datetime.now(dt.UTC)),
                    "CallDuration": str(self._ticks // 50),
                }
                self._leg.aside(self._form["StatusCallback"], told)

    def _ring(self) -> Generator[None, None, str]:
        """Let it ring; return ``completed`` if it is answered."""
        self.status = "ringing"
        patience = int(self._form.get("Timeout", "60"))
        rings = self._callee.rings_for if self._callee.answer != "no-answer" else patience
        for _ in range(round(min(rings, patience) * TICKS)):
            yield
            if self._wanted:
                return "no-answer"
        if self._callee.answer != "answers" or self._callee.rings_for >= patience:
            return NOT_ANSWERED.get(self._callee.answer, "no-answer")
        self.status = self._leg.status = "in-progress"
        return "completed"

    def _talk(self) -> Iterator[None]:
        line = self._leg.run(Jump(self._form["Url"]))
        keys = iter(self._callee.presses)
        due = round(self._callee.presses_after * TICKS)
        last = round((self._callee.presses_after + self._callee.talks_for) * TICKS)
        try:
            self.heard += next(line)
            while self._ticks < last:
                yield
                self._ticks += 1
                if self._wanted:
                    url = self._wanted.pop(0)
                    line.close()
                    if url is None:
                        return
                    line = self._leg.run(Jump(url))
                    self.heard += next(line)
                pressing = self._ticks >= due and (self._ticks - due) % KEY_TICKS == 0
                self._leg.key = next(keys, None) if pressing else None
                self.heard += line.send(SILENCE)
        except StopIteration:
            return
        finally:
            line.close()
