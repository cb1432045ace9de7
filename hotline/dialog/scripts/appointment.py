"""The earliest appointment in the city, or the one the caller would rather have."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from hotline.dialog.effects import Book, Held, HoldEarliest, Relax, Release
from hotline.dialog.german import speak
from hotline.dialog.phrasing import fee, when, wishes_in_words
from hotline.dialog.scripts.phone import ask_mobile, ask_phone
from hotline.dialog.scripts.wishes import ask_wish
from hotline.dialog.steps import Meaning, Script, ask, do, say
from hotline.dialog.wishes import WISHES, merge
from hotline.terms import BERLIN, Appointment, Offer, Wishes

if TYPE_CHECKING:
    from hotline.dialog.scripts.case import Case


def make_appointment(case: Case) -> Script[None]:
    """Find, agree on, and book an appointment for the service in the case."""
    held = yield from agree(case)
    if held:
        case.phone = yield from ask_phone(case)
    while held:
        reply = yield from _read_back(case, held)
        if reply.intent == "number":
            case.phone = yield from ask_mobile()
        elif reply.intent != "yes":
            held = yield from agree(case, said=reply)
        elif appointment := (yield from do(Book(held, case.phone))):
            yield from _booked(case, appointment)
            return
        else:
            yield from say("gone")
            held = yield from agree(case)
    yield from say("no_appointment_made")


def agree(case: Case, refused: tuple[Offer, ...] = (), said: Meaning | None = None) -> Script[Held | None]:
    """Offer slots until the caller takes one, which is then held; ``None`` if they want none.

    :param said: what the caller has just said to the slot that is held.
    """
    assert case.service  # noqa: S101
    question, warned = "offer", False
    while True:
        if said is None or case.held is None:
            replaced = case.held.hold if case.held else None
            case.held = yield from do(HoldEarliest(case.service.id, case.wishes, refused, replaced))
            if case.held is None:
                if not (yield from _relax(case)):
                    return None
                continue
            if not warned and _after_deadline(case, case.held.offer):
                yield from _warn(case)
                warned = True
            said = yield from ask(question, **offer_in_words(case, case.held.offer))
        question = "next_offer"
        offer = case.held.offer
        reply = yield from ask_wish(case, offer, said)
        said = None
        match reply.intent:
            case "yes":
                return case.held
            case "wish":
                case.wishes = merge(case.wishes, WISHES.validate_python(reply.value))
            case "next":
                refused = (*refused, offer)
            case "none":
                yield from do(Release(case.held.hold))
                case.held = None
                return None


def _after_deadline(case: Case, offer: Offer) -> bool:
    """Tell whether an offer is too late even for somebody who moves in today.

    When a caller has moved in is not asked for: few offers are so late, and a question more is one too many.
    """
    assert case.service  # noqa: S101
    days = case.service.deadline_days
    return days is not None and offer.local_start.date() > case.today + dt.timedelta(days=days)


def _warn(case: Case) -> Script[None]:
    assert case.service  # noqa: S101
    assert case.service.deadline_days  # noqa: S101
    prompt = "after_deadline" if case.wishes == Wishes() else "after_deadline_wished"
    days = speak.speak_number(case.service.deadline_days)
    yield from say(prompt, service=case.service.accusative, days=days)


def offer_in_words(case: Case, offer: Offer) -> dict[str, str]:
    """Return what prompts may say of an offer."""
    assert case.service  # noqa: S101
    return {
        "service": case.service.accusative,
        "when": when(offer, case.today),
        "site": offer.site_name,
        "address": offer.address,
    }


def _relax(case: Case) -> Script[bool]:
    """Say that nothing fits, and what would with one wish less; tell whether to go on."""
    assert case.service  # noqa: S101
    wishes = wishes_in_words(case.wishes, case.city, case.today)
    relaxed = yield from do(Relax(case.service.id, case.wishes))
    if relaxed is None:
        yield from say("nothing_free", service=case.service.accusative)
        return False
    offer = relaxed.offer
    reply = yield from ask("relaxed", wishes=wishes, **offer_in_words(case, offer))
    case.wishes = relaxed.wishes
    reply = yield from ask_wish(case, offer, reply)
    if reply.intent == "wish":
        case.wishes = merge(case.wishes, WISHES.validate_python(reply.value))
    return reply.intent != "none"


def _read_back(case: Case, held: Held) -> Script[Meaning]:
    """Read everything back, and return the reply: yes, no, another number, or a wish."""
    offer = offer_in_words(case, held.offer)
    if case.phone is None:
        return (yield from ask("read_back", **offer))
    return (yield from ask("read_back_sms", phone=speak.speak_phone(case.phone), **offer))


def _booked(case: Case, appointment: Appointment) -> Script[None]:
    assert case.service  # noqa: S101
    case.appointment = appointment
    case.outcome = booked(appointment)
    number = speak.speak_digits(appointment.reference)
    yield from say("booked", number=number)
    yield from say("booked_again", number=number, **offer_in_words(case, appointment.offer))
    if case.phone:
        yield from say("sms_follows")
    if case.service.bring:
        yield from say("bring", bring=speak.speak_list(list(case.service.bring)))
    if case.service.fee_cents:
        yield from say("fee", fee=fee(case.service.fee_cents))


def booked(appointment: Appointment) -> dict[str, Any]:
    """Return the outcome of a call that ended with an appointment."""
    offer = appointment.offer
    return {
        "kind": "booked",
        "service": offer.service,
        "site": offer.site,
        "site_name": offer.site_name,
        "starts_at": offer.starts_at.astimezone(BERLIN).isoformat(),
        "reference": appointment.reference,
    }
