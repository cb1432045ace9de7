"""What the dialog needs of the world: ``hotline/switchboard.py`` performs it, the log keeps the results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import TypeAdapter

from hotline.dialog.log import Entry
from hotline.dialog.steps import Effect
from hotline.terms import Appointment, Offer, Wishes


@dataclass(frozen=True, slots=True)
class Held:
    """An offer that is kept for this call."""

    offer: Offer
    hold: str
    """The key of the hold."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What would be possible with one wish less."""

    wishes: Wishes
    offer: Offer


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A telephone number as keyed or spoken, and what can be done with it."""

    number: str | None
    """E.164, or ``None`` if it is no telephone number."""
    sms: bool
    """Whether an SMS may go there: a mobile of an allowed country."""


@dataclass(frozen=True)
class HoldEarliest(Effect[Held | None]):
    """Find the earliest slot that fits and hold it. ``None``: nothing fits."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(Held | None)
    service: str
    wishes: Wishes
    refused: tuple[Offer, ...] = ()
    replacing: str | None = None
    """The key of a hold that is released for the new one."""


@dataclass(frozen=True)
class Relax(Effect[Relaxed | None]):
    """Find out which wish stands in the way. ``None``: nothing is free whatever the wishes."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(Relaxed | None)
    service: str
    wishes: Wishes


@dataclass(frozen=True)
class Release(Effect[None]):
    """Give a held slot back."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(None)
    hold: str


@dataclass(frozen=True)
class Book(Effect[Appointment | None]):
    """Book a held slot and queue the SMS. ``None``: the hold had run out and the slot is gone."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(Appointment | None)
    final: ClassVar[bool] = True
    held: Held
    phone: str | None


@dataclass(frozen=True)
class Find(Effect[Appointment | None]):
    """Look up a booked appointment by its reference."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(Appointment | None)
    reference: str


@dataclass(frozen=True)
class FindByDay(Effect[Appointment | None]):
    """Look up what was booked in a call from this number, or for an SMS to it, for a local date.

    The date is the second fact that the caller has to know: a calling number can be forged.
    """

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(Appointment | None)
    day: dt.date


@dataclass(frozen=True)
class Cancel(Effect[bool]):
    """Cancel a booked appointment. ``False``: it was no longer booked."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(bool)
    final: ClassVar[bool] = True
    reference: str


@dataclass(frozen=True)
class Move(Effect[Appointment | None]):
    """Put a booked appointment onto a held slot, or leave both as they are and return ``None``."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(Appointment | None)
    final: ClassVar[bool] = True
    reference: str
    held: Held


@dataclass(frozen=True)
class CheckPhone(Effect[PhoneNumber]):
    """Say what kind of telephone number some digits are."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(PhoneNumber)
    digits: str


@dataclass(frozen=True)
class AgentsThere(Effect[bool]):
    """Tell whether agents answer calls now."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(bool)


@dataclass(frozen=True)
class BookedByHuman(Effect[Appointment | None]):
    """Look up what a human has booked or moved for the caller in this call. ``None``: nothing."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(Appointment | None)


@dataclass(frozen=True)
class NoteCallback(Effect[dt.datetime]):
    """Note that somebody is to be called back. Returns the time by which that is promised, UTC."""

    result: ClassVar[TypeAdapter[Any]] = TypeAdapter(dt.datetime)
    final: ClassVar[bool] = True
    phone: str
    reason: str
    summary: str


def giving_back(entries: Iterable[Entry]) -> Iterator[Release]:
    """Yield what gives back the slots that these entries, which are taken back, hold."""
    for entry in entries:
        if entry.kind == "result" and entry.name == HoldEarliest.__name__ and entry.value is not None:
            yield Release(entry.value["hold"])
