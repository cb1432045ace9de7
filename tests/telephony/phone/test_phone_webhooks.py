"""What Twilio sends with a webhook, and what it does when the answer is no good."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import pytest
from counterpart import Hotline, run, said
from flask import Response, redirect

from hotline.telephony.phone.leg import APPLICATION_ERROR
from hotline.telephony.phone.telephone import WITHHELD

HELLO = "<Say>Hallo</Say>"


def test_every_webhook_is_signed_over_the_public_url(hotline: Hotline) -> None:
    hotline.answers = {
        "/voice/incoming": "<Redirect>/next?step=2&amp;x=%C3%BC</Redirect>",
        "/next": '<Redirect method="GET">/last</Redirect>',
        "/last": HELLO,
    }
    phone = hotline.phone()
    phone.dial()
    run(phone)
    assert [one.path for one in hotline.asked] == ["/voice/incoming", "/next", "/last", "/voice/status"]
    assert all(one.signed for one in hotline.asked)
    assert hotline.asked_for("/last")[0].method == "GET"
    assert hotline.asked[0].headers["Host"] == "hotline.example"


def test_a_wrong_token_does_not_pass(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": HELLO}
    phone = hotline.phone()
    phone._wire._validator.token = b"another"
    phone.dial()
    assert not hotline.asked[0].signed


def test_the_parameters_are_those_twilio_documents(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": "<Say>Hallo</Say><Redirect>/next</Redirect>", "/next": ""}
    phone = hotline.phone(from_="+4940123456", to="+494042828", account_sid="AC" + "1" * 32)
    phone.dial()
    run(phone)
    first, second, _ = hotline.asked
    assert first.parameters == {
        "CallSid": phone.call_sid,
        "AccountSid": "AC" + "1" * 32,
        "From": "+4940123456",
        "Caller": "+4940123456",
        "To": "+494042828",
        "Called": "+494042828",
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
    }
    assert phone.call_sid.startswith("CA")
    assert len(phone.call_sid) == 34
    assert second.parameters["CallStatus"] == "in-progress"


def test_a_withheld_number_is_anonymous(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": HELLO}
    hotline.phone(from_=WITHHELD).dial()
    assert hotline.asked[0].parameters["From"] == "anonymous"


def test_the_end_is_reported_with_its_duration(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": '<Pause length="61"/>'}
    phone = hotline.phone()
    phone.dial()
    run(phone)
    assert phone.ended
    assert phone.status == "completed"
    [report] = hotline.asked_for("/voice/status")
    assert report.signed
    told = report.parameters
    assert (told["CallStatus"], told["CallDuration"], told["Duration"]) == ("completed", "61", "2")
    assert told["CallbackSource"] == "call-progress-events"
    assert parsedate_to_datetime(told["Timestamp"]).tzinfo is not None


def test_hanging_up_ends_the_call_at_once(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": '<Pause length="60"/><Say>Nie</Say>'}
    phone = hotline.phone()
    phone.dial()
    run(phone, seconds=2)
    phone.hang_up()
    assert phone.ended
    assert hotline.asked[-1].parameters["CallDuration"] == "2"
    assert said(phone) == []
    phone.hang_up()
    assert len(hotline.asked_for("/voice/status")) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("kaputt", status=500), 11200),
        (Response("<Response><Say>", mimetype="text/xml"), 12100),
        (Response("", mimetype="text/xml"), 12100),
        (Response("<Antwort/>", mimetype="text/xml"), 12102),
        (Response("{}", mimetype="application/json"), 12300),
    ],
)
def test_a_bad_answer_ends_the_call_with_an_apology(hotline: Hotline, answer: Response, code: int) -> None:
    hotline.answers = {"/voice/incoming": answer}
    phone = hotline.phone()
    phone.dial()
    run(phone)
    assert [event.data["code"] for event in phone.problems] == [code]
    assert said(phone) == [APPLICATION_ERROR]
    assert phone.status == "completed"


@pytest.mark.parametrize("path", ["/voice/incoming", "/next"])
def test_a_bad_answer_leads_to_the_fallback_url(hotline: Hotline, path: str) -> None:
    hotline.answers = {"/voice/incoming": "<Redirect>/next</Redirect>", "/next": HELLO, "/fallback": HELLO}
    hotline.answers[path] = Response("", status=503)
    phone = hotline.phone(fallback_url="https://hotline.example/fallback")
    phone.dial()
    run(phone)
    [fallback] = hotline.asked_for("/fallback")
    assert fallback.signed
    assert fallback.parameters["ErrorCode"] == "11200"
    assert fallback.parameters["ErrorUrl"] == "https://hotline.example" + path
    assert said(phone) == ["Hallo"]


def test_a_fallback_that_fails_too_is_not_asked_again(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": Response(status=500), "/fallback": Response(status=500)}
    phone = hotline.phone(fallback_url="https://hotline.example/fallback")
    phone.dial()
    run(phone)
    assert len(hotline.asked_for("/fallback")) == 1
    assert said(phone) == [APPLICATION_ERROR]


def test_nobody_there_is_a_connection_failure(hotline: Hotline) -> None:
    phone = hotline.phone(connect_to="http://127.0.0.1:9")
    phone.dial()
    run(phone)
    assert {event.data["code"] for event in phone.problems} == {11205}
    assert said(phone) == [APPLICATION_ERROR]


def test_an_answer_that_takes_too_long_counts_as_none(hotline: Hotline) -> None:
    def slow() -> str:
        time.sleep(1.0)
        return HELLO

    hotline.answers = {"/voice/incoming": slow, "/fallback": HELLO}
    phone = hotline.phone(fallback_url="https://hotline.example/fallback")
    phone._wire.timeouts = (1.0, 0.2)
    phone.dial()
    phone._wire.timeouts = (5.0, 5.0)
    assert phone.problems[0].data["code"] == 11205


def test_twilio_waits_ten_seconds_to_connect_and_fifteen_for_an_answer(hotline: Hotline) -> None:
    assert hotline.phone()._wire.timeouts == (10.0, 15.0)


def test_an_unknown_verb_is_passed_over_with_a_warning(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": '<say>nein</say><Sing/><Say lautstark="ja">Hallo</Say>'}
    phone = hotline.phone()
    phone.dial()
    run(phone)
    assert [event.data["code"] for event in phone.problems] == [12200] * 3
    assert said(phone) == ["Hallo"]


def test_a_redirect_of_http_is_followed_and_signed_anew(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": lambda: redirect("/moved", 307), "/moved": HELLO}
    phone = hotline.phone()
    phone.dial()
    [moved] = hotline.asked_for("/moved")
    assert moved.signed
    assert moved.method == "POST"
    assert moved.parameters["CallSid"] == phone.call_sid


def test_a_repeated_webhook_bears_the_same_idempotency_token(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": HELLO}
    hotline.phone(repeat=2).dial()
    first, second = hotline.asked_for("/voice/incoming")
    assert first.headers["I-Twilio-Idempotency-Token"] == second.headers["I-Twilio-Idempotency-Token"]
    assert first.parameters == second.parameters


def test_a_call_can_be_taken_elsewhere_as_by_twilios_rest_api(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": '<Pause length="60"/>', "/elsewhere": "<Say>Hier</Say>"}
    phone = hotline.phone()
    phone.dial()
    run(phone, seconds=1)
    phone.update("https://hotline.example/elsewhere")
    run(phone)
    assert said(phone) == ["Hier"]


def test_in_a_live_call_time_goes_on_while_an_answer_is_awaited(hotline: Hotline) -> None:
    def slow() -> str:
        time.sleep(0.3)
        return "<Hangup/>"

    hotline.answers = {"/voice/incoming": slow}
    phone = hotline.phone(live=True)
    phone.dial()
    assert not phone.ended
    run(phone)
    assert phone.ended
    assert phone.ticks >= 10
