"""Putting offers, wishes and menus into spoken German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from hotline.dialog.german import speak
from hotline.dialog.steps import Meaning, Option
from hotline.dialog.wishes import WISHES
from hotline.terms import BERLIN, Offer, Wishes

if TYPE_CHECKING:
    from hotline.dialog.city import City, Named

WEEKDAYS = ("montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags", "sonntags")
NOON = dt.time(12)


def when(offer: Offer, today: dt.date) -> str:
    """Say when: "am Mittwoch, dem dritten Dezember, um neun Uhr zehn"."""
    start = offer.local_start
    return f"{speak.speak_on_date(start.date(), today)}, um {speak.speak_time(start.time())}"


def by_when(moment: dt.datetime, now: dt.datetime) -> str:
    """Say by when: "heute, achtzehn Uhr", "Donnerstag, den dritten Dezember, zehn Uhr"."""
    local = moment.astimezone(BERLIN)
    today = now.astimezone(BERLIN).date()
    day = "heute" if local.date() == today else speak.speak_date(local.date(), today, "den")
    return f"{day}, {speak.speak_time(local.time())}"


def fee(cents: int) -> str:
    """Say an amount of money."""
    return speak.speak_euro(cents)


def menu(options: Sequence[Option]) -> str:
    """Say the keys of a menu, the key after the choice."""
    return " ".join(
        f"Für {option.label} drücken Sie die {speak.speak_number(number)}."
        for number, option in enumerate(options, start=1)
    )


def wishes_in_words(wishes: Wishes, city: City, today: dt.date) -> str:
    """Say wishes: "am Mittwoch, dem dritten Dezember, vormittags, in Altona, stufenfrei"."""
    parts = [*_days(wishes, today), *_times(wishes), *_places(wishes, city)]
    if wishes.step_free:
        parts.append("stufenfrei")
    return ", ".join(parts) or "irgendwann, irgendwo in der Stadt"


def label(meaning: Meaning, city: City, labels: Mapping[str, str], today: dt.date) -> str:
    """Name a meaning in "Meinten Sie …?"."""
    match meaning.intent:
        case "wish":
            return wishes_in_words(WISHES.validate_python(meaning.value), city, today)
        case "service":
            return _name(city.services, meaning.value)
        case "category":
            return next((one.name for one in city.categories if one.id == meaning.value), "")
        case "digits":
            return speak.speak_digits(str(meaning.value))
        case intent:
            return labels.get(intent, intent)


def _days(wishes: Wishes, today: dt.date) -> Iterable[str]:
    if wishes.first_date and wishes.first_date == wishes.last_date:
        yield speak.speak_on_date(wishes.first_date, today)
        return
    if wishes.weekdays:
        yield speak.speak_list([WEEKDAYS[day] for day in wishes.weekdays], "oder")
    if wishes.first_date:
        yield f"ab {speak.speak_date(wishes.first_date, today)}"
    if wishes.last_date:
        yield f"bis {speak.speak_date(wishes.last_date, today, 'den')}"


def _times(wishes: Wishes) -> Iterable[str]:
    if wishes.last_time == NOON and (wishes.first_time or dt.time(0)) < dt.time(8):
        yield "vormittags"
    elif wishes.first_time == NOON and (wishes.last_time is None or wishes.last_time > dt.time(17)):
        yield "nachmittags"
    else:
        first = wishes.first_time if wishes.first_time and wishes.first_time > dt.time(0) else None
        last = _on_grid(wishes.last_time) if wishes.last_time and wishes.last_time < dt.time(23) else None
        if first and last:
            yield f"zwischen {speak.speak_time(first)} und {speak.speak_time(last)}"
        elif first:
            yield f"ab {speak.speak_time(first)}"
        elif last:
            yield f"bis {speak.speak_time(last)}"


def _on_grid(time: dt.time) -> dt.time:
    """Round down to five minutes: "spätestens um zehn" ends before 10:01."""
    return time.replace(minute=time.minute // 5 * 5)


def _places(wishes: Wishes, city: City) -> Iterable[str]:
    names = [_name(city.districts, one) for one in wishes.districts]
    names += [_name(city.sites, one) for one in wishes.sites]
    if names:
        yield "in " + speak.speak_list([*names, "in der Nähe"] if wishes.within_km else names, "oder")


def _name(things: Iterable[Named], wanted: object) -> str:
    return next((one.name for one in things if one.id == wanted), str(wanted))
