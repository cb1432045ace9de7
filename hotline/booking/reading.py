"""Reading a city from its files, with what no single entry can show: unknown, repeated and crowded things."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from hotline.booking.schema import CityData, CityFile
from hotline.yamlfile import DataError, line_at, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


def read_city(paths: Sequence[Path]) -> CityData:
    """Read and check the files, or all YAML files of the folders, in ``paths``.

    :raises DataError: naming file and line of everything that is wrong.
    """
    files = [file for path in paths for file in (sorted(path.glob("*.y*ml")) if path.is_dir() else [path])]
    if not files:
        msg = f"{', '.join(map(str, paths))}: keine YAML-Dateien gefunden"
        raise DataError(msg)
    parts: list[tuple[Path, CityFile]] = []
    problems: list[str] = []
    for file in files:
        try:
            parts.append((file, load(file, CityFile)))
        except DataError as error:
            problems.append(str(error))
    if not problems:
        problems = list(_contradictions(parts))
    if problems:
        raise DataError("\n".join(problems))
    head = next(part.city for _, part in parts if part.city)
    sections = {
        name: tuple(chain.from_iterable(getattr(part, name) for _, part in parts))
        for name in CityData.model_fields
        if name != "city"
    }
    return CityData(city=head, **sections)


def _contradictions(parts: list[tuple[Path, CityFile]]) -> Iterator[str]:
    """Find what no single file can show: unknown and repeated ids, crowded menus, missing sections."""

    def at(file: Path, *location: str | int) -> str:
        return f"{file}:{line_at(file, location)}"

    def ids(section: str) -> dict[str, tuple[Path, int]]:
        return {item.id: (file, index) for file, index, item in _items(parts, section)}

    if sum(part.city is not None for _, part in parts) != 1:
        yield f"{parts[0][0].parent}: der Abschnitt city muss genau einmal vorkommen"
    for section in ("categories", "districts", "services", "sites", "shares"):
        seen: dict[str, tuple[Path, int]] = {}
        for file, index, item in _items(parts, section):
            if item.id in seen:
                first, number = seen[item.id]
                there = at(first, section, number)
                yield f"{at(file, section, index)}: {section}: {item.id!r} gibt es schon ({there})"
            seen.setdefault(item.id, (file, index))
    for section in ("districts", "services", "sites"):
        said: dict[str, str] = {}
        for file, index, item in _items(parts, section):
            for phrase in dict.fromkeys(item.synonyms):
                if phrase in said:
                    where = at(file, section, index, "synonyms")
                    yield f"{where}: {phrase!r} ist schon ein Wort für {said[phrase]!r}"
                said.setdefault(phrase, item.id)
    categories, districts, services, sites = map(ids, ("categories", "districts", "services", "sites"))
    if len(categories) > 4:
        file, index = list(categories.values())[4]
        yield f"{at(file, 'categories', index)}: mehr als vier Kategorien passen nicht ins Tastenmenü"
    members: dict[str, int] = {}
    for file, index, service in _items(parts, "services"):
        members[service.category] = members.get(service.category, 0) + 1
        if service.category not in categories:
            yield f"{at(file, 'services', index, 'category')}: unbekannte Kategorie {service.category!r}"
        elif members[service.category] == 5:
            yield f"{at(file, 'services', index)}: mehr als vier Anliegen in {service.category!r}"
    for file, index, site in _items(parts, "sites"):
        for name in (*site.offers, *site.minutes):
            if name not in services and name not in ("residents", "foreigners"):
                yield f"{at(file, 'sites', index, 'offers')}: unbekanntes Anliegen {name!r}"
        for number, exception in enumerate(site.exceptions):
            if site.mobile and exception.opens is not None:
                where = at(file, "sites", index, "exceptions", number)
                yield f"{where}: für einen mobilen Standort bitte bei einem Halt hours mit date angeben"
        for number, place in enumerate(site.places):
            if place.district not in districts:
                key = ("stops", number, "district") if site.mobile else ("district",)
                yield f"{at(file, 'sites', index, *key)}: unbekannter Bezirk {place.district!r}"
    for file, index, share in _items(parts, "shares"):
        for name in share.services:
            if name not in services:
                yield f"{at(file, 'shares', index, 'services')}: unbekanntes Anliegen {name!r}"
        for name in share.sites:
            if name not in sites:
                yield f"{at(file, 'shares', index, 'sites')}: unbekannter Standort {name!r}"


def _items(parts: Iterable[tuple[Path, CityFile]], section: str) -> Iterator[tuple[Path, int, Any]]:
    for file, part in parts:
        for index, item in enumerate(getattr(part, section)):
            yield file, index, item
