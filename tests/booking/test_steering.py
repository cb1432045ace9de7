import datetime as dt

import pytest

from hotline.booking import load_city
from hotline.booking.steering import apply, lead_times, load_by_week, misfits, propose, record_absence
from hotline.terms import Wishes

from . import race
from .conftest import a_city, office

FRIDAY = dt.date(2026, 3, 6)


def book(calendar, number, wishes, service="pass"):
    calendar.hold_earliest(service, wishes, key=f"{number}/1")
    return calendar.book(hold=f"{number}/1", key=f"{number}/book")


@pytest.fixture
def calendar(open_city):
    return open_city(
        [
            office("ost", counters=3),
            office("west", counters=1),
            office("weit", "fern", counters=1, longitude=11.0),
        ]
    )


@pytest.fixture
def booked(calendar):
    """Three people at the same time at one site."""
    at_ost = Wishes(sites=("ost",), first_date=FRIDAY, first_time=dt.time(9), last_time=dt.time(9, 5))
    return [book(calendar, number, at_ost) for number in range(3)]


def test_an_absence_names_what_no_longer_fits_and_keeps_it(calendar, booked, database, clock):
    record_absence(database, "ost", FRIDAY, FRIDAY, change=-2)
    named = [misfit.appointment for misfit in misfits(database, clock())]
    # First booked, first kept.
    assert named == booked[1:]
    assert [calendar.find(one.reference) for one in booked] == booked
    assert race.conflicts(database) == []


def test_nothing_new_is_booked_where_counters_are_short(calendar, booked, database):
    record_absence(database, "ost", FRIDAY, FRIDAY, change=-2)
    at_ost = Wishes(sites=("ost",), first_date=FRIDAY, last_date=FRIDAY)
    assert calendar.earliest("pass", at_ost)[0].local_start.time() == dt.time(8)
    nine = Wishes(
        sites=("ost",), first_date=FRIDAY, last_date=FRIDAY, first_time=dt.time(9), last_time=dt.time(9, 15)
    )
    assert calendar.earliest("pass", nine) == []


def test_the_nearest_equal_or_earlier_alternative_is_proposed_and_applied(calendar, booked, database, clock):
    record_absence(database, "ost", FRIDAY, FRIDAY, change=-2)
    proposals = propose(calendar, database, misfits(database, clock()), clock())
    starts = [(proposal.offer.site, proposal.offer.local_start.time()) for proposal in proposals]
    # The first has the same time next door; the second, just before at the site itself.
    assert starts == [("west", dt.time(9)), ("ost", dt.time(8, 45))]
    queued = []
    for proposal in proposals:
        assert apply(calendar, proposal, lambda _, moved: queued.append(moved)).offer == proposal.offer
    assert [moved.reference for moved in queued] == [one.reference for one in booked[1:]]
    assert misfits(database, clock()) == []
    assert race.conflicts(database) == []


def test_a_declined_proposal_is_free_again(calendar, booked, database, clock):
    record_absence(database, "ost", FRIDAY, FRIDAY, change=-2)
    for proposal in propose(calendar, database, misfits(database, clock()), clock()):
        calendar.release(proposal.key)
    assert [misfit.appointment for misfit in misfits(database, clock())] == booked[1:]
    assert calendar.earliest("pass", Wishes(sites=("west",), first_date=FRIDAY, first_time=dt.time(9)))


def test_a_later_alternative_is_proposed_where_none_is_earlier(open_city, database, clock):
    calendar = open_city([office("ost", hours=[("tue fri", "09:00", "09:15")])])
    tuesday = dt.date(2026, 3, 3)
    one = book(calendar, 1, Wishes(first_date=tuesday))
    record_absence(database, "ost", tuesday, tuesday, change=-1)
    (proposal,) = propose(calendar, database, misfits(database, clock()), clock())
    assert proposal.misfit.appointment == one
    assert proposal.offer.local_start.date() == FRIDAY


