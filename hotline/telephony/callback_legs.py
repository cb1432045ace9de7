"""The webhooks of a call-back: the agent's telephone rings first, and when she accepts, the citizen's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request
from twilio.twiml.voice_response import Dial, VoiceResponse

from hotline.telephony import callbacks
from hotline.telephony.exchange import Exchange, exchange
from hotline.telephony.signature import signed
from hotline.telephony.tables import AttemptRow, CallbackRow
from hotline.telephony.transfer import ask_to_accept
from hotline.telephony.voice import xml

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

callback_legs = Blueprint("callback_legs", __name__, url_prefix="/voice/callback")

RING_SECONDS = 40
"""How long the citizen's telephone rings: somebody old may need it."""

RESULTS = {"completed": "talked", "answered": "talked", "busy": "busy", "no-answer": "no_answer"}
"""``DialCallStatus`` → result of an attempt; everything else has failed."""


@callback_legs.post("/<int:number>")
@signed
def agent_answers(number: int) -> ResponseReturnValue:
    """Tell the agent whom she is about to call."""
    one = exchange()
    row = _callback(one, number)
    if row is None:
        return _hang_up()
    text = one.prompts.render("whisper_callback", {"summary": row.summary}).text
    return xml(ask_to_accept(one, text, f"/voice/callback/{number}/accept"))


@callback_legs.post("/<int:number>/accept")
@signed
def accept(number: int) -> ResponseReturnValue:
    """Call the citizen."""
    one = exchange()
    row = _callback(one, number)
    if row is None or request.form.get("Digits") != "1":
        return _hang_up()
    with one.calls.database.writing() as session:
        attempt = session.get(AttemptRow, number)
        if attempt is None or attempt.ended_at is not None:
            return _hang_up()
        attempt.result = "calling"
    response = VoiceResponse()
    dial = Dial(
        action=f"{one.settings.public_url}/voice/callback/{number}/over",
        timeout=RING_SECONDS,
        caller_id=one.settings.twilio_phone_number or None,
    )
    dial.number(row.phone)
    response.append(dial)
    return xml(response)


@callback_legs.post("/<int:number>/over")
@signed
def over(number: int) -> ResponseReturnValue:
    """Note what became of the call to the citizen."""
    one = exchange()
    result = RESULTS.get(request.form.get("DialCallStatus", ""), "failed")
    with one.calls.database.writing() as session:
        callbacks.end_attempt(session, number, result, one.clock())
    return _hang_up()


@callback_legs.post("/<int:number>/status")
@signed
def status(number: int) -> ResponseReturnValue:
    """The agent's leg is over; if nothing was noted so far, she did not answer, or hung up in between."""
    one = exchange()
    with one.calls.database.writing() as session:
        attempt = session.get(AttemptRow, number)
        if attempt is not None:
            result = "agent_absent" if attempt.result == "ringing" else "no_answer"
            callbacks.end_attempt(session, number, result, one.clock())
    return "", 204


def _callback(one: Exchange, number: int) -> CallbackRow | None:
    with one.calls.database.reading() as session:
        attempt = session.get(AttemptRow, number)
        if attempt is None or attempt.ended_at is not None:
            return None
        return session.get(CallbackRow, attempt.callback)


def _hang_up() -> ResponseReturnValue:
    response = VoiceResponse()
    response.hangup()
    return xml(response)
