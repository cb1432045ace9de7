"""The media stream, message by message: in order, out of order, malformed, and cut off."""

import base64
import json

import pytest
import requests
from twilio.request_validator import RequestValidator
from websockets.exceptions import InvalidStatus

from hotline.speech import audio
from hotline.telephony import media
from hotline.telephony.tables import TurnRow
from hotline.telephony.voice import STREAMS

from .conftest import PUBLIC_URL, TOKEN, Stream, eventually, serving

FIRST_WORD = 7000 // audio.FRAME_MS


class TestTheBeginning:
    def test_the_greeting_is_spoken_in_short_messages_with_a_mark_at_its_end(self, live):
        with live.stream() as stream:
            stream.settle()
            sound = b"".join(base64.b64decode(one["media"]["payload"]) for one in stream.of("media"))
            assert len(sound) > audio.FRAME_BYTES * 20
            assert {one["streamSid"] for one in stream.messages} == {"MZ1"}
            assert max(len(one["media"]["payload"]) for one in stream.of("media")) <= media.CHUNK * 4 / 3 + 4
            assert stream.messages[-1] == {"event": "mark", "mark": {"name": "turn-0"}, "streamSid": "MZ1"}
            assert stream.question == "service.ask"
            assert stream.turns[0]["event"]["caller"] == {"number": "+4917612345678", "mobile": True}

    def test_the_recogniser_gets_the_phrases_of_each_question(self, live):
        with live.stream() as stream:
            stream.settle()
            assert "personalausweis" in live.ear.asked[0]
            stream.press("1")
            stream.settle()
            assert "personalausweis" in live.ear.asked[-1]
            assert "dezember" not in live.ear.asked[-1]

    @pytest.mark.parametrize(
        "changes",
        [
            {"callSid": "CA2"},
            {"customParameters": {}},
            {"customParameters": {"token": "x"}},
            {"customParameters": {"token": None}},
            {"customParameters": ["token"]},
            {"customParameters": None},
            {"callSid": None},
            {"callSid": ["CA1"]},
            {"mediaFormat": {"encoding": "audio/x-l16", "sampleRate": 16000}},
        ],
    )
    def test_a_start_that_opens_no_call_is_refused(self, live, changes, caplog):
        with live.stream(**changes) as stream:
            stream.finish()
            assert not stream.messages
        assert "its token opens no call" in caplog.text
        assert not live.turns()

    @pytest.mark.parametrize("start", [None, [], "CA1", 7, {}])
    def test_a_start_without_anything_in_it_is_refused(self, live, start):
        live.dial()
        with live.handshake() as socket:
            socket.send(json.dumps({"event": "start", "start": start}))
            with pytest.raises(Exception, match="1000"):
                socket.recv(timeout=10)

    def test_a_token_opens_one_stream_and_no_second(self, live, caplog):
        answer = live.dial()
        with live.open(answer) as first:
            first.settle()
            with live.open(answer) as second:
                second.finish()
                assert not second.messages
            assert first.question == "service.ask"

    def test_a_token_that_is_too_old_opens_none(self, live, monkeypatch):
        monkeypatch.setattr("hotline.telephony.exchange.TOKEN_SECONDS", -1)
        with live.stream() as stream:
            stream.finish()
            assert not stream.messages

    def test_what_comes_before_the_start_is_passed_over(self, live):
        answer = live.dial()
        with live.handshake() as socket:
            for junk in ("{", '"start"', "[]", '{"event": "media"}', "", b"\x00"):
                socket.send(junk)
            stream = Stream(socket, live, "CA1")
            stream.start(answer.find("Connect/Stream/Parameter").get("value"))
            assert stream.question == "service.ask"

    def test_who_does_not_start_is_let_go(self, live, monkeypatch, caplog):
        monkeypatch.setattr(media, "START_SECONDS", 0.05)
        live.dial()
        with live.handshake() as socket, pytest.raises(Exception, match="1000"):
            socket.recv(timeout=10)
        assert "it did not start" in caplog.text

    def test_a_call_without_an_ear_gets_no_stream(self, hotline):
        with serving(hotline) as one, pytest.raises(InvalidStatus) as refused, one.handshake():
            pass
        assert refused.value.response.status_code == 503

    def test_a_plain_request_is_told_what_is_wanted(self, live):
        signature = RequestValidator(TOKEN).compute_signature(
            PUBLIC_URL.replace("https", "wss") + "/voice/media", {}
        )
        answer = requests.get(
            f"{live.url}/voice/media", headers={"X-Twilio-Signature": signature}, timeout=10
        )
        assert answer.status_code in {400, 404, 426}


