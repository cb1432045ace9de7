"""From rules to a day: which counters of a site are open when, and whose they are. Pure functions."""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import holidays

from hotline.booking.tables import CELL, EVERYONE, DateException, Opening, Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BLOCK = 30
"""Minutes for which a counter is given to a share at a time. Shares are whole counters: "15 % of 3 counters"
is one counter for some of the half hours of the day, spread evenly."""

Segment: TypeAlias = tuple[int, int, int, int]
"""Pool, first minute, first minute after it, capacity."""

Counters: TypeAlias = dict[int, int]
"""Counters by minute of the day, on the grid."""


@dataclass(frozen=True)
class Rules:
    """Everything that decides when a city is open."""

    region: str
    openings: Mapping[str, Sequence[Opening]]
    """By site."""
    exceptions: Sequence[DateException]
    shares: Sequence[Share]


def plan_site(rules: Rules, site: str, date: dt.date) -> dict[int, list[Segment]]:
    """Return, by place, the segments of pools that ``site`` has on ``date``. Empty where it is closed."""
    shares = [
        share
        for share in rules.shares
        if (not share.sites or site in share.sites)
        and (share.first_date is None or share.first_date <= date)
        and (share.last_date is None or date <= share.last_date)
    ]
    plans = {
        place: _segments(_pools(counters, shares)) for place, counters in staffed(rules, site, date).items()
    }
    return {place: segments for place, segments in plans.items() if segments}


@functools.cache
def _public_holidays(region: str, year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("DE", subdiv=region, years=year))


def staffed(rules: Rules, site: str, date: dt.date) -> dict[int, Counters]:
    """Return, by place, the counters that are there: regular hours with exceptions laid over them."""
    regular = rules.openings.get(site, ())
    exceptions = [
        exception
        for exception in rules.exceptions
        if exception.site in (None, site) and exception.first_date <= date <= exception.last_date
    ]
    if not regular or any(exception.closed for exception in exceptions):
        return {}
    # A mobile site is nowhere in particular: an extra day of the whole city is not for it.
    stationary = len({opening.place for opening in regular}) == 1
    extra = [exception for exception in exceptions if exception.opens is not None and stationary]
    counters: defaultdict[int, Counters] = defaultdict(lambda: defaultdict(int))
    if extra:
        for exception in extra:
            _add(counters[regular[0].place], exception.opens, exception.closes, exception.counters)
    elif date not in _public_holidays(rules.region, date.year):
        for opening in regular:
            if _opens_on(opening, date):
                _add(counters[opening.place], opening.opens, opening.closes, opening.counters)
    change = sum(exception.change for exception in exceptions)
    return {
        place: {minute: max(0, count + change) for minute, count in profile.items()}
        for place, profile in counters.items()
    }


def _opens_on(opening: Opening, date: dt.date) -> bool:
    if opening.valid_from and date < opening.valid_from:
        return False
    if opening.valid_until and date > opening.valid_until:
        return False
    if opening.weekday is not None and opening.weekday != date.weekday():
        return False
    odd = date.isocalendar().week % 2 == 1
    return opening.weeks == "every" or (opening.weeks == "odd") == odd


def _add(counters: Counters, opens: int | None, closes: int | None, count: int | None) -> None:
    for minute in range(opens or 0, closes or 0, CELL):
        counters[minute] += count or 0


def _pools(counters: Counters, shares: Iterable[Share]) -> dict[int, Counters]:
    """Divide the counters among the pools."""
    left = dict(counters)
    pools: dict[int, Counters] = {}
    for share in sorted(shares, key=lambda share: (share.kind != "walk_in", share.id)):
        if share.kind == "overbooked":
            continue
        taken = _portion(counters, share.percent, left)
        left = {minute: count - taken[minute] for minute, count in left.items()}
        if share.pool is not None:
            pools[share.pool] = taken
    for share in shares:
        if share.kind == "overbooked":
            extra = _portion(left, share.percent, left)
            left = {minute: count + extra[minute] for minute, count in left.items()}
    return {EVERYONE: left, **pools}


def _portion(counters: Counters, percent: float, available: Counters) -> Counters:
    """Take ``percent`` of the counters in whole counters for whole blocks, carrying the remainder on."""
    portion: Counters = {}
    due = 0.0
    for block in _blocks(sorted(counters)):
        due += sum(counters[minute] for minute in block) * percent / 100
        count = min(int(due / len(block) + 1e-9), *(available[minute] for minute in block))
        due -= count * len(block)
        portion.update(dict.fromkeys(block, count))
    return portion


def _blocks(minutes: Sequence[int]) -> list[list[int]]:
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    for minute in minutes:
        blocks[minute // BLOCK].append(minute)
    return list(blocks.values())


def _segments(pools: Mapping[int, Counters]) -> list[Segment]:
    """Join neighbouring cells of equal capacity."""
    segments: list[Segment] = []
    for pool, counters in sorted(pools.items()):
        for minute, count in sorted(counters.items()):
            if not count:
                continue
            if (
                segments
                and segments[-1][0] == pool
                and segments[-1][2] == minute
                and segments[-1][3] == count
            ):
                segments[-1] = (pool, segments[-1][1], minute + CELL, count)
            else:
                segments.append((pool, minute, minute + CELL, count))
    return segments


def runs(minutes: Iterable[int]) -> list[tuple[int, int]]:
    """Join ascending minutes of the grid into runs: (first minute, first minute after it)."""
    found: list[tuple[int, int]] = []
    for minute in minutes:
        if found and found[-1][1] == minute:
            found[-1] = (found[-1][0], minute + CELL)
        else:
            found.append((minute, minute + CELL))
    return found
