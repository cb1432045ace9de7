"""What a single expression of a time of day means: "halb neun", "ab zwei", "nachmittags".

Each rule is a pattern over canonical tokens (:mod:`~hotline.dialog.german.tokens`) and a method that reads
the match; :mod:`~hotline.dialog.german.times` combines what they find and documents how they are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hotline.dialog.german.tokens import MONTH, REFUSAL, Rule, Segment

PATIENCE = 30
"""Minutes by which an appointment may miss the time that was wished for."""

PARTS: dict[str, tuple[int | None, int | None]] = {
    "früh vormittag": (None, 10 * 60),
    "früh nachmittag": (12 * 60, 15 * 60),
    "spät vormittag": (10 * 60, 12 * 60),
    "spät nachmittag": (15 * 60, None),
    "morgens": (None, 10 * 60),
    "früh": (None, 10 * 60),
    "vormittag": (None, 12 * 60),
    "mittag": (12 * 60, 14 * 60),
    "nachmittag": (12 * 60, None),
    "spät": (15 * 60, None),
    "feierabend": (16 * 60, None),
    "abend": (16 * 60, None),
}
"""Parts of the day: minutes after midnight, from and before; None where the offices' hours are the limit."""

BEFORE_WORK = 9 * 60
"""„vor der Arbeit“ ends at this minute of the day."""

_EARLIEST = 7 * 60  # a time before this minute of the day means the afternoon
_NOON = 12 * 60
_DAY = 24 * 60


