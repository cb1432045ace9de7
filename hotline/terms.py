"""The few terms that every part of the hotline shares: what is wished for and what is offered.

They lie below all layers, so that the dialog, which knows no calendar, and the calendar, which knows no
dialog, speak of the same things. Everything here is immutable and can be written as JSON.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
"""The zone in which callers and offices live; the database keeps UTC."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a caller wishes of an appointment. Everything unset means "no matter".

    Dates and times are local (:data:`BERLIN`) and refer to the start of the appointment.
    """

    sites: tuple[str, ...] = ()
    """Ids of acceptable sites."""
    districts: tuple[str, ...] = ()
    """Ids of acceptable districts."""
    within_km: float = 0.0
    """Places so near to a wished district's centre, or to a wished site, are acceptable, too."""
    weekdays: tuple[int, ...] = ()
    """Acceptable weekdays, Monday = 0."""
    first_date: dt.date | None = None
    """Not before this date."""
    last_date: dt.date | None = None
    """Not after this date."""
    first_time: dt.time | None = None
    """Starting at this time of day at the earliest."""
    last_time: dt.time | None = None
    """Starting before this time of day."""
    step_free: bool = False
    """Only sites that can be entered without a step."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot that is free at the moment of asking, with all that is needed to speak of it."""

    service: str
    """Id of the service."""
    site: str
    """Id of the site."""
    starts_at: dt.datetime
    """Start, UTC."""
    minutes: int
    """Duration in minutes."""
    site_name: str
    """The site as it is spoken: "Kundenzentrum Altona"."""
    address: str
    """The address on that day as it is spoken: "Platz der Republik eins"."""
    district: str
    """Id of the district."""
    step_free: bool

    @property
    def local_start(self) -> dt.datetime:
        """The start in :data:`BERLIN`."""
        return self.starts_at.astimezone(BERLIN)


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booked offer."""

    reference: str
    """Digits only, the last a check digit; spoken in groups."""
    offer: Offer
    phone: str | None = None
    """E.164, where known."""
