"""How a call ended, in one German line."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hotline.terms import BERLIN

_WEEKDAYS: Final = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_KINDS: Final = {
    "booked": "Termin gebucht",
    "moved": "Termin verlegt",
    "cancelled": "Termin abgesagt",
    "handed_off": "An einen Menschen übergeben",
    "call_back": "Rückruf vorgemerkt",
    "abandoned": "Ohne Ergebnis beendet",
}
_REASONS: Final = {
    "asked": "auf Wunsch",
    "no_match": "nicht verstanden",
    "silence": "nichts gehört",
    "error": "Fehler der Hotline",
    "log_mismatch": "Fehler der Hotline",
}


def in_words(outcome: dict[str, Any] | None) -> str:
    """Return what has come of a call; ``None``: the hotline does not tell."""
    if not outcome:
        return "Ergebnis unbekannt"
    kind = str(outcome.get("kind", ""))
    parts = [
        outcome.get("site_name") or outcome.get("site"),
        _moment(outcome.get("starts_at"), ""),
        _moment(outcome.get("by"), "bis "),
        _REASONS.get(str(outcome.get("reason")), outcome.get("reason")),
        f"Nummer {_grouped(str(outcome['reference']))}" if outcome.get("reference") else None,
    ]
    details = ", ".join(str(part) for part in parts if part)
    return _KINDS.get(kind, kind) + (f": {details}" if details else "")


def _moment(value: object, before: str) -> str | None:
    try:
        moment = dt.datetime.fromisoformat(str(value)).astimezone(BERLIN)
    except ValueError:
        return None
    return f"{before}{_WEEKDAYS[moment.weekday()]}, {moment:%d.%m.%Y, %H:%M} Uhr"


def _grouped(digits: str) -> str:
    return " ".join(digits[start : start + 3] for start in range(0, len(digits), 3))
