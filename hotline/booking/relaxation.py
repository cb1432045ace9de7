"""When nothing fits: which wish to give up, and what that gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from hotline.terms import Offer, Wishes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from hotline.booking.search import Finder

NEAR_KM = 8.0
"""How far from a wished place is still near it: about twenty minutes by bus and train."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A wish that could be given up."""

    dropped: tuple[str, ...]
    """What is given up: ``place`` (for its neighbourhood or the whole city), ``date``, ``weekday`` or
    ``time``. Step-free access is a need, not a wish, and is never given up."""
    wishes: Wishes
    """The wishes that are left."""
    offer: Offer
    """The earliest offer with them."""


def relaxations(session: Session, finder: Finder, service: str, wishes: Wishes) -> list[Relaxation]:
    """Return what giving up one wish gives, the earliest first; if nothing, what two give, and so on."""
    for count in range(1, 5):
        found: dict[tuple[str, ...], Relaxation] = {}
        for dropped, left in _weaker(wishes, count):
            if dropped in found:
                continue
            slots = finder.earliest(session, service, left)
            if slots:
                found[dropped] = Relaxation(dropped, left, finder.offer(service, slots[0]))
        if found:
            return sorted(found.values(), key=lambda relaxation: relaxation.offer.starts_at)
    return []


def _weaker(wishes: Wishes, count: int) -> Iterator[tuple[tuple[str, ...], Wishes]]:
    """Yield the wishes without ``count`` of them, at most fifteen times in all."""
    everywhere = replace(wishes, sites=(), districts=(), within_km=0.0)
    choices: dict[str, list[Wishes]] = {
        "place": [replace(wishes, within_km=max(NEAR_KM, wishes.within_km)), everywhere],
        "date": [replace(wishes, first_date=None, last_date=None)],
        "weekday": [replace(wishes, weekdays=())],
        "time": [replace(wishes, first_time=None, last_time=None)],
    }
    wished = [name for name, options in choices.items() if options[-1] != wishes]
    for names in combinations(wished, count):
        for option in choices[names[0]]:
            left = option
            for name in names[1:]:
                left = _without(left, name)
            yield names, left


def _without(wishes: Wishes, name: str) -> Wishes:
    if name == "date":
        return replace(wishes, first_date=None, last_date=None)
    if name == "weekday":
        return replace(wishes, weekdays=())
    return replace(wishes, first_time=None, last_time=None)
