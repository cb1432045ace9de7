"""Starting up: what is prepared before the first call, and how gunicorn is told to serve."""

import os
import stat

import pytest
from pydantic import SecretStr

import hotline.serving
from hotline.booking import Catalogue
from hotline.serving import GRACE_SECONDS, WEBHOOK_THREADS, Server, announce, demo_settings, prepare
from hotline.settings import Settings
from hotline.storage import Database
from hotline.telephony.voice import PRESS_SECONDS
from tests.telephony.conftest import city_file, hotline_with  # noqa: F401


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """Run without the variables and files of whoever runs the tests; ``var/`` is elsewhere."""
    for name in os.environ:
        if name.startswith(("HOTLINE_", "TWILIO_", "GUNICORN_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hotline.serving, "ROOT", tmp_path)
    return tmp_path


class TestGunicorn:
    @pytest.fixture
    def configured(self, bare):
        return lambda *, workers=1, **changes: (
            Server(Settings(_env_file=None, **changes), "127.0.0.1", 8080, workers).cfg
        )

    @pytest.mark.parametrize("ears", [0, 4, 32])
    def test_every_ear_has_a_thread_and_webhooks_have_some_more(self, configured, ears):
        cfg = configured(ears=ears)
        assert cfg.threads >= ears + WEBHOOK_THREADS
        assert WEBHOOK_THREADS >= 8

    def test_native_decoding_runs_in_threads(self, configured):
        assert configured().worker_class_str == "gthread"

    def test_the_model_is_loaded_before_processes_are_forked(self, configured):
        assert configured().preload_app is True

    def test_it_listens_where_it_is_told_to_with_as_many_processes(self, configured):
        cfg = configured(workers=3)
        assert cfg.bind == ["127.0.0.1:8080"]
        assert cfg.workers == 3

    def test_calls_may_finish_when_it_stops(self, configured):
        assert configured().graceful_timeout == GRACE_SECONDS > PRESS_SECONDS

    def test_requests_with_callers_numbers_are_not_logged(self, configured):
        assert configured().accesslog is None


class TestPreparing:
    def settings(self, folder):
        return Settings(_env_file=None, database_url=f"sqlite:///{folder / 'new' / 'hotline.sqlite3'}")

    def test_a_new_database_gets_its_tables_and_the_city_and_keeps_them(self, tmp_path):
        settings = self.settings(tmp_path)
        (tmp_path / "new").mkdir()
        prepare(settings)
        database = Database(settings.database_url)
        first = Catalogue.load(database)
        assert first.services
        prepare(settings)
        assert Catalogue.load(database).revision == first.revision
        database.engine.dispose()

    def test_the_folder_of_the_database_is_made(self, tmp_path):
        prepare(self.settings(tmp_path))
        assert (tmp_path / "new" / "hotline.sqlite3").exists()


class TestTryingOut:
    def test_everything_is_local_and_open(self, bare):
        settings = demo_settings("http://localhost:8123")
        assert settings.public_url == "http://localhost:8123"
        assert (settings.phone, settings.keep_transcripts, settings.sms_sender) == (True, True, "local")

    def test_the_token_is_made_up_once_and_readable_by_nobody_else(self, bare):
        first = demo_settings("http://localhost").twilio_auth_token
        assert len(first.get_secret_value()) == 32
        assert demo_settings("http://localhost").twilio_auth_token == first
        assert stat.S_IMODE((bare / "var" / "demo-token").stat().st_mode) == 0o600

    def test_what_is_set_stays_so(self, bare, monkeypatch):
        monkeypatch.setenv("HOTLINE_PUBLIC_URL", "https://hotline.example")
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", "secret")
        settings = demo_settings("http://localhost:8000")
        assert settings.public_url == "https://hotline.example"
        assert settings.twilio_auth_token == SecretStr("secret")
        assert not (bare / "var").exists()


class TestTheAnnouncement:
    def announced(self, one, capsys):
        announce(one.app)
        return " ".join(capsys.readouterr().out.split())

    def test_names_the_pages_and_what_is_switched_off_and_why(self, hotline_with, capsys):  # noqa: F811
        told = self.announced(hotline_with(agents_number="", twilio_auth_token=""), capsys)
        for part in (
            "https://hotline.example/phone",
            "https://hotline.example/messages",
            "https://hotline.example/healthz",
            "Kein Sprachmodell gefunden",
            "HOTLINE_AGENTS_NUMBER",
            "TWILIO_ACCOUNT_SID",
            "TWILIO_AUTH_TOKEN",
        ):
            assert part in told

    def test_leaves_out_what_is_as_it_should_be(self, hotline_with, capsys):  # noqa: F811
        told = self.announced(hotline_with(ears=3, twilio_account_sid="AC1", phone=False), capsys)
        assert "Ohr: typed (8000 Hz), 3 Anrufe zugleich." in told
        for part in ("/phone", "Kein Sprachmodell", "TWILIO", "HOTLINE_AGENTS_NUMBER"):
            assert part not in told
