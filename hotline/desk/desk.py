"""The desk: what its pages need, in one place, and the states of what they show."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from jinja2 import Environment, PackageLoader, StrictUndefined

from hotline.desk import case as cases
from hotline.desk import words
from hotline.desk.live import Hub, fingerprint
from hotline.messages import written
from hotline.telephony import callbacks
from hotline.telephony.tables import AttemptRow, CallbackRow, CallRow, TurnRow, WaitingRow
from hotline.telephony.waiting import active
from hotline.terms import BERLIN

if TYPE_CHECKING:
    from hotline.booking import Catalogue
    from hotline.desk.accounts import Accounts
    from hotline.desk.work import Work
    from hotline.telephony.exchange import Exchange

CALL = "call:"
REMEMBERED = 1000
"""Rendered states that a process keeps at most."""


@dataclass
class Desk:
    """The desk of one process."""

    one: Exchange
    accounts: Accounts
    work: Work
    hub: Hub = field(init=False)
    pieces: Environment = field(init=False)
    _seen: dict[str, tuple[Any, str]] = field(default_factory=dict)
    _briefs: dict[tuple[str, int | None], list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hub = Hub(self.look, self.one.settings.desks)
        # Pieces of pages are rendered by the hub's thread too, which knows no request.
        self.pieces = Environment(
            loader=PackageLoader("hotline.desk"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self.pieces.filters |= {
            "when": words.when,
            "written": written,
            "reference": words.reference,
            "iso": dt.datetime.isoformat,
        }
        self.pieces.globals |= {"REASONS": words.REASONS, "OUTCOMES": words.OUTCOMES}

    @property
    def city(self) -> Catalogue:
        """The city as it is now."""
        return self.work.calendar.catalogue

    def look(self, topic: str) -> str:
        """Return a topic's state as JSON: pieces of the page, by the id of the element they belong to."""
        if topic.startswith(CALL):
            return self.call_state(topic.removeprefix(CALL))
        return self.queue_state()

    def queue_state(self) -> str:
        """Return who waits and how many call-backs are open."""
        now = self.one.clock()
        with self.one.calls.database.reading() as session:
            rows = active(session, now)
            open_ = session.scalar(
                sa.select(sa.func.count(CallbackRow.id)).where(CallbackRow.done_at.is_(None))
            )
            late = session.scalar(
                sa.select(sa.func.count(CallbackRow.id)).where(
                    CallbackRow.done_at.is_(None), CallbackRow.due_at < now
                )
            )
        ready = self.accounts.ready(now)
        key = (
            [(row.id, row.state, row.agent, row.missed) for row in rows],
            open_,
            late,
            ready,
            self.one.agents.on_duty(now),
        )
        return self._once("queue", key, lambda: self._queue(rows, open_ or 0, late or 0, ready))

    def _queue(self, rows: list[WaitingRow], open_: int, late: int, ready: int) -> str:
        names = self.accounts.names()
        render = self.pieces.get_template("desk/pieces/queue.html").render
        on_duty = self.one.agents.on_duty(self.one.clock())
        waiting = [row for row in rows if row.state == "waiting"]
        return json.dumps(
            {
                "pieces": _versioned(
                    {
                        "queue": render(
                            rows=rows,
                            briefs={row.id: self.brief(row.call_sid, row.turn) for row in waiting},
                            names=names,
                            ready=ready,
                            on_duty=on_duty,
                            service=self._service_level(),
                        )
                    }
                ),
                "waiting": [row.call_sid for row in waiting],
                "callbacks": open_,
                "late": late,
            }
        )

    def _service_level(self) -> str:
        """Return how many of today's calls were answered as promised; empty while there were none."""
        today = self.one.clock().astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
        level = self.one.waiting.service_level(today)
        if not level.calls:
            return ""
        share = round(100 * level.in_time / level.calls)
        return f"Heute in 30 Sekunden angenommen: {level.in_time} von {level.calls} ({share} %, Ziel 75 %)."

    def brief(self, sid: str, turn: int | None = None) -> list[tuple[str, str]]:
        """Return what is known of a call that waits since ``turn``, or is over: it no longer changes."""
        known = self._briefs.get((sid, turn))
        if known is None:
            conversation = self.one.calls.conversation(sid)
            known = cases.known(cases.facts(conversation), self.city, self.one.calls.number(sid))
            held = self.work.held(conversation)
            if held:
                offer = held[1].offer
                known.append(("Vorgemerkt", f"{words.when(offer.starts_at)}, {offer.site_name}"))
            if len(self._briefs) > REMEMBERED:
                self._briefs.clear()
            self._briefs[sid, turn] = known
        return known

    def call_state(self, sid: str) -> str:
        """Return what is known of a call, and how it stands."""
        with self.one.calls.database.reading() as session:
            last = session.scalar(sa.select(sa.func.max(TurnRow.number)).where(TurnRow.call_sid == sid))
            call = session.get(CallRow, sid)
            row = session.scalar(
                sa.select(WaitingRow)
                .where(WaitingRow.call_sid == sid)
                .order_by(WaitingRow.turn.desc())
                .limit(1)
            )
            promised = session.scalar(
                sa.select(CallbackRow)
                .where(CallbackRow.call_sid == sid)
                .order_by(CallbackRow.id.desc())
                .limit(1)
            )
            tried = callbacks.attempts(session, [promised.id]) if promised else []
        if call is None:
            return json.dumps({"pieces": {}})
        key = (
            last,
            row and (row.id, row.state, row.agent, row.missed, row.wish, row.outcome),
            promised and (promised.agent, promised.done_at),
            [(one.id, one.result, callbacks.under_way(one, self.one.clock())) for one in tried],
            call.ended_at,
        )
        return self._once(CALL + sid, key, lambda: self._call(call, row, promised, tried))

    def _call(
        self,
        call: CallRow,
        row: WaitingRow | None,
        promised: CallbackRow | None,
        tried: list[AttemptRow],
    ) -> str:
        conversation = self.one.calls.conversation(call.sid)
        case = cases.facts(conversation)
        names = self.accounts.names()
        held = self.work.held(conversation)
        mine = self.work.records.of_phone(call.number) if call.number else []
        done = next(
            (
                turn.event.details["reference"]
                for turn in reversed(conversation.turns)
                if turn.event.kind == "agent_did" and "reference" in turn.event.details
            ),
            case.appointment.reference if case and case.appointment else None,
        )
        if done and all(one.appointment.reference != done for one in mine):
            booking = self.work.records.of_reference(done)
            mine = [*mine, booking] if booking else mine
        talking = conversation.last is not None and conversation.last.then == "listen" and not call.ended_at
        shared = {
            "call": call,
            "row": row,
            "names": names,
            "promised": promised,
            "tried": [(one, words.ATTEMPTS[one.result]) for one in tried],
            "calling": next(
                (one.result for one in tried if callbacks.under_way(one, self.one.clock())), None
            ),
            "assistant": talking,
            "service_name": self.service_name,
            "phone": (case.phone if case else None) or call.number or (promised.phone if promised else ""),
            "gets_sms": self.work.gets_sms,
        }
        render: dict[str, dict[str, Any]] = {
            "status": {},
            "facts": {
                "known": cases.known(case, self.city, call.number),
                "offered": cases.offers(conversation),
                "reason": row.reason if row else promised.reason if promised else "",
            },
            "talk": {"lines": cases.lines(conversation, self.city, names)},
            "held": {"held": held, "mine": mine},
            "mine": {"mine": mine, "held": held},
        }
        pieces = {
            name: self.pieces.get_template(f"desk/pieces/{name}.html").render(**shared, **more)
            for name, more in render.items()
        }
        return json.dumps({"pieces": _versioned(pieces), "hold": held[0] if held else None})

    def service_name(self, service: str) -> str:
        """Return a service's name, also of one that is no longer offered."""
        try:
            return str(self.city.service(service).name)
        except LookupError:
            return service

    def is_held(self, sid: str) -> bool:
        """Tell whether a slot is kept for a caller."""
        return self.work.held(self.one.calls.conversation(sid)) is not None

    def keep_alive(self, sid: str, agent: str) -> None:
        """Keep the slot that is held for a caller whom this agent is working for, or was just now."""
        since = self.one.clock() - callbacks.TAKEN_FOR
        with self.one.calls.database.reading() as session:
            row = session.scalar(
                sa.select(WaitingRow)
                .where(WaitingRow.call_sid == sid)
                .order_by(WaitingRow.turn.desc())
                .limit(1)
            )
            promised = session.scalar(
                sa.select(CallbackRow.taken_at).where(
                    CallbackRow.call_sid == sid, CallbackRow.done_at.is_(None), CallbackRow.agent == agent
                )
            )
        working = row is not None and row.agent == agent and (row.over_at is None or row.over_at > since)
        if working or (promised is not None and promised > since):
            key = cases.hold_key(self.one.calls.conversation(sid))
            if key:
                self.one.extend(key)

    def _once(self, topic: str, key: Any, render: Any) -> str:
        """Render a topic only when what it shows has changed."""
        known = self._seen.get(topic)
        if known is None or known[0] != key:
            known = (key, render())
            if len(self._seen) > REMEMBERED:
                self._seen.clear()
            self._seen[topic] = known
        return known[1]


def _versioned(pieces: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"html": html, "version": fingerprint(html)} for name, html in pieces.items()}
