"""Keeping desks up to date without reloading: one thread per process looks into the database and tells all.

No state is in a process: a desk may be served by any, and what another process writes is seen here within
:data:`LOOK_SECONDS`. What is sent is always the whole state of a topic, under an id that is its hash; so a
browser that comes back says which state it has, and gets the new one if there is one, never half of it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""Between two looks into the database, while a desk is open."""
BEAT_SECONDS = 10.0
"""After so long without news a comment is sent, which shows that the browser is still there."""

Look = Callable[[str], str]
"""Returns the state of a topic as it is now, ready to be sent."""


@dataclass
class _Topic:
    listeners: int = 0
    state: str | None = None
    version: str = ""


@dataclass
class Hub:
    """Watches topics for all desks of this process.

    :ivar look: returns the state of a topic; called by one thread only.
    :ivar places: how many may listen at once.
    """

    look: Look
    places: int
    _topics: dict[str, _Topic] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _listeners: int = 0
    _closed: bool = False

    def events(self, topics: Sequence[str], known: str, beat: Callable[[], bool]) -> Iterator[str] | None:
        """Return server-sent events on ``topics``; ``None`` if all places are taken.

        Source: https://html.spec.whatwg.org/multipage/server-sent-events.html

        :param known: the last id that the browser has seen: the versions it has, joined by a dot.
        :param beat: is called every :data:`BEAT_SECONDS`; says no once the desk is to be sent away.
        """
        with self._changed:
            if self._closed or self._listeners >= self.places:
                return None
            self._listeners += 1
            for name in topics:
                self._topics.setdefault(name, _Topic()).listeners += 1
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="desk", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return _Closing(self._follow(topics, known, beat), lambda: self._leave(topics))

    def close(self) -> None:
        """Send all desks away: this process is about to stop, and they find another one by themselves."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _leave(self, topics: Sequence[str]) -> None:
        with self._changed:
            self._listeners -= 1
            for name in topics:
                self._topics[name].listeners -= 1
                if not self._topics[name].listeners:
                    del self._topics[name]

    def _follow(self, topics: Sequence[str], known: str, beat: Callable[[], bool]) -> Iterator[str]:
        have = dict(zip(topics, known.split("."), strict=False))
        yield "retry: 2000\n\n"
        if not beat():
            yield "event: signed-out\ndata: \n\n"
            return
        beaten = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closed or self._news(topics, have),
                    timeout=max(0.0, beaten + BEAT_SECONDS - time.monotonic()),
                )
                if self._closed:
                    return
                news = self._news(topics, have)
            for name, topic in news:
                have[name] = topic.version
                version = ".".join(have.get(one, "") for one in topics)
                data = "".join(f"data: {line}\n" for line in (topic.state or "").splitlines())
                yield f"id: {version}\nevent: {name.partition(':')[0]}\n{data}\n"
            if time.monotonic() - beaten >= BEAT_SECONDS:
                beaten = time.monotonic()
                if not beat():
                    yield "event: signed-out\ndata: \n\n"
                    return
                yield ": da\n\n"

    def _news(self, topics: Sequence[str], have: dict[str, str]) -> list[tuple[str, _Topic]]:
        found = [(name, self._topics[name]) for name in topics if name in self._topics]
        return [
            (name, topic)
            for name, topic in found
            if topic.state is not None and topic.version != have.get(name)
        ]

    def _watch(self) -> None:
        while True:
            with self._changed:
                names = list(self._topics)
                if not names:
                    # Nobody listens any more: the next one starts a new thread.
                    self._thread = None
                    return
            began = time.monotonic()
            for name in names:
                try:
                    self._set(name, self.look(name))
                except Exception:
                    # The database is away, say; desks keep what they have until it is back.
                    log.exception("the desk cannot see %s", name.partition(":")[0])
                    time.sleep(1)
            time.sleep(max(0.02, LOOK_SECONDS - (time.monotonic() - began)))

    def _set(self, name: str, state: str) -> None:
        version = fingerprint(state)
        with self._changed:
            topic = self._topics.get(name)
            if topic is not None and topic.version != version:
                topic.state, topic.version = state, version
                self._changed.notify_all()


class _Closing(Iterator[str]):
    """An iterator that runs something when it is closed, begun or not."""

    def __init__(self, events: Iterator[str], leave: Callable[[], None]) -> None:
        self._events = events
        self._leave: Callable[[], None] | None = leave

    def __next__(self) -> str:
        return next(self._events)

    def close(self) -> None:
        """Leave; the server calls this when the browser has gone."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()


def fingerprint(state: str) -> str:
    """Return a short hash of a state."""
    return hashlib.blake2s(state.encode(), digest_size=6).hexdigest()
