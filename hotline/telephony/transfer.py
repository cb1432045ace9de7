"""The webhooks of a transfer: waiting, ringing an agent, whispering, talking, and coming back.

A caller waits in ``<Enqueue>`` with our own TwiML. When an agent takes the call, Twilio's REST API redirects
it out of the queue to :func:`ring`, which dials the agent; she hears a whisper and accepts with a key, so
that no mailbox ever gets a caller. Where a call stands is in the database alone
(:mod:`hotline.telephony.waiting`), and every webhook answers by that, whichever way Twilio came.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, request
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from hotline.dialog.german.numbers import spell_ordinal
from hotline.dialog.log import AgentDid, Transferred
from hotline.telephony.exchange import Exchange, exchange
from hotline.telephony.handover import RING_SECONDS, enqueue
from hotline.telephony.signature import signed
from hotline.telephony.voice import go_on_with, xml
from hotline.telephony.waiting import minutes_in_words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from hotline.dialog.steps import HandOffOutcome
    from hotline.telephony.tables import WaitingRow

transfer = Blueprint("transfer", __name__, url_prefix="/voice/desk")

CALM_SECONDS = 20
"""Quiet between two announcements to a caller who waits."""
ACCEPT_SECONDS = 8
"""How long an agent who has picked up may take to accept."""
TAKEN_SECONDS = 5
"""A call that has just been taken is about to be redirected; until then it pauses."""
TAKEN = dt.timedelta(seconds=20)
"""By then it has been, or the process that was to do it is gone."""

CLIENT = "client:"
"""Begins the address of one of Twilio's browser clients.
https://www.twilio.com/docs/voice/twiml/client"""

CALL_BACK_KEY, BACK_KEY = "1", "#"
OUTCOMES: frozenset[HandOffOutcome] = frozenset(
    {"talked", "unanswered", "call_back", "returned", "finished", "key_number"}
)


@transfer.post("/wait")
@signed
def wait() -> ResponseReturnValue:
    """Say how long it takes, and listen for a key; Twilio asks again whenever this has been played."""
    one = exchange()
    sid = request.form.get("CallSid", "")
    row = one.waiting.get(sid)
    response = VoiceResponse()
    if row is not None and row.state in {"ringing", "talking"}:
        if row.state == "ringing" and row.taken_at and one.clock() - row.taken_at > TAKEN:
            # Whoever took it could not redirect it any more, so it still waits.
            one.waiting.put_back(sid)
        response.pause(length=TAKEN_SECONDS)
        return xml(response)
    wish = _wish() if row is not None and row.state == "waiting" else "unanswered"
    if wish is None and not one.desk_open():
        wish = "unanswered"
    if wish is not None:
        one.waiting.wish(sid, wish)
        response.leave()
        return xml(response)
    assert row is not None  # noqa: S101
    if row.hold:
        one.extend(row.hold)
    speech = {
        "input": "dtmf speech",
        "language": one.language,
        "hints": "Rückruf, zurück",
        "speech_timeout": 1,
    }
    gather = Gather(
        action=f"{one.settings.public_url}/voice/desk/wait",
        method="POST",
        timeout=CALM_SECONDS,
        num_digits=1,
        finish_on_key="",
        **(speech if one.settings.queue_speech else {"input": "dtmf"}),
    )
    for text in _how_things_stand(one, row):
        gather.say(text, language=one.language)
    response.append(gather)
    return xml(response)


def _wish() -> HandOffOutcome | None:
    """Return what the caller has keyed, or said where Twilio listens."""
    said = request.form.get("SpeechResult", "").lower()
    key = request.form.get("Digits", "")
    if key == CALL_BACK_KEY or "rückruf" in said:
        return "call_back"
    if key == BACK_KEY or "zurück" in said:
        return "returned"
    return None


def _how_things_stand(one: Exchange, row: WaitingRow) -> list[str]:
    place = one.waiting.place(row.call_sid)
    told = one.waiting.tell(row.call_sid)
    values = {
        "position": spell_ordinal(min(place.number, 99), "er"),
        "expected": minutes_in_words(place.expected),
    }
    long = one.clock() - row.since + place.expected >= one.settings.longest_wait
    names = ["waiting" if told == 0 else "waiting_still"]
    names += ["waiting_long"] if long else []
    # After the first time the keys are named every third time, so that it stays calm.
    names += ["waiting_keys"] if long or told % 3 == 0 else []
    return [one.prompts.render(name, values).text for name in names]


