from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator

from hotline.messages.replies import DAILY_LIMIT, Replies
from hotline.messages.tables import Kind
from hotline.messages.webhooks import webhooks
from hotline.messages.worker import run_once
from hotline.settings import Settings

from .conftest import MOBILE, appointment, queue, rows

PUBLIC, TOKEN = "https://hotline.example", "the token"


class Signed:
    """Posts to the webhooks as Twilio does: with every parameter signed."""

    def __init__(self, client):
        self._client = client

    def post(self, path, token=TOKEN, **form):
        signature = RequestValidator(token).compute_signature(PUBLIC + path, form)
        return self._client.post(path, data=form, headers={"X-Twilio-Signature": signature})

    def report(self, sms, status, **more):
        form = {"MessageSid": sms.sid, "MessageStatus": status, "To": sms.phone, "AccountSid": "AC1", **more}
        return self.post(f"/sms/status?sms={sms.id}", **form)

    def reply(self, text, sid="SM1", phone=MOBILE, **more):
        answer = self.post("/sms/incoming", MessageSid=sid, From=phone, Body=text, **more)
        assert answer.status_code == 200
        assert answer.mimetype == "text/xml"
        messages = ET.fromstring(answer.data).findall("Message")
        return messages[0].text if messages else None


class Calendar:
    """Cancels the one appointment there is, as booking would: by reference and number."""

    def __init__(self):
        self.booked = {("482107365", MOBILE)}
        self.asked = []

    def cancel(self, reference, phone):
        self.asked.append((reference, phone))
        if (reference, phone) not in self.booked:
            return False
        self.booked.remove((reference, phone))
        return True


@pytest.fixture
def calendar():
    return Calendar()


@pytest.fixture
def flask(database, writer, calendar, clock):
    app = Flask(__name__)
    settings = Settings(_env_file=None, twilio_auth_token=TOKEN, public_url=PUBLIC)
    app.extensions["hotline"] = SimpleNamespace(settings=settings)
    app.register_blueprint(webhooks(database, Replies(database, writer, calendar.cancel, clock), clock))
    return app.test_client()


@pytest.fixture
def post(flask):
    return Signed(flask)


@pytest.fixture
def sent(database, outbox, sender, clock):
    queue(database, outbox, appointment())
    run_once(database, sender, clock)
    return rows(database)[0]


def status(database):
    return rows(database)[0].status


def test_what_is_not_signed_by_twilio_is_refused(flask, post, sent, database, calendar):
    form = {"MessageSid": sent.sid, "MessageStatus": "delivered"}
    assert flask.post(f"/sms/status?sms={sent.id}", data=form).status_code == 403
    assert post.post("/sms/status", token="another", **form).status_code == 403
    assert flask.post("/sms/incoming", data={"Body": "ABSAGEN 482107365"}).status_code == 403
    assert status(database) == "sent"
    assert calendar.asked == []


def test_a_delivery_report_is_recorded_once_however_often_it_comes(post, sent, database):
    for _ in range(3):
        assert post.report(sent, "delivered").status_code == 204
    assert status(database) == "delivered"


@pytest.mark.parametrize("last", ["delivered", "undelivered", "failed"])
def test_a_late_report_never_moves_a_status_back(post, sent, database, last):
    for reported in (last, "sending", "sent", "queued", "accepted", "something new"):
        assert post.report(sent, reported).status_code == 204
    assert status(database) == last


def test_an_undelivered_sms_is_logged_without_its_number(post, sent, database, caplog):
    post.report(sent, "undelivered", ErrorCode="30003")
    (sms,) = rows(database)
    assert (sms.status, sms.error_code, sms.error) == ("undelivered", 30003, "reported undelivered")
    assert "+49176…678 reported undelivered, error 30003" in caplog.text
    assert MOBILE not in caplog.text


def test_a_report_may_come_before_the_answer_to_the_request(post, database, outbox, sender, twilio, clock):
    queue(database, outbox, appointment())

    class Overtaken:
        def find(self, sms):
            return None

        def send(self, sms):
            sid = sender.send(sms)
            post.post(f"/sms/status?sms={sms.id}", MessageSid=sid, MessageStatus="delivered")
            return sid

    run_once(database, Overtaken(), clock)
    (sms,) = rows(database)
    assert (sms.status, sms.sid) == ("delivered", twilio.messages[0]["sid"])


