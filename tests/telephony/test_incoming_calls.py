"""The webhooks of a call: what Twilio is told, also when it asks twice, and by nobody else."""

import datetime as dt

import pytest

from hotline.telephony.voice import STREAMS, caller_number

from .conftest import AGENTS, MOBILE, PUBLIC_URL, WEDNESDAY


def spoken(answer):
    return " ".join(say.text for say in answer.iter("Say"))


class TestIncoming:
    def test_a_call_is_connected_to_a_stream_with_a_token_and_a_way_on(self, hotline_with):
        answer = hotline_with(ears=1).dial()
        stream = answer.find("Connect/Stream")
        assert stream.get("url") == "wss://hotline.example/voice/media"
        assert [one.get("name") for one in stream] == ["token"]
        assert answer[1].tag == "Redirect"
        assert answer[1].text == "https://hotline.example/voice/continue?stream=0"

    def test_without_an_ear_the_call_goes_by_keypad_at_once(self, hotline):
        answer = hotline.dial()
        gather = answer.find("Gather")
        assert gather.get("input") == "dtmf"
        assert gather.get("action") == f"{PUBLIC_URL}/voice/keypad?turn=0"
        assert gather.get("actionOnEmptyResult") == "true"
        assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("1", "")
        assert {say.get("language") for say in answer.iter("Say")} == {"de-DE"}
        assert "Für Ausweise drücken Sie die eins." in spoken(answer)

    def test_the_same_webhook_twice_is_the_same_call(self, hotline):
        first, second = hotline.dial(), hotline.dial()
        assert spoken(first) == spoken(second)
        assert len(hotline.turns()) == 1

    @pytest.mark.parametrize("sid", ["", "MZ1", "CA", "CA1/../2", "CA" + "1" * 61, "CA1\n"])
    def test_what_is_no_call_is_refused(self, hotline, sid):
        assert hotline.post("/voice/incoming", CallSid=sid, From=MOBILE).status_code == 400
        assert not hotline.turns(sid)

    @pytest.mark.parametrize(
        ("sent", "number"),
        [
            ("+4917612345678", "+4917612345678"),
            ("+33612345678", "+33612345678"),
            ("anonymous", None),
            ("Anonymous", None),
            ("", None),
            ("+266696687", None),
            ("+7378742833", None),
            ("+86282452253", None),
            ("sip:alice@example.org", None),
            ("client:browser", None),
            ("+49176; DROP TABLE", None),
            ("04012345678", None),
            ("+49", None),
        ],
    )
    def test_a_number_is_one_or_withheld(self, sent, number):
        assert caller_number(sent) == number

    def test_the_number_is_kept_with_the_call(self, hotline):
        hotline.dial()
        hotline.dial("CA2", "anonymous")
        assert (hotline.call("CA1").number, hotline.call("CA2").number) == (MOBILE, None)
        assert hotline.call().began_at == WEDNESDAY


class TestKeypad:
    def test_a_call_is_booked_by_keypad(self, hotline):
        answer = hotline.keys(hotline.dial(), "1", "1", "1", "1", "1")
        assert "Ihr Termin ist gebucht" in spoken(answer)
        answer = hotline.key(answer, "2")
        assert answer[-1].tag == "Hangup"
        assert "Auf Wiederhören" in spoken(answer)
        assert len(hotline.appointments("booked")) == 1
        assert hotline.call().outcome["kind"] == "booked"

    def test_keys_that_come_twice_count_once(self, hotline):
        answer = hotline.dial()
        first = hotline.key(answer, "1")
        second = hotline.key(answer, "1")
        assert spoken(first) == spoken(second)
        assert len(hotline.turns()) == 2

    def test_a_booking_that_is_asked_for_twice_is_made_once(self, hotline):
        answer = hotline.keys(hotline.dial(), "1", "1", "1", "1")
        for _ in range(3):
            again = hotline.key(answer, "1")
        assert "Ihr Termin ist gebucht" in spoken(again)
        assert len(hotline.appointments("booked")) == 1

    def test_where_digits_are_asked_for_several_are_gathered(self, hotline):
        answer = hotline.keys(hotline.dial(), "1", "1", "1", "3")
        gather = answer.find("Gather")
        assert (gather.get("finishOnKey"), gather.get("numDigits")) == ("#", "16")
        answer = hotline.key(answer, "01719876543")
        assert "null eins sieben eins" in spoken(answer)

    def test_the_hash_alone_goes_back_where_it_ends_digits(self, hotline):
        answer = hotline.keys(hotline.dial(), "1", "1", "1", "3")
        answer = hotline.key(answer, "", FinishedOnKey="#")
        assert "einen Schritt zurück" in spoken(answer)

    def test_nothing_keyed_is_silence(self, hotline):
        answer = hotline.key(hotline.dial(), "")
        assert "Sind Sie noch da?" in spoken(answer)

    def test_three_silences_end_the_call_with_a_sentence(self, hotline):
        answer = hotline.keys(hotline.dial(), "", "", "")
        assert "rufen Sie noch einmal an" in spoken(answer)
        assert answer[-1].tag == "Hangup"

    @pytest.mark.parametrize("digits", ["x", "1" * 500, "-1", "<Dial>", "🙂", "٣"])
    def test_keys_that_no_telephone_has_are_not_understood(self, hotline, digits):
        answer = hotline.key(hotline.dial(), digits)
        assert answer.find("Gather") is not None
        assert len(hotline.turns()[-1]["event"].get("keys", "")) <= 32

    def test_keys_for_a_question_long_past_say_where_the_call_is(self, hotline):
        answer = hotline.dial()
        hotline.keys(answer, "1", "1")
        late = hotline.key(answer, "2")
        assert "früheste Termin" in spoken(late)
        assert len(hotline.turns()) == 3

    @pytest.mark.parametrize("turn", ["", "x", "99", "-1"])
    def test_keys_for_no_question_at_all_change_nothing(self, hotline, turn):
        hotline.dial()
        answer = hotline.twiml(f"/voice/keypad?turn={turn}", Digits="1")
        assert answer.find("Gather") is not None
        assert len(hotline.turns()) == 1


