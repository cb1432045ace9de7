import datetime as dt
from pathlib import Path

import pytest

from hotline.booking import Calendar, load_city
from hotline.booking.schema import CityData


class Clock:
    """A clock that tests turn."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def turn(self, **by):
        self.now += dt.timedelta(**by)


NOW = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
"""A Monday, 08:00 in Berlin."""

DEMO = Path(__file__).parents[2] / "cities" / "demo"


def office(name, district="nord", *, hours=None, counters=1, step_free=True, **more):
    hours = hours or [("mon tue wed thu fri", "08:00", "12:00")]
    return {
        "id": name,
        "name": f"Amt {name}",
        "synonyms": [name],
        "offers": ["residents"],
        "district": district,
        "address": f"Platz {name} 1",
        "step_free": step_free,
        "latitude": 53.55,
        "longitude": 10.0,
        "hours": [
            {"weekdays": days.split(), "opens": opens, "closes": closes, "counters": counters}
            for days, opens, closes in hours
        ],
        **more,
    }


def service(name, minutes=15, **more):
    return {
        "id": name,
        "name": name.title(),
        "accusative": f"einen {name.title()}",
        "synonyms": [name],
        "category": "alles",
        "group": "residents",
        "minutes": minutes,
        **more,
    }


def district(name, longitude=10.0):
    return {"id": name, "name": name.title(), "latitude": 53.55, "longitude": longitude}


def a_city(sites, services=None, districts=None, **more):
    """A small city as data."""
    return CityData.model_validate(
        {
            "city": {"name": "Kleinstadt", "region": "HH", "lead_minutes": 30, "window_days": 30}
            | more.pop("city", {}),
            "categories": [{"id": "alles", "name": "Alles"}],
            "districts": districts or [district("nord"), district("sued", 10.05), district("fern", 11.0)],
            "services": services or [service("pass"), service("karte", 5), service("beratung", 45)],
            "sites": sites,
            **more,
        }
    )


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def open_city(database, clock):
    """Return a function that loads a city and returns its calendar."""

    def open_it(sites, *args, **more):
        load_city(database, a_city(sites, *args, **more), clock())
        return Calendar(database, clock)

    return open_it
