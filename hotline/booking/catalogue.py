"""The catalogue: what there is, as an immutable snapshot for those who speak of it."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from hotline.booking import tables
from hotline.terms import Wishes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hotline.storage import Database

T = TypeVar("T", "Service", "Site", "District")

EARTH_KM = 6371.0
"""Mean radius of the earth (IUGG)."""


@dataclass(frozen=True, slots=True)
class Category:
    """A line of the keypad's first menu; its services are in the order of their keys."""

    id: str
    name: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What a caller may need. All texts can be spoken."""

    id: str
    name: str
    """„Personalausweis“."""
    accusative: str
    """Completes „ein Termin für …“: „einen Personalausweis“."""
    synonyms: tuple[str, ...]
    """What callers say for it, in lower case."""
    category: str
    group: str
    """``residents`` or ``foreigners``."""
    minutes: int
    """How long it takes where a site says nothing else."""
    bring: tuple[str, ...]
    fee_cents: int | None
    online: str | None
    """A sentence on how it can be done without coming."""
    appointment_needed: bool
    deadline_days: int | None
    """Due so many days after the event (moving in), and not before it."""

    def due(self, event: dt.date, wishes: Wishes) -> Wishes:
        """Narrow ``wishes`` to the time from ``event`` to the deadline.

        *Ummeldung*: within two weeks after moving in (§ 17 Abs. 1 BMG), and not before, since the landlord's
        confirmation (§ 19 BMG) is of the day.
        """
        if self.deadline_days is None:
            return wishes
        last = event + dt.timedelta(days=self.deadline_days)
        return replace(
            wishes,
            first_date=max(event, wishes.first_date or event),
            last_date=min(last, wishes.last_date or last),
        )


@dataclass(frozen=True, slots=True)
class Site:
    """An office, or a mobile one, whose district, address and access are those of its first stop."""

    id: str
    name: str
    synonyms: tuple[str, ...]
    district: str
    address: str
    transport: str | None
    contact: str | None
    step_free: bool
    mobile: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site is, on some or all of its days."""

    id: int
    site: str
    site_name: str
    district: str
    address: str
    transport: str | None
    step_free: bool
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class District:
    """A part of the city."""

    id: str
    name: str
    synonyms: tuple[str, ...]
    """Names of quarters that belong to it, in lower case."""
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Pool:
    """A reserved share of the counters."""

    number: int
    services: frozenset[str]
    release_days: int


@dataclass(frozen=True)
class Catalogue:
    """Everything there is, in the order in which it should be read out."""

    city: str
    revision: int
    lead_minutes: int
    window_days: int
    categories: tuple[Category, ...]
    services: tuple[Service, ...]
    sites: tuple[Site, ...]
    districts: tuple[District, ...]
    places: Mapping[int, Place]
    pools: tuple[Pool, ...]
    offerings: Mapping[str, Mapping[str, int]]
    """Cells by service and site."""

    @classmethod
    def load(cls, database: Database) -> Catalogue:
        """Read the catalogue.

        :raises LookupError: if no city has been loaded yet.
        """
        with database.reading() as session:
            return cls.read(session)

    @classmethod
    def read(cls, session: Session) -> Catalogue:
        """Read the catalogue within a transaction."""
        city = session.execute(sa.select(tables.City)).scalar_one_or_none()
        if city is None:
            msg = "Es ist noch keine Stadt geladen: hotline city load"
            raise LookupError(msg)

        services = tuple(
            Service(
                row.id,
                row.name,
                row.accusative,
                tuple(row.synonyms),
                row.category,
                row.group,
                row.minutes,
                tuple(row.bring),
                row.fee_cents,
                row.online,
                row.appointment_needed,
                row.deadline_days,
            )
            for row in session.execute(
                sa.select(tables.Service).where(tables.Service.active).order_by(tables.Service.position)
            ).scalars()
        )
        names = {row.id: row.name for row in session.execute(sa.select(tables.Site)).scalars()}
        places = {
            row.id: Place(
                row.id,
                row.site,
                names[row.site],
                row.district,
                row.address,
                row.transport,
                row.step_free,
                row.latitude,
                row.longitude,
            )
            for row in session.execute(sa.select(tables.Place).order_by(tables.Place.id)).scalars()
        }
        offerings: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for offering in session.execute(sa.select(tables.Offering)).scalars():
            offerings[offering.service][offering.site] = offering.cells
        return cls(
            city=city.name,
            revision=city.revision,
            lead_minutes=city.lead_minutes,
            window_days=city.window_days,
            categories=tuple(
                Category(
                    row.id, row.name, tuple(service.id for service in services if service.category == row.id)
                )
                for row in session.execute(
                    sa.select(tables.Category).order_by(tables.Category.position)
                ).scalars()
            ),
            services=services,
            sites=_sites(session, places),
            districts=tuple(
                District(row.id, row.name, tuple(row.synonyms), row.latitude, row.longitude)
                for row in session.execute(
                    sa.select(tables.District).order_by(tables.District.position)
                ).scalars()
            ),
            places=places,
            pools=tuple(
                Pool(row.pool, frozenset(row.services), row.release_days)
                for row in session.execute(sa.select(tables.Share).order_by(tables.Share.id)).scalars()
                if row.pool is not None
            ),
            offerings=offerings,
        )

    def service(self, service: str) -> Service:
        """Return a service.

        :raises LookupError: if there is none of that id.
        """
        return _find(self.services, service)

    def site(self, site: str) -> Site:
        """Return a site.

        :raises LookupError: if there is none of that id.
        """
        return _find(self.sites, site)

    def district(self, district: str) -> District:
        """Return a district.

        :raises LookupError: if there is none of that id.
        """
        return _find(self.districts, district)

    def sites_offering(self, service: str) -> tuple[Site, ...]:
        """Return the sites at which ``service`` can be had."""
        offering = self.offerings.get(service, {})
        return tuple(site for site in self.sites if site.id in offering)


def distance(a: Place | District, b: Place | District) -> float:
    """Return the great-circle distance in km (haversine formula)."""
    latitudes = math.radians(a.latitude), math.radians(b.latitude)
    half = math.sin((latitudes[1] - latitudes[0]) / 2) ** 2
    half += (
        math.cos(latitudes[0])
        * math.cos(latitudes[1])
        * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def _sites(session: Session, places: Mapping[int, Place]) -> tuple[Site, ...]:
    first: dict[str, Place] = {}
    for place in places.values():
        first.setdefault(place.site, place)
    return tuple(
        Site(
            row.id,
            row.name,
            tuple(row.synonyms),
            first[row.id].district,
            first[row.id].address,
            first[row.id].transport,
            row.contact,
            first[row.id].step_free,
            row.mobile,
        )
        for row in session.execute(
            sa.select(tables.Site).where(tables.Site.active).order_by(tables.Site.position)
        ).scalars()
    )


def _find(items: tuple[T, ...], key: str) -> T:
    for item in items:
        if item.id == key:
            return item
    raise LookupError(key)
