"""Wishes as the dialog keeps them: written into its log, and put together over several answers."""

from __future__ import annotations

from pydantic import TypeAdapter

from hotline.terms import Wishes

WISHES: TypeAdapter[Wishes] = TypeAdapter(Wishes)
"""Writes and reads wishes as JSON."""


def merge(wishes: Wishes, newer: Wishes) -> Wishes:
    """Return the wishes with the newer ones in front: a new place, day or time replaces the old one."""
    place = bool(newer.sites or newer.districts)
    day = bool(newer.weekdays or newer.first_date or newer.last_date)
    time = bool(newer.first_time or newer.last_time)
    return Wishes(
        sites=newer.sites if place else wishes.sites,
        districts=newer.districts if place else wishes.districts,
        within_km=newer.within_km if place else wishes.within_km,
        weekdays=newer.weekdays if day else wishes.weekdays,
        first_date=newer.first_date if day else wishes.first_date,
        last_date=newer.last_date if day else wishes.last_date,
        first_time=newer.first_time if time else wishes.first_time,
        last_time=newer.last_time if time else wishes.last_time,
        step_free=wishes.step_free or newer.step_free,
    )
