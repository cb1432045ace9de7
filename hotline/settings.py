"""Every setting, typed and documented, from the environment (or a file ``.env`` beside the project).

Twilio's settings bear Twilio's own names; all others begin with ``HOTLINE_``.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder, which holds ``grammars/``, ``prompts/`` and ``cities/``."""


class Settings(BaseSettings):
    """The hotline's settings. The environment variable of a field is ``HOTLINE_`` and its name."""

    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_", env_file=".env", extra="ignore", populate_by_name=True
    )

    twilio_account_sid: str = Field(default="", validation_alias="TWILIO_ACCOUNT_SID")
    """The account's id (``AC…``). Empty: no SMS leaves the house."""
    twilio_auth_token: SecretStr = Field(default=SecretStr(""), validation_alias="TWILIO_AUTH_TOKEN")
    """Signs and checks every webhook. Empty: every webhook is refused."""
    twilio_phone_number: str = Field(default="", validation_alias="TWILIO_PHONE_NUMBER")
    """The hotline's own number, E.164; the sender of SMS and of calls to agents."""

    public_url: str = "http://localhost:8000"
    """The base URL under which Twilio reaches the hotline. Signatures are checked against it."""
    database_url: str = f"sqlite:///{ROOT / 'var' / 'hotline.sqlite3'}"
    """SQLAlchemy URL; SQLite or ``postgresql+psycopg://``."""
    city: Path = ROOT / "cities" / "demo"
    """The folder of the city's data (sites, services, opening hours)."""
    grammars: Path = ROOT / "grammars"
    """The folder of what callers may say."""
    prompts: Path = ROOT / "prompts"
    """The folder of what callers hear."""
    cache: Path = ROOT / "var" / "voice"
    """The folder of rendered speech; may be deleted at any time."""

    model: Path | None = None
    """A Vosk model's folder. Unset: it is looked for (see ``hotline.speech.models``)."""
    piper_voice: Path | None = None
    """A Piper voice (``….onnx``). Unset: Pico speaks."""
    ears: int = Field(default=32, ge=0)
    """How many calls one process listens to at once; one more goes on by keypad."""

    twilio_api_url: str = ""
    """Where Twilio's REST API is, if not at Twilio: the test telephone's."""

    agents_number: str = ""
    """The number that takes over calls, E.164. Empty: a call-back is noted instead."""
    agents_from: dt.time = dt.time(8)
    """From when agents answer, Europe/Berlin, Monday to Friday."""
    agents_until: dt.time = dt.time(18)
    """Until when agents answer."""
    agents_always: bool = False
    """Whether agents answer at any hour of any day; ``serve --demo`` has it so unless hours are set."""
    callback_hours: int = Field(default=10, ge=1)
    """Within how many opening hours of the agents a call-back is promised."""

    longest_wait: dt.timedelta = dt.timedelta(minutes=5)
    """Who has waited, or is to wait, so long in all is offered a call-back at every announcement
    (seconds, or ISO 8601)."""
    queue_speech: bool = False
    """Whether „Rückruf“ and „zurück“ may be said while waiting. Twilio's recogniser listens then, which
    passes the caller's voice to a third party; the keys work either way."""
    desks: int = Field(default=40, ge=0)
    """How many browsers at the desk one process keeps up to date at once; one more asks every few seconds."""
    session_hours: int = Field(default=12, ge=1)
    """After so many hours an agent signs in anew; an unused session ends after half an hour."""

    sms_sender: str = "auto"
    """``twilio``, ``local`` (messages are shown on a page), or ``auto``: Twilio where an account is set."""
    sms_from: str = ""
    """Who SMS come from: a number, a name of up to 11 letters, or a Twilio messaging service (``MG…``).
    Empty: :attr:`twilio_phone_number`, which for a German landline number cannot send SMS."""
    sms_countries: str = "49"
    """Country codes to which SMS may go, separated by commas."""

    phone: bool = False
    """Whether ``/phone`` (the browser telephone) and ``/messages`` (local SMS) are served. For trying out."""
    keep_transcripts: bool = False
    """Whether what was heard is stored word by word (fault analysis); otherwise only what was understood."""
    retention_days: int = Field(default=30, ge=1)
    """Days after the appointment, or the call, after which ``hotline purge`` deletes what is personal."""

    @field_validator("public_url")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        if not re.match(r"https?://[^/]", value):
            msg = "eine Adresse wie https://hotline.example.org wird erwartet"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("agents_number", "twilio_phone_number")
    @classmethod
    def _is_e164(cls, value: str) -> str:
        if value and not re.fullmatch(r"\+[1-9]\d{3,14}", value):
            msg = "eine Rufnummer wie +494042828100 wird erwartet"
            raise ValueError(msg)
        return value

    @field_validator("sms_countries")
    @classmethod
    def _are_country_codes(cls, value: str) -> str:
        if not re.fullmatch(r"[\d,\s]*", value):
            msg = "Ländervorwahlen wie 49,43 werden erwartet"
            raise ValueError(msg)
        return value

    @cached_property
    def stream_url(self) -> str:
        """The WebSocket URL of the media stream, on the same host as :attr:`public_url`."""
        return "ws" + self.public_url.removeprefix("http") + "/voice/media"

    @cached_property
    def sms_country_codes(self) -> frozenset[int]:
        """:attr:`sms_countries` as numbers."""
        return frozenset(int(code) for code in self.sms_countries.split(",") if code.strip())
