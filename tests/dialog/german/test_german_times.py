"""Times of day as people say them."""

import datetime as dt

import pytest

from hotline.dialog.german.speak import speak_time
from hotline.dialog.german.times import parse_time
from hotline.dialog.german.words import words


def found(said: str, *, alone: bool = False) -> str | None:
    """The reading as text: "9:00-9:30", the exact time after "="."""
    wish = parse_time(words(said), alone=alone)
    if wish is None:
        return None
    first, last, exact = (
        f"{time:%H:%M}" if time else "" for time in (wish.first_time, wish.last_time, wish.exact)
    )
    return f"{first}-{last}" + (f" ={exact}" if exact else "")


def test_every_time_on_the_grid_survives_being_spoken() -> None:
    for minute in range(6 * 60, 20 * 60 + 1, 5):
        time = dt.time(*divmod(minute, 60))
        for spoken in (speak_time(time), f"um {speak_time(time)}"):
            wish = parse_time(words(spoken))
            assert wish is not None
            assert (wish.exact, wish.first_time) == (time, time), spoken
            assert wish.used == set(range(len(words(spoken))))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("halb neun", "08:30-09:00 =08:30"),
        ("um halb neun", "08:30-09:00 =08:30"),
        ("viertel nach neun", "09:15-09:45 =09:15"),
        ("viertel neun", "08:15-08:45 =08:15"),
        ("dreiviertel neun", "08:45-09:15 =08:45"),
        ("drei viertel neun", "08:45-09:15 =08:45"),
        ("viertel vor neun", "08:45-09:15 =08:45"),
        ("fünf vor halb zehn", "09:25-09:55 =09:25"),
        ("fünf nach halb zehn", "09:35-10:05 =09:35"),
        ("zehn nach acht", "08:10-08:40 =08:10"),
        ("zwanzig vor zwölf uhr", "11:40-12:10 =11:40"),
        ("neun uhr dreißig", "09:30-10:00 =09:30"),
        ("neun uhr null fünf", "09:05-09:35 =09:05"),
        ("zehn uhr fünf und vierzig", "10:45-11:15 =10:45"),
        ("um neun dreißig", "09:30-10:00 =09:30"),
        ("um neun", "09:00-09:30 =09:00"),
        ("so um neun bitte", "09:00-09:30 =09:00"),
        ("um eins", "13:00-13:30 =13:00"),
        ("um ein uhr", "13:00-13:30 =13:00"),
        ("halb eins", "12:30-13:00 =12:30"),
        ("viertel vor eins", "12:45-13:15 =12:45"),
        ("um drei", "15:00-15:30 =15:00"),
        ("um sieben", "07:00-07:30 =07:00"),
        ("sieben uhr abends", "19:00-19:30 =19:00"),
        ("um sechs uhr morgens", "06:00-06:30 =06:00"),
        ("nachmittags um drei", "15:00-15:30 =15:00"),
        ("früh um acht", "08:00-08:30 =08:00"),
        ("vierzehn uhr", "14:00-14:30 =14:00"),
        ("gegen zehn", "09:30-10:30"),
        ("ungefähr um zehn", "09:30-10:30"),
        ("kurz nach neun", "09:00-09:30"),
        ("kurz vor zwölf", "11:30-12:00"),
        ("um neun oder um zehn", "09:00-10:30"),
        ("nach fünfzehn uhr", "15:00-"),
        ("ab zwei", "14:00-"),
        ("ab neun uhr dreißig", "09:30-"),
        ("ab viertel nach neun", "09:15-"),
        ("frühestens um zehn", "10:00-"),
        ("nicht vor zehn", "10:00-"),
        ("neun uhr oder später", "09:00-"),
        ("vor zwölf", "-12:00"),
        ("bis elf uhr", "-11:00"),
        ("spätestens um zehn", "-10:01"),
        ("nicht nach fünfzehn uhr", "-15:00"),
        ("zwischen neun und elf", "09:00-11:00"),
        ("zwischen zwei und vier", "14:00-16:00"),
        ("zwischen elf und eins", "11:00-13:00"),
        ("zwischen acht und zwanzig uhr", "08:00-20:00"),
        ("von neun bis elf", "09:00-11:00"),
        ("neun bis elf uhr", "09:00-11:00"),
        ("ab neun bis elf", "09:00-11:00"),
        ("vormittags", "-12:00"),
        ("am vormittag", "-12:00"),
        ("am späten vormittag", "10:00-12:00"),
        ("morgens", "-10:00"),
        ("am morgen", "-10:00"),
        ("am frühen morgen", "-10:00"),
        ("früh", "-10:00"),
        ("morgen früh", "-10:00"),
        ("morgen vormittag", "-12:00"),
        ("heute morgen", "-10:00"),
        ("montag morgen", "-10:00"),
        ("mittwochvormittag", "-12:00"),
        ("mittags", "12:00-14:00"),
        ("in der mittagspause", "12:00-14:00"),
        ("bis mittag", "-12:00"),
        ("ab mittag", "12:00-"),
        ("nachmittags", "12:00-"),
        ("am frühen nachmittag", "12:00-15:00"),
        ("am späten nachmittag", "15:00-"),
        ("abends", "16:00-"),
        ("nach feierabend", "16:00-"),
        ("nach der arbeit", "16:00-"),
        ("vor der arbeit", "-09:00"),
        ("spät", "15:00-"),
        ("so spät wie möglich", "15:00-"),
        ("so früh wie möglich", "-"),
        ("möglichst früh", "-"),
        ("nicht so früh", "10:00-"),
        ("nicht so spät", "-15:00"),
        ("nicht vormittags", "12:00-"),
        ("nachmittags geht es leider nicht", "-12:00"),
        ("nachmittags ab fünfzehn uhr", "15:00-"),
        ("vormittags oder mittags", "-14:00"),
        ("vormittags gegen halb elf", "10:00-11:00"),
        ("morgen um neun uhr", "09:00-09:30 =09:00"),
        ("um neun nein um zehn", "10:00-10:30 =10:00"),
        ("nicht vormittags sondern nachmittags", "12:00-"),
        ("äh [unk] so um äh halb neun", "08:30-09:00 =08:30"),
        ("vor zehn oder nach fünfzehn uhr", "-10:00"),
    ],
)
def test_times_as_people_say_them(said: str, meant: str) -> None:
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
        "guten abend",
        "morgen",
        "am dritten dezember",
        "nach dem dritten",
        "vor zwei wochen",
        "ab fünf dezember",
        "in fünf minuten",
        "bis drei personen",
        "fünfundzwanzig uhr",
        "null uhr",
        "neun",
        "um neun kann ich nicht",
        "[unk]",
    ],
)
def test_where_no_time_is_named_none_is_read(said: str) -> None:
    assert found(said) is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("neun", "09:00-09:30 =09:00"),
        ("neun dreißig", "09:30-10:00 =09:30"),
        ("äh drei bitte", "15:00-15:30 =15:00"),
        ("vormittags", "-12:00"),
        ("dreißig", None),
        ("personalausweis", None),
    ],
)
def test_a_bare_number_is_a_time_only_where_one_was_asked_for(said: str, meant: str | None) -> None:
    assert found(said, alone=True) == meant
