"""The city as an administration writes it: YAML files, checked, with errors that name file and line.

A city is a folder of YAML files. Each may hold any of the sections of :class:`CityFile`; lists are joined.
``docs/city.md`` explains every field to operators.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

import holidays
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hotline.booking.tables import CELL

REGIONS = holidays.country_holidays("DE").subdivisions

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

FIRST_MINUTE = 3 * 60
"""No office opens earlier. Germany's clocks change between 02:00 and 03:00 (Directive 2000/84/EC), so that
from 03:00 on local times are unambiguous, and differences between them are true minutes."""


def _minute(value: object) -> int:
    """Turn ``"08:30"`` into minutes since midnight."""
    if not isinstance(value, str):
        msg = 'Uhrzeit in Anführungszeichen erwartet, zum Beispiel "08:30"'
        raise ValueError(msg)  # pydantic reports ValueError, not TypeError
    hour, colon, minute = value.partition(":")
    if not (colon and hour.isdigit() and minute.isdigit() and int(minute) < 60 and int(hour) <= 24):
        msg = f"{value!r} ist keine Uhrzeit"
        raise ValueError(msg)
    total = int(hour) * 60 + int(minute)
    if not FIRST_MINUTE <= total <= 24 * 60:
        msg = f"{value!r} liegt vor 03:00 Uhr oder nach 24:00 Uhr"
        raise ValueError(msg)
    if total % CELL:
        msg = f"{value!r} liegt nicht im Raster von {CELL} Minuten"
        raise ValueError(msg)
    return total


def _grid(minutes: int) -> int:
    if minutes % CELL:
        msg = f"{minutes} ist kein Vielfaches von {CELL} Minuten"
        raise ValueError(msg)
    return minutes


def _spoken(text: str) -> str:
    """Refuse what a voice would stumble over."""
    for sign in ("Str.", "str.", "z.B.", "Nr.", "/", "&", "\n"):
        if sign in text:
            msg = f"{sign!r} lässt sich nicht vorlesen; bitte ausschreiben"
            raise ValueError(msg)
    return text.strip()


Id = Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=40)]
Spoken = Annotated[str, AfterValidator(_spoken), Field(min_length=1, max_length=200)]
Phrase = Annotated[str, AfterValidator(str.lower), Field(min_length=1, max_length=80)]
Minute = Annotated[int, BeforeValidator(_minute)]
Duration = Annotated[int, Field(gt=0, le=240), AfterValidator(_grid)]
Counters = Annotated[int, Field(ge=0, le=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Dated(_Strict):
    """Something that happens from one date to another; one date alone is that day."""

    first_date: dt.date
    last_date: dt.date

    @model_validator(mode="before")
    @classmethod
    def _one_day(cls, values: object) -> object:
        if isinstance(values, dict) and "first_date" in values and "last_date" not in values:
            return {**values, "last_date": values["first_date"]}
        return values

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_date < self.first_date:
            msg = "last_date liegt vor first_date"
            raise ValueError(msg)
        return self


class CityHead(_Strict):
    """The city itself."""

    name: str
    region: str
    lead_minutes: int = Field(default=60, ge=0)
    window_days: int = Field(default=90, ge=1, le=400)

    @model_validator(mode="after")
    def _region_is_known(self) -> Self:
        if self.region not in REGIONS:
            msg = f"region {self.region!r} ist kein deutsches Land ({', '.join(REGIONS)})"
            raise ValueError(msg)
        return self


class CategoryData(_Strict):
    """A line of the keypad's first menu."""

    id: Id
    name: Spoken


class DistrictData(_Strict):
    """A district and the quarters that callers name in its place."""

    id: Id
    name: Spoken
    synonyms: tuple[Phrase, ...] = ()
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class ServiceData(_Strict):
    """A service."""

    id: Id
    name: Spoken
    accusative: Spoken
    synonyms: tuple[Phrase, ...] = Field(min_length=1)
    category: Id
    group: Literal["residents", "foreigners"]
    minutes: Duration
    bring: tuple[Spoken, ...] = ()
    fee_cents: int | None = Field(default=None, ge=0)
    online: Spoken | None = None
    appointment_needed: bool = True
    deadline_days: int | None = Field(default=None, ge=1)


