"""How an SMS moves from queued to delivered: each step one conditional UPDATE, so that it never moves back.

Workers, Twilio's delivery reports (repeated, late, out of order) and newer SMS about the same appointment all
write these rows at the same time; what each may change is said in its WHERE.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa

from hotline.messages.senders import Outgoing
from hotline.messages.tables import Sms, Status

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LEASE = dt.timedelta(minutes=3)
"""How long a claim lasts: longer than looking up and sending with their time limits can take."""
MAX_ATTEMPTS = 8
"""With a pause that doubles from 30 s the last attempt is half an hour to an hour after the first."""
FIRST_PAUSE = dt.timedelta(seconds=30)

_REPORTS = {
    "accepted": Status.SENT,
    "scheduled": Status.SENT,
    "queued": Status.SENT,
    "sending": Status.SENT,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
"""Twilio's message statuses as ours. https://www.twilio.com/docs/messaging/api/message-resource"""

_OPEN = [Status.QUEUED, Status.SENDING, Status.SUPERSEDED]
"""Where the provider's word that it has the SMS is news."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An SMS that is this worker's until its lease ends."""

    sms: Outgoing
    claim: str
    attempt: int
    """From 1."""
    uncertain: bool
    """Whether an earlier attempt may have reached the provider."""


def claim(session: Session, now: dt.datetime) -> Claimed | None:
    """Take the SMS that has been due the longest, or None.

    On PostgreSQL rows that another worker is claiming are skipped; on SQLite only one claims at a time.
    An SMS whose lease ran out belonged to a worker that died: it may or may not have sent it.
    """
    row = session.scalar(
        sa.select(Sms)
        .where(_due(now))
        .order_by(Sms.due_at, Sms.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.uncertain = row.uncertain or row.status == Status.SENDING
    row.status = Status.SENDING
    row.claim = uuid4().hex
    row.lease_until = now + LEASE
    row.attempts += 1
    row.changed_at = now
    others = _other_sids(session, row) if row.uncertain else frozenset()
    sms = Outgoing(row.id, row.phone, row.text, row.created_at, others)
    return Claimed(sms, row.claim, row.attempts, row.uncertain)


def anything_due(session: Session, now: dt.datetime) -> bool:
    """Tell whether there is work, without keeping a writer waiting."""
    return session.scalar(sa.select(Sms.id).where(_due(now)).limit(1)) is not None


def drop_useless(session: Session, now: dt.datetime) -> int:
    """Give up what is due and too late to be of use, or has brought down a worker once too often."""
    too_late, too_often = Sms.expires_at <= now, Sms.attempts >= MAX_ATTEMPTS
    return _change(
        session,
        [_due(now), too_late | too_often],
        status=Status.FAILED,
        error=sa.case((too_late, "too late to be of use"), else_="too many attempts"),
        changed_at=now,
    )


def handed_over(session: Session, claimed: Claimed, sid: str, now: dt.datetime) -> None:
    """Record that the provider has taken the SMS."""
    mine = Sms.id == claimed.sms.id
    _change(session, [mine, Sms.sid.is_(None)], sid=sid)
    _change(
        session,
        [mine, Sms.claim == claimed.claim, Sms.status.in_(_OPEN)],
        status=Status.SENT,
        error=None,
        error_code=None,
        changed_at=now,
    )


def put_back(
    session: Session,
    claimed: Claimed,
    error: str,
    code: int | None,
    *,
    due_at: dt.datetime,
    uncertain: bool,
    now: dt.datetime,
) -> bool:
    """Record a failed attempt, to be repeated from ``due_at``; return False if it was the last one."""
    last = claimed.attempt >= MAX_ATTEMPTS
    _change(
        session,
        _still_sending(claimed),
        status=Status.FAILED if last else Status.QUEUED,
        due_at=due_at,
        error=error[:200],
        error_code=code,
        uncertain=uncertain,
        changed_at=now,
    )
    return not last


def give_up(session: Session, claimed: Claimed, error: str, code: int | None, now: dt.datetime) -> None:
    """Record that the provider will never take the SMS."""
    _change(
        session,
        _still_sending(claimed),
        status=Status.FAILED,
        error=error[:200],
        error_code=code,
        changed_at=now,
    )


def report(
    session: Session, sms: int | None, sid: str, *, provider_status: str, code: int | None, now: dt.datetime
) -> Status | None:
    """Record a delivery report; return the SMS's new status, or None if the report changed nothing.

    :param sms: the row's id where the report names it; otherwise the row with the provider's id is meant.
    """
    status = _REPORTS.get(provider_status)
    if status is None:
        return None
    before = [*_OPEN, Status.SENT] if status is not Status.SENT else _OPEN
    row = sa.and_(Sms.id == sms, sa.or_(Sms.sid.is_(None), Sms.sid == sid)) if sms else Sms.sid == sid
    changes: dict[str, Any] = {"status": status, "sid": sid, "error_code": code, "changed_at": now}
    bad = status in {Status.UNDELIVERED, Status.FAILED}
    changes["error"] = f"reported {provider_status}" if bad else None
    changed = _change(session, [row, Sms.status.in_(before)], **changes)
    return status if changed else None


def pause(attempt: int, chance: float) -> dt.timedelta:
    """Return how long to wait after an attempt: doubling, the upper half of it by ``chance`` (0 to 1)."""
    doubled: int = 2 ** (attempt - 1)
    return FIRST_PAUSE * (doubled * (0.5 + chance / 2))


def _due(now: dt.datetime) -> sa.ColumnElement[bool]:
    waiting = (Sms.status == Status.QUEUED) & (Sms.due_at <= now)
    abandoned = (Sms.status == Status.SENDING) & (Sms.lease_until <= now)
    return waiting | abandoned


def _other_sids(session: Session, row: Sms) -> frozenset[str]:
    taken = sa.select(Sms.sid).where(Sms.phone == row.phone, Sms.id != row.id, Sms.sid.is_not(None))
    return frozenset(sid for sid in session.scalars(taken) if sid)


def _still_sending(claimed: Claimed) -> list[sa.ColumnElement[bool]]:
    return [Sms.id == claimed.sms.id, Sms.claim == claimed.claim, Sms.status == Status.SENDING]


def _change(session: Session, where: list[sa.ColumnElement[bool]], **values: Any) -> int:
    statement = sa.update(Sms).where(*where).values(**values)
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]
