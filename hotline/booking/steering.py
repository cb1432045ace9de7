"""Steering: what an operator sees and does when counters are short in one place and idle in another."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hotline.booking.appointments import appointment_of
from hotline.booking.catalogue import Catalogue, distance
from hotline.booking.layout import lay_out, read_rules
from hotline.booking.ledger import capacities
from hotline.booking.plan import staffed
from hotline.booking.search import Finder
from hotline.booking.tables import CELL, Cell, City, DateException, Day, Offering, State
from hotline.booking.tables import Appointment as Row
from hotline.terms import BERLIN, Appointment, Offer, Wishes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from hotline.booking.appointments import Within
    from hotline.booking.calendar import Calendar
    from hotline.booking.plan import Counters, Rules
    from hotline.storage import Database

PROPOSAL_MINUTES = 60
"""How long a proposed alternative is held for the operator."""

MINUTES_PER_KM = 4
"""What a kilometre counts in minutes of difference when alternatives are compared: a bus in the city."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Counters that an operator has taken from a site, or added to it."""

    number: int
    site: str
    first: dt.date
    last: dt.date
    change: int
    note: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """A booked appointment for which there is no counter any more."""

    appointment: Appointment
    reason: str
    """For the operator, German."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An alternative for a misfit, held until the operator decides."""

    misfit: Misfit
    offer: Offer | None
    """Nothing, if the city has none."""
    key: str
    """The key of the hold."""


@dataclass(frozen=True, slots=True)
class Week:
    """How much of a site's bookable time is taken in a week."""

    monday: dt.date
    capacity: int
    """Minutes of counters that can be booked."""
    load: int
    """Minutes of counters that are booked or held."""


def record_absence(
    database: Database, site: str, first: dt.date, last: dt.date, *, change: int, note: str = ""
) -> None:
    """Take counters from a site, or add some, from ``first`` to ``last``.

    What is booked stays booked; :func:`misfits` says what no longer fits.
    """
    with database.writing() as session:
        city = session.execute(sa.select(City).with_for_update()).scalar_one()
        session.add(
            DateException(
                site=site,
                first_date=first,
                last_date=last,
                change=change,
                closed=False,
                by_operator=True,
                note=note,
            )
        )
        _follow(session, city, site, first, last)


def absences(database: Database, today: dt.date) -> list[Absence]:
    """Return what operators have entered for today and later."""
    entered = sa.and_(DateException.by_operator, DateException.last_date >= today)
    with database.reading() as session:
        return [
            Absence(row.id, row.site or "", row.first_date, row.last_date, row.change, row.note)
            for row in session.execute(
                sa.select(DateException).where(entered).order_by(DateException.first_date, DateException.id)
            ).scalars()
        ]


def remove_absence(database: Database, number: int, today: dt.date) -> bool:
    """Take an absence back, from ``today`` on; say no if there is none of that number."""
    with database.writing() as session:
        city = session.execute(sa.select(City).with_for_update()).scalar_one()
        row = session.get(DateException, number)
        if row is None or not row.by_operator or row.site is None:
            return False
        session.delete(row)
        _follow(session, city, row.site, max(row.first_date, today), row.last_date)
        return True


def _follow(session: Session, city: City, site: str, first: dt.date, last: dt.date) -> None:
    """Make the days that have been laid out follow a change of the rules."""
    session.flush()
    if city.laid_out_until is not None:
        lay_out(session, first, min(last, city.laid_out_until), [site])


def misfits(database: Database, now: dt.datetime) -> list[Misfit]:
    """Return the coming appointments that no longer fit. First booked, first kept."""
    with database.reading() as session:
        catalogue = Catalogue.read(session)
        found: dict[int, tuple[Row, str]] = {}
        for row, reason in _misfits(session, now):
            found.setdefault(row.id, (row, reason))
        rows = sorted(found.values(), key=lambda pair: (pair[0].starts_at, pair[0].id))
        return [Misfit(appointment_of(catalogue, row), reason) for row, reason in rows]


def _misfits(session: Session, now: dt.datetime) -> Iterable[tuple[Row, str]]:
    coming = sa.and_(Row.state == State.BOOKED, Row.starts_at > now)
    offered = sa.exists().where(Offering.service == Row.service, Offering.site == Row.site)
    for row in session.execute(sa.select(Row).where(coming, ~offered)).scalars():
        yield row, "Das Anliegen wird dort nicht mehr angeboten"
    crowded = sa.select(Cell.day).where(Cell.excess > 0).distinct()
    rules = read_rules(session)
    free: dict[tuple[int, int], int] = {}
    for day in session.execute(sa.select(Day).where(Day.id.in_(crowded))).scalars():
        free |= {(day.id, minute): count for minute, count in _counters(rules, day).items()}
    rows = session.execute(
        sa.select(Row).where(coming, Row.day.in_(crowded)).order_by(Row.booked_at, Row.id)
    ).scalars()
    for row in rows:
        taken = [(row.day, row.minute + CELL * number) for number in range(row.cells)]
        if all(free.get(key, 0) > 0 for key in taken):
            for key in taken:
                free[key] -= 1
        else:
            yield row, "Zu dieser Zeit sind zu wenige Schalter besetzt"


