"""The tables of the city and of its calendar.

Instants are UTC. The calendar's grid is civil time, as offices' opening hours are: a local date and the
minute since local midnight (Europe/Berlin). Offices open at 03:00 at the earliest (see
:mod:`hotline.booking.schema`), so that every minute of the grid is exactly one instant on both
daylight-saving days.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey as Fk
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column as column

from hotline.storage import Base

CELL = 5
"""Minutes of one cell of the grid."""

EVERYONE = 0
"""The pool from which every service may draw."""

DENSE = (3, 6)
"""Lengths in cells for which gaps at least as long have an index of their own (see :class:`Gap`)."""


class State(enum.StrEnum):
    """The life of an appointment."""

    HELD = "held"
    RELEASED = "released"
    """Was held; the caller hung up, chose another, or let it expire."""
    BOOKED = "booked"
    MOVED = "moved"
    """A slot that was given up for another one."""
    CANCELLED = "cancelled"
    KEPT = "kept"
    MISSED = "missed"


class City(Base):
    """The one city, and how far its calendar has been laid out."""

    __tablename__ = "city"
    id: Mapped[int] = column(primary_key=True)
    name: Mapped[str]
    region: Mapped[str]
    """ISO 3166-2 part whose public holidays are kept, "HH"."""
    lead_minutes: Mapped[int]
    """An appointment starts at least so many minutes after it is offered."""
    window_days: Mapped[int]
    """An appointment starts at most so many days from today."""
    revision: Mapped[int]
    """Counts the loads; a catalogue in memory is stale once it differs."""
    laid_out_until: Mapped[dt.date | None]
    """The last date that has cells."""


class District(Base):
    """A part of the city."""

    __tablename__ = "district"
    id: Mapped[str] = column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str]
    synonyms: Mapped[list[Any]]
    latitude: Mapped[float]
    longitude: Mapped[float]


class Category(Base):
    """A group of services in the keypad menu."""

    __tablename__ = "category"
    id: Mapped[str] = column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str]


class Service(Base):
    """What a caller may need."""

    __tablename__ = "service"
    id: Mapped[str] = column(primary_key=True)
    position: Mapped[int]
    active: Mapped[bool]
    name: Mapped[str]
    accusative: Mapped[str]
    synonyms: Mapped[list[Any]]
    category: Mapped[str] = column(Fk("category.id"))
    group: Mapped[str] = column("affairs")
    minutes: Mapped[int]
    bring: Mapped[list[Any]]
    fee_cents: Mapped[int | None]
    online: Mapped[str | None]
    appointment_needed: Mapped[bool]
    deadline_days: Mapped[int | None]


class Site(Base):
    """An office, or a bus that is one."""

    __tablename__ = "site"
    id: Mapped[str] = column(primary_key=True)
    position: Mapped[int]
    active: Mapped[bool]
    name: Mapped[str]
    synonyms: Mapped[list[Any]]
    mobile: Mapped[bool]
    contact: Mapped[str | None]


class Place(Base):
    """Where a site is: one for an office, one for every stop of a mobile one."""

    __tablename__ = "place"
    __table_args__ = (sa.UniqueConstraint("site", "address"),)
    id: Mapped[int] = column(primary_key=True)
    site: Mapped[str] = column(Fk("site.id"))
    district: Mapped[str] = column(Fk("district.id"))
    address: Mapped[str]
    transport: Mapped[str | None]
    step_free: Mapped[bool]
    latitude: Mapped[float]
    longitude: Mapped[float]


class Offering(Base):
    """A service that a site offers, and how many cells it takes there."""

    __tablename__ = "offering"
    service: Mapped[str] = column(Fk("service.id"), primary_key=True)
    site: Mapped[str] = column(Fk("site.id"), primary_key=True)
    cells: Mapped[int]


class Opening(Base):
    """Regular hours of an office, or of a mobile site at one of its stops."""

    __tablename__ = "opening"
    id: Mapped[int] = column(primary_key=True)
    site: Mapped[str] = column(Fk("site.id"), index=True)
    place: Mapped[int] = column(Fk("place.id"))
    weekday: Mapped[int | None]
    """Monday = 0; unset: only on :attr:`valid_from`."""
    weeks: Mapped[str]
    """``every``, ``odd`` or ``even`` calendar weeks (ISO 8601)."""
    opens: Mapped[int]
    closes: Mapped[int]
    counters: Mapped[int]
    valid_from: Mapped[dt.date | None]
    valid_until: Mapped[dt.date | None]


class DateException(Base):
    """What differs from the regular hours on some dates."""

    __tablename__ = "exception"
    id: Mapped[int] = column(primary_key=True)
    site: Mapped[str | None] = column(Fk("site.id"), index=True)
    """Unset: the whole city."""
    first_date: Mapped[dt.date]
    last_date: Mapped[dt.date]
    opens: Mapped[int | None]
    """With :attr:`closes` and :attr:`counters`: open then in place of the regular hours."""
    closes: Mapped[int | None]
    counters: Mapped[int | None]
    change: Mapped[int]
    """Counters more, or fewer, than otherwise."""
    closed: Mapped[bool]
    by_operator: Mapped[bool]
    """Entered by an operator (an absence); a load of the city leaves it alone."""
    note: Mapped[str]


class Share(Base):
    """A share of the counters that is not for everyone's appointments, or exceeds them."""

    __tablename__ = "share"
    id: Mapped[str] = column(primary_key=True)
    kind: Mapped[str]
    """``walk_in`` (kept for visitors without appointment), ``reserved`` (for services), ``overbooked``."""
    percent: Mapped[float]
    pool: Mapped[int | None] = column(unique=True)
    """The number of the pool, if reserved."""
    services: Mapped[list[Any]]
    sites: Mapped[list[Any]]
    """Empty: all."""
    first_date: Mapped[dt.date | None]
    last_date: Mapped[dt.date | None]
    release_days: Mapped[int]
    """So many days before, what is left of a reserved share is open to everyone."""


