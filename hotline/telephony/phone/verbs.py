"""The verbs that one party needs nobody else for. Each function bears its verb's rules and its page.

All pages are below https://www.twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import soundfile

from hotline.speech.audio import TELEPHONE_RATE, encode_mulaw, resample, to_samples
from hotline.telephony.phone import tones
from hotline.telephony.phone.leg import HungUp, Jump, Left
from hotline.telephony.phone.stream import SILENCE
from hotline.telephony.phone.twiml import WRONG_CONTENT_TYPE
from hotline.telephony.phone.wire import WebhookFailed

if TYPE_CHECKING:
    from hotline.telephony.phone.leg import Audio, Leg
    from hotline.telephony.phone.twiml import Verb

MOST_LOOPS: Final = 1000
"""``loop="0"`` repeats until the call ends; Twilio stops after 1000 (/say, /play)."""
_TICKS_PER_SECOND = 50


def say(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Say>`` reads text; ``loop`` times (/say)."""
    audio = yield from leg.meanwhile(lambda: leg.around.voice(verb.text))
    for _ in range(_loops(verb)):
        leg.note("say", text=verb.text)
        yield from leg.listen_to(audio)
    return None


def play(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Play>`` plays a file, or key tones where ``digits`` is set (/play)."""
    if verb.get("digits"):
        leg.note("play", digits=verb.get("digits"))
        yield from leg.listen_to(tones.keys(verb.get("digits")))
        return None
    url = urljoin(leg.url, verb.text)
    try:
        audio = yield from leg.meanwhile(lambda: _fetch(leg, url))
    except WebhookFailed as failed:
        leg.problem(failed.code, str(failed))
        return None
    except soundfile.SoundFileError as error:
        leg.problem(WRONG_CONTENT_TYPE, f"{url}: {error}")
        return None
    for _ in range(_loops(verb)):
        leg.note("play", url=url)
        yield from leg.listen_to(audio)
    return None


def pause(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Pause>`` waits ``length`` seconds, one by default (/pause)."""
    yield from leg.wait(verb.number("length", 1))
    return None


def redirect(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Redirect>`` hands the call to another document; what follows is never reached (/redirect)."""
    yield from ()
    return Jump(urljoin(leg.url, verb.text), verb.get("method", "POST"))


def hangup(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Hangup>`` ends the call (/hangup)."""
    yield from ()
    raise HungUp


def reject(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Reject>`` as the first verb declines the call: ``busy``, or ``no-answer`` by default (/reject).

    In a call that was already answered it ends the call.
    """
    if leg.status != "ringing":
        raise HungUp
    busy = verb.get("reason") == "busy"
    if busy:
        yield from leg.listen_to(tones.busy())
    raise HungUp("busy" if busy else "no-answer")


def leave(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Leave>`` takes the call out of its queue (/leave)."""
    yield from ()
    raise Left


def gather(leg: Leg, verb: Verb) -> Audio[Jump | None]:
    """``<Gather input="dtmf">`` collects keys and posts them as ``Digits`` (/gather).

    The nested verbs are played first; a key stops them at once. ``timeout`` (5 s) runs from their end, or
    from the last key. ``finishOnKey`` (``#``) or ``numDigits`` ends the input. With no digits the call goes
    on with the next verb, unless ``actionOnEmptyResult`` is set. Where ``input`` has ``speech``, what
    Twilio's own recogniser makes of the caller is :attr:`.Leg.recognised`, and posted as ``SpeechResult``.
    """
    action = urljoin(leg.url, verb.get("action")) if verb.get("action") else leg.url
    listens = "speech" in verb.get("input", "dtmf").split()
    finish = verb.get("finishOnKey", "#")
    wanted = verb.number("numDigits", 0)
    patience = verb.number("timeout", 5) * _TICKS_PER_SECOND
    digits = finished_on = ""
    waited = 0
    prompt = _prompt(leg, verb)
    frame: bytes | None = next(prompt, None)
    while waited < patience:
        mic = yield (SILENCE if frame is None else frame)
        if listens and leg.recognised:
            prompt.close()
            told = {"SpeechResult": leg.recognised, "Confidence": "0.9"}
            leg.recognised = ""
            return Jump(action, verb.get("method", "POST"), told)
        if leg.key is not None:
            prompt.close()
            frame, waited = None, 0
            if finish and leg.key in finish:
                finished_on = leg.key
                break
            digits += leg.key
            if wanted and len(digits) >= wanted:
                break
        elif frame is not None:
            try:
                frame = prompt.send(mic)
            except StopIteration:
                frame = None
        else:
            waited += 1
    prompt.close()
    if digits or verb.get("actionOnEmptyResult") == "true":
        # Twilio sends FinishedOnKey without documenting it.
        told = {"Digits": digits, "FinishedOnKey": finished_on}
        return Jump(action, verb.get("method", "POST"), told)
    return None


def _prompt(leg: Leg, verb: Verb) -> Audio[None]:
    yield from leg.carry_out(verb.children)


def _loops(verb: Verb) -> int:
    loops = verb.number("loop", 1)
    return loops or MOST_LOOPS


def _fetch(leg: Leg, url: str) -> bytes:
    """Fetch a recording (WAV and what else libsndfile reads) as 8 kHz mu-law."""
    answer = leg.around.wire.request(url, {}, "GET")
    with io.BytesIO(answer.body) as file:
        channels, rate = soundfile.read(file, dtype="int16", always_2d=True)
    return encode_mulaw(resample(to_samples(channels.mean(axis=1)), rate, TELEPHONE_RATE))
