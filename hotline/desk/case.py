"""What an agent sees of a call: read from its log, so that she never asks what was said already."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter

from hotline.desk import words
from hotline.dialog import phrasing
from hotline.dialog.effects import Held
from hotline.dialog.log import AgentDid, Keys, Speech, Transferred
from hotline.messages import written
from hotline.terms import BERLIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hotline.booking import Catalogue
    from hotline.dialog.conversation import Conversation
    from hotline.dialog.log import Turn
    from hotline.dialog.scripts import CallScripts
    from hotline.dialog.scripts.case import Case

HELD: TypeAdapter[Held | None] = TypeAdapter(Held | None)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation as the desk shows it."""

    who: str
    """``hotline``, ``caller`` or ``agent``."""
    at: dt.datetime
    text: str
    heard: str = ""
    """The words as they were recognised, where they are kept."""
    sure: str = ""
    """How sure the hotline was of what it understood."""


def facts(conversation: Conversation) -> Case | None:
    """Return what the call is about, as its scripts know it."""
    scripts = conversation.scripts
    return cast("CallScripts", scripts).case if scripts else None


def hold_key(conversation: Conversation) -> str | None:
    """Return the key under which a slot is held for the caller now, by the assistant or by an agent."""
    case = facts(conversation)
    key = case.held.hold if case and case.held and not case.appointment else None
    for turn in conversation.turns:
        match turn.event:
            case AgentDid(action="held", details={"hold": str(held)}):
                key = held
            case AgentDid(action="booked" | "moved"):
                key = None
            case _:
                # What the assistant held after an agent was there counts again.
                newer = [_held(entry.value) for entry in turn.entries if entry.name == "HoldEarliest"]
                key = newer[-1] if newer else key
    return key


def offers(conversation: Conversation) -> list[str]:
    """Return the slots that were offered to the caller, in order."""
    found: list[str] = []
    for turn in conversation.turns:
        for entry in turn.entries:
            if entry.kind == "result" and entry.name == "HoldEarliest":
                held = HELD.validate_python(entry.value)
                if held is not None:
                    found.append(f"{words.when(held.offer.starts_at)}, {held.offer.site_name}")
    return list(dict.fromkeys(found))


def lines(conversation: Conversation, city: Catalogue, names: Mapping[str, str]) -> list[Line]:
    """Return the conversation, line by line."""
    found: list[Line] = []
    for turn in conversation.turns:
        found += _heard(turn, conversation, city)
        if isinstance(turn.event, AgentDid):
            found.append(_agent(turn, turn.event, names))
        text = " ".join(utterance.text for utterance in turn.said)
        if text:
            found.append(Line("hotline", turn.at, text))
    return found


def _heard(turn: Turn, conversation: Conversation, city: Catalogue) -> Iterable[Line]:
    event = turn.event
    if not isinstance(event, Speech | Keys):
        if isinstance(event, Transferred) or event.kind not in words.QUESTIONS:
            return
        yield Line("caller", turn.at, words.QUESTIONS[event.kind])
        return
    heard = f"Tasten {event.keys}" if isinstance(event, Keys) else " ".join(word.text for word in event.words)
    meaning = "nicht verstanden"
    if turn.meaning is not None:
        grammar = conversation.understanding.grammars.questions.get(turn.question or "")
        always = conversation.understanding.grammars.always.labels
        labels = words.INTENTS | always | (grammar.labels if grammar else {})
        meaning = phrasing.label(turn.meaning, city, labels, turn.at.astimezone(BERLIN).date())
    sure = words.DECISIONS.get(str(turn.decision), "")
    if turn.confidence is not None and isinstance(event, Speech):
        sure += f", {turn.confidence:.0%}".replace("%", "\N{NO-BREAK SPACE}%")
    yield Line("caller", turn.at, meaning, heard, sure)


def _agent(turn: Turn, did: AgentDid, names: Mapping[str, str]) -> Line:
    name = names.get(did.agent, did.agent)
    text = f"{name} {words.ACTIONS.get(did.action, did.action)}"
    more = did.details.get("text")
    return Line("agent", turn.at, f"{text}: {more}" if more else text)


def known(case: Case | None, city: Catalogue, number: str | None) -> list[tuple[str, str]]:
    """Return what is known so far, as pairs of a term and what is known of it."""
    found = [("Telefon", written(number) if number else "unterdrückt")]
    if case is None:
        return found
    if case.service:
        found.append(("Anliegen", case.service.name))
    if text := words.wishes(case.wishes, city):
        found.append(("Wünsche", text))
    if case.phone and case.phone != number:
        found.append(("SMS an", written(case.phone)))
    if case.appointment:
        offer = case.appointment.offer
        found.append(
            (
                "Termin",
                f"{words.when(offer.starts_at)}, {offer.site_name}, Nr. "
                f"{words.reference(case.appointment.reference)}",
            )
        )
    return found


def _held(value: Any) -> str | None:
    held = HELD.validate_python(value)
    return held.hold if held else None
