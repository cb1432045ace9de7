"""Calls and their logs: every turn is stored before the caller hears it, so any process can go on with it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline.dialog.conversation import Conversation
from hotline.dialog.log import TURN, AgentDid, Event, Speech, Turn
from hotline.dialog.steps import Effect
from hotline.storage import Database
from hotline.telephony.tables import AttemptRow, CallbackRow, CallRow, TurnRow, WaitingRow

log = logging.getLogger(__name__)

WRITERS = 5
"""How many may want to write the next turn of one call at once."""

PerformFor = Callable[[str, Effect[Any], str], Any]
"""Performs an effect of the call with the given sid; the last argument makes it idempotent."""


@dataclass(frozen=True)
class Calls:
    """All calls, in the database.

    :ivar converse: makes a conversation from the turns so far.
    :ivar perform: performs effects.
    :ivar release: gives everything back that a call still holds.
    :ivar keep_words: whether what was heard is stored word by word.
    """

    database: Database
    converse: Callable[[list[Turn]], Conversation]
    perform: PerformFor
    release: Callable[[str], None]
    clock: Callable[[], dt.datetime]
    keep_words: bool = False

    def begin(self, sid: str, number: str | None) -> None:
        """Note that a call came in; again is no harm."""
        with self.database.writing() as session:
            if session.get(CallRow, sid) is None:
                session.add(CallRow(sid=sid, number=number, began_at=self.clock(), streams=0, outcome={}))

    def number(self, sid: str) -> str | None:
        """Return the number a call came from, if it was not withheld.

        :raises KeyError: if there is no such call.
        """
        with self.database.reading() as session:
            call = session.get(CallRow, sid)
            if call is None:
                raise KeyError(sid)
            return call.number

    def ended(self, sid: str) -> bool:
        """Tell whether a call is over."""
        with self.database.reading() as session:
            return session.scalar(sa.select(CallRow.ended_at).where(CallRow.sid == sid)) is not None

    def conversation(self, sid: str) -> Conversation:
        """Return a call's conversation as its log has it."""
        with self.database.reading() as session:
            rows = session.scalars(
                sa.select(TurnRow.data).where(TurnRow.call_sid == sid).order_by(TurnRow.number)
            )
            turns = [TURN.validate_python(data) for data in rows]
        return self.converse(turns)

    def advance(self, sid: str, conversation: Conversation, event: Event) -> Turn:
        """Take in an event and store the turn.

        If another process has written this turn meanwhile (a webhook was sent twice), its turn counts.
        """
        turn = conversation.advance(event, self.clock(), lambda effect, key: self.perform(sid, effect, key))
        try:
            self._write(sid, turn)
        except IntegrityError:
            log.warning(
                "call %s: turn %d was written by another process; going on from there", sid, turn.number
            )
            theirs = self.conversation(sid)
            conversation.__dict__.update(theirs.__dict__)
            return conversation.turns[-1]
        return turn

    def record(self, sid: str, did: AgentDid) -> bool:
        """Note in a call's log what a human did; say no while the assistant has the call.

        :raises KeyError: if there is no such call, or nothing was said in it.
        """
        for _ in range(WRITERS):
            conversation = self.conversation(sid)
            with self.database.reading() as session:
                call = session.get(CallRow, sid)
            if call is None or conversation.last is None:
                raise KeyError(sid)
            if conversation.last.then == "listen" and call.ended_at is None:
                return False
            turn = conversation.advance(did, self.clock(), _nothing)
            try:
                self._write(sid, turn)
            except IntegrityError:
                continue  # Somebody else has written this turn meanwhile.
            return True
        return False

    def _write(self, sid: str, turn: Turn) -> None:
        if isinstance(turn.event, Speech) and not self.keep_words:
            turn = replace(turn, event=Speech(()))
        with self.database.writing() as session:
            session.add(
                TurnRow(
                    call_sid=sid,
                    number=turn.number,
                    at=turn.at,
                    data=TURN.dump_python(turn, mode="json"),
                    latency_ms=None,
                )
            )
            session.flush()
            session.execute(sa.update(CallRow).where(CallRow.sid == sid).values(outcome=turn.outcome))

    def open_stream(self, sid: str, stream: int) -> bool:
        """Take the permission to open a call's next stream; ``False`` if it was taken before."""
        with self.database.writing() as session:
            taken = session.execute(
                sa.update(CallRow)
                .where(CallRow.sid == sid, CallRow.streams == stream, CallRow.ended_at.is_(None))
                .values(streams=stream + 1)
            )
            return bool(taken.rowcount == 1)  # type: ignore[attr-defined]

    def streams(self, sid: str) -> int:
        """Return how many streams a call has had."""
        with self.database.reading() as session:
            return session.scalar(sa.select(CallRow.streams).where(CallRow.sid == sid)) or 0

    def note_latency(self, sid: str, number: int, milliseconds: float) -> None:
        """Add to a turn how long the caller waited for the first byte of audio."""
        with self.database.writing() as session:
            session.execute(
                sa.update(TurnRow)
                .where(TurnRow.call_sid == sid, TurnRow.number == number)
                .values(latency_ms=milliseconds)
            )

    def end(self, sid: str, *, keep_slot: bool = False) -> None:
        """Close the log and give back what the call still holds; again is no harm.

        :param keep_slot: leave the slot to an agent who is still working for the caller.
        """
        if not keep_slot:
            self.release(sid)
        with self.database.writing() as session:
            call = session.get(CallRow, sid)
            if call is None or call.ended_at is not None:
                return
            call.ended_at = self.clock()
            if not call.outcome:
                call.outcome = {"kind": "abandoned"}
            log.info("call %s ended: %s", sid, call.outcome.get("kind"))


def _nothing(effect: Effect[Any], _key: str) -> Any:
    msg = f"what a human did asks for {effect.name}"
    raise AssertionError(msg)


def purge(session: Session, before: dt.datetime) -> int:
    """Delete calls, with their turns and call-backs, that ended before ``before``; return how many.

    A call that never ended for us (its last webhook was lost) counts from its beginning.
    """
    past = sa.func.coalesce(CallRow.ended_at, CallRow.began_at) < before
    old = sa.select(CallRow.sid).where(past).scalar_subquery()
    session.execute(sa.delete(TurnRow).where(TurnRow.call_sid.in_(old)))
    session.execute(sa.delete(WaitingRow).where(WaitingRow.call_sid.in_(old)))
    promised = sa.select(CallbackRow.id).where(CallbackRow.call_sid.in_(old)).scalar_subquery()
    session.execute(sa.delete(AttemptRow).where(AttemptRow.callback.in_(promised)))
    session.execute(sa.delete(CallbackRow).where(CallbackRow.call_sid.in_(old)))
    return session.execute(sa.delete(CallRow).where(past)).rowcount  # type: ignore[attr-defined,no-any-return]
