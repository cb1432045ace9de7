"""What a single expression of a date means: "nächste Woche", "am dritten Dezember", "bis Freitag".

Each rule is a pattern over canonical tokens (:mod:`~hotline.dialog.german.tokens`) and a function that reads
the match. Rules stand in the order in which they take tokens: "Mittwoch in einer Woche" before "Mittwoch".
:mod:`~hotline.dialog.german.dates` combines what they find and documents how each expression is read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hotline.dialog.german import days
from hotline.dialog.german.days import DAY, WEEK, Span
from hotline.dialog.german.tokens import MONTH, REFUSAL, WEEKDAY, Rule
from hotline.dialog.german.words import MONTHS, WEEKDAYS


class Bound(StrEnum):
    """How an expression limits the wish."""

    WITHIN = "within"
    FROM = "from"
    BETWEEN = "between"
    AFTER = "after"
    UNTIL = "until"
    BEFORE = "before"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Expression:
    """What one expression says: days, weekdays, or a day of a month that its neighbours name."""

    bound: Bound = Bound.WITHIN
    span: Span | None = None
    weekdays: tuple[int, ...] = ()
    day_of_month: int | None = None
    habitual: bool = False
    """The weekdays are meant in any week: "mittwochs", "an einem Mittwoch"."""
    is_range: bool = False
    """The weekdays are the first and the last of a stretch of days: "von Montag bis Mittwoch"."""
    is_feast: bool = False
    """The offices are closed on these days: "bis Weihnachten" ends before, "zwischen" them lies between."""


_BOUNDS = (
    (Bound.FROM, r"(?:erst )?ab(?: frühestens)?|frühestens(?: ab)?|von|nicht (?:früher|eher) als|nicht vor"),
    (Bound.BETWEEN, r"zwischen"),
    (Bound.AFTER, r"(?:erst )?nach"),
    (Bound.UNTIL, r"bis(?: spätestens| einschließlich)?|spätestens(?: bis)?|nicht (?:nach|später als)"),
    (Bound.BEFORE, r"(?:bis )?vor"),
    (Bound.NOT, r"auf kein fall|nicht|außer|kein"),
)
_AFTERWARDS = (
    (Bound.FROM, r"oder (?:später|danach|nachher)|frühestens"),
    (Bound.UNTIL, r"oder (?:früher|eher|vorher|davor)|spätestens"),
    (Bound.NOT, REFUSAL),
)
_BOUND = "|".join(pattern for _, pattern in _BOUNDS)
_AFTERWARD = "|".join(pattern for _, pattern in _AFTERWARDS)
_LEAD = r"(?:(?:am|an|der|zu|im|in|über|für) )*"
_WHICH = r"(?:nächste|kommende|diese|übernächste)"
_WEEKDAYS = f"{WEEKDAY}s?(?: (?:(?:oder|und|bis) )?(?:(?:am|der|zu) )*{WEEKDAY}s?)*"
_NEAR = {"heute": 0, "morgen": 1, "übermorgen": 2}
_AHEAD = {"diese": 0, "nächste": 1, "kommende": 1, "übernächste": 2}

Reader = Callable[[re.Match[str], dt.date], Expression | None]


def bound_of(match: re.Match[str]) -> Bound:
    """The bound that stands before or after an expression."""
    groups = match.groupdict()
    for text, bounds in ((groups.get("afterward"), _AFTERWARDS), (groups.get("bound"), _BOUNDS)):
        for bound, pattern in bounds if text else ():
            if re.fullmatch(pattern, text or ""):
                return bound
    return Bound.WITHIN


def _rule(pattern: str) -> Rule:
    return Rule(rf"(?:(?P<bound>{_BOUND}) )?{_LEAD}(?:{pattern})(?: an)?(?: (?P<afterward>{_AFTERWARD}))?")


def _full_date(match: re.Match[str], today: dt.date) -> Expression | None:
    month = MONTHS.index(match["month"]) + 1 if match["month"] else int(match["number"])
    year = match["year"] and int(match["year"].replace(" ", ""))
    if year and year < 100:
        year += 2000
    if not 1 <= month <= 12:
        return None
    date = days.coming_date(int(match["day"]), month, today, year or None)
    return Expression(span=days.day(date)) if date else None


def _ahead(match: re.Match[str], today: dt.date) -> Expression | None:
    """ "Mittwoch in einer Woche", "heute in acht Tagen", "in zwei Wochen", "in zwei bis drei Wochen"."""
    number = 1 if match["number"] == "ein" else int(match["number"])
    if match["start"] in WEEKDAYS:
        weekday = WEEKDAYS.index(match["start"])
        base = today if weekday == today.weekday() else days.coming(weekday, today)
    else:
        base = today + _NEAR.get(match["start"] or "heute", 0) * DAY
    if not 0 < number < 100:
        return None
    if match["unit"] == "tag":
        return Expression(span=days.day(base + (7 if number == 8 else number) * DAY))
    until = int(match["until"] or number)
    if match["unit"] == "woche":
        first, last = base + number * WEEK, base + until * WEEK
        return Expression(span=days.day(first) if match["start"] else Span(first, last + 6 * DAY))
    return Expression(span=Span(days.months_ahead(base, number).first, days.months_ahead(base, until).last))


def _within(match: re.Match[str], today: dt.date) -> Expression | None:
    """ "in den nächsten zwei Wochen", "innerhalb von zehn Tagen", "in den nächsten Tagen" (a week)."""
    unit = match["unit"]
    if not match["number"]:
        return Expression(span=Span(today, today + WEEK)) if unit == "tag" else None
    number = 1 if match["number"] == "ein" else int(match["number"])
    length = {"tag": 1, "woche": 7, "monat": 30}[unit] * number
    return Expression(span=Span(today, today + length * DAY)) if length < 1000 else None


def _part(match: re.Match[str], today: dt.date) -> Expression | None:
    """ "Anfang Januar", "Ende der Woche", "Mitte nächsten Monats"; what is over is meant of the next one."""
    part, ahead = match["part"], _AHEAD[match["which"] or "diese"]

    def of(again: int) -> Span:
        match match["unit"]:
            case "woche":
                return days.part_of_week(days.week(today, ahead + again), part)
            case "monat":
                return days.months_ahead(today, ahead + again, part)
            case "jahr":
                return days.year(today.year + ahead + again, part)
            case month:
                return days.coming_month(MONTHS.index(month) + 1, today, part)

    span = of(0) if of(0).last >= today else of(1)
    if bound_of(match) is Bound.BEFORE and part == "ende":
        span = days.day(span.last + DAY)
    return Expression(span=span)


def _unit(match: re.Match[str], today: dt.date) -> Expression | None:
    """ "nächste Woche", "diesen Monat", "im neuen Jahr"."""
    ahead = _AHEAD.get(match["which"], 1)
    if match["unit"] == "woche":
        return Expression(span=days.week(today, ahead))
    if match["unit"] == "monat":
        return Expression(span=days.months_ahead(today, ahead))
    return Expression(span=days.year(today.year + ahead))


def _which_weekday(match: re.Match[str], today: dt.date) -> Expression | None:
    """ "nächsten Mittwoch", "diesen Freitag", "nächste Woche Montag oder Dienstag"."""
    words = match["weekdays"].split()
    named = [WEEKDAYS.index(name) for word in words if (name := word.removesuffix("s")) in WEEKDAYS]
    which = match["which"]
    if which == "diese" or (which == "kommende" and not match["week"]):
        dates = [days.coming(weekday, today) for weekday in named]
    else:
        dates = [days.week(today, _AHEAD[which]).first + weekday * DAY for weekday in named]
    span = Span(min(dates), max(dates))
    return Expression(span=span, weekdays=() if "bis" in words else tuple(named))


def _month(match: re.Match[str], today: dt.date) -> Expression | None:
    year = match["year"] and int(match["year"].replace(" ", ""))
    return Expression(span=days.coming_month(MONTHS.index(match["month"]) + 1, today, year=year or None))


def _holiday(match: re.Match[str], today: dt.date) -> Expression | None:
    return Expression(span=days.holiday(match["holiday"], today), is_feast=True)


def _between_years(_match: re.Match[str], today: dt.date) -> Expression | None:
    return Expression(span=Span(dt.date(today.year, 12, 27), dt.date(today.year, 12, 31)))


def _near(match: re.Match[str], today: dt.date) -> Expression | None:
    return Expression(span=days.day(today + _NEAR[match["near"]] * DAY))


def _weekend(match: re.Match[str], today: dt.date) -> Expression | None:
    if not match["which"]:
        return Expression(weekdays=(5, 6), habitual=True)
    saturday = days.week(today, 0).first + 5 * DAY
    if match["which"] in {"nächste", "übernächste"}:
        saturday += _AHEAD[match["which"]] * WEEK
    elif match["which"] == "kommende" and saturday <= today:
        saturday += WEEK
    return Expression(span=Span(saturday, saturday + DAY), weekdays=(5, 6))


def _weekdays(match: re.Match[str], _today: dt.date) -> Expression | None:
    words = match["weekdays"].split()
    names = [word for word in words if word.removesuffix("s") in WEEKDAYS]
    named = [WEEKDAYS.index(name.removesuffix("s")) for name in names]
    habitual = any(name.endswith("s") for name in names) or bool(match["any"])
    is_range = len(named) == 2 and ("bis" in words or match["bound"] == "zwischen")
    if is_range and habitual:
        first, last = named
        named = [(first + step) % 7 for step in range((last - first) % 7 + 1)]
        is_range = False
    return Expression(weekdays=tuple(named), habitual=habitual, is_range=is_range)


def _workdays(_match: re.Match[str], _today: dt.date) -> Expression | None:
    return Expression(weekdays=(0, 1, 2, 3, 4), habitual=True)


def _day_of_month(match: re.Match[str], _today: dt.date) -> Expression | None:
    number = int(match["day"])
    named = match["bound"] or match["lead"]
    return Expression(day_of_month=number) if named and 1 <= number <= 31 else None


def _soon(_match: re.Match[str], _today: dt.date) -> Expression | None:
    """The earliest appointment is what the hotline offers anyway: understood, and no restriction."""
    return Expression()


_YEAR = r"(?:20 \d\d|20\d\d)"
_LATE_YEAR = r"(?:2[5-9]|[3-9]\d)(?! uhr)"
_UNIT = r"(?P<unit>tag|woche|monat)"
_NO_DAY = rf"(?! (?:termin|frei\w+|best\w+|möglich\w+|stock|nächste|mal|platz|tag|woche|{MONTH}))"
_LISTED = f"(?P<weekdays>{_WEEKDAYS})"

RULES: tuple[tuple[Rule, Reader], ...] = (
    (
        _rule(
            rf"(?:{WEEKDAY} )?(?:(?:der|am) )*(?P<day>\d+)\.? "
            rf"(?:(?:der )?(?P<month>{MONTH})|(?P<number>\d+)\.)(?: (?P<year>{_YEAR}|{_LATE_YEAR}))?"
        ),
        _full_date,
    ),
    (
        _rule(
            rf"(?:(?:{_WHICH} )?(?P<start>{WEEKDAY}|heute|morgen|übermorgen) )?(?:über )?in "
            rf"(?P<number>\d+|ein)(?: (?:bis|oder) (?P<until>\d+))? {_UNIT}"
        ),
        _ahead,
    ),
    (
        _rule(
            r"(?:innerhalb (?:(?:von|der) )*(?:(?:nächste|kommende) )?|(?:nächste|kommende) )"
            rf"(?:(?P<number>\d+|ein) )?{_UNIT}"
        ),
        _within,
    ),
    (
        _rule(
            r"(?P<part>anfang|mitte|ende) (?:(?:von|der) )*"
            rf"(?:(?P<which>{_WHICH}) )?(?P<unit>woche|monat|jahr|{MONTH})"
        ),
        _part,
    ),
    (_rule(rf"(?P<which>{_WHICH}) (?P<week>woche) (?:(?:am|der) )*{_LISTED}"), _which_weekday),
    (_rule(rf"{_LISTED} (?:(?:in|der|von) )*(?P<which>{_WHICH}) (?P<week>woche)"), _which_weekday),
    (_rule(rf"(?P<which>{_WHICH}) (?P<week>){_LISTED}"), _which_weekday),
    (_rule(rf"(?P<which>{_WHICH}|neue) (?P<unit>woche|monat|jahr)"), _unit),
    (_rule(rf"(?<!\. )(?:monat )?(?:{_WHICH} )?(?P<month>{MONTH})(?: (?P<year>{_YEAR}))?"), _month),
    (Rule(r"zwischen (?:der )?(?:jahr|feiertage)"), _between_years),
    (_rule(rf"(?P<holiday>{'|'.join(days.HOLIDAYS)})"), _holiday),
    (_rule(rf"(?P<near>{'|'.join(_NEAR)})"), _near),
    (_rule(rf"(?:(?P<which>{_WHICH}) )?wochenende"), _weekend),
    (
        Rule(
            rf"(?:(?P<bound>{_BOUND}) )?(?P<lead>(?:(?:am|der|zu|an|und|oder|{WEEKDAY}) )*)"
            rf"(?P<day>\d+)\.{_NO_DAY}(?: an)?(?: (?P<afterward>{_AFTERWARD}))?"
        ),
        _day_of_month,
    ),
    (_rule(rf"(?P<any>(?:irgend)?ein |jede[nr] |immer )?{_LISTED}"), _weekdays),
    (_rule(r"werktags|wochentags|(?:unter|in|während) (?:der )?woche"), _workdays),
    (
        Rule(
            r"möglichst (?:bald|schnell|zeitnah)|(?:bald|schnell|zeitnah) wie möglich|bald|sofort|umgehend"
            r"|(?:schnellst|baldest|frühest)möglich\w*|(?:der )?(?:nächste|erste\w*|frühest\w*|1\.) "
            r"(?:(?:freie|mögliche)\w* )?(?:termin|möglichkeit|zeitpunkt)"
        ),
        _soon,
    ),
)
"""The rules in the order in which they take tokens."""
