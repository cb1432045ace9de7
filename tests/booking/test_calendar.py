import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from hotline.booking.tables import Cell
from hotline.terms import BERLIN, Wishes

from .conftest import office, service


def local(*args):
    return dt.datetime(*args, tzinfo=BERLIN)


def load(database):
    with database.reading() as session:
        return session.execute(sa.select(sa.func.sum(Cell.load))).scalar_one()


def test_the_earliest_slot_of_the_whole_city_is_offered(open_city):
    calendar = open_city([office("west", hours=[("tue", "08:00", "12:00")]), office("ost")])
    (offer,) = calendar.earliest("pass")
    assert (offer.site, offer.local_start) == ("ost", local(2026, 3, 2, 8, 30))
    assert (offer.site_name, offer.address, offer.minutes) == ("Amt ost", "Platz ost 1", 15)


def test_a_held_slot_is_not_offered_to_anyone_else(open_city):
    calendar = open_city([office("ost")])
    first = calendar.hold_earliest("pass", key="a/1")
    second = calendar.hold_earliest("pass", key="b/1")
    assert second.starts_at - first.starts_at == dt.timedelta(minutes=15)


def test_holding_twice_under_one_key_holds_one_slot(open_city, database):
    calendar = open_city([office("ost")])
    first = calendar.hold_earliest("pass", key="a/1")
    assert calendar.hold_earliest("pass", key="a/1") == first
    assert calendar.hold(first, key="a/1")
    assert load(database) == 3


def test_a_request_that_is_repeated_beside_its_first_try_holds_one_slot(open_city, database):
    calendar = open_city([office("ost", counters=9)])
    start = threading.Barrier(8)

    def hold(_):
        start.wait()
        return calendar.hold_earliest("pass", key="a/1")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(hold, range(8)))) == 1
    assert load(database) == 3


def test_an_offer_can_be_held_by_one_caller_only(open_city):
    calendar = open_city([office("ost")])
    (offer,) = calendar.earliest("pass")
    assert calendar.hold(offer, key="a/1")
    assert not calendar.hold(offer, key="b/1")


def test_one_key_cannot_hold_two_slots(open_city):
    calendar = open_city([office("ost")])
    first, second = calendar.earliest("pass", n=2)
    calendar.hold(first, key="a/1")
    with pytest.raises(ValueError, match="another slot"):
        calendar.hold(second, key="a/1")


def test_a_caller_who_hangs_up_frees_the_slot(open_city, database):
    calendar = open_city([office("ost")])
    first = calendar.hold_earliest("pass", key="a/1")
    calendar.hold_earliest("pass", key="a/2")
    calendar.hold_earliest("pass", key="ab/1")
    calendar.release_all("a/")
    assert load(database) == 3
    assert calendar.earliest("pass") == [first]
    calendar.release_all("a/")
    calendar.release("never held")
    assert load(database) == 3


def test_an_expired_hold_is_free_at_once(open_city, clock):
    calendar = open_city([office("ost")])
    first = calendar.hold_earliest("pass", wishes := Wishes(first_date=dt.date(2026, 3, 3)), key="a/1")
    clock.turn(minutes=9)
    assert calendar.earliest("pass", wishes) != [first]
    clock.turn(minutes=1)
    assert calendar.earliest("pass", wishes) == [first]


def test_an_extended_hold_lasts_longer(open_city, clock):
    calendar = open_city([office("ost")])
    first = calendar.hold_earliest("pass", wishes := Wishes(first_date=dt.date(2026, 3, 3)), key="a/1")
    clock.turn(minutes=9)
    assert calendar.extend("a/1")
    clock.turn(minutes=9)
    assert calendar.earliest("pass", wishes) != [first]
    clock.turn(minutes=1)
    assert not calendar.extend("a/1")
    assert not calendar.extend("unknown")


def test_a_booking_is_found_by_its_reference(open_city):
    calendar = open_city([office("ost")])
    offer = calendar.hold_earliest("pass", key="a/1")
    booked = calendar.book(hold="a/1", key="a/book", phone="+491701234567")
    assert (booked.offer, booked.phone) == (offer, "+491701234567")
    assert len(booked.reference) == 9
    assert calendar.find(booked.reference) == booked


def test_booking_twice_under_one_key_books_once_and_queues_one_message(open_city, database):
    calendar = open_city([office("ost")])
    calendar.hold_earliest("pass", key="a/1")
    messages = []
    first = calendar.book(hold="a/1", key="a/book", within=lambda _, booked: messages.append(booked))
    again = calendar.book(hold="a/1", key="a/book", within=lambda _, booked: messages.append(booked))
    assert messages == [first]
    assert again == first
    assert load(database) == 3


def test_a_message_that_cannot_be_queued_undoes_the_booking(open_city):
    calendar = open_city([office("ost")])
    calendar.hold_earliest("pass", key="a/1")

    def fail(session, booked):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        calendar.book(hold="a/1", key="a/book", within=fail)
    assert calendar.book(hold="a/1", key="a/book") is not None


