"""Media streams: every message and field as Twilio documents them, and who waits for whom."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

import pytest
from counterpart import FRAME, PUBLIC, TOKEN, Hotline, run, said, send, speak, voice
from flask import Response

from hotline.telephony.phone import Telephone
from hotline.telephony.websocket import WebSocket

SILENCE = b"\xff" * FRAME
SPEECH = b"\x11" * FRAME
STREAM = (
    '<Connect><Stream url="wss://hotline.example/media{}">'
    '<Parameter name="call" value="7"/><Parameter name="token" value="ä&amp;ö"/></Stream></Connect>'
    "<Say>Danach</Say>"
)


@pytest.fixture
def call(hotline: Hotline) -> Callable[..., Telephone]:
    """Dial a hotline that talks over the stream as ``talk`` does."""

    def dial(talk: Callable[[WebSocket, dict[str, Any]], None], **options: Any) -> Telephone:
        hotline.talk = talk
        hotline.answers = {"/voice/incoming": STREAM.format("?dropped=1")}
        phone = hotline.phone(**options)
        phone.dial()
        return phone

    return dial


def test_the_messages_are_those_twilio_documents(hotline: Hotline, call: Callable[..., Telephone]) -> None:
    phone = call(lambda line, start: list(hotline.stream(line)))
    for _ in range(3):
        phone.tick(SPEECH)
    phone.press("5")
    phone.tick(SPEECH)
    phone.tick(SPEECH)
    phone.hang_up()
    assert hotline.talks[0].wait(5)

    connected, start, *_ = hotline.messages
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    sid = start["streamSid"]
    assert sid.startswith("MZ")
    assert start == {
        "event": "start",
        "sequenceNumber": "1",
        "start": {
            "accountSid": "AC" + "0" * 32,
            "streamSid": sid,
            "callSid": phone.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"call": "7", "token": "ä&ö"},
        },
        "streamSid": sid,
    }
    assert hotline.sent("media")[1] == {
        "event": "media",
        "sequenceNumber": "3",
        "media": {
            "track": "inbound",
            "chunk": "2",
            "timestamp": "40",
            "payload": base64.b64encode(SPEECH).decode(),
        },
        "streamSid": sid,
    }
    assert hotline.sent("dtmf") == [
        {
            "event": "dtmf",
            "sequenceNumber": "5",
            "dtmf": {"track": "inbound_track", "digit": "5"},
            "streamSid": sid,
        }
    ]
    assert hotline.messages[-1] == {
        "event": "stop",
        "sequenceNumber": "8",
        "stop": {"accountSid": "AC" + "0" * 32, "callSid": phone.call_sid},
        "streamSid": sid,
    }
    numbers = [int(message["sequenceNumber"]) for message in hotline.messages[1:]]
    assert numbers == list(range(1, 9))


def test_the_handshake_is_signed_and_loses_its_query(
    hotline: Hotline, call: Callable[..., Telephone]
) -> None:
    phone = call(lambda line, start: line.close())
    assert hotline.handshake_signed == [True]
    assert phone.log.of("stream")[0].data["url"] == "wss://hotline.example/media"


def test_what_the_server_says_is_heard_and_its_mark_comes_back(
    hotline: Hotline, call: Callable[..., Telephone]
) -> None:
    def talk(line: WebSocket, start: dict[str, Any]) -> None:
        speak(line, start, b"\x33" * FRAME * 10, "first")
        speak(line, start, b"\x44" * FRAME * 5, "second")
        for message in hotline.stream(line):
            if message["event"] == "mark" and message["mark"]["name"] == "second":
                line.close()

    phone = run(call(talk))
    assert [(message["mark"]["name"], message["streamSid"]) for message in hotline.sent("mark")] == [
        (name, hotline.messages[1]["streamSid"]) for name in ("first", "second")
    ]
    heard = bytes(phone.heard)
    assert heard.strip(b"\xff\x20") == b"\x33" * FRAME * 10 + b"\x44" * FRAME * 5
    first, second = phone.log.of("mark")
    assert second.at_ms - first.at_ms == 100
    assert phone.problems == []


def test_a_mark_comes_back_only_when_it_has_been_played(
    hotline: Hotline, call: Callable[..., Telephone]
) -> None:
    def talk(line: WebSocket, start: dict[str, Any]) -> None:
        speak(line, start, b"\x33" * FRAME * 50, "late")
        for _ in hotline.stream(line):
            pass

    phone = call(talk)
    run(phone, seconds=0.9)
    assert hotline.sent("mark") == []
    run(phone, seconds=0.5)
    assert len(hotline.sent("mark")) == 1


def test_clear_empties_the_buffer_and_returns_all_marks(
    hotline: Hotline, call: Callable[..., Telephone]
) -> None:
    def talk(line: WebSocket, start: dict[str, Any]) -> None:
        speak(line, start, b"\x33" * FRAME * 100, "one")
        speak(line, start, b"\x33" * FRAME * 100, "two")
        for number, message in enumerate(hotline.stream(line)):
            if number == 20:
                send(line, start, "clear")
            if message["event"] == "mark" and message["mark"]["name"] == "two":
                line.close()

    phone = run(call(talk))
    assert [message["mark"]["name"] for message in hotline.sent("mark")] == ["one", "two"]
    assert phone.heard.count(0x33) < 35 * FRAME
    assert phone.log.of("clear")[0].data["unheard_ms"] > 3000


def test_after_the_server_closes_the_next_verb_follows(
    hotline: Hotline, call: Callable[..., Telephone]
) -> None:
    phone = run(call(lambda line, start: line.close()))
    assert said(phone) == ["Danach"]
    assert bytes(phone.heard).endswith(voice("Danach"))
    assert phone.problems == []


def test_the_action_of_connect_is_asked_when_the_stream_is_over(hotline: Hotline) -> None:
    hotline.talk = lambda line, start: line.close()
    hotline.answers = {
        "/voice/incoming": '<Connect action="/after"><Stream url="wss://hotline.example/media"/></Connect>',
        "/after": "<Say>Fertig</Say>",
    }
    phone = hotline.phone()
    phone.dial()
    assert said(run(phone)) == ["Fertig"]


def test_a_line_that_breaks_is_an_error_and_the_next_verb_follows(
    hotline: Hotline, call: Callable[..., Telephone]
) -> None:
    phone = call(lambda line, start: list(hotline.stream(line)))
    run(phone, seconds=1)
    phone.break_stream()
    run(phone)
    assert [event.data["code"] for event in phone.problems] == [31921]
    assert said(phone) == ["Danach"]
    assert hotline.talks[0].wait(5)
    assert hotline.sent("stop") == []


def test_a_server_that_refuses_the_socket_is_a_handshake_error(hotline: Hotline) -> None:
    hotline.answers = {
        "/voice/incoming": STREAM.format("").replace("/media", "/nothing"),
        "/nothing": Response(status=403),
    }
    phone = hotline.phone()
    phone.dial()
    run(phone)
    assert [event.data["code"] for event in phone.problems] == [31920]
    assert said(phone) == ["Danach"]


def test_only_wss_is_spoken_to_a_hotline_behind_tls(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": STREAM.format("").replace("wss:", "ftp:")}
    phone = hotline.phone()
    phone.dial()
    run(phone)
    assert phone.problems[0].data["code"] == 31922
    assert said(phone) == ["Danach"]


@pytest.mark.parametrize(
    "message",
    [
        "kein JSON",
        "[]",
        '{"event": "media", "streamSid": "MZ0", "media": {"payload": ""}}',
        '{"event": "media", "streamSid": "SID", "media": {"payload": "***"}}',
        '{"event": "media", "streamSid": "SID"}',
        '{"event": "sing", "streamSid": "SID"}',
    ],
)
def test_a_message_that_is_none_is_an_error_and_the_call_goes_on(
    hotline: Hotline, call: Callable[..., Telephone], message: str
) -> None:
    def talk(line: WebSocket, start: dict[str, Any]) -> None:
        line.send(message.replace("SID", start["streamSid"]))
        speak(line, start, b"\x33" * FRAME, "ok")
        for arrived in hotline.stream(line):
            if arrived["event"] == "mark":
                line.close()

    phone = run(call(talk))
    assert [event.data["code"] for event in phone.problems] == [31924]
    assert len(hotline.sent("mark")) == 1


def test_the_telephone_is_never_more_than_100_ms_ahead_of_the_server(
    hotline: Hotline, call: Callable[..., Telephone]
) -> None:
    """The server takes its time for every frame; without lockstep 50 ticks would be over long before it."""
    done = 0
    ahead: list[int] = []

    def talk(line: WebSocket, start: dict[str, Any]) -> None:
        nonlocal done
        for message in hotline.stream(line):
            if message["event"] == "media":
                time.sleep(0.004)
                done += 1

    phone = call(talk)
    for _ in range(50):
        phone.tick(SPEECH)
        ahead.append(phone.ticks - done)
    phone.hang_up()
    assert max(ahead) <= 5
    assert done == 50


def test_a_reply_is_there_before_more_audio_is_sent(hotline: Hotline, call: Callable[..., Telephone]) -> None:
    """The same call gives the same recording, however fast or slow the server is."""

    def talking(delay: float) -> Callable[[WebSocket, dict[str, Any]], None]:
        def talk(line: WebSocket, start: dict[str, Any]) -> None:
            for number, message in enumerate(hotline.stream(line)):
                if message["event"] == "media":
                    time.sleep(delay)
                    if number == 12:
                        speak(line, start, b"\x33" * FRAME * 3)

        return talk

    recordings = []
    for delay in (0.0, 0.005):
        phone = call(talking(delay))
        run(phone, seconds=1)
        recordings.append(bytes(phone.heard))
        phone.hang_up()
    assert recordings[0] == recordings[1]
    assert 0x33 in recordings[0]


def test_a_live_call_keeps_time_with_the_clock(hotline: Hotline, call: Callable[..., Telephone]) -> None:
    phone = call(lambda line, start: list(hotline.stream(line)), live=True)
    began = time.monotonic()
    run(phone, seconds=0.6)
    assert time.monotonic() - began >= 0.55
    phone.hang_up()


def test_without_tls_the_stream_may_be_plain(hotline: Hotline) -> None:
    hotline.talk = lambda line, start: line.close()
    url = hotline.url.replace("http", "ws") + "/media"
    hotline.answers = {"/voice/incoming": f'<Connect><Stream url="{url}"/></Connect><Say>Danach</Say>'}
    phone = Telephone(hotline.url, TOKEN, voice=voice)
    phone.dial()
    assert said(run(phone)) == ["Danach"]
    assert phone.problems == []
    assert PUBLIC not in phone.log.of("stream")[0].data["url"]


def test_the_streams_status_callback_is_told(hotline: Hotline) -> None:
    hotline.talk = lambda line, start: line.close()
    stream = '<Stream name="ohr" url="wss://hotline.example/media" statusCallback="/stream"/>'
    hotline.answers = {"/voice/incoming": f"<Connect>{stream}</Connect>", "/stream": ("", 204)}
    phone = hotline.phone()
    phone.dial()
    run(phone)
    told = [
        (one.parameters["StreamEvent"], one.parameters["StreamName"]) for one in hotline.asked_for("/stream")
    ]
    assert told == [("stream-started", "ohr"), ("stream-stopped", "ohr")]
