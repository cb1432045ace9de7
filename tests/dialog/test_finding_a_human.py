"""Every way from the assistant to a human, and what happens where there is none."""

import datetime as dt

import pytest

from hotline.dialog import effects
from hotline.dialog.steps import HandOff

from .callers import FROM_LANDLINE, NOISE, SILENCE, WITHHELD, Call
from .town import LANDLINE, MOBILE, Town


class TestSomebodyIsThere:
    def test_the_caller_is_told_and_the_agent_hears_what_is_known(self):
        call = Call().do("Personalausweis", "in Altona am Montag", "0")
        assert call.prompts == ["connecting"]
        step = call.conversation.step
        assert isinstance(step, HandOff)
        assert step.whisper == (
            "Es geht um einen Personalausweis. Gewünscht: am Montag, dem siebten Dezember, in Altona. "
            "Vorgemerkt ist am Montag, dem siebten Dezember, um acht Uhr, Kundenzentrum Altona."
        )
        assert call.outcome == {"kind": "handed_off", "reason": "asked"}

    def test_nothing_is_known_at_the_beginning(self):
        call = Call().do("0")
        assert call.conversation.step.whisper == "Das Anliegen ist noch nicht bekannt."

    def test_the_call_ends_when_they_have_talked(self):
        call = Call().do("Reisepass", "0")
        call.transferred("talked")
        assert (call.question, call.turn.then, call.said) == ("End", "hang_up", "")

    def test_a_call_back_is_offered_when_nobody_picks_up(self):
        call = Call().do("Reisepass", "0")
        call.transferred("unanswered")
        assert call.prompts == ["nobody_answers", "callback_here.ask"]
        call.do("Ja")
        [noted] = call.town.callbacks
        assert (noted.phone, noted.reason) == (MOBILE, "asked")
        assert "Reisepass" in noted.summary
        assert call.outcome["kind"] == "call_back"

    def test_a_report_that_comes_twice_does_nothing_the_second_time(self):
        call = Call().do("Reisepass", "0")
        call.transferred("unanswered")
        question = call.question
        call.transferred("talked")
        assert call.question == question

    @pytest.mark.parametrize(
        ("failures", "reason", "apology"),
        [([NOISE] * 3, "no_match", "not_understood"), ([SILENCE] * 3, "silence", "not_heard")],
    )
    def test_three_failures_lead_there_with_an_apology(self, failures, reason, apology):
        call = Call().do("Reisepass", *failures)
        assert call.prompts == [apology, "connecting"]
        assert call.conversation.step.reason == reason

    def test_noise_and_silence_count_together(self):
        assert Call().do("Reisepass", NOISE, SILENCE, NOISE).question == "HandOff"

    def test_what_was_booked_stays_the_outcome_and_the_reason_joins_it(self):
        call = Call().do("Reisepass", "Ja", "Ja", "Ja")
        reference = call.outcome["reference"]
        call.do("0")
        assert (call.outcome["reference"], call.outcome["reason"]) == (reference, "asked")


class TestNobodyIsThere:
    def call(self, caller, *actions):
        return Call(Town(agents=False), caller).do(*actions)

    def test_a_call_back_to_the_calling_number_is_noted_and_promised(self):
        call = self.call(FROM_LANDLINE, "Reisepass", "0", "Ja")
        assert "null vier null, eins zwei drei, vier fünf sechs, sieben acht" in call.said
        assert "Spätestens bis morgen, Donnerstag, den dritten Dezember, zehn Uhr." in call.said
        [noted] = call.town.callbacks
        assert (noted.phone, noted.reason) == (LANDLINE, "asked")

    def test_another_number_may_be_given(self):
        call = self.call(FROM_LANDLINE, "0", "3", "null vier null vier zwei acht zwei acht null", "Ja")
        assert call.town.callbacks[0].phone == "+4940428280"

    def test_a_caller_with_a_withheld_number_is_asked_for_one(self):
        call = self.call(WITHHELD, "0", "Ja", "040428280", "Nein", "040428281", "Ja")
        assert call.town.callbacks[0].phone == "+4940428281"

    def test_what_is_no_number_is_asked_for_again(self):
        call = self.call(WITHHELD, "0", "Ja", "9999")
        assert call.prompts == ["not_a_number", "callback_number.ask"]

    def test_whose_numbers_are_none_is_called_back_at_the_number_known(self):
        call = self.call(FROM_LANDLINE, "0", "Nein andere Nummer", "9999", "8888", "7777")
        assert call.prompts[:2] == ["not_a_number", "callback_noted"]
        assert call.town.callbacks[0].phone == LANDLINE

    def test_whose_numbers_are_none_and_whose_own_is_withheld_may_go_on(self):
        call = self.call(WITHHELD, "0", "Ja", "9999", "8888", "7777")
        assert not call.town.callbacks
        assert call.prompts == ["not_a_number", "go_on_all_the_same.ask"]

    def test_the_call_goes_on_where_it_was(self):
        call = self.call(FROM_LANDLINE, "Reisepass", "in Altona", "0", "Ja", "Ja")
        assert call.question == "next_offer"
        assert call.said.startswith("Frei ist heute")
        call.do("Ja", "Nein", "Ja")
        assert call.outcome["kind"] == "booked"

    def test_without_a_call_back_it_may_go_on_as_well(self):
        call = self.call(FROM_LANDLINE, "Reisepass", "0", "Nein")
        assert not call.town.callbacks
        assert call.do("Ja").question == "offer"

    def test_or_end_with_a_goodbye(self):
        call = self.call(FROM_LANDLINE, "Reisepass", "0", "Ja", "Nein")
        assert (call.prompts, call.turn.then) == (["goodbye"], "hang_up")

    @pytest.mark.parametrize("failure", [SILENCE, NOISE])
    def test_who_answers_nothing_more_is_called_back_at_the_number_known(self, failure):
        call = self.call(FROM_LANDLINE, "Reisepass", *[failure] * 6)
        assert call.town.callbacks[0].phone == LANDLINE
        call.do(*[failure] * 3)
        assert (call.prompts[-1], call.turn.then) == ("goodbye", "hang_up")

    def test_who_answers_nothing_more_and_withholds_the_number_is_not_kept_for_ever(self):
        call = self.call(WITHHELD, "Reisepass", *[NOISE] * 9)
        assert not call.town.callbacks
        assert call.turn.then == "hang_up"

    def test_a_second_request_brings_a_second_look(self):
        call = self.call(FROM_LANDLINE, "Reisepass", "0", "Ja", "Ja")
        call.town.agents = True
        call.town.now += dt.timedelta(minutes=1)
        call.do("0")
        assert call.question == "HandOff"