class Day(Base):
    """A date at a place that is, or was, open. Whoever changes its cells locks this row first."""

    __tablename__ = "day"
    __table_args__ = (sa.UniqueConstraint("place", "date"), sa.Index("ix_day_site_date", "site", "date"))
    id: Mapped[int] = column(primary_key=True)
    site: Mapped[str] = column(Fk("site.id"))
    date: Mapped[dt.date]
    place: Mapped[int] = column(Fk("place.id"))
    plan: Mapped[list[Any]]
    """Segments ``[pool, from minute, until minute, capacity]``; a load skips days whose plan is the same."""


class Cell(Base):
    """Five minutes at the counters of one pool. ``capacity - load`` more appointments fit into it."""

    __tablename__ = "cell"
    __table_args__ = (
        sa.CheckConstraint("load >= 0 AND excess >= 0 AND capacity >= 0", name="not_negative"),
        sa.CheckConstraint("load <= capacity + excess", name="not_overfull"),
        sa.Index(
            "ix_cell_day_excess",
            "day",
            sqlite_where=sa.text("excess > 0"),
            postgresql_where=sa.text("excess > 0"),
        ),
        # Loads change often and are in no index: leave room for PostgreSQL's heap-only updates.
        {"sqlite_with_rowid": False, "postgresql_with": {"fillfactor": 80}},
    )
    day: Mapped[int] = column(Fk("day.id"), primary_key=True)
    pool: Mapped[int] = column(sa.SmallInteger, primary_key=True)
    minute: Mapped[int] = column(sa.SmallInteger, primary_key=True)
    capacity: Mapped[int] = column(sa.SmallInteger)
    load: Mapped[int] = column(sa.SmallInteger)
    excess: Mapped[int] = column(sa.SmallInteger)
    """Appointments from before the capacity was lowered; nothing new is ever booked into an excess."""


class Gap(Base):
    """A longest run of cells with a free counter: what the search reads instead of the cells.

    Derived from the cells in the same transaction that changes them. A day with nothing booked is one gap
    instead of a hundred cells, and a full one is none, so that a search skips booked-out weeks unread.
    """

    __tablename__ = "gap"
    __table_args__ = (
        sa.Index("ix_gap_date_opens", "date", "opens", "place"),
        *(
            sa.Index(
                f"ix_gap_date_opens_{cells}",
                "date",
                "opens",
                "place",
                sqlite_where=sa.text(f"cells >= {cells}"),
                postgresql_where=sa.text(f"cells >= {cells}"),
            )
            for cells in DENSE
        ),
        sa.Index("ix_gap_place_date_opens", "place", "date", "opens"),
        {"sqlite_with_rowid": False},
    )
    day: Mapped[int] = column(Fk("day.id"), primary_key=True)
    pool: Mapped[int] = column(sa.SmallInteger, primary_key=True)
    opens: Mapped[int] = column(sa.SmallInteger, primary_key=True)
    """First minute of the run."""
    closes: Mapped[int] = column(sa.SmallInteger)
    """First minute after the run."""
    cells: Mapped[int] = column(sa.SmallInteger)
    date: Mapped[dt.date]
    site: Mapped[str]
    place: Mapped[int]


class Appointment(Base):
    """A slot that is held, booked, or was."""

    __tablename__ = "appointment"
    __table_args__ = (
        sa.Index(
            "ix_appointment_expires_at",
            "expires_at",
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        ),
        sa.Index("ix_appointment_day_state", "day", "state"),
    )
    id: Mapped[int] = column(primary_key=True)
    key: Mapped[str] = column(unique=True)
    """The key of the hold, ``<call>/<number>``."""
    state: Mapped[str]
    service: Mapped[str] = column(Fk("service.id"))
    site: Mapped[str] = column(Fk("site.id"))
    place: Mapped[int] = column(Fk("place.id"))
    day: Mapped[int] = column(Fk("day.id"))
    pool: Mapped[int] = column(sa.SmallInteger)
    minute: Mapped[int] = column(sa.SmallInteger)
    cells: Mapped[int] = column(sa.SmallInteger)
    starts_at: Mapped[dt.datetime] = column(index=True)
    expires_at: Mapped[dt.datetime | None]
    """Until when it is held, while it is."""
    reference: Mapped[str | None] = column(unique=True)
    phone: Mapped[str | None] = column(index=True)
    name: Mapped[str | None]
    changed_at: Mapped[dt.datetime]
    booked_at: Mapped[dt.datetime | None]


class Operation(Base):
    """An operation that was done under a key; doing it again under the same key changes nothing."""

    __tablename__ = "operation"
    key: Mapped[str] = column(primary_key=True)
    appointment: Mapped[int] = column(Fk("appointment.id"))
    done_at: Mapped[dt.datetime]


class Guess(Base):
    """A look-up that found nothing, counted against whoever asked."""

    __tablename__ = "guess"
    __table_args__ = (sa.Index("ix_guess_caller_at", "caller", "at"),)
    id: Mapped[int] = column(primary_key=True)
    caller: Mapped[str]
    at: Mapped[dt.datetime]
