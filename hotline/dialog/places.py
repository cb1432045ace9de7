"""The places an answer names: joined ("Altona oder Harburg"), or taken back ("Altona, nein, Harburg")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.dialog.german.words import takes_back
from hotline.dialog.spans import Span
from hotline.dialog.steps import Meaning
from hotline.terms import Wishes

PLACES = frozenset({"site", "district"})
"""Intents of names of places."""
_JOINING = frozenset({"und", "oder"})
_BEFORE_A_PLACE = frozenset({"in", "nach", "im", "bei"})


@dataclass(frozen=True, slots=True)
class PlacesFound:
    """The wishes that the places are, each once."""

    wishes: Wishes
    used: frozenset[int]
    """Indices of the words that were understood."""
    doubtful: bool
    """Two places were named with nothing between them: "Rahlstedt Mitte" may have been "Rahlstedt bitte"."""


def combine(texts: Sequence[str], spans: Sequence[Span]) -> PlacesFound:
    """Put together the places found in the words ``texts``. ``spans`` are in order of speaking."""
    kept: list[Meaning] = []
    used: set[int] = set()
    doubtful = False
    end = 0
    for span in spans:
        start = span.words[0]
        between = range(end, start) if kept else range(0)
        if any(takes_back(texts, index) for index in between):
            kept, doubtful = [], False
            used |= {*between, *_denial_before(texts, min(used))}
        elif kept and not between:
            doubtful |= span.meaning not in kept
        else:
            used |= {index for index in between if texts[index] in _JOINING}
        if span.meaning not in kept:
            kept.append(span.meaning)
        used |= set(span.words)
        end = span.words[-1] + 1
    return PlacesFound(where(*kept), frozenset(used), doubtful)


def where(*places: Meaning) -> Wishes:
    """Return the wishes that places are: meanings of the intents ``site`` and ``district``."""
    sites = tuple(str(place.value) for place in places if place.intent == "site")
    districts = tuple(str(place.value) for place in places if place.intent != "site")
    return Wishes(sites=sites, districts=districts)


def _denial_before(texts: Sequence[str], place: int) -> range:
    """Return the indices of "nicht", or "nicht in", that stand before a place."""
    start = place - 1 if place and texts[place - 1] in _BEFORE_A_PLACE else place
    return range(start - 1, place) if start and texts[start - 1] == "nicht" else range(0)
