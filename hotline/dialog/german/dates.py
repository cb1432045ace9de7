"""Dates as people say them on the telephone.

How expressions that people use differently are read (the caller hears the date, and can refuse it):

- „Mittwoch“, „diesen Mittwoch“, „kommenden Mittwoch“: the first Wednesday after today.
- „nächsten Mittwoch“: Wednesday of the next calendar week (Monday to Sunday), like „nächste Woche Mittwoch“.
  On Monday that is in nine days; on Thursday it is also the coming one. „übernächsten“: a week later.
- „Mittwoch in einer Woche“, „Mittwoch in acht Tagen“: a week after the coming Wednesday (or after today).
- „in acht Tagen“: a week; „in zwei Wochen“: the seven days from today in two weeks, for people say it
  loosely, but „heute in zwei Wochen“ is that day.
- „Anfang“, „Mitte“, „Ende“ of a month: days 1–10, 11–20, 21 to last; of a week: Monday and Tuesday, Tuesday
  to Thursday, Thursday to Saturday.
- „Mittwoch, den dritten Dezember“: the date, whatever its weekday.
- „montags“, „an einem Montag“, „Montag oder Mittwoch“, „am Wochenende“: those weekdays in any week.
- A date that is past is meant of the next year, a day that is past of the next month. A year that is past is
  taken for misheard.
- „nicht am Montag“: any other weekday. „nicht morgen“, „nicht nächste Woche“: after that.
- Two days with nothing between them, „am Montag am Mittwoch“, are both good, but doubtful: perhaps a „nein“
  between them was not heard. With „oder“ or „und“, or as a list of three, they are meant.
- A refinement does not loosen: „nächste Woche Mittwoch“, „ab Januar mittwochs“ hold all that was said. A
  correction replaces: after „nein“ or „lieber“ only what follows counts, if it names a day at all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hotline.dialog.german import days
from hotline.dialog.german.date_rules import RULES, Bound, Expression, Reader, bound_of
from hotline.dialog.german.days import DAY, Span
from hotline.dialog.german.tokens import Found, Rule, Segment, segments

_CONNECTED = re.compile(r"(?<!\S)(?:und|oder|bis|zwischen|beziehungsweise)(?!\S)")
_BESIDE_FEAST = {Bound.UNTIL: Bound.BEFORE, Bound.FROM: Bound.AFTER, Bound.BETWEEN: Bound.AFTER}


@dataclass(frozen=True, slots=True)
class DateWish:
    """Days on which a caller would like to come. With nothing set: as soon as possible."""

    first_date: dt.date | None = None
    """Not before this date."""
    last_date: dt.date | None = None
    """Not after this date."""
    weekdays: tuple[int, ...] = ()
    """Acceptable weekdays, Monday = 0. Set wherever weekdays were named, also beside a single date: if
    nothing is free on it, other weeks can be offered."""
    used: frozenset[int] = frozenset()
    """Indices of the words that were understood."""
    doubtful: bool = False
    """Two days were named with nothing between them: the caller should be asked which was meant."""


def parse_date(words: Sequence[str], today: dt.date) -> DateWish | None:
    """The days that an utterance names, seen from ``today`` (local date); None if it names none."""
    return find_date(segments(words), today)


def find_date(parts: Sequence[Segment], today: dt.date) -> DateWish | None:
    """As :func:`parse_date`, taking what it understands from the segments."""
    wish: DateWish | None = None
    used: set[int] = set()
    for part in parts:
        before = set(part.used)
        connected = bool(_CONNECTED.search(part.text))
        found = sorted(_expressions(part, today), key=lambda one: one.position)
        used |= part.used - before
        corrected = wish.first_date if wish else None
        if found and (combined := _combine([one.value for one in found], today, corrected)):
            doubtful = not connected and _side_by_side([one.value for one in found], today)
            wish = replace(combined, doubtful=doubtful)
    return replace(wish, used=frozenset(used)) if wish else None


def _expressions(part: Segment, today: dt.date) -> list[Found[Expression]]:
    return [found for rule, reader in RULES for found in _taken(part, rule, reader, today)]


def _taken(part: Segment, rule: Rule, reader: Reader, today: dt.date) -> list[Found[Expression]]:
    def read(match: re.Match[str]) -> Expression | None:
        expression = reader(match, today)
        return expression and replace(expression, bound=bound_of(match))

    return list(part.take(rule, read))


def _combine(found: list[Expression], today: dt.date, corrected: dt.date | None) -> DateWish | None:
    """What all expressions of a segment mean together; None for a contradiction."""
    expressions = _dated(found, today, corrected)
    first, last = _bounds(expressions, today)
    positive = [one for one in expressions if one.bound is Bound.WITHIN]
    spans = [one.span for one in positive if one.span]
    weekdays = {day for one in positive for day in one.weekdays if not one.is_range}
    if spans:
        within = Span(min(span.first for span in spans), max(span.last for span in spans))
        if weekdays:
            within, weekdays = _on_weekdays(within, weekdays, today)
        first = max(first or within.first, within.first)
        last = min(last or within.last, within.last)
    elif len(weekdays) == 1 and not (first or last) and not any(one.habitual for one in positive):
        first = last = days.coming(min(weekdays), today)
    refused = {day for one in expressions if one.bound is Bound.NOT and not one.span for day in one.weekdays}
    if refused:
        weekdays = (weekdays or set(range(7))) - refused
    if first and first < today:
        first = today
    if last and last < (first or today):
        return None
    return DateWish(first, last, tuple(sorted(weekdays)))


def _side_by_side(found: list[Expression], today: dt.date) -> bool:
    """Whether two days are named that exclude each other."""
    positive = [one for one in _dated(found, today, None) if one.bound is Bound.WITHIN]
    spans = [one.span for one in positive if one.span]
    if any(one.last < other.first for one in spans for other in spans):
        return True
    weekdays = [one for one in positive if one.weekdays and not one.span]
    return len({day for one in weekdays for day in one.weekdays}) == 2 and not any(
        one.habitual for one in weekdays
    )


def _dated(found: list[Expression], today: dt.date, corrected: dt.date | None) -> list[Expression]:
    """The expressions with every day of a month made a date, and the end of "zwischen … und …" a bound."""
    dated: list[Expression] = []
    for index, one in enumerate(found):
        expression = one
        if one.day_of_month:
            later = next((other.span.first for other in found[index + 1 :] if other.span), None)
            earlier = next((other.span.first for other in reversed(dated) if other.span), corrected)
            date = _day_near(one.day_of_month, today, earlier, later)
            expression = replace(one, span=days.day(date)) if date else replace(one, bound=Bound.WITHIN)
        if index and found[index - 1].bound is Bound.BETWEEN and one.bound is Bound.WITHIN:
            expression = replace(expression, bound=Bound.UNTIL)
        if expression.is_feast:
            expression = replace(expression, bound=_BESIDE_FEAST.get(expression.bound, expression.bound))
        dated.append(expression)
    return dated


def _day_near(number: int, today: dt.date, earlier: dt.date | None, later: dt.date | None) -> dt.date | None:
    """The day of the month that a neighbour names: "vom 28. bis 3. Januar", "am 3. Dezember oder am 4."."""
    if later:
        found = days.date_of(later.year, later.month, number)
        if found and found > later:
            before = later.replace(day=1) - DAY
            found = days.date_of(before.year, before.month, number)
        if found and found >= today:
            return found
    if earlier and (found := days.date_of(earlier.year, earlier.month, number)) and found >= today:
        return found
    return days.coming_day_of_month(number, today)


def _bounds(expressions: Sequence[Expression], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last date that "ab", "bis", "nach", "vor", "nicht" and their kin set."""
    spans = [one.span for one in expressions if one.span and one.bound is Bound.WITHIN]
    base = max(today, min((span.first for span in spans), default=today) - DAY)
    firsts: list[dt.date] = []
    lasts: list[dt.date] = []
    for one in expressions:
        if one.is_range and one.bound is not Bound.NOT:
            firsts.append(days.coming(one.weekdays[0], base))
            lasts.append(days.coming(one.weekdays[1], firsts[-1]))
            continue
        span = one.span
        if span is None and one.weekdays and one.bound not in (Bound.WITHIN, Bound.NOT):
            dates = [days.coming(day, max(firsts, default=base)) for day in one.weekdays]
            span = Span(min(dates), max(dates))
        if span is None:
            continue
        match one.bound:
            case Bound.FROM | Bound.BETWEEN:
                firsts.append(span.first)
            case Bound.AFTER | Bound.NOT:
                firsts.append(span.last + DAY)
            case Bound.UNTIL:
                lasts.append(span.last)
            case Bound.BEFORE:
                lasts.append(span.first - DAY)
            case Bound.WITHIN:
                pass
    return max(firsts, default=None), min(lasts, default=None)


def _on_weekdays(within: Span, weekdays: set[int], today: dt.date) -> tuple[Span, set[int]]:
    """A stretch of days narrowed to weekdays; a weekday that does not fit a single date is an alternative."""
    if within.is_day:
        dates = [within.first, *(days.coming(day, today) for day in weekdays - {within.first.weekday()})]
        return Span(min(dates), max(dates)), weekdays | {within.first.weekday()}
    start = max(within.first, today)
    length = (within.last - start).days + 1
    dates = [start + offset * DAY for offset in range(length)]
    fitting = [date for date in dates if date.weekday() in weekdays]
    if not fitting:
        return within, set()
    return Span(fitting[0], fitting[-1]), weekdays
