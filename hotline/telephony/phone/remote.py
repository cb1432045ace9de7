"""Lets the REST API reach a telephone of another process: ``hotline call`` asks what it is to do.

Twilio knows every call of an account. The stand-in in :mod:`.rest` knows those of its own process; a
telephone elsewhere asks again and again whether its call was changed. Served only where the setting ``phone``
is on, and signed like a webhook.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Final

from flask import Blueprint, current_app, jsonify

from hotline.telephony.signature import signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue

    from hotline.telephony.phone.rest import Office
    from hotline.telephony.phone.telephone import Telephone

ASK_SECONDS: Final = 0.3
GONE_SECONDS: Final = 10.0
"""A telephone that has not asked for so long is gone."""

remote = Blueprint("remote", __name__, url_prefix="/phone/calls")


class Remote:
    """A telephone of another process, as its hotline sees it."""

    def __init__(self, sid: str) -> None:
        self.call_sid = sid
        self._asked = time.monotonic()
        self._changes: list[str | None] = []

    @property
    def ended(self) -> bool:
        """Whether nobody asks any more."""
        return time.monotonic() - self._asked > GONE_SECONDS

    def redirect(self, url: str | None) -> None:
        """Have it go on with the TwiML at ``url``, or hang up."""
        self._changes.append(url)

    def changes(self) -> list[str | None]:
        """Return what was wanted since it asked last."""
        self._asked = time.monotonic()
        found, self._changes = self._changes, []
        return found


@remote.get("/<sid>/changes")
@signed
def changes(sid: str) -> ResponseReturnValue:
    """Return how a call was changed; whoever asks first is known from then on."""
    office: Office = current_app.extensions["phone-office"]
    phone = office.find(sid)
    if not isinstance(phone, Remote):
        phone = Remote(sid)
        office.connect(phone)
    return jsonify(changes=phone.changes())


@contextlib.contextmanager
def reachable(phone: Telephone) -> Iterator[None]:
    """Carry out what the REST API wants of a telephone while the block runs."""
    over = threading.Event()

    def follow() -> None:
        while not over.wait(ASK_SECONDS):
            for url in (phone.ask(f"/phone/calls/{phone.call_sid}/changes") or {}).get("changes", []):
                phone.redirect(url)

    thread = threading.Thread(target=follow, daemon=True, name="reachable")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
