"""Conversations about an appointment that was made before: cancelled, moved, or kept."""

import pytest

from .callers import WITHHELD, Call
from .town import BOOKED, Town

SPOKEN = "vier acht zwei, eins null sieben, drei sechs null"


def test_an_appointment_is_cancelled_by_voice():
    call = Call().do("Ich muss meinen Termin absagen", SPOKEN)
    assert call.said.startswith("Sie haben einen Termin für einen Personalausweis, am ")
    call.do("absagen")
    assert call.prompts == ["cancelled", "more.ask"]
    assert BOOKED not in call.town.booked
    assert call.outcome == {"kind": "cancelled", "reference": BOOKED}


@pytest.mark.parametrize("resuming", [False, True], ids=["one process", "another process at every turn"])
def test_an_appointment_is_moved_and_keeps_its_reference(resuming):
    call = Call(resuming=resuming)
    before = call.town.booked[BOOKED].offer
    call.do("5", BOOKED, "2", "in Altona", "Ja")
    assert call.prompts == ["moved", "more.ask"]
    assert "Kundenzentrum Altona, Platz der Republik eins" in call.said
    assert "Die Terminnummer bleibt: vier acht zwei, eins null sieben, drei sechs null." in call.said
    after = call.town.booked[BOOKED].offer
    assert (after.site, after != before) == ("altona", True)
    assert call.outcome["kind"] == "moved"
    assert not call.town.held


def test_the_old_slot_is_not_offered_as_the_new_one():
    town = Town()
    call = Call(town).do("5", BOOKED, "2")
    assert call.held != [town.booked[BOOKED].offer]


def test_who_finds_nothing_better_keeps_the_appointment():
    call = Call().do("5", BOOKED, "verschieben", "keinen Termin")
    assert call.prompts == ["not_moved", "more.ask"]
    assert BOOKED in call.town.booked
    assert not call.held


def test_an_appointment_is_left_as_it_is():
    call = Call().do("5", BOOKED, "behalten")
    assert call.prompts == ["more.ask"]
    assert BOOKED in call.town.booked


def test_a_new_slot_that_has_gone_is_replaced_and_the_old_one_stays_until_then():
    call = Call().do("5", BOOKED, "2")
    [offered] = call.held
    call.town.held = {"another": offered}
    call.do("1")
    assert call.prompts == ["gone", "offer.ask"]
    assert call.town.booked[BOOKED].offer not in (offered, *call.held)
    call.do("1")
    assert call.prompts == ["moved", "more.ask"]


def test_a_wrong_reference_is_asked_for_again_and_given_up_after_three():
    call = Call().do("5", "482107361")
    assert call.prompts == ["unknown_reference", "reference.ask"]
    call.do("482107362")
    assert call.question == "reference"
    call.do("482107363")
    assert call.prompts == ["unknown_reference", "human_finds", "more.ask"]


def test_a_reference_that_is_too_short_is_not_understood():
    call = Call().do("5", "4821")
    assert call.prompts == ["no_match_1", "reference.short"]


class TestWithoutTheReference:
    def test_the_day_and_the_calling_number_are_enough(self):
        call = Call().do("Termin absagen", "Ich habe keine Nummer")
        assert "mit der Telefonnummer, von der Sie anrufen" in call.said
        call.do("am einundzwanzigsten Dezember")
        assert call.said.startswith("Sie haben einen Termin für einen Personalausweis, am ")
        call.do("absagen")
        assert BOOKED not in call.town.booked

    @pytest.mark.parametrize("said", ["am Montag", "in drei Wochen am Montag", "2112"])
    def test_a_weekday_is_the_next_such_day_and_not_every_one(self, said):
        town = Town(days=6)  # the last slot, which somebody has, is on Monday, 7 December
        call = Call(town).do("5", "keine Nummer", said)
        assert call.question == ("change" if said == "am Montag" else "appointment_day")

    def test_what_is_no_single_day_is_asked_for_again(self):
        call = Call().do("5", "keine Nummer", "nächste Woche")
        assert call.prompts == ["one_day_please", "appointment_day.ask"]

    def test_after_three_days_a_human_is_named(self):
        call = Call().do("5", "keine Nummer", "morgen", "übermorgen")
        assert call.prompts == ["nothing_that_day", "appointment_day.ask"]
        call.do("am Freitag")
        assert call.prompts == ["nothing_that_day", "human_finds", "more.ask"]

    def test_nor_the_day_a_human_is_named(self):
        assert Call().do("5", "keine Nummer", "Das weiß ich auch nicht").prompts == [
            "human_finds",
            "more.ask",
        ]

    def test_where_the_number_is_withheld_a_human_is_named(self):
        assert Call(caller=WITHHELD).do("5", "keine Nummer").prompts == ["human_finds", "more.ask"]


def test_an_appointment_that_was_cancelled_meanwhile_is_not_found():
    call = Call().do("5", BOOKED)
    del call.town.booked[BOOKED]
    assert call.do("1").prompts == ["unknown_reference", "more.ask"]


def test_an_appointment_for_a_service_that_is_gone_goes_to_nobody():
    town = Town()
    town.services = town.services[1:]
    assert Call(town).do("5", BOOKED).prompts == ["unknown_reference", "more.ask"]


def test_an_appointment_can_be_booked_after_another_was_cancelled():
    call = Call(caller=WITHHELD).do("5", BOOKED, "1", "Ja", "Reisepass", "Ja", "Nein", "Ja")
    assert call.outcome["kind"] == "booked"
    assert BOOKED not in call.town.booked


class TestWhatAnAgentIsToldAboutIt:
    def whisper(self, call):
        call.do("0")
        return call.conversation.step.whisper

    def test_an_appointment_that_is_spoken_of(self):
        whisper = self.whisper(Call().do("5", BOOKED))
        assert "Gebucht ist" in whisper
        assert SPOKEN in whisper

    def test_an_appointment_that_was_cancelled_is_booked_no_more(self):
        whisper = self.whisper(Call().do("5", BOOKED, "absagen"))
        assert "Gebucht" not in whisper

    def test_an_appointment_of_before_is_not_that_of_the_next_wish(self):
        whisper = self.whisper(Call().do("Reisepass", "Ja", "Ja", "Ja", "Ja", "umgezogen"))
        assert whisper == "Es geht um eine Ummeldung."
