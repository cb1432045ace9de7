"""Times of day as people say them on the telephone.

How expressions are read (the caller hears the time, and can refuse it):

- Times before seven mean the afternoon, for no office is open then: „ab zwei“ is 14:00, „halb sechs“ 17:30;
  unless „früh“ or „morgens“ is said. From seven on a time means the morning, unless „nachmittags“ or
  „abends“ is said.
- „viertel neun“ is 8:15 and „dreiviertel neun“ 8:45, as in the east and south; „viertel nach“, „viertel vor“.
- „um neun“ stands for the half hour from nine on, „gegen neun“ for half an hour before and after
  (:data:`~hotline.dialog.german.time_rules.PATIENCE`).
- Parts of the day are those of :data:`~hotline.dialog.german.time_rules.PARTS`. „nicht vormittags“ is what
  remains after or before.
- „so früh wie möglich“ is no restriction: the hotline offers the earliest anyway.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hotline.dialog.german.time_rules import Kind, Window, find_windows
from hotline.dialog.german.tokens import Segment, segments


@dataclass(frozen=True, slots=True)
class TimeWish:
    """Times of day at which a caller would like to come. With nothing set: no matter when."""

    first_time: dt.time | None = None
    """Starting at this time at the earliest."""
    last_time: dt.time | None = None
    """Starting before this time."""
    exact: dt.time | None = None
    """The one time that was named, if one was: "um halb neun"."""
    used: frozenset[int] = frozenset()
    """Indices of the words that were understood."""


def parse_time(words: Sequence[str], *, alone: bool = False) -> TimeWish | None:
    """The times of day that an utterance names; None if it names none.

    With ``alone=True`` a bare number counts ("neun", "neun dreißig"): for questions that ask for a time.
    """
    return find_time(segments(words), alone=alone)


def find_time(parts: Sequence[Segment], *, alone: bool = False) -> TimeWish | None:
    """As :func:`parse_time`, taking what it understands from the segments."""
    wish: TimeWish | None = None
    used: set[int] = set()
    for part in parts:
        before = set(part.used)
        if found := find_windows(part, alone=alone):
            wish = _combined(found)
            used |= part.used - before
    return replace(wish, used=frozenset(used)) if wish else None


def _combined(windows: Sequence[Window]) -> TimeWish:
    """The one window that holds what was said; of contradictions ("vor zehn oder nach drei") the first."""
    clocks = [one for one in windows if one.kind is Kind.CLOCK]
    parts = [one for one in windows if one.kind is Kind.PART]
    bounds = [one for one in windows if one.kind is Kind.BOUND]
    window = Window(Kind.BOUND)
    for one in (*_hull(clocks), *bounds, *_hull(parts)):
        if not (narrowed := window.within(one)).is_empty:
            window = narrowed
    exact = {one.exact for one in clocks}
    return TimeWish(_time(window.first), _time(window.last), _time(exact.pop()) if len(exact) == 1 else None)


def _hull(windows: Sequence[Window]) -> list[Window]:
    """The window around alternatives."""
    if not windows:
        return []
    firsts = [one.first for one in windows if one.first is not None]
    lasts = [one.last for one in windows if one.last is not None]
    return [
        Window(
            Kind.BOUND,
            min(firsts) if len(firsts) == len(windows) else None,
            max(lasts) if len(lasts) == len(windows) else None,
        )
    ]


def _time(minute: int | None) -> dt.time | None:
    return None if minute is None else dt.time(*divmod(minute, 60))
