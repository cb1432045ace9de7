"""What a human at the desk may see and put right: a person's appointments, number and name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hotline.booking import appointments
from hotline.booking.tables import Appointment as Row
from hotline.booking.tables import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline.booking.appointments import Within
    from hotline.booking.calendar import Calendar
    from hotline.storage import Database
    from hotline.terms import Appointment, Offer


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment and the name it is in, where there is one."""

    appointment: Appointment
    name: str | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A slot that is kept."""

    offer: Offer
    until: dt.datetime


@dataclass(frozen=True)
class Records:
    """Bookings, for those who may look at them."""

    database: Database
    calendar: Calendar
    clock: Callable[[], dt.datetime]

    def of_phone(self, phone: str) -> list[Booking]:
        """Return the bookings still to come of a telephone number, E.164."""
        return self._look_up(Row.phone == phone)

    def of_reference(self, reference: str) -> Booking | None:
        """Return the booking still to come with a reference, digits only."""
        found = self._look_up(Row.reference == reference)
        return found[0] if found else None

    def hold(self, key: str) -> Hold | None:
        """Return what a key holds at this moment."""
        catalogue = self.calendar.catalogue
        with self.database.reading() as session:
            row = session.scalar(sa.select(Row).where(Row.key == key, Row.state == State.HELD))
            if row is None or row.expires_at is None or row.expires_at <= self.clock():
                return None
            return Hold(appointments.offer_of(catalogue, row), row.expires_at)

    def correct(
        self, reference: str, *, phone: str | None, name: str | None, within: Within
    ) -> Appointment | None:
        """Write down the right number and name; nothing if there is no such booking.

        :param within: is called in the same transaction.
        """
        catalogue = self.calendar.catalogue
        with self.database.writing() as session:
            row = appointments.booked(session, reference)
            if row is None:
                return None
            row.phone, row.name, row.changed_at = phone, name, self.clock()
            session.flush()
            appointment = appointments.appointment_of(catalogue, row)
            within(session, appointment)
            return appointment

    def _look_up(self, condition: sa.ColumnElement[bool]) -> list[Booking]:
        catalogue = self.calendar.catalogue
        with self.database.reading() as session:
            rows = session.scalars(
                sa.select(Row)
                .where(condition, Row.state == State.BOOKED, Row.starts_at > self.clock())
                .order_by(Row.starts_at)
                .limit(20)
            )
            return [Booking(appointments.appointment_of(catalogue, row), row.name) for row in rows]
