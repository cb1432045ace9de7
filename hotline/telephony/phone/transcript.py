"""What the hotline tells about a call it is having: the page ``/phone/calls/<CallSid>``.

It is served only where the setting ``HOTLINE_PHONE`` is on, to whoever signs as Twilio does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hotline.telephony.phone.telephone import Telephone


_INTENTS: Final = {
    "agent": "Mitarbeiter",
    "anywhere": "überall",
    "back": "zurück",
    "cancel": "absagen",
    "category": "Thema",
    "change": "ändern",
    "day": "Tag",
    "digits": "Nummer",
    "goodbye": "auf Wiederhören",
    "help": "Hilfe",
    "keep": "behalten",
    "later": "später",
    "move": "verlegen",
    "next": "anderer Termin",
    "no": "nein",
    "none": "keiner davon",
    "other": "etwas anderes",
    "place": "Ort",
    "repeat": "wiederholen",
    "service": "Anliegen",
    "step_free": "stufenlos",
    "time": "Uhrzeit",
    "wishes": "Wünsche",
    "yes": "ja",
}
"""The hotline's names of meanings in German; others are shown as they are."""


@dataclass(frozen=True)
class Told:
    """One turn as the hotline logged it: what came (``heard``, ``meaning``, …) and what it ``said`` then."""

    number: int
    question: str | None
    heard: str
    meaning: Any
    confidence: float | None
    decision: str | None
    said: str
    latency_ms: float | None
    raw: dict[str, Any]

    @property
    def made(self) -> str:
        """What was made of it, in a few German words."""
        if not isinstance(self.meaning, dict):
            return "" if self.meaning is None else str(self.meaning)
        intent, value = self.meaning.get("intent"), self.meaning.get("value")
        if intent is None and value is None:
            return json.dumps(self.meaning, ensure_ascii=False)
        name = _INTENTS.get(str(intent), str(intent))
        if value is None or value == "":
            return name
        return f"{name} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"

    @property
    def asks(self) -> str:
        """The question that was posed then; empty if there was none."""
        prompts = self.raw.get("prompts") or [""]
        question, dot, _ = str(prompts[-1]).partition(".")
        return question if dot else ""

    @classmethod
    def read(cls, turn: dict[str, Any]) -> Told:
        """Read a turn; whatever is missing stays empty."""
        said = turn.get("said") or ""
        return cls(
            int(turn.get("number", 0)),
            turn.get("question"),
            str(turn.get("heard") or ""),
            turn.get("meaning"),
            turn.get("confidence"),
            turn.get("decision"),
            said if isinstance(said, str) else " ".join(map(str, said)),
            turn.get("latency_ms"),
            turn,
        )


class Transcript:
    """Follows a call's log."""

    def __init__(self, phone: Telephone) -> None:
        self._phone = phone
        self.available = True
        """Whether the hotline tells anything at all."""
        self.turns: list[Told] = []
        self.outcome: dict[str, Any] | None = None

    def fetch(self) -> list[Told]:
        """Return the turns that are new since the last time."""
        found = self._phone.ask(f"/phone/calls/{self._phone.call_sid}")
        self.available = found is not None
        if found is None:
            return []
        turns = [Told.read(turn) for turn in found.get("turns") or []]
        new = turns[len(self.turns) :]
        self.turns = turns
        self.outcome = found.get("outcome") or None
        return new
