"""32 processes race for the last slots of a small city, with a hundred thousand attempts."""

import os
import tempfile
import time
from collections.abc import Callable

from hotline.booking import load_city
from hotline.storage import Database
from tests import servers
from tests.booking import race
from tests.booking.conftest import NOW, a_city, office

ATTEMPTS = 100_000
"""In all, half of them on each database."""
WORKERS = 32


def run(report: Callable[[str], None]) -> None:
    """Race on SQLite and on PostgreSQL, and print what came of it."""
    report(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, servers.postgresql() as server:
        _race(report, "SQLite", f"sqlite:///{folder}/race.sqlite3")
        if server:
            with servers.new_database(server) as url:
                _race(report, "PostgreSQL", url.render_as_string(hide_password=False))


def _race(report: Callable[[str], None], kind: str, url: str) -> None:
    database = Database(url)
    database.upgrade()
    sites = [office(name, hours=[("tue", "08:00", "10:00")], counters=3) for name in ("ost", "west", "mitte")]
    load_city(database, a_city(sites, city={"window_days": 9}), NOW)
    database.engine.dispose()
    began = time.perf_counter()
    result = race.run(url, NOW, workers=WORKERS, attempts=ATTEMPTS // 2 // WORKERS)
    seconds = time.perf_counter() - began
    waits = sorted(result.waits)
    p50, p95 = waits[len(waits) // 2] * 1000, waits[int(len(waits) * 0.95)] * 1000
    report(
        f"{kind}: {len(waits)} attempts of {WORKERS} processes in {seconds:.0f} s, "
        f"{len(waits) / seconds:.0f} per second; each takes p50 {p50:.0f} ms, p95 {p95:.0f} ms"
    )
    report(f"  {dict(result.outcomes)}")
    report(f"  {len(race.conflicts(database))} conflicts, {len(result.errors)} errors")
    for error in result.errors[:3]:
        report(error)
    database.engine.dispose()
