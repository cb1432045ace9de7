"""Waiting in a queue."""

from __future__ import annotations

from counterpart import Hotline, run, said

ENQUEUE = '<Enqueue action="/after" waitUrl="/wait">amt</Enqueue><Say>Nie</Say>'
AFTER = "<Say>Danke</Say>"


def test_the_waiting_twiml_is_asked_for_again_and_again(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": ENQUEUE, "/wait": "<Say>Bitte warten</Say><Pause length='4'/>"}
    phone = hotline.phone()
    phone.dial()
    run(phone, seconds=14)
    waits = [one.parameters for one in hotline.asked_for("/wait")]
    assert [one["QueueTime"] for one in waits] == ["0", "4", "8", "12"]
    assert {one["QueueSid"][:2] for one in waits} == {"QU"}
    assert {(one["QueuePosition"], one["CurrentQueueSize"]) for one in waits} == {("1", "1")}
    assert not phone.ended


def test_leave_ends_the_waiting(hotline: Hotline) -> None:
    gather = '<Gather numDigits="1" action="/key"><Say>Bitte warten</Say></Gather>'
    hotline.answers = {"/voice/incoming": ENQUEUE, "/wait": gather, "/key": "<Leave/>", "/after": AFTER}
    phone = hotline.phone()
    phone.dial()
    run(phone, seconds=2)
    phone.press("1")
    run(phone)
    [after] = hotline.asked_for("/after")
    assert after.signed
    assert (after.parameters["QueueResult"], after.parameters["QueueTime"]) == ("leave", "2")
    assert said(phone) == ["Bitte warten", "Danke"]


def test_a_caller_who_hangs_up_in_the_queue_is_reported(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": ENQUEUE, "/wait": "<Pause length='60'/>", "/after": AFTER}
    phone = hotline.phone()
    phone.dial()
    run(phone, seconds=5)
    phone.hang_up()
    assert [one.path for one in hotline.asked[-2:]] == ["/after", "/voice/status"]
    assert hotline.asked[-2].parameters["QueueResult"] == "hangup"


def test_the_waiting_twiml_can_end_the_call(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": ENQUEUE, "/wait": "<Hangup/>", "/after": AFTER}
    phone = hotline.phone()
    phone.dial()
    run(phone)
    assert phone.status == "completed"
    assert said(phone) == []
