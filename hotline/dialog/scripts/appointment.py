"""The earliest appointment in the city, or the one the caller would rather have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotline.dialog.effects import Book, Held, HoldEarliest, Relax, Release
from hotline.dialog.german import speak
from hotline.dialog.phrasing import fee, when, wishes_in_words
from hotline.dialog.scripts.phone import ask_phone
from hotline.dialog.scripts.wishes import ask_wish
from hotline.dialog.steps import Script, ask, do, say
from hotline.dialog.understanding import WISHES, merge
from hotline.terms import BERLIN, Appointment, Offer, Wishes

if TYPE_CHECKING:
    from hotline.dialog.scripts.case import Case


def make_appointment(case: Case) -> Script[None]:
    """Find, agree on, and book an appointment for the service in the case."""
    case.wishes, case.held, case.appointment = Wishes(), None, None
    while True:
        held = yield from agree(case)
        if held is None:
            yield from say("no_appointment_made")
            return
        case.phone = yield from ask_phone(case)
        if not (yield from _read_back(case, held)):
            continue
        appointment = yield from do(Book(held, case.phone))
        if appointment is not None:
            break
        yield from say("gone")
    yield from _booked(case, appointment)


def agree(case: Case, refused: tuple[Offer, ...] = ()) -> Script[Held | None]:
    """Offer slots until the caller takes one, which is then held; ``None`` if they want none."""
    assert case.service  # noqa: S101
    first = True
    while True:
        replaced = case.held.hold if case.held else None
        case.held = yield from do(HoldEarliest(case.service.id, case.wishes, refused, replaced))
        if case.held is None:
            if not (yield from _relax(case)):
                return None
            continue
        offer = case.held.offer
        reply = yield from ask("offer" if first else "next_offer", **offer_in_words(case, offer))
        first = False
        if reply.intent in {"no", "day", "time", "place"}:
            reply = yield from ask_wish(case, offer, reply)
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
    match reply.intent:
        case "yes":
            case.wishes = relaxed.wishes
        case "wish":
            case.wishes = merge(relaxed.wishes, WISHES.validate_python(reply.value))
        case _:
            return False
    return True


def _read_back(case: Case, held: Held) -> Script[bool]:
    """Read everything back, and tell whether it is to be booked."""
    sms = case.phone is not None
    text = speak.speak_phone(case.phone) if case.phone else ""
    reply = yield from ask(
        "read_back_sms" if sms else "read_back", phone=text, **offer_in_words(case, held.offer)
    )
    if reply.intent == "yes":
        return True
    if reply.intent == "wish":
        case.wishes = merge(case.wishes, WISHES.validate_python(reply.value))
    return False


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
