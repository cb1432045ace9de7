"""Digits as people dictate them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.dialog.german.digits import parse_digits
from hotline.dialog.german.speak import speak_digits, speak_phone
from hotline.dialog.german.words import words

DIGITS = st.text("0123456789", min_size=1, max_size=15)


@given(DIGITS, st.integers(1, 5))
def test_digits_survive_being_spoken(digits: str, group: int) -> None:
    assert parse_digits(words(speak_digits(digits, group))) == digits


@given(DIGITS)
def test_an_international_number_survives_being_spoken(digits: str) -> None:
    assert parse_digits(words(speak_digits("+" + digits))) == "+" + digits


@given(st.from_regex(r"[1-9][0-9]{4,12}", fullmatch=True))
def test_a_german_number_is_spoken_as_it_is_dialled_in_germany(national: str) -> None:
    assert parse_digits(words(speak_phone("+49" + national))) == "0" + national


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("null vier null", "040"),
        ("zwo", "2"),
        ("doppel drei", "33"),
        ("doppelnull sieben", "007"),
        ("drei mal die fünf", "555"),
        ("dreimal die fünf", "555"),
        ("zwei mal null", "00"),
        ("drei nullen", "000"),
        ("null eins sieben sechs zwölf vierunddreißig", "01761234"),
        ("null vier und zwanzig", "024"),
        ("einhundertzweiundfünfzig", "152"),
        ("ein hundert zwei und fünfzig", "152"),
        ("neunzehnhundertachtundvierzig", "1948"),
        ("achtzehn zwanzig", "1820"),
        ("plus vier neun eins sieben sechs", "+49176"),
        ("null ein sieben", "017"),
        ("äh null vier [unk] null", "040"),
        ("meine nummer ist die null eins sieben eins", "0171"),
        ("null vier moment null", "040"),
        ("eins zwei nein falsch eins drei", "13"),
        ("eins zwei nein eins drei vier", "134"),
        ("noch mal eins drei", "13"),
        ("eins zwei stopp noch einmal von vorn drei vier", "34"),
        ("vier acht zwei eins null sieben", "482107"),
        ("plus", None),
        ("null vier nein", None),
        ("ein personalausweis", None),
        ("ich habe eine frage", None),
        ("ja", None),
        ("ich weiß nicht", None),
        ("der kaffee ist kalt", None),
        ("am dritten", None),
        ("", None),
    ],
)
def test_digits_as_people_dictate_them(said: str, meant: str | None) -> None:
    assert parse_digits(words(said)) == meant