class HoursData(_Strict):
    """Regular hours."""

    weekdays: tuple[Literal[WEEKDAYS], ...] = ()  # type: ignore[valid-type]
    date: dt.date | None = None
    weeks: Literal["every", "odd", "even"] = "every"
    opens: Minute
    closes: Minute
    counters: Counters
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.closes <= self.opens:
            msg = "closes liegt nicht nach opens"
            raise ValueError(msg)
        if bool(self.weekdays) == (self.date is not None):
            msg = "entweder weekdays oder date angeben"
            raise ValueError(msg)
        return self


class ExceptionData(_Dated):
    """What differs on some dates: closed, other hours, more or fewer counters."""

    note: str
    closed: bool = False
    opens: Minute | None = None
    closes: Minute | None = None
    counters: int | None = None
    change: int = 0

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        hours = (self.opens, self.closes, self.counters)
        if any(part is not None for part in hours) and None in hours:
            msg = "opens, closes und counters gehören zusammen"
            raise ValueError(msg)
        if self.opens is not None and self.closes is not None and self.closes <= self.opens:
            msg = "closes liegt nicht nach opens"
            raise ValueError(msg)
        if [self.closed, self.opens is not None, self.change != 0].count(True) != 1:
            msg = "genau eines angeben: closed: true, opens/closes/counters oder change"
            raise ValueError(msg)
        return self


class PlaceData(_Strict):
    """Where a site is."""

    district: Id
    address: Spoken
    transport: Spoken | None = None
    step_free: bool
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    hours: tuple[HoursData, ...] = ()


class SiteData(_Strict):
    """A site. An office has the fields of one place itself, a mobile one has stops."""

    id: Id
    name: Spoken
    synonyms: tuple[Phrase, ...] = Field(min_length=1)
    mobile: bool = False
    contact: str | None = None
    offers: tuple[Id, ...] = Field(min_length=1)
    """Ids of services, or groups of them (``residents``, ``foreigners``)."""
    minutes: dict[Id, Duration] = {}
    """Durations that differ here."""
    exceptions: tuple[ExceptionData, ...] = ()
    stops: tuple[PlaceData, ...] = ()
    district: Id | None = None
    address: Spoken | None = None
    transport: Spoken | None = None
    step_free: bool | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    hours: tuple[HoursData, ...] = ()

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        missing = [name for name, field in PlaceData.model_fields.items() if field.is_required()]
        missing = [name for name in missing if getattr(self, name) is None]
        if self.mobile and not self.stops:
            msg = "ein mobiler Standort braucht stops"
            raise ValueError(msg)
        if not self.mobile and (missing or self.stops):
            msg = (
                f"ein fester Standort braucht {', '.join(missing)}"
                if missing
                else "stops nur mit mobile: true"
            )
            raise ValueError(msg)
        return self

    @property
    def places(self) -> tuple[PlaceData, ...]:
        """Where the site is: at one place, or at its stops."""
        if self.mobile:
            return self.stops
        return (PlaceData.model_construct(**{name: getattr(self, name) for name in PlaceData.model_fields}),)


class ShareData(_Strict):
    """A share of the day's counters, see :class:`hotline.booking.tables.Share`."""

    id: Id
    kind: Literal["walk_in", "reserved", "overbooked"]
    percent: float = Field(gt=0, le=100)
    services: tuple[Id, ...] = ()
    sites: tuple[Id, ...] = ()
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    release_days: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _services_where_reserved(self) -> Self:
        if (self.kind == "reserved") != bool(self.services):
            msg = "services gehört zu kind: reserved, und nur dazu"
            raise ValueError(msg)
        return self


class CityFile(_Strict):
    """One YAML file of a city."""

    city: CityHead | None = None
    categories: tuple[CategoryData, ...] = ()
    districts: tuple[DistrictData, ...] = ()
    services: tuple[ServiceData, ...] = ()
    sites: tuple[SiteData, ...] = ()
    shares: tuple[ShareData, ...] = ()
    exceptions: tuple[ExceptionData, ...] = ()


class CityData(_Strict):
    """A whole city, every reference in it checked."""

    city: CityHead
    categories: tuple[CategoryData, ...]
    districts: tuple[DistrictData, ...]
    services: tuple[ServiceData, ...]
    sites: tuple[SiteData, ...]
    shares: tuple[ShareData, ...] = ()
    exceptions: tuple[ExceptionData, ...] = ()

    def offered(self, site: SiteData) -> dict[str, int]:
        """Return the services that ``site`` offers with an appointment, and the minutes each takes there."""
        return {
            service.id: site.minutes.get(service.id, service.minutes)
            for service in self.services
            if service.appointment_needed and (service.id in site.offers or service.group in site.offers)
        }
