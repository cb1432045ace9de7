"""``<Enqueue>``: the caller waits, hearing the TwiML at ``waitUrl`` over and over.

Source: https://www.twilio.com/docs/voice/twiml/enqueue (parameters of ``waitUrl`` and ``action``,
``QueueResult``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from hotline.telephony.phone import tones, twiml
from hotline.telephony.phone.leg import HungUp, Jump, Left
from hotline.telephony.phone.wire import new_sid

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline.telephony.phone.leg import Audio, Leg

TICKS: Final = 50
"""Frames of 20 ms in a second."""


def enqueue(leg: Leg, verb: twiml.Verb) -> Audio[Jump | None]:
    """``<Enqueue>`` waits until the call leaves its queue; then comes ``action``, or the next verb.

    Within the waiting TwiML ``<Leave>`` ends the waiting (``QueueResult=leave``) and ``<Hangup>`` the call;
    a caller who hangs up is reported as ``hangup``, one who is taken elsewhere by the REST API as
    ``redirected`` (what is answered to either does not matter any more). Nobody else waits: the position is
    always one.
    """
    sid = new_sid("QU")
    waited = 0

    def told(result: str) -> dict[str, str]:
        return {"QueueResult": result, "QueueSid": sid, "QueueTime": str(waited // TICKS)}

    result = "system-error"
    waiting = _wait(leg, verb, sid, lambda: waited // TICKS)
    try:
        frame = next(waiting)
        while True:
            mic = yield frame
            waited += 1
            frame = waiting.send(mic)
    except Left:
        result = "leave"
    except StopIteration:
        result = "system-error"
    except (GeneratorExit, HungUp):
        if verb.get("action"):
            why = "redirected" if leg.redirected else "hangup"
            leg.aside(verb.get("action"), told(why), verb.get("method", "POST"))
        raise
    finally:
        waiting.close()
    if not verb.get("action"):
        return None
    return Jump(urljoin(leg.url, verb.get("action")), verb.get("method", "POST"), told(result))


def _wait(leg: Leg, verb: twiml.Verb, sid: str, seconds: Callable[[], int]) -> Audio[None]:
    """Carry out the waiting TwiML again and again; without ``waitUrl`` it rings, where Twilio has music."""
    while not verb.get("waitUrl"):
        yield from leg.listen_to(tones.ringing())
    jump: Jump | None = None
    home, url = leg.url, urljoin(leg.url, verb.get("waitUrl"))
    try:
        while True:
            jump = jump or Jump(url, verb.get("waitUrlMethod", "POST"))
            told = {
                "QueuePosition": "1",
                "QueueSid": sid,
                "QueueTime": str(seconds()),
                "AvgQueueTime": str(seconds()),
                "CurrentQueueSize": "1",
            }
            jump = yield from leg.document(Jump(jump.url, jump.method, told | dict(jump.parameters)))
            yield from leg.wait(0.02)
    finally:
        leg.url = home
