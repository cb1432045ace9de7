import datetime as dt

import pytest

from hotline.booking import TooManyGuesses
from hotline.booking.references import new_reference
from hotline.terms import Wishes

from .conftest import office

PHONE = "+491701234567"


@pytest.fixture
def calendar(open_city):
    return open_city([office("ost")])


@pytest.fixture
def booked(calendar):
    calendar.hold_earliest("pass", Wishes(first_date=dt.date(2026, 3, 4)), key="a/1")
    return calendar.book(hold="a/1", key="a/book", phone=PHONE, name="Erika")


def test_a_phone_number_and_the_date_or_the_service_find_a_booking(calendar, booked):
    assert calendar.find_by_phone(PHONE, date=dt.date(2026, 3, 4)) == [booked]
    assert calendar.find_by_phone(PHONE, service="pass") == [booked]
    assert calendar.find_by_phone(PHONE, date=dt.date(2026, 3, 5)) == []
    assert calendar.find_by_phone(PHONE, service="karte") == []
    assert calendar.find_by_phone("+491709999999", service="pass") == []


def test_a_phone_number_alone_finds_nothing(calendar, booked):
    with pytest.raises(ValueError, match="not enough"):
        calendar.find_by_phone(PHONE)


def test_a_guesser_is_refused_and_others_are_not(calendar, booked, clock):
    for _ in range(5):
        assert calendar.find(new_reference(), caller="guesser") is None
    with pytest.raises(TooManyGuesses):
        calendar.find(booked.reference, caller="guesser")
    assert calendar.find(booked.reference, caller="another") == booked
    clock.turn(minutes=61)
    assert calendar.find(booked.reference, caller="guesser") == booked


def test_guessing_dates_for_a_phone_number_is_limited_too(calendar, booked):
    for day in range(5, 10):
        assert calendar.find_by_phone(PHONE, date=dt.date(2026, 3, day)) == []
    with pytest.raises(TooManyGuesses):
        calendar.find_by_phone(PHONE, date=dt.date(2026, 3, 4))


def test_a_booking_that_has_passed_is_not_found(calendar, booked, clock):
    clock.turn(days=3)
    assert calendar.find(booked.reference) is None


def test_people_are_forgotten_and_appointments_counted(calendar, booked, clock, database):
    from . import race

    clock.turn(days=40)
    assert calendar.purge(clock() - dt.timedelta(days=30)) == 1
    assert calendar.purge(clock() - dt.timedelta(days=30)) == 0
    assert race.conflicts(database) == []