class TestAfterTheStream:
    def test_a_stream_that_never_opened_goes_on_by_keypad_with_a_greeting(self, hotline_with):
        hotline = hotline_with(ears=1)
        hotline.dial()
        answer = hotline.twiml("/voice/continue?stream=0")
        assert "Guten Tag" in spoken(answer)
        assert answer.find("Gather") is not None

    def test_asked_twice_it_says_the_same(self, hotline_with):
        hotline = hotline_with(ears=1)
        hotline.dial()
        answers = [hotline.twiml("/voice/continue?stream=0") for _ in range(2)]
        assert spoken(answers[0]) == spoken(answers[1])
        assert len(hotline.turns()) == 1

    def test_a_call_nobody_knows_is_not_left_in_silence(self, hotline):
        answer = hotline.twiml("/voice/continue", "CA404")
        assert spoken(answer)
        assert answer.find("Dial").text == AGENTS

    def test_without_agents_a_call_nobody_knows_hears_a_sentence(self, hotline_with):
        answer = hotline_with(agents_number="").twiml("/voice/keypad?turn=0", "CA404", Digits="1")
        assert spoken(answer)


class TestAHuman:
    def hand_off(self, hotline):
        return hotline.keys(hotline.dial(), "1", "2", "0")

    def test_the_call_is_put_through_with_a_whisper(self, hotline_with):
        hotline = hotline_with(twilio_phone_number="+494042828")
        answer = self.hand_off(hotline)
        assert "Ich verbinde Sie jetzt" in spoken(answer)
        dial = answer.find("Dial")
        assert dial.get("callerId") == "+494042828"
        assert dial.get("action") == f"{PUBLIC_URL}/voice/transferred/3"
        number = dial.find("Number")
        assert number.text == AGENTS
        whisper = hotline.twiml(number.get("url").removeprefix(PUBLIC_URL))
        assert "einen Reisepass" in spoken(whisper)

    def test_a_whisper_for_a_call_that_is_over_says_nothing_private(self, hotline):
        answer = hotline.keys(hotline.dial(), "1", "2")
        assert spoken(hotline.twiml("/voice/whisper/CA1")) == "Anruf von der Terminhotline. "
        assert answer is not None

    def test_who_has_talked_is_done(self, hotline):
        self.hand_off(hotline)
        answer = hotline.twiml("/voice/transferred/3", DialCallStatus="completed", DialBridged="true")
        assert answer[-1].tag == "Hangup"

    @pytest.mark.parametrize(
        "report",
        [
            {"DialCallStatus": "busy"},
            {"DialCallStatus": "no-answer"},
            {"DialCallStatus": "failed"},
            {"DialCallStatus": "canceled"},
            {"DialCallStatus": "completed", "DialBridged": "false"},
            {},
        ],
    )
    def test_where_nobody_answers_a_call_back_is_offered_and_noted(self, hotline, report):
        self.hand_off(hotline)
        answer = hotline.twiml("/voice/transferred/3", **report)
        assert "zurückrufen" in spoken(answer)
        answer = hotline.keys(answer, "1", "2")
        assert answer[-1].tag == "Hangup"
        [callback] = hotline.callbacks()
        assert callback.phone == MOBILE
        assert "Reisepass" in callback.summary

    def test_a_report_that_comes_twice_counts_once(self, hotline):
        self.hand_off(hotline)
        answers = [hotline.twiml("/voice/transferred/3", DialCallStatus="busy") for _ in range(2)]
        assert spoken(answers[0]) == spoken(answers[1])
        hotline.keys(answers[1], "1")
        assert len(hotline.callbacks()) == 1

    def test_a_report_of_another_turn_changes_nothing(self, hotline):
        self.hand_off(hotline)
        answer = hotline.twiml("/voice/transferred/2", DialCallStatus="busy")
        assert answer.find("Dial") is not None

    def test_outside_their_hours_nobody_is_rung(self, hotline):
        hotline.clock.now = dt.datetime(2026, 12, 6, 9, 0, tzinfo=dt.UTC)
        answer = self.hand_off(hotline)
        assert answer.find("Dial") is None
        assert "kein Mensch am Telefon" in spoken(answer)


