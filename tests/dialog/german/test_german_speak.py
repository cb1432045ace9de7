"""Values put into spoken German."""

import datetime as dt

import pytest

from hotline.dialog.german import speak

TODAY = dt.date(2026, 11, 26)  # a Thursday


@pytest.mark.parametrize(
    ("date", "form", "spoken"),
    [
        (dt.date(2026, 12, 2), "dem", "Mittwoch, dem zweiten Dezember"),
        (dt.date(2026, 12, 2), "der", "Mittwoch, der zweite Dezember"),
        (dt.date(2026, 12, 2), "den", "Mittwoch, den zweiten Dezember"),
        (dt.date(2026, 11, 26), "dem", "heute, Donnerstag, dem sechsundzwanzigsten November"),
        (dt.date(2026, 11, 27), "dem", "morgen, Freitag, dem siebenundzwanzigsten November"),
        (dt.date(2026, 11, 28), "der", "übermorgen, Samstag, der achtundzwanzigste November"),
        (dt.date(2027, 9, 26), "dem", "Sonntag, dem sechsundzwanzigsten September"),
        (
            dt.date(2027, 9, 27),
            "dem",
            "Montag, dem siebenundzwanzigsten September zweitausendsiebenundzwanzig",
        ),
        (dt.date(1948, 6, 20), "der", "Sonntag, der zwanzigste Juni neunzehnhundertachtundvierzig"),
    ],
)
def test_dates(date: dt.date, form: speak.DateForm, spoken: str) -> None:
    assert speak.speak_date(date, TODAY, form) == spoken


def test_on_a_date() -> None:
    assert speak.speak_on_date(dt.date(2026, 12, 2), TODAY) == "am Mittwoch, dem zweiten Dezember"
    assert speak.speak_on_date(dt.date(2026, 11, 27), TODAY).startswith("morgen, Freitag, den")


@pytest.mark.parametrize(
    ("time", "spoken"),
    [
        (dt.time(9, 10), "neun Uhr zehn"),
        (dt.time(8, 30), "acht Uhr dreißig"),
        (dt.time(13), "dreizehn Uhr"),
        (dt.time(1), "ein Uhr nachts"),
        (dt.time(6, 5), "sechs Uhr fünf morgens"),
        (dt.time(21), "einundzwanzig Uhr"),
    ],
)
def test_times(time: dt.time, spoken: str) -> None:
    assert speak.speak_time(time) == spoken


@pytest.mark.parametrize(
    ("digits", "group", "spoken"),
    [
        ("482107", 3, "vier acht zwei, eins null sieben"),
        ("4821073", 3, "vier acht zwei, eins null sieben drei"),
        ("48210", 2, "vier acht, zwei eins null"),
        ("7", 3, "sieben"),
        ("+49", 3, "plus vier neun"),
    ],
)
def test_digits_are_spoken_in_groups(digits: str, group: int, spoken: str) -> None:
    assert speak.speak_digits(digits, group) == spoken


@pytest.mark.parametrize("digits", ["", "12a", "٣", "1 2"])
def test_what_is_no_digit_is_refused(digits: str) -> None:
    with pytest.raises(ValueError, match="not digits"):
        speak.speak_digits(digits)


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        ("+491761234567", "null eins sieben sechs, eins zwei drei, vier fünf sechs sieben"),
        ("+494012345678", "null vier null, eins zwei drei, vier fünf sechs, sieben acht"),
        ("+43123456", "plus vier drei eins, zwei drei vier, fünf sechs"),
    ],
)
def test_telephone_numbers(number: str, spoken: str) -> None:
    assert speak.speak_phone(number) == spoken


@pytest.mark.parametrize(
    ("cents", "spoken"),
    [
        (3700, "siebenunddreißig Euro"),
        (1050, "zehn Euro fünfzig"),
        (100, "ein Euro"),
        (10100, "einhundertein Euro"),
        (80, "achtzig Cent"),
        (1, "ein Cent"),
        (0, "null Euro"),
    ],
)
def test_sums_of_money(cents: int, spoken: str) -> None:
    assert speak.speak_euro(cents) == spoken


@pytest.mark.parametrize(
    ("minutes", "spoken"),
    [
        (0, "null Minuten"),
        (1, "eine Minute"),
        (15, "fünfzehn Minuten"),
        (60, "eine Stunde"),
        (75, "eine Stunde und fünfzehn Minuten"),
        (121, "zwei Stunden und eine Minute"),
    ],
)
def test_durations(minutes: int, spoken: str) -> None:
    assert speak.speak_minutes(minutes) == spoken


def test_lists() -> None:
    assert speak.speak_list([]) == ""
    assert speak.speak_list(["a"]) == "a"
    assert speak.speak_list(["a", "b", "c"]) == "a, b und c"
    assert speak.speak_list(["a", "b"], "oder") == "a oder b"


def test_numbers() -> None:
    assert speak.speak_number(105) == "einhundertfünf"
    assert speak.speak_year(2000) == "zweitausend"
    assert speak.speak_year(1900) == "neunzehnhundert"
