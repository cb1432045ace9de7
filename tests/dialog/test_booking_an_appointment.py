"""Conversations about a new appointment, from greeting to goodbye."""

import datetime as dt

import pytest

from hotline.dialog.german.numbers import UNITS
from hotline.dialog.log import Caller
from hotline.terms import BERLIN, Wishes

from .callers import FROM_LANDLINE, FROM_MOBILE, WITHHELD, Call
from .town import FOREIGN, LANDLINE, MOBILE, Town


def start(offer):
    return offer.starts_at.astimezone(BERLIN)


def the_appointment(call):
    """The one appointment that was made beside those there were."""
    [made] = list(call.town.booked.values())[1:]
    return made


@pytest.mark.parametrize("resuming", [False, True], ids=["one process", "another process at every turn"])
def test_a_caller_books_the_earliest_appointment(resuming):
    call = Call(resuming=resuming)
    assert "Kleinstadt" in call.said
    assert "automatischer Assistent" in call.said
    assert "nicht aufgezeichnet" in call.said
    assert call.said.endswith("Was brauchen Sie?")
    call.do("Ich brauche einen neuen Ausweis")
    assert (
        "heute, Mittwoch, den zweiten Dezember, um elf Uhr, Kundenzentrum Mitte, Klosterwall zwei"
        in call.said
    )
    call.do("Ja bitte")
    assert "null eins sieben sechs, eins zwei drei, vier fünf sechs, sieben acht" in call.said
    call.do("Ja")
    assert "Ich fasse zusammen. Ein Termin für einen Personalausweis, heute, Mittwoch" in call.said
    assert not call.town.booked.keys() - {"482107360"}
    call.do("Ja, richtig")
    made = the_appointment(call)
    assert (made.offer.site, start(made.offer).hour, made.phone) == ("rathaus", 11, MOBILE)
    assert call.prompts == ["booked", "booked_again", "sms_follows", "bring", "fee", "more.ask"]
    assert "sechsundvierzig Euro" in call.said
    assert "Ihren bisherigen Ausweis und ein digitales Foto" in call.said
    call.do("Nein danke")
    assert call.turn.then == "hang_up"
    assert call.outcome["kind"] == "booked"
    assert call.outcome["reference"] == made.reference
    assert not call.town.held


def test_the_reference_is_said_twice_in_groups_of_three():
    call = Call().do("Reisepass", "Ja", "Ja", "Ja")
    groups = [
        " ".join(UNITS[int(digit)] for digit in the_appointment(call).reference[at : at + 3])
        for at in (0, 3, 6)
    ]
    assert call.said.count(", ".join(groups)) == 2


def test_a_first_category_leads_to_its_services():
    call = Call().do("1")
    assert call.said == (
        "Für einen Personalausweis drücken Sie die eins. Für einen Reisepass drücken Sie die zwei."
    )
    call.do("2")
    assert call.held[0].service == "reisepass"


def test_who_can_do_it_online_is_told_so_and_may_come_all_the_same():
    call = Call().do("ich bin umgezogen")
    assert "im Internet ummelden" in call.said
    assert call.do("Nein danke").question == "more"
    assert not call.held
    assert Call().do("ich bin umgezogen", "Ja trotzdem").held


def test_who_needs_no_appointment_is_told_so_and_asked_what_else():
    call = Call().do("Parkausweis")
    assert "Den gibt es nur im Internet." in call.said
    assert call.question == "more"
    assert not call.held


