"""Plays scripts: sends them answers and results, from the log or from the world, and keeps the entries.

Replaying a log and going on live is the same thing: entries are inputs, and an effect is performed only when
the log has no result for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from hotline.dialog.log import Entry
from hotline.dialog.steps import Ask, Effect, End, GaveUp, HandOff, Meaning, Say, Script

Perform = Callable[[Effect[Any], str], Any]
"""Performs an effect. The second argument, unique within the call, makes it idempotent."""


class LogMismatch(Exception):  # noqa: N818
    """The log does not fit the scripts, because they changed since it was written."""


class Scripts(Protocol):
    """The scripts of one call."""

    @property
    def outcome(self) -> dict[str, Any]:
        """What has come of the call so far; plain JSON."""

    @property
    def assisting(self) -> bool:
        """Whether the assistant goes on after a human was there, although that script is still played."""

    def main(self) -> Script[None]:
        """Return the conversation from greeting to goodbye."""

    def human(self, reason: str) -> Script[None]:
        """Return what happens when a human is needed. When it ends, the call goes on where it was."""


Waiting = Ask | HandOff | End


class Player:
    """The scripts of one call and what has been sent into them.

    :ivar step: what is waited for.
    :ivar said: what was said since the last answer.
    :ivar entries: everything that was sent in.
    """

    def __init__(self, scripts: Scripts) -> None:
        self.scripts = scripts
        self.step: Waiting = End()
        self.said: list[Say] = []
        self.entries: list[Entry] = []
        self._stack: list[Script[None]] = [scripts.main()]
        self._interrupted: list[Waiting] = []

    @property
    def looking_for_human(self) -> bool:
        """Whether the script that finds a human is being played."""
        return bool(self._interrupted) and not self.scripts.assisting

    def begin(self, entries: Iterable[Entry], perform: Perform | None) -> None:
        """Play from the beginning, on the given entries, until something new is waited for.

        :raises LogMismatch: if they do not fit, or end before an effect with ``perform`` being ``None``.
        """
        self._run(None, deque(entries), perform)

    def send(self, entry: Entry, perform: Perform) -> None:
        """Send one input in and play until something is waited for."""
        self.said.clear()
        self._run(self._take(entry), deque(), perform)

    def _run(self, value: Any, log: deque[Entry], perform: Perform | None) -> None:
        while True:
            match self._next(value):
                case Say() as step:
                    self.said.append(step)
                    value = None
                case Effect() as effect:
                    value = self._result(effect, log, perform)
                case step:
                    self.step = step
                    if not log:
                        return
                    self.said.clear()
                    value = self._take(log.popleft())

    def _next(self, value: Any) -> Say | Effect[Any] | Waiting:
        script = self._stack[-1]
        try:
            return script.throw(value) if isinstance(value, GaveUp) else script.send(value)
        except StopIteration:
            self._stack.pop()
            return self._interrupted.pop() if self._interrupted else End()

    def _take(self, entry: Entry) -> Any:
        """Check that an input fits what is waited for, and return what the script gets."""
        self.entries.append(entry)
        match entry.kind, self.step:
            case "answer", Ask(question=question) if question == entry.name:
                return Meaning(*entry.value)
            case "transferred", HandOff():
                return entry.value
            case "gave_up", Ask():
                return GaveUp(entry.name)
            case "interrupt" | "restart", _:
                self._interrupted.append(self.step)
                self._stack.append(self.scripts.human(entry.name))
                return None
        msg = f"{entry.kind} {entry.name!r} does not fit {self.step}"
        raise LogMismatch(msg)

    def _result(self, effect: Effect[Any], log: deque[Entry], perform: Perform | None) -> Any:
        if log:
            entry = log.popleft()
            if entry.kind != "result" or entry.name != effect.name:
                msg = f"{entry.kind} {entry.name!r} where {effect.name} was to be done"
                raise LogMismatch(msg)
            self.entries.append(entry)
            return effect.result.validate_python(entry.value)
        if perform is None:
            msg = f"the log ends before {effect.name}"
            raise LogMismatch(msg)
        value = perform(effect, effect.name)
        logged = effect.result.dump_python(value, mode="json")
        self.entries.append(Entry("result", effect.name, logged, final=effect.final))
        return value
