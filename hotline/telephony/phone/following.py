"""Follows a live call for somebody who watches: what was said, what was understood, how it ended."""

from __future__ import annotations

import concurrent.futures
from typing import TYPE_CHECKING, Any, Final

from hotline.telephony.phone.outcomes import in_words
from hotline.telephony.phone.tones import KEYPAD
from hotline.telephony.phone.transcript import Told, Transcript

if TYPE_CHECKING:
    from hotline.telephony.phone.log import Event
    from hotline.telephony.phone.telephone import Telephone

PERIOD_MS: Final = 500
"""So often, in audio time, the hotline is asked what is new, besides whenever it begins to speak."""


class Following:
    """News of one call as JSON objects.

    ``{"event": "said", "text"}``, ``{"event": "understood", "heard", "meaning", "sure"}``, ``{"event":
    "key", "key"}``, ``{"event": "state", "state"}`` and, last, ``{"event": "ended", "text"}``. The hotline
    is asked in a thread of its own, so that the line keeps its time.
    """

    def __init__(self, phone: Telephone) -> None:
        self._phone = phone
        self._transcript = Transcript(phone)
        self._worker = concurrent.futures.ThreadPoolExecutor(1)
        self._asked: concurrent.futures.Future[list[Told]] | None = None
        self._next_ms = 0
        self._state = ""
        self._own: list[dict[str, Any]] = []
        phone.log.listeners.append(self._happened)

    def news(self) -> list[dict[str, Any]]:
        """Return what is new; never waits."""
        told: list[Told] = []
        if self._asked is not None and self._asked.done():
            told, self._asked = self._asked.result(), None
        if self._asked is None and self._phone.at_ms >= self._next_ms:
            self._next_ms = self._phone.at_ms + PERIOD_MS
            self._asked = self._worker.submit(self._transcript.fetch)
        news, self._own = self._own + _tell(told), []
        state = "forwarding" if self._phone.put_through else self._phone.status
        if state != self._state:
            self._state = state
            news.append({"event": "state", "state": state})
        return news

    def farewell(self) -> list[dict[str, Any]]:
        """Return the last news of a call that is over, and how it ended."""
        told = self._transcript.fetch()
        text = in_words(self._transcript.outcome)
        return [*self._own, *_tell(told), {"event": "ended", "text": text}]

    def close(self) -> None:
        """Let the last question be answered, and ask no more."""
        if self._asked is not None:
            self._own += _tell(self._asked.result())
            self._asked = None
        self._worker.shutdown()

    def _happened(self, event: Event) -> None:
        if event.leg != "caller":
            return
        if event.kind in {"audio", "say"}:
            self._next_ms = 0
        if event.kind == "say" and not self._transcript.available:
            self._own.append({"event": "said", "text": event.data["text"]})
        if event.kind == "key":
            self._own.append({"event": "key", "key": event.data["key"]})


def _tell(told: list[Told]) -> list[dict[str, Any]]:
    news: list[dict[str, Any]] = []
    for turn in told:
        if turn.heard:
            keyed = set(turn.heard) <= KEYPAD
            heard = f"{'Taste' if len(turn.heard) == 1 else 'Tasten'} {turn.heard}" if keyed else turn.heard
            sure = None if keyed else turn.confidence
            news.append({"event": "understood", "heard": heard, "sure": sure, "made": turn.made})
        if turn.said:
            news.append({"event": "said", "text": turn.said})
    return news