class TestTheOffer:
    def test_is_held_while_it_is_offered(self):
        call = Call().do("Personalausweis")
        another = Call(call.town, sid="CA2").do("Personalausweis")
        assert call.held != another.held
        assert len(call.town.held) == 2

    def test_gives_way_to_the_next_one(self):
        call = Call().do("Personalausweis")
        first = call.held[0]
        call.do("den nächsten")
        assert call.held[0] != first
        assert call.said.startswith("Frei ist ")
        call.do("2")
        assert len(call.held) == 1

    def test_is_not_offered_again_after_it_was_refused(self):
        call = Call().do("Personalausweis")
        offered = []
        for _ in range(8):
            offered += call.held
            call.do("2")
        assert len(set(offered)) == 8

    @pytest.mark.parametrize(
        ("said", "holds"),
        [
            ("in Harburg", lambda offer: offer.district == "harburg"),
            ("lieber am Freitag", lambda offer: start(offer).weekday() == 4),
            ("nur nachmittags", lambda offer: start(offer).hour >= 12),
            ("ab vierzehn Uhr", lambda offer: start(offer).hour >= 14),
            ("nicht vor dem achten Dezember", lambda offer: start(offer).date() >= dt.date(2026, 12, 8)),
            ("am vierten Dezember", lambda offer: start(offer).date() == dt.date(2026, 12, 4)),
            ("etwas später", lambda offer: start(offer).date() > dt.date(2026, 12, 2)),
            ("im Rathaus", lambda offer: offer.site == "rathaus"),
            ("nein lieber morgen", lambda offer: start(offer).date() == dt.date(2026, 12, 3)),
        ],
    )
    def test_follows_a_wish(self, said, holds):
        call = Call().do("Personalausweis", said)
        assert call.question == "next_offer"
        assert holds(call.held[0])
        assert len(call.held) == 1

    @pytest.mark.parametrize(
        ("keys", "holds"),
        [
            ("1 0712", lambda offer: start(offer).date() == dt.date(2026, 12, 7)),
            ("2 1", lambda offer: start(offer).hour < 12 and start(offer).date() > dt.date(2026, 12, 2)),
            ("2 2", lambda offer: start(offer).hour >= 12),
            ("2 3", lambda offer: start(offer).date() > dt.date(2026, 12, 2)),
            ("3 2", lambda offer: offer.district == "altona"),
            ("3 4 2", lambda offer: offer.district == "bergedorf"),
            ("3 6", lambda offer: offer.step_free),
        ],
    )
    def test_follows_a_wish_that_was_keyed(self, keys, holds):
        town = Town()
        town.held["another"] = town.earliest("personalausweis", Wishes())
        call = Call(town).do("Personalausweis", "3", *keys.split())
        assert call.question == "next_offer"
        assert holds(call.held[0]) or keys == "2 1"

    def test_a_step_free_house_can_be_asked_for_by_key_and_by_voice(self):
        for actions in (("3", "3", "6"), ("barrierefrei",), ("ich komme mit dem Rollator",)):
            town = Town()
            for site in ("altona", "harburg", "wandsbek", "bergedorf"):
                town.held[site] = town.earliest("personalausweis", Wishes(sites=(site,)))
            call = Call(town).do("Personalausweis")
            assert call.held[0].site == "rathaus"
            call.do(*actions)
            assert call.held[0].step_free, actions

    def test_several_wishes_fit_into_one_sentence(self):
        call = Call().do("Personalausweis", "am Freitag nachmittag in Harburg bitte barrierefrei")
        [offer] = call.held
        assert (offer.district, start(offer).weekday(), offer.step_free) == ("harburg", 4, True)
        assert start(offer).hour >= 12

    def test_wishes_add_up_and_the_newer_of_a_kind_counts(self):
        call = Call().do("Personalausweis", "in Altona", "am Freitag", "nachmittags", "in Harburg")
        [offer] = call.held
        assert (offer.district, start(offer).weekday()) == ("harburg", 4)
        assert start(offer).hour >= 12

    def test_a_place_is_dropped_again_on_request(self):
        call = Call().do("Personalausweis", "in Bergedorf", "egal wo")
        assert call.held[0].site == "rathaus"

    def test_a_correction_in_one_breath_counts(self):
        call = Call().do("Personalausweis", "am Montag äh nein am Dienstag")
        assert start(call.held[0]).weekday() == 1

    def test_no_appointment_is_wanted_after_all(self):
        call = Call().do("Personalausweis", "keinen Termin")
        assert call.prompts == ["no_appointment_made", "more.ask"]
        assert not call.held

    def test_two_things_at_once_are_asked_back_about(self):
        call = Call().do("Personalausweis", "ja nein")
        assert call.question == "confirm"
        assert call.said == "Meinten Sie: nein?"
        assert call.do("Ja").question == "better"