class Kind(StrEnum):
    """How windows combine."""

    CLOCK = "clock"  # alternatives to each other: "um neun oder um zehn"
    PART = "part"  # alternatives to each other: "vormittags oder mittags"
    BOUND = "bound"  # each holds: "ab neun", "bis elf"
    REFUSED = "refused"  # "um neun kann ich nicht": no restriction that could be put as one window


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the day, from and before."""

    kind: Kind
    first: int | None = None
    last: int | None = None
    exact: int | None = None

    def within(self, other: Window) -> Window:
        """What lies in both."""
        firsts = [one for one in (self.first, other.first) if one is not None]
        lasts = [one for one in (self.last, other.last) if one is not None]
        return Window(Kind.BOUND, max(firsts, default=None), min(lasts, default=None))

    @property
    def is_empty(self) -> bool:
        """Whether no time lies in it."""
        return self.first is not None and self.last is not None and self.first >= self.last


_NOUN = rf"(?:tag|woche|monat|jahr|minute|stunden?|euro|person(?:en)?|leute|kind(?:er)?|mal|prozent|{MONTH})"
_NO_NOUN = rf"(?! {_NOUN}(?!\S))"
_QUARTER = r"(?:viertel|dreiviertel|3 viertel)(?: (?:vor|nach|über|auf))?"
_CLOCK = (
    rf"(?:(?:\d+ (?:minute )?(?:vor|nach) (?:halb )?|halb |{_QUARTER} |kurz (?:vor|nach) )\d+(?: uhr)?"
    r"|\d+ uhr(?: (?:und )?(?:0 )?\d+(?: minute)?)?)"
)
_BARE = rf"\d+(?: (?:\d\d|0 \d))?{_NO_NOUN}"
_ANY = f"(?:{_CLOCK}|{_BARE})"
_PART_WORDS = (
    r"(?:(?P<shade>früh|frühen|spät)(?: am)? )?"
    r"(?P<part>morgens|früh|vormittag|mittag|nachmittag|spät|feierabend|abend|arbeit|mittagspause|mittagszeit"
    r"|mittagessen)"
)
# "fünf nach neun" is a time, "nach neun" a bound
_NO_MINUTES = r"(?<!viertel )(?<!kurz )(?<!\d )(?<!minute )"
_FROM = (
    rf"(?:erst )?(?:ab|{_NO_MINUTES}nach)|von|frühestens|(?:nicht )?später als"
    r"|nicht (?:vor|früher als|eher als)"
)
_UNTIL = rf"bis(?: spätestens)?|{_NO_MINUTES}vor|spätestens|(?:nicht )?früher als|nicht (?:nach|später als)"
_BEFORE_CLOCK = r"(?: (?:um|gegen|der))*"

_SOON = Rule(r"früh wie möglich|möglichst früh")
_RANGE = Rule(rf"(?P<lead>zwischen |von |um )?(?P<first>{_ANY}) (?P<link>bis|und)(?: um)? (?P<second>{_ANY})")
_REFUSED = Rule(rf"nicht (?:(?:um|gegen) )*{_ANY}|(?:(?:um|gegen) )*{_ANY} {REFUSAL}")
_OR_LATER = Rule(
    rf"(?:(?:um|gegen) )*(?P<clock>{_ANY}) (?:oder (?P<side>später|danach|früher|eher|vorher)|aufwärts)"
)
_BOUNDED = Rule(rf"(?:(?P<until>{_UNTIL})|(?:{_FROM})){_BEFORE_CLOCK} (?P<clock>{_ANY})(?: an)?")
_AROUND = Rule(rf"(?:um )?gegen(?: um)? (?P<clock>{_ANY})")
_AT = Rule(rf"um (?P<clock>{_ANY})|(?P<alone>{_CLOCK})")
_PART_BOUND = Rule(rf"(?P<bound>ab|nach|vor|bis)(?: (?:der|zu))* {_PART_WORDS}")
_PART = Rule(
    rf"(?P<refused>nicht )?(?:(?:am|in|zu|der|gegen|über|diese) )*{_PART_WORDS}"
    rf"(?: wie möglich)?(?P<not> {REFUSAL})?"
)
_NUMBER = Rule(rf"^(?P<clock>{_BARE})$")


def find_windows(part: Segment, *, alone: bool) -> list[Window]:
    """What a segment says of the time of day, in the order said; takes it from the segment."""
    said = set(part.text.split())
    reader = _Reader(
        morning=bool(said & {"morgens", "früh", "nachts"}), evening=bool(said & {"nachmittag", "abend"})
    )
    rules = [
        (_SOON, reader.soon), (_RANGE, reader.range), (_REFUSED, reader.refused),
        (_OR_LATER, reader.or_later), (_BOUNDED, reader.bounded), (_AROUND, reader.around),
        (_AT, reader.at), (_PART_BOUND, reader.part_bound), (_PART, reader.part),
    ]  # fmt: skip
    found = [one for rule, read in rules for one in part.take(rule, read)]
    if alone and not found:
        found = list(part.take(_NUMBER, reader.at))
    return [
        one.value for one in sorted(found, key=lambda one: one.position) if one.value.kind != Kind.REFUSED
    ]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the rules' matches, knowing which half of the day was spoken of."""

    morning: bool
    evening: bool

    def clock(self, text: str) -> int | None:
        """The minute of the day that "5 vor halb 9" or "9 uhr 30" means; None for "25 uhr"."""
        minute = clock_minute(text)
        if minute is None:
            return None
        if self.morning and not self.evening and minute >= 0:
            return minute
        if minute < _EARLIEST or (self.evening and not self.morning and minute < _NOON - 60):
            minute += _NOON
        return minute if minute < _DAY else None

    def soon(self, _match: re.Match[str]) -> Window:
        return Window(Kind.BOUND)

    def range(self, match: re.Match[str]) -> Window | None:
        """ "zwischen neun und elf", "von neun bis elf", "neun bis elf Uhr"."""
        lead, link = match["lead"], match["link"]
        if link == "und" and lead != "zwischen ":
            return None
        if not lead and "uhr" not in match.group().split():
            return None
        first, last = self.clock(match["first"]), self.clock(match["second"])
        if first is None or last is None:
            return None
        if last <= first:
            last += _NOON
        return Window(Kind.CLOCK, first, last) if last < _DAY else None

    def refused(self, match: re.Match[str]) -> Window | None:
        plain = match.group().split()[0].isdigit() and "uhr" not in match.group().split()
        return None if plain else Window(Kind.REFUSED)

    def or_later(self, match: re.Match[str]) -> Window | None:
        minute = self.clock(match["clock"])
        if minute is None:
            return None
        if match["side"] in {"früher", "eher", "vorher"}:
            return Window(Kind.BOUND, None, minute + 1)
        return Window(Kind.BOUND, minute, None)

    def bounded(self, match: re.Match[str]) -> Window | None:
        minute = self.clock(match["clock"])
        if minute is None:
            return None
        if match["until"]:
            return Window(Kind.BOUND, None, minute + ("spätestens" in match["until"]))
        return Window(Kind.BOUND, minute, None)

    def around(self, match: re.Match[str]) -> Window | None:
        minute = self.clock(match["clock"])
        return None if minute is None else Window(Kind.CLOCK, minute - PATIENCE, minute + PATIENCE)

    def at(self, match: re.Match[str]) -> Window | None:
        text = match["clock"] or match["alone"]
        minute = self.clock(text)
        if minute is None:
            return None
        if text.startswith("kurz vor"):
            return Window(Kind.CLOCK, minute - PATIENCE, minute)
        exact = None if text.startswith("kurz") else minute
        return Window(Kind.CLOCK, minute, min(minute + PATIENCE, _DAY - 1), exact)

    def part(self, match: re.Match[str]) -> Window | None:
        """ "vormittags", "am späten Nachmittag", "nicht so früh", "nachmittags kann ich nicht"."""
        first, last = _part_of_day(match)
        if match["part"] == "arbeit":
            return None
        if not (match["refused"] or match["not"]):
            return Window(Kind.PART, first, last)
        if first is None or last is None:
            return Window(Kind.BOUND, last, first)
        return Window(Kind.REFUSED)

    def part_bound(self, match: re.Match[str]) -> Window | None:
        """ "ab mittag", "nach Feierabend", "vor der Arbeit"."""
        first, last = _part_of_day(match)
        match match["bound"]:
            case "vor" if match["part"] == "arbeit":
                return Window(Kind.BOUND, None, BEFORE_WORK)
            case "ab" if first is not None:
                return Window(Kind.BOUND, first, None)
            case "nach" if (after := last or first) is not None:
                return Window(Kind.BOUND, after, None)
            case "vor" if first is not None:
                return Window(Kind.BOUND, None, first)
            case "bis" if (until := first if match["part"].startswith("mittag") else last) is not None:
                return Window(Kind.BOUND, None, until)
        return None