def test_a_late_yes_still_books_if_nobody_took_the_slot(open_city, clock, database):
    calendar = open_city([office("ost")])
    wishes = Wishes(first_date=dt.date(2026, 3, 3))
    offer = calendar.hold_earliest("pass", wishes, key="a/1")
    clock.turn(minutes=20)
    calendar.earliest("pass")
    assert load(database) == 0
    assert calendar.book(hold="a/1", key="a/book").offer == offer
    assert load(database) == 3


def test_a_late_yes_books_nothing_if_somebody_took_the_slot(open_city, clock):
    calendar = open_city([office("ost")])
    wishes = Wishes(first_date=dt.date(2026, 3, 3))
    offer = calendar.hold_earliest("pass", wishes, key="a/1")
    clock.turn(minutes=20)
    assert calendar.hold_earliest("pass", wishes, key="b/1") == offer
    assert calendar.book(hold="a/1", key="a/book") is None
    assert calendar.book(hold="nothing", key="c/book") is None


def test_a_cancelled_appointment_frees_its_slot(open_city, database):
    calendar = open_city([office("ost")])
    offer = calendar.hold_earliest("pass", key="a/1")
    booked = calendar.book(hold="a/1", key="a/book")
    told = []
    for _ in range(2):
        cancelled = calendar.cancel(booked.reference, key="c/1", within=lambda _, gone: told.append(gone))
        assert cancelled == booked
    assert told == [booked]
    assert calendar.cancel(booked.reference, key="c/2") is None
    assert calendar.find(booked.reference) is None
    assert calendar.earliest("pass") == [offer]
    assert load(database) == 0


def test_a_moved_appointment_keeps_its_reference_and_frees_its_old_slot(open_city, database):
    calendar = open_city([office("ost")])
    old = calendar.hold_earliest("pass", key="a/1")
    booked = calendar.book(hold="a/1", key="a/book")
    new = calendar.hold_earliest("pass", key="b/1", exclude=[(old.site, old.starts_at)])
    moved = calendar.move(booked.reference, hold="b/1", key="b/move")
    assert calendar.move(booked.reference, hold="b/1", key="b/move") == moved
    assert (moved.reference, moved.offer) == (booked.reference, new)
    assert calendar.earliest("pass") == [old]
    assert load(database) == 3


def test_a_move_to_a_slot_that_is_gone_leaves_the_old_one(open_city, clock, database):
    calendar = open_city([office("ost", hours=[("tue", "08:00", "08:30")])], city={"window_days": 1})
    calendar.hold_earliest("pass", key="a/1")
    booked = calendar.book(hold="a/1", key="a/book")
    calendar.hold_earliest("pass", key="b/1")
    clock.turn(minutes=11)
    calendar.hold_earliest("pass", key="c/1")
    assert calendar.move(booked.reference, hold="b/1", key="b/move") is None
    assert calendar.find(booked.reference) == booked
    assert load(database) == 6


def test_a_long_service_needs_a_counter_through_all_its_cells(open_city):
    calendar = open_city(
        [office("ost", hours=[("mon tue", "08:00", "10:00")])],
        [service("kurz", 5), service("lang", 60)],
    )
    tuesday = Wishes(first_date=dt.date(2026, 3, 3))
    # Every fortieth minute is taken: thirty-five minutes are free in between, nowhere sixty.
    for minute in (40, 80):
        time = dt.time(8 + minute // 60, minute % 60)
        wishes = Wishes(first_date=dt.date(2026, 3, 3), first_time=time)
        assert calendar.hold_earliest("kurz", wishes, key=str(minute)).local_start.time() == time
    (offer,) = calendar.earliest("lang", tuesday)
    assert offer.local_start == local(2026, 3, 9, 8, 0)
    calendar.release("80")
    assert calendar.earliest("lang", tuesday)[0].local_start == local(2026, 3, 3, 8, 45)


def test_an_appointment_at_night_before_the_clocks_change_is_where_the_clocks_say(open_city, clock):
    # In 2026 summer time begins on 29 March and ends on 25 October, both Sundays.
    for day, offset in ((dt.date(2026, 3, 29), 2), (dt.date(2026, 10, 25), 1)):
        clock.now = dt.datetime.combine(day, dt.time(), BERLIN) - dt.timedelta(hours=6)
        calendar = open_city([office("ost", hours=[("sun", "03:00", "06:00")])])
        offer = calendar.hold_earliest("pass", Wishes(first_date=day), key=str(day))
        assert offer.local_start == dt.datetime.combine(day, dt.time(3), BERLIN)
        assert offer.starts_at == dt.datetime.combine(day, dt.time(3 - offset), dt.UTC)
        assert calendar.book(hold=str(day), key=f"{day}/book").offer == offer


def test_the_calendar_grows_with_the_days_without_a_job(open_city, clock):
    calendar = open_city([office("ost")], city={"window_days": 5})
    assert calendar.earliest("pass", Wishes(first_date=dt.date(2026, 3, 9))) == []
    clock.turn(days=7)
    (offer,) = calendar.earliest("pass", Wishes(first_date=dt.date(2026, 3, 13)))
    assert offer.local_start == local(2026, 3, 13, 8, 0)
