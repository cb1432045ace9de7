"""Date and time in one utterance."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.dialog.german.vocabulary import Topic, phrases
from hotline.dialog.german.wishes import parse_wishes
from hotline.dialog.german.words import words
from hotline.terms import Wishes

TODAY = dt.date(2026, 11, 21)  # a Saturday
DEC_3 = dt.date(2026, 12, 3)
WEDNESDAY = dt.date(2026, 11, 25)


def on(date: dt.date, first: dt.time | None, last: dt.time | None, *weekdays: int) -> Wishes:
    return Wishes(weekdays=weekdays, first_date=date, last_date=date, first_time=first, last_time=last)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("nächsten mittwoch vormittag", on(WEDNESDAY, None, dt.time(12), 2)),
        ("mittwochvormittag", on(WEDNESDAY, None, dt.time(12), 2)),
        ("am dritten dezember um halb neun", on(DEC_3, dt.time(8, 30), dt.time(9))),
        ("um halb neun am dritten dezember", on(DEC_3, dt.time(8, 30), dt.time(9))),
        ("am dritten zwölften vor zwölf", on(DEC_3, None, dt.time(12))),
        ("montags nachmittags ab fünfzehn uhr", Wishes(weekdays=(0,), first_time=dt.time(15))),
        ("morgen um neun uhr", on(dt.date(2026, 11, 22), dt.time(9), dt.time(9, 30))),
        ("morgen früh", on(dt.date(2026, 11, 22), None, dt.time(10))),
        ("übermorgen früh um acht", on(dt.date(2026, 11, 23), dt.time(8), dt.time(8, 30))),
        ("am montag oder dienstag vormittag", Wishes(weekdays=(0, 1), last_time=dt.time(12))),
        (
            "am mittwoch dem zweiten dezember gegen halb elf",
            on(dt.date(2026, 12, 2), dt.time(10), dt.time(11)),
        ),
        ("am dienstag nein lieber am mittwoch nachmittag", on(WEDNESDAY, dt.time(12), None, 2)),
        ("am mittwoch vormittag nein nachmittag", on(WEDNESDAY, dt.time(12), None, 2)),
        (
            "nicht vor dem dritten dezember und nicht vor zehn",
            Wishes(first_date=DEC_3, first_time=dt.time(10)),
        ),
        (
            "nächste woche aber nicht am montag",
            Wishes(
                weekdays=(1, 2, 3, 4, 5, 6),
                first_date=dt.date(2026, 11, 23),
                last_date=dt.date(2026, 11, 29),
            ),
        ),
        (
            "am montag geht es nicht am dienstag vormittag vielleicht",
            on(dt.date(2026, 11, 24), None, dt.time(12), 1),
        ),
        ("egal", Wishes()),
        ("das ist mir ganz egal", Wishes()),
        ("so früh wie möglich", Wishes()),
    ],
)  # fmt: skip
def test_wishes_as_people_say_them(said: str, meant: Wishes) -> None:
    result = parse_wishes(words(said), TODAY)
    assert result is not None
    assert result.wishes == meant


@pytest.mark.parametrize(
    "said",
    ["", "ja", "nein", "ich weiß nicht", "personalausweis", "der kaffee ist kalt", "neun", "guten morgen"],
)
def test_where_nothing_is_wished_none_is_read(said: str) -> None:
    assert parse_wishes(words(said), TODAY) is None


def test_the_words_used_leave_the_rest_for_other_things() -> None:
    said = words("ich möchte einen reisepass am mittwoch um neun uhr in altona")
    result = parse_wishes(said, TODAY)
    assert result is not None
    assert [word for index, word in enumerate(said) if index not in result.used] == [
        "ich", "möchte", "einen", "reisepass", "in", "altona",
    ]  # fmt: skip


def test_the_one_time_that_was_named_is_reported() -> None:
    result = parse_wishes(words("am mittwoch um halb neun"), TODAY)
    assert result is not None
    assert result.exact == dt.time(8, 30)


@given(
    st.lists(
        st.sampled_from([word for topic in Topic for phrase in phrases(topic) for word in phrase.split()])
    )
)
def test_no_jumble_of_known_words_breaks_the_reading(said: list[str]) -> None:
    result = parse_wishes(said, TODAY)
    if result:
        assert result.used <= set(range(len(said)))
        wishes = result.wishes
        if wishes.first_time and wishes.last_time:
            assert wishes.first_time < wishes.last_time
