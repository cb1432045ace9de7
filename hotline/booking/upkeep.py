"""What must be true before anyone searches, done by whoever searches next; there is no job that could fail.

Expired holds are free, the calendar reaches to the end of the bookable window, and the catalogue is the one
that was loaded last. Normally one query finds that there is nothing to do.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hotline.booking import ledger
from hotline.booking.catalogue import Catalogue
from hotline.booking.layout import lay_out
from hotline.booking.tables import Appointment, City, Gap, Guess, Operation, State
from hotline.storage import UtcDateTime
from hotline.terms import BERLIN

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hotline.storage import Database


LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

_HELD = Appointment.state == sa.literal_column(f"'{State.HELD}'")
"""Written out, since only then the partial index on held rows applies, which are few."""

_STATE = sa.select(
    City.revision,
    City.laid_out_until,
    City.window_days,
    sa.exists().where(
        _HELD,
        Appointment.expires_at <= sa.bindparam("now_", type_=UtcDateTime),
    ),
)
"""What there is to do."""


def look(session: Session, catalogue: Catalogue | None, now: dt.datetime) -> tuple[Catalogue, bool]:
    """Return the current catalogue, and whether there is something to :func:`do`.

    :raises LookupError: if no city has been loaded yet.
    """
    state = session.execute(_STATE, {"now_": now}).one_or_none()
    if state is None or catalogue is None or catalogue.revision != state[0]:
        catalogue = Catalogue.read(session)
    assert state is not None  # noqa: S101  # Catalogue.read has raised LookupError
    _, laid_out_until, window_days, expired = state
    in_reach = now.astimezone(BERLIN).date() + dt.timedelta(days=window_days)
    return catalogue, expired or laid_out_until is None or laid_out_until < in_reach


def do(database: Database, now: dt.datetime) -> None:
    """Lay out the days that have come into reach and free what has expired."""
    with database.writing() as session:
        _reach(session, now.astimezone(BERLIN).date())
    with database.writing() as session:
        # Whoever has locked an expired hold is about to book, extend or release it.
        release(session, Appointment.expires_at <= now, now, skip_locked=True)


def _reach(session: Session, today: dt.date) -> None:
    """Lay out the days that have come into the window."""
    city = session.execute(sa.select(City).with_for_update()).scalar_one()
    end = today + dt.timedelta(days=city.window_days)
    start = max(today, city.laid_out_until + dt.timedelta(days=1)) if city.laid_out_until else today
    if start <= end:
        lay_out(session, start, end)
        city.laid_out_until = end


def release(
    session: Session, condition: sa.ColumnElement[bool], now: dt.datetime, *, skip_locked: bool = False
) -> None:
    """Give back the slots of all holds that meet ``condition``."""
    rows = session.execute(
        sa.select(Appointment)
        # True of all that is held; it leads SQLite to the index of those.
        .where(_HELD, Appointment.expires_at > LONG_AGO, condition)
        .order_by(Appointment.id)
        .with_for_update(skip_locked=skip_locked)
    ).scalars()
    held = list(rows)
    if not held:
        return
    ledger.lock(session, {row.day for row in held})
    for row in held:
        ledger.give(session, row.day, row.pool, row.minute, row.cells)
        row.state, row.expires_at, row.changed_at = State.RELEASED, None, now


def purge(session: Session, before: dt.datetime) -> int:
    """Forget who had the appointments before ``before``, but not that there were any; return how many."""
    past = Appointment.starts_at < before
    session.execute(sa.delete(Operation).where(Operation.done_at < before))
    session.execute(sa.delete(Guess).where(Guess.at < before))
    session.execute(sa.delete(Gap).where(Gap.date < before.astimezone(BERLIN).date()))
    forgotten = session.execute(
        sa.update(Appointment)
        .where(past, sa.or_(Appointment.phone.is_not(None), Appointment.name.is_not(None)))
        .values(phone=None, name=None)
        .returning(Appointment.id)
    )
    return len(forgotten.all())
