"""Loading a city into the database: the first time, and every time its files have changed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from hotline.booking import tables
from hotline.booking.layout import lay_out
from hotline.booking.schema import WEEKDAYS
from hotline.booking.tables import CELL
from hotline.storage import Base
from hotline.terms import BERLIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from hotline.booking.schema import CityData, ExceptionData, HoursData
    from hotline.storage import Database

Row = TypeVar("Row", bound=Base)


def load_city(database: Database, data: CityData, now: dt.datetime) -> None:
    """Make the database follow ``data``; no booked appointment is touched.

    What is gone from the files is closed, not deleted, since appointments may still name it.
    :func:`hotline.booking.steering.misfits` says which appointments no longer fit.
    """
    with database.writing() as session:
        city = _city(session, data)
        _catalogue(session, data)
        places = {
            (site.id, place.address): _place(session, site.id, place)
            for site in data.sites
            for place in site.places
        }
        session.execute(sa.delete(tables.Opening))
        session.execute(sa.delete(tables.DateException).where(~tables.DateException.by_operator))
        session.execute(sa.delete(tables.Offering))
        for site in data.sites:
            for place in site.places:
                session.add_all(_openings(site.id, places[site.id, place.address], place.hours))
            session.add_all(_exception(site.id, exception) for exception in site.exceptions)
            session.add_all(
                tables.Offering(service=service, site=site.id, cells=minutes // CELL)
                for service, minutes in data.offered(site).items()
            )
        session.add_all(_exception(None, exception) for exception in data.exceptions)
        _shares(session, data)
        session.flush()
        today = now.astimezone(BERLIN).date()
        city.laid_out_until = max(
            today + dt.timedelta(days=data.city.window_days), city.laid_out_until or today
        )
        lay_out(session, today, city.laid_out_until)
    # The search relies on the planner knowing how the tables look.
    with database.writing() as session:
        session.execute(sa.text("ANALYZE"))


def _city(session: Session, data: CityData) -> tables.City:
    city = session.get(tables.City, 1, with_for_update=True)
    if city is None:
        city = tables.City(id=1, revision=0)
        session.add(city)
    for name, value in data.city.model_dump().items():
        setattr(city, name, value)
    city.revision += 1
    session.flush()
    return city


def _catalogue(session: Session, data: CityData) -> None:
    """Write districts, categories, services and sites, and close those that are gone."""
    for position, district in enumerate(data.districts):
        _put(session, tables.District, district.id, position=position, **_values(district))
    for position, category in enumerate(data.categories):
        _put(session, tables.Category, category.id, position=position, **_values(category))
    session.flush()
    for position, service in enumerate(data.services):
        _put(session, tables.Service, service.id, position=position, active=True, **_values(service))
    for position, site in enumerate(data.sites):
        _put(
            session,
            tables.Site,
            site.id,
            position=position,
            active=True,
            name=site.name,
            synonyms=list(site.synonyms),
            mobile=site.mobile,
            contact=site.contact,
        )
    session.flush()
    for table, kept in ((tables.Service, data.services), (tables.Site, data.sites)):
        ids = [item.id for item in kept]
        session.execute(sa.update(table).where(table.id.not_in(ids)).values(active=False))
    # An unused district does no harm; an empty category would be heard in the menu.
    used = [category.id for category in data.categories]
    session.execute(
        sa.delete(tables.Category).where(
            tables.Category.id.not_in(used), ~sa.exists().where(tables.Service.category == tables.Category.id)
        )
    )


def _put(session: Session, table: type[Row], key: str, **values: Any) -> None:
    row = session.get(table, key)
    if row is None:
        session.add(table(id=key, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)


def _values(item: Any) -> dict[str, Any]:
    return {name: _plain(value) for name, value in item.model_dump(exclude={"id"}).items()}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _place(session: Session, site: str, stop: Any) -> int:
    values = _values(stop) | {"site": site}
    values.pop("hours")
    place = session.execute(
        sa.select(tables.Place).where(tables.Place.site == site, tables.Place.address == stop.address)
    ).scalar_one_or_none()
    if place is None:
        place = tables.Place(**values)
        session.add(place)
    else:
        for name, value in values.items():
            setattr(place, name, value)
    session.flush()
    return place.id


def _openings(site: str, place: int, hours: Iterable[HoursData]) -> Iterable[tables.Opening]:
    for entry in hours:
        for weekday in entry.weekdays or (None,):
            yield tables.Opening(
                site=site,
                place=place,
                weekday=None if weekday is None else WEEKDAYS.index(weekday),
                weeks=entry.weeks,
                opens=entry.opens,
                closes=entry.closes,
                counters=entry.counters,
                valid_from=entry.date or entry.valid_from,
                valid_until=entry.date or entry.valid_until,
            )


def _exception(site: str | None, exception: ExceptionData) -> tables.DateException:
    return tables.DateException(site=site, by_operator=False, **exception.model_dump())


def _shares(session: Session, data: CityData) -> None:
    """Write the shares; a reserved one keeps its pool's number for as long as it exists."""
    numbers = {
        share.id: share.pool
        for share in session.execute(sa.select(tables.Share)).scalars()
        if share.pool is not None
    }
    used = session.execute(sa.select(sa.func.max(tables.Cell.pool))).scalar() or 0
    session.execute(sa.delete(tables.Share))
    highest = max([used, *numbers.values()], default=0)
    for share in data.shares:
        pool = numbers.get(share.id) if share.kind == "reserved" else None
        if share.kind == "reserved" and pool is None:
            highest += 1
            pool = highest
        session.add(tables.Share(pool=pool, **({"id": share.id} | _values(share))))
    session.flush()
