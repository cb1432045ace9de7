"""What is answered to an SMS that comes in: it is looked at for one wish only, to cancel an appointment."""

from __future__ import annotations

import datetime as dt
import logging
import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hotline.booking.references import LENGTH
from hotline.messages.numbers import masked
from hotline.messages.outbox import insert_once
from hotline.messages.tables import Kind, Sms, SmsReply

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from hotline.messages.texts import Writer
    from hotline.storage import Database

HANDLED_BY_TWILIO = frozenset(
    (
        *("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"),
        *("start", "yes", "unstop"),
        *("help", "info"),
    )
)
"""Single words that Twilio answers itself, and then bars or admits our SMS to that number.
Source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out"""

DAILY_LIMIT = 10
"""Answers to one number within 24 hours, so that two machines do not thank each other for ever."""

log = logging.getLogger(__name__)


class Replies:
    """Answers SMS.

    :param cancel: cancels the appointment with a reference (digits) if it was booked with this number
        (E.164); returns whether it is cancelled now. Where it queues an SMS that says so, that is the answer.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        cancel: Callable[[str, str], bool],
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._database = database
        self._writer = writer
        self._cancel = cancel
        self._clock = clock
        self._words = frozenset(word.casefold() for word in writer.texts.cancel_words)

    def answer(self, sid: str, phone: str, text: str) -> str | None:
        """Return the answer to an SMS, None for none; the same one when the same ``sid`` comes again."""
        words = _words(text)
        if len(words) == 1 and words[0] in HANDLED_BY_TWILIO:
            return None
        now = self._clock()
        with self._database.reading() as session:
            before = session.get(SmsReply, sid)
            if before is not None:
                return before.answer
            if _answered_today(session, phone, now) >= DAILY_LIMIT:
                log.warning("no answer to the SMS from %s: over %d in 24 hours", masked(phone), DAILY_LIMIT)
                return None
        answer = self._consider(phone, text)
        with self._database.writing() as session:
            session.execute(
                insert_once(
                    session, SmsReply, sid=sid, phone=phone, answer=answer, answered_at=now
                ).on_conflict_do_nothing(index_elements=["sid"])
            )
        return answer

    def _consider(self, phone: str, text: str) -> str | None:
        says = self._writer.texts.replies
        if self._words.isdisjoint(_words(text)):
            return self._writer.reply(says.other)
        reference = _reference(text)
        if not reference:
            return self._writer.reply(says.reference_missing)
        try:
            cancelled = self._cancel(reference, phone)
        except Exception:
            log.exception("could not cancel as the SMS from %s asked", masked(phone))
            return self._writer.reply(says.other)
        if not cancelled:
            return self._writer.reply(says.not_found, reference)
        with self._database.reading() as session:
            queued = sa.select(Sms.id).where(Sms.reference == reference, Sms.kind == Kind.CANCELLATION)
            if session.scalar(queued) is not None:
                return None
        return self._writer.reply(says.cancelled, reference)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())


def _reference(text: str) -> str:
    """Return the digits of the first number as long as a reference, however grouped; or else all digits."""
    run = re.search(rf"(?<![0-9])[0-9](?:[\s./-]?[0-9]){{{LENGTH - 1}}}(?![0-9])", text)
    return "".join(re.findall(r"[0-9]", run[0] if run else text))


def _answered_today(session: Session, phone: str, now: dt.datetime) -> int:
    counted = sa.select(sa.func.count()).where(
        SmsReply.phone == phone, SmsReply.answered_at > now - dt.timedelta(days=1)
    )
    return session.scalar(counted) or 0
