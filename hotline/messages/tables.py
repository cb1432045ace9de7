"""The tables of SMS: what goes out, and what was answered to what came in."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.storage import Base


class Kind(StrEnum):
    """What an SMS is about."""

    CONFIRMATION = "confirmation"
    MOVE = "move"
    CANCELLATION = "cancellation"
    CALL_BACK = "call_back"


class Status(StrEnum):
    """How far an SMS has come. It only moves forwards."""

    QUEUED = "queued"
    SENDING = "sending"
    """A worker has claimed it until its lease ends."""
    SENT = "sent"
    """The provider has taken it."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """The provider took it, and reported that it could not be delivered."""
    FAILED = "failed"
    """Given up: refused, tried too often, or too late to be of use."""
    SUPERSEDED = "superseded"
    """A newer SMS about the same appointment took its place before it went out."""


class Sms(Base):
    """One SMS that goes out, once, whatever the worker."""

    __tablename__ = "sms"
    __table_args__ = (
        sa.Index("ix_sms_status_due_at", "status", "due_at"),
        sa.Index("ix_sms_phone_created_at", "phone", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    """What makes it the same SMS when its cause happens again."""
    kind: Mapped[str] = mapped_column(sa.String(16))
    reference: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    phone: Mapped[str] = mapped_column(sa.String(20))
    """E.164."""
    text: Mapped[str] = mapped_column(sa.Text)
    segments: Mapped[int]
    status: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    """Not before this."""
    expires_at: Mapped[dt.datetime]
    """From here on it would be of no use: the appointment has begun."""
    attempts: Mapped[int]
    claim: Mapped[str | None] = mapped_column(sa.String(32))
    """The claim under which it was last sent."""
    lease_until: Mapped[dt.datetime | None]
    uncertain: Mapped[bool]
    """Whether an earlier attempt may have reached the provider although nothing came back."""
    sid: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    """The provider's id."""
    error: Mapped[str | None] = mapped_column(sa.String(200))
    error_code: Mapped[int | None]
    changed_at: Mapped[dt.datetime]


class SmsReply(Base):
    """An SMS that came in and what it was answered, so that a webhook's repetition is answered alike."""

    __tablename__ = "sms_replies"
    __table_args__ = (sa.Index("ix_sms_replies_phone_answered_at", "phone", "answered_at"),)

    sid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    phone: Mapped[str] = mapped_column(sa.String(20))
    answer: Mapped[str | None] = mapped_column(sa.Text)
    answered_at: Mapped[dt.datetime]


def purge(session: Session, before: dt.datetime) -> int:
    """Delete every SMS about an appointment before ``before``, and older replies; return how many rows."""
    gone = 0
    for statement in (
        sa.delete(Sms).where(Sms.expires_at < before),
        sa.delete(SmsReply).where(SmsReply.answered_at < before),
    ):
        gone += session.execute(statement).rowcount  # type: ignore[attr-defined]
    return gone
