"""Settings from the environment: named as Twilio and the documents name them, and checked."""

import datetime as dt
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotline.cli import main
from hotline.settings import ROOT, Settings


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Return a function that reads settings from these variables and nothing else."""
    for name in os.environ:
        if name.startswith(("HOTLINE_", "TWILIO_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def read(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return Settings()

    return read


def test_without_any_the_hotline_runs_locally_and_refuses_every_webhook(environment):
    settings = environment()
    assert settings.database_url.startswith("sqlite:///")
    assert settings.twilio_auth_token.get_secret_value() == ""
    assert settings.public_url == "http://localhost:8000"
    assert (settings.phone, settings.keep_transcripts, settings.retention_days) == (False, False, 30)


@pytest.mark.parametrize("folder", ["city", "grammars", "prompts"])
def test_the_project_s_own_data_is_there(environment, folder):
    assert getattr(environment(), folder).is_dir()
    assert getattr(environment(), folder).is_relative_to(ROOT)


def test_twilio_s_settings_bear_twilio_s_names_and_ours_our_own(environment):
    settings = environment(
        TWILIO_ACCOUNT_SID="AC1",
        TWILIO_AUTH_TOKEN="secret",
        TWILIO_PHONE_NUMBER="+4940",
        HOTLINE_PUBLIC_URL="https://hotline.example/",
        HOTLINE_EARS="4",
        HOTLINE_AGENTS_FROM="07:30",
        HOTLINE_MODEL="/srv/model",
        HOTLINE_PHONE="true",
    )
    assert (settings.twilio_account_sid, settings.twilio_phone_number) == ("AC1", "+4940")
    assert settings.twilio_auth_token.get_secret_value() == "secret"
    assert (settings.ears, settings.agents_from, settings.phone) == (4, dt.time(7, 30), True)
    assert settings.model == Path("/srv/model")
    assert settings.public_url == "https://hotline.example"


def test_they_may_stand_in_a_file_beside_the_project(environment):
    Path(".env").write_text("HOTLINE_EARS=7\nTWILIO_AUTH_TOKEN=secret\nUNRELATED=1\n")
    settings = environment()
    assert (settings.ears, settings.twilio_auth_token.get_secret_value()) == (7, "secret")
    assert environment(HOTLINE_EARS="8").ears == 8


@pytest.mark.parametrize(
    ("public_url", "stream_url"),
    [
        ("https://hotline.example", "wss://hotline.example/voice/media"),
        ("https://hotline.example:8443/", "wss://hotline.example:8443/voice/media"),
        ("http://localhost:8000", "ws://localhost:8000/voice/media"),
    ],
)
def test_the_stream_is_on_the_same_host(public_url, stream_url):
    assert Settings(_env_file=None, public_url=public_url).stream_url == stream_url


@pytest.mark.parametrize(("given", "codes"), [("49", {49}), ("49, 43,41", {49, 43, 41}), ("", set())])
def test_countries_are_a_list(given, codes):
    assert Settings(_env_file=None, sms_countries=given).sms_country_codes == codes


def test_the_token_is_shown_to_nobody(environment):
    settings = environment(TWILIO_AUTH_TOKEN="very-secret")
    assert "very-secret" not in repr(settings)
    assert "very-secret" not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_EARS", "many"),
        ("HOTLINE_EARS", "-1"),
        ("HOTLINE_AGENTS_FROM", "8 o'clock"),
        ("HOTLINE_CALLBACK_HOURS", "0"),
        ("HOTLINE_RETENTION_DAYS", "0"),
        ("HOTLINE_PHONE", "perhaps"),
        ("HOTLINE_SMS_COUNTRIES", "49,germany"),
        ("HOTLINE_PUBLIC_URL", "hotline.example"),
        ("HOTLINE_AGENTS_NUMBER", "040 428280"),
        ("TWILIO_PHONE_NUMBER", "Hotline"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "purge"])
def test_a_wrong_one_is_named_in_german_without_a_traceback(environment, monkeypatch, name, value, command):
    environment()
    monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {name}={value}: ")
    assert re.search(r"erwartet|mindestens", result.output)
