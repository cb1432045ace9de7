"""Call-backs that were promised."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.dialog.effects import NoteCallback
from hotline.telephony.tables import CallbackRow


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