class TestNothingFits:
    def test_what_would_be_possible_is_said(self):
        call = Call().do("Personalausweis", "in Altona am Sonntag")
        assert call.said.startswith(
            "Am Sonntag, dem sechsten Dezember, in Altona ist leider nichts frei. Möglich wäre heute,"
        )
        assert not call.held
        call.do("Ja")
        assert call.held[0].site == "altona"

    def test_another_wish_may_be_said_at_once(self):
        call = Call().do("Personalausweis", "in Altona am Sonntag", "am Montag")
        assert (call.held[0].site, start(call.held[0]).weekday()) == ("altona", 0)

    @pytest.mark.parametrize("said", ["Nein", "2"])
    def test_who_says_no_is_asked_what_would_suit_better(self, said):
        call = Call().do("Personalausweis", "in Altona am Sonntag", said)
        assert call.question == "better"
        call.do("in Harburg")
        assert call.held[0].site == "harburg"

    def test_a_later_time_is_later_than_what_would_be_possible(self):
        call = Call().do("Personalausweis", "in Altona am Sonntag", "später")
        assert (call.held[0].site, start(call.held[0]).date()) == ("altona", dt.date(2026, 12, 3))

    def test_no_appointment_at_all_is_an_answer(self):
        call = Call().do("Personalausweis", "in Altona am Sonntag", "keinen Termin")
        assert call.prompts == ["no_appointment_made", "more.ask"]

    def test_a_city_without_a_free_slot_says_so(self):
        town = Town()
        town.take_all()
        call = Call(town).do("Personalausweis")
        assert call.prompts == ["nothing_free", "no_appointment_made", "more.ask"]
        assert (
            "Für einen Personalausweis ist im Moment leider in der ganzen Stadt kein Termin frei" in call.said
        )


class TestTheNumberForTheSms:
    def test_a_mobile_that_calls_is_offered(self):
        call = Call().do("Reisepass", "Ja")
        assert call.question == "sms_here"
        assert the_appointment(call.do("Ja", "Ja")).phone == MOBILE

    @pytest.mark.parametrize(
        "caller", [FROM_LANDLINE, WITHHELD, Caller(FOREIGN)], ids=["landline", "withheld", "foreign"]
    )
    def test_other_callers_are_asked_for_one(self, caller):
        call = Call(caller=caller).do("Reisepass", "Ja")
        assert call.question == "sms_wanted"
        call.do("Ja", "null eins sieben sechs", "Nein")
        assert call.question == "mobile"

    def test_a_number_spoken_in_groups_is_read_back_and_confirmed(self):
        call = Call(caller=FROM_LANDLINE).do("Reisepass", "Ja", "Ja")
        call.do("null eins einundsiebzig siebenundneunzig zwei vierundsechzig doppel fünf drei")
        assert call.question == "mobile_right"
        assert call.said.startswith("Ich habe verstanden: null eins sieben eins, neun sieben zwei")
        assert the_appointment(call.do("Ja", "Ja")).phone == "+4917197264553"

    def test_a_wrong_number_is_said_again(self):
        call = Call(caller=FROM_LANDLINE).do(
            "Reisepass", "Ja", "Ja", "01719876543", "Nein", "01729876543", "Ja"
        )
        assert the_appointment(call.do("Ja")).phone == "+491729876543"

    def test_the_right_number_may_be_given_in_place_of_no(self):
        call = Call(caller=FROM_LANDLINE).do("Reisepass", "Ja", "01719876543", "01729876543")
        assert call.question == "mobile_right"
        assert the_appointment(call.do("Ja", "Ja")).phone == "+491729876543"

    @pytest.mark.parametrize(
        ("keyed", "why"),
        [
            ("040428280", "not_a_mobile"),
            ("0033612345678", "not_a_mobile"),
            ("09001234567", "not_a_mobile"),
            ("999999", "not_a_number"),
        ],
    )
    def test_an_sms_goes_to_german_mobiles_only(self, keyed, why):
        call = Call(caller=FROM_LANDLINE).do("Reisepass", "Ja", keyed)
        assert call.prompts == [why, "mobile.ask"]

    def test_after_three_wrong_numbers_it_goes_on_without_sms(self):
        call = Call(caller=FROM_LANDLINE).do("Reisepass", "Ja", *["040428280"] * 3)
        assert call.prompts == ["not_a_mobile", "without_sms", "read_back.ask"]
        assert the_appointment(call.do("Ja")).phone is None
        assert "sms_follows" not in call.prompts

    def test_none_is_needed(self):
        assert the_appointment(Call().do("Reisepass", "Ja", "keine SMS", "Ja")).phone is None


