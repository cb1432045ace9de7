"""The calendar: how long a search and a booking take, in a city and in a country, on both databases.

The calendars are filled as in a city short of appointments: the first fortnight is full, then few quarters
of an hour are free, later many. Each search is also done by a plain loop over days and sites, as a measure
of the machine: compare ratios rather than times.
"""

import datetime as dt
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from hotline.booking import Calendar, load_city
from hotline.booking.schema import CityData
from hotline.booking.search import Finder
from hotline.booking.tables import Cell, Gap
from hotline.storage import Database
from hotline.terms import Wishes
from tests import servers
from tests.booking import plain

NOW = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
SIZES = {"city": 25, "country": 1_000}
"""Sites, each open for 90 days with five to eight counters."""
SEARCHES = 400
PLAIN_SEARCHES = {"city": 12, "country": 2}
BOOKINGS = 200

FULL_DAYS, SCARCE_DAYS = 14, 40
FREE_PER_MILLE = {"scarce": 30, "later": 400}

DISTRICT_SITES = 4
"""A country has more districts, not larger ones."""

Report = Callable[[str], None]


def run(report: Report) -> None:
    """Print percentiles for both sizes on both databases."""
    report(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    medians: dict[tuple[str, str], float] = {}
    with tempfile.TemporaryDirectory() as folder, servers.postgresql(durable=True) as server:
        for size, sites in SIZES.items():
            database = Database(f"sqlite:///{folder}/{size}.sqlite3")
            medians[size, "SQLite"] = _measure(report, database, size, sites)
            if server:
                with servers.new_database(server) as url:
                    medians[size, "PostgreSQL"] = _measure(report, Database(url), size, sites)
        for kind in dict.fromkeys(kind for _, kind in medians):
            growth = medians["country", kind] / medians["city", kind]
            times = SIZES["country"] // SIZES["city"]
            report(f"{kind}: with {times} times the sites a search takes {growth:.1f} times as long")


def _measure(report: Report, database: Database, size: str, sites: int) -> float:
    """Measure one empty database; return the median of a search in ms."""
    report(f"{size} on {'SQLite' if database.is_sqlite else 'PostgreSQL'}")
    database.upgrade()
    began = time.perf_counter()
    load_city(database, _city(sites), NOW)
    loaded = time.perf_counter() - began
    _fill(database)
    cells, counters, gaps = _counts(database)
    report(f"  loaded in {loaded:.0f} s: {cells} cells, {counters} counter-cells, {gaps} gaps")
    calendar = Calendar(database, lambda: NOW)
    dice = random.Random(1)
    wished = [next(_searches(dice, sites)) for _ in range(SEARCHES)]
    for service, wishes in wished[:20]:
        calendar.earliest(service, wishes)
    by_name: dict[str, list[float]] = {}
    for service, wishes in wished:
        by_name.setdefault(_name(wishes), []).append(_ms(calendar.earliest, service, wishes))
    times = sorted(ms for several in by_name.values() for ms in several)
    report(f"  {'search':28} {_percentiles(times)}")
    for name, several in sorted(by_name.items()):
        report(f"    {name:26} {_percentiles(several)}")
    _compare(report, database, calendar, wished[: PLAIN_SEARCHES[size]])
    five = [_ms(calendar.earliest, service, wishes, 5) for service, wishes in wished[:100]]
    report(f"  {'five offers':28} {_percentiles(five)}")
    booked = [
        _ms(_book, calendar, service, wishes, f"b/{number}")
        for number, (service, wishes) in enumerate(wished[:BOOKINGS])
    ]
    report(f"  {'hold and book':28} {_percentiles(booked)}")
    database.engine.dispose()
    return times[len(times) // 2]


def _book(calendar: Calendar, service: str, wishes: Wishes, key: str) -> None:
    if calendar.hold_earliest(service, wishes, key=key):
        assert calendar.book(hold=key, key=f"{key}/book")


def _compare(
    report: Report, database: Database, calendar: Calendar, wished: list[tuple[str, Wishes]]
) -> None:
    """Do the same searches with the plain loop, and check that it finds the same."""
    ours = theirs = 0.0
    finder = Finder(calendar.catalogue, NOW)
    for service, wishes in wished:
        with database.reading() as session:
            began = time.perf_counter()
            found = plain.earliest(session, finder, service, wishes)
            theirs += time.perf_counter() - began
        began = time.perf_counter()
        offers = calendar.earliest(service, wishes)
        ours += time.perf_counter() - began
        starts = [
            (offer.local_start.date(), offer.local_start.hour * 60 + offer.local_start.minute)
            for offer in offers
        ]
        assert starts == ([found[:2]] if found else [])
    report(
        f"  {'a loop over days and sites':28} mean {theirs / len(wished) * 1000:.0f} ms, "
        f"{theirs / ours:.0f} times as long (n={len(wished)})"
    )


def _searches(dice: random.Random, sites: int) -> Iterator[tuple[str, Wishes]]:
    """Yield what callers ask for: mostly anything, anywhere."""
    while True:
        service = dice.choice(["ausweis", "abholung", "beratung", "gespraech"])
        district = f"d{dice.randrange(_districts(sites))}"
        first = NOW.date() + dt.timedelta(days=dice.randrange(10, 60))
        yield (
            service,
            dice.choice(
                [
                    Wishes(),
                    Wishes(),
                    Wishes(),
                    Wishes(districts=(district,)),
                    Wishes(districts=(district,), within_km=10.0),
                    Wishes(sites=(f"s{dice.randrange(sites)}",)),
                    Wishes(first_time=dt.time(12)),
                    Wishes(last_time=dt.time(10)),
                    Wishes(weekdays=(dice.randrange(5),)),
                    Wishes(first_date=first),
                    Wishes(first_date=first, last_date=first),
                    Wishes(step_free=True),
                    Wishes(districts=(district,), weekdays=(3, 4), first_time=dt.time(14), step_free=True),
                ]
            ),
        )


def _name(wishes: Wishes) -> str:
    return " ".join(name for name in Wishes.__dataclass_fields__ if getattr(wishes, name)) or "anything"


def _districts(sites: int) -> int:
    return max(7, sites // DISTRICT_SITES)


def _city(sites: int) -> CityData:
    dice = random.Random(0)
    districts = _districts(sites)
    # As many sites per square kilometre in a country as in a city.
    spread = 0.15 * (sites / SIZES["city"]) ** 0.5

    def somewhere() -> dict[str, float]:
        return {
            "latitude": 51 + dice.uniform(-spread, spread),
            "longitude": 10 + dice.uniform(-spread, spread),
        }

    return CityData.model_validate(
        {
            "city": {"name": "Messstadt", "region": "HH", "lead_minutes": 60, "window_days": 90},
            "categories": [{"id": "alles", "name": "Alles"}],
            "districts": [
                {"id": f"d{number}", "name": f"Bezirk {number}", **somewhere()} for number in range(districts)
            ],
            "services": [
                {
                    "id": name,
                    "name": name.title(),
                    "accusative": name,
                    "synonyms": [name],
                    "category": "alles",
                    "group": "residents",
                    "minutes": minutes,
                }
                for name, minutes in (("abholung", 5), ("ausweis", 15), ("gespraech", 30), ("beratung", 45))
            ],
            "sites": [
                {
                    "id": f"s{number}",
                    "name": f"Amt {number}",
                    "synonyms": [f"amt {number}"],
                    "district": f"d{number % districts}",
                    "address": f"Platz {number}",
                    "step_free": dice.random() < 0.7,
                    "offers": ["residents"],
                    "hours": [
                        {
                            "weekdays": ["mon", "tue", "wed", "thu", "fri"],
                            "opens": "08:00",
                            "closes": "16:00",
                            "counters": dice.randint(5, 8),
                        }
                    ],
                    **somewhere(),
                }
                for number in range(sites)
            ],
            "shares": [
                {"id": "spontan", "kind": "walk_in", "percent": 5},
                {
                    "id": "eilig",
                    "kind": "reserved",
                    "percent": 5,
                    "services": ["abholung"],
                    "release_days": 2,
                },
            ],
        }
    )


def _fill(database: Database) -> None:
    """Take counters in quarters of an hour, as appointments would, and derive the gaps."""
    today = NOW.date()
    dates = {"full": today + dt.timedelta(days=FULL_DAYS), "scarce": today + dt.timedelta(days=SCARCE_DAYS)}
    chance = "(day * 7919 + (minute / 15) * (minute / 15) * 37 + (minute / 15) * 389 + pool * 17) % 1000"
    before = "day IN (SELECT id FROM day WHERE date < {})".format
    scarce, later = FREE_PER_MILLE["scarce"], FREE_PER_MILLE["later"]
    fill = sa.text(
        f"UPDATE cell SET load = capacity WHERE {before(':full')}"
        f" OR ({before(':scarce')} AND {chance} >= {scarce}) OR {chance} >= {later}"
    ).bindparams(sa.bindparam("full", type_=sa.Date), sa.bindparam("scarce", type_=sa.Date))
    derive = sa.text(
        "INSERT INTO gap (day, pool, opens, closes, cells, date, site, place)"
        " SELECT d.id, free.pool, min(minute), max(minute) + 5, count(*), d.date, d.site, d.place"
        " FROM (SELECT day, pool, minute, minute - 5 * row_number() OVER"
        " (PARTITION BY day, pool ORDER BY minute) AS run FROM cell WHERE load < capacity) AS free"
        " JOIN day AS d ON d.id = free.day"
        " GROUP BY d.id, free.pool, free.run, d.date, d.site, d.place"
    )
    with database.writing() as session:
        session.execute(fill, dates)
        session.execute(sa.delete(Gap))
        session.execute(derive)
    # All of it has just been written anew, which operation never does; its traces would be measured.
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE" if database.is_sqlite else "VACUUM (ANALYZE)"))


def _counts(database: Database) -> tuple[int, int, int]:
    with database.reading() as session:
        cells, counters = session.execute(sa.select(sa.func.count(), sa.func.sum(Cell.capacity))).one()
        gaps = session.execute(sa.select(sa.func.count()).select_from(Gap)).scalar_one()
        return cells, counters, gaps


def _ms(do: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    do(*arguments)
    return (time.perf_counter() - began) * 1000


def _percentiles(times: list[float]) -> str:
    times = sorted(times)
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    return f"p50 {p50:6.2f} ms   p95 {p95:6.2f} ms   max {times[-1]:6.1f} ms   n={len(times)}"
