"""The other side of the wire: a small hotline whose every answer a test writes itself."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from hotline.telephony.phone import Telephone
from hotline.telephony.websocket import Closed, WebSocket

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://hotline.example"
FRAME = 160

Talk = Callable[[WebSocket, dict[str, Any]], None]


def twiml(inside: str) -> Response:
    return Response(f"<Response>{inside}</Response>", mimetype="text/xml")


def voice(text: str) -> bytes:
    """One frame for every character, so that a text's length is known."""
    return b"\x20" * FRAME * len(text)


@dataclass
class Asked:
    """A webhook that arrived."""

    path: str
    method: str
    parameters: dict[str, str]
    signed: bool
    headers: dict[str, str]


@dataclass
class Hotline:
    """Answers by path; a list is used up one by one, its last answer for good."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    talk: Talk | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    handshake_signed: list[bool] = field(default_factory=list)
    talks: list[threading.Event] = field(default_factory=list)

    def asked_for(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    def sent(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]

    def answer(self, path: str) -> Any:
        if path not in self.answers:
            path = path.rpartition("/")[0]
        answer = self.answers.get(path, Response(status=404))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer) and not isinstance(answer, Response):
            answer = answer()
        return twiml(answer) if isinstance(answer, str) else answer

    def phone(self, **options: Any) -> Telephone:
        return Telephone(PUBLIC, TOKEN, **{"connect_to": self.url, "voice": voice, **options})

    def next_message(self, line: WebSocket) -> dict[str, Any]:
        message = line.receive()
        assert isinstance(message, str)
        self.messages.append(json.loads(message))
        return self.messages[-1]

    def stream(self, line: WebSocket) -> Iterator[dict[str, Any]]:
        """Yield what the telephone sends until the line is closed."""
        while True:
            try:
                yield self.next_message(line)
            except Closed:
                return


def run(phone: Telephone, seconds: float = 120.0, mic: bytes = b"\xff" * FRAME) -> Telephone:
    """Let a dialled call go on until it ends, at most so many seconds of audio."""
    for _ in range(round(seconds * 50)):
        if phone.ended:
            break
        phone.tick(mic)
    return phone


def said(phone: Telephone) -> list[str]:
    return [event.data["text"] for event in phone.log.of("say")]


def send(line: WebSocket, start: dict[str, Any], event: str, **body: object) -> None:
    line.send(json.dumps({"event": event, "streamSid": start["streamSid"], **body}))


def speak(line: WebSocket, start: dict[str, Any], audio: bytes, mark: str | None = None) -> None:
    send(line, start, "media", media={"payload": base64.b64encode(audio).decode()})
    if mark is not None:
        send(line, start, "mark", mark={"name": mark})
