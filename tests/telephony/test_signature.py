"""Only Twilio may call: signatures on webhooks and on the WebSocket handshake."""

import pytest
from flask import Flask
from pydantic import SecretStr
from twilio.request_validator import RequestValidator
from websockets.exceptions import InvalidStatus
from werkzeug.datastructures import MultiDict

from hotline.settings import Settings
from hotline.telephony.signature import is_signed, signed

from .conftest import MOBILE, PUBLIC_URL, TOKEN

DOCUMENTED = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
"""The example of https://www.twilio.com/docs/usage/security, whose signature Twilio gives."""


def settings(public_url, token=TOKEN):
    return Settings(_env_file=None, public_url=public_url, twilio_auth_token=SecretStr(token))


def is_accepted(
    configured, path, form, signature, *, websocket=False, base="http://internal:8000", **headers
):
    headers["X-Twilio-Signature"] = signature
    app = Flask(__name__)
    with app.test_request_context(path, base_url=base, method="POST", data=form, headers=headers):
        return is_signed(configured, websocket=websocket)


class TestTwiliosOwnExample:
    CONFIGURED = settings("https://mycompany.com")
    SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="

    def test_is_accepted(self):
        assert is_accepted(self.CONFIGURED, "/myapp.php?foo=1&bar=2", DOCUMENTED, self.SIGNATURE)

    @pytest.mark.parametrize(
        ("path", "form"),
        [
            ("/myapp.php?foo=1&bar=3", DOCUMENTED),
            ("/myapp.php", DOCUMENTED),
            ("/myapp2.php?foo=1&bar=2", DOCUMENTED),
            ("/myapp.php?foo=1&bar=2", DOCUMENTED | {"Digits": "1235"}),
            ("/myapp.php?foo=1&bar=2", DOCUMENTED | {"More": ""}),
            ("/myapp.php?foo=1&bar=2", {}),
        ],
    )
    def test_is_refused_when_anything_in_it_is_changed(self, path, form):
        assert not is_accepted(self.CONFIGURED, path, form, self.SIGNATURE)

    def test_is_refused_with_another_account_s_token(self):
        assert not is_accepted(
            settings("https://mycompany.com", "54321"), "/myapp.php?foo=1&bar=2", DOCUMENTED, self.SIGNATURE
        )


def sign(url, form=None):
    return RequestValidator(TOKEN).compute_signature(url, form or {})


@pytest.mark.parametrize("public_url", [PUBLIC_URL, f"{PUBLIC_URL}:8443", "http://localhost:8000"])
@pytest.mark.parametrize("base", ["http://internal:8000", "http://evil.example"])
def test_what_counts_is_the_public_url_and_not_the_host_that_the_sender_names(public_url, base):
    configured = settings(public_url)
    own, other = sign(f"{public_url}/voice/incoming"), sign(f"{base}/voice/incoming")
    assert is_accepted(configured, "/voice/incoming", {}, own, base=base)
    assert not is_accepted(configured, "/voice/incoming", {}, other, base=base)


def test_what_a_proxy_adds_does_not_matter():
    configured = settings(PUBLIC_URL)
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    assert is_accepted(configured, "/voice/status", {}, sign(f"{PUBLIC_URL}/voice/status"), **forwarded)


def test_twilio_may_sign_with_or_without_the_standard_port():
    assert is_accepted(settings(PUBLIC_URL), "/voice/status", {}, sign(f"{PUBLIC_URL}:443/voice/status"))


def test_a_slash_at_the_end_of_the_public_url_does_no_harm():
    assert is_accepted(settings(f"{PUBLIC_URL}/"), "/voice/status", {}, sign(f"{PUBLIC_URL}/voice/status"))


def test_a_parameter_that_comes_twice_is_signed_with_both():
    form = MultiDict([("MediaUrl", "b"), ("MediaUrl", "a")])
    assert is_accepted(settings(PUBLIC_URL), "/x", form, sign(f"{PUBLIC_URL}/x", form))


def test_letters_beyond_ascii_are_signed_as_they_are():
    form, path = {"FromCity": "Düsseldorf", "Body": "Grüße 🙂"}, "/x?stadt=K%C3%B6ln"
    assert is_accepted(settings(PUBLIC_URL), path, form, sign(f"{PUBLIC_URL}{path}", form))


@pytest.mark.parametrize("signature", ["", "x", "ö", "RSOYDt4T1cUTdK1PDd93/VVr8B8=" * 1000])
def test_nonsense_is_no_signature(signature):
    assert not is_accepted(settings(PUBLIC_URL), "/voice/status", {}, signature)


def test_without_a_token_nothing_is_signed():
    nothing = RequestValidator("").compute_signature(f"{PUBLIC_URL}/voice/status", {})
    assert not is_accepted(settings(PUBLIC_URL, ""), "/voice/status", {}, nothing)


class TestTheHandshake:
    @pytest.mark.parametrize("end", ["", "/"])
    def test_is_signed_over_the_stream_s_url(self, end):
        own = sign(f"wss://hotline.example/voice/media{end}")
        assert is_accepted(settings(PUBLIC_URL), "/voice/media", {}, own, websocket=True)

    @pytest.mark.parametrize(
        "url",
        ["https://hotline.example/voice/media", "wss://hotline.example/voice", "wss://evil/voice/media"],
    )
    def test_and_over_no_other(self, url):
        assert not is_accepted(settings(PUBLIC_URL), "/voice/media", {}, sign(url), websocket=True)

    def test_on_loopback_it_is_not_encrypted(self):
        own = sign("ws://localhost:8000/voice/media")
        assert is_accepted(settings("http://localhost:8000"), "/voice/media", {}, own, websocket=True)

    @pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": "x"}])
    def test_is_refused_without(self, live, headers, caplog):
        with pytest.raises(InvalidStatus) as refused, live.handshake(headers=headers):
            pass
        assert refused.value.response.status_code == 403
        assert "refused a media stream" in caplog.text


class TestEveryWebhook:
    PATHS = ("incoming", "continue", "keypad", "status", "transferred/3", "whisper/CA1")

    @pytest.mark.parametrize("path", PATHS)
    def test_is_refused_without_a_signature_and_changes_nothing(self, hotline, path, caplog):
        hotline.dial()
        answer = hotline.post(
            f"/voice/{path}", signed=False, CallSid="CA2", From=MOBILE, CallStatus="completed"
        )
        assert answer.status_code == 403
        assert b"signature" in answer.data
        assert len(hotline.turns("CA1")) == 1
        assert not hotline.turns("CA2")
        [line] = [one for one in caplog.records if "refused" in one.getMessage()]
        assert path in line.getMessage()

    @pytest.mark.parametrize("path", PATHS)
    def test_is_there_to_be_posted_to_only(self, hotline, path):
        assert hotline.app.test_client().get(f"/voice/{path}").status_code == 405

    def test_is_refused_when_it_was_meant_for_another_path(self, hotline):
        signature = sign(f"{PUBLIC_URL}/voice/continue", {"CallSid": "CA1"})
        answer = hotline.app.test_client().post(
            "/voice/keypad", data={"CallSid": "CA1"}, headers={"X-Twilio-Signature": signature}
        )
        assert answer.status_code == 403

    def test_a_form_that_is_too_large_is_not_read(self, hotline):
        answer = hotline.post("/voice/incoming", CallSid="CA1", From="x" * 100_000)
        assert answer.status_code == 413


def test_a_view_keeps_its_name_when_it_is_guarded():
    def view():
        return "secret"

    assert signed(view).__name__ == "view"
