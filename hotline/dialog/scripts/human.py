"""A human: connect the caller, or promise a call-back. What was said is never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.dialog.effects import AgentsThere, BookedByHuman, CheckPhone, NoteCallback
from hotline.dialog.german import speak
from hotline.dialog.phrasing import by_when, when
from hotline.dialog.scripts.phone import TRIES, ask_mobile
from hotline.dialog.steps import End, GaveUp, HandOff, HandOffOutcome, Script, ask, do, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline.dialog.scripts.case import Case

APOLOGIES = {
    "error": "our_error",
    "log_mismatch": "our_error",
    "no_match": "not_understood",
    "silence": "not_heard",
}
"""Reason → what to say before a human comes. Who asked for one needs no apology."""


def find_human(case: Case, reason: str, tasks: Callable[[], Script[None]]) -> Script[None]:
    """Connect with an agent, or note a call-back, and go on with the call if the caller wishes.

    :param tasks: what the assistant does for a caller whom a human has served and handed back.
    """
    case.assisting = False
    if reason in APOLOGIES:
        yield from say(APOLOGIES[reason])
    if (yield from do(AgentsThere())):
        yield from say("connecting")
        match (yield from _hand_off(case, reason)):
            case "talked":
                yield End()
            case "returned":
                yield from say("assistant_again")
                return
            case "finished":
                yield from _served(case, tasks)
            case "call_back":
                yield from say("call_back_gladly")
            case _:
                yield from say("nobody_answers")
    else:
        yield from say("nobody_there")
    noted = yield from _call_back(case, reason)
    try:
        reply = yield from ask("go_on" if noted else "go_on_all_the_same")
    except GaveUp:
        reply = None
    if reply is None or reply.intent == "no":
        yield from say("goodbye")
        yield End()


def _hand_off(case: Case, reason: str) -> Script[HandOffOutcome]:
    """Hand the call over, again after every number that the human has the assistant take down."""
    while True:
        case.outcome = {**case.outcome, "kind": "handed_off", "reason": reason}
        outcome: HandOffOutcome = yield HandOff(reason, case.summary())
        if outcome != "key_number":
            return outcome
        try:
            case.phone = (yield from ask_mobile()) or case.phone
        except GaveUp:
            yield from say("without_sms")
        reason = "number"
        yield from say("connecting_again")


def _served(case: Case, tasks: Callable[[], Script[None]]) -> Script[None]:
    """Read back what a human has booked, and ask what else there is."""
    yield from say("assistant_again")
    case.assisting = True
    if done := (yield from do(BookedByHuman())):
        case.appointment = done
        yield from say(
            "booked_by_human",
            when=when(done.offer, case.today),
            site=done.offer.site_name,
            address=done.offer.address,
            number=speak.speak_digits(done.reference),
        )
    more = yield from ask("more")
    if more.intent == "no":
        yield from say("goodbye")
        yield End()
    yield from tasks()


def _call_back(case: Case, reason: str) -> Script[bool]:
    """Offer a call-back and note it; tell whether it was noted."""
    caller = case.caller.number
    try:
        number = yield from _ask_number(caller)
    except GaveUp:
        # Nobody answers any more; the number we were called from is the best we can do.
        number = caller
    if number is None:
        return False
    by = yield from do(NoteCallback(number, reason, case.summary(later=True)))
    case.outcome = {**case.outcome, "kind": "call_back", "reason": reason, "by": by.isoformat()}
    yield from say("callback_noted", phone=speak.speak_phone(number), by=by_when(by, case.began))
    return True


def _ask_number(caller: str | None) -> Script[str | None]:
    """Ask where to call back; after too many numbers that are none, it is the one we are called from."""
    if caller:
        reply = yield from ask("callback_here", phone=speak.speak_phone(caller))
        if reply.intent == "yes":
            return caller
    else:
        reply = yield from ask("callback_wanted")
    wrong = 0
    while reply.intent != "no":
        if reply.intent == "digits":
            checked = yield from do(CheckPhone(str(reply.value)))
            if checked.number:
                right = yield from ask("callback_right", phone=speak.speak_phone(checked.number))
                if right.intent == "yes":
                    return checked.number
                if right.intent == "digits":
                    reply = right
                    continue
            else:
                wrong += 1
                yield from say("not_a_number")
                if wrong == TRIES:
                    return caller
        reply = yield from ask("callback_number")
    return None
