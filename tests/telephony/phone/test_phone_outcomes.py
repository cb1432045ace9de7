"""How a call ended, in words."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.telephony.phone.outcomes import in_words


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (None, "Ergebnis unbekannt"),
        ({}, "Ergebnis unbekannt"),
        ({"kind": "abandoned"}, "Ohne Ergebnis beendet"),
        ({"kind": "handed_off", "reason": "asked"}, "An einen Menschen übergeben: auf Wunsch"),
        (
            {"kind": "call_back", "reason": "no_match", "by": "2026-11-23T09:15:00+00:00"},
            "Rückruf vorgemerkt: bis Montag, 23.11.2026, 10:15 Uhr, nicht verstanden",
        ),
        (
            {
                "kind": "booked",
                "service": "ausweis",
                "site": "altona",
                "site_name": "Kundenzentrum Altona",
                "starts_at": "2026-12-02T09:20:00+01:00",
                "reference": "1234567",
            },
            "Termin gebucht: Kundenzentrum Altona, Mittwoch, 02.12.2026, 09:20 Uhr, Nummer 123 456 7",
        ),
    ],
)
def test_an_outcome_is_told_in_one_line(outcome: dict[str, Any] | None, words: str) -> None:
    assert in_words(outcome) == words
