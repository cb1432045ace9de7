"""The ledger of the counters: taking and giving cells so that no counter is ever given twice.

Every function runs inside the caller's transaction. The rule that keeps it both safe and free of deadlocks:
first :func:`lock` all days that will change, in one call, then change their cells. On SQLite the transaction
(``BEGIN IMMEDIATE``) is the lock.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa

from hotline.booking.plan import Segment, runs
from hotline.booking.tables import CELL, Cell, Day, Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

    from hotline.storage import Base

BATCH = 20_000
"""Rows written at a time."""

# The statements of the hot path are built once, on the tables themselves: building them anew costs more than
# running them.
_cell = cast("sa.Table", Cell.__table__).c
_gap = cast("sa.Table", Gap.__table__).c
_day, _pool, _first, _end = (
    sa.bindparam(name, type_=sa.Integer) for name in ("day_", "pool_", "first_", "end_")
)
_of_pool = sa.and_(_cell.day == _day, _cell.pool == _pool)
_in_range = sa.and_(_cell.minute >= _first, _cell.minute < _end)

_TAKE = (
    sa.update(_cell.day.table)
    .where(_of_pool, _in_range, _cell.load < _cell.capacity)
    .values(load=_cell.load + 1)
    .returning(_cell.capacity - _cell.load)
)
_GIVE = (
    sa.update(_cell.day.table)
    .where(_of_pool, _in_range)
    .values(load=_cell.load - 1, excess=sa.case((_cell.excess > 0, _cell.excess - 1), else_=0))
    .returning(_cell.capacity - _cell.load)
)
_FITS = (
    sa.select(_cell.pool)
    .where(_cell.day == _day, _in_range, _cell.load < _cell.capacity)
    .group_by(_cell.pool)
    .having(sa.func.count() == (_end - _first) / sa.literal_column(str(CELL)))
)
_FREE = sa.select(_cell.minute).where(_of_pool, _cell.load < _cell.capacity).order_by(_cell.minute)
_GAPS = sa.select(_gap.opens, _gap.closes).where(_gap.day == _day, _gap.pool == _pool)
_OPEN_GAP = sa.insert(_gap.day.table)
_CLOSE_GAP = sa.delete(_gap.day.table).where(_gap.day == _day, _gap.pool == _pool, _gap.opens == _first)


def lock(session: Session, days: Collection[int]) -> None:
    """Wait until no other transaction changes any of ``days``, and keep others out until this one ends."""
    if session.get_bind().dialect.name == "sqlite":
        return  # its writing transactions come one after the other
    # One statement in the order of ids: two transactions that want the same two days cannot block each other.
    session.execute(sa.select(Day.id).where(Day.id.in_(sorted(days))).order_by(Day.id).with_for_update())


def take(session: Session, day: int, pool: int, minute: int, cells: int) -> None:
    """Take a counter in each of ``cells`` cells from ``minute`` on, which were seen free under the lock.

    :raises RuntimeError: if one of them is not free. Nobody who keeps to the rule above ever sees it; it is
        there so that not even a mistake of ours books a counter twice.
    """
    free = list(session.execute(_TAKE, _range(day, minute, cells) | {"pool_": pool}).scalars())
    if len(free) != cells:
        msg = f"day {day}, pool {pool}, minute {minute}: only {len(free)} of {cells} cells are free"
        raise RuntimeError(msg)
    if 0 in free:
        refresh_gaps(session, day, [pool])


def give(session: Session, day: int, pool: int, minute: int, cells: int) -> None:
    """Give back what was taken."""
    if 1 in session.execute(_GIVE, _range(day, minute, cells) | {"pool_": pool}).scalars().all():
        refresh_gaps(session, day, [pool])


def fits(session: Session, day: int, minute: int, cells: int) -> set[int]:
    """Return the pools of ``day`` that have a counter free in all of the cells."""
    return set(session.execute(_FITS, _range(day, minute, cells)).scalars())


def refresh_gaps(session: Session, day: int, pools: Iterable[int]) -> None:
    """Derive the gaps of ``day`` from its cells again, writing only what differs."""
    head = session.get_one(Day, day)
    for pool in pools:
        where = {"day_": day, "pool_": pool}
        now = set(runs(session.execute(_FREE, where).scalars()))
        before = {(opens, closes) for opens, closes in session.execute(_GAPS, where)}
        for opens, _ in before - now:
            session.execute(_CLOSE_GAP, where | {"first_": opens})
        if now - before:
            session.execute(_OPEN_GAP, gap_rows(head, pool, now - before))


def _range(day: int, minute: int, cells: int) -> dict[str, int]:
    return {"day_": day, "first_": minute, "end_": minute + cells * CELL}


def gap_rows(day: Day, pool: int, gaps: Iterable[tuple[int, int]]) -> list[dict[str, object]]:
    """Write out ``gaps`` as rows of :class:`Gap`."""
    return [
        {
            "day": day.id,
            "pool": pool,
            "opens": opens,
            "closes": closes,
            "cells": (closes - opens) // CELL,
            "date": day.date,
            "site": day.site,
            "place": day.place,
        }
        for opens, closes in gaps
    ]


def insert(session: Session, table: type[Base], rows: Iterable[dict[str, object]]) -> None:
    """Insert very many rows, all with the same columns, without the ORM's book-keeping for each of them."""
    left = iter(rows)
    into = cast("sa.Table", table.__table__)
    while batch := list(islice(left, BATCH)):
        if session.get_bind().dialect.name == "sqlite":
            session.execute(sa.insert(into), batch)
            continue
        # COPY takes a tenth of the time of INSERTs: a country has six million cells.
        cursor = session.connection().connection.cursor()
        with cursor.copy(f"COPY {into.name} ({', '.join(batch[0])}) FROM STDIN") as copy:
            for row in batch:
                copy.write_row(tuple(row.values()))


def capacities(plan: Iterable[Segment]) -> dict[tuple[int, int], int]:
    """Spread a plan over its cells: capacity by (pool, minute)."""
    return {
        (pool, minute): capacity
        for pool, opens, closes, capacity in plan
        for minute in range(opens, closes, CELL)
    }
