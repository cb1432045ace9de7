"""Connects the dialog with the world: performs its effects, and names the city's things to it.

The dialog imports neither calendar nor messages; this is where the cables are plugged in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.booking import Calendar, Catalogue, TooManyGuesses
from hotline.dialog import effects
from hotline.dialog.conversation import Conversation
from hotline.dialog.grammar import Grammars
from hotline.dialog.log import TURN, AgentDid, Turn
from hotline.dialog.prompts import Prompts
from hotline.dialog.scripts import CallScripts
from hotline.dialog.steps import Ask, Effect
from hotline.dialog.understanding import Understanding
from hotline.messages import Allowed, Kind, Outbox, allowed_mobile, normalise
from hotline.settings import Settings
from hotline.storage import Database
from hotline.telephony.agents import Agents
from hotline.telephony.callbacks import note_callback
from hotline.telephony.tables import CallRow, TurnRow
from hotline.terms import Appointment


@dataclass
class Switchboard:
    """Performs the effects of all calls of one process."""

    settings: Settings
    database: Database
    calendar: Calendar
    outbox: Outbox
    grammars: Grammars
    prompts: Prompts
    agents: Agents
    clock: Callable[[], dt.datetime]
    at_desk: Callable[[dt.datetime], int] = lambda _: 0
    _understanding: tuple[Catalogue, Understanding] | None = None

    def converse(self, turns: list[Turn]) -> Conversation:
        """Return a conversation from its log so far."""
        city = self.calendar.catalogue
        return Conversation(CallScripts, self._understanding_of(city), self.prompts, city, turns)

    def all_phrases(self) -> tuple[str, ...]:
        """Return every phrase of every question, for checking a model's vocabulary."""
        understanding = self._understanding_of(self.calendar.catalogue)
        asks = (Ask(question) for question in self.grammars.questions)
        return tuple(dict.fromkeys(phrase for ask in asks for phrase in understanding.phrases(ask)))

    def release(self, sid: str) -> None:
        """Give back what a call still holds."""
        self.calendar.release_all(f"{sid}/")

    def perform(self, sid: str, effect: Effect[Any], turn: str) -> Any:
        """Perform an effect of a call. ``turn`` makes it idempotent.

        :raises TypeError: for an effect that nobody has plugged in.
        """
        key = f"{sid}/{turn}"
        match effect:
            case effects.HoldEarliest():
                return self._hold(effect, key)
            case effects.Relax():
                found = self.calendar.relaxed(effect.service, effect.wishes)
                return effects.Relaxed(found[0].wishes, found[0].offer) if found else None
            case effects.Release():
                return self.calendar.release(effect.hold)
            case effects.Book():
                return self.calendar.book(
                    hold=effect.held.hold, key=f"book:{key}", phone=effect.phone, within=self.outbox.queue
                )
            case effects.Find():
                return self._find(effect.reference, sid)
            case effects.FindByDay():
                return self._find_by_day(effect.day, sid)
            case effects.Cancel():
                done = self.calendar.cancel(
                    effect.reference, key=f"cancel:{key}", within=self._queue(Kind.CANCELLATION)
                )
                return done is not None
            case effects.Move():
                return self.calendar.move(
                    effect.reference, hold=effect.held.hold, key=f"move:{key}", within=self._queue(Kind.MOVE)
                )
            case effects.CheckPhone():
                return self._check_phone(effect.digits)
            case effects.AgentsThere():
                now = self.clock()
                return self.agents.there(now) or (self.agents.on_duty(now) and self.at_desk(now) > 0)
            case effects.BookedByHuman():
                return self._booked_by_human(sid)
            case effects.NoteCallback():
                return self._note_callback(sid, key, effect)
        msg = f"nobody performs {effect.name}"
        raise TypeError(msg)

    def cancel_by_sms(self, reference: str, phone: str) -> bool:
        """Cancel the appointment with this reference if it was booked with this number."""
        try:
            found = self.calendar.find(reference, caller=phone)
        except TooManyGuesses:
            return False
        if found is None or found.phone != phone:
            return False
        done = self.calendar.cancel(
            reference, key=f"cancel:sms/{reference}", within=self._queue(Kind.CANCELLATION)
        )
        return done is not None

    def _hold(self, effect: effects.HoldEarliest, key: str) -> effects.Held | None:
        refused = [(offer.site, offer.starts_at) for offer in effect.refused]
        if effect.replacing:
            # First, since the slot that the caller has may be the earliest that suits the new wishes, too.
            self.calendar.release(effect.replacing)
        offer = self.calendar.hold_earliest(effect.service, effect.wishes, key=key, exclude=refused)
        return effects.Held(offer, key) if offer else None

    def _find(self, reference: str, sid: str) -> Appointment | None:
        try:
            return self.calendar.find(reference, caller=self._caller(sid))
        except TooManyGuesses:
            return None

    def _find_by_day(self, day: dt.date, sid: str) -> Appointment | None:
        """Look among the numbers of SMS and, as not everyone has a mobile, among calls from the same one."""
        with self.database.reading() as session:
            number = session.scalar(sa.select(CallRow.number).where(CallRow.sid == sid))
            if number is None:
                return None
            outcomes = session.scalars(sa.select(CallRow.outcome).where(CallRow.number == number)).all()
        try:
            found = self.calendar.find_by_phone(number, date=day)
        except TooManyGuesses:
            return None
        references = {outcome.get("reference") for outcome in outcomes} - {None}
        for reference in sorted(references):
            appointment = self.calendar.find(reference)
            if appointment and appointment.offer.local_start.date() == day:
                found.append(appointment)
        return min(found, key=lambda one: one.offer.starts_at, default=None)

    def _booked_by_human(self, sid: str) -> Appointment | None:
        with self.database.reading() as session:
            rows = session.scalars(
                sa.select(TurnRow.data).where(TurnRow.call_sid == sid).order_by(TurnRow.number.desc())
            )
            events = [TURN.validate_python(data).event for data in rows]
        for event in events:
            match event:
                case AgentDid(action="booked" | "moved", details={"reference": str(reference)}):
                    return self.calendar.find(reference)
                case AgentDid(action="cancelled"):
                    return None
        return None

    def _check_phone(self, digits: str) -> effects.PhoneNumber:
        number = normalise(digits)
        sms = number is not None and isinstance(
            allowed_mobile(number, self.settings.sms_country_codes), Allowed
        )
        return effects.PhoneNumber(number, sms)

    def _note_callback(self, sid: str, key: str, effect: effects.NoteCallback) -> dt.datetime:
        now = self.clock()
        with self.database.writing() as session:
            due = note_callback(session, sid, key, effect, now=now, by=self.agents.call_back_by(now))
            self.outbox.call_back(session, effect.phone, key, due)
        return due

    def _queue(self, kind: Kind) -> Callable[[Session, Appointment], None]:
        return lambda session, appointment: self.outbox.queue(session, appointment, kind)

    def _caller(self, sid: str) -> str:
        """Return whose wrong references are counted: the caller's number, or all withheld ones together."""
        with self.database.reading() as session:
            call = session.get(CallRow, sid)
            return (call and call.number) or "withheld"

    def _understanding_of(self, city: Catalogue) -> Understanding:
        """Return the understanding for a catalogue; it is made once for each."""
        if self._understanding is None or self._understanding[0] is not city:
            self._understanding = (city, Understanding(self.grammars, city))
        return self._understanding[1]
