import datetime as dt

import pytest
import sqlalchemy as sa

from hotline.booking import Calendar, Catalogue, load_city, read_city
from hotline.booking.tables import Cell
from hotline.terms import Wishes

from .conftest import DEMO, a_city, office, service


def demo():
    """The demo city with a shorter window, which loads faster."""
    data = read_city([DEMO])
    return data.model_copy(update={"city": data.city.model_copy(update={"window_days": 21})})


def test_without_a_city_the_calendar_says_so(database, clock):
    with pytest.raises(LookupError, match="hotline city load"):
        Calendar(database, clock).earliest("pass")


def test_the_demo_city_offers_every_service_that_needs_an_appointment(database, clock):
    load_city(database, demo(), clock())
    calendar = Calendar(database, clock)
    catalogue = calendar.catalogue
    assert sum(site.mobile for site in catalogue.sites) >= 3
    assert sum(not site.mobile for site in catalogue.sites) >= 18
    assert len(catalogue.districts) == 7
    assert len(catalogue.services) >= 14
    assert all(len(category.services) <= 4 for category in catalogue.categories)
    assert len(catalogue.categories) <= 4
    for one in catalogue.services:
        assert bool(calendar.earliest(one.id)) is one.appointment_needed, one.id
    for site in catalogue.sites:
        offered = next(one.id for one in catalogue.services if site in catalogue.sites_offering(one.id))
        assert calendar.earliest(offered, Wishes(sites=(site.id,))), site.id


def test_a_mobile_site_is_at_another_place_on_another_day(database, clock):
    load_city(database, demo(), clock())
    calendar = Calendar(database, clock)
    addresses = {
        offer.address
        for day in range(4, 18)
        for offer in calendar.earliest(
            "reisepass",
            Wishes(sites=("mobil-ost",), first_date=dt.date(2026, 3, day), last_date=dt.date(2026, 3, day)),
        )
    }
    assert len(addresses) == 3


def test_an_office_of_a_district_is_found_where_the_bus_stops_there(database, clock):
    load_city(database, demo(), clock())
    wishes = Wishes(sites=("mobil-west",), districts=("eimsbuettel",))
    (offer,) = Calendar(database, clock).earliest("reisepass", wishes)
    assert (offer.district, offer.address) == ("eimsbuettel", "Wochenmarkt Eidelstedt, Alte Elbgaustraße")


def test_another_process_learns_of_a_reload(database, clock):
    load_city(database, a_city([office("ost")]), clock())
    calendar = Calendar(database, clock)
    before = calendar.catalogue
    assert calendar.catalogue is before
    load_city(database, a_city([office("ost"), office("west")]), clock())
    assert [site.id for site in calendar.catalogue.sites] == ["ost", "west"]


def test_a_reload_changes_hours_and_keeps_what_is_booked(open_city, database, clock):
    calendar = open_city([office("ost")])
    calendar.hold_earliest("pass", key="a/1")
    booked = calendar.book(hold="a/1", key="a/book")
    load_city(database, a_city([office("ost", hours=[("mon tue wed thu fri", "08:00", "14:00")])]), clock())
    assert calendar.find(booked.reference) == booked
    assert calendar.earliest("pass", Wishes(first_time=dt.time(13)))[0].local_start.hour == 13
    with database.reading() as session:
        assert session.execute(sa.select(sa.func.sum(Cell.load))).scalar_one() == 3


def test_a_removed_service_is_not_in_the_catalogue(open_city, database, clock):
    calendar = open_city([office("ost")])
    load_city(database, a_city([office("ost")], [service("karte")]), clock())
    assert [one.id for one in calendar.catalogue.services] == ["karte"]
    with pytest.raises(LookupError):
        calendar.catalogue.service("pass")
    assert Catalogue.load(database).sites_offering("pass") == ()


@pytest.mark.parametrize(("days_before", "open_to_all"), [(3, False), (2, True)])
def test_what_is_left_of_a_reserved_share_is_open_to_all_in_time(open_city, clock, days_before, open_to_all):
    calendar = open_city(
        [office("ost", counters=1)],
        shares=[{"id": "r", "kind": "reserved", "percent": 100, "services": ["karte"], "release_days": 2}],
    )
    friday = Wishes(first_date=dt.date(2026, 3, 6), last_date=dt.date(2026, 3, 6))
    clock.now = dt.datetime(2026, 3, 6 - days_before, 7, tzinfo=dt.UTC)
    assert bool(calendar.earliest("pass", friday)) is open_to_all
    (express,) = calendar.earliest("karte", friday)
    assert calendar.hold(express, key="e/1")


def test_a_share_for_spontaneous_visitors_is_not_offered(open_city):
    calendar = open_city([office("ost")], shares=[{"id": "w", "kind": "walk_in", "percent": 50}])
    wishes = Wishes(first_date=dt.date(2026, 3, 3), last_date=dt.date(2026, 3, 3))
    held = 0
    while calendar.hold_earliest("karte", wishes, key=f"x/{held}"):
        held += 1
    assert held == 4 * 12 / 2


def test_overbooking_lets_more_be_booked(open_city):
    calendar = open_city([office("ost")], shares=[{"id": "o", "kind": "overbooked", "percent": 25}])
    wishes = Wishes(first_date=dt.date(2026, 3, 3), last_date=dt.date(2026, 3, 3))
    held = 0
    while calendar.hold_earliest("karte", wishes, key=f"x/{held}"):
        held += 1
    assert held == 4 * 12 * 1.25
