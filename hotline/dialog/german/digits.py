"""Digits as people dictate them: telephone numbers, references, codes."""

from __future__ import annotations

from collections.abc import Sequence

from hotline.dialog.german.numbers import UNITS, Numeral, read_numeral
from hotline.dialog.german.vocabulary import Topic
from hotline.dialog.german.vocabulary import phrases as topic_phrases
from hotline.dialog.german.words import UNKNOWN

_RESTARTS = frozenset({"nein", "nee", "nö", "falsch", "quatsch", "korrektur", "stopp", "stop", "nochmal"})
_TIMES = {"doppel": 2, "doppelt": 2, "doppelte": 2, "zweimal": 2, "dreimal": 3, "dreifach": 3, "viermal": 4}
_ARTICLES = frozenset({"die", "der", "den", "dem", "das", "eine"})
_PLURALS = {f"{name}en": str(digit) for digit, name in enumerate(UNITS)} | {
    "nullen": "0",
    "einsen": "1",
    "einser": "1",
}
_ONE = frozenset({"ein", "eine"})


def parse_digits(words: Sequence[str]) -> str | None:
    """The digits that were dictated, with a leading "+" where "plus" was said; None if there are none.

    Read are single digits ("zwo" is 2), groups as numbers ("zwölf vierunddreißig" is 1234, "einhundertfünf"
    105), and repetitions ("doppel drei", "drei mal die fünf", "drei nullen"). Other words are passed over, so
    that "meine nummer ist …" does no harm. "nein", "falsch", "noch mal" start afresh: only what follows
    counts, and if nothing follows, nothing was dictated. "moment" and "äh" are passed over.
    """
    spoken = [word for word in _unglued(words) if word not in _SILENT]
    digits = ""
    index = 0
    while index < len(spoken):
        word = spoken[index]
        if word in _RESTARTS or spoken[index : index + 2] in (["noch", "mal"], ["noch", "einmal"]):
            digits = ""
            index += 1
        elif word in {"plus", "+"} and not digits:
            digits = "+"
            index += 1
        elif repeated := _repeated(spoken, index):
            text, index = repeated
            digits += text
        elif numeral := _number(spoken, index):
            digits += str(numeral.value)
            index = numeral.stop
        elif word in _ONE and _beside_number(spoken, index):
            digits += "1"
            index += 1
        else:
            index += 1
    return digits if digits.strip("+") else None


_SILENT = frozenset(
    {UNKNOWN, "äh", "ähm", "öh", "öhm", "hm", "hmm", "moment", "komma", "strich", "schrägstrich"}
)


def _unglued(words: Sequence[str]) -> list[str]:
    """The words with "doppelnull" taken apart."""
    parts: list[str] = []
    for word in words:
        rest = word.removeprefix("doppel")
        parts += ["doppel", rest] if rest != word and rest in UNITS else [word]
    return parts


def _repeated(words: Sequence[str], index: int) -> tuple[str, int] | None:
    """A repetition at this place, written out, and the place after it: "drei mal die fünf", "doppel drei"."""
    start = index
    times = _TIMES.get(words[index])
    if times is not None:
        index += 1
    else:
        numeral = _number(words, index)
        if numeral is None or not 2 <= numeral.value <= 9 or numeral.stop >= len(words):
            return None
        times, index = numeral.value, numeral.stop
        if words[index] in _PLURALS:
            return times * _PLURALS[words[index]], index + 1
        if words[index] != "mal":
            return None
        index += 1
    while index < len(words) and words[index] in _ARTICLES:
        index += 1
    if index < len(words) and (digit := _number(words, index)) and digit.value <= 9:
        return times * str(digit.value), digit.stop
    if words[start] in _TIMES and index < len(words) and words[index] in _PLURALS:
        return times * _PLURALS[words[index]], index + 1
    return None


def _number(words: Sequence[str], index: int) -> Numeral | None:
    """The cardinal that begins here; ordinals are not dictated."""
    numeral = read_numeral(words, index)
    return numeral if numeral and not numeral.is_ordinal else None


def _beside_number(words: Sequence[str], index: int) -> bool:
    """Whether a digit stands directly before or after: then "ein" is a clipped "eins"."""
    before = words[index - 1] if index else ""
    after = words[index + 1] if index + 1 < len(words) else ""
    return before in UNITS or after in UNITS


def phrases() -> tuple[str, ...]:
    """What the recogniser should listen for where digits are dictated, one by one or in groups."""
    return tuple(dict.fromkeys((*topic_phrases(Topic.DIGITS), *topic_phrases(Topic.NUMBERS))))
