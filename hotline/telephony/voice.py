"""The voice webhooks: what Twilio is told to do with a call.

Every webhook may come twice (https://www.twilio.com/docs/usage/webhooks/webhooks-faq) and changes nothing the
second time. The answer to each is TwiML; whatever happens, the caller gets a sentence and a way on.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from twilio.twiml.voice_response import Connect, Gather, VoiceResponse
from werkzeug.exceptions import HTTPException

from hotline.dialog.log import Caller, Event, Keys, Resumed, Silence, Start, Transferred, Turn
from hotline.dialog.steps import Ask, HandOff
from hotline.messages.numbers import Allowed, allowed_mobile
from hotline.telephony.exchange import Exchange, exchange
from hotline.telephony.handover import hand_over
from hotline.telephony.signature import signed

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from hotline.dialog.conversation import Conversation

log = logging.getLogger(__name__)

voice = Blueprint("voice", __name__, url_prefix="/voice")

STREAMS = 3
"""Streams that are tried for one call before it goes on by keypad."""
PRESS_SECONDS = 7
"""How long keypad mode waits for a key (design: 7 s for the first word)."""
BETWEEN_KEYS_SECONDS = 4
"""How long keypad mode waits for the next digit of several."""
OUR_ERROR = (
    "Bei uns ist leider etwas durcheinandergeraten. Bitte rufen Sie in ein paar Minuten noch einmal an."
)
"""Said when not even the prompts can be relied on, and nobody is there."""
OUR_ERROR_DIAL = "Bei uns ist leider etwas durcheinandergeraten. Ich verbinde Sie mit einem Menschen."
"""The same, when somebody is."""


@voice.errorhandler(Exception)
def _apologise(error: Exception) -> ResponseReturnValue:
    """Answer an error of ours with a human, or at least a sentence; never with silence."""
    if isinstance(error, HTTPException):
        return error  # Theirs, not ours: a form that is too large, for instance.
    log.error("webhook %s failed", request.path, exc_info=error)
    response = VoiceResponse()
    one = exchange()
    there = one.agents.there(one.clock())
    response.say(OUR_ERROR_DIAL if there else OUR_ERROR, language=one.language)
    if there:
        response.dial(one.agents.number)
    return xml(response)


@voice.post("/incoming")
@signed
def incoming() -> ResponseReturnValue:
    """Begin a call. https://www.twilio.com/docs/voice/twiml#request-parameters"""
    one = exchange()
    sid = request.form.get("CallSid", "")
    if not re.fullmatch(r"CA[0-9a-zA-Z]{1,60}", sid):
        return Response("CallSid missing or malformed\n", status=400, mimetype="text/plain")
    one.calls.begin(sid, caller_number(request.form.get("From", "")))
    if one.ear is None:
        conversation = one.calls.conversation(sid)
        if conversation.last is None:
            one.calls.advance(sid, conversation, start_event(one, sid, keypad=True))
        return xml(_keypad(conversation))
    return xml(_stream(one, sid))


@voice.post("/continue")
@signed
def go_on() -> ResponseReturnValue:
    """Decide what comes after the stream: resume it, go on by keypad, hand off, or hang up."""
    one = exchange()
    sid = request.form.get("CallSid", "")
    conversation = one.calls.conversation(sid)
    last = conversation.last
    if last is None:
        # The stream never opened, so that nobody has been greeted yet.
        one.calls.advance(sid, conversation, start_event(one, sid, keypad=True))
        return xml(_keypad(conversation))
    if last.then != "listen" or conversation.keypad:
        return xml(_follow(one, sid, conversation, spoken=not conversation.keypad))
    streams = one.calls.streams(sid)
    if one.ear is None or streams >= STREAMS or request.args.get("full"):
        return _to_keypad(one, sid, conversation)
    if request.args.get("stream", type=int) == streams:
        # The stream that was asked for did not open at all.
        return _to_keypad(one, sid, conversation)
    log.warning("call %s: stream %d broke; resuming", sid, streams)
    return xml(_stream(one, sid))


def _to_keypad(one: Exchange, sid: str, conversation: Conversation) -> ResponseReturnValue:
    log.warning("call %s goes on by keypad", sid)
    one.calls.advance(sid, conversation, Resumed(keypad=True))
    return xml(_keypad(conversation))


@voice.post("/keypad")
@signed
def keypad() -> ResponseReturnValue:
    """Take in what was keyed in keypad mode, or that nothing was."""
    one = exchange()
    sid = request.form.get("CallSid", "")
    conversation = one.calls.conversation(sid)
    last = conversation.last
    if last and last.then == "listen" and request.args.get("turn", type=int) == last.number:
        digits = "".join(key for key in request.form.get("Digits", "") if key in "0123456789*#")[:32]
        if not digits and request.form.get("FinishedOnKey") == "#":
            digits = "#"
        event: Event = Keys(digits) if digits else Silence()
        one.calls.advance(sid, conversation, event)
    return xml(_follow(one, sid, conversation, spoken=False))


