"""Where may the confirmation go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.dialog.effects import CheckPhone
from hotline.dialog.german import speak
from hotline.dialog.steps import Script, ask, do, say

if TYPE_CHECKING:
    from hotline.dialog.scripts.case import Case

TRIES = 3
"""How often a number may turn out to be none before we go on without."""


def ask_phone(case: Case) -> Script[str | None]:
    """Ask for the mobile to which the SMS goes; ``None`` if there is to be no SMS."""
    caller = case.caller
    if caller.number and caller.mobile:
        reply = yield from ask("sms_here", phone=speak.speak_phone(caller.number))
        if reply.intent == "yes":
            return caller.number
        if reply.intent == "no":
            return None
    else:
        reply = yield from ask("sms_wanted")
        if reply.intent == "no":
            return None
    digits = str(reply.value) if reply.intent == "digits" else None
    return (yield from ask_mobile(digits))


def ask_mobile(digits: str | None = None) -> Script[str | None]:
    """Ask for a mobile number until one is right; ``None`` if the caller gives up."""
    for _ in range(TRIES):
        if digits is None:
            reply = yield from ask("mobile")
            if reply.intent == "no":
                return None
            digits = str(reply.value)
        checked = yield from do(CheckPhone(digits))
        digits = None
        if checked.number is None:
            yield from say("not_a_number")
        elif not checked.sms:
            yield from say("not_a_mobile")
        else:
            reply = yield from ask("mobile_right", phone=speak.speak_phone(checked.number))
            if reply.intent == "yes":
                return checked.number
            if reply.intent == "digits":
                digits = str(reply.value)
    yield from say("without_sms")
    return None