class TestReadingBack:
    def test_who_says_no_is_asked_what_suits_better_and_not_asked_for_the_number_again(self):
        call = Call().do("Reisepass", "Ja", "Ja")
        held = call.held
        call.do("Nein")
        assert call.question == "better"
        assert call.held == held
        call.do("in Harburg")
        assert call.question == "next_offer"
        call.do("Ja")
        assert call.question == "read_back_sms"
        call.do("Ja")
        assert the_appointment(call).offer.site == "harburg"
        assert the_appointment(call).phone == MOBILE

    def test_a_wish_may_be_said_at_once(self):
        call = Call().do("Reisepass", "Ja", "Ja", "lieber am Freitag")
        assert call.question == "next_offer"
        assert start(call.held[0]).weekday() == 4

    def test_another_number_may_be_asked_for(self):
        call = Call().do("Reisepass", "Ja", "Ja", "die Nummer stimmt nicht", "01719876543#", "Ja")
        assert call.question == "read_back_sms"
        assert call.do("Ja").outcome["kind"] == "booked"
        assert the_appointment(call).phone == "+491719876543"

    def test_who_wanted_no_sms_may_think_better_of_it(self):
        call = Call().do("Reisepass", "Ja", "Nein", "doch eine SMS", "01719876543#", "Ja", "Ja")
        assert the_appointment(call).phone == "+491719876543"

    def test_a_slot_that_has_gone_meanwhile_is_replaced(self):
        call = Call().do("Reisepass", "Ja", "Ja")
        [first] = call.held
        call.town.held = {"another": first}
        call.do("Ja")
        assert call.prompts == ["gone", "offer.ask"]
        assert call.held != [first]
        call.do("Ja", "Ja")
        assert call.outcome["kind"] == "booked"


def test_a_second_appointment_is_booked_in_the_same_call():
    call = Call().do("Reisepass", "Ja", "Ja", "Ja", "noch einen Termin", "Personalausweis", "Ja", "Ja", "Ja")
    services = [one.offer.service for one in list(call.town.booked.values())[1:]]
    assert services == ["reisepass", "personalausweis"]
    assert call.outcome["service"] == "personalausweis"


def test_wishes_of_the_first_appointment_are_not_those_of_the_second():
    call = Call().do("Reisepass", "in Bergedorf", "Ja", "Ja", "Ja", "Ja", "Personalausweis")
    assert call.held[0].site != "bergedorf"


class TestBack:
    def test_the_offer_before_is_free_again_and_offered_again(self):
        call = Call().do("Reisepass")
        offered = call.held
        call.do("Ja", "zurück")
        assert call.question == "offer"
        assert call.held == offered

    def test_nothing_stays_held_that_is_not_offered(self):
        call = Call().do("Reisepass", "2", "2", "zurück", "zurück", "2", "Ja", "zurück")
        assert len(call.held) == 1
        call.do("zurück", "zurück")
        assert call.question == "service"
        assert not call.held

    def test_a_booking_stays_booked(self):
        call = Call().do("Reisepass", "Ja", "Ja", "Ja", "zurück")
        assert call.prompts == ["back_impossible", "more.ask"]
        assert the_appointment(call)

    def test_a_wish_is_taken_back(self):
        call = Call().do("Reisepass", "in Bergedorf", "zurück")
        assert call.held[0].site == "rathaus"

    def test_what_was_taken_back_stays_so_for_another_process(self):
        call = Call(resuming=True).do("Reisepass", "in Bergedorf", "zurück", "zurück", "Personalausweis")
        assert (call.question, call.held[0].service, call.held[0].site) == (
            "offer",
            "personalausweis",
            "rathaus",
        )


def test_a_landline_is_not_mistaken_for_a_mobile():
    call = Call(caller=Caller(LANDLINE, mobile=False)).do("Reisepass", "Ja")
    assert "vier null" not in call.said
    assert call.question == "sms_wanted"


def test_a_caller_from_a_mobile_may_have_it_sent_elsewhere():
    call = Call(caller=FROM_MOBILE).do("Reisepass", "Ja", "3", "01719876543", "1", "1")
    assert the_appointment(call).phone == "+491719876543"
