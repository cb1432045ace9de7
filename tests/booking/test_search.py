import datetime as dt
from dataclasses import replace

import pytest

from hotline.terms import BERLIN, Wishes

from .conftest import office, service


def at(offer):
    return offer.site, f"{offer.local_start:%a %d %H:%M}"


MORNINGS = [("mon tue wed thu fri", "08:00", "12:00")]
ALL_DAY = [("mon tue wed thu fri", "08:00", "18:00")]


@pytest.fixture
def calendar(open_city):
    return open_city(
        [
            office("ost", "nord", hours=MORNINGS),
            office("west", "sued", hours=ALL_DAY, step_free=False),
            office("weit", "fern", hours=[("thu", "13:00", "17:00")]),
        ]
    )


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (Wishes(), ("ost", "Mon 02 08:30")),
        (Wishes(sites=("west",)), ("west", "Mon 02 08:30")),
        (Wishes(districts=("sued", "fern")), ("west", "Mon 02 08:30")),
        (Wishes(districts=("fern",)), ("weit", "Thu 05 13:00")),
        (Wishes(step_free=True, first_time=dt.time(12)), ("weit", "Thu 05 13:00")),
        (Wishes(weekdays=(2,)), ("ost", "Wed 04 08:00")),
        (Wishes(first_date=dt.date(2026, 3, 7)), ("ost", "Mon 09 08:00")),
        (Wishes(first_time=dt.time(14, 2)), ("west", "Mon 02 14:05")),
        (Wishes(first_time=dt.time(12)), ("west", "Mon 02 12:00")),
        (Wishes(last_time=dt.time(8, 30)), ("ost", "Tue 03 08:00")),
        (Wishes(weekdays=(3,), districts=("fern",), first_time=dt.time(16, 45)), ("weit", "Thu 05 16:45")),
    ],
)
def test_every_wish_narrows_the_search(calendar, wishes, expected):
    (offer,) = calendar.earliest("pass", wishes)
    assert at(offer) == expected


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(weekdays=(6,)),
        Wishes(districts=("fern",), last_time=dt.time(13)),
        Wishes(last_date=dt.date(2026, 3, 1)),
        Wishes(first_date=dt.date(2026, 4, 2)),
        Wishes(districts=("fern",), first_time=dt.time(16, 50)),
        Wishes(sites=("nowhere",)),
        Wishes(first_date=dt.date(2026, 3, 5), last_date=dt.date(2026, 3, 4)),
    ],
)
def test_wishes_that_cannot_be_met_give_no_offer(calendar, wishes):
    assert calendar.earliest("pass", wishes) == []


def test_an_unknown_service_gives_no_offer(calendar):
    assert calendar.earliest("zauberstab") == []


def test_several_offers_differ_in_site_or_half_of_the_day(calendar):
    offers = calendar.earliest("pass", n=4)
    assert [at(offer) for offer in offers] == [
        ("ost", "Mon 02 08:30"),
        ("west", "Mon 02 08:30"),
        ("west", "Mon 02 12:00"),
        ("ost", "Tue 03 08:00"),
    ]


def test_fewer_offers_are_given_when_there_are_no_more(open_city):
    calendar = open_city([office("ost", hours=[("tue", "08:00", "08:15")])], city={"window_days": 5})
    assert [at(offer) for offer in calendar.earliest("pass", n=5)] == [("ost", "Tue 03 08:00")]


def test_a_declined_offer_is_not_followed_by_its_neighbour(calendar):
    wishes = Wishes(sites=("ost",))
    declined = []
    for expected in ("Mon 02 08:30", "Mon 02 09:30", "Mon 02 10:30", "Mon 02 11:30", "Tue 03 08:00"):
        (offer,) = calendar.earliest("pass", wishes, exclude=declined)
        assert at(offer)[1] == expected
        declined.append((offer.site, offer.starts_at))


def test_a_neighbour_is_offered_when_there_is_nothing_else(open_city):
    calendar = open_city([office("ost", hours=[("tue", "08:00", "08:30")])], city={"window_days": 5})
    (first,) = calendar.earliest("pass")
    (second,) = calendar.earliest("pass", exclude=[(first.site, first.starts_at)])
    assert at(second) == ("ost", "Tue 03 08:05")


def test_the_lead_time_is_kept_and_rounded_up_to_the_grid(open_city, clock):
    calendar = open_city([office("ost")])
    clock.turn(minutes=1, seconds=1)
    assert at(calendar.earliest("pass")[0])[1] == "Mon 02 08:35"


def test_the_last_bookable_day_is_the_end_of_the_window(open_city):
    calendar = open_city([office("ost")], city={"window_days": 4})
    assert calendar.earliest("pass", Wishes(first_date=dt.date(2026, 3, 6))) != []
    assert calendar.earliest("pass", Wishes(first_date=dt.date(2026, 3, 7))) == []


def test_a_site_may_need_longer_for_a_service(open_city):
    calendar = open_city([office("ost", minutes={"pass": 40})])
    assert calendar.earliest("pass")[0].minutes == 40
    assert calendar.hold_earliest("pass", key="a/1").minutes == 40


