"""The ledger of the counters: taking and giving cells so that no counter is ever given twice.

Every function runs inside the caller's transaction. The rule that keeps it both safe and free of deadlocks:
first :func:`lock` all days that will change, in one call, then change their cells. On SQLite the transaction
(``BEGIN IMMEDIATE``) is the lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import sqlalchemy as sa

from hotline.booking.plan import Segment, runs
from hotline.booking.tables import CELL, Cell, Day, Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

    from hotline.storage import Base


def lock(session: Session, days: Collection[int]) -> None:
    """Wait until no other transaction changes any of ``days``, and keep others out until this one ends."""
    # One statement in the order of ids: two transactions that want the same two days cannot block each other.
    session.execute(sa.select(Day.id).where(Day.id.in_(sorted(days))).order_by(Day.id).with_for_update())


def take(session: Session, day: int, pool: int, minute: int, cells: int) -> bool:
    """Take a counter in each of ``cells`` cells from ``minute`` on; take none if one cell has none free."""
    with session.begin_nested() as attempt:
        free = session.execute(
            sa.update(Cell)
            .where(*_range(day, pool, minute, cells), Cell.load < Cell.capacity)
            .values(load=Cell.load + 1)
            .returning(Cell.capacity - Cell.load)
        ).scalars()
        left = list(free)
        if len(left) < cells:
            attempt.rollback()
            return False
    if 0 in left:
        refresh_gaps(session, day, [pool])
    return True


def give(session: Session, day: int, pool: int, minute: int, cells: int) -> None:
    """Give back what was taken."""
    left = session.execute(
        sa.update(Cell)
        .where(*_range(day, pool, minute, cells))
        .values(load=Cell.load - 1, excess=sa.case((Cell.excess > 0, Cell.excess - 1), else_=0))
        .returning(Cell.capacity - Cell.load)
    ).scalars()
    if 1 in list(left):
        refresh_gaps(session, day, [pool])


def fits(session: Session, day: int, minute: int, cells: int) -> set[int]:
    """Return the pools of ``day`` that have a counter free in all of the cells."""
    rows = session.execute(
        sa.select(Cell.pool)
        .where(
            Cell.day == day,
            Cell.minute >= minute,
            Cell.minute < minute + cells * CELL,
            Cell.load < Cell.capacity,
        )
        .group_by(Cell.pool)
        .having(sa.func.count() == cells)
    )
    return set(rows.scalars())


def refresh_gaps(session: Session, day: int, pools: Iterable[int]) -> None:
    """Derive the gaps of ``day`` from its cells again, writing only what differs."""
    head = session.get_one(Day, day)
    for pool in pools:
        free = session.execute(
            sa.select(Cell.minute)
            .where(Cell.day == day, Cell.pool == pool, Cell.load < Cell.capacity)
            .order_by(Cell.minute)
        ).scalars()
        now = set(runs(free))
        before = {
            (opens, closes)
            for opens, closes in session.execute(
                sa.select(Gap.opens, Gap.closes).where(Gap.day == day, Gap.pool == pool)
            )
        }
        if before - now:
            session.execute(
                sa.delete(Gap).where(
                    Gap.day == day, Gap.pool == pool, Gap.opens.in_([opens for opens, _ in before - now])
                )
            )
        if now - before:
            session.execute(bulk(Gap), gap_rows(head, pool, now - before))


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


def bulk(table: type[Base]) -> sa.Insert:
    """Return an insert of many rows at once, without the ORM's book-keeping for each of them."""
    return sa.insert(cast("sa.Table", table.__table__))


def capacities(plan: Iterable[Segment]) -> dict[tuple[int, int], int]:
    """Spread a plan over its cells: capacity by (pool, minute)."""
    return {
        (pool, minute): capacity
        for pool, opens, closes, capacity in plan
        for minute in range(opens, closes, CELL)
    }


def _range(day: int, pool: int, minute: int, cells: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Cell.day == day,
        Cell.pool == pool,
        Cell.minute >= minute,
        Cell.minute < minute + cells * CELL,
    )
