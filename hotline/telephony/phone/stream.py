"""A media stream as Twilio sends it: ``<Connect><Stream>``.

Sources: https://www.twilio.com/docs/voice/media-streams/websocket-messages (every message and field),
https://www.twilio.com/docs/voice/twiml/stream and /connect (attributes; what follows is executed only once
the server closes the socket), https://www.twilio.com/docs/api/errors/31920 (no 101), /31921 (bad close),
/31924 (a message that is none).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hotline.telephony.phone.socket import LineClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline.telephony.phone.socket import Socket

FRAME: Final = 160
"""Bytes of a frame: 20 ms of mu-law at 8 kHz."""
FRAME_MS: Final = 20
SILENCE: Final = b"\xff" * FRAME
"""A frame of silence: 0xFF is zero in mu-law (ITU-T G.711)."""

LOCKSTEP_FRAMES: Final = 5
"""After so many frames the telephone waits for the server: it is never more than 100 ms of audio ahead."""
LOCKSTEP_SECONDS: Final = 60.0
"""So long it waits; a server that needs more is dead."""

DELAY_FRAMES: Final = 25
"""In a live call it is measured so often how far behind the server is."""

HANDSHAKE_ERROR: Final = 31920
CLOSE_ERROR: Final = 31921
PROTOCOL_ERROR: Final = 31924

_NORMAL_CLOSE = frozenset({1000, 1001})


@dataclass(frozen=True)
class Opening:
    """What the ``start`` message tells."""

    stream_sid: str
    call_sid: str
    account_sid: str
    parameters: dict[str, str]


class MediaStream:
    """One bidirectional stream: frames of 20 ms go out, what comes in is buffered and played.

    :param note: called with a kind and details for everything worth telling (see :mod:`.log`).
    :param lockstep: wait for the server every :data:`LOCKSTEP_FRAMES` frames.
    """

    def __init__(
        self, socket: Socket, opening: Opening, note: Callable[..., None], *, lockstep: bool
    ) -> None:
        self._socket = socket
        self._opening = opening
        self._note = note
        self._lockstep = lockstep
        self._sequence = 0
        self._chunk = 0
        self._sent_at = time.perf_counter()
        self._buffer = bytearray()
        self._played = 0
        self._marks: deque[tuple[int, str]] = deque()
        self._over: LineClosed | None = None

    @property
    def playing(self) -> bool:
        """Whether there is audio left to play."""
        return bool(self._buffer)

    def open(self) -> None:
        """Send ``connected`` and ``start``."""
        self._socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        self._send(
            "start",
            {
                "accountSid": self._opening.account_sid,
                "streamSid": self._opening.stream_sid,
                "callSid": self._opening.call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": self._opening.parameters,
            },
        )

    def hear(self, frame: bytes, key: str | None = None) -> None:
        """Send 20 ms of the caller, after the key pressed in them, and take in what the server sent.

        :raises LineClosed: when the server has closed and all it sent has been taken in.
        """
        if self._over is not None:
            raise self._over
        try:
            if key is not None:
                self._send("dtmf", {"track": "inbound_track", "digit": key})
            self._chunk += 1
            media = {
                "track": "inbound",
                "chunk": str(self._chunk),
                "timestamp": str(self._chunk * FRAME_MS),
                "payload": base64.b64encode(frame).decode(),
            }
            self._send("media", media)
            self._sent_at = time.perf_counter()
            if self._lockstep and self._chunk % LOCKSTEP_FRAMES == 0:
                self._socket.catch_up(LOCKSTEP_SECONDS)
            elif not self._lockstep and self._chunk % DELAY_FRAMES == 0:
                self._measure_delay()
        except LineClosed as closed:
            self._over = closed
        if not self._lockstep or self._chunk % LOCKSTEP_FRAMES == 0:
            self.listen()

    def listen(self, seconds: float = 0.0) -> None:
        """Take in what the server sent, waiting at most ``seconds`` for it."""
        try:
            for text in self._socket.receive(seconds):
                self._take(text)
        except LineClosed as closed:
            self._over = closed

    def play(self) -> bytes:
        """Return the next 20 ms to be heard, and send the marks that playback has passed."""
        while self._marks and self._marks[0][0] <= self._played:
            self._return_mark(self._marks.popleft()[1])
        frame = bytes(self._buffer[:FRAME])
        del self._buffer[:FRAME]
        self._played += len(frame)
        return frame + SILENCE[len(frame) :]

    def stop(self) -> None:
        """The caller hung up: send ``stop`` and close."""
        with contextlib.suppress(LineClosed):
            self._send("stop", {"accountSid": self._opening.account_sid, "callSid": self._opening.call_sid})
        self._socket.close()

    def close(self, closed: LineClosed) -> bool:
        """The server closed: let go, and tell whether it did so properly (1000 or 1001)."""
        self._socket.close()
        return closed.code in _NORMAL_CLOSE

    def drop(self) -> None:
        """Break the line in mid-call, for trying out what happens then."""
        self._socket.drop()

    def _measure_delay(self) -> None:
        """Note how long the server took to get to the frame of the last ping, and send the next ping."""
        if self._socket.delay is not None:
            self._note("delay", delay_ms=round(1000 * self._socket.delay, 1))
        if self._socket.delay is not None or self._chunk == DELAY_FRAMES:
            self._socket.ping()

    def _send(self, event: str, body: dict[str, Any]) -> None:
        self._sequence += 1
        message = {
            "event": event,
            "sequenceNumber": str(self._sequence),
            event: body,
            "streamSid": self._opening.stream_sid,
        }
        self._socket.send(json.dumps(message))

    def _return_mark(self, name: str) -> None:
        self._note("mark", name=name)
        try:
            self._send("mark", {"name": name})
        except LineClosed as closed:
            self._over = closed

    def _take(self, text: str) -> None:
        try:
            self._obey(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            self._note("problem", code=PROTOCOL_ERROR, text=f"{type(error).__name__}: {error}: {text[:200]}")

    def _obey(self, message: dict[str, Any]) -> None:
        if message["streamSid"] != self._opening.stream_sid:
            raise ValueError("unknown streamSid")
        match message["event"]:
            case "media":
                audio = base64.b64decode(message["media"]["payload"], validate=True)
                if not self._buffer:
                    waited = 1000 * (time.perf_counter() - self._sent_at)
                    self._note("audio", wall_ms=round(waited, 1))
                self._buffer += audio
            case "mark":
                self._marks.append((self._played + len(self._buffer), str(message["mark"]["name"])))
            case "clear":
                self._note("clear", unheard_ms=len(self._buffer) // 8)
                self._buffer.clear()
                # "Twilio … sends back any remaining mark messages" (websocket-messages, "Send a clear
                # message").
                while self._marks:
                    self._return_mark(self._marks.popleft()[1])
            case other:
                raise ValueError(f"unknown event {other!r}")
