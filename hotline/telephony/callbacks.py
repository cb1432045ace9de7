"""Call-backs: promising one, taking it on, and every attempt at it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.dialog.effects import NoteCallback
from hotline.telephony.tables import AttemptRow, CallbackRow

if TYPE_CHECKING:
    from collections.abc import Sequence

TAKEN_FOR = dt.timedelta(minutes=30)
"""Whoever has taken a call-back on has it for so long; then others may take it, too."""


def note_callback(
    session: Session, sid: str, key: str, wanted: NoteCallback, *, now: dt.datetime, by: dt.datetime
) -> dt.datetime:
    """Note a call-back, once for each ``key``; return by when it is due."""
    noted = session.scalar(sa.select(CallbackRow).where(CallbackRow.key == key))
    if noted is None:
        noted = CallbackRow(
            call_sid=sid,
            key=key,
            phone=wanted.phone,
            reason=wanted.reason,
            summary=wanted.summary,
            noted_at=now,
            due_at=by,
        )
        session.add(noted)
    return noted.due_at


def due(session: Session, limit: int = 200) -> Sequence[CallbackRow]:
    """Return the call-backs that are still to be done, the most urgent first."""
    wanted = sa.select(CallbackRow).where(CallbackRow.done_at.is_(None))
    return session.scalars(wanted.order_by(CallbackRow.due_at, CallbackRow.id).limit(limit)).all()


def attempts(session: Session, callbacks: Sequence[int]) -> list[AttemptRow]:
    """Return the attempts at some call-backs, in order."""
    wanted = sa.select(AttemptRow).where(AttemptRow.callback.in_(callbacks)).order_by(AttemptRow.id)
    return list(session.scalars(wanted))


def take(session: Session, callback: int, agent: str, now: dt.datetime) -> bool:
    """Take a call-back on; say no if it is done, or another agent has it."""
    free = sa.or_(
        CallbackRow.agent.is_(None), CallbackRow.agent == agent, CallbackRow.taken_at < now - TAKEN_FOR
    )
    changed = (
        sa.update(CallbackRow)
        .where(CallbackRow.id == callback, CallbackRow.done_at.is_(None), free)
        .values(agent=agent, taken_at=now)
        .execution_options(synchronize_session=False)
    )
    return _changed(session, changed)


def give_back(session: Session, callback: int, agent: str) -> bool:
    """Leave a call-back that one has taken on to others."""
    changed = (
        sa.update(CallbackRow)
        .where(CallbackRow.id == callback, CallbackRow.agent == agent, CallbackRow.done_at.is_(None))
        .values(agent=None, taken_at=None)
        .execution_options(synchronize_session=False)
    )
    return _changed(session, changed)


def finish(session: Session, sid: str, agent: str, result: str, now: dt.datetime) -> bool:
    """Note what came of the call-backs on a call that one has taken on; tell whether there were any."""
    changed = (
        sa.update(CallbackRow)
        .where(CallbackRow.call_sid == sid, CallbackRow.agent == agent, CallbackRow.done_at.is_(None))
        .values(done_at=now, result=result)
        .execution_options(synchronize_session=False)
    )
    return _changed(session, changed)


def attempt(session: Session, callback: int, agent: str, now: dt.datetime) -> int | None:
    """Begin an attempt; return its id, or ``None`` while another one goes on."""
    # The row of the call-back is what two clicks meet at.
    session.get(CallbackRow, callback, with_for_update=True)
    under_way = sa.select(AttemptRow.id).where(
        AttemptRow.callback == callback, AttemptRow.ended_at.is_(None), AttemptRow.began_at > now - TAKEN_FOR
    )
    if session.scalar(under_way.limit(1)) is not None:
        return None
    row = AttemptRow(callback=callback, agent=agent, began_at=now, result="ringing")
    session.add(row)
    session.flush()
    return row.id


def under_way(attempt: AttemptRow, now: dt.datetime) -> bool:
    """Tell whether an attempt goes on; one of whose end we never heard does not, after a while."""
    return attempt.ended_at is None and attempt.began_at > now - TAKEN_FOR


def end_attempt(session: Session, number: int, result: str, now: dt.datetime) -> None:
    """Note how an attempt ended; the first word counts."""
    row = session.get(AttemptRow, number, with_for_update=True)
    if row is not None and row.ended_at is None:
        row.result, row.ended_at = result, now


def _changed(session: Session, statement: sa.Update) -> bool:
    return bool(cast("sa.CursorResult[Any]", session.execute(statement)).rowcount)
