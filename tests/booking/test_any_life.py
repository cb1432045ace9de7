"""Whatever callers, operators and clocks do in whatever order, the calendar stays honest."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from hypothesis.stateful import run_state_machine_as_test as run

from hotline.booking import Calendar, load_city
from hotline.booking.plan import runs
from hotline.booking.search import Finder
from hotline.booking.steering import misfits, record_absence
from hotline.booking.tables import Cell, Gap
from hotline.terms import BERLIN, Wishes

from . import plain, race
from .conftest import Clock, a_city, office, service

SITES = ("ost", "west", "mitte")
SERVICES = ("kurz", "mittel", "lang")
BEGINNINGS = (
    dt.date(2026, 3, 2),
    dt.date(2026, 3, 27),  # two days before summer time
    dt.date(2026, 10, 23),  # two days before its end
    dt.date(2028, 2, 27),  # a leap year
    dt.date(2026, 12, 23),  # holidays
)
WINDOW = 6

minutes = st.integers(3 * 12, 9 * 12).map(lambda cell: cell * 5)


def clock_time(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def hours(draw):
    opens = draw(minutes)
    closes = opens + draw(st.integers(1, 24)) * 5
    days = draw(st.sampled_from(["mon tue wed thu fri sat sun", "mon wed fri sun", "sat sun"]))
    return days, clock_time(opens), clock_time(closes)


@st.composite
def cities(draw):
    sites = [
        office(
            name,
            draw(st.sampled_from(["nord", "sued"])),
            hours=draw(st.lists(hours(), min_size=1, max_size=2)),
            counters=draw(st.integers(1, 3)),
            step_free=draw(st.booleans()),
        )
        for name in draw(st.lists(st.sampled_from(SITES), min_size=1, max_size=3, unique=True))
    ]
    shares = [
        {"id": "spontan", "kind": "walk_in", "percent": 30},
        {"id": "eilig", "kind": "reserved", "percent": 40, "services": ["kurz"], "release_days": 2},
        {"id": "mehr", "kind": "overbooked", "percent": 20},
    ]
    chosen = draw(st.lists(st.sampled_from(range(3)), max_size=3, unique=True))
    lengths = draw(st.permutations([5, 15, 30]))
    return a_city(
        sites,
        [service(name, length) for name, length in zip(SERVICES, lengths, strict=True)],
        city={"window_days": WINDOW, "lead_minutes": draw(st.sampled_from([0, 45]))},
        shares=[shares[number] for number in chosen],
    )


wishes = st.builds(
    Wishes,
    sites=st.lists(st.sampled_from(SITES), max_size=1).map(tuple),
    districts=st.lists(st.sampled_from(["nord", "sued"]), max_size=1).map(tuple),
    weekdays=st.lists(st.integers(0, 6), max_size=3, unique=True).map(tuple),
    first_time=st.none() | minutes.map(lambda minute: dt.time(minute // 60, minute % 60)),
    last_time=st.none() | minutes.map(lambda minute: dt.time(minute // 60, minute % 60)),
    step_free=st.booleans(),
)


def slot_of(appointment):
    """What must not change unasked: a reload may say other things of the same site."""
    if appointment is None:
        return None
    return (
        appointment.reference,
        appointment.offer.site,
        appointment.offer.starts_at,
        appointment.offer.minutes,
    )


class Life(RuleBasedStateMachine):
    """A city's calendar, and beside it what a person would remember of it."""

    holds = Bundle("holds")
    bookings = Bundle("bookings")

    def __init__(self):
        super().__init__()
        self.database = self.databases.make(self.database_kind)
        self.keys = 0
        self.booked = {}

    def teardown(self):
        self.databases.give_back(self.database)

    def key(self):
        self.keys += 1
        return f"call/{self.keys}"

    @initialize(city=cities(), beginning=st.sampled_from(BEGINNINGS))
    def open_city(self, city, beginning):
        self.clock = Clock(dt.datetime.combine(beginning, dt.time(7, 30), BERLIN).astimezone(dt.UTC))
        load_city(self.database, city, self.clock())
        self.calendar = Calendar(self.database, self.clock)

    @rule(target=holds, name=st.sampled_from(SERVICES), wishes=wishes)
    def hold_the_earliest(self, name, wishes):
        key = self.key()
        self.calendar.earliest(name)
        with self.database.reading() as session:
            finder = Finder(self.calendar.catalogue, self.clock())
            expected = plain.earliest(session, finder, name, wishes)
        offer = self.calendar.hold_earliest(name, wishes, key=key)
        if expected is None:
            assert offer is None
            return multiple()
        local = offer.local_start
        assert (local.date(), local.hour * 60 + local.minute) == expected[:2]
        assert offer.site in expected[2]
        return key

    @rule(target=holds, name=st.sampled_from(SERVICES), n=st.integers(2, 4))
    def hold_everything_offered(self, name, n):
        # Several offers may overlap each other, so each is given back before the next is tried.
        key = self.key()
        for number, offer in enumerate(self.calendar.earliest(name, n=n)):
            assert self.calendar.hold(offer, key=f"{key}/{number}")
            self.calendar.release(f"{key}/{number}")
        return multiple()

    @rule(target=bookings, hold=holds)
    def book(self, hold):
        appointment = self.calendar.book(hold=hold, key=f"{hold}/book")
        if appointment is None:
            return multiple()
        if appointment.reference not in self.booked:
            self.booked[appointment.reference] = appointment
            return appointment.reference
        return multiple()

    @rule(hold=holds)
    def release(self, hold):
        self.calendar.release(hold)

    @rule(hold=holds)
    def extend(self, hold):
        self.calendar.extend(hold)

    @rule(reference=bookings)
    def cancel(self, reference):
        cancelled = self.calendar.cancel(reference, key=f"{reference}/cancel")
        assert cancelled is not None
        self.booked[reference] = None

    @rule(reference=bookings, hold=holds)
    def move(self, reference, hold):
        moved = self.calendar.move(reference, hold=hold, key=f"{reference}/{hold}")
        if moved is not None and self.booked[reference] is not None:
            found = self.calendar.find(reference)
            if found is not None and slot_of(found) != slot_of(self.booked[reference]):
                assert found == moved
                self.booked[reference] = moved

    @precondition(lambda self: self.keys)
    @rule(site=st.sampled_from(SITES), change=st.sampled_from([-2, -1, 1]), after=st.integers(0, WINDOW))
    def absence(self, site, change, after):
        if site in {known.id for known in self.calendar.catalogue.sites}:
            date = self.clock().astimezone(BERLIN).date() + dt.timedelta(days=after)
            record_absence(self.database, site, date, date + dt.timedelta(days=1), change=change)

    @precondition(lambda self: self.keys)
    @rule(city=cities())
    def reload(self, city):
        load_city(self.database, city, self.clock())

    @rule(minutes=st.sampled_from([1, 9, 11, 60, 24 * 60, 3 * 24 * 60]))
    def let_time_pass(self, minutes):
        self.clock.turn(minutes=minutes)

    @invariant()
    def loads_are_the_live_appointments(self):
        assert race.conflicts(self.database) == []

    @invariant()
    def gaps_and_excess_follow_from_cells(self):
        with self.database.reading() as session:
            free = {}
            for cell in session.execute(sa.select(Cell).order_by(Cell.day, Cell.pool, Cell.minute)).scalars():
                assert cell.excess == max(0, cell.load - cell.capacity)
                if cell.load < cell.capacity:
                    free.setdefault((cell.day, cell.pool), []).append(cell.minute)
            expected = {(*key, *run) for key, minutes in free.items() for run in runs(minutes)}
            gaps = session.execute(sa.select(Gap.day, Gap.pool, Gap.opens, Gap.closes))
            assert {tuple(gap) for gap in gaps} == expected

    @invariant()
    def nothing_booked_is_lost(self):
        for reference, appointment in self.booked.items():
            coming = appointment is not None and appointment.offer.starts_at > self.clock()
            assert slot_of(self.calendar.find(reference)) == slot_of(appointment if coming else None)

    @invariant()
    def what_does_not_fit_is_named(self):
        if not hasattr(self, "calendar"):
            return
        found = misfits(self.database, self.clock())
        assert {misfit.appointment.reference for misfit in found} <= {
            reference for reference, appointment in self.booked.items() if appointment
        }
        with self.database.reading() as session:
            crowded = session.execute(sa.select(Cell.day).where(Cell.excess > 0)).first()
        if not crowded:
            offered = self.calendar.catalogue.offerings
            assert all(
                misfit.appointment.offer.site not in offered.get(misfit.appointment.offer.service, {})
                for misfit in found
            )


@pytest.mark.parametrize(
    ("kind", "examples"), [("sqlite", 40), pytest.param("postgresql", 20, marks=pytest.mark.postgresql)]
)
def test_any_life(kind, examples, empty_databases):
    class Here(Life):
        databases = empty_databases
        database_kind = kind

    run(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