class TestKeys:
    def test_a_call_is_booked_by_keys(self, live):
        with live.stream() as stream:
            stream.press("1", "1", "1", "1", "1")
            assert [turn["said"][-1]["prompt"] for turn in stream.turns] == [
                "service.ask",
                "service_of_category.ask",
                "offer.ask",
                "sms_here.ask",
                "read_back_sms.ask",
                "more.ask",
            ]
        assert len(live.appointments("booked")) == 1

    def test_a_key_cuts_the_prompt_off(self, live):
        with live.stream() as stream:
            stream.press("1")
            stream.settle()
            assert [one["event"] for one in stream.messages if one["event"] != "media"][:2] == [
                "mark",
                "clear",
            ]

    def test_digits_are_gathered_until_the_hash(self, live):
        with live.stream() as stream:
            stream.press("1", "1", "1", "3", *"01719876543", "#")
            assert stream.question == "mobile_right.ask"

    def test_or_until_a_pause(self, live):
        with live.stream() as stream:
            stream.press("1", "1", "1", "3", *"01719876543")
            assert stream.question == "mobile.ask"
            stream.frames(200)
            assert stream.question == "mobile_right.ask"

    def test_twenty_keys_at_once_are_one_trembling_finger(self, live):
        with live.stream() as stream:
            stream.settle()
            for _ in range(20):
                stream.send("dtmf", dtmf={"track": "inbound_track", "digit": "1"})
            assert len(stream.turns) == 2

    @pytest.mark.parametrize(
        "dtmf", [{"digit": "11"}, {"digit": "A"}, {"digit": 1}, {"digit": None}, {}, None, "1"]
    )
    def test_keys_that_no_telephone_has_are_passed_over(self, live, dtmf):
        with live.stream() as stream:
            stream.send("dtmf", dtmf=dtmf)
            assert len(stream.turns) == 1


class TestSpeech:
    def test_what_is_said_is_understood_when_silence_follows(self, live):
        with live.stream() as stream:
            stream.heard()
            stream.say("reisepass")
            assert stream.question == "offer.ask"
            [_, turn] = stream.turns
            assert turn["meaning"] == {"intent": "service", "value": "reisepass"}

    def test_words_are_not_kept_unless_faults_are_looked_for(self, live):
        with live.stream() as stream:
            stream.heard()
            stream.say("reisepass")
            assert stream.turns[1]["event"] == {"kind": "speech", "words": []}

    def test_and_are_kept_when_they_are(self, hotline_with):
        with serving(hotline_with(ears=1, keep_transcripts=True)) as live, live.stream() as stream:
            stream.heard()
            stream.say("reisepass")
            [word] = stream.turns[1]["event"]["words"]
            assert word == {"text": "reisepass", "confidence": 1.0, "length_ms": 0}

    def test_a_known_word_cuts_the_prompt_off(self, live):
        with live.stream() as stream:
            stream.say("reisepass")
            assert stream.question == "offer.ask"
            assert stream.of("clear")

    def test_noise_does_not(self, live):
        with live.stream() as stream:
            stream.say("[unk]")
            stream.settle()
            assert not stream.of("clear")
            assert len(stream.turns) == 1

    def test_silence_is_counted_once_the_prompt_has_been_heard(self, live):
        with live.stream() as stream:
            stream.frames(FIRST_WORD * 2)
            assert len(stream.turns) == 1
            stream.heard()
            stream.frames(FIRST_WORD - 1)
            assert len(stream.turns) == 1
            stream.frames(1)
            assert stream.question == "service.short"

    def test_how_long_the_caller_waited_is_noted(self, live):
        with live.stream() as stream:
            stream.press("1")
            stream.settle()
        eventually(lambda: all(row.latency_ms is not None for row in live.rows(TurnRow)))


