"""What happened in a call, in order, with the time on the telephone's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    ``at_ms`` is audio time since the call was dialled; ``leg`` is whose side it happened on (``caller`` or
    ``callee``). Kinds: ``webhook`` (method, url, parameters), ``verb`` (name, attributes), ``say`` (text),
    ``play`` (url), ``stream`` (url, parameters), ``audio`` (the server began to speak; wall_ms since the
    last frame went out), ``delay`` (delay_ms: how far behind the server is), ``mark`` (name, came back),
    ``clear`` (unheard_ms), ``stream-ended`` (code), ``key`` (key), ``dial`` (numbers), ``problem`` (code
    and text: what Twilio would show in its debugger), ``ended`` (status).
    """

    at_ms: int
    kind: str
    leg: str = "caller"
    data: dict[str, Any] = field(default_factory=dict)


class Log:
    """The events of a call, and who wants to be told."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self._clock = clock

    def note(self, kind: str, leg: str = "caller", **data: Any) -> None:
        """Write down an event and tell the listeners."""
        event = Event(self._clock(), kind, leg, data)
        self.events.append(event)
        for listener in self.listeners:
            listener(event)

    def of(self, *kinds: str) -> list[Event]:
        """Return the events of these kinds."""
        return [event for event in self.events if event.kind in kinds]