@transfer.post("/left/<int:turn>")
@signed
def left(turn: int) -> ResponseReturnValue:
    """Go on after the queue. ``redirected`` is told as well; then the call is where the database says."""
    one = exchange()
    sid = request.form.get("CallSid", "")
    result = request.form.get("QueueResult", "")
    row = one.waiting.get(sid)
    if result == "hangup":
        one.waiting.end(sid, "hung_up")
        return xml(VoiceResponse())
    if row is not None and row.state == "ringing":
        return xml(_ring(one, row))
    if result == "redirected":
        return xml(VoiceResponse())
    wished = row.wish if row is not None and result == "leave" else None
    return _over(one, sid, turn, next((one for one in OUTCOMES if one == wished), "unanswered"))


@transfer.post("/ring")
@signed
def ring() -> ResponseReturnValue:
    """Ring the agent who has taken the call."""
    one = exchange()
    row = one.waiting.get(request.form.get("CallSid", ""))
    response = VoiceResponse()
    if row is None or row.state == "over":
        response.hangup()
    elif row.state == "ringing":
        response = _ring(one, row)
    else:
        enqueue(response, one, row.turn)
    return xml(response)


def _ring(one: Exchange, row: WaitingRow) -> VoiceResponse:
    base = f"{one.settings.public_url}/voice/desk"
    response = VoiceResponse()
    response.say(one.prompts.render("put_through", {}).text, language=one.language)
    dial = Dial(
        action=f"{base}/over/{row.turn}",
        timeout=RING_SECONDS,
        answer_on_bridge=True,
        caller_id=one.settings.twilio_phone_number or None,
    )
    phone, url = one.staff.phone(row.agent or ""), f"{base}/whisper/{quote(row.call_sid)}"
    if phone.startswith(CLIENT):
        dial.client(phone.removeprefix(CLIENT), url=url)
    else:
        dial.number(phone, url=url)
    response.append(dial)
    return response


@transfer.post("/whisper/<sid>")
@signed
def whisper(sid: str) -> ResponseReturnValue:
    """Tell the agent, who has picked up, what the call is about, and ask whether she takes it."""
    one = exchange()
    row = one.waiting.get(sid)
    if row is None or row.state != "ringing":
        response = VoiceResponse()
        response.hangup()
        return xml(response)
    text = one.prompts.render("whisper", {"summary": row.summary}).text
    return xml(ask_to_accept(one, text, f"/voice/desk/accept/{quote(sid)}"))


def ask_to_accept(one: Exchange, text: str, path: str) -> VoiceResponse:
    """Say what a call is about; it is for whoever presses the one, and not for a mailbox."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        action=f"{one.settings.public_url}{path}",
        method="POST",
        timeout=ACCEPT_SECONDS,
        num_digits=1,
        finish_on_key="",
    )
    gather.say(text, language=one.language)
    response.append(gather)
    response.hangup()
    return response


@transfer.post("/accept/<sid>")
@signed
def accept(sid: str) -> ResponseReturnValue:
    """Connect the agent with the caller if she has accepted."""
    one = exchange()
    response = VoiceResponse()
    row = one.waiting.get(sid)
    if row is None or row.state not in {"ringing", "talking"} or request.form.get("Digits") != "1":
        response.hangup()
    elif one.waiting.answer(sid):
        one.calls.record(sid, AgentDid(row.agent or "", "answered"))
    return xml(response)


@transfer.post("/over/<int:turn>")
@signed
def over(turn: int) -> ResponseReturnValue:
    """Go on after the agent: she has talked, has not answered, or has handed the call back."""
    one = exchange()
    sid = request.form.get("CallSid", "")
    row = one.waiting.get(sid)
    if row is not None and row.state in {"ringing", "waiting"}:
        if one.waiting.put_back(sid):
            one.calls.record(sid, AgentDid(row.agent or "", "missed"))
        response = VoiceResponse()
        enqueue(response, one, row.turn)
        return xml(response)
    wished = row.wish if row is not None else None
    return _over(one, sid, turn, next((one for one in OUTCOMES if one == wished), "talked"))


def _over(one: Exchange, sid: str, turn: int, outcome: HandOffOutcome) -> ResponseReturnValue:
    one.waiting.end(sid, outcome)
    conversation = one.calls.conversation(sid)
    if conversation.handed_off == turn:
        one.calls.advance(sid, conversation, Transferred(outcome))
    return go_on_with(one, sid, conversation)
