"""Being put through: whisper, connection, and every way it can fail."""

from __future__ import annotations

import pytest
from counterpart import FRAME, Hotline, run, said, voice

from hotline.telephony.phone import Callee

SPEECH = b"\x11" * FRAME
DIAL = (
    '<Dial action="/after" timeout="10" callerId="+494042828">'
    '<Number url="/whisper">+494011111</Number></Dial><Say>Nie</Say>'
)


def answers(dial: str = DIAL, whisper: str = "<Say>Frau Meyer, Ausweis</Say>") -> dict[str, str]:
    return {"/voice/incoming": dial, "/whisper": whisper, "/after": "<Say>Danke</Say>"}


def test_the_agent_hears_the_whisper_and_then_the_caller(hotline: Hotline) -> None:
    hotline.answers = answers()
    phone = hotline.phone(from_="+4940777", callees=Callee(says=b"\x55" * FRAME * 10, talks_for=2))
    phone.dial()
    run(phone, mic=SPEECH)
    [agent] = phone.dialled
    assert (agent.number, agent.caller_id, agent.status) == ("+494011111", "+494042828", "completed")
    assert agent.bridged
    assert bytes(agent.whisper) == voice("Frau Meyer, Ausweis")
    assert bytes(agent.heard) == SPEECH * 100
    assert b"\x55" * FRAME * 10 in bytes(phone.heard)
    assert b"\x20" not in bytes(phone.heard).removesuffix(voice("Danke"))
    assert said(phone) == ["Frau Meyer, Ausweis", "Danke"]


def test_the_whisper_is_asked_for_on_the_agents_leg(hotline: Hotline) -> None:
    hotline.answers = answers()
    phone = hotline.phone(from_="+4940777")
    phone.dial()
    run(phone)
    [whisper] = hotline.asked_for("/whisper")
    told = whisper.parameters
    assert whisper.signed
    assert told["CallSid"] == phone.dialled[0].sid != phone.call_sid
    assert told["ParentCallSid"] == phone.call_sid
    assert (told["From"], told["To"]) == ("+494042828", "+494011111")
    assert (told["Direction"], told["CallStatus"]) == ("outbound-dial", "in-progress")


def test_the_action_is_told_how_the_dialled_call_went(hotline: Hotline) -> None:
    hotline.answers = answers()
    phone = hotline.phone(callees=Callee(talks_for=4))
    phone.dial()
    run(phone)
    [after] = hotline.asked_for("/after")
    told = after.parameters
    assert told["CallSid"] == phone.call_sid
    assert told["DialCallSid"] == phone.dialled[0].sid
    assert (told["DialCallStatus"], told["DialCallDuration"], told["DialBridged"]) == (
        "completed",
        "4",
        "true",
    )


@pytest.mark.parametrize(
    ("answer", "status", "seconds"),
    [("busy", "busy", 3), ("no-answer", "no-answer", 10), ("fails", "failed", 0)],
)
def test_an_agent_who_cannot_be_reached(hotline: Hotline, answer: str, status: str, seconds: int) -> None:
    hotline.answers = answers()
    phone = hotline.phone(callees=Callee(answer=answer))
    phone.dial()
    run(phone)
    told = hotline.asked_for("/after")[0].parameters
    assert told["DialCallStatus"] == status
    assert "DialCallDuration" not in told
    assert phone.log.of("say")[0].at_ms == pytest.approx(seconds * 1000, abs=40)
    assert said(phone) == ["Danke"]


def test_the_agent_can_decline_in_the_whisper(hotline: Hotline) -> None:
    whisper = '<Gather numDigits="1" timeout="3" action="/accepted"><Say>Eins</Say></Gather><Hangup/>'
    hotline.answers = answers(whisper=whisper) | {"/accepted": "<Say>Verbunden</Say>"}
    for presses, bridged in (("", "false"), ("1", "true")):
        phone = hotline.phone(callees=Callee(presses=presses))
        phone.dial()
        run(phone)
        told = hotline.asked_for("/after")[-1].parameters
        assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", bridged)


def test_an_agent_who_hangs_up_in_the_whisper_was_never_connected(hotline: Hotline) -> None:
    hotline.answers = answers()
    phone = hotline.phone(callees=Callee(gives_up_after=0.2))
    phone.dial()
    run(phone)
    told = hotline.asked_for("/after")[0].parameters
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "false")
    assert bytes(phone.dialled[0].heard) == b""


def test_without_an_action_the_next_verb_follows(hotline: Hotline) -> None:
    hotline.answers = answers("<Dial>+494011111</Dial><Say>Weiter</Say>")
    phone = hotline.phone()
    phone.dial()
    assert said(run(phone)) == ["Weiter"]


def test_the_first_of_several_numbers_to_answer_gets_the_call(hotline: Hotline) -> None:
    numbers = "".join(f"<Number>+4940{number}</Number>" for number in (1, 2, 3))
    hotline.answers = answers(f'<Dial action="/after">{numbers}</Dial>')
    people = {"+49401": Callee("busy"), "+49402": Callee(rings_for=6), "+49403": Callee(rings_for=5)}
    phone = hotline.phone(callees=people.__getitem__)
    phone.dial()
    run(phone)
    assert [agent.status for agent in phone.dialled] == ["busy", "canceled", "completed"]
    assert hotline.asked_for("/after")[0].parameters["DialCallSid"] == phone.dialled[2].sid


@pytest.mark.parametrize("seconds", [1, 3.2, 5])
def test_a_caller_who_hangs_up_frees_the_agent(hotline: Hotline, seconds: float) -> None:
    hotline.answers = answers()
    phone = hotline.phone(callees=Callee(talks_for=60))
    phone.dial()
    run(phone, seconds=seconds)
    phone.hang_up()
    assert phone.dialled[0].status == ("canceled" if seconds < 3 else "completed")
    assert hotline.asked_for("/after") == []
    assert hotline.asked[-1].path == "/voice/status"


def test_whoever_wants_to_is_told_of_the_agents_progress(hotline: Hotline) -> None:
    number = (
        '<Number statusCallback="/progress" statusCallbackEvent="initiated ringing answered completed">'
        "+494011111</Number>"
    )
    hotline.answers = {"/voice/incoming": f"<Dial>{number}</Dial>", "/progress": ("", 204)}
    phone = hotline.phone()
    phone.dial()
    run(phone)
    told = [one.parameters for one in hotline.asked_for("/progress")]
    assert [one["CallStatus"] for one in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert [one["SequenceNumber"] for one in told] == ["0", "1", "2", "3"]
    assert {one["ParentCallSid"] for one in told} == {phone.call_sid}
    assert told[-1]["CallDuration"] == "3"


def test_the_star_ends_the_conversation_where_that_is_allowed(hotline: Hotline) -> None:
    hotline.answers = answers(DIAL.replace("<Dial ", '<Dial hangupOnStar="true" '))
    phone = hotline.phone(callees=Callee(talks_for=600))
    phone.dial()
    run(phone, seconds=8)
    phone.press("*")
    run(phone)
    assert said(phone)[-1] == "Danke"
