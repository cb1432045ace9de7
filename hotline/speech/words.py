"""What the ear hears: words, with times and confidence."""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN = "[unk]"
"""Vosk's word for speech, or noise, outside the grammar."""


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word. Times count from the first sample that the listener was given."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    """Vosk's, from 0 to 1; not calibrated."""

    @property
    def known(self) -> bool:
        """Whether this is a word of the grammar, not :data:`UNKNOWN`."""
        return self.text != UNKNOWN
