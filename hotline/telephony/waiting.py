"""Who waits for a human: the queue, in the database. Its order is ours; Twilio only keeps the line open.

Twilio's own queue can only be served from its front (https://www.twilio.com/docs/voice/twiml/queue), while an
agent may take any call and a caller in mid-booking comes first.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hotline.telephony.tables import WaitingRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hotline.storage import Database

log = logging.getLogger(__name__)

RETURNING, BOOKING, NEW = 0, 1, 2
"""Priorities: handed back by the assistant after a detour; in mid-booking; the rest."""

TALK = dt.timedelta(minutes=4)
"""How long a call to an agent is taken to last while there are none to learn from."""
LEARNT_FROM = 20
"""The last calls from which the length of a call is learnt."""

LOST = dt.timedelta(minutes=3)
"""Twilio asks what a waiting caller is to hear at least every minute; after so long the caller is gone, and
the webhook that should have said so was lost."""

PROMISE = dt.timedelta(seconds=30)
"""The public service number 115 promises that 75 % of calls are answered within this (www.115.de)."""

ACTIVE = ("waiting", "ringing", "talking")


@dataclass(frozen=True)
class Place:
    """How things stand for a caller: how many wait up to and with this one, and the expected wait."""

    number: int
    expected: dt.timedelta


@dataclass(frozen=True)
class ServiceLevel:
    """How many calls for a human were answered within :data:`PROMISE`, of how many."""

    in_time: int
    calls: int


@dataclass(frozen=True)
class Waiting:
    """The queue.

    :ivar ready: how many agents are at their desks and ready for calls.
    """

    database: Database
    clock: Callable[[], dt.datetime]
    ready: Callable[[dt.datetime], int]

    def join(
        self,
        sid: str,
        turn: int,
        *,
        reason: str,
        summary: str,
        service: str | None,
        hold: str | None,
    ) -> None:
        """Put a call into the queue, once for each hand-off; again is no harm."""
        now = self.clock()
        priority = RETURNING if reason == "number" else BOOKING if service else NEW
        row = WaitingRow(
            call_sid=sid,
            turn=turn,
            state="waiting",
            priority=priority,
            since=now,
            reason=reason,
            service=service,
            summary=summary,
            hold=hold,
            missed=0,
            told=0,
            told_at=now,
        )
        try:
            with self.database.writing() as session:
                if session.scalar(_of(sid).where(WaitingRow.turn == turn)) is None:
                    session.add(row)
        except IntegrityError:
            log.info("call %s was put into the queue by another process", sid)

    def get(self, sid: str) -> WaitingRow | None:
        """Return how a call waits, or waited last."""
        with self.database.reading() as session:
            return session.scalar(_of(sid))

    def place(self, sid: str) -> Place:
        """Return a waiting call's place and expected wait."""
        now = self.clock()
        with self.database.reading() as session:
            row = session.scalar(_of(sid))
            ahead = 0
            if row is not None:
                before = sa.or_(
                    WaitingRow.priority < row.priority,
                    sa.and_(WaitingRow.priority == row.priority, WaitingRow.since < row.since),
                    sa.and_(
                        WaitingRow.priority == row.priority,
                        WaitingRow.since == row.since,
                        WaitingRow.id < row.id,
                    ),
                )
                counted = sa.select(sa.func.count(WaitingRow.id)).where(
                    WaitingRow.state == "waiting", WaitingRow.told_at > now - LOST, before
                )
                ahead = session.scalar(counted) or 0
            talk = _usual_talk(session)
            talking = session.scalar(
                sa.select(sa.func.count(WaitingRow.id)).where(WaitingRow.state.in_(["ringing", "talking"]))
            )
        agents = max(self.ready(now), 1)
        # An agent who is free takes the call at once; otherwise calls end evenly over the usual time.
        queued = max(ahead + (talking or 0) - agents + 1, 0)
        return Place(ahead + 1, talk * queued / agents)

    def service_level(self, since: dt.datetime) -> ServiceLevel:
        """Return how calls were answered that began to wait at or after ``since``.

        Whoever still waits counts once the promise is broken; whoever hung up before that does not count.
        """
        now = self.clock()
        with self.database.reading() as session:
            rows = session.execute(
                sa.select(WaitingRow.since, WaitingRow.answered_at, WaitingRow.over_at).where(
                    WaitingRow.since >= since
                )
            ).all()
        waits = [((answered or over or now) - began, answered) for began, answered, over in rows]
        in_time = sum(1 for wait, answered in waits if answered and wait <= PROMISE)
        late = sum(1 for wait, _ in waits if wait > PROMISE)
        return ServiceLevel(in_time, in_time + late)

    def tell(self, sid: str) -> int:
        """Note that the caller is told how things stand; return how often that was done before."""
        with self.database.writing() as session:
            row = session.scalar(_of(sid))
            if row is None:
                return 0
            row.told_at = self.clock()
            row.told += 1
            return row.told - 1

    def take(self, sid: str, agent: str) -> WaitingRow | None:
        """Give a waiting call to an agent, who has no other; ``None`` if somebody was quicker."""
        busy = sa.select(WaitingRow.id).where(
            WaitingRow.agent == agent, WaitingRow.state.in_(["ringing", "talking"])
        )
        with self.database.writing() as session:
            if session.scalar(busy.limit(1)) is not None:
                return None
            changed = self._change(
                session, sid, ["waiting"], state="ringing", agent=agent, taken_at=self.clock(), wish=None
            )
            return session.scalar(_of(sid)) if changed else None

    def put_back(self, sid: str) -> bool:
        """Put a call whose agent did not answer back at its old place."""
        with self.database.writing() as session:
            missed = WaitingRow.missed + 1
            return self._change(
                session,
                sid,
                ["ringing"],
                state="waiting",
                agent=None,
                taken_at=None,
                missed=missed,
                told_at=self.clock(),
            )

    def answer(self, sid: str) -> bool:
        """Note that the agent has answered."""
        with self.database.writing() as session:
            return self._change(session, sid, ["ringing"], state="talking", answered_at=self.clock())

    def wish(self, sid: str, wish: str, *, agent: str | None = None) -> bool:
        """Note how the caller, or the agent who has the call, wants it to end."""
        states = ["talking"] if agent else ["waiting"]
        with self.database.writing() as session:
            return self._change(session, sid, states, agent, wish=wish)

    def end(self, sid: str, outcome: str) -> bool:
        """Take a call out of the queue for good."""
        with self.database.writing() as session:
            return self._change(session, sid, ACTIVE, state="over", outcome=outcome, over_at=self.clock())

    @staticmethod
    def _change(session: Session, sid: str, states: Any, mine: str | None = None, /, **values: Any) -> bool:
        changed = sa.update(WaitingRow).where(WaitingRow.call_sid == sid, WaitingRow.state.in_(states))
        if mine is not None:
            changed = changed.where(WaitingRow.agent == mine)
        done = session.execute(changed.values(**values).execution_options(synchronize_session=False))
        return bool(cast("sa.CursorResult[Any]", done).rowcount)


