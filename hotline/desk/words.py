"""How the desk names things: German for agents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hotline.terms import BERLIN, Offer, Wishes

if TYPE_CHECKING:
    from hotline.booking import Catalogue

REASONS = {
    "asked": "hat nach einem Menschen gefragt",
    "no_match": "wurde dreimal nicht verstanden",
    "silence": "war dreimal nicht zu hören",
    "error": "Fehler bei uns",
    "log_mismatch": "Fehler bei uns",
    "number": "hat die Nummer eingetippt und ist zurück",
}
"""Why a call needs a human."""

OUTCOMES = {
    "booked": "Termin gebucht",
    "moved": "Termin verschoben",
    "cancelled": "Termin abgesagt",
    "informed": "Auskunft gegeben",
    "passed_on": "weitergeleitet",
    "unreachable": "nicht erreicht",
    "nothing": "kein Anliegen",
}
"""What came of a call or a call-back."""

ATTEMPTS = {
    "ringing": "Ihr Telefon klingelt",
    "calling": "das Telefon der Person klingelt",
    "talked": "gesprochen",
    "no_answer": "nicht abgenommen",
    "busy": "besetzt",
    "failed": "Nummer nicht erreichbar",
    "agent_absent": "Mitarbeiter/in hat nicht abgenommen",
}
"""Results of an attempt at a call-back."""

ACTIONS = {
    "took": "hat den Anruf übernommen",
    "answered": "spricht mit der Person",
    "missed": "hat nicht abgenommen",
    "held": "hat vorgemerkt",
    "booked": "hat gebucht",
    "moved": "hat verschoben",
    "cancelled": "hat abgesagt",
    "resent": "hat die SMS noch einmal geschickt",
    "corrected": "hat Nummer oder Name berichtigt",
    "noted": "hat das Ergebnis notiert",
    "returned": "hat an den Assistenten zurückgegeben",
    "called_back": "ruft zurück",
}
"""What an agent did, in a call's log."""

AUDIT = {
    "queue": "Warteschlange angesehen",
    "look": "Gespräch angesehen",
    "take": "Anruf übernommen",
    "return": "Anruf zurückgegeben",
    "hang_up": "aufgelegt",
    "hold": "Termin vorgemerkt",
    "book": "Termin gebucht",
    "find": "Termin gesucht",
    "move": "Termin verschoben",
    "cancel": "Termin abgesagt",
    "correct": "Nummer oder Name berichtigt",
    "resend": "SMS noch einmal geschickt",
    "note": "Ergebnis notiert",
    "callbacks": "Rückrufe angesehen",
    "call_back": "zurückgerufen",
}
"""What the record of accesses calls what was done."""

DECISIONS = {"accept": "sicher verstanden", "confirm": "nachgefragt", "reject": "nicht verstanden"}

QUESTIONS = {
    "silence": "hat nichts gesagt",
    "resumed": "Die Verbindung war unterbrochen.",
    "failed": "Fehler",
}

INTENTS = {
    "yes": "ja",
    "no": "nein",
    "change": "absagen oder verschieben",
    "cancel": "absagen",
    "move": "verschieben",
}
"""What some answers mean, where the grammar gives no label."""

WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")


def when(moment: dt.datetime) -> str:
    """Write a time: „Mi 02.12.2026, 09:10 Uhr“."""
    local = moment.astimezone(BERLIN)
    return f"{WEEKDAYS[local.weekday()]} {local:%d.%m.%Y, %H:%M} Uhr"


def clock_time(moment: dt.datetime, now: dt.datetime) -> str:
    """Write a time near by: „14:05 Uhr“ today, with the date otherwise."""
    local = moment.astimezone(BERLIN)
    today = local.date() == now.astimezone(BERLIN).date()
    return f"{local:%H:%M} Uhr" if today else when(moment)


def appointments(count: int) -> str:
    """Write how many appointments were found."""
    return "1 Termin gefunden" if count == 1 else f"{count} Termine gefunden"


def where(offer: Offer) -> str:
    """Write where an offer is."""
    return f"{offer.site_name}, {offer.address}"


def reference(digits: str) -> str:
    """Write a reference in groups of three."""
    return " ".join(digits[at : at + 3] for at in range(0, len(digits), 3))


def wishes(wanted: Wishes, city: Catalogue) -> str:
    """Write wishes: „Mi, ab 14:00 Uhr, Altona“; empty if there are none."""
    return ", ".join(_parts(wanted, city))


def times(wanted: Wishes) -> tuple[str, str]:
    """Write the wished-for times, „14:00“; empty where it is only the day's beginning or end."""
    first, last = wanted.first_time, wanted.last_time
    return (
        f"{first:%H:%M}" if first and first > dt.time(0) else "",
        f"{last:%H:%M}" if last and last < dt.time(23) else "",
    )


def _parts(wanted: Wishes, city: Catalogue) -> Iterable[str]:
    if wanted.first_date and wanted.first_date == wanted.last_date:
        yield f"am {_day(wanted.first_date)}"
    else:
        if wanted.first_date:
            yield f"ab {_day(wanted.first_date)}"
        if wanted.last_date:
            yield f"bis {_day(wanted.last_date)}"
    if wanted.weekdays:
        yield "/".join(WEEKDAYS[day] for day in wanted.weekdays)
    first, last = times(wanted)
    if first:
        yield f"ab {first} Uhr"
    if last:
        yield f"vor {last} Uhr"
    districts = {one.id: one.name for one in city.districts}
    yield from (districts.get(one, one) for one in wanted.districts)
    sites = {one.id: one.name for one in city.sites}
    yield from (sites.get(one, one) for one in wanted.sites)
    if wanted.step_free:
        yield "stufenfrei"


def _day(day: dt.date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day:%d.%m.%Y}"
