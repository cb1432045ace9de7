"""German numerals, read and written: cardinals to 999,999 and ordinals to 99.

A recogniser returns a numeral as one word ("einundzwanzig") or spoken apart ("ein und zwanzig", "zwei hundert
fünf"); both are read. Words are joined only at "und", "hundert" and "tausend": "neun zehn" stays two numbers,
for it is the time 9:10 or the digits 910, and never 19.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hotline.dialog.german.words import is_correction, is_filler

UNITS = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
TEENS = (
    "zehn", "elf", "zwölf", "dreizehn", "vierzehn",
    "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
)  # fmt: skip
TENS = ("zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
ORDINAL_ENDINGS = ("e", "en", "er", "em", "es")

_IRREGULAR_STEMS = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}
_HUNDREDS_LEFT = frozenset(range(1, 20)) - {10}
_LONGEST = 9  # words: "neun hundert neun und neunzig tausend neun hundert …" is longer than anyone's patience


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number found in an utterance: its value, whether it is an ordinal, and the word after it."""

    value: int
    is_ordinal: bool
    stop: int
    """Index of the first word after the numeral."""


def spell(number: int) -> str:
    """The cardinal in words: 21 is "einundzwanzig", 105 "einhundertfünf". ValueError outside 0–999,999."""
    if not 0 <= number <= 999_999:
        raise ValueError(f"{number} is outside 0 to 999999")
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        return _bound(thousands) + "tausend" + (spell(rest) if rest else "")
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        return _bound(hundreds) + "hundert" + (spell(rest) if rest else "")
    if number < 20:
        return (UNITS + TEENS)[number]
    tens, unit = divmod(number, 10)
    return (f"{_bound(unit)}und" if unit else "") + TENS[tens - 2]


def spell_ordinal(number: int, ending: str = "en") -> str:
    """The ordinal in words: 3 is "dritten", with the ending "er" "dritter". ValueError outside 1–99."""
    if not 1 <= number <= 99:
        raise ValueError(f"{number} is outside 1 to 99")
    stem = _IRREGULAR_STEMS.get(number) or spell(number) + ("t" if number < 20 else "st")
    return stem + ending


def cardinal(word: str) -> int | None:
    """The value of a cardinal written as one word, or None; "zwo", "hundertundeins", "dreissig" count."""
    word = word.replace("ss", "ß")
    for name, factor, allowed in (("tausend", 1000, range(1, 1000)), ("hundert", 100, _HUNDREDS_LEFT)):
        left, found, right = word.partition(name)
        if found:
            many = cardinal(left + "s" if left.endswith("ein") else left) if left else 1
            rest = 0 if not right else cardinal(right.removeprefix("und"))
            if many is None or rest is None or many not in allowed or rest >= factor:
                return None
            return many * factor + rest
    return _BELOW_HUNDRED.get(word)


def ordinal(word: str) -> int | None:
    """The value of an ordinal from 1 to 99 written as one word, in any case and gender, or None."""
    return _ORDINALS.get(word.replace("dreiss", "dreiß"))


def read_numeral(words: Sequence[str], start: int, *, across_und: bool = True) -> Numeral | None:
    """The longest numeral that begins at ``words[start]``, or None.

    With ``across_und=False`` words are not joined at "und": after "zwischen", "acht und zwanzig" is two.
    """
    for stop in range(min(len(words), start + _LONGEST), start, -1):
        parts = list(words[start:stop])
        if not all(_joins(left, right, across_und) for left, right in pairwise(parts)):
            continue
        if len(parts) > 2 and parts[0] in {"eine", "eins", "einen"} and parts[1] == "und":
            parts[0] = "ein"  # what a recogniser makes of a slow "einundzwanzig"
        glued = "".join(parts)
        if (value := cardinal(glued)) is not None:
            return Numeral(value, is_ordinal=False, stop=stop)
        if (value := ordinal(glued)) is not None:
            return Numeral(value, is_ordinal=True, stop=stop)
    return None


def parse_number(words: Sequence[str]) -> int | None:
    """The one cardinal or ordinal that an utterance holds; None if there is none, or more than one.

    A correction wins: "zwei nein drei" is 3.
    """
    found: list[int] = []
    spoken = [word for word in words if not is_filler(word)]
    index = 0
    while index < len(spoken):
        if is_correction(spoken[index]):
            found.clear()
        if numeral := read_numeral(spoken, index):
            found.append(numeral.value)
            index = numeral.stop
        else:
            index += 1
    return found[0] if len(set(found)) == 1 else None


def _bound(number: int) -> str:
    """A number as the first part of a compound, where "eins" is "ein"."""
    text = spell(number)
    return text.removesuffix("s") if text.endswith("eins") else text


def _joins(left: str, right: str, across_und: bool) -> bool:
    if "und" in (left, right):
        return across_und
    return left.endswith(("hundert", "tausend")) or right.startswith(("hundert", "tausend"))


def _below_hundred() -> dict[str, int]:
    table = {spell(number): number for number in range(100)}
    for word, number in list(table.items()):
        if word.startswith("zwei"):
            table["zwo" + word.removeprefix("zwei")] = number
    return table


def _ordinals() -> dict[str, int]:
    stems = {spell_ordinal(number, ""): number for number in range(1, 100)}
    stems |= {"zwot": 2, "siebent": 7}
    for stem, number in list(stems.items()):
        if stem.startswith("zweiund"):
            stems["zwo" + stem.removeprefix("zwei")] = number
    return {stem + ending: number for stem, number in stems.items() for ending in ORDINAL_ENDINGS}


_BELOW_HUNDRED = _below_hundred()
_ORDINALS = _ordinals()
