"""The media stream: one thread that hears, thinks and speaks for one call.

Protocol: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Audio time is the clock: silence
and time-outs count the frames received, so a test call runs as fast as the machine can.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from hotline.dialog.german.words import UNKNOWN
from hotline.dialog.grammar import Kind
from hotline.dialog.log import Event, Keys, Resumed, Silence, Speech, Transferred, Turn
from hotline.dialog.steps import Ask
from hotline.dialog.understanding import Word
from hotline.speech import audio
from hotline.speech.endpointing import CHOICE, DIGITS, OPEN, Endpointer, NoiseFloor, State
from hotline.telephony.exchange import Exchange, exchange
from hotline.telephony.keys import Keypad
from hotline.telephony.signature import is_signed
from hotline.telephony.voice import start_event
from hotline.telephony.websocket import Closed, Handed, NotAWebSocket, WebSocket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask.typing import ResponseReturnValue

    from hotline.dialog.conversation import Conversation
    from hotline.speech.ear import Ear, Listener
    from hotline.speech.words import Word as Heard

log = logging.getLogger(__name__)

media = Blueprint("media", __name__, url_prefix="/voice")

PATIENCE = {Kind.YES_NO: CHOICE, Kind.CHOICE: CHOICE, Kind.OPEN: OPEN, Kind.DIGITS: DIGITS}
START_SECONDS = 10.0
"""Twilio sends ``start`` at once; who does not is not Twilio."""
DEAD_SECONDS = 10.0
"""Twilio sends 50 frames a second, also of silence. A stream without any for this long is broken."""
CHUNK = 4000
"""Bytes of audio in one message out: half a second, so that a message stays small."""
LONGEST_FRAME = 8000
"""Bytes of audio in one message in, one second; Twilio sends 160."""


@media.route("/media", websocket=True)
def stream() -> ResponseReturnValue:
    """Take a media stream. https://www.twilio.com/docs/voice/twiml/stream"""
    one = exchange()
    if not is_signed(one.settings, websocket=True):
        log.warning("refused a media stream from %s: no valid signature", request.remote_addr)
        return Response("signature missing or wrong\n", status=403, mimetype="text/plain")
    if one.ear is None:
        return Response("no ear\n", status=503, mimetype="text/plain")
    try:
        socket = WebSocket.accept(request.environ)
    except NotAWebSocket:
        return Response("a WebSocket is wanted here\n", status=426, mimetype="text/plain")
    with one.seats.take() as seat:
        if seat:
            _serve(one, one.ear, socket)
        else:
            log.warning("all %d ears are taken; the call goes on by keypad", one.seats.count)
    socket.close()
    return Handed()


def _serve(one: Exchange, ear: Ear, socket: WebSocket) -> None:
    sid = "?"
    try:
        start = _await_start(one, socket)
        if start is None:
            return
        sid = start["callSid"]
        Stream(one, ear, socket, sid, start["streamSid"]).run()
    except Closed as closed:
        log.info("call %s: stream closed (%s)", sid, closed.code)
    except Exception:
        log.exception("call %s: stream failed", sid)


def _await_start(one: Exchange, socket: WebSocket) -> dict[str, Any] | None:
    """Return the start message of a call that we know, or ``None``."""
    until = time.monotonic() + START_SECONDS
    while (left := until - time.monotonic()) > 0:
        message = _parse(socket.receive(left))
        if message.get("event") != "start":
            continue
        start = message.get("start")
        if not isinstance(start, dict):
            break
        parameters = start.get("customParameters")
        token = parameters.get("token") if isinstance(parameters, dict) else None
        sid, stream_sid = start.get("callSid"), start.get("streamSid") or message.get("streamSid")
        encoding = (start.get("mediaFormat") or {}).get("encoding", "audio/x-mulaw")
        if (
            isinstance(sid, str)
            and isinstance(stream_sid, str)
            and isinstance(token, str)
            and encoding == "audio/x-mulaw"
            and one.opens(token, sid)
        ):
            return {"callSid": sid, "streamSid": stream_sid}
        log.warning("refused a media stream: its token opens no call")
        return None
    log.warning("refused a media stream: it did not start")
    return None


def _parse(message: str | bytes | None) -> dict[str, Any]:
    """Read a message; what is no JSON object counts as an unknown event, which is ignored."""
    if not isinstance(message, str):
        return {}
    try:
        parsed = json.loads(message)
    except (ValueError, RecursionError):
        log.debug("ignored a message that is no JSON")
        return {}
    return parsed if isinstance(parsed, dict) else {}


def words_of(heard: Iterable[Heard]) -> tuple[Word, ...]:
    """Return what the ear heard as the words of an answer."""
    return tuple(Word(word.text, word.confidence, word.end_ms - word.start_ms) for word in heard)


@dataclass
class Listening:
    """One question that is open: who listens, and when the answer ends."""

    listener: Listener
    endpointer: Endpointer


