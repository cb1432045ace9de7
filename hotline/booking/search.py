"""The search: the earliest free slots of the whole city in one query.

It reads gaps (:class:`hotline.booking.tables.Gap`) in the order of time and stops at the first that fit. A
gap suits a service if, from the later of its beginning and the wished time of day, all cells of the service
lie in it.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from hotline.booking.catalogue import distance
from hotline.booking.tables import CELL, DENSE, EVERYONE, Gap, Offering
from hotline.terms import BERLIN, Offer, Wishes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from hotline.booking.catalogue import Catalogue, District, Place

FEW_PLACES = 12
"""Up to so many places their gaps are read place by place; with more, the city's in the order of time."""

DAY_ENDS = 24 * 60

NEIGHBOURS = 60
"""Minutes around a declined offer in which its site is not offered again, if there is anything else."""

NOON = 12 * 60


class _Gap(NamedTuple):
    """A gap that suits, with the first start in it."""

    date: dt.date
    start: int
    closes: int
    day: int
    pool: int
    cells: int
    site: str
    place: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A free slot on the grid."""

    date: dt.date
    minute: int
    """Minutes since local midnight."""
    day: int
    pool: int
    cells: int
    site: str
    place: int

    @property
    def starts_at(self) -> dt.datetime:
        """The start, UTC."""
        return instant(self.date, self.minute)


def instant(date: dt.date, minute: int) -> dt.datetime:
    """Turn a minute of the grid into UTC."""
    local = dt.datetime.combine(date, dt.time(minute // 60, minute % 60), BERLIN)
    return local.astimezone(dt.UTC)


def on_grid(at: dt.datetime) -> tuple[dt.date, int]:
    """Turn an instant into local date and minute of the day, rounded up to the grid."""
    local = at.astimezone(BERLIN)
    minute = local.hour * 60 + local.minute + bool(local.second or local.microsecond)
    return local.date(), -(-minute // CELL) * CELL


@dataclass(frozen=True)
class Finder:
    """The search at one moment."""

    catalogue: Catalogue
    now: dt.datetime

    def earliest(
        self,
        session: Session,
        service: str,
        wishes: Wishes,
        n: int = 1,
        exclude: Collection[tuple[str, dt.datetime]] = (),
    ) -> list[Slot]:
        """Return the ``n`` best slots in the order of time; fewer where there are no more.

        Several slots differ in site or half of the day, as far as there is a choice. The sites and times in
        ``exclude`` are left out, and their neighbourhood, too, as far as there is a choice.
        """
        refused = [(site, *on_grid(at)) for site, at in exclude]
        before = _minute(wishes.last_time, DAY_ENDS)
        gaps = self._gaps(session, service, wishes, limit=4 * n + 2 + 16 * len(refused))
        for apart in (NEIGHBOURS, CELL) if refused else (CELL,):
            slots = sorted(
                (slot for gap in gaps for slot in _starts(gap, refused, apart, n, before)),
                key=lambda slot: (slot.date, slot.minute, slot.pool == EVERYONE),
            )
            chosen = _varied(slots, n)
            if chosen:
                return chosen
        return []

    def not_after(self, session: Session, service: str, at: dt.datetime, limit: int = 64) -> list[Slot]:
        """Return slots that start at ``at`` or before, from the latest gaps, each near its time of day.

        On another day than ``at``'s only from the day after tomorrow on: people need notice.
        """
        offering = self.catalogue.offerings.get(service)
        if not offering:
            return []
        date, minute = on_grid(at)
        first, first_minute, last = self.window()
        notice = self.now.astimezone(BERLIN).date() + dt.timedelta(days=2)
        rows = session.execute(
            sa.select(Gap.date, Gap.opens, Gap.closes, Gap.day, Gap.pool, Offering.cells, Gap.site, Gap.place)
            .join(Offering, sa.and_(Offering.site == Gap.site, Offering.service == service))
            .where(
                sa.or_(Gap.date == date, Gap.date.between(max(first, notice), date)),
                Gap.date <= last,
                Gap.cells >= Offering.cells,
            )
            .order_by(Gap.date.desc(), Gap.opens.desc())
            .limit(limit)
        )
        slots = []
        for gap in (_Gap(*row) for row in rows):
            opens = max(gap.start, first_minute) if gap.date == first else gap.start
            start = max(opens, min(minute, gap.closes - gap.cells * CELL))
            fits = start + gap.cells * CELL <= gap.closes and (gap.date, start) <= (date, minute)
            if fits and gap.date >= first and gap.pool in self.pools(service, gap.date):
                slots.append(Slot(gap.date, start, gap.day, gap.pool, gap.cells, gap.site, gap.place))
        return slots

    def first_dates(self, session: Session, service: str) -> dict[str, dt.date | None]:
        """Return, by site, the first date on which it has a slot for ``service``, if it has one."""
        first, minute, last = self.window()
        rows = session.execute(
            sa.select(Gap.site, sa.func.min(Gap.date))
            .join(Offering, sa.and_(Offering.site == Gap.site, Offering.service == service))
            .where(
                Gap.date.between(first, last),
                Gap.cells >= Offering.cells,
                sa.or_(Gap.date > first, Gap.closes - Offering.cells * CELL >= minute),
                Gap.pool.in_(self.pools(service, last)),
            )
            .group_by(Gap.site)
        )
        dates: dict[str, dt.date | None] = dict.fromkeys(self.catalogue.offerings.get(service, {}))
        dates.update((site, date) for site, date in rows)
        return dates

    def pools(self, service: str, date: dt.date) -> list[int]:
        """Return the pools from which ``service`` may draw on ``date``, its own first."""
        today = self.now.astimezone(BERLIN).date()
        own = [pool.number for pool in self.catalogue.pools if service in pool.services]
        released = [
            pool.number
            for pool in self.catalogue.pools
            if pool.number not in own and date <= today + dt.timedelta(days=pool.release_days)
        ]
        return [*own, EVERYONE, *released]

    def places(self, service: str, wishes: Wishes) -> list[int] | None:
        """Return the places that suit, or nothing if all that offer the service do."""
        offering = self.catalogue.offerings.get(service, {})
        places = [place for place in self.catalogue.places.values() if place.site in offering]
        centres = self._centres(wishes) if wishes.within_km else []
        suiting = [
            place.id
            for place in places
            if (place.step_free or not wishes.step_free)
            and (
                (
                    (not wishes.sites or place.site in wishes.sites)
                    and (not wishes.districts or place.district in wishes.districts)
                )
                or any(distance(centre, place) <= wishes.within_km for centre in centres)
            )
        ]
        return suiting if len(suiting) < len(places) or len(suiting) <= FEW_PLACES else None

    def _centres(self, wishes: Wishes) -> list[Place | District]:
        """Return from where the distance to a place counts."""
        return [
            *(district for district in self.catalogue.districts if district.id in wishes.districts),
            *(place for place in self.catalogue.places.values() if place.site in wishes.sites),
        ]

    def window(self) -> tuple[dt.date, int, dt.date]:
        """Return first date, first minute on that date, and last date that may be booked now."""
        first, minute = on_grid(self.now + dt.timedelta(minutes=self.catalogue.lead_minutes))
        today = self.now.astimezone(BERLIN).date()
        return first, minute, today + dt.timedelta(days=self.catalogue.window_days)

    def _gaps(self, session: Session, service: str, wishes: Wishes, limit: int) -> list[_Gap]:
        offering = self.catalogue.offerings.get(service)
        places = self.places(service, wishes)
        opening_date, opening_minute, last = self.window()
        first = max(opening_date, wishes.first_date or opening_date)
        last = min(last, wishes.last_date or last)
        if not offering or places == [] or first > last:
            return []
        not_before = _minute(wishes.first_time, 0)
        dates = [first + dt.timedelta(days=offset) for offset in range((last - first).days + 1)]
        values: dict[str, Any] = {
            "service": service,
            "first": first,
            "last": last,
            "first_minute": max(not_before, opening_minute) if first == opening_date else not_before,
            "not_before": not_before,
            "starting_before": _minute(wishes.last_time, DAY_ENDS),
            "limit": limit,
            "least": min(offering.values()) * CELL,
        }
        if places is not None:
            values["places"] = places
        if wishes.weekdays:
            values["dates"] = [date for date in dates if date.weekday() in wishes.weekdays]
        today = self.now.astimezone(BERLIN).date()
        values["pools"] = [EVERYONE]
        for pool in self.catalogue.pools:
            if service in pool.services:
                values["pools"].append(pool.number)
            else:
                values[f"released_{pool.number}"] = today + dt.timedelta(days=pool.release_days)
        few = places is not None and len(places) <= FEW_PLACES
        query = _query(frozenset(values), None if few else min(offering.values()))
        return [_Gap(*row) for row in session.execute(query, values)]

    def offer(self, service: str, slot: Slot) -> Offer:
        """Return what can be said of ``slot``."""
        place = self.catalogue.places[slot.place]
        return Offer(
            service=service,
            site=slot.site,
            starts_at=slot.starts_at,
            minutes=slot.cells * CELL,
            site_name=place.site_name,
            address=place.address,
            district=place.district,
            step_free=place.step_free,
        )


@functools.cache
def _query(values: frozenset[str], cells: int | None) -> sa.Select[Any]:
    """Build the search that takes the named values.

    :param cells: the least cells that are needed, if the search is to read the whole city in the order of
        time, or nothing, if it is to read few places.
    """
    # The place is last so that both databases choose the same among equals.
    # Within a date the order of beginnings is that of starts, each the later of a beginning and a constant.
    earliest = sa.case(
        (Gap.date == sa.bindparam("first", type_=sa.Date), sa.bindparam("first_minute", type_=sa.Integer)),
        else_=sa.bindparam("not_before", type_=sa.Integer),
    )
    start = sa.case((Gap.opens < earliest, earliest), else_=Gap.opens)
    pools: list[sa.ColumnElement[bool]] = [Gap.pool.in_(sa.bindparam("pools", expanding=True))]
    for name in sorted(values):
        if name.startswith("released_"):
            number = int(name.removeprefix("released_"))
            pools.append(sa.and_(Gap.pool == number, Gap.date <= sa.bindparam(name, type_=sa.Date)))
    query = (
        sa.select(
            Gap.date, start.label("start"), Gap.closes, Gap.day, Gap.pool, Offering.cells, Gap.site, Gap.place
        )
        .join(Offering, sa.and_(Offering.site == Gap.site, Offering.service == sa.bindparam("service")))
        .where(
            start < sa.bindparam("starting_before"),
            start + Offering.cells * CELL <= Gap.closes,
            # Follows from the line above, but spares looking up the offering for every gap too short for any.
            start + sa.bindparam("least", type_=sa.Integer) <= Gap.closes,
            sa.or_(*pools),
        )
        .order_by(Gap.date, Gap.opens, Gap.place)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )
    if "dates" in values:
        query = query.where(Gap.date.in_(sa.bindparam("dates", expanding=True)))
    else:
        query = query.where(Gap.date.between(sa.bindparam("first"), sa.bindparam("last")))
    if "places" in values:
        # Written into the statement: a database takes longer to bind a thousand values than to read them.
        query = query.where(Gap.place.in_(sa.bindparam("places", expanding=True, literal_execute=True)))
    dense = max((length for length in DENSE if cells is not None and length <= cells), default=None)
    if dense is not None:
        # Word for word the condition of the partial index, without which SQLite does not take it.
        query = query.where(sa.text(f"gap.cells >= {dense}"))
    return query


def _minute(time: dt.time | None, otherwise: int) -> int:
    """Return minutes since midnight, rounded up to the grid."""
    return otherwise if time is None else -(-(time.hour * 60 + time.minute) // CELL) * CELL


def _starts(
    gap: _Gap,
    refused: Iterable[tuple[str, dt.date, int]],
    apart: int,
    n: int,
    before: int,
) -> Iterator[Slot]:
    """Yield the first start in a gap, and where several are wanted the first of its afternoon."""
    avoid = sorted(minute for site, date, minute in refused if site == gap.site and date == gap.date)
    for wanted in (gap.start, NOON) if n > 1 and gap.start < NOON else (gap.start,):
        minute = wanted
        for taken in avoid:
            if abs(minute - taken) < apart:
                minute = taken + apart
        if minute + gap.cells * CELL <= gap.closes and minute < before:
            yield Slot(gap.date, minute, gap.day, gap.pool, gap.cells, gap.site, gap.place)


def _varied(slots: Sequence[Slot], n: int) -> list[Slot]:
    """Choose ``n`` slots, first one per site and half day, then whatever is left, in the order of time."""
    chosen: dict[tuple[str, dt.date, bool], Slot] = {}
    rest: dict[tuple[str, dt.date, int], Slot] = {}
    for slot in slots:
        corner = (slot.site, slot.date, slot.minute < NOON)
        if corner not in chosen:
            chosen[corner] = slot
        elif chosen[corner].minute != slot.minute:
            rest.setdefault((slot.site, slot.date, slot.minute), slot)
    best = [*chosen.values(), *rest.values()][:n]
    return sorted(best, key=lambda slot: (slot.date, slot.minute))