def test_without_any_alternative_none_is_proposed(open_city, database, clock):
    calendar = open_city([office("ost", hours=[("tue", "09:00", "09:15")])], city={"window_days": 3})
    tuesday = dt.date(2026, 3, 3)
    book(calendar, 1, Wishes(first_date=tuesday))
    record_absence(database, "ost", tuesday, tuesday, change=-1)
    (proposal,) = propose(calendar, database, misfits(database, clock()), clock())
    assert proposal.offer is None


def test_an_absence_survives_a_reload_of_the_city(calendar, booked, database, clock):
    record_absence(database, "ost", FRIDAY, FRIDAY, change=-2)
    sites = [
        office("ost", counters=3),
        office("west", counters=1),
        office("weit", "fern", counters=1, longitude=11.0),
    ]
    load_city(database, a_city(sites), clock())
    assert len(misfits(database, clock())) == 2


def test_a_reload_closes_a_site_without_losing_its_appointments(calendar, booked, database, clock):
    load_city(database, a_city([office("west", counters=1)]), clock())
    found = misfits(database, clock())
    assert [misfit.appointment for misfit in found] == booked
    assert {misfit.reason for misfit in found} == {"Das Anliegen wird dort nicht mehr angeboten"}
    assert [site.id for site in calendar.catalogue.sites] == ["west"]
    assert {calendar.find(one.reference).offer.site_name for one in booked} == {"Amt ost"}
    moved = [
        apply(calendar, proposal, lambda *_: None)
        for proposal in propose(calendar, database, misfits(database, clock()), clock())
    ]
    assert {one.offer.site for one in moved} == {"west"}
    assert race.conflicts(database) == []


def test_a_reload_that_drops_a_service_names_its_appointments(calendar, booked, database, clock):
    sites = [office("ost", counters=3, offers=["karte"]), office("west", counters=1)]
    load_city(database, a_city(sites), clock())
    assert [misfit.appointment for misfit in misfits(database, clock())] == booked


def test_a_booking_goes_before_the_share_for_spontaneous_visitors(open_city, database, clock):
    share = {"id": "w", "kind": "walk_in", "percent": 50}
    calendar = open_city([office("ost", counters=4)], shares=[share])
    nine = Wishes(first_date=FRIDAY, first_time=dt.time(9), last_time=dt.time(9, 5))
    booked = [book(calendar, number, nine) for number in range(2)]
    record_absence(database, "ost", FRIDAY, FRIDAY, change=-2)
    assert misfits(database, clock()) == []
    record_absence(database, "ost", FRIDAY, FRIDAY, change=-1)
    assert [misfit.appointment for misfit in misfits(database, clock())] == booked[1:]


def test_a_new_share_displaces_nobody(open_city, database, clock):
    calendar = open_city([office("ost")])
    book(calendar, 1, Wishes(first_date=FRIDAY))
    kept = {"id": "r", "kind": "reserved", "percent": 100, "services": ["karte"]}
    load_city(database, a_city([office("ost")], shares=[kept]), clock())
    assert misfits(database, clock()) == []
    assert calendar.hold_earliest("karte", Wishes(first_date=FRIDAY), key="k/1")


def test_load_by_week_counts_minutes_of_counters(calendar, booked, database, clock):
    weeks = load_by_week(database, clock().date(), 2)
    assert [(week.capacity, week.load) for week in weeks["ost"]] == [(3600, 45), (3600, 0)]
    assert weeks["west"][0].monday == dt.date(2026, 3, 2)


def test_lead_times_are_days_until_the_first_slot(open_city, database, clock):
    open_city(
        [
            office("ost"),
            office("west", hours=[("fri", "08:00", "12:00")]),
            office("zu", hours=[("sun", "08:00", "08:05")]),
        ]
    )
    leads = lead_times(database, clock())["pass"]
    assert leads == {"ost": 0, "west": 4, "zu": None}