class TestTheEnd:
    def test_a_call_that_is_over_gives_its_slot_back(self, hotline):
        hotline.keys(hotline.dial(), "1", "1")
        assert len(hotline.appointments("held")) == 1
        hotline.clock.turn(minutes=3)
        answer = hotline.post("/voice/status", CallSid="CA1", CallStatus="completed")
        assert (answer.status_code, answer.data) == (204, b"")
        assert not hotline.appointments("held")
        assert hotline.call().ended_at == hotline.clock.now
        assert hotline.call().outcome == {"kind": "abandoned"}

    @pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
    def test_every_kind_of_end_is_one(self, hotline, status):
        hotline.dial()
        hotline.post("/voice/status", CallSid="CA1", CallStatus=status)
        assert hotline.call().ended_at

    @pytest.mark.parametrize("status", ["queued", "ringing", "in-progress", "", "exploded"])
    def test_what_is_no_end_is_none(self, hotline, status):
        hotline.dial()
        hotline.post("/voice/status", CallSid="CA1", CallStatus=status)
        assert hotline.call().ended_at is None

    def test_the_report_twice_changes_nothing(self, hotline):
        hotline.keys(hotline.dial(), "1", "1", "1", "1", "1")
        for minutes in (1, 2):
            hotline.clock.turn(minutes=minutes)
            hotline.post("/voice/status", CallSid="CA1", CallStatus="completed")
        assert hotline.call().ended_at == WEDNESDAY + dt.timedelta(minutes=1)
        assert hotline.call().outcome["kind"] == "booked"
        assert len(hotline.appointments("booked")) == 1

    def test_the_end_of_a_call_nobody_knows_is_no_error(self, hotline):
        assert hotline.post("/voice/status", CallSid="CA404", CallStatus="completed").status_code == 204

    def test_one_call_s_end_leaves_another_s_slot_alone(self, hotline):
        hotline.keys(hotline.dial("CA1"), "1", "1", sid="CA1")
        hotline.keys(hotline.dial("CA11"), "1", "1", sid="CA11")
        hotline.post("/voice/status", CallSid="CA1", CallStatus="completed")
        assert len(hotline.appointments("held")) == 1


class TestAnErrorOfOurs:
    def break_database(self, hotline):
        calls = hotline.app.extensions["hotline"].calls
        with calls.database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE turn")

    def test_the_caller_is_put_through_to_a_human(self, hotline, caplog):
        answer = hotline.dial()
        self.break_database(hotline)
        answer = hotline.key(answer, "1")
        assert "durcheinandergeraten" in spoken(answer)
        assert answer.find("Dial").text == AGENTS
        assert "webhook /voice/keypad failed" in caplog.text

    def test_or_hears_a_sentence_where_nobody_is_there(self, hotline):
        answer = hotline.dial()
        self.break_database(hotline)
        hotline.clock.now = dt.datetime(2026, 12, 6, 9, 0, tzinfo=dt.UTC)
        answer = hotline.key(answer, "1")
        assert "rufen Sie in ein paar Minuten noch einmal an" in spoken(answer)
        assert answer.find("Dial") is None

    def test_nothing_of_ours_is_told(self, hotline):
        answer = hotline.dial()
        self.break_database(hotline)
        assert "Traceback" not in spoken(hotline.key(answer, "1"))
        assert "turn" not in spoken(hotline.key(answer, "1"))


def test_streams_are_tried_a_few_times_only():
    assert STREAMS == 3
