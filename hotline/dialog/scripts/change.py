"""Cancelling or moving an appointment, found by its reference or by calling number and day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.dialog.effects import Cancel, Find, FindByDay, Move
from hotline.dialog.german import speak
from hotline.dialog.phrasing import when
from hotline.dialog.scripts.appointment import agree, booked
from hotline.dialog.scripts.wishes import one_day
from hotline.dialog.steps import Script, ask, do, say
from hotline.terms import Appointment, Wishes

if TYPE_CHECKING:
    from hotline.dialog.scripts.case import Case

TRIES = 3
"""References, or days, that may be wrong in one call: nobody is to find strangers' appointments by trying."""


def change_appointment(case: Case) -> Script[None]:
    """Ask which appointment it is, and cancel or move it."""
    appointment = yield from _find(case)
    if appointment is None:
        return
    offer = appointment.offer
    case.appointment = appointment
    case.service = next((one for one in case.city.services if one.id == offer.service), None)
    if case.service is None:
        yield from say("unknown_reference")
        return
    reply = yield from ask(
        "change", service=case.service.accusative, when=when(offer, case.today), site=offer.site_name
    )
    if reply.intent == "cancel":
        yield from _cancel(case, appointment)
    elif reply.intent == "move":
        yield from _move(case, appointment)


def _find(case: Case) -> Script[Appointment | None]:
    for _ in range(TRIES):
        reply = yield from ask("reference")
        if reply.intent == "no":
            return (yield from _find_by_day(case))
        appointment = yield from do(Find(str(reply.value)))
        if appointment:
            return appointment
        yield from say("unknown_reference")
    yield from say("human_finds")
    return None


def _find_by_day(case: Case) -> Script[Appointment | None]:
    """Look for an appointment whose reference the caller does not have."""
    for _ in range(TRIES if case.caller.number else 0):
        reply = yield from ask("appointment_day")
        if reply.intent == "no":
            break
        day = one_day(reply, case.today)
        if day is None:
            yield from say("one_day_please")
            continue
        appointment = yield from do(FindByDay(day))
        if appointment:
            return appointment
        yield from say("nothing_that_day")
    yield from say("human_finds")
    return None


def _cancel(case: Case, appointment: Appointment) -> Script[None]:
    if (yield from do(Cancel(appointment.reference))):
        case.appointment = None
        case.outcome = {"kind": "cancelled", "reference": appointment.reference}
        yield from say("cancelled")
    else:
        yield from say("unknown_reference")


def _move(case: Case, appointment: Appointment) -> Script[None]:
    case.wishes, case.held = Wishes(), None
    while True:
        held = yield from agree(case, refused=(appointment.offer,))
        if held is None:
            yield from say("not_moved")
            return
        moved = yield from do(Move(appointment.reference, held))
        if moved:
            break
        yield from say("gone")
    case.appointment = moved
    case.outcome = {**booked(moved), "kind": "moved"}
    yield from say(
        "moved",
        when=when(moved.offer, case.today),
        site=moved.offer.site_name,
        address=moved.offer.address,
        number=speak.speak_digits(moved.reference),
    )
