"""Starting up: tables, city, prompts; then gunicorn with threads, one per call and some for webhooks."""

from __future__ import annotations

import logging
import os
import secrets
import signal
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy.orm import Session

from hotline.app import create_app, fixed_sentences, utc_now
from hotline.booking import Catalogue, load_city, read_city
from hotline.desk.demo import demo_link
from hotline.settings import ROOT, Settings
from hotline.storage import Database
from hotline.telephony.exchange import Exchange

WEBHOOK_THREADS = 16
"""Threads beside those that calls occupy."""

GRACE_SECONDS = 30
"""How long a stopping process lets its calls finish; what goes on longer goes on in another process."""


def demo_settings(public_url: str) -> Settings:
    """Return settings for trying out: everything local, the browser telephone on, words kept.

    The token that signs webhooks is made up once and kept in ``var/``, so that calls survive a restart.
    """
    settings = Settings(phone=True, keep_transcripts=True, sms_sender="local")
    updates: dict[str, Any] = {}
    if "public_url" not in settings.model_fields_set:
        updates["public_url"] = public_url
    if not settings.twilio_account_sid and not settings.twilio_api_url:
        updates["twilio_api_url"] = f"{updates.get('public_url', settings.public_url)}/phone/twilio"
    if not settings.model_fields_set & {"agents_from", "agents_until"}:
        updates["agents_always"] = True
    if not settings.twilio_auth_token.get_secret_value():
        updates["twilio_auth_token"] = SecretStr(_demo_token())
    return settings.model_copy(update=updates)


def _demo_token() -> str:
    path = ROOT / "var" / "demo-token"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(16))
    return path.read_text().strip()


def prepare(settings: Settings) -> None:
    """Bring the tables up to date and, where there is none yet, load the city."""
    database = Database(settings.database_url)
    database.upgrade()
    with database.reading() as session:
        empty = not _has_city(session)
    if empty:
        load_city(database, read_city([settings.city]), utc_now())
    database.engine.dispose()


def _has_city(session: Session) -> bool:
    try:
        Catalogue.read(session)
    except LookupError:
        return False
    return True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our application, loaded before it forks so that processes share the model's memory."""

    def __init__(self, settings: Settings, host: str, port: int, workers: int) -> None:
        self._settings = settings
        self._bind = f"{host}:{port}"
        self._workers = workers
        self._application: Flask | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's settings. Source: https://docs.gunicorn.org/en/stable/settings.html."""
        for name, value in {
            "bind": self._bind,
            "workers": self._workers,
            "worker_class": "gthread",
            # A desk listens all day, and so takes a thread all day.
            "threads": self._settings.ears + self._settings.desks + WEBHOOK_THREADS,
            "preload_app": True,
            "graceful_timeout": GRACE_SECONDS,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": self._start_worker,
            "post_worker_init": self._let_desks_go,
            "when_ready": self._announce,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        if self._application is None:
            logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
            # Twilio's client writes numbers and texts of its requests into the log.
            logging.getLogger("twilio").setLevel(logging.WARNING)
            prepare(self._settings)
            self._application = create_app(self._settings)
            one: Exchange = self._application.extensions["hotline"]
            prompts = self._application.extensions["switchboard"].prompts
            one.speaker.render_all(fixed_sentences(prompts), progress=True)
            one.calls.database.engine.dispose()
        return self._application

    def _start_worker(self, _server: object, _worker: object) -> None:
        assert self._application is not None  # noqa: S101
        self._application.extensions["sms-worker"].start()

    def _let_desks_go(self, _worker: object) -> None:
        """End the desks' connections, which last all day, as soon as the process is to stop."""
        assert self._application is not None  # noqa: S101
        hub = self._application.extensions["desk"].hub
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            stop = signal.getsignal(number)
            assert callable(stop)  # noqa: S101

            def leave(caught: int, frame: FrameType | None, stop: Any = stop) -> None:
                hub.close()
                stop(caught, frame)

            signal.signal(number, leave)
            signal.siginterrupt(number, False)

    def _announce(self, _server: object) -> None:
        assert self._application is not None  # noqa: S101
        announce(self._application)


def announce(app: Flask) -> None:
    """Print the pages worth opening, and what is switched off and why."""
    one: Exchange = app.extensions["hotline"]
    settings = one.settings
    console = Console()
    console.print("\n[bold]Die Terminhotline läuft.[/bold] (Strg-C beendet sie.)\n")
    if settings.phone:
        console.print(f"  Anrufen im Browser:   {settings.public_url}/phone")
        console.print(f"  Gesendete SMS:        {settings.public_url}/messages")
        link = demo_link(app.extensions["desk"].accounts, settings.public_url)
        console.print(f"  Arbeitsplatz (Link gilt einmal): {link}", soft_wrap=True)
    console.print(f"  Zustand:              {settings.public_url}/healthz\n")
    if one.ear:
        console.print(f"  Ohr: {one.ear.name} ({one.ear.rate} Hz), {settings.ears} Anrufe zugleich.")
    else:
        console.print(
            "  [yellow]Kein Sprachmodell gefunden: Anrufe gehen nur mit Tasten (hotline model find).[/yellow]"
        )
    console.print(f"  Stimme: {one.speaker.voice.name}.")
    if not settings.agents_number:
        console.print(
            "  Kein Telefon neben dem Arbeitsplatz (HOTLINE_AGENTS_NUMBER): Rückrufe werden notiert."
        )
    if not settings.twilio_account_sid:
        console.print("  Kein Twilio-Konto (TWILIO_ACCOUNT_SID): SMS bleiben im Haus.")
    if not settings.twilio_auth_token.get_secret_value():
        console.print("  [yellow]Kein TWILIO_AUTH_TOKEN: Jeder Anruf wird abgewiesen.[/yellow]")
    console.print()