@voice.post("/transferred/<int:turn>")
@signed
def transferred(turn: int) -> ResponseReturnValue:
    """Go on after the transfer: the human has talked, or nobody answered."""
    one = exchange()
    sid = request.form.get("CallSid", "")
    conversation = one.calls.conversation(sid)
    if conversation.handed_off == turn:
        # An agent who hangs up in the whisper "completed" the dialled call without having talked.
        talked = request.form.get("DialCallStatus") in {"completed", "answered"} and (
            request.form.get("DialBridged", "true") == "true"
        )
        one.calls.advance(sid, conversation, Transferred("talked" if talked else "unanswered"))
    return go_on_with(one, sid, conversation)


def go_on_with(one: Exchange, sid: str, conversation: Conversation) -> ResponseReturnValue:
    """Say the last turn and go on with the dialog, by voice where that is possible."""
    last = conversation.last
    if last and last.then == "listen" and not conversation.keypad and one.ear is not None:
        return xml(_stream(one, sid))
    return xml(_follow(one, sid, conversation, spoken=False))


@voice.post("/whisper/<sid>")
@signed
def whisper(sid: str) -> ResponseReturnValue:
    """Tell the agent, who has just picked up, what the call is about."""
    one = exchange()
    response = VoiceResponse()
    step = one.calls.conversation(sid).step
    summary = step.whisper if isinstance(step, HandOff) else ""
    response.say(f"Anruf von der Terminhotline. {summary}", language=one.language)
    return xml(response)


@voice.post("/status")
@signed
def status() -> ResponseReturnValue:
    """Close the log of a call that has ended. https://www.twilio.com/docs/voice/twiml#callstatus-values"""
    ended = {"completed", "busy", "failed", "no-answer", "canceled"}
    if request.form.get("CallStatus") in ended:
        exchange().end(request.form.get("CallSid", ""))
    return "", 204


def caller_number(sent: str) -> str | None:
    """Return the caller's number if it is one: a withheld one is sent as a word or as a made-up number.

    https://www.twilio.com/docs/voice/api/call-resource and help-centre notes on "anonymous": ``anonymous``,
    ``+266696687`` (which spells ANONYMOUS), ``+7378742833`` (RESTRICTED), ``+86282452253`` (UNAVAILABLE).
    """
    if sent in {"+266696687", "+7378742833", "+86282452253", "+2562533", "+8656696"}:
        return None
    return sent if re.fullmatch(r"\+[1-9]\d{5,14}", sent) else None


def start_event(one: Exchange, sid: str, *, keypad: bool) -> Start:
    """Return the event with which a call begins."""
    number = one.calls.number(sid)
    mobile = number is not None and isinstance(
        allowed_mobile(number, one.settings.sms_country_codes), Allowed
    )
    return Start(Caller(number, mobile), keypad)


def _stream(one: Exchange, sid: str) -> VoiceResponse:
    """Connect the call to a media stream; what comes after it is asked for at ``/voice/continue``."""
    response = VoiceResponse()
    number = one.calls.streams(sid)
    connect = Connect()
    stream = connect.stream(url=one.settings.stream_url)
    stream.parameter(name="token", value=one.token(sid, number))
    response.append(connect)
    response.redirect(f"{one.settings.public_url}/voice/continue?stream={number}", method="POST")
    return response


def _follow(one: Exchange, sid: str, conversation: Conversation, *, spoken: bool) -> VoiceResponse:
    """Do what the last turn wants: listen to keys, hand off, or hang up. ``spoken``: it was heard already."""
    last = conversation.last
    if last is None:
        raise KeyError(sid)  # Nothing is known of this call, which is an error of ours.
    if last is not None and last.then == "listen":
        return _keypad(conversation)
    response = VoiceResponse()
    if last is not None and not spoken:
        _say(response, last)
    if last is not None and last.then == "hand_off":
        hand_over(response, one, sid, conversation)
    else:
        response.hangup()
    return response


def _keypad(conversation: Conversation) -> VoiceResponse:
    """Say the last turn and gather keys: one, or several where digits are asked for."""
    last = conversation.last
    one = exchange()
    if last is None or not isinstance(conversation.step, Ask):
        return VoiceResponse()
    digits = conversation.understanding.grammar(conversation.step).digits
    action = f"{one.settings.public_url}/voice/keypad?turn={last.number}"
    gather = Gather(
        input="dtmf",
        action=action,
        method="POST",
        action_on_empty_result=True,
        timeout=BETWEEN_KEYS_SECONDS if digits else PRESS_SECONDS,
        finish_on_key="#" if digits else "",
        num_digits=digits[1] if digits else 1,
    )
    _say(gather, last)
    response = VoiceResponse()
    response.append(gather)
    return response


def _say(verb: VoiceResponse | Gather, turn: Turn) -> None:
    language = exchange().language
    for utterance in turn.said:
        verb.say(utterance.text, language=language)


def xml(response: VoiceResponse) -> Response:
    """Return TwiML as an answer."""
    return Response(str(response), mimetype="text/xml")