def active(session: Session, now: dt.datetime) -> list[WaitingRow]:
    """Return the calls that wait or are being talked to, in the order in which they should be taken."""
    here = sa.or_(WaitingRow.state != "waiting", WaitingRow.told_at > now - LOST)
    wanted = sa.select(WaitingRow).where(WaitingRow.state.in_(ACTIVE), here)
    return list(session.scalars(wanted.order_by(WaitingRow.priority, WaitingRow.since, WaitingRow.id)))


def minutes_in_words(wait: dt.timedelta) -> str:
    """Say how long it takes, in minutes rounded up.

    >>> minutes_in_words(dt.timedelta(seconds=30))
    'weniger als eine Minute'
    """
    minutes = math.ceil(wait / dt.timedelta(minutes=1))
    if minutes <= 1:
        return "weniger als eine Minute" if wait < dt.timedelta(minutes=1) else "eine Minute"
    return f"etwa {minutes} Minuten"


def _of(sid: str) -> sa.Select[WaitingRow]:
    return sa.select(WaitingRow).where(WaitingRow.call_sid == sid).order_by(WaitingRow.turn.desc()).limit(1)


def _usual_talk(session: Session) -> dt.timedelta:
    last = session.execute(
        sa.select(WaitingRow.answered_at, WaitingRow.over_at)
        .where(WaitingRow.answered_at.is_not(None), WaitingRow.over_at.is_not(None))
        .order_by(WaitingRow.over_at.desc())
        .limit(LEARNT_FROM)
    ).all()
    lengths = [over - answered for answered, over in last if answered and over]
    return sum(lengths, dt.timedelta()) / len(lengths) if len(lengths) >= LEARNT_FROM // 4 else TALK
