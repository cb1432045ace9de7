"""What a call has come to, for those who try the hotline out, and for nobody else."""

import json

from twilio.request_validator import RequestValidator

from .conftest import PUBLIC_URL, TOKEN


def look(hotline, sid="CA1", signed=True):
    path = f"/phone/calls/{sid}"
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, {})
    return hotline.app.test_client().get(path, headers={"X-Twilio-Signature": signature} if signed else {})


def test_it_tells_turn_by_turn_what_was_heard_understood_done_and_said(hotline):
    hotline.keys(hotline.dial(), "1", "2")
    told = json.loads(look(hotline).data)
    assert told["outcome"] is None
    assert told["ended"] is False
    first, _, last = told["turns"]
    assert (first["number"], first["event"], first["heard"], first["question"]) == (0, "start", None, None)
    assert (last["heard"], last["question"], last["decision"]) == ("2", "service_of_category", "accept")
    assert last["meaning"] == {"intent": "service", "value": "reisepass"}
    assert last["effects"] == ["HoldEarliest"]
    assert last["then"] == "listen"
    assert "Der früheste Termin ist" in " ".join(last["said"])
    assert "offer.ask" in last["prompts"]


def test_it_tells_the_outcome_of_a_call_that_is_over(hotline):
    hotline.keys(hotline.dial(), "1", "1", "1", "1", "1", "2")
    hotline.post("/voice/status", CallSid="CA1", CallStatus="completed")
    told = json.loads(look(hotline).data)
    assert told["outcome"]["kind"] == "booked"
    assert told["ended"] is True


def test_it_is_for_those_with_the_token_only(hotline):
    hotline.dial()
    assert look(hotline, signed=False).status_code == 403


def test_a_call_nobody_knows_is_not_found(hotline):
    assert look(hotline, "CA404").status_code == 404


def test_where_the_hotline_is_not_tried_out_there_is_none(hotline_with):
    hotline = hotline_with(phone=False)
    hotline.dial()
    assert look(hotline).status_code == 404
    assert hotline.app.test_client().get("/phone").status_code == 404
    assert hotline.app.test_client().get("/messages").status_code == 404