def test_many_sites_are_searched_like_few(open_city):
    names = [f"amt{number}" for number in range(30)]
    calendar = open_city([office(name, counters=1) for name in names])
    chosen = tuple(names[:20])
    for number in range(20):
        calendar.hold_earliest("pass", Wishes(sites=chosen, last_time=dt.time(8, 31)), key=str(number))
    later = calendar.earliest("pass", Wishes(sites=chosen))[0]
    assert at(later)[1] == "Mon 02 08:45"
    assert calendar.earliest("pass")[0].local_start == dt.datetime(2026, 3, 2, 8, 30, tzinfo=BERLIN)
    assert calendar.earliest("pass", Wishes(sites=(names[25],)))[0].site == names[25]


def test_a_search_asks_a_constant_number_of_questions(open_city, database):
    import sqlalchemy as sa

    calendar = open_city([office(f"amt{number}") for number in range(20)])
    calendar.earliest("pass")
    statements = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]), named=False
    )
    for wishes in (
        Wishes(),
        Wishes(weekdays=(4,)),
        Wishes(districts=("nord",)),
        Wishes(first_time=dt.time(11)),
    ):
        statements.clear()
        calendar.earliest("pass", wishes, n=5)
        assert len([text for text in statements if text.lstrip().startswith("SELECT")]) == 2


def test_where_nothing_fits_it_says_which_wish_to_relax_and_what_that_gives(calendar):
    wishes = Wishes(districts=("fern",), last_date=dt.date(2026, 3, 4))
    assert calendar.earliest("pass", wishes) == []
    found = {relaxation.dropped: at(relaxation.offer) for relaxation in calendar.relaxed("pass", wishes)}
    assert found == {("place",): ("ost", "Mon 02 08:30"), ("date",): ("weit", "Thu 05 13:00")}


def test_two_wishes_are_relaxed_where_one_is_not_enough(open_city):
    calendar = open_city(
        [
            office("ost", "nord", hours=[("fri", "09:00", "10:00")]),
            office("west", "fern", hours=[("fri", "09:00", "10:00")]),
        ],
    )
    wishes = Wishes(districts=("nord",), weekdays=(1,), first_time=dt.time(14))
    found = [relaxation.dropped for relaxation in calendar.relaxed("pass", wishes)]
    assert found == [("weekday", "time")]


def test_the_neighbourhood_is_tried_before_the_whole_city(open_city):
    calendar = open_city(
        [
            office("weit", "fern", longitude=11.0),
            office("west", "sued", hours=[("wed", "08:00", "12:00")], longitude=10.05),
            office("ost", "nord", hours=[("fri", "08:00", "12:00")]),
        ]
    )
    for wished in (Wishes(districts=("nord",)), Wishes(sites=("ost",))):
        wishes = replace(wished, last_date=dt.date(2026, 3, 4))
        place = next(found for found in calendar.relaxed("pass", wishes) if found.dropped == ("place",))
        assert at(place.offer) == ("west", "Wed 04 08:00")
        assert calendar.earliest("pass", place.wishes) == [place.offer]
    only_thursday = replace(wishes, weekdays=(3,), last_date=dt.date(2026, 3, 5))
    assert [(found.dropped, found.offer.site) for found in calendar.relaxed("pass", only_thursday)] == [
        (("place",), "weit")
    ]


def test_step_free_access_is_never_given_up(open_city):
    calendar = open_city([office("ost", step_free=False)])
    assert calendar.relaxed("pass", Wishes(step_free=True, weekdays=(0,))) == []


@pytest.mark.parametrize(
    ("km", "expected"),
    [(0, ("ost", "Fri 06 08:00")), (3, ("ost", "Fri 06 08:00")), (4, ("west", "Wed 04 08:00"))],
)
def test_a_wish_may_reach_some_distance_around_a_district(open_city, km, expected):
    calendar = open_city(
        [
            office("weit", "fern", longitude=11.0),
            office("west", "sued", hours=[("wed", "08:00", "12:00")], longitude=10.05),  # 3.3 km away
            office("ost", "nord", hours=[("fri", "08:00", "12:00")]),
        ]
    )
    (offer,) = calendar.earliest("pass", Wishes(districts=("nord",), within_km=km))
    assert at(offer) == expected


def test_a_change_of_address_is_due_within_two_weeks_of_moving_in(open_city):
    calendar = open_city([office("ost")], [service("ummeldung", deadline_days=14), service("pass")])
    moved_in = dt.date(2026, 3, 4)
    due = calendar.catalogue.service("ummeldung").due(moved_in, Wishes(first_time=dt.time(9)))
    assert (due.first_date, due.last_date, due.first_time) == (moved_in, dt.date(2026, 3, 18), dt.time(9))
    assert at(calendar.earliest("ummeldung", due)[0])[1] == "Wed 04 09:00"
    assert calendar.catalogue.service("pass").due(moved_in, Wishes()) == Wishes()
    overdue = calendar.catalogue.service("ummeldung").due(dt.date(2026, 2, 1), Wishes())
    assert calendar.earliest("ummeldung", overdue) == []
    assert [found.dropped for found in calendar.relaxed("ummeldung", overdue)] == [("date",)]
