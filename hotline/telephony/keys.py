"""Keys as they come from a keypad: single ones for menus, several for digits. Audio time is the clock."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

BOUNCE_MS = 400
"""A key this soon after the one before is a trembling finger, not an answer to a question not yet heard."""
BETWEEN_MS = 4000
"""The next digit of several is waited for this long."""


@dataclass
class Keypad:
    """Collects the keys of one answer."""

    keys: str = ""
    _last_ms: int | None = None

    @property
    def collecting(self) -> bool:
        """Whether more digits are awaited."""
        return bool(self.keys)

    def reset(self) -> None:
        """Forget digits that were begun: another question is being asked."""
        self.keys = ""

    def press(
        self, key: str, now_ms: int, digits: tuple[int, int] | None, menu: AbstractSet[str]
    ) -> str | None:
        """Take in a key; return the answer if this completes it.

        :param digits: least and greatest number of digits, if digits may be keyed here.
        :param menu: keys that are an answer by themselves.
        """
        before, self._last_ms = self._last_ms, now_ms
        if not self.keys and before is not None and now_ms - before < BOUNCE_MS:
            return None
        alone = not self.keys and (digits is None or key in menu or key in "*#")
        if alone or key == "*":
            return self._done(key)
        if key == "#":
            return self._done(self.keys)
        self.keys += key
        if digits and len(self.keys) >= digits[1]:
            return self._done(self.keys)
        return None

    def due(self, now_ms: int) -> str | None:
        """Return the digits keyed if no further one has come in time."""
        if self.keys and self._last_ms is not None and now_ms - self._last_ms >= BETWEEN_MS:
            return self._done(self.keys)
        return None

    def _done(self, keys: str) -> str:
        self.keys = ""
        return keys
