"""The telephone in the browser: the page ``/phone`` and the line behind it.

The page sends the microphone as mu-law frames of 20 ms, and keys as JSON; it gets what is to be heard as
frames and what happens as JSON. On this side a live :class:`.telephone.Telephone` calls the hotline over
its own wire, as Twilio would, so that what works here works there.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request

from hotline.telephony.exchange import exchange
from hotline.telephony.phone.following import Following
from hotline.telephony.phone.rest import Office
from hotline.telephony.phone.stream import FRAME, SILENCE
from hotline.telephony.phone.telephone import LANDLINE, MOBILE, WITHHELD, Telephone
from hotline.telephony.websocket import Closed, Handed, NotAWebSocket, WebSocket

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

log = logging.getLogger(__name__)

browser = Blueprint(
    "phone",
    __name__,
    url_prefix="/phone",
    template_folder="templates",
    static_folder="static",
)

CALLING: Final = {"mobile": MOBILE, "landline": LANDLINE, "withheld": WITHHELD}
"""The numbers one may call from."""
MOST_LINES: Final = 8
"""So many browsers may call at once: each takes two threads of the server."""
LONGEST_SECONDS: Final = 30 * 60
MOST_WAITING: Final = 10
"""Frames of the microphone that may wait, 200 ms; older ones are dropped so that the line does not lag."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing but our own files, and nothing inline."""

_lines = threading.BoundedSemaphore(MOST_LINES)


@browser.get("")
def page() -> ResponseReturnValue:
    """Show the telephone."""
    answer = make_response(render_template("phone.html"))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Permissions-Policy"] = "microphone=(self)"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@browser.route("/line", websocket=True)
def line() -> ResponseReturnValue:
    """Hold one call for a browser."""
    # A page of another site must not be able to call through its visitor's browser. A proxy may have changed
    # the Host header.
    own = {request.host, urlsplit(exchange().settings.public_url).netloc}
    if urlsplit(request.headers.get("Origin", "")).netloc not in own:
        return Response("another origin\n", status=403, mimetype="text/plain")
    try:
        socket = WebSocket.accept(request.environ)
    except NotAWebSocket:
        return Response("a WebSocket is wanted here\n", status=426, mimetype="text/plain")
    if not _lines.acquire(blocking=False):
        socket.send(json.dumps({"event": "error", "text": "Es sind gerade alle Leitungen belegt."}))
        socket.close()
        return Handed()
    try:
        Line(socket, loopback()).serve()
    except Closed:
        pass
    except Exception:
        log.exception("the browser telephone failed")
    finally:
        _lines.release()
        socket.close()
    return Handed()


class Line:
    """One browser's call."""

    def __init__(self, socket: WebSocket, connect_to: str) -> None:
        self._socket = socket
        self._connect_to = connect_to
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)

    def serve(self) -> None:
        """Wait for the browser to call, and hold the call until one side hangs up.

        :raises Closed: when the browser is gone.
        """
        number = self._called()
        if number is None:
            return
        settings = exchange().settings
        office: Office = current_app.extensions.get("phone-office") or Office()
        phone = Telephone(
            settings.public_url,
            settings.twilio_auth_token.get_secret_value(),
            connect_to=self._connect_to,
            from_=number,
            callees=office.callees,
            live=True,
        )
        office.connect(phone)
        following = Following(phone)
        try:
            phone.dial()
            self._hold(phone, following)
        finally:
            phone.hang_up()
            following.close()
        self._tell(following.farewell())

    def _called(self) -> str | None:
        message = self._socket.receive(60)
        asked = _object(message).get("call")
        return CALLING.get(str(asked)) if asked else None

    def _hold(self, phone: Telephone, following: Following) -> None:
        while not phone.ended and phone.ticks < LONGEST_SECONDS * 50:
            while (message := self._socket.receive(0)) is not None:
                self._take(phone, message)
            heard = phone.tick(self._waiting.popleft() if self._waiting else SILENCE)
            self._socket.send(heard)
            self._tell(following.news())

    def _take(self, phone: Telephone, message: str | bytes) -> None:
        if isinstance(message, bytes | bytearray):
            if len(message) == FRAME:
                self._waiting.append(bytes(message))
            return
        match _object(message):
            case {"press": str(key)} if len(key) == 1 and key in "0123456789*#":
                phone.press(key)
            case {"hang_up": True}:
                phone.hang_up()

    def _tell(self, news: list[dict[str, Any]]) -> None:
        for event in news:
            self._socket.send(json.dumps(event, ensure_ascii=False))


def _object(message: str | bytes | None) -> dict[str, Any]:
    """Return a message as a JSON object; what is none is as good as an empty one."""
    try:
        found = json.loads(message or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def loopback() -> str:
    """Return the base URL of this very server, as the browser's connection reached it."""
    environ = request.environ
    sock = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    address = sock.getsockname() if sock is not None else None
    if not isinstance(address, tuple):
        return exchange().settings.public_url  # a Unix socket: go the way the public goes
    host, port = address[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
