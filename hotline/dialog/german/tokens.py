"""From words to tokens: the canonical spelling on which the rules for dates and times are written.

Numerals become figures ("einundzwanzig" is ``21``, "dritten" is ``3.``), inflected words their base
("nächsten" is ``nächste``, every article ``der``), fillers vanish, and an utterance falls apart at its
corrections: "am Montag nein lieber am Dienstag" is two segments; the last one that says anything counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from hotline.dialog.german.numbers import read_numeral
from hotline.dialog.german.words import MONTHS, WEEKDAYS, is_filler, takes_back

T = TypeVar("T")

WEEKDAY = f"(?:{'|'.join(WEEKDAYS)})"
"""Rule fragment: one weekday."""
MONTH = f"(?:{'|'.join(MONTHS)})"
"""Rule fragment: one month."""

_REFUSING = r"(?:kann|geht|passt|habe|hab|ist|können|haben|wäre)"
_AROUND_REFUSING = r"(?:(?:es|ich|mir|uns|da|das|leider|gar|aber) )*"
_NOT_THIS = r"nicht(?! (?:vor|nach|früh|spät|früher|später|eher|zu)(?!\S))"
_NOT_NEXT = rf"(?! (?:am|an|der|heute|morgen|übermorgen|diese|nächste|um|gegen|{WEEKDAY}s?)(?!\S))"
REFUSAL = (
    rf"(?:{_AROUND_REFUSING}{_REFUSING} {_AROUND_REFUSING}(?:{_NOT_THIS}|schlecht|ungünstig|kein zeit)"
    rf"|{_AROUND_REFUSING}(?:{_NOT_THIS}{_NOT_NEXT}|schlecht|ungünstig))"
)
"""Rule fragment: what stands before it is refused: "kann ich nicht", "ist leider schlecht"."""

_TAKEN = "_"
_MORNING_AFTER = frozenset(
    {"am", "gegen", "jeden", "heute", "morgen", "übermorgen", "diese", "frühen", *WEEKDAYS}
)
_GREETED = frozenset({"morgen", "tag", "abend", "mittag"})
_DAY_AND_PART = re.compile(rf"({WEEKDAY}|sonnabend)(vormittag|nachmittag|mittag|morgen|abend|früh)s?")
_BASES: tuple[tuple[str, str], ...] = (
    (r"der|die|das|den|dem|des", "der"),
    (r"zum|zur", "zu"),
    (r"vom", "von"),
    (r"ein(?:e[nmrs]?)?", "ein"),
    (r"kein(?:e[nmrs]?)?", "kein"),
    (r"(?:nächst|folgend)e[nmrs]?", "nächste"),
    (r"übernächste[nmrs]?", "übernächste"),
    (r"kommende[nmrs]?", "kommende"),
    (r"(?:diese[nmrs]?|laufende[nmrs]?)", "diese"),
    (r"neue[nmrs]?", "neue"),
    (r"(?:tage?|tagen|tages)", "tag"),
    (r"wochen?", "woche"),
    (r"monat(?:e|en|s)?", "monat"),
    (r"jahr(?:e|en|es|s)?", "jahr"),
    (r"minuten?", "minute"),
    (r"(vormittag|nachmittag|mittag|abend)s", r"\1"),
    (r"frühmorgens", "morgens"),
    (r"frühe?|frühs", "früh"),
    (r"späte[nm]?", "spät"),
    (r"etwa|ungefähr|circa|zirka|ca|rund", "gegen"),
    (r"feiertage?n?", "feiertage"),
    (r"jänner", "januar"),
    (r"feber", "februar"),
    (r"juno", "juni"),
    (r"julei", "juli"),
    (r"sonnabend(s?)", r"samstag\1"),
    (r"heiligabend|heiligen", "heiligabend"),
)
_BASE_RULES = [(re.compile(pattern), base) for pattern, base in _BASES]


@dataclass(frozen=True, slots=True)
class Token:
    """One canonical word and the indices of the spoken words it came from."""

    text: str
    spoken: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What a rule found in a segment, and at which token."""

    position: int
    value: T


class Rule:
    """A regular expression over canonical tokens that begins and ends at token boundaries."""

    def __init__(self, pattern: str) -> None:
        self.pattern = re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")


class Segment:
    """A stretch of tokens between two corrections. Rules take what they understand, each token once."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._texts = [token.text for token in tokens]
        self.used: set[int] = set()
        """Indices of the spoken words that were taken."""

    @property
    def text(self) -> str:
        """What is left to be understood, taken tokens as ``_``."""
        return " ".join(self._texts)

    def take(self, rule: Rule, read: Callable[[re.Match[str]], T | None]) -> Iterator[Found[T]]:
        """Everything that ``rule`` matches and ``read`` makes sense of, left to right; it is then taken."""
        start = 0
        while match := rule.pattern.search(self.text, start):
            value = read(match)
            if value is None:
                start = match.start() + 1
                continue
            first = self.text.count(" ", 0, match.start())
            last = first + match.group().count(" ")
            for index in range(first, last + 1):
                self._texts[index] = _TAKEN
                self.used.update(self._tokens[index].spoken)
            start = 0
            yield Found(first, value)


def segments(words: Sequence[str]) -> list[Segment]:
    """The utterance as canonical tokens, split where the caller corrects himself."""
    kept = [(index, word.lower()) for index, word in enumerate(words) if not is_filler(word.lower())]
    parts: list[list[Token]] = [[]]
    spoken = [word for _, word in kept]
    place = 0
    while place < len(spoken):
        stop = place + 1
        if takes_back(spoken, place):
            # "lieber nicht" takes nothing back, it refuses what stands before it
            if spoken[place] not in {"lieber", "besser"} or spoken[place + 1 : place + 2] != ["nicht"]:
                parts.append([])
        else:
            texts, stop = _canonical(spoken, place)
            indices = tuple(kept[index][0] for index in range(place, stop))
            parts[-1] += [Token(text, indices) for text in texts]
        place = stop
    return [Segment(part) for part in parts if part]


def _canonical(spoken: Sequence[str], place: int) -> tuple[list[str], int]:
    """The canonical tokens that begin at this place, and the place after them."""
    word = spoken[place]
    before = spoken[place - 1] if place else ""
    after = spoken[place + 1] if place + 1 < len(spoken) else ""
    if word in {"guten", "schönen"} and after in _GREETED:
        return [], place + 2
    if numeral := read_numeral(spoken, place, across_und=before != "zwischen"):
        return [f"{numeral.value}." if numeral.is_ordinal else str(numeral.value)], numeral.stop
    if word == "ein" and after == "uhr":
        return ["1"], place + 1
    if word == "morgen" and (_base(before) in _MORNING_AFTER or _DAY_AND_PART.fullmatch(before)):
        return ["morgens"], place + 1
    if parts := _DAY_AND_PART.fullmatch(word):
        part = "morgens" if parts[2] == "morgen" else parts[2]
        return [_base(parts[1]), part], place + 1
    return [_base(word)], place + 1


def _base(word: str) -> str:
    for pattern, base in _BASE_RULES:
        if match := pattern.fullmatch(word):
            return match.expand(base)
    return word
