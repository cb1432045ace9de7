"""Tables of calls: who called when, the log of turns, and call-backs that were promised."""

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
    number: Mapped[str | None] = mapped_column(sa.String(20))
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