def test_a_report_without_our_row_finds_it_by_twilio_s_id(post, sent, database):
    post.post("/sms/status", MessageSid=sent.sid, MessageStatus="delivered")
    assert status(database) == "delivered"


def test_a_report_about_another_sms_changes_nothing(post, sent, database):
    post.post("/sms/status", MessageSid="SM-unknown", MessageStatus="delivered")
    post.post(f"/sms/status?sms={sent.id}", MessageSid="SM-unknown", MessageStatus="delivered")
    assert post.post(f"/sms/status?sms={sent.id}", MessageStatus="delivered").status_code == 400
    assert status(database) == "sent"


@pytest.mark.parametrize(
    "text",
    [
        "ABSAGEN 482107365",
        "absagen 482 107 365",
        "Bitte meinen Termin 482-107-365 absagen!",
        "Stopp 482107365",
    ],
)
def test_a_reply_with_the_reference_cancels(post, calendar, text):
    assert post.reply(text) == ("Ihr Termin 482 107 365 ist abgesagt. Danke, dass Sie Bescheid geben.")
    assert calendar.booked == set()


def test_the_cancellation_s_own_sms_is_answer_enough(database, writer, clock, outbox):
    def cancel_and_queue(reference, phone):
        queue(database, outbox, appointment(reference), kind=Kind.CANCELLATION)
        return True

    replies = Replies(database, writer, cancel_and_queue, clock)
    assert replies.answer("SM9", MOBILE, "ABSAGEN 482107365") is None
    assert "ist abgesagt" in rows(database)[0].text


def test_the_same_reply_is_answered_alike_and_acted_on_once(post, calendar):
    first = post.reply("ABSAGEN 482107365", sid="SM5")
    assert post.reply("ABSAGEN 482107365", sid="SM5") == first
    assert len(calendar.asked) == 1


def test_only_the_number_it_was_booked_with_cancels(post, calendar):
    answer = post.reply("ABSAGEN 482107365", phone="+4915112345678")
    assert answer.startswith("Zu dieser Nummer und Ihrem Telefon finden wir keinen Termin.")
    assert calendar.booked


def test_without_the_reference_it_is_asked_for(post, calendar):
    assert "ABSAGEN und Ihre Terminnummer" in post.reply("Absagen")
    assert calendar.asked == []


@pytest.mark.parametrize("text", ["Danke!", "", "Ich komme später", "482107365", "👍", "x" * 5000])
def test_anything_else_gets_one_friendly_sentence_with_the_number(post, calendar, text):
    assert "040 4285041" in post.reply(text)
    assert calendar.asked == []


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "START", "HELP", "UNSUBSCRIBE"])
def test_what_twilio_answers_itself_is_not_answered(post, text):
    assert post.reply(text) is None


def test_what_advanced_opt_out_has_answered_is_not_answered(post):
    assert post.reply("HALT", OptOutType="STOP") is None


def test_a_machine_that_answers_us_is_not_answered_for_ever(post, caplog):
    answers = [post.reply("Automatische Antwort", sid=f"SM{number}") for number in range(DAILY_LIMIT + 3)]
    assert [answer is not None for answer in answers] == [True] * DAILY_LIMIT + [False] * 3
    assert "no answer to the SMS from +49176…678" in caplog.text


def test_an_error_of_ours_gets_a_sentence_too(database, writer, clock, caplog):
    def broken(reference, phone):
        raise RuntimeError

    answer = Replies(database, writer, broken, clock).answer("SM1", MOBILE, "ABSAGEN 482107365")
    assert "040 4285041" in answer
    assert "could not cancel" in caplog.text
    assert MOBILE not in caplog.text


def test_an_incomplete_request_is_refused(post):
    assert post.post("/sms/incoming", Body="ABSAGEN").status_code == 400


def test_replies_do_not_disturb_the_daily_limit_of_the_outbox(post, database, outbox):
    for number in range(5):
        post.reply("Danke", sid=f"SM{number}")
    queue(database, outbox, appointment())
    assert len(rows(database)) == 1
