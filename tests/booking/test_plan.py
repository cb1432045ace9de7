import datetime as dt

import pytest

from hotline.booking.plan import Rules, plan_site
from hotline.booking.tables import DateException, Opening, Share

MONDAY = dt.date(2026, 3, 2)


def opening(**values):
    values = {"weekday": 0, "weeks": "every", "opens": 480, "closes": 600, "counters": 2, "place": 1} | values
    return Opening(site="ost", **values)


def exception(**values):
    return DateException(**{"first_date": MONDAY, "last_date": MONDAY, "change": 0, "closed": False} | values)


def share(kind, percent, **values):
    values = {"id": kind, "pool": None, "services": [], "sites": [], "release_days": 0} | values
    return Share(kind=kind, percent=percent, **values)


def plan(openings, exceptions=(), shares=(), date=MONDAY):
    return plan_site(Rules("HH", {"ost": openings}, exceptions, shares), "ost", date)


def counters(plans, pool=0, place=1):
    """Counter-minutes of a pool."""
    return sum((closes - opens) * count for number, opens, closes, count in plans[place] if number == pool)


def test_regular_hours_are_one_segment():
    assert plan([opening()]) == {1: [(0, 480, 600, 2)]}


@pytest.mark.parametrize(
    "date",
    [
        dt.date(2026, 3, 3),
        dt.date(2026, 4, 6),  # Easter Monday
        dt.date(2027, 11, 1),  # All Saints is no holiday in Hamburg, but there are no hours so late
    ],
)
def test_a_site_is_closed_outside_its_hours_and_on_public_holidays(date):
    assert plan([opening(valid_until=dt.date(2027, 6, 30))], date=date) == {}


def test_holidays_are_those_of_the_region():
    all_saints = dt.date(2027, 11, 1)
    assert plan([opening()], date=all_saints) != {}
    assert plan([opening(weekday=6)], date=dt.date(2027, 10, 31)) == {}


def test_overlapping_hours_add_their_counters():
    assert plan([opening(), opening(opens=540, closes=660, counters=1)]) == {
        1: [(0, 480, 540, 2), (0, 540, 600, 3), (0, 600, 660, 1)]
    }


@pytest.mark.parametrize(("weeks", "open_"), [("odd", False), ("even", True), ("every", True)])
def test_a_bus_may_come_every_other_week(weeks, open_):
    # 2 March 2026 lies in calendar week 10.
    assert bool(plan([opening(weeks=weeks)])) is open_


def test_a_bus_has_a_place_for_each_stop():
    assert plan([opening(place=7), opening(place=8, opens=660, closes=720)]) == {
        7: [(0, 480, 600, 2)],
        8: [(0, 660, 720, 2)],
    }


def test_a_stop_may_have_a_date_of_its_own():
    stop = opening(weekday=None, valid_from=MONDAY, valid_until=MONDAY)
    assert plan([stop]) != {}
    assert plan([stop], date=MONDAY + dt.timedelta(days=7)) == {}


def test_exceptions_close_change_and_open():
    saturday = MONDAY + dt.timedelta(days=5)
    assert plan([opening()], [exception(closed=True)]) == {}
    assert plan([opening()], [exception(change=-1)]) == {1: [(0, 480, 600, 1)]}
    assert plan([opening()], [exception(change=-3)]) == {}
    extra = exception(first_date=saturday, last_date=saturday, opens=540, closes=600, counters=3)
    assert plan([opening()], [extra], date=saturday) == {1: [(0, 540, 600, 3)]}
    assert plan([opening()], [exception(site="west", closed=True)]) != {}


def test_an_extra_day_of_the_city_is_not_for_a_bus_with_several_stops():
    saturday = MONDAY + dt.timedelta(days=5)
    extra = exception(first_date=saturday, last_date=saturday, opens=540, closes=600, counters=3)
    assert plan([opening(place=7), opening(place=8)], [extra], date=saturday) == {}


def test_a_share_for_spontaneous_visitors_is_kept_from_the_calendar():
    kept = plan([opening(counters=3, closes=960)], shares=[share("walk_in", 15)])
    assert counters(kept) == pytest.approx(0.85 * 480 * 3, abs=30)


def test_a_reserved_share_is_a_pool_of_its_own():
    reserved = plan([opening(counters=2)], shares=[share("reserved", 50, pool=3, services=["pass"])])
    assert (counters(reserved), counters(reserved, pool=3)) == (120, 120)


def test_a_share_holds_in_its_dates_and_at_its_sites():
    dated = share("reserved", 50, pool=3, first_date=MONDAY + dt.timedelta(days=1))
    elsewhere = share("walk_in", 50, sites=["west"])
    assert plan([opening()], shares=[dated, elsewhere]) == {1: [(0, 480, 600, 2)]}


def test_overbooking_adds_to_what_can_be_booked():
    assert counters(plan([opening(counters=4)], shares=[share("overbooked", 25)])) == 5 * 120