def _counters(rules: Rules, day: Day) -> Counters:
    """Return how many booked appointments a day can serve at a time.

    A promise counts more than a share: what is booked may have every counter that is there, also those kept
    for spontaneous visitors or other services, and as many more as overbooking allows.
    """
    counters = Counter(staffed(rules, day.site, day.date).get(day.place, {}))
    bookable: Counter[int] = Counter()
    for (_, minute), capacity in capacities(day.plan).items():
        bookable[minute] += capacity
    return counters | bookable


def propose(
    calendar: Calendar, database: Database, found: Sequence[Misfit], now: dt.datetime
) -> list[Proposal]:
    """Hold, for each misfit, the nearest alternative at the same time or earlier, or else a later one."""
    proposals = []
    for misfit in found:
        key = f"absence/{misfit.appointment.reference}/{now:%Y%m%d%H%M%S}"
        offer = next(
            (
                offer
                for offer in _alternatives(calendar, database, misfit.appointment.offer, now)
                if calendar.hold(offer, key=key, minutes=PROPOSAL_MINUTES)
            ),
            None,
        )
        proposals.append(Proposal(misfit, offer, key))
    return proposals


def _alternatives(calendar: Calendar, database: Database, lost: Offer, now: dt.datetime) -> Iterable[Offer]:
    finder = Finder(calendar.catalogue, now)
    places = finder.catalogue.places
    here = next(
        place for place in places.values() if (place.site, place.address) == (lost.site, lost.address)
    )
    with database.reading() as session:
        earlier = finder.not_after(session, lost.service, lost.starts_at)
    for slot in sorted(
        earlier,
        key=lambda slot: (
            (lost.starts_at - slot.starts_at).total_seconds() / 60
            + MINUTES_PER_KM * distance(here, places[slot.place]),
            slot.site != lost.site,
        ),
    ):
        yield finder.offer(lost.service, slot)
    local = lost.local_start
    same_day = Wishes(first_date=local.date(), last_date=local.date(), first_time=local.time())
    later = Wishes(first_date=local.date() + dt.timedelta(days=1))
    for wishes in (same_day, later):
        yield from calendar.earliest(lost.service, wishes, n=3)


def apply(calendar: Calendar, proposal: Proposal, within: Within) -> Appointment | None:
    """Move a misfit to its alternative; ``within`` queues the message in the same transaction."""
    return calendar.move(
        proposal.misfit.appointment.reference, hold=proposal.key, key=f"{proposal.key}/move", within=within
    )


def load_by_week(database: Database, first: dt.date, weeks: int) -> dict[str, list[Week]]:
    """Return, by site, how much is taken in each of ``weeks`` weeks from the one of ``first``."""
    monday = first - dt.timedelta(days=first.weekday())
    with database.reading() as session:
        rows = session.execute(
            sa.select(Day.site, Day.date, sa.func.sum(Cell.capacity), sa.func.sum(Cell.load))
            .join(Cell, Cell.day == Day.id)
            .where(Day.date >= first, Day.date < monday + dt.timedelta(weeks=weeks))
            .group_by(Day.site, Day.date)
        ).all()
    sums: defaultdict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for site, date, capacity, load in rows:
        week = (date - monday).days // 7
        before = sums[site].get(week, (0, 0))
        sums[site][week] = (before[0] + int(capacity) * CELL, before[1] + int(load) * CELL)
    return {
        site: [Week(monday + dt.timedelta(weeks=week), *by_week.get(week, (0, 0))) for week in range(weeks)]
        for site, by_week in sums.items()
    }


def lead_times(database: Database, now: dt.datetime) -> dict[str, dict[str, int | None]]:
    """Return, by service and site, the days until the earliest appointment; nothing where there is none."""
    with database.reading() as session:
        finder = Finder(Catalogue.read(session), now)
        today = now.astimezone(BERLIN).date()
        return {
            service: {
                site: (None if date is None else (date - today).days)
                for site, date in finder.first_dates(session, service).items()
            }
            for service in finder.catalogue.offerings
        }