@dataclass
class Stream:
    """One stream of one call.

    :ivar now_ms: audio received, in ms: the clock.
    """

    one: Exchange
    ear: Ear
    socket: WebSocket
    sid: str
    stream_sid: str
    now_ms: int = 0
    turn: Turn | None = None
    listening: Listening | None = None
    speaking: bool = False
    over: bool = False
    noise: NoiseFloor = field(default_factory=NoiseFloor)
    keypad: Keypad = field(default_factory=Keypad)

    def __post_init__(self) -> None:
        self.conversation: Conversation = self.one.calls.conversation(self.sid)

    def run(self) -> None:
        """Hold the conversation until the last sentence has been heard, or the line breaks."""
        self._begin()
        while not self.over:
            message = self.socket.receive(DEAD_SECONDS)
            if message is None:
                log.warning("call %s: no audio for %g s; the stream counts as broken", self.sid, DEAD_SECONDS)
                return
            self._take(_parse(message))

    def _begin(self) -> None:
        last = self.conversation.last
        if last is None:
            self._advance(start_event(self.one, self.sid, keypad=False))
        elif isinstance(last.event, Transferred):
            self._speak(last, time.perf_counter())
        else:
            self._advance(Resumed(keypad=False))

    def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"event": "media", "media": {"payload": str(payload), **rest}}:
                if rest.get("track", "inbound") == "inbound":
                    self._hear(payload)
            case {"event": "dtmf", "dtmf": {"digit": str(key)}} if len(key) == 1 and key in "0123456789*#":
                self._press(key)
            case {"event": "mark", "mark": {"name": str(name)}}:
                self._heard(name)
            case {"event": "stop"}:
                self.over = True
            case _:
                log.debug("call %s: ignored %.100r", self.sid, message.get("event"))

    def _hear(self, payload: str) -> None:
        try:
            data = base64.b64decode(payload, validate=True)
        except (binascii.Error, ValueError):
            return
        if not 0 < len(data) <= LONGEST_FRAME:
            return
        samples = audio.decode_mulaw(data)
        for at in range(0, len(samples), audio.FRAME_BYTES):
            self._frame(samples[at : at + audio.FRAME_BYTES])

    def _frame(self, samples: audio.Samples) -> None:
        self.now_ms += audio.FRAME_MS
        if keys := self.keypad.due(self.now_ms):
            self._answer(Keys(keys))
            return
        if self.listening is None or self.keypad.collecting:
            return
        listener, endpointer = self.listening.listener, self.listening.endpointer
        listener.accept(samples)
        state = endpointer.frame(samples, listener.partial())
        if self.speaking and endpointer.heard:
            self._hush()
            endpointer.prompt_over()
        if endpointer.burst and not self.speaking:
            self._ask_finally(self.listening)
        elif state.over:
            words = words_of(listener.final())
            # A short "ja" may come to light only at the end.
            silent = state is State.NO_INPUT and all(word.text == UNKNOWN for word in words)
            self._answer(Silence() if silent else Speech(words))

    def _ask_finally(self, listening: Listening) -> None:
        """Take a short sound for an answer if there is a word in it; else go on listening."""
        words = listening.listener.final()
        if any(word.known for word in words):
            self._answer(Speech(words_of(words)))
        elif isinstance(self.conversation.step, Ask):
            listening.listener = self.ear.listen(
                self.conversation.understanding.phrases(self.conversation.step)
            )

    def _press(self, key: str) -> None:
        step = self.conversation.step
        if self.listening is None or not isinstance(step, Ask):
            return
        grammar = self.conversation.understanding.grammar(step)
        keys = self.keypad.press(key, self.now_ms, grammar.digits, menu=frozenset(grammar.keys))
        if keys is not None or self.keypad.collecting:
            self._hush()
        if keys is not None:
            self._answer(Keys(keys))

    def _answer(self, event: Event) -> None:
        self.listening = None
        self._hush()
        self._advance(event)

    def _advance(self, event: Event) -> None:
        decided = time.perf_counter()
        turn = self.one.calls.advance(self.sid, self.conversation, event)
        self._speak(turn, decided)

    def _speak(self, turn: Turn, decided: float) -> None:
        """Say a turn's sentences, and begin to listen: the caller may interrupt."""
        self.turn = turn
        self.keypad.reset()
        latency: float | None = None
        pause = b""
        for utterance in turn.said:
            for sound in self.one.speaker.stream(
                utterance.text, pace=utterance.pace, recording=utterance.prompt
            ):
                self._play(pause + sound)
                pause = b""
                if latency is None:
                    latency = (time.perf_counter() - decided) * 1000
            pause = audio.silence(350)
        self._send({"event": "mark", "mark": {"name": f"turn-{turn.number}"}})
        self.speaking = True
        self._listen()
        if latency is not None:
            self.one.calls.note_latency(self.sid, turn.number, round(latency, 1))

    def _listen(self) -> None:
        step = self.conversation.step
        if self.turn is None or self.turn.then != "listen" or not isinstance(step, Ask):
            return
        understanding = self.conversation.understanding
        listener = self.ear.listen(understanding.phrases(step))
        patience = PATIENCE[understanding.grammar(step).kind]
        endpointer = Endpointer(
            patience, self.noise, prompt_playing=True, unfinished=understanding.unfinished
        )
        self.listening = Listening(listener, endpointer)

    def _heard(self, mark: str) -> None:
        """A sentence has been played to its end, or was cut off: the mark says which turn's."""
        if self.turn is None or mark != f"turn-{self.turn.number}":
            return
        self.speaking = False
        if self.listening is not None:
            self.listening.endpointer.prompt_over()
        elif self.turn.then != "listen":
            self.over = True

    def _hush(self) -> None:
        """Stop speaking at once. All audio is sent already, so there is nothing to stop producing first."""
        if self.speaking:
            self.speaking = False
            self._send({"event": "clear"})

    def _play(self, sound: bytes) -> None:
        for at in range(0, len(sound), CHUNK):
            payload = base64.b64encode(sound[at : at + CHUNK]).decode("ascii")
            self._send({"event": "media", "media": {"payload": payload}})

    def _send(self, message: dict[str, Any]) -> None:
        self.socket.send(json.dumps({**message, "streamSid": self.stream_sid}))
