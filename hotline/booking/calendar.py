"""The calendar: search, hold, book, move, cancel. The one door to the booking engine.

Each operation is one transaction and may be repeated under its key without doing anything twice. Locks are
taken in one order, appointments by id and then days by id, so that no two operations wait for each other in a
circle.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hotline.booking import appointments, guesses, ledger, upkeep
from hotline.booking.catalogue import Catalogue
from hotline.booking.references import is_valid
from hotline.booking.relaxation import Relaxation, relaxations
from hotline.booking.search import Finder
from hotline.booking.tables import Appointment as Row
from hotline.booking.tables import State
from hotline.terms import BERLIN, Appointment, Offer, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from hotline.booking.appointments import Within
    from hotline.storage import Database

HOLD_MINUTES = 10

IN_A_CROWD = 8
"""Slots whose days are locked together where many want the same: whoever ran after one day at a time would
run with all the others."""

ANYTHING = Wishes()


def _nothing_more(_session: Session, _appointment: Appointment) -> None:
    pass


class Calendar:
    """All appointments of the city.

    :param clock: returns the current time, aware.
    """

    def __init__(self, database: Database, clock: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._clock = clock
        self._catalogue: Catalogue | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue as it is now.

        :raises LookupError: if no city has been loaded yet.
        """
        with self._ready(self._database.reading) as (_, finder):
            return finder.catalogue

    def earliest(
        self,
        service: str,
        wishes: Wishes = ANYTHING,
        n: int = 1,
        exclude: Collection[tuple[str, dt.datetime]] = (),
    ) -> list[Offer]:
        """Return the ``n`` best offers in the order of time, fewer if there are no more.

        Several offers differ in site or half of the day, as far as there is a choice.

        :param exclude: sites and starts that were offered before; as far as there is a choice, the hour
            around them is left out, too.
        """
        with self._ready(self._database.reading) as (session, finder):
            slots = finder.earliest(session, service, wishes, n, exclude)
            return [finder.offer(service, slot) for slot in slots]

    def relaxed(self, service: str, wishes: Wishes) -> list[Relaxation]:
        """Say which wish to drop where nothing fits them all, and what that gives; the earliest first."""
        with self._ready(self._database.reading) as (session, finder):
            return relaxations(session, finder, service, wishes)

    def hold_earliest(
        self,
        service: str,
        wishes: Wishes = ANYTHING,
        *,
        key: str,
        exclude: Collection[tuple[str, dt.datetime]] = (),
        minutes: int = HOLD_MINUTES,
    ) -> Offer | None:
        """Find the earliest slot and hold it in one step; nothing if none fits.

        Under a key that already holds or has booked a slot, that slot is returned.
        """
        candidates = 1
        while True:  # Ends: for every turn but the last, someone else has taken the last slot of a day.
            with self._ready(self._database.writing) as (session, finder):
                row = appointments.claim(session, key)
                if row is not None and row.state in (State.HELD, State.BOOKED):
                    return appointments.offer_of(finder.catalogue, row)
                slots = finder.earliest(session, service, wishes, candidates, exclude)
                if not slots:
                    return None
                slot, days = slots[0], {slot.day for slot in slots}
                ledger.lock(session, days)
                if slot.pool not in ledger.fits(session, slot.day, slot.minute, slot.cells):
                    # While we waited, the slot has gone. Now the days are ours, and so is their next.
                    again = finder.earliest(session, service, wishes, 1, exclude)
                    if not again:
                        return None
                    slot = again[0]
                    if slot.day not in days:
                        candidates = IN_A_CROWD
                        continue
                ledger.take(session, slot.day, slot.pool, slot.minute, slot.cells)
                until = finder.now + dt.timedelta(minutes=minutes)
                appointments.write_hold(
                    session, row, key=key, service=service, slot=slot, now=finder.now, expires_at=until
                )
                return finder.offer(service, slot)

    def hold(self, offer: Offer, *, key: str, minutes: int = HOLD_MINUTES) -> bool:
        """Hold an offer; say no if someone else has taken it, or it can no longer be booked.

        :raises ValueError: if ``key`` holds another slot.
        """
        with self._ready(self._database.writing) as (session, finder):
            until = finder.now + dt.timedelta(minutes=minutes)
            row = appointments.claim(session, key)
            if row is not None and row.state in (State.HELD, State.BOOKED):
                if (row.service, row.site, row.starts_at) != (offer.service, offer.site, offer.starts_at):
                    msg = f"the key {key} holds another slot"
                    raise ValueError(msg)
                if row.state == State.HELD:
                    row.expires_at = until
                return True
            slot = appointments.take(session, finder, offer)
            if slot is None:
                return False
            appointments.write_hold(
                session, row, key=key, service=offer.service, slot=slot, now=finder.now, expires_at=until
            )
            return True

    def extend(self, key: str, minutes: int = HOLD_MINUTES) -> bool:
        """Hold for ``minutes`` from now; say no if it is not held any more."""
        now = self._clock()
        with self._database.writing() as session:
            row = appointments.by_key(session, key)
            if row is None or row.state != State.HELD or row.expires_at is None or row.expires_at <= now:
                return False
            row.expires_at = now + dt.timedelta(minutes=minutes)
            return True

    def release(self, key: str) -> None:
        """Give back what ``key`` holds, if anything."""
        with self._database.writing() as session:
            upkeep.release(session, Row.key == key, self._clock())

    def release_all(self, prefix: str) -> None:
        """Give back everything that keys beginning with ``prefix`` hold."""
        with self._database.writing() as session:
            upkeep.release(session, Row.key.startswith(prefix, autoescape=True), self._clock())

    def book(
        self,
        *,
        hold: str,
        key: str,
        phone: str | None = None,
        name: str | None = None,
        within: Within = _nothing_more,
    ) -> Appointment | None:
        """Turn a hold into an appointment; nothing if the hold is gone and its slot with it.

        :param hold: the key of the hold.
        :param within: is called in the same transaction, so that a message is queued exactly when it is.
        """
        with self._ready(self._database.writing) as (session, finder):
            row = appointments.by_key(session, hold)
            if done := appointments.done(session, finder.catalogue, key):
                return done
            if row is None or row.starts_at < finder.now or row.state not in (State.HELD, State.RELEASED):
                return None
            if row.state == State.RELEASED and not appointments.retake(session, finder, row):
                return None
            reference = appointments.free_reference(session)
            row.state, row.reference = State.BOOKED, reference
            row.phone, row.name = phone, name
            row.booked_at, row.expires_at = finder.now, None
            return appointments.finish(session, finder, row, key, within)

    def cancel(self, reference: str, *, key: str, within: Within = _nothing_more) -> Appointment | None:
        """Cancel an appointment and free its slot; nothing if there is none of that reference."""
        with self._ready(self._database.writing) as (session, finder):
            row = appointments.booked(session, reference)
            if done := appointments.done(session, finder.catalogue, key):
                return done
            if row is None:
                return None
            ledger.lock(session, [row.day])
            appointments.give(session, row)
            row.state = State.CANCELLED
            return appointments.finish(session, finder, row, key, within)

    def move(
        self, reference: str, *, hold: str, key: str, within: Within = _nothing_more
    ) -> Appointment | None:
        """Move an appointment to a held slot and free its old one, or do neither. The reference stays."""
        with self._ready(self._database.writing) as (session, finder):
            rows = session.execute(
                sa.select(Row)
                .where(sa.or_(Row.reference == reference, Row.key == hold))
                .order_by(Row.id)
                .with_for_update()
            ).scalars()
            found = list(rows)
            if done := appointments.done(session, finder.catalogue, key):
                return done
            booked = next(
                (row for row in found if row.reference == reference and row.state == State.BOOKED), None
            )
            held = next((row for row in found if row.key == hold and row is not booked), None)
            if booked is None or held is None or held.starts_at < finder.now:
                return None
            if held.state not in (State.HELD, State.RELEASED):
                return None
            # All days at once, in order: see ledger.lock.
            again = appointments.days_of(session, appointments.offer_of(finder.catalogue, held))
            ledger.lock(session, {booked.day, held.day, *(day.id for day in again)})
            if held.state == State.RELEASED and not appointments.retake(session, finder, held):
                return None
            appointments.give(session, booked)
            # The booking keeps its row; the hold's row becomes the record of the old slot.
            appointments.exchange(booked, held)
            held.state, held.expires_at, held.changed_at = State.MOVED, None, finder.now
            return appointments.finish(session, finder, booked, key, within)

    def find(self, reference: str, *, caller: str | None = None) -> Appointment | None:
        """Look up a booking that is still to come.

        :param caller: whose guesses are counted, for instance the calling number.
        :raises guesses.TooManyGuesses: if ``caller`` has asked in vain too often.
        """
        condition = Row.reference == reference if is_valid(reference) else sa.false()
        found = self._look_up(condition, caller)
        return found[0] if found else None

    def find_by_phone(
        self,
        phone: str,
        *,
        date: dt.date | None = None,
        service: str | None = None,
        caller: str | None = None,
    ) -> list[Appointment]:
        """Look up the bookings of a phone number, of which the caller knows the date or the service, too.

        :raises ValueError: if neither ``date`` nor ``service`` is given.
        :raises guesses.TooManyGuesses: if ``caller`` (by default ``phone``) has asked in vain too often.
        """
        if date is None and service is None:
            msg = "a phone number alone is not enough"
            raise ValueError(msg)
        conditions = [Row.phone == phone]
        if service is not None:
            conditions.append(Row.service == service)
        if date is not None:
            conditions += [
                Row.starts_at >= dt.datetime.combine(date, dt.time(), BERLIN),
                Row.starts_at < dt.datetime.combine(date + dt.timedelta(days=1), dt.time(), BERLIN),
            ]
        return self._look_up(sa.and_(*conditions), caller or phone)

    def purge(self, before: dt.datetime) -> int:
        """Forget who had the appointments that began before ``before``; return how many people."""
        with self._database.writing() as session:
            return upkeep.purge(session, before)

    @contextmanager
    def _ready(
        self, transaction: Callable[[], AbstractContextManager[Session]]
    ) -> Iterator[tuple[Session, Finder]]:
        """Open a transaction in which what has expired is free and what is in reach is laid out."""
        now = self._clock()
        # If there is nothing to do, which is the rule, this costs one query and no transaction of its own.
        with transaction() as session:
            self._catalogue, due = upkeep.look(session, self._catalogue, now)
            if not due:
                yield session, Finder(self._catalogue, now)
                return
        upkeep.do(self._database, now)
        with transaction() as session:
            yield session, Finder(self._catalogue, now)

    def _look_up(self, condition: sa.ColumnElement[bool], caller: str | None) -> list[Appointment]:
        with self._ready(self._database.writing) as (session, finder):
            now = finder.now
            guesses.check(session, caller, now)
            rows = session.execute(
                sa.select(Row)
                .where(condition, Row.state == State.BOOKED, Row.starts_at > now)
                .order_by(Row.starts_at)
            ).scalars()
            found = [appointments.appointment_of(finder.catalogue, row) for row in rows]
            if not found:
                guesses.note(session, caller, now)
            return found
