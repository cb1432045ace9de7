"""What would suit better? Asked when an offer does not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from hotline.dialog.steps import Meaning, Option, Script, ask
from hotline.dialog.wishes import WISHES
from hotline.terms import Wishes

if TYPE_CHECKING:
    from hotline.dialog.scripts.case import Case
    from hotline.terms import Offer

NOON = dt.time(12)

PLACES_IN_A_MENU = 3
"""Districts per menu; the fourth choice is "weitere" (design: at most four)."""


def ask_wish(case: Case, offer: Offer, reply: Meaning) -> Script[Meaning]:
    """Ask what would suit better, down to a date, a time or a place, unless the reply to the offer says it.

    Returns a wish, next, none, or yes.
    """
    while True:
        if reply.intent == "no":
            reply = yield from ask("better")
        match reply.intent:
            case "day":
                reply = yield from _ask_day(offer)
            case "time":
                reply = yield from ask("time")
            case "place":
                reply = yield from _ask_place(case)
        match reply.intent:
            case "later":
                day = offer.local_start.date() + dt.timedelta(days=1)
                return _wish(Wishes(first_date=day))
            case "morning":
                return _wish(Wishes(first_time=dt.time(0), last_time=NOON))
            case "afternoon":
                return _wish(Wishes(first_time=NOON, last_time=dt.time(23, 59)))
            case "anywhere":
                case.wishes = replace(case.wishes, sites=(), districts=())
                return _wish(Wishes())
            case "step_free":
                return _wish(Wishes(step_free=True))
            case "no" | "day" | "time" | "place":
                continue
            case _:
                return reply


def _wish(wishes: Wishes) -> Meaning:
    return Meaning("wish", WISHES.dump_python(wishes, mode="json"))


def _ask_day(offer: Offer) -> Script[Meaning]:
    """Ask for a day; by keypad it is keyed as day and month."""
    while True:
        reply = yield from ask("day")
        if reply.intent != "digits":
            return reply
        day = keyed_day(str(reply.value), offer.local_start.date())
        if day:
            return _wish(Wishes(first_date=day, last_date=day))
        reply = yield from ask("day_unknown")
        if reply.intent != "digits":
            return reply
        day = keyed_day(str(reply.value), offer.local_start.date())
        if day:
            return _wish(Wishes(first_date=day, last_date=day))


def keyed_day(keyed: str, today: dt.date) -> dt.date | None:
    """Turn day and month, as four keys (``0312`` is 3 December), into the next such date."""
    if len(keyed) != 4 or not keyed.isdecimal():
        return None
    for year in range(today.year, today.year + 5):
        try:
            day = dt.date(year, int(keyed[2:]), int(keyed[:2]))
        except ValueError:
            continue
        if day >= today:
            return day
    return None


def one_day(reply: Meaning, today: dt.date) -> dt.date | None:
    """Return the one day that was said or keyed; a weekday is the next such day. ``None``: it was not one."""
    if reply.intent == "digits":
        return keyed_day(str(reply.value), today)
    if reply.intent != "wish":
        return None
    wishes = WISHES.validate_python(reply.value)
    if wishes.first_date and wishes.first_date == wishes.last_date:
        return wishes.first_date
    if len(wishes.weekdays) == 1 and not wishes.first_date:
        return today + dt.timedelta(days=(wishes.weekdays[0] - today.weekday()) % 7)
    return None


def _ask_place(case: Case) -> Script[Meaning]:
    """Ask for a district; by keypad in menus of three and "weitere"."""
    districts = list(case.city.districts)
    at = 0
    while True:
        page = districts[at : at + PLACES_IN_A_MENU]
        options = [
            Option(one.name, _wish(Wishes(districts=(one.id,))), (one.name.lower(), *one.synonyms))
            for one in page
        ]
        if len(districts) > PLACES_IN_A_MENU:
            options.append(Option("weitere Bezirke", Meaning("further"), ("weitere", "weitere bezirke")))
        reply = yield from ask("place" if at == 0 else "place_further", *options)
        if reply.intent != "further":
            return reply
        at = at + PLACES_IN_A_MENU if at + PLACES_IN_A_MENU < len(districts) else 0
