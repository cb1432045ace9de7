"""Laying out the calendar: turning the rules into days, cells and gaps, and again when the rules change."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hotline.booking import ledger
from hotline.booking.plan import Rules, Segment, plan_site, runs
from hotline.booking.tables import Cell, City, DateException, Day, Gap, Opening, Share, Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session


def read_rules(session: Session) -> Rules:
    """Read what decides when the city is open."""
    openings: defaultdict[str, list[Opening]] = defaultdict(list)
    active = set(session.execute(sa.select(Site.id).where(Site.active)).scalars())
    for opening in session.execute(sa.select(Opening).order_by(Opening.id)).scalars():
        if opening.site in active:
            openings[opening.site].append(opening)
    return Rules(
        region=session.execute(sa.select(City.region)).scalar_one(),
        openings=openings,
        exceptions=session.execute(sa.select(DateException)).scalars().all(),
        shares=session.execute(sa.select(Share)).scalars().all(),
    )


def lay_out(session: Session, first: dt.date, last: dt.date, sites: Sequence[str] = ()) -> None:
    """Make the days from ``first`` to ``last`` follow the rules.

    What is booked or held stays: where it no longer fits, the cell keeps it as an excess.

    :param sites: only these; all if empty.
    """
    rules = read_rules(session)
    known = sites or session.execute(sa.select(Site.id)).scalars().all()
    existing = {
        (day.place, day.date): day
        for day in session.execute(
            sa.select(Day).where(Day.site.in_(known), Day.date.between(first, last)).order_by(Day.id)
        ).scalars()
    }
    new: list[tuple[Day, list[Segment]]] = []
    planned: set[tuple[int, dt.date]] = set()
    changed: list[tuple[Day, list[Segment]]] = []
    for site in known:
        for offset in range((last - first).days + 1):
            date = first + dt.timedelta(days=offset)
            for place, plan in plan_site(rules, site, date).items():
                planned.add((place, date))
                day = existing.get((place, date))
                if day is None:
                    new.append((Day(site=site, date=date, place=place, plan=plan), plan))
                elif day.plan != [list(segment) for segment in plan]:
                    changed.append((day, plan))
    changed += [(day, []) for key, day in existing.items() if key not in planned and day.plan]
    if changed:
        ledger.lock(session, [day.id for day, _ in changed])
    for day, plan in changed:
        _change(session, day, plan)
    _add(session, new)


def _add(session: Session, days: Sequence[tuple[Day, list[Segment]]]) -> None:
    """Write days that were not there before."""
    if not days:
        return
    session.add_all(day for day, _ in days)
    session.flush()
    cells: Iterator[dict[str, object]] = (
        {"day": day.id, "pool": pool, "minute": minute, "capacity": capacity, "load": 0, "excess": 0}
        for day, plan in days
        for (pool, minute), capacity in ledger.capacities(plan).items()
    )
    ledger.insert(session, Cell, cells)
    gaps = chain.from_iterable(
        ledger.gap_rows(
            day, pool, runs(sorted(minute for found, minute in ledger.capacities(plan) if found == pool))
        )
        for day, plan in days
        for pool in sorted({segment[0] for segment in plan})
    )
    ledger.insert(session, Gap, gaps)


def _change(session: Session, day: Day, plan: list[Segment]) -> None:
    """Give a day other capacities, keeping its loads."""
    wanted = ledger.capacities(plan)
    cells = {
        (cell.pool, cell.minute): cell
        for cell in session.execute(
            sa.select(Cell).where(Cell.day == day.id).execution_options(populate_existing=True)
        ).scalars()
    }
    for key, cell in cells.items():
        cell.capacity = wanted.get(key, 0)
        cell.excess = max(0, cell.load - cell.capacity)
        if not cell.capacity and not cell.load:
            session.delete(cell)
    session.add_all(
        Cell(day=day.id, pool=pool, minute=minute, capacity=capacity, load=0, excess=0)
        for (pool, minute), capacity in wanted.items()
        if (pool, minute) not in cells
    )
    day.plan = [list(segment) for segment in plan]
    session.flush()
    ledger.refresh_gaps(session, day.id, {pool for pool, _ in {**cells, **wanted}})
