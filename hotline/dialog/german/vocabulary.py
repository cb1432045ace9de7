"""What the recogniser listens for, per topic: fragments of one to three words.

Vosk builds a bigram model from the phrases of a grammar, so fragments are enough: "am dritten" and "dezember
um" need not be listed together. Spellings are those of the recogniser's lexicon, which has numerals below 100
as one word; larger ones are put together from "hundert" and "tausend".
"""

from __future__ import annotations

from enum import StrEnum

from hotline.dialog.german.numbers import TEENS, TENS, UNITS, spell, spell_ordinal
from hotline.dialog.german.words import MONTHS, WEEKDAYS


class Topic(StrEnum):
    """A kind of thing that may be said."""

    DIGITS = "digits"
    NUMBERS = "numbers"
    DAYS = "days"
    MONTHS = "months"
    WEEKDAYS = "weekdays"
    TIMES = "times"
    PARTS_OF_DAY = "parts_of_day"
    RELATIVE_DATES = "relative_dates"
    HOLIDAYS = "holidays"
    BOUNDS = "bounds"


def phrases(topic: Topic) -> tuple[str, ...]:
    """The fragments of a topic, without repetition."""
    return _PHRASES[topic]


def _split(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split(",")]


_HOURS = ("ein", *(spell(hour) for hour in range(2, 21)))
_SPOKEN_HOURS = tuple(spell(hour) for hour in range(1, 13))
_OFFICE_HOURS = tuple(spell(hour) for hour in range(7, 20))
_MINUTES = tuple(spell(minute) for minute in range(5, 60, 5))
_ALL_WEEKDAYS = (*WEEKDAYS, "sonnabend")

_DIGITS = [
    *UNITS,
    "zwo",
    # The recogniser's bigrams know only pairs that they are given: without these, "null null" loses a nought.
    *(f"{first} {second}" for first in (*UNITS, "zwo") for second in (*UNITS, "zwo")),
    *_split("""
        doppel null, doppel, zwei mal die, drei mal die, zweimal die, dreimal die, drei nullen, plus
        vier neun, plus, nein, falsch, moment, noch mal
    """),
]
_NUMBERS = [
    *TEENS,
    *TENS,
    *(spell(number) for number in range(21, 100) if number % 10),
    *_split("hundert, einhundert, zweihundert, dreihundert, und"),
]
_DAYS = [
    *(spell_ordinal(day) for day in range(1, 32)),
    *(f"am {spell_ordinal(day)}" for day in range(1, 32)),
    *(f"{spell_ordinal(day)} {month}" for day in range(1, 32) for month in MONTHS),
    *(spell_ordinal(day, "er") for day in range(1, 13)),
    *(spell_ordinal(day, "e") for day in range(1, 13)),
    *_split("zwoten, am zwoten, den, dem, der, vom, zum, bis zum, ab dem, nach dem, vor dem"),
]
_MONTHS = [
    *MONTHS,
    *(f"im {month}" for month in MONTHS),
    *_split("anfang, mitte, ende, des monats, des jahres"),
]
_WEEKDAYS = [
    *_ALL_WEEKDAYS,
    *(f"am {day}" for day in _ALL_WEEKDAYS),
    *(f"{day}s" for day in _ALL_WEEKDAYS),
    *(f"{which} {day}" for which in ("nächsten", "kommenden", "diesen") for day in WEEKDAYS[:6]),
    *(f"{day} {part}" for day in WEEKDAYS[:6] for part in ("vormittag", "nachmittag", "abend", "früh", "am")),
    *(f"{day} {part}" for day in WEEKDAYS[:6] for part in ("vormittags", "nachmittags", "mittags", "abends")),
    *(f"{day}s {part}" for day in WEEKDAYS[:6] for part in ("vormittags", "nachmittags")),
    *_split("werktags, unter der woche, am wochenende, wochenende"),
]
_TIMES = [
    *(f"{hour} uhr" for hour in _HOURS),
    *(f"{when} {hour} uhr" for when in ("um", "ab") for hour in _HOURS),
    *(f"{when} {hour}" for when in ("um", "gegen") for hour in _SPOKEN_HOURS),
    *(f"{when} {hour}" for when in ("um", "gegen", "ab", "nach", "vor", "bis") for hour in _OFFICE_HOURS),
    *(f"halb {hour}" for hour in _SPOKEN_HOURS),
    *_SPOKEN_HOURS,
    *_MINUTES,
    *_split("""
        viertel nach, viertel vor, viertel, dreiviertel, fünf vor, zehn vor, zwanzig vor, fünf nach,
        zehn nach, zwanzig nach, fünf vor halb, fünf nach halb, kurz nach, kurz vor, uhr dreißig,
        uhr fünfzehn, uhr fünfundvierzig, um, gegen, zwischen, und, um circa, ungefähr, etwa um, ab,
        bis, vor, nach, von
    """),
]
_PARTS_OF_DAY = _split("""
    vormittag, vormittags, am vormittag, nachmittag, nachmittags, am nachmittag, mittag, mittags, am
    mittag, abend, abends, am abend, morgens, am morgen, früh, ganz früh, so früh wie, wie möglich,
    möglichst früh, spät, möglichst spät, am späten nachmittag, am frühen nachmittag, am späten
    vormittag, nach feierabend, nach der arbeit, vor der arbeit, in der mittagspause, in der früh,
    nicht so früh, nicht zu früh, nicht so spät, nicht vormittags, nicht nachmittags
""")
_RELATIVE_DATES = _split("""
    heute, morgen, übermorgen, morgen früh, morgen vormittag, morgen nachmittag, heute noch, heute
    nachmittag, diese woche, nächste woche, kommende woche, übernächste woche, nächster woche,
    nächsten monat, im nächsten monat, nächsten monats, diesen monat, in einer woche, in zwei
    wochen, in drei wochen, in vier wochen, in vierzehn tagen, in acht tagen, in drei tagen, in
    einem monat, in den nächsten, nächsten tagen, anfang der woche, mitte der woche, ende der woche,
    anfang nächster woche, ende nächster woche, nächstes jahr, im neuen jahr, so bald wie, möglichst
    bald, so schnell wie, sofort, jederzeit, egal, egal wann
""")
_HOLIDAYS = _split("""
    weihnachten, vor weihnachten, nach weihnachten, neujahr, nach neujahr, silvester, ostern, vor
    ostern, nach ostern, pfingsten, vor pfingsten, nach pfingsten, zwischen den jahren, den
    feiertagen
""")
_BOUNDS = _split("""
    ab, frühestens, frühestens ab, nicht vor, nicht vor dem, nicht nach, spätestens, bis, bis
    spätestens, erst ab, oder später, oder früher, oder, und, zwischen, von, nicht, nicht am, geht
    nicht, kann ich nicht, passt nicht, keine zeit, lieber, lieber am, nein lieber, sondern
""")

_PHRASES: dict[Topic, tuple[str, ...]] = {
    topic: tuple(dict.fromkeys(fragments))
    for topic, fragments in {
        Topic.DIGITS: _DIGITS,
        Topic.NUMBERS: _NUMBERS,
        Topic.DAYS: _DAYS,
        Topic.MONTHS: _MONTHS,
        Topic.WEEKDAYS: _WEEKDAYS,
        Topic.TIMES: _TIMES,
        Topic.PARTS_OF_DAY: _PARTS_OF_DAY,
        Topic.RELATIVE_DATES: _RELATIVE_DATES,
        Topic.HOLIDAYS: _HOLIDAYS,
        Topic.BOUNDS: _BOUNDS,
    }.items()
}
