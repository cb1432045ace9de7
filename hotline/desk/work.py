"""What an agent does for a caller: search, hold, book, move, cancel, put right, note. All lands in the log.

Every method returns a German sentence for the agent in :class:`Failed` if it cannot be done.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotline.booking.records import Hold, Records
from hotline.desk import case as cases
from hotline.desk import words
from hotline.dialog.log import AgentDid
from hotline.dialog.scripts.appointment import booked as outcome_of
from hotline.messages import Allowed, Kind, allowed_mobile, normalise
from hotline.terms import BERLIN, Appointment, Offer, Wishes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from hotline.booking import Calendar
    from hotline.dialog.conversation import Conversation
    from hotline.messages import Outbox
    from hotline.telephony.calls import Calls

OFFERS = 8
"""Offers shown at once: as many as fit on a small screen."""
LONGEST_NAME = 80
LONGEST_NOTE = 500


class Failed(Exception):  # noqa: N818
    """Something cannot be done. The text says so in German."""


@dataclass(frozen=True)
class Work:
    """An agent's tools."""

    calls: Calls
    calendar: Calendar
    records: Records
    outbox: Outbox
    countries: frozenset[int]

    def search(self, service: str, wishes: Wishes) -> list[Offer]:
        """Return the earliest offers in the whole city that fit."""
        self._check_service(service)
        return self.calendar.earliest(service, wishes, OFFERS)

    def held(self, conversation: Conversation) -> tuple[str, Hold] | None:
        """Return the slot that is kept for a caller now, and its key."""
        key = cases.hold_key(conversation)
        hold = self.records.hold(key) if key else None
        return (key, hold) if key and hold else None

    def hold(self, sid: str, agent: str, service: str, site: str, starts_at: dt.datetime) -> None:
        """Hold a slot for the caller, and give back the one that was held before."""
        conversation = self._conversation(sid)
        offer = self._offer(service, site, starts_at)
        before = self.held(conversation)
        key = f"{sid}/desk/{len(conversation.turns)}"
        if not self.calendar.hold(offer, key=key):
            raise Failed("Dieser Termin ist gerade vergeben worden. Bitte suchen Sie noch einmal.")
        hold = self.records.hold(key)
        text = f"{words.when(offer.starts_at)}, {hold.offer.site_name if hold else offer.site_name}"
        try:
            self._record(sid, agent, "held", {"hold": key, "text": text})
        except Failed:
            self.calendar.release(key)
            raise
        if before:
            self.calendar.release(before[0])

    def book(self, sid: str, agent: str, phone: str, name: str) -> Appointment:
        """Book the slot that is held for the caller, and queue the SMS."""
        number = self._number(phone)
        conversation = self._conversation(sid)
        key = cases.hold_key(conversation)
        if key is None:
            raise Failed("Es ist kein Termin vorgemerkt. Bitte suchen Sie einen aus.")
        self._may_act(sid, conversation)
        done = self.calendar.book(
            hold=key,
            key=f"book:{key}",
            phone=number,
            name=_name(name),
            within=self.outbox.queue,
        )
        if done is None:
            raise Failed("Dieser Termin ist inzwischen vergeben. Bitte suchen Sie noch einmal.")
        self._record(sid, agent, "booked", _details(done), outcome={**outcome_of(done), "by": agent})
        return done

    def move(self, sid: str, agent: str, reference: str) -> Appointment:
        """Move an appointment to the slot that is held."""
        conversation = self._conversation(sid)
        key = cases.hold_key(conversation)
        if key is None:
            raise Failed("Es ist kein neuer Termin vorgemerkt. Bitte suchen Sie einen aus.")
        self._may_act(sid, conversation)
        done = self.calendar.move(reference, hold=key, key=f"move:{key}", within=self._queue(Kind.MOVE))
        if done is None:
            raise Failed("Der Termin ließ sich nicht verschieben. Bitte suchen Sie ihn noch einmal auf.")
        self._record(
            sid, agent, "moved", _details(done), outcome={**outcome_of(done), "kind": "moved", "by": agent}
        )
        return done

    def cancel(self, sid: str, agent: str, reference: str) -> None:
        """Cancel an appointment."""
        self._may_act(sid, self._conversation(sid))
        done = self.calendar.cancel(
            reference, key=f"cancel:{sid}/desk/{reference}", within=self._queue(Kind.CANCELLATION)
        )
        if done is None:
            raise Failed("Diesen Termin gibt es nicht mehr.")
        outcome = {"kind": "cancelled", "reference": reference, "by": agent}
        self._record(sid, agent, "cancelled", _details(done), outcome=outcome)

    def correct(self, sid: str, agent: str, reference: str, phone: str, name: str, *, send: bool) -> bool:
        """Write down the right number and name; tell whether an SMS was queued."""
        number = self._number(phone)
        self._may_act(sid, self._conversation(sid))
        queued = False

        def queue(session: Session, appointment: Appointment) -> None:
            nonlocal queued
            queued = send and self.outbox.again(session, appointment)

        if self.records.correct(reference, phone=number, name=_name(name), within=queue) is None:
            raise Failed("Diesen Termin gibt es nicht mehr.")
        self._record(sid, agent, "corrected", {"reference": reference})
        if queued:
            self._record(sid, agent, "resent", {"reference": reference})
        return queued

    def resend(self, sid: str, agent: str, reference: str) -> None:
        """Queue the confirmation once more."""
        booking = self.records.of_reference(reference)
        if booking is None:
            raise Failed("Diesen Termin gibt es nicht mehr.")
        self._may_act(sid, self._conversation(sid))
        with self.calls.database.writing() as session:
            queued = self.outbox.again(session, booking.appointment)
        if not queued:
            raise Failed(
                "An diese Nummer geht keine SMS: Es muss eine Mobilnummer sein, "
                "und am Tag gehen höchstens fünf."
            )
        self._record(sid, agent, "resent", {"reference": reference})

    def note(self, sid: str, agent: str, outcome: str, text: str) -> None:
        """Note what came of the call."""
        if outcome not in words.OUTCOMES:
            raise Failed("Bitte wählen Sie ein Ergebnis aus.")
        text = " ".join(text.split())[:LONGEST_NOTE]
        label = words.OUTCOMES[outcome]
        before = self._conversation(sid).last
        kept = before.outcome if before is not None and before.outcome.get("kind") == outcome else {}
        self._record(
            sid,
            agent,
            "noted",
            {"outcome": outcome, "text": f"{label}. {text}" if text else label},
            outcome={**kept, "kind": outcome, "by": agent},
        )

    def record(self, sid: str, agent: str, action: str, details: Mapping[str, Any] | None = None) -> None:
        """Note in the call's log something that was done elsewhere."""
        self._record(sid, agent, action, dict(details or {}))

    def _record(
        self,
        sid: str,
        agent: str,
        action: str,
        details: dict[str, Any],
        outcome: dict[str, Any] | None = None,
    ) -> None:
        try:
            if self.calls.record(sid, AgentDid(agent, action, details, outcome)):
                return
        except KeyError as error:
            raise Failed("Diesen Anruf gibt es nicht.") from error
        raise Failed(_ASSISTANT)

    def _conversation(self, sid: str) -> Conversation:
        conversation = self.calls.conversation(sid)
        if conversation.last is None:
            raise Failed("Diesen Anruf gibt es nicht.")
        return conversation

    def _may_act(self, sid: str, conversation: Conversation) -> None:
        """Refuse while the assistant speaks with the caller: two would book at once."""
        if conversation.last is not None and conversation.last.then == "listen" and not self.calls.ended(sid):
            raise Failed(_ASSISTANT)

    def _offer(self, service: str, site: str, starts_at: dt.datetime) -> Offer:
        city = self.calendar.catalogue
        self._check_service(service)
        cells = city.offerings.get(service, {}).get(site)
        if cells is None:
            raise Failed("Dieses Anliegen gibt es an diesem Standort nicht.")
        where = city.site(site)
        return Offer(
            service,
            site,
            starts_at.astimezone(dt.UTC),
            cells * 5,
            where.name,
            where.address,
            where.district,
            where.step_free,
        )

    def _check_service(self, service: str) -> None:
        try:
            self.calendar.catalogue.service(service)
        except LookupError as error:
            raise Failed("Bitte wählen Sie ein Anliegen aus.") from error

    def _number(self, text: str) -> str | None:
        if not text.strip():
            return None
        number = normalise(text)
        if number is None:
            raise Failed("Diese Telefonnummer gibt es so nicht. Bitte prüfen Sie die Ziffern.")
        return number

    def gets_sms(self, number: str | None) -> bool:
        """Tell whether an SMS may go to a number."""
        return number is not None and isinstance(allowed_mobile(number, self.countries), Allowed)

    def _queue(self, kind: Kind) -> Any:
        return lambda session, appointment: self.outbox.queue(session, appointment, kind)


