"""The questions of the hotline and what may be answered, from the project's files alone: no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.booking import read_city
from hotline.dialog.grammar import Grammars
from hotline.dialog.steps import Ask
from hotline.dialog.understanding import Understanding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline.dialog.city import Category, Named, Service
    from hotline.settings import Settings


@dataclass(frozen=True)
class Names:
    """A city as the dialog sees it, from its files."""

    city: str
    services: Sequence[Service]
    categories: Sequence[Category]
    sites: Sequence[Named]
    districts: Sequence[Named]


def understanding(settings: Settings) -> Understanding:
    """Return the understanding for the grammars and the city of the settings.

    :raises hotline.yamlfile.DataError: naming file and line.
    """
    return Understanding(Grammars.load(settings.grammars), city(settings))


def city(settings: Settings) -> Names:
    """Return the city of the settings.

    :raises hotline.yamlfile.DataError: naming file and line.
    """
    data = read_city([settings.city])
    return Names(data.city.name, data.services, data.categories, data.sites, data.districts)


def all_phrases(settings: Settings) -> tuple[str, ...]:
    """Return every phrase of every question: what a model's vocabulary must hold."""
    understood = understanding(settings)
    asks = (Ask(question) for question in understood.grammars.questions)
    return tuple(dict.fromkeys(phrase for ask in asks for phrase in understood.phrases(ask)))
