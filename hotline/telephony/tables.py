"""Tables of calls: who called when, the log of turns, who waits for a human, and promised call-backs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage import Base


class CallRow(Base):
    """One call."""

    __tablename__ = "call"

    sid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """Twilio's CallSid."""
    number: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    """The caller's number, E.164; ``NULL`` if withheld, or purged."""
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    streams: Mapped[int] = mapped_column(default=0)
    """How many media streams were opened for this call; a token is good for one."""
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)


class TurnRow(Base):
    """One turn of a call's log, see :class:`hotline.dialog.log.Turn`."""

    __tablename__ = "turn"

    call_sid: Mapped[str] = mapped_column(sa.ForeignKey("call.sid", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """From 0. Two processes cannot write the same turn."""
    at: Mapped[dt.datetime]
    data: Mapped[dict[str, Any]]
    """The turn as JSON."""
    latency_ms: Mapped[float | None]
    """From the end of the answer being decided to the first byte of audio."""


class CallbackRow(Base):
    """A call-back that was promised."""

    __tablename__ = "callback"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_sid: Mapped[str] = mapped_column(sa.ForeignKey("call.sid", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    """The call and the turn, so that a repeated turn promises once."""
    phone: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(40))
    summary: Mapped[str] = mapped_column(sa.Text)
    noted_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime] = mapped_column(index=True)
    done_at: Mapped[dt.datetime | None]
    agent: Mapped[str | None] = mapped_column(sa.String(40))
    """The account of whoever has taken it on, so that nobody is called by two."""
    taken_at: Mapped[dt.datetime | None]
    result: Mapped[str | None] = mapped_column(sa.String(20))
    """What came of it in the end: a key of :data:`hotline.desk.words.OUTCOMES`."""


class AttemptRow(Base):
    """One attempt at a call-back: first the agent's telephone rings, then the citizen's."""

    __tablename__ = "callback_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    callback: Mapped[int] = mapped_column(sa.ForeignKey("callback.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(sa.String(40))
    began_at: Mapped[dt.datetime]
    sid: Mapped[str | None] = mapped_column(sa.String(64))
    """Twilio's CallSid of the agent's leg."""
    result: Mapped[str] = mapped_column(sa.String(20))
    """``ringing`` (the agent), ``calling`` (the citizen), ``talked``, ``no_answer``, ``busy``, ``failed``, or
    ``agent_absent``."""
    ended_at: Mapped[dt.datetime | None]


class WaitingRow(Base):
    """A call that waits, or waited, for a human; one row for each hand-off of a call."""

    __tablename__ = "waiting"
    __table_args__ = (
        sa.UniqueConstraint("call_sid", "turn"),
        sa.Index("ix_waiting_state_priority_since", "state", "priority", "since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_sid: Mapped[str] = mapped_column(sa.ForeignKey("call.sid", ondelete="CASCADE"))
    turn: Mapped[int]
    """The turn with which the call was handed over."""
    state: Mapped[str] = mapped_column(sa.String(10))
    """``waiting``, ``ringing`` (at an agent), ``talking``, or ``over``."""
    priority: Mapped[int]
    """Lower comes first."""
    since: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(sa.String(40))
    service: Mapped[str | None]
    """The service's name, if it is known."""
    summary: Mapped[str] = mapped_column(sa.Text)
    hold: Mapped[str | None]
    """The key of the slot that is kept for the caller."""
    agent: Mapped[str | None] = mapped_column(sa.String(40))
    taken_at: Mapped[dt.datetime | None]
    answered_at: Mapped[dt.datetime | None]
    over_at: Mapped[dt.datetime | None]
    wish: Mapped[str | None] = mapped_column(sa.String(20))
    """How the caller, or the agent, wants it to end: a :data:`hotline.dialog.steps.HandOffOutcome`."""
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    """How it ended: as :attr:`wish`, or ``hung_up``."""
    missed: Mapped[int]
    """How many agents did not answer."""
    told: Mapped[int]
    """How often the caller was told how things stand."""
    told_at: Mapped[dt.datetime]
    """When, last; a caller of whom Twilio no longer asks is gone, even if nobody said so."""
