"""Values put into spoken German, in full words, so that every text-to-speech voice says them right.

Commas stand where a voice is to pause.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from typing import Literal

from hotline.dialog.german.days import months_ahead
from hotline.dialog.german.numbers import UNITS, spell, spell_ordinal
from hotline.dialog.german.words import MONTHS, WEEKDAYS

DateForm = Literal["dem", "der", "den"]

MONTHS_WITHOUT_YEAR = 10
"""A date no further ahead than this many months needs no year to be clear."""

_NEAR = ("heute", "morgen", "übermorgen")
_MOBILE = ("015", "016", "017")
_SHORT_AREA_CODES = ("030", "040", "069", "089")


def speak_date(date: dt.date, today: dt.date, form: DateForm = "dem") -> str:
    """A date as it stands in a sentence.

    The form is the article: "Mittwoch, dem dritten Dezember", "Mittwoch, der dritte Dezember", "Mittwoch, den
    dritten Dezember". Today and the next two days are called so first: "morgen, Freitag, dem …". The year
    follows only a date that is past or more than :data:`MONTHS_WITHOUT_YEAR` ahead.
    """
    ahead = (date - today).days
    article, ending = ("der", "e") if form == "der" else ("den", "en") if form == "den" else ("dem", "en")
    weekday = WEEKDAYS[date.weekday()].capitalize()
    month = MONTHS[date.month - 1].capitalize()
    text = f"{weekday}, {article} {spell_ordinal(date.day, ending)} {month}"
    if not today <= date <= _horizon(today):
        text += f" {speak_year(date.year)}"
    return f"{_NEAR[ahead]}, {text}" if 0 <= ahead < len(_NEAR) else text


def speak_on_date(date: dt.date, today: dt.date) -> str:
    """A date as the answer to "when": "am Mittwoch, dem dritten Dezember", but "morgen, Freitag, den …"."""
    text = speak_date(date, today, "den")
    return text if text.startswith(_NEAR) else f"am {speak_date(date, today)}"


def speak_year(year: int) -> str:
    """A year: "zweitausendsechsundzwanzig", "neunzehnhundertachtundvierzig"."""
    hundreds, rest = divmod(year, 100)
    if 11 <= hundreds <= 19:
        return f"{spell(hundreds)}hundert{spell(rest) if rest else ''}"
    return spell(year).removeprefix("ein") if 1000 <= year < 1100 else spell(year)


def speak_time(time: dt.time) -> str:
    """A time of day on the 24-hour clock: "neun Uhr zehn", "acht Uhr dreißig", "dreizehn Uhr".

    Before seven "morgens" is added (before four "nachts"): "drei Uhr" alone means the afternoon to callers.
    """
    hour = "ein" if time.hour == 1 else spell(time.hour)
    minute = f" {spell(time.minute)}" if time.minute else ""
    part = " nachts" if time.hour < 4 else " morgens" if time.hour < 7 else ""
    return f"{hour} Uhr{minute}{part}"


def speak_digits(digits: str, group: int = 3) -> str:
    """Digits one by one, a pause after each group: "482107" is "vier acht zwei, eins null sieben".

    No group is a single digit: it joins the one before. A leading "+" is spoken "plus". ValueError for
    anything else that is no digit.
    """
    plus, digits = digits.startswith("+"), digits.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"not digits: {digits!r}")
    groups = [digits[start : start + group] for start in range(0, len(digits), group)]
    if len(groups) > 1 and len(groups[-1]) == 1 < group:
        groups[-2:] = [groups[-2] + groups[-1]]
    text = ", ".join(" ".join(UNITS[int(digit)] for digit in part) for part in groups)
    return f"plus {text}" if plus else text


def speak_phone(number: str) -> str:
    """A telephone number (E.164); German ones as they are dialled in Germany, the area code as its own group.

    "+491761234567" is "null eins sieben sechs, eins zwei drei, vier fünf sechs sieben". The area code is
    known of mobile numbers (four digits) and of Berlin, Hamburg, Frankfurt and Munich, the only ones with
    three; the groups of other numbers are three digits each.
    """
    if not number.startswith("+49"):
        return speak_digits(number)
    national = "0" + number.removeprefix("+49")
    code = 4 if national.startswith(_MOBILE) else 3
    if code == 3 and not national.startswith(_SHORT_AREA_CODES):
        return speak_digits(national)
    if len(national) <= code + 1:
        return speak_digits(national)
    return f"{speak_digits(national[:code], code)}, {speak_digits(national[code:])}"


def speak_list(items: Sequence[str], conjunction: str = "und") -> str:
    """Items as a list in a sentence: "a, b und c". Empty for none."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def speak_number(number: int) -> str:
    """A cardinal: "einhundertfünf". ValueError outside 0–999,999."""
    return spell(number)


def speak_euro(cents: int) -> str:
    """An amount: 3700 is "siebenunddreißig Euro", 1050 "zehn Euro fünfzig", 80 "achtzig Cent"."""
    euros, rest = divmod(cents, 100)
    if not euros and rest:
        return f"{_counted(rest)} Cent"
    return f"{_counted(euros)} Euro" + (f" {spell(rest)}" if rest else "")


def speak_minutes(minutes: int) -> str:
    """A duration in minutes: "fünfzehn Minuten", "eine Stunde", "eine Stunde und zehn Minuten"."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append("eine Stunde" if hours == 1 else f"{spell(hours)} Stunden")
    if rest or not hours:
        parts.append("eine Minute" if rest == 1 else f"{_counted(rest)} Minuten")
    return " und ".join(parts)


def _counted(number: int) -> str:
    """A number before a noun, where "eins" is "ein"."""
    text = spell(number)
    return text.removesuffix("s") if text.endswith("eins") else text


def _horizon(today: dt.date) -> dt.date:
    first = months_ahead(today, MONTHS_WITHOUT_YEAR).first
    return first.replace(day=min(today.day, calendar.monthrange(first.year, first.month)[1]))
