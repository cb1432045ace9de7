"""The telephone exchange: what every webhook and every stream needs, in one place."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, cast

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from hotline.dialog.prompts import Prompts
from hotline.settings import Settings
from hotline.speech.ear import Ear
from hotline.speech.speaker import Speaker
from hotline.telephony.agents import Agents
from hotline.telephony.calls import Calls
from hotline.telephony.lines import Lines
from hotline.telephony.waiting import Waiting

TOKEN_SECONDS = 120
"""A stream's token is used within seconds; Twilio gives up connecting long before this."""


class Staff(Protocol):
    """The people at the desk, as far as calls need to know them."""

    def ready(self, now: dt.datetime) -> int:
        """Return how many are there and take calls."""

    def phone(self, agent: str) -> str:
        """Return the number, E.164, at which an agent's telephone rings; empty if there is none."""


class Seats:
    """A number of callers that one process listens to at once."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = threading.BoundedSemaphore(count) if count else None

    @contextmanager
    def take(self) -> Iterator[bool]:
        """Take a seat for the length of the block, if there is one."""
        taken = bool(self._free and self._free.acquire(blocking=False))
        try:
            yield taken
        finally:
            if taken and self._free:
                self._free.release()


@dataclass(frozen=True)
class Exchange:
    """Settings, calls, ears and voice of one process.

    :ivar ear: ``None`` if there is no model: all calls go by keypad.
    :ivar extend: keeps a held slot for longer; its argument is the key of the hold.
    """

    settings: Settings
    calls: Calls
    ear: Ear | None
    speaker: Speaker
    language: str
    agents: Agents
    clock: Callable[[], dt.datetime]
    prompts: Prompts
    waiting: Waiting
    lines: Lines
    staff: Staff
    extend: Callable[[str], bool]
    seats: Seats = field(default_factory=lambda: Seats(0))

    def desk_open(self) -> bool:
        """Tell whether a caller who waits for a human at the desk gets one."""
        now = self.clock()
        return self.agents.on_duty(now) and self.staff.ready(now) > 0

    def end(self, sid: str) -> None:
        """Close a call that is over. Its slot is given back, unless an agent had the call: she may still be
        booking it, and it runs out by itself.
        """
        row = self.waiting.get(sid)
        with_agent = row is not None and (row.state == "talking" or row.outcome == "talked")
        self.waiting.end(sid, "talked" if with_agent else "hung_up")
        self.calls.end(sid, keep_slot=with_agent)

    def token(self, sid: str, stream: int) -> str:
        """Return the token that opens a call's stream number ``stream``, once."""
        return self._serializer().dumps([sid, stream])

    def opens(self, token: str, sid: str) -> bool:
        """Tell whether a token opens a stream of this call, and use it up."""
        try:
            own, stream = self._serializer().loads(token, max_age=TOKEN_SECONDS)
        except (BadSignature, ValueError, TypeError):
            return False
        return bool(own == sid and self.calls.open_stream(sid, stream))

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.settings.twilio_auth_token.get_secret_value(), salt="stream")


def exchange() -> Exchange:
    """Return the exchange of the current application."""
    return cast("Exchange", current_app.extensions["hotline"])
