"""``<Connect><Stream>``: the call's audio goes to the hotline's WebSocket until one side closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from hotline.telephony.phone.leg import Jump
from hotline.telephony.phone.socket import CannotConnect, LineClosed, Socket
from hotline.telephony.phone.stream import CLOSE_ERROR, HANDSHAKE_ERROR, MediaStream, Opening
from hotline.telephony.phone.wire import CONNECT_SECONDS, new_sid

if TYPE_CHECKING:
    from hotline.telephony.phone.leg import Audio, Leg
    from hotline.telephony.phone.twiml import Verb

CONNECTION_REFUSED = 31902
SCHEME_NOT_SUPPORTED = 31922


def connect(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Connect>`` runs its stream; then comes its ``action``, or the next verb.

    Source: https://www.twilio.com/docs/voice/twiml/connect.
    """
    for noun in verb.children:
        yield from _stream(leg, noun)
    if verb.get("action"):
        return Jump(urljoin(leg.url, verb.get("action")), verb.get("method", "POST"))
    return None


def _stream(leg: Leg, noun: Verb) -> Audio[None]:
    sid = new_sid("MZ")
    url = _url(leg, noun.get("url"))
    try:
        socket = yield from leg.meanwhile(lambda: _dial(leg, url))
    except CannotConnect as error:
        code = CONNECTION_REFUSED if error.status is None else HANDSHAKE_ERROR
        leg.problem(code, f"{url}: {error}")
        _tell(leg, noun, sid, "stream-error", StreamError=str(error))
        return
    parameters = {child.get("name"): child.get("value") for child in noun.children}
    leg.note("stream", url=url, sid=sid, parameters=parameters)
    opening = Opening(sid, leg.party.sid, leg.party.account_sid, parameters)
    stream = MediaStream(socket, opening, leg.note, lockstep=not leg.around.live)
    _tell(leg, noun, sid, "stream-started")
    try:
        code = yield from _talk(leg, stream)
    except GeneratorExit:
        stream.stop()
        raise
    finally:
        leg.stream, leg.playing = None, False
        _tell(leg, noun, sid, "stream-stopped")
    leg.note("stream-ended", code=code)


def _talk(leg: Leg, stream: MediaStream) -> Audio[int]:
    """Send and play frame by frame until the server closes; return its close code."""
    leg.stream = stream
    try:
        stream.open()
        while True:
            mic = yield stream.play()
            leg.playing = stream.playing
            stream.hear(mic, leg.key)
            leg.playing = leg.playing or stream.playing
    except LineClosed as closed:
        if not stream.close(closed):
            leg.problem(CLOSE_ERROR, f"closed with {closed.code}")
        return closed.code


def _url(leg: Leg, url: str) -> str:
    """Return the stream's URL as Twilio uses it: absolute, ``wss`` only, without its query string.

    ``ws`` is let through, with the warning Twilio would give, where the hotline itself is reached without
    TLS: to try it out on one machine there is no certificate. Source:
    https://www.twilio.com/docs/voice/twiml/stream#url.
    """
    parts = urlsplit(url)
    if not parts.scheme:
        parts = urlsplit(urljoin(leg.url, url).replace("http", "ws", 1))
    if parts.scheme != "wss" and not leg.around.wire.base_url.startswith("http:"):
        leg.problem(SCHEME_NOT_SUPPORTED, url)
    return parts._replace(query="", fragment="").geturl()


def _dial(leg: Leg, url: str) -> Socket:
    """Open the WebSocket with Twilio's signature over its URL."""
    if urlsplit(url).scheme not in {"ws", "wss"}:
        raise CannotConnect("URL scheme not supported")
    wire = leg.around.wire
    headers = {"X-Twilio-Signature": wire.signature(url)}
    return Socket.connect(url, wire.reach(url), headers, CONNECT_SECONDS)


def _tell(leg: Leg, noun: Verb, sid: str, event: str, **more: str) -> None:
    """Send the stream's status callback, where one is set (/docs/voice/twiml/stream#statuscallback)."""
    if noun.get("statusCallback"):
        told = {"StreamSid": sid, "StreamName": noun.get("name", sid), "StreamEvent": event, **more}
        leg.aside(noun.get("statusCallback"), told, noun.get("statusCallbackMethod", "POST"))