class Broken(Town):
    """A town in which something does not work, for as many times as it is said."""

    def __init__(self, effect, times, **options):
        super().__init__(**options)
        self.effect, self.times = effect, times

    def perform(self, sid, effect, turn):
        if isinstance(effect, self.effect) and self.times:
            self.times -= 1
            raise OSError("disk full")
        return super().perform(sid, effect, turn)


class TestAnErrorOfOurs:
    @pytest.mark.parametrize("resuming", [False, True])
    @pytest.mark.parametrize(
        ("effect", "actions"),
        [
            (effects.HoldEarliest, ["Reisepass"]),
            (effects.Relax, ["Reisepass", "in Altona am Sonntag"]),
            (effects.Release, ["Reisepass", "keinen Termin"]),
            (effects.CheckPhone, ["Reisepass", "Ja", "01719876543"]),
            (effects.Book, ["Reisepass", "Ja", "Ja", "Ja"]),
            (effects.Find, ["5", "482107360"]),
            (effects.Cancel, ["5", "482107360", "1"]),
            (effects.Move, ["5", "482107360", "2", "1"]),
        ],
    )
    def test_brings_a_human_with_an_apology(self, effect, actions, resuming, caplog):
        call = Call(Broken(effect, 1), resuming=resuming).do(*actions)
        assert call.prompts == ["our_error", "connecting"]
        assert call.outcome["reason"] == "error"
        assert "disk full" in caplog.text

    @pytest.mark.parametrize("resuming", [False, True])
    def test_the_call_goes_on_at_the_question_before_where_nobody_is_there(self, resuming):
        call = Call(Broken(effects.Book, 1, agents=False), resuming=resuming)
        call.do("Reisepass", "Ja", "Ja", "Ja")
        assert call.prompts == ["our_error", "nobody_there", "callback_here.ask"]
        call.do("Ja", "Ja")
        assert call.question == "read_back_sms"
        call.do("Ja")
        assert call.outcome["kind"] == "booked"
        assert len(call.town.callbacks) == 1

    def test_a_call_back_that_cannot_be_noted_is_tried_again(self):
        call = Call(Broken(effects.NoteCallback, 1, agents=False)).do("Reisepass", "0", "Ja")
        assert call.prompts[0] == "our_error"
        call.do("Ja")
        assert call.town.callbacks

    @pytest.mark.parametrize("resuming", [False, True])
    def test_brings_a_human_every_time_as_long_as_one_can_be_found(self, resuming):
        call = Call(Broken(effects.CheckPhone, -1), resuming=resuming).do("Reisepass", "Ja")
        for _ in range(4):
            call.do("01719876543")
            assert call.prompts == ["our_error", "connecting"]
            call.transferred("returned")

    @pytest.mark.parametrize("resuming", [False, True])
    def test_without_end_ends_the_call_with_an_honest_sentence(self, resuming):
        call = Call(Broken(effects.NoteCallback, -1, agents=False), FROM_LANDLINE, resuming=resuming)
        call.do("Reisepass", "0", "Ja")
        assert call.prompts == ["our_error", "nobody_there", "callback_here.ask"]
        call.do("Ja", "Ja")
        assert (call.prompts, call.turn.then) == (["call_again_later"], "hang_up")
        assert not call.town.callbacks