class TestMessagesOutOfOrder:
    @pytest.mark.parametrize(
        "message",
        [
            "",
            "{",
            "null",
            "[1, 2]",
            '"media"',
            "7",
            "[" * 5000,
            b"\x00\x01",
            '{"event": null}',
            '{"event": ["media"]}',
            '{"event": "media"}',
            '{"event": "media", "media": null}',
            '{"event": "media", "media": {"payload": 7}}',
            '{"event": "media", "media": {"payload": "%%%"}}',
            '{"event": "media", "media": {"payload": "ä"}}',
            '{"event": "media", "media": {"payload": ""}}',
            json.dumps({"event": "media", "media": {"payload": base64.b64encode(b"x" * 9000).decode()}}),
            '{"event": "media", "media": {"track": "outbound", "payload": "////"}}',
            '{"event": "mark", "mark": {"name": "turn-99"}}',
            '{"event": "mark", "mark": {}}',
            '{"event": "mark"}',
            '{"event": "connected", "protocol": "Call"}',
            '{"event": "start", "start": {}}',
            '{"event": "weather", "weather": {"rain": true}}',
            '{"event": "dtmf"}',
        ],
    )
    def test_what_makes_no_sense_is_passed_over_and_the_call_goes_on(self, live, message):
        with live.stream() as stream:
            stream.raw(message)
            stream.press("1")
            assert stream.question == "service_of_category.ask"

    def test_a_mark_that_comes_twice_is_heard_once(self, live):
        with live.stream() as stream:
            stream.heard()
            stream.heard()
            stream.frames(FIRST_WORD)
            assert len(stream.turns) == 2

    def test_the_mark_of_a_turn_that_was_cut_off_does_not_end_the_next(self, live):
        with live.stream() as stream:
            stream.say("tschüss")
            stream.settle()
            stream.send("mark", mark={"name": "turn-0"})
            stream.frames(10)
            assert stream.turns[-1]["then"] == "hang_up"
            stream.socket.ping().wait(10)
            stream.send("mark", mark={"name": "turn-1"})
            assert stream.finish() == 1000

    def test_audio_in_large_pieces_counts_as_long_as_it_is(self, live):
        with live.stream() as stream:
            stream.heard()
            payload = base64.b64encode(b"\xff" * 8000).decode()
            for _ in range(7):
                stream.send("media", media={"payload": payload})
            assert stream.question == "service.short"


class TestTheEnd:
    def test_the_line_is_let_go_when_the_goodbye_has_been_heard(self, live):
        with live.stream() as stream:
            stream.say("tschüss")
            stream.settle()
            assert stream.turns[-1]["then"] == "hang_up"
            stream.send("mark", mark={"name": "turn-1"})
            assert stream.finish() == 1000
        answer = live.twiml("/voice/continue?stream=0")
        assert [one.tag for one in answer] == ["Hangup"]

    def test_a_transfer_waits_for_its_announcement_to_be_heard(self, live):
        with live.stream() as stream:
            stream.press("0")
            assert stream.turns[-1]["then"] == "hand_off"
            stream.frames(200)
            stream.settle()
            stream.send("mark", mark={"name": "turn-1"})
            assert stream.finish() == 1000
        assert live.twiml("/voice/continue?stream=0").find("Dial") is not None

    def test_stop_ends_the_stream(self, live):
        with live.stream() as stream:
            stream.send("stop", stop={"callSid": "CA1"})
            stream.finish()

    def test_a_line_without_audio_counts_as_broken(self, live, monkeypatch, caplog):
        monkeypatch.setattr(media, "DEAD_SECONDS", 0.05)
        with live.stream() as stream:
            stream.finish()
        assert "counts as broken" in caplog.text

    def test_a_broken_stream_goes_on_at_the_same_question(self, live):
        with live.stream() as stream:
            stream.press("1", "2")
            assert stream.question == "offer.ask"
        answer = live.twiml("/voice/continue?stream=0")
        with live.open(answer) as again:
            again.settle()
            said = [one["prompt"] for one in again.turns[-1]["said"]]
            assert (said[0], said[-1]) == ("resumed", "offer.ask")
            again.press("1")
            assert again.question == "sms_here.ask"

    def test_after_three_broken_streams_it_goes_on_by_keypad(self, live):
        answer = live.dial()
        for number in range(STREAMS):
            with live.open(answer) as stream:
                stream.settle()
            answer = live.twiml(f"/voice/continue?stream={number}")
        assert answer.find("Connect") is None
        assert "Wir machen mit den Tasten" in " ".join(one.text for one in answer.iter("Say"))
        assert answer.find("Gather") is not None

    def test_the_seat_of_a_call_that_ended_is_free(self, live):
        for number in range(5):
            with live.stream(f"CA{number}") as stream:
                assert stream.question == "service.ask"

            def all_free(seats=live.app.extensions["hotline"].seats):
                with seats.take() as one, seats.take() as two:
                    return one and two

            eventually(all_free)

    def test_one_caller_too_many_goes_on_by_keypad(self, live, caplog):
        with live.stream("CA1") as one, live.stream("CA2") as two:
            assert one.question == two.question == "service.ask"
            with live.stream("CA3") as three:
                three.finish()
                assert not three.messages
            answer = live.twiml("/voice/continue?stream=0", "CA3")
            assert answer.find("Gather") is not None
        assert "ears are taken" in caplog.text

    def test_an_error_of_ours_in_the_stream_leads_to_the_way_on(self, live, caplog):
        with live.stream() as stream:
            stream.settle()
            live.ear.listen = None
            stream.press("1")
            stream.finish()
        assert "stream failed" in caplog.text
        answer = live.twiml("/voice/continue?stream=0")
        assert answer.find("Connect") is not None
