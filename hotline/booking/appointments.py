"""Rows of appointments: finding them, writing holds, and remembering which operations were done."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hotline.booking import ledger
from hotline.booking.references import new_reference
from hotline.booking.search import Slot, instant, on_grid
from hotline.booking.tables import CELL, Day, Operation, State
from hotline.booking.tables import Appointment as Row
from hotline.terms import Appointment, Offer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from hotline.booking.catalogue import Catalogue
    from hotline.booking.search import Finder

    Within = Callable[[Session, Appointment], None]

SLOT = ("service", "site", "place", "day", "pool", "minute", "cells", "starts_at")
"""The columns that say which slot a row has."""


_CLAIM = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("key_"), 0)))
_BY_KEY = sa.select(Row).where(Row.key == sa.bindparam("key_")).with_for_update()


def by_key(session: Session, key: str) -> Row | None:
    """Return the row of a hold, locked."""
    return session.execute(_BY_KEY, {"key_": key}).scalar_one_or_none()


def claim(session: Session, key: str) -> Row | None:
    """Return the row of a hold, locked; if there is none, nobody else makes one before this commits."""
    row = by_key(session, key)
    if row is None and session.get_bind().dialect.name != "sqlite":
        # There is no row to lock yet, and a request that is repeated may run beside its first try.
        session.execute(_CLAIM, {"key_": key})
        row = by_key(session, key)
    return row


def booked(session: Session, reference: str) -> Row | None:
    """Return the row of a booking, locked."""
    row = session.execute(
        sa.select(Row).where(Row.reference == reference).with_for_update()
    ).scalar_one_or_none()
    return row if row is not None and row.state == State.BOOKED else None


def offer_of(catalogue: Catalogue, row: Row) -> Offer:
    """Return what can be said of a row's slot."""
    place = catalogue.places[row.place]
    return Offer(
        service=row.service,
        site=row.site,
        starts_at=row.starts_at,
        minutes=row.cells * CELL,
        site_name=place.site_name,
        address=place.address,
        district=place.district,
        step_free=place.step_free,
    )


def appointment_of(catalogue: Catalogue, row: Row) -> Appointment:
    """Return a booking as others see it."""
    return Appointment(reference=row.reference or "", offer=offer_of(catalogue, row), phone=row.phone)


def take(session: Session, finder: Finder, offer: Offer) -> Slot | None:
    """Take the cells of an offer, if it can still be booked as it was offered."""
    date, minute = on_grid(offer.starts_at)
    cells = finder.catalogue.offerings.get(offer.service, {}).get(offer.site)
    if (
        cells is None
        or cells * CELL != offer.minutes
        or offer.starts_at < finder.now
        or date > finder.window()[2]
    ):
        return None
    days = days_of(session, offer)
    ledger.lock(session, [day.id for day in days])
    for day in days:
        fitting = ledger.fits(session, day.id, minute, cells)
        for pool in finder.pools(offer.service, date):
            if pool in fitting:
                ledger.take(session, day.id, pool, minute, cells)
                return Slot(date, minute, day.id, pool, cells, offer.site, day.place)
    return None


def days_of(session: Session, offer: Offer) -> Sequence[Day]:
    """Return the days on which an offer may lie: one, or several if a mobile site stops twice on its date."""
    date, _ = on_grid(offer.starts_at)
    found = sa.select(Day).where(Day.site == offer.site, Day.date == date).order_by(Day.id)
    return session.execute(found).scalars().all()


def retake(session: Session, finder: Finder, row: Row) -> bool:
    """Take the slot of a hold that was given back, if it is still free."""
    slot = take(session, finder, offer_of(finder.catalogue, row))
    if slot is None:
        return False
    row.day, row.pool, row.place = slot.day, slot.pool, slot.place
    return True


def give(session: Session, row: Row) -> None:
    """Give back the cells of a row; its day must be locked."""
    ledger.give(session, row.day, row.pool, row.minute, row.cells)


def write_hold(
    session: Session,
    row: Row | None,
    *,
    key: str,
    service: str,
    slot: Slot,
    now: dt.datetime,
    expires_at: dt.datetime,
) -> None:
    """Write that ``key`` holds ``slot``, whose cells have been taken."""
    if row is None:
        row = Row(key=key)
        session.add(row)
    row.state, row.service, row.site, row.place = State.HELD, service, slot.site, slot.place
    row.day, row.pool, row.minute, row.cells = slot.day, slot.pool, slot.minute, slot.cells
    row.starts_at = instant(slot.date, slot.minute)
    row.expires_at, row.changed_at = expires_at, now
    session.flush()


def exchange(first: Row, second: Row) -> None:
    """Let two rows exchange their slots."""
    for name in SLOT:
        mine, other = getattr(first, name), getattr(second, name)
        setattr(first, name, other)
        setattr(second, name, mine)


def free_reference(session: Session) -> str:
    """Draw a reference that no appointment has."""
    while True:
        reference = new_reference()
        if session.execute(sa.select(Row.id).where(Row.reference == reference)).first() is None:
            return reference


def done(session: Session, catalogue: Catalogue, key: str) -> Appointment | None:
    """Return what was done under ``key``, if anything was."""
    operation = session.get(Operation, key)
    return (
        None if operation is None else appointment_of(catalogue, session.get_one(Row, operation.appointment))
    )


def finish(session: Session, finder: Finder, row: Row, key: str, within: Within) -> Appointment:
    """Remember that the operation ``key`` was done on ``row``, and let the caller add to the transaction."""
    row.changed_at = finder.now
    session.add(Operation(key=key, appointment=row.id, done_at=finder.now))
    session.flush()
    appointment = appointment_of(finder.catalogue, row)
    within(session, appointment)
    return appointment
