"""The server's end of the browser telephone: frames and keys in, frames and news out."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from counterpart import FRAME, PUBLIC, Hotline, speak
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from hotline.telephony.phone import browser, telephone
from hotline.telephony.websocket import WebSocket

STREAM = '<Connect><Stream url="wss://hotline.example/media"/></Connect>'
GATHER = '<Gather numDigits="1" action="/key"><Say>Guten Tag</Say><Pause length="20"/></Gather>'


@pytest.fixture
def line(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ClientConnection]]:
    monkeypatch.setattr(telephone, "own_voice", lambda: lambda text: b"\x20" * FRAME * len(text))
    with contextlib.ExitStack() as opened:

        def open_(origin: str | None = None) -> ClientConnection:
            url = hotline.url.replace("http", "ws") + "/phone/line"
            own: Any = origin or hotline.url
            return opened.enter_context(connect(url, origin=own, close_timeout=0.5))

        yield open_


def news(one: ClientConnection, until: str) -> list[dict[str, Any]]:
    """Return what happened until an event; frames are passed over."""
    happened: list[dict[str, Any]] = []
    for message in one:
        if isinstance(message, str):
            happened.append(json.loads(message))
            if happened[-1]["event"] == until:
                return happened
    raise AssertionError(f"no {until}: {happened}")


def test_a_call_from_the_browser_is_a_call_like_any_other(
    hotline: Hotline, line: Callable[..., ClientConnection]
) -> None:
    hotline.answers = {"/voice/incoming": GATHER, "/key": "<Say>Gebucht</Say>"}
    one = line()
    one.send(json.dumps({"call": "landline"}))
    assert {"event": "said", "text": "Guten Tag"} in news(one, "said")
    one.send(json.dumps({"press": "1"}))
    after = news(one, "ended")
    assert {"event": "key", "key": "1"} in after
    assert {"event": "said", "text": "Gebucht"} in after
    assert after[-1]["text"] == "Ergebnis unbekannt"
    asked = hotline.asked_for("/voice/incoming")[0]
    assert asked.signed
    assert asked.parameters["From"] == telephone.LANDLINE
    assert hotline.asked_for("/key")[0].parameters["Digits"] == "1"
    assert len(hotline.asked_for("/voice/status")) == 1


def test_sound_goes_both_ways(hotline: Hotline, line: Callable[..., ClientConnection]) -> None:
    def talk(socket: WebSocket, start: dict[str, Any]) -> None:
        speak(socket, start, b"\x33" * FRAME * 5)
        for _ in hotline.stream(socket):
            pass

    hotline.talk = talk
    hotline.answers = {"/voice/incoming": STREAM}
    one = line()
    one.send(json.dumps({"call": "mobile"}))
    heard = 0
    while heard < 5:
        message = one.recv(timeout=10)
        if isinstance(message, bytes):
            assert len(message) == FRAME
            heard += message == b"\x33" * FRAME
            one.send(b"\x11" * FRAME)
    one.send(json.dumps({"hang_up": True}))
    news(one, "ended")
    assert hotline.talks[0].wait(10)
    spoken = [base64.b64decode(message["media"]["payload"]) for message in hotline.sent("media")]
    assert b"\x11" * FRAME in spoken
    assert hotline.messages[-1]["event"] == "stop"


def test_a_browser_that_is_gone_has_hung_up(hotline: Hotline, line: Callable[..., ClientConnection]) -> None:
    hotline.talk = lambda socket, start: list(hotline.stream(socket)) and None
    hotline.answers = {"/voice/incoming": STREAM}
    one = line()
    one.send(json.dumps({"call": "mobile"}))
    one.recv(timeout=10)
    one.socket.close()
    for over in hotline.talks:
        assert over.wait(10)


def test_nonsense_from_a_browser_is_ignored(hotline: Hotline, line: Callable[..., ClientConnection]) -> None:
    hotline.answers = {"/voice/incoming": GATHER, "/key": "<Hangup/>"}
    one = line()
    one.send(json.dumps({"call": "withheld"}))
    for nonsense in ("{", "[1]", "7", '{"press": "12"}', '{"press": "x"}', '{"hang_up": "ja"}', b"kurz"):
        one.send(nonsense)
    news(one, "said")
    one.send(json.dumps({"press": "1"}))
    news(one, "ended")
    assert hotline.asked_for("/key")[0].parameters["Digits"] == "1"
    assert hotline.asked_for("/voice/incoming")[0].parameters["From"] == "anonymous"


def test_who_does_not_call_is_let_go(hotline: Hotline, line: Callable[..., ClientConnection]) -> None:
    one = line()
    one.send("hallo")
    with contextlib.suppress(TimeoutError, ConnectionClosed):
        one.recv(timeout=1)
    one.close()
    assert one.protocol.close_rcvd_then_sent
    assert hotline.asked == []


def test_when_all_lines_are_taken_that_is_said(
    line: Callable[..., ClientConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(browser.MOST_LINES):
        assert browser._lines.acquire(blocking=False)
    try:
        assert "alle Leitungen belegt" in news(line(), "error")[0]["text"]
    finally:
        for _ in range(browser.MOST_LINES):
            browser._lines.release()


def test_behind_a_proxy_the_public_origin_counts(line: Callable[..., ClientConnection]) -> None:
    assert line(origin=PUBLIC).protocol is not None
