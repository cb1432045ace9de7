"""Arithmetic of days: coming weekdays, weeks (from Monday), parts of months, moveable feasts."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)

_PARTS_OF_MONTH = {"anfang": (1, 10), "mitte": (11, 20), "ende": (21, 31)}
_PARTS_OF_WEEK = {"anfang": (0, 1), "mitte": (1, 3), "ende": (3, 5)}
_PARTS_OF_YEAR = {"anfang": (1, 2), "mitte": (6, 7), "ende": (11, 12)}


@dataclass(frozen=True, slots=True)
class Span:
    """The days from ``first`` to ``last``, both included."""

    first: dt.date
    last: dt.date

    @property
    def is_day(self) -> bool:
        """Whether the span is a single day."""
        return self.first == self.last


def day(date: dt.date) -> Span:
    """A single day as a span."""
    return Span(date, date)


def coming(weekday: int, after: dt.date) -> dt.date:
    """The first day with this weekday (Monday = 0) after the given day."""
    return after + dt.timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)


def week(today: dt.date, ahead: int) -> Span:
    """The calendar week ``ahead`` weeks after this one, Monday to Sunday."""
    monday = today - dt.timedelta(days=today.weekday()) + ahead * WEEK
    return Span(monday, monday + 6 * DAY)


def part_of_week(span: Span, part: str) -> Span:
    """ "anfang" is Monday and Tuesday, "mitte" Tuesday to Thursday, "ende" Thursday to Saturday."""
    first, last = _PARTS_OF_WEEK[part]
    return Span(span.first + first * DAY, span.first + last * DAY)


def month(year: int, number: int, part: str | None = None) -> Span:
    """A month, or its days 1–10 ("anfang"), 11–20 ("mitte") or from the 21st on ("ende")."""
    first, last = _PARTS_OF_MONTH[part] if part else (1, 31)
    return Span(
        dt.date(year, number, first), dt.date(year, number, min(last, calendar.monthrange(year, number)[1]))
    )


def months_ahead(today: dt.date, ahead: int, part: str | None = None) -> Span:
    """The month ``ahead`` months after this one, or a part of it."""
    years, number = divmod(today.month - 1 + ahead, 12)
    return month(today.year + years, number + 1, part)


def coming_month(number: int, today: dt.date, part: str | None = None, year: int | None = None) -> Span:
    """The named month (or its part) that is not over yet: of the given year, this year or the next."""
    for candidate in (year, today.year):
        if candidate is not None and (span := month(candidate, number, part)).last >= today:
            return span
    return month(today.year + 1, number, part)


def year(number: int, part: str | None = None) -> Span:
    """A year, or its first, middle or last two months."""
    first, last = _PARTS_OF_YEAR[part] if part else (1, 12)
    return Span(dt.date(number, first, 1), month(number, last).last)


def coming_date(
    day_number: int, month_number: int, today: dt.date, year: int | None = None
) -> dt.date | None:
    """The named date in the given year if that is not past, else its next return; None for 31 April."""
    years = ([year] if year else []) + list(
        range(today.year, today.year + 9)
    )  # 29 February can be 8 years off
    for candidate in years:
        found = date_of(candidate, month_number, day_number)
        if found and found >= today:
            return found
    return None


def coming_day_of_month(number: int, today: dt.date) -> dt.date | None:
    """The next day with this number, today included; months that are too short are passed over."""
    for ahead in range(3):
        span = months_ahead(today, ahead)
        found = date_of(span.first.year, span.first.month, number)
        if found and found >= today:
            return found
    return None


def date_of(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None where the calendar has none."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def easter(year: int) -> dt.date:
    """Easter Sunday (Gregorian), after Meeus, Astronomical Algorithms, chapter 8."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), g = divmod(b, 4), (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    offset = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * offset) // 433
    number = (h + offset - 7 * m + 90) // 25
    return dt.date(year, number, (h + offset - 7 * m + 33 * number + 19) % 32)


def holiday(name: str, today: dt.date) -> Span:
    """The feast called ``name`` that is not over yet. KeyError if there is none of that name."""
    span = _holiday(name, today.year)
    return span if span.last >= today else _holiday(name, today.year + 1)


HOLIDAYS = (
    "weihnachten", "heiligabend", "silvester", "neujahr", "ostern", "karfreitag", "ostermontag",
    "himmelfahrt", "pfingsten", "pfingstmontag", "feiertage",
)  # fmt: skip
"""The feasts that :func:`holiday` knows; "feiertage" are those from Christmas Eve to New Year's Day."""


def _holiday(name: str, year: int) -> Span:
    sunday = easter(year)
    return {
        "weihnachten": Span(dt.date(year, 12, 24), dt.date(year, 12, 26)),
        "heiligabend": day(dt.date(year, 12, 24)),
        "silvester": day(dt.date(year, 12, 31)),
        "neujahr": day(dt.date(year, 1, 1)),
        "ostern": Span(sunday - 2 * DAY, sunday + DAY),
        "karfreitag": day(sunday - 2 * DAY),
        "ostermontag": day(sunday + DAY),
        "himmelfahrt": day(sunday + 39 * DAY),
        "pfingsten": Span(sunday + 49 * DAY, sunday + 50 * DAY),
        "pfingstmontag": day(sunday + 50 * DAY),
        "feiertage": Span(dt.date(year, 12, 24), dt.date(year + 1, 1, 1)),
    }[name]
