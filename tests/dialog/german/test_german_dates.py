"""Dates as people say them, seen from Saturday, 21 November 2026 (and other days where it matters)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.dialog.german.dates import parse_date
from hotline.dialog.german.days import easter
from hotline.dialog.german.speak import MONTHS_WITHOUT_YEAR, speak_date, speak_on_date
from hotline.dialog.german.vocabulary import Topic, phrases
from hotline.dialog.german.words import words

SATURDAY = dt.date(2026, 11, 21)
MONDAY = dt.date(2026, 11, 23)
THURSDAY = dt.date(2026, 11, 26)
SUNDAY = dt.date(2026, 11, 22)


def found(said: str, today: dt.date = SATURDAY) -> str | None:
    """The reading as text: first and last date, and weekdays."""
    wish = parse_date(words(said), today)
    if wish is None:
        return None
    first, last = (f"{date:%d.%m.%y}" if date else "" for date in (wish.first_date, wish.last_date))
    span = first if first == last else f"{first}-{last}"
    days = "".join(str(day) for day in wish.weekdays)
    return f"{span} {days}".strip()


@given(st.dates(dt.date(2024, 1, 1), dt.date(2035, 12, 31)), st.integers(0, 30 * MONTHS_WITHOUT_YEAR))
def test_a_date_survives_being_spoken(today: dt.date, ahead: int) -> None:
    date = today + dt.timedelta(days=ahead)
    for spoken in (
        speak_date(date, today),
        speak_date(date, today, "der"),
        speak_date(date, today, "den"),
        speak_on_date(date, today),
    ):
        wish = parse_date(words(spoken), today)
        assert wish is not None
        assert (wish.first_date, wish.last_date) == (date, date), spoken
        assert wish.used == set(range(len(words(spoken))))


@given(st.dates(dt.date(2024, 1, 1), dt.date(2035, 12, 31)), st.integers(366, 900))
def test_a_distant_date_survives_being_spoken_with_its_year(today: dt.date, ahead: int) -> None:
    date = today + dt.timedelta(days=ahead)
    wish = parse_date(words(speak_date(date, today)), today)
    assert wish is not None
    assert (wish.first_date, wish.last_date) == (date, date)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("heute", "21.11.26"),
        ("heute noch", "21.11.26"),
        ("morgen", "22.11.26"),
        ("geht auch morgen", "22.11.26"),
        ("übermorgen", "23.11.26"),
        ("am dritten dezember", "03.12.26"),
        ("am drei dezember", "03.12.26"),
        ("dritter zwölfter", "03.12.26"),
        ("am dritten zwölften", "03.12.26"),
        ("dritter zwölfter zweitausendsechsundzwanzig", "03.12.26"),
        ("dritter zwölfter zwanzig sechsundzwanzig", "03.12.26"),
        ("dritter zwölfter siebenundzwanzig", "03.12.27"),
        ("am dritten dezember zweitausendzwanzig", "03.12.26"),
        ("den dritten", "03.12.26"),
        ("am ersten", "01.12.26"),
        ("dienstag den achten", "08.12.26"),
        ("am dienstag achten dezember", "08.12.26"),
        ("freitag der vierte dezember", "04.12.26"),
        ("am mittwoch dem zweiten dezember", "02.12.26"),
        ("am ein und zwanzigsten dezember", "21.12.26"),
        ("den fünften ersten", "05.01.27"),
        ("am zwanzigsten november", "20.11.27"),
        ("am einundzwanzigsten november", "21.11.26"),
        ("am einunddreißigsten", "31.12.26"),
        ("neunundzwanzigster februar", "29.02.28"),
        ("mittwoch", "25.11.26 2"),
        ("am mittwoch", "25.11.26 2"),
        ("am samstag", "28.11.26 5"),
        ("sonnabend", "28.11.26 5"),
        ("diesen freitag", "27.11.26 4"),
        ("kommenden freitag", "27.11.26 4"),
        ("nächsten mittwoch", "25.11.26 2"),
        ("übernächsten mittwoch", "02.12.26 2"),
        ("mittwoch in einer woche", "02.12.26"),
        ("montag in acht tagen", "30.11.26"),
        ("morgen in einer woche", "29.11.26"),
        ("in drei tagen", "24.11.26"),
        ("in acht tagen", "28.11.26"),
        ("heute in vierzehn tagen", "05.12.26"),
        ("heute in zwei wochen", "05.12.26"),
        ("in zwei wochen", "05.12.26-11.12.26"),
        ("in zwei bis drei wochen", "05.12.26-18.12.26"),
        ("in einem monat", "01.12.26-31.12.26"),
        ("in den nächsten tagen", "21.11.26-28.11.26"),
        ("in den nächsten zwei wochen", "21.11.26-05.12.26"),
        ("innerhalb der nächsten drei wochen", "21.11.26-12.12.26"),
        ("diese woche", "21.11.26-22.11.26"),
        ("nächste woche", "23.11.26-29.11.26"),
        ("kommende woche", "23.11.26-29.11.26"),
        ("erst nächste woche", "23.11.26-29.11.26"),
        ("übernächste woche", "30.11.26-06.12.26"),
        ("nächste woche mittwoch", "25.11.26 2"),
        ("mittwoch nächster woche", "25.11.26 2"),
        ("ab mittwoch nächster woche", "25.11.26-"),
        ("nächste woche mittwoch oder donnerstag", "25.11.26-26.11.26 23"),
        ("nächste woche ab mittwoch", "25.11.26-29.11.26"),
        ("ende der woche", "21.11.26"),
        ("anfang nächster woche", "23.11.26-24.11.26"),
        ("mitte der woche", "24.11.26-26.11.26"),
        ("ende des monats", "21.11.26-30.11.26"),
        ("mitte nächsten monats", "11.12.26-20.12.26"),
        ("anfang januar", "01.01.27-10.01.27"),
        ("anfang november", "01.11.27-10.11.27"),
        ("im dezember", "01.12.26-31.12.26"),
        ("im november", "21.11.26-30.11.26"),
        ("im oktober", "01.10.27-31.10.27"),
        ("im januar oder februar", "01.01.27-28.02.27"),
        ("ende november anfang dezember", "21.11.26-10.12.26"),
        ("im nächsten monat", "01.12.26-31.12.26"),
        ("im neuen jahr", "01.01.27-31.12.27"),
        ("anfang nächsten jahres", "01.01.27-28.02.27"),
        ("nach weihnachten", "27.12.26-"),
        ("noch vor weihnachten", "-23.12.26"),
        ("bis weihnachten", "-23.12.26"),
        ("vor ostern", "-25.03.27"),
        ("nach ostern", "30.03.27-"),
        ("nach pfingsten", "18.05.27-"),
        ("nach neujahr", "02.01.27-"),
        ("nach den feiertagen", "02.01.27-"),
        ("zwischen weihnachten und neujahr", "27.12.26-31.12.26"),
        ("zwischen den jahren", "27.12.26-31.12.26"),
        ("nicht vor dem zehnten", "10.12.26-"),
        ("ab dem fünften januar", "05.01.27-"),
        ("vom fünften januar an", "05.01.27-"),
        ("am fünften januar oder später", "05.01.27-"),
        ("ab mitte januar", "11.01.27-"),
        ("ab morgen", "22.11.26-"),
        ("erst ab montag", "23.11.26-"),
        ("frühestens montag", "23.11.26-"),
        ("nach dem fünfzehnten", "16.12.26-"),
        ("vor dem fünfzehnten dezember", "-14.12.26"),
        ("bis freitag", "-27.11.26"),
        ("spätestens am freitag", "-27.11.26"),
        ("bis zum fünfzehnten", "-15.12.26"),
        ("bis ende januar", "-31.01.27"),
        ("vor ende januar", "-31.01.27"),
        ("vom dritten bis zum fünften dezember", "03.12.26-05.12.26"),
        ("zwischen dem dritten und fünften dezember", "03.12.26-05.12.26"),
        ("vom achtundzwanzigsten bis dritten januar", "28.12.26-03.01.27"),
        ("von montag bis mittwoch", "23.11.26-25.11.26"),
        ("zwischen freitag und mittwoch", "27.11.26-02.12.26"),
        ("am dritten oder vierten dezember", "03.12.26-04.12.26"),
        ("montags oder mittwochs", "02"),
        ("montag oder mittwoch", "02"),
        ("montag mittwoch und freitag", "024"),
        ("montags bis donnerstags", "0123"),
        ("an einem mittwoch", "2"),
        ("am wochenende", "56"),
        ("dieses wochenende", "21.11.26-22.11.26 56"),
        ("nächstes wochenende", "28.11.26-29.11.26 56"),
        ("unter der woche", "01234"),
        ("ab januar mittwochs", "01.01.27- 2"),
        ("am montag oder am dritten dezember", "23.11.26-03.12.26 03"),
        ("nicht am montag", "123456"),
        ("außer montags", "123456"),
        ("montags kann ich nicht", "123456"),
        ("nein am montag habe ich keine zeit", "123456"),
        ("am montag lieber nicht", "123456"),
        ("montag und dienstag geht leider nicht", "23456"),
        ("nicht morgen", "23.11.26-"),
        ("heute nicht", "22.11.26-"),
        ("nicht nächste woche", "30.11.26-"),
        ("am montag nein lieber am dienstag", "24.11.26 1"),
        ("nicht am montag sondern am mittwoch", "25.11.26 2"),
        ("am dritten dezember nein am vierten", "04.12.26"),
        ("am vierten dezember ich meine am dritten", "03.12.26"),
        ("am montag nein lieber am nachmittag", "23.11.26 0"),
        ("ja also äh vielleicht so am äh [unk] dritten dezember", "03.12.26"),
        ("guten morgen ich hätte gern am mittwoch einen termin", "25.11.26 2"),
        ("so bald wie möglich", ""),
        ("den ersten freien termin", ""),
        ("montag morgen", "23.11.26 0"),
    ],
)
def test_dates_as_people_say_them(said: str, meant: str) -> None:
    assert found(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "ja",
        "nein",
        "ich weiß nicht",
        "personalausweis",
        "der kaffee ist kalt",
        "guten morgen",
        "schönen guten tag",
        "am morgen",
        "um neun",
        "vor zwölf",
        "ab zwei",
        "am einunddreißigsten november",
        "am dreißigsten februar",
        "dritter fünfzehnter",
        "zum ersten mal",
        "ich brauche zwei termine",
        "ich bin sechzig jahre alt",
        "[unk] [unk]",
    ],
)
def test_where_no_date_is_named_none_is_read(said: str) -> None:
    assert found(said) is None


@pytest.mark.parametrize(
    ("today", "said", "meant"),
    [
        (MONDAY, "diesen mittwoch", "25.11.26 2"),
        (MONDAY, "mittwoch", "25.11.26 2"),
        (MONDAY, "nächsten mittwoch", "02.12.26 2"),
        (MONDAY, "übernächsten mittwoch", "09.12.26 2"),
        (THURSDAY, "nächsten mittwoch", "02.12.26 2"),
        (THURSDAY, "kommenden mittwoch", "02.12.26 2"),
        (SUNDAY, "nächsten mittwoch", "25.11.26 2"),
        (MONDAY, "am montag", "30.11.26 0"),
        (MONDAY, "montag in einer woche", "30.11.26"),
        (MONDAY, "bis montag", "-30.11.26"),
        (MONDAY, "ende der woche", "26.11.26-28.11.26"),
        (dt.date(2026, 12, 24), "nach weihnachten", "27.12.26-"),
        (dt.date(2026, 12, 30), "übermorgen", "01.01.27"),
        (dt.date(2026, 12, 30), "am dritten", "03.01.27"),
        (dt.date(2026, 12, 30), "nächsten monat", "01.01.27-31.01.27"),
        (dt.date(2028, 2, 1), "am neunundzwanzigsten februar", "29.02.28"),
        (dt.date(2096, 3, 1), "am neunundzwanzigsten februar", "29.02.04"),
    ],
)
def test_the_day_of_the_call_decides_what_is_meant(today: dt.date, said: str, meant: str) -> None:
    assert found(said, today) == meant


def test_a_date_reports_the_words_it_used() -> None:
    wish = parse_date(words("im kundenzentrum altona am dritten dezember bitte"), SATURDAY)
    assert wish is not None
    assert wish.used == {3, 4, 5}


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1981, 4, 19), (2024, 3, 31), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25)]
)
def test_easter_is_when_the_calendar_says(year: int, month: int, day: int) -> None:
    assert easter(year) == dt.date(year, month, day)


@given(
    st.lists(
        st.sampled_from([word for topic in Topic for phrase in phrases(topic) for word in phrase.split()])
    ),
    st.dates(dt.date(2024, 1, 1), dt.date(2035, 12, 31)),
)
def test_no_jumble_of_known_words_breaks_the_reading(said: list[str], today: dt.date) -> None:
    wish = parse_date(said, today)
    if wish:
        assert wish.used <= set(range(len(said)))
        assert wish.first_date is None or wish.first_date >= today
        assert wish.first_date is None or wish.last_date is None or wish.first_date <= wish.last_date
