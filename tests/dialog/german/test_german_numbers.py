"""German numerals, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.dialog.german.numbers import cardinal, ordinal, parse_number, read_numeral, spell, spell_ordinal
from hotline.dialog.german.words import words


@given(st.integers(0, 999_999))
def test_a_number_that_is_spelled_out_is_read_again(number: int) -> None:
    assert cardinal(spell(number)) == number


def test_every_number_to_9999_survives_being_spoken() -> None:
    assert [number for number in range(10_000) if parse_number([spell(number)]) != number] == []


@pytest.mark.parametrize("ending", ["e", "en", "er", "em", "es"])
def test_every_ordinal_is_read_in_every_case(ending: str) -> None:
    assert [ordinal(spell_ordinal(number, ending)) for number in range(1, 100)] == list(range(1, 100))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("einundzwanzig", 21),
        ("ein und zwanzig", 21),
        ("eine und zwanzig", 21),
        ("eins und zwanzig", 21),
        ("zwei und dreißig", 32),
        ("dreissig", 30),
        ("zwo", 2),
        ("zwoundzwanzig", 22),
        ("hundert", 100),
        ("hundertfünf", 105),
        ("hundert fünf", 105),
        ("einhundert zwei und fünfzig", 152),
        ("zwei hundert", 200),
        ("zwölfhundert", 1200),
        ("tausendundeins", 1001),
        ("zweitausendsechsundzwanzig", 2026),
        ("zwei tausend sechs und zwanzig", 2026),
        ("neunzehnhundertachtundvierzig", 1948),
        ("neunzehnhundert acht und vierzig", 1948),
        ("null", 0),
        ("ich nehme die drei bitte", 3),
        ("dritter", 3),
        ("den ein und zwanzigsten", 21),
        ("siebenten", 7),
        ("zwei nein drei", 3),
        ("äh [unk] vier", 4),
    ],
)
def test_numbers_as_people_say_them(said: str, meant: int) -> None:
    assert parse_number(words(said)) == meant


@pytest.mark.parametrize(
    "said",
    ["", "ja", "ich weiß nicht", "personalausweis", "der kaffee ist kalt", "zwei oder drei", "und", "ein"],
)
def test_where_there_is_no_number_or_more_than_one_none_is_read(said: str) -> None:
    assert parse_number(words(said)) is None


@pytest.mark.parametrize(
    "word", ["zwanzighundert", "hunderttausendtausend", "nullhundert", "zweizwanzig", "undeins"]
)
def test_what_only_looks_like_a_numeral_is_none(word: str) -> None:
    assert cardinal(word) is None


def test_neighbouring_numbers_stay_apart() -> None:
    first = read_numeral(["neun", "zehn"], 0)
    assert first is not None
    assert (first.value, first.stop) == (9, 1)


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_numbers_that_cannot_be_spelled_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        spell(number)
    with pytest.raises(ValueError, match="outside"):
        spell_ordinal(number)
