import pytest
from click.testing import CliRunner

from hotline.cli import main

from .conftest import MOBILE, appointment, queue, rows


@pytest.fixture
def hotline(database, monkeypatch):
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(main, ["sms", *words])


@pytest.fixture
def queued(database, outbox, clock):
    import datetime as dt

    clock.now = dt.datetime.now(dt.UTC)  # the command has the real clock
    queue(database, outbox, appointment(starts_at=clock.now + dt.timedelta(days=1)))


@pytest.mark.usefixtures("queued")
def test_work_once_sends_what_is_due(hotline, database):
    result = hotline("work", "--once")
    assert result.exit_code == 0, result.output
    assert "sent 1, put back 0, failed 0" in result.output
    assert rows(database)[0].status == "sent"


@pytest.mark.usefixtures("queued")
def test_list_shows_sms_with_masked_numbers(hotline):
    result = hotline("list", "--text")
    assert result.exit_code == 0, result.output
    assert "+49176…678" in result.output
    assert MOBILE not in result.output
    assert "confirmation" in result.output
    assert "confirmation" not in hotline("list", "--status", "failed").output


def test_a_status_that_there_is_not_is_named(hotline):
    result = hotline("list", "--status", "lost")
    assert result.exit_code != 0
    assert "one of queued, sending" in result.output


def test_work_says_what_is_missing_for_twilio(hotline, monkeypatch):
    monkeypatch.setenv("HOTLINE_SMS_SENDER", "twilio")
    result = hotline("work", "--once")
    assert result.exit_code != 0
    assert "TWILIO_AUTH_TOKEN" in result.output
