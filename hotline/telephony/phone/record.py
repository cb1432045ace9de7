"""The machine-readable record of a scripted call (``hotline call --json``)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Check:
    """One expectation: what was looked for, in what, and whether it was there."""

    what: str
    wanted: str
    found: str
    ok: bool


@dataclass
class Latency:
    """How long the hotline took to answer, in ms.

    ``audio_ms`` is audio time from the end of what the caller did to the first sound of the answer: it
    contains the pause by which the hotline knows that the caller has finished. ``wall_ms`` is real time
    from the last frame that went out to the first sound that came in; ``server_ms`` is what the hotline
    itself measured.
    """

    audio_ms: int | None = None
    wall_ms: float | None = None
    server_ms: float | None = None


@dataclass
class TurnRecord:
    """One turn: what the caller did, and what came of it.

    ``prompt`` is the question that the hotline had asked, ``understood`` what it made of the answer with its
    ``confidence`` (0 to 1; ``made`` is the same in one line), ``recognised`` the words it recognised,
    ``heard`` what the caller heard in reply.
    """

    number: int
    action: str
    said: str
    prompt: str | None = None
    recognised: str | None = None
    understood: Any = None
    made: str = ""
    confidence: float | None = None
    decision: str | None = None
    heard: list[str] = field(default_factory=list)
    latency: Latency = field(default_factory=Latency)
    checks: list[Check] = field(default_factory=list)


@dataclass
class Record:
    """A whole call; ``outcome`` is the hotline's own account of how it ended, if it gives one."""

    script: str
    call_sid: str
    from_: str
    greeting: list[str] = field(default_factory=list)
    turns: list[TurnRecord] = field(default_factory=list)
    outcome: dict[str, Any] | None = None
    checks: list[Check] = field(default_factory=list)
    status: str = ""
    seconds: float = 0.0
    wall_seconds: float = 0.0
    problems: list[dict[str, Any]] = field(default_factory=list)
    transcript: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every expectation was met."""
        return all(check.ok for check in self.all_checks)

    @property
    def all_checks(self) -> list[Check]:
        """Every expectation of the call."""
        return [check for turn in self.turns for check in turn.checks] + self.checks

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON writes it."""
        plain = asdict(self)
        plain["from"] = plain.pop("from_")
        return {**plain, "ok": self.ok}
