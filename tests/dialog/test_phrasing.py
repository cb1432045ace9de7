"""Offers, wishes and menus in spoken German."""

import datetime as dt

import pytest

from hotline.dialog.phrasing import by_when, fee, label, menu, when, wishes_in_words
from hotline.dialog.steps import Meaning, Option
from hotline.dialog.wishes import WISHES
from hotline.terms import BERLIN, Offer, Wishes

from .town import Town

TODAY = dt.date(2026, 12, 2)
MONDAY = dt.date(2026, 12, 7)
NOW = dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC)
TOWN = Town()


def offer(*moment):
    start = dt.datetime(*moment, tzinfo=BERLIN).astimezone(dt.UTC)
    return Offer(
        "pass", "altona", start, 15, "Kundenzentrum Altona", "Platz der Republik eins", "altona", True
    )


@pytest.mark.parametrize(
    ("moment", "spoken"),
    [
        ((2026, 12, 2, 14, 0), "heute, Mittwoch, den zweiten Dezember, um vierzehn Uhr"),
        ((2026, 12, 3, 9, 10), "morgen, Donnerstag, den dritten Dezember, um neun Uhr zehn"),
        ((2026, 12, 7, 8, 5), "am Montag, dem siebten Dezember, um acht Uhr fünf"),
        ((2027, 3, 28, 9, 0), "am Sonntag, dem achtundzwanzigsten März, um neun Uhr"),
        ((2027, 7, 1, 12, 30), "am Donnerstag, dem ersten Juli, um zwölf Uhr dreißig"),
    ],
)
def test_a_time_is_said_in_local_time_as_people_say_it(moment, spoken):
    assert when(offer(*moment), TODAY) == spoken


@pytest.mark.parametrize(
    ("moment", "spoken"),
    [
        (dt.datetime(2026, 12, 2, 17, 0, tzinfo=dt.UTC), "heute, achtzehn Uhr"),
        (NOW + dt.timedelta(1, 900), "morgen, Donnerstag, den dritten Dezember, zehn Uhr fünfzehn"),
        (dt.datetime(2026, 12, 7, 9, 0, tzinfo=dt.UTC), "Montag, den siebten Dezember, zehn Uhr"),
    ],
)  # fmt: skip
def test_a_promise_is_said_with_its_day(moment, spoken):
    assert by_when(moment, NOW) == spoken


@pytest.mark.parametrize(
    ("wishes", "spoken"),
    [
        (Wishes(), "irgendwann, irgendwo in der Stadt"),
        (Wishes(first_date=MONDAY, last_date=MONDAY), "am Montag, dem siebten Dezember"),
        (Wishes(weekdays=(0, 2)), "montags oder mittwochs"),
        (Wishes(first_date=MONDAY), "ab Montag, dem siebten Dezember"),
        (Wishes(last_date=MONDAY), "bis Montag, den siebten Dezember"),
        (Wishes(first_time=dt.time(0), last_time=dt.time(12)), "vormittags"),
        (Wishes(first_time=dt.time(12), last_time=dt.time(23, 59)), "nachmittags"),
        (Wishes(first_time=dt.time(12)), "nachmittags"),
        (Wishes(first_time=dt.time(15)), "ab fünfzehn Uhr"),
        (Wishes(last_time=dt.time(10, 1)), "bis zehn Uhr"),
        (Wishes(first_time=dt.time(9), last_time=dt.time(10, 30)), "zwischen neun Uhr und zehn Uhr dreißig"),
        (Wishes(districts=("altona", "harburg")), "in Altona oder Harburg"),
        (Wishes(districts=("altona",), sites=("rathaus",)), "in Altona oder Kundenzentrum Mitte"),
        (Wishes(sites=("gone",)), "in gone"),
        (Wishes(step_free=True), "stufenfrei"),
        (
            Wishes(weekdays=(4,), first_time=dt.time(12), districts=("altona",), step_free=True),
            "freitags, nachmittags, in Altona, stufenfrei",
        ),
    ],
)  # fmt: skip
def test_wishes_are_said_in_the_order_of_day_time_place_and_access(wishes, spoken):
    assert wishes_in_words(wishes, TOWN, TODAY) == spoken


@pytest.mark.parametrize(("cents", "spoken"), [(4600, "sechsundvierzig Euro"), (1050, "zehn Euro fünfzig")])
def test_a_fee_is_said_in_euros(cents, spoken):
    assert fee(cents) == spoken


def test_in_a_menu_the_key_comes_after_the_choice():
    options = (Option("einen Reisepass", Meaning("a")), Option("weitere", Meaning("b")))
    assert menu(options) == ("Für einen Reisepass drücken Sie die eins. Für weitere drücken Sie die zwei.")
    assert menu(()) == ""


@pytest.mark.parametrize(
    ("meaning", "spoken"),
    [
        (Meaning("service", "reisepass"), "Reisepass"),
        (Meaning("category", "wohnen"), "Wohnen und Meldewesen"),
        (Meaning("digits", "01761234"), "null eins sieben, sechs eins zwei, drei vier"),
        (Meaning("digits", "+4940"), "plus vier neun vier null"),
        (Meaning("wish", WISHES.dump_python(Wishes(districts=("altona",)), mode="json")), "in Altona"),
        (Meaning("yes"), "ja"),
        (Meaning("unnamed"), "unnamed"),
    ],
)
def test_a_meaning_is_named_when_it_is_asked_back_about(meaning, spoken):
    assert label(meaning, TOWN, {"yes": "ja"}, TODAY) == spoken
