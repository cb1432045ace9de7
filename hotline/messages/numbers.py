"""Telephone numbers: which may be sent an SMS, how they are keyed, how they are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

LONGEST = 24
"""Characters; E.164 has at most 15 digits, the rest is room for prefixes and grouping."""

_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


class Reason(StrEnum):
    """Why a number may not be sent an SMS."""

    INVALID = "invalid"
    COUNTRY = "country"
    NOT_MOBILE = "not_mobile"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A number that may be sent an SMS."""

    number: str
    """E.164."""


def allowed_mobile(number: str, countries: frozenset[int]) -> Allowed | Reason:
    """Tell whether an SMS may go to ``number`` (E.164), and if not, why not.

    Only mobile numbers, and those of plans that do not tell mobile from fixed (North America's), in the
    country codes allowed. Never landlines, premium, shared-cost, personal, pager or voice-over-IP numbers.
    """
    try:
        parsed = phonenumbers.parse(number[:LONGEST])
    except phonenumbers.NumberParseException:
        return Reason.INVALID
    if not phonenumbers.is_valid_number(parsed):
        return Reason.INVALID
    if parsed.country_code not in countries:
        return Reason.COUNTRY
    if phonenumbers.number_type(parsed) not in _MOBILE:
        return Reason.NOT_MOBILE
    return Allowed(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


def normalise(digits: str, default_region: str = "DE") -> str | None:
    """Return what was keyed or spoken as E.164, or None if it is no valid number.

    Understood are „0176 1234567“, „1761234567“, „+49 176 …“, „0049176…“ and, since people key it, „49176…“,
    although 0491 is also the area code of Leer: a mobile number is the likelier meaning.
    """
    compact = re.sub(r"[\s()/.\-#]", "", digits)
    if not re.fullmatch(r"\+?\d{3,20}", compact, re.ASCII):
        return None
    country = str(phonenumbers.country_code_for_region(default_region))
    candidates = [compact]
    if compact.startswith(country):
        candidates.insert(0, f"+{compact}")
    for candidate in candidates:
        try:
            parsed = phonenumbers.parse(candidate, default_region)
        except phonenumbers.NumberParseException:
            continue
        guessed = candidate != compact
        if phonenumbers.is_valid_number(parsed) and (
            not guessed or phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE
        ):
            return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return None


def masked(number: str | None) -> str:
    """Return the number as logs may show it: ``+49176…567``."""
    if not number:
        return "…"
    return f"{number[:6]}…{number[-3:]}" if len(number) > 11 else f"…{number[-2:]}"


def written(number: str) -> str:
    """Return an E.164 number as people in Germany write it, „040 428280“; anything else as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    german = parsed.country_code == phonenumbers.country_code_for_region("DE")
    style = PhoneNumberFormat.NATIONAL if german else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)
