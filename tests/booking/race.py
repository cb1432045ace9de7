"""A race of real processes for the last slots of a small city; for the tests and ``bench/booking.py``."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import random
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa

from hotline.booking import Calendar
from hotline.booking.tables import Appointment, Cell, State
from hotline.storage import Database

SERVICES = ("pass", "karte", "beratung")


@dataclass
class Race:
    """What the workers of a race report together."""

    outcomes: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    """Seconds that each attempt took."""
    errors: list[str] = field(default_factory=list)


def run(url: str, now: dt.datetime, *, workers: int, attempts: int) -> Race:
    """Let ``workers`` processes make ``attempts`` attempts each, all at once, on a city not yet raced on."""
    database = Database(url)
    # Forked from a process that has done it once, so that thirty-two need not import and compile it all.
    _attempt(Calendar(database, lambda: now), random.Random(0), "warm", [])
    database.engine.dispose()
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    start = context.Barrier(workers)
    processes = [
        context.Process(target=_work, args=(database, now, number, attempts, start, results))
        for number in range(workers)
    ]
    for process in processes:
        process.start()
    race = Race()
    for _ in processes:
        part = results.get(timeout=3600)
        race.outcomes += part.outcomes
        race.waits += part.waits
        race.errors += part.errors
    for process in processes:
        process.join()
    return race


def _work(database, now, number, attempts, start, results):
    race = Race()
    database.engine.dispose(close=False)  # connections must not be shared with another process
    calendar = Calendar(database, lambda: now)
    dice = random.Random(number)
    mine = []
    try:
        start.wait()
        for attempt in range(attempts):
            began = time.perf_counter()
            race.outcomes[_attempt(calendar, dice, f"{number}/{attempt}", mine)] += 1
            race.waits.append(time.perf_counter() - began)
    except Exception:  # whatever a worker meets is what the race is for
        race.errors.append(traceback.format_exc())
    database.engine.dispose()
    results.put(race)


def _attempt(calendar, dice, key, mine):
    """Do what one caller might; ``mine`` are the references this worker has booked."""
    offer = calendar.hold_earliest(dice.choice(SERVICES), key=key)
    if mine and dice.random() < 0.2:
        calendar.release(key)
        return "cancelled" if calendar.cancel(mine.pop(), key=f"{key}/cancel") else "cancellation lost"
    if offer is None:
        return "full"
    fate = dice.random()
    if fate < 0.2:
        calendar.release(key)
        return "released"
    if mine and fate < 0.4:
        return "moved" if calendar.move(mine[-1], hold=key, key=f"{key}/move") else "move lost"
    booked = calendar.book(hold=key, key=f"{key}/book")
    if booked is None:
        return "hold lost"
    mine.append(booked.reference)
    return "booked"


def conflicts(database: Database) -> list[str]:
    """Compare every cell's load with the appointments that lie in it."""
    found = []
    with database.reading() as session:
        loads: Counter[tuple[int, int, int]] = Counter()
        live = sa.select(Appointment).where(Appointment.state.in_([State.HELD, State.BOOKED]))
        for row in session.execute(live).scalars():
            for cell in range(row.cells):
                loads[row.day, row.pool, row.minute + 5 * cell] += 1
        for cell in session.execute(sa.select(Cell)).scalars():
            expected = loads.pop((cell.day, cell.pool, cell.minute), 0)
            if cell.load != expected or cell.load > cell.capacity + cell.excess:
                found.append(
                    f"{cell.day}/{cell.pool}/{cell.minute}: {cell.load} of {cell.capacity}, {expected} live"
                )
        found += [f"{key}: no cell for an appointment" for key in loads]
    return found