_ASSISTANT = "Gerade spricht der Assistent mit der Person. Warten Sie, bis der Anruf wieder bei Ihnen ist."


def parse_wishes(form: Mapping[str, str]) -> Wishes:
    """Read wishes from a form.

    :raises Failed: if a date or time is none.
    """
    try:
        first = form.get("first_date") and dt.date.fromisoformat(form["first_date"])
        last = form.get("last_date") and dt.date.fromisoformat(form["last_date"])
        early = form.get("first_time") and dt.time.fromisoformat(form["first_time"])
        late = form.get("last_time") and dt.time.fromisoformat(form["last_time"])
    except ValueError as error:
        raise Failed("Ein Datum oder eine Uhrzeit ist nicht lesbar.") from error
    kind, _, place = form.get("place", "").partition(":")
    weekday = form.get("weekday", "")
    return Wishes(
        sites=(place,) if kind == "site" else (),
        districts=(place,) if kind == "district" else (),
        weekdays=(int(weekday),) if weekday in set("0123456") else (),
        first_date=first or None,
        last_date=last or None,
        first_time=early or None,
        last_time=late or None,
        step_free=bool(form.get("step_free")),
    )


def _name(text: str) -> str | None:
    return " ".join(text.split())[:LONGEST_NAME] or None


def _details(done: Appointment) -> dict[str, Any]:
    start = done.offer.starts_at.astimezone(BERLIN)
    return {
        "reference": done.reference,
        "starts_at": start.isoformat(),
        "site": done.offer.site,
        "text": f"{words.when(start)}, {done.offer.site_name}, Nr. {words.reference(done.reference)}",
    }
