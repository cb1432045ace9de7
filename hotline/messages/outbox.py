"""The outbox: an SMS is a row in the transaction that gives cause to it, and goes out after the commit.

So no SMS speaks of a booking that was rolled back, and none is lost because a provider was down.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hotline.messages import gsm
from hotline.messages.numbers import Allowed, allowed_mobile, masked
from hotline.messages.tables import Kind, Sms, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from hotline.messages.texts import Writer
    from hotline.terms import Appointment

DAILY_LIMIT = 5
"""SMS to one number within 24 hours: two appointments booked, one moved, one cancelled, and one to spare."""

log = logging.getLogger(__name__)


class Outbox:
    """Queues SMS.

    :param service_name: gives a service's name for its id.
    :param countries: country codes to which SMS may go.
    :param clock: the time, aware.
    """

    def __init__(
        self,
        writer: Writer,
        service_name: Callable[[str], str],
        countries: frozenset[int],
        clock: Callable[[], dt.datetime],
        daily_limit: int = DAILY_LIMIT,
    ) -> None:
        self._writer = writer
        self._service_name = service_name
        self._countries = countries
        self._clock = clock
        self._daily_limit = daily_limit

    def queue(self, session: Session, appointment: Appointment, kind: Kind = Kind.CONFIRMATION) -> None:
        """Queue the SMS about an appointment's booking, move or cancellation in the caller's transaction.

        Nothing is queued without a number, to a number that may not be sent SMS, over the daily limit, or
        twice for the same cause. What is still queued about the appointment is superseded: it would
        arrive out of order and mislead.
        """
        if appointment.phone is None:
            return
        text = self._writer.about(kind, appointment, self._service_name(appointment.offer.service))
        key = f"{appointment.reference}:{kind}"
        if kind is Kind.MOVE:
            # A place can be left and come back to: what makes a move the same one is the SMS it follows.
            latest = _latest(session, appointment.reference)
            if latest is not None and latest.text == text:
                return
            key += f":{latest.id if latest else 0}"
        new = self._add(
            session,
            key=key,
            kind=kind,
            phone=appointment.phone,
            text=text,
            expires_at=appointment.offer.starts_at,
            reference=appointment.reference,
        )
        if new is not None:
            _supersede(session, appointment.reference, new, self._clock())

    def again(self, session: Session, appointment: Appointment) -> bool:
        """Queue the confirmation once more, because somebody asked for it; say no if it may not be sent."""
        if appointment.phone is None:
            return False
        sent = sa.select(sa.func.count(Sms.id)).where(Sms.reference == appointment.reference)
        return (
            self._add(
                session,
                key=f"{appointment.reference}:again:{session.scalar(sent)}",
                kind=Kind.CONFIRMATION,
                phone=appointment.phone,
                text=self._writer.about(
                    Kind.CONFIRMATION, appointment, self._service_name(appointment.offer.service)
                ),
                expires_at=appointment.offer.starts_at,
                reference=appointment.reference,
            )
            is not None
        )

    def call_back(self, session: Session, phone: str, call: str, by: dt.datetime) -> None:
        """Queue the note that somebody will call back until ``by``, once for each ``call`` (its id)."""
        self._add(
            session,
            key=f"{call}:{Kind.CALL_BACK}",
            kind=Kind.CALL_BACK,
            phone=phone,
            text=self._writer.call_back(by),
            expires_at=by,
        )

    def _add(
        self,
        session: Session,
        *,
        key: str,
        kind: Kind,
        phone: str,
        text: str,
        expires_at: dt.datetime,
        reference: str | None = None,
    ) -> int | None:
        """Add a row and return its id; None if it is there already or may not be."""
        allowed = allowed_mobile(phone, self._countries)
        if not isinstance(allowed, Allowed):
            log.info("no SMS (%s) to %s: %s", kind, masked(phone), allowed)
            return None
        now = self._clock()
        if self._sent_today(session, allowed.number, now) >= self._daily_limit:
            log.warning("no SMS (%s) to %s: over %d in 24 hours", kind, masked(phone), self._daily_limit)
            return None
        new: int | None = session.scalar(
            insert_once(
                session,
                Sms,
                key=key,
                kind=kind,
                reference=reference,
                phone=allowed.number,
                text=text,
                segments=gsm.segments(text),
                status=Status.QUEUED,
                created_at=now,
                due_at=now,
                expires_at=expires_at,
                attempts=0,
                uncertain=False,
                changed_at=now,
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(Sms.id)
        )
        return new

    @staticmethod
    def _sent_today(session: Session, phone: str, now: dt.datetime) -> int:
        # Two transactions at once may each see one too few; the limit stops floods, not the odd one more.
        counted = sa.select(sa.func.count(Sms.id)).where(
            Sms.phone == phone, Sms.created_at > now - dt.timedelta(days=1), Sms.status != Status.SUPERSEDED
        )
        return session.scalar(counted) or 0


def insert_once(session: Session, table: type[Any], **row: Any) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that can say ``on_conflict_do_nothing``, which SQLAlchemy spells per database."""
    postgres = session.get_bind().dialect.name == "postgresql"
    return (postgresql.insert if postgres else sqlite.insert)(table).values(**row)


def _latest(session: Session, reference: str) -> Sms | None:
    return session.scalar(sa.select(Sms).where(Sms.reference == reference).order_by(Sms.id.desc()).limit(1))


def _supersede(session: Session, reference: str, new: int, now: dt.datetime) -> None:
    session.execute(
        sa.update(Sms)
        .where(Sms.reference == reference, Sms.id < new, Sms.status.in_([Status.QUEUED, Status.SENDING]))
        .values(status=Status.SUPERSEDED, changed_at=now)
        .execution_options(synchronize_session=False)
    )
