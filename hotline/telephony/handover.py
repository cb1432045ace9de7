"""Handing a call to a human: into the desk's queue, or to the one number that is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from twilio.twiml.voice_response import Dial, VoiceResponse

from hotline.dialog.steps import HandOff

if TYPE_CHECKING:
    from hotline.dialog.conversation import Conversation
    from hotline.dialog.scripts import CallScripts
    from hotline.telephony.exchange import Exchange

RING_SECONDS = 25
"""How long an agent's telephone rings; the caller hears it."""

QUEUE = "hotline"
"""Twilio's name for the queue. Its order does not matter: see :mod:`hotline.telephony.waiting`."""


def hand_over(response: VoiceResponse, one: Exchange, sid: str, conversation: Conversation) -> None:
    """Add to ``response`` what connects a call with a human, or goes on if there is none."""
    turn = conversation.handed_off
    base = one.settings.public_url
    step = conversation.step
    if turn is None or not isinstance(step, HandOff):
        return
    if one.desk_open():
        case = cast("CallScripts", conversation.scripts).case
        one.waiting.join(
            sid,
            turn,
            reason=step.reason,
            summary=step.whisper,
            service=case.service.name if case.service else None,
            hold=case.held.hold if case.held else None,
        )
        enqueue(response, one, turn)
    elif one.agents.there(one.clock()):
        dial = Dial(
            action=f"{base}/voice/transferred/{turn}",
            timeout=RING_SECONDS,
            caller_id=one.settings.twilio_phone_number or None,
        )
        dial.number(one.agents.number, url=f"{base}/voice/whisper/{quote(sid)}")
        response.append(dial)
    else:
        # The last agent has left since the caller was told that there is one.
        response.redirect(f"{base}/voice/transferred/{turn}", method="POST")


def enqueue(response: VoiceResponse, one: Exchange, turn: int) -> None:
    """Keep the line open for a call that waits. https://www.twilio.com/docs/voice/twiml/enqueue"""
    base = f"{one.settings.public_url}/voice/desk"
    response.enqueue(
        QUEUE, action=f"{base}/left/{turn}", method="POST", wait_url=f"{base}/wait", wait_url_method="POST"
    )
