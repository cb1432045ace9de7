"""A whole hotline on loopback, real Vosk and real SQLite, and callers with a script."""

import datetime as dt
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from hotline.app import create_app
from hotline.booking import Calendar, load_city, read_city
from hotline.booking.tables import Appointment
from hotline.messages.tables import Sms
from hotline.settings import Settings
from hotline.speech import models
from hotline.storage import Database
from hotline.telephony.phone import Callee, Telephone
from hotline.telephony.phone.caller import Caller, Nobody
from hotline.telephony.phone.script import Script
from hotline.telephony.tables import CallbackRow, CallRow, TurnRow

TOKEN = "the-account-s-auth-token"
PUBLIC_URL = "https://hotline.example"
WEDNESDAY = dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC)
"""Ten in the morning in Berlin, on a working day: agents are on duty."""
SUNDAY = dt.datetime(2026, 12, 6, 9, 0, tzinfo=dt.UTC)


@dataclass
class Hotline:
    """A running hotline and what is behind it."""

    url: str
    app: Any
    database: Database
    settings: Settings
    now: dt.datetime = WEDNESDAY
    calendar: Calendar = field(init=False)

    def __post_init__(self):
        self.calendar = Calendar(self.database, lambda: self.now)

    def telephone(self, **options):
        return Telephone(PUBLIC_URL, TOKEN, connect_to=self.url, **options)

    def call(
        self,
        *turns,
        from_="+4917612345678",
        voice=None,
        agent="answers",
        telephone=None,
        seed=1,
        repeats=0,
        audience=None,
    ):
        """Place a call; a turn is a script's turn, or a text to say.

        :param repeats: how often the caller says something again that was not understood, as people do.
        """
        script = Script.model_validate(
            {
                "from": from_,
                "voice": voice or {},
                "repeats": repeats,
                "turns": [{"say": turn} if isinstance(turn, str) else turn for turn in turns],
            }
        )
        phone = telephone or self.telephone(from_=from_, callees=Callee(agent))
        record = Caller(phone, script, audience or Nobody(), seed=seed).call()
        record.phone = phone
        return record

    def appointments(self, state="booked"):
        with self.database.reading() as session:
            return session.scalars(sa.select(Appointment).where(Appointment.state == state)).all()

    def sms(self):
        with self.database.reading() as session:
            return session.scalars(sa.select(Sms)).all()

    def callbacks(self):
        with self.database.reading() as session:
            return session.scalars(sa.select(CallbackRow)).all()

    def call_row(self, sid):
        with self.database.reading() as session:
            return session.get(CallRow, sid)

    def turns(self, sid):
        with self.database.reading() as session:
            rows = session.scalars(sa.select(TurnRow).where(TurnRow.call_sid == sid).order_by(TurnRow.number))
            return [row.data for row in rows]


@pytest.fixture(scope="session")
def voice_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("voice")


@pytest.fixture(scope="session")
def model():
    try:
        return models.find(None).path
    except models.ModelError as error:
        pytest.skip(f"no model for the ear: {error}")


@pytest.fixture(scope="session")
def city_database(tmp_path_factory):
    """A database file with the demo city, to be copied."""
    path = tmp_path_factory.mktemp("city") / "city.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    settings = Settings()
    load_city(database, read_city([settings.city]), WEDNESDAY)
    Calendar(database, lambda: WEDNESDAY).earliest("personalausweis")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    return path


@pytest.fixture
def hotline_with(city_database, voice_cache, tmp_path, model):
    """Start a hotline with settings of one's own."""
    running = []

    def start(now=WEDNESDAY, **changes):
        path = tmp_path / f"hotline{len(running)}.sqlite3"
        path.write_bytes(city_database.read_bytes())
        options = {
            "database_url": f"sqlite:///{path}",
            "twilio_auth_token": TOKEN,
            "public_url": PUBLIC_URL,
            "cache": voice_cache,
            "model": model,
            "keep_transcripts": True,
            "sms_sender": "local",
            "phone": True,
            **changes,
        }
        settings = Settings(_env_file=None, **options)
        holder = {}
        app = create_app(settings, clock=lambda: holder["hotline"].now)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        one = Hotline(
            f"http://127.0.0.1:{server.server_port}", app, Database(settings.database_url), settings, now
        )
        holder["hotline"] = one
        thread.start()
        running.append((server, thread, one))
        return one

    yield start
    for server, thread, one in running:
        server.shutdown()
        thread.join()
        server.server_close()
        one.database.engine.dispose()


@pytest.fixture
def hotline(hotline_with):
    """A hotline as a city would run it, with agents on duty."""
    return hotline_with(agents_number="+494042828100")
