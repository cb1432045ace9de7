"""Many callers at once, in real time: how long does each wait?"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline.telephony.phone.caller import Caller, Nobody
from hotline.telephony.phone.dial import Callee
from hotline.telephony.phone.telephone import Telephone

if TYPE_CHECKING:
    from hotline.telephony.phone.record import Record
    from hotline.telephony.phone.script import Script


@dataclass
class Figure:
    """A measured quantity, in ms."""

    name: str
    values: list[float] = field(default_factory=list)

    def percentile(self, percent: float) -> float:
        """Return the nearest-rank percentile, NaN without values."""
        ordered = sorted(self.values)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else math.nan

    def row(self) -> tuple[str, ...]:
        """Return name, count, p50, p95 and maximum for a table."""
        shown = [f"{self.percentile(percent):.0f} ms" if self.values else "–" for percent in (50, 95, 100)]
        return (self.name, str(len(self.values)), *shown)


@dataclass
class Figures:
    """What a load test measured.

    ``answers``: from the end of what the caller did to the first sound of the answer, with the pause by which
    the hotline knows that the caller has finished. ``server``: as the hotline measures it, from the end of
    the turn being decided to the first byte. ``frames``: how long the hotline takes to get to a frame (a
    ping, answered in order). ``outcomes``: how the calls ended.
    """

    answers: Figure = field(default_factory=lambda: Figure("Ende des Anrufersatzes bis Antwort"))
    server: Figure = field(default_factory=lambda: Figure("Entscheidung bis Antwort (Hotline)"))
    frames: Figure = field(default_factory=lambda: Figure("Verzug der Sprache"))
    outcomes: Counter[str] = field(default_factory=Counter)

    def all(self) -> list[Figure]:
        """Return what can be shown in a table."""
        return [self.answers, self.server, self.frames]

    def add(self, phone: Telephone, record: Record) -> None:
        """Take in a call that is over."""
        for turn in record.turns:
            if turn.latency.audio_ms is not None:
                self.answers.values.append(turn.latency.audio_ms)
            if turn.latency.server_ms is not None:
                self.server.values.append(turn.latency.server_ms)
        self.frames.values += [event.data["delay_ms"] for event in phone.log.of("delay")]
        self.outcomes[(record.outcome or {}).get("kind") or record.status] += 1


def place(
    calls: int, script: Script, base_url: str, token: str, *, connect_to: str | None = None, ramp: float = 5.0
) -> Figures:
    """Place ``calls`` live calls by one script, begun evenly over ``ramp`` s, and wait for their end."""
    figures = Figures()
    lock = threading.Lock()

    def one(number: int) -> None:
        time.sleep(ramp * number / calls)
        phone = Telephone(
            base_url,
            token,
            connect_to=connect_to,
            from_=script.from_,
            callees=Callee(**script.agent.model_dump()),
            live=True,
        )
        record = Caller(phone, script, Nobody(), seed=number).call()
        with lock:
            figures.add(phone, record)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return figures


_Nobody = Nobody
