import socket

import pytest
from twilio.rest import Client

from hotline.messages.senders import (
    LocalSender,
    Outgoing,
    Refused,
    TwilioSender,
    Unavailable,
    can_be_answered,
    sender_for,
)
from hotline.settings import Settings

from .conftest import MOBILE, NOW
from .twilio_stand_in import ACCOUNT, TOKEN, RedirectingClient

SMS = Outgoing(7, MOBILE, "Ihr Termin: Führungszeugnis", NOW)


def test_twilio_gets_the_text_the_sender_and_where_to_report(sender, twilio):
    sid = sender.send(SMS)
    assert sid == twilio.messages[0]["sid"]
    assert twilio.requests == [
        {
            "To": MOBILE,
            "From": "+4915735990000",
            "Body": "Ihr Termin: Führungszeugnis",
            "StatusCallback": "https://hotline.example/sms/status?sms=7",
        }
    ]


def test_a_messaging_service_is_named_as_such(twilio):
    TwilioSender(twilio.client(), "MG" + "1" * 32, None).send(SMS)
    assert twilio.requests[0]["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in twilio.requests[0]
    assert "StatusCallback" not in twilio.requests[0]


@pytest.mark.parametrize("code", [21211, 21408, 21610, 21612, 21614, 21617, 21635])
def test_a_refusal_is_final(sender, twilio, code):
    twilio.troubles.append((400, code))
    with pytest.raises(Refused) as refused:
        sender.send(SMS)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("trouble", "uncertain"),
    [
        ((429, 20429), False),
        ((401, 20003), False),
        ((400, 21606), False),
        ((500, 20500), True),
        ((503, 20503), True),
        ("lost", True),
        ("dropped", True),
    ],
)
def test_other_troubles_pass_and_say_whether_it_may_have_been_sent(sender, twilio, trouble, uncertain):
    twilio.troubles.append(trouble)
    with pytest.raises(Unavailable) as error:
        sender.send(SMS)
    assert error.value.uncertain is uncertain


def test_no_answer_in_time_leaves_it_open_whether_it_was_sent(twilio):
    twilio.troubles.append("silent")
    with pytest.raises(Unavailable) as error:
        TwilioSender(twilio.client(timeout=0.5), "+4915735990000", None).send(SMS)
    assert error.value.uncertain
    assert twilio.bodies == [SMS.text]


def test_a_refused_connection_leaves_no_doubt():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}"
        client = Client(ACCOUNT, TOKEN, http_client=RedirectingClient(base, timeout=30.0))
        with pytest.raises(Unavailable) as error:
            TwilioSender(client, "+4915735990000", None).send(SMS)
    assert not error.value.uncertain


def test_what_twilio_has_taken_is_found_again(sender, twilio, clock):
    assert sender.find(SMS) is None
    sid = sender.send(SMS)
    assert sender.find(SMS) == sid
    assert sender.find(Outgoing(8, MOBILE, "another text", NOW)) is None
    assert sender.find(Outgoing(8, "+4915112345678", SMS.text, NOW)) is None
    clock.turn(hours=1)
    assert sender.find(Outgoing(8, MOBILE, SMS.text, clock.now)) is None
    assert sender.find(Outgoing(8, MOBILE, SMS.text, NOW, frozenset({sid}))) is None


def settings(**values):
    return Settings(_env_file=None, **values)


def test_without_an_account_sms_stay_in_the_house(monkeypatch):
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(sender_for(settings()), LocalSender)
    assert not can_be_answered(settings())
    with pytest.raises(ValueError, match="TWILIO_AUTH_TOKEN"):
        sender_for(settings(sms_sender="twilio"))
    with pytest.raises(ValueError, match="may be auto, twilio or local"):
        sender_for(settings(sms_sender="pigeon"))


def test_with_an_account_they_go_through_twilio():
    account = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN}
    ours = settings(**account, twilio_phone_number="+4940123456")
    assert isinstance(sender_for(ours), TwilioSender)
    assert can_be_answered(ours)
    assert not can_be_answered(ours.model_copy(update={"sms_from": "Hamburg"}))
    assert isinstance(sender_for(ours.model_copy(update={"sms_sender": "local"})), LocalSender)
    with pytest.raises(ValueError, match="HOTLINE_SMS_FROM"):
        sender_for(settings(**account, twilio_phone_number=""))