def _part_of_day(match: re.Match[str]) -> tuple[int | None, int | None]:
    part = "mittag" if match["part"].startswith("mittag") else match["part"]
    part = "feierabend" if part == "arbeit" else part
    shade = (match["shade"] or "").removesuffix("en")
    return PARTS.get(f"{shade} {part}", PARTS[part])


def clock_minute(text: str) -> int | None:
    """The minute of the day that a canonical expression says on the clock's face; may be before midnight.

    "halb 9" is 8:30, "viertel 9" 8:15, "5 vor halb 10" 9:25, "9 uhr 0 5" 9:05. None for "0 uhr", "9 uhr 70".
    """
    figures = [int(figure) for figure in re.findall(r"\d+", text.replace("3 viertel", "dreiviertel"))]
    if "uhr" in text.split()[1:2] or not re.search("[a-z]", text):
        hour, minute = figures[0], figures[-1] if len(figures) > 1 else 0
    else:
        hour, minute = figures[-1], _offset(text, figures)
    return hour * 60 + minute if 0 < hour < 24 and -60 < minute < 60 else None


def _offset(text: str, figures: Sequence[int]) -> int:
    """The minutes from the full hour that an expression names last."""
    minutes = figures[0] if len(figures) > 1 else 0
    if text.startswith(("viertel", "dreiviertel", "3 viertel")):
        quarter = 15 if text.startswith("viertel") else 45
        if "vor" in text.split():
            return -quarter
        return quarter if {"nach", "über"} & set(text.split()) else quarter - 60
    sign = -1 if "vor" in text.split() else 1
    return sign * minutes - (30 if "halb" in text.split() else 0)
