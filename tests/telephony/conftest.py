"""A small hotline whose webhooks are posted to directly, and whose ear hears what tests type."""

import base64
import datetime as dt
import json
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import sqlalchemy as sa
from twilio.request_validator import RequestValidator
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from werkzeug.serving import make_server

from hotline import messages
from hotline.app import create_app
from hotline.booking import load_city
from hotline.booking.schema import CityData
from hotline.booking.tables import Appointment
from hotline.dialog.grammar import Grammars
from hotline.dialog.prompts import Prompts
from hotline.settings import Settings
from hotline.speech import audio
from hotline.speech.speaker import Speaker
from hotline.speech.words import Word
from hotline.storage import Database
from hotline.telephony.exchange import Seats
from hotline.telephony.tables import CallbackRow, CallRow, TurnRow

TOKEN = "12345"
PUBLIC_URL = "https://hotline.example"
AGENTS = "+494042828100"
MOBILE = "+4917612345678"
WEDNESDAY = dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC)
"""Ten in the morning in Berlin, on a working day."""


def small_city():
    office = {
        "offers": ["residents"],
        "latitude": 53.5,
        "longitude": 10.0,
        "hours": [
            {
                "weekdays": ["mon", "tue", "wed", "thu", "fri"],
                "opens": "08:00",
                "closes": "16:00",
                "counters": 1,
            }
        ],
    }
    names = ("Nord", "Sued")
    return CityData.model_validate(
        {
            "city": {"name": "Kleinstadt", "region": "HH", "lead_minutes": 30, "window_days": 10},
            "categories": [{"id": "ausweise", "name": "Ausweise"}],
            "districts": [
                {"id": name.lower(), "name": name, "latitude": 53.5, "longitude": 10.0} for name in names
            ],
            "services": [
                {
                    "id": name.lower(),
                    "name": name,
                    "accusative": f"einen {name}",
                    "synonyms": [name.lower()],
                    "category": "ausweise",
                    "group": "residents",
                    "minutes": 15,
                }
                for name in ("Personalausweis", "Reisepass")
            ],
            "sites": [
                {
                    "id": name.lower(),
                    "name": f"Amt {name}",
                    "synonyms": [f"amt {name.lower()}"],
                    "district": name.lower(),
                    "address": f"Platz {name}",
                    "step_free": True,
                    **office,
                }
                for name in names
            ],
        }
    )


READ_ONCE = [
    (place, name, cache(getattr(place, name)))
    for place, name in ((Grammars, "load"), (Prompts, "load"), (messages, "load_texts"))
]
"""Readers of YAML, which take longer than a whole test."""


class Clock:
    """A clock that tests turn."""

    def __init__(self, now=WEDNESDAY):
        self.now = now

    def __call__(self):
        return self.now

    def turn(self, **by):
        self.now += dt.timedelta(**by)


class Murmur:
    """A voice that murmurs a frame for every word, so that nothing has to be rendered."""

    name = "Murmur"

    def render(self, text, *, pace=1.0):
        return b"\x55" * audio.FRAME_BYTES * len(text.split())


class TypedEar:
    """An ear that hears what was typed, as soon as the audio is loud for long enough."""

    name = "typed"
    rate = audio.TELEPHONE_RATE

    def __init__(self):
        self.typed = ""
        self.asked = []

    def listen(self, phrases):
        self.asked.append(phrases)
        return TypedListener(self)


class TypedListener:
    ENOUGH = 10
    """Loud frames, 200 ms, in which a word can be spoken."""

    def __init__(self, ear):
        self._ear = ear
        self._loud = 0

    def accept(self, samples):
        self._loud += bool(np.abs(samples).max() > 1000)

    def partial(self):
        return self._ear.typed if self._loud >= self.ENOUGH else ""

    def final(self):
        return tuple(Word(word, 0, 0, 1.0) for word in self.partial().split())


@dataclass
class Hotline:
    """The hotline, its webhooks, and what is behind them."""

    app: Any
    database: Database
    settings: Settings
    clock: Clock
    url: str = ""
    ear: TypedEar = field(default_factory=TypedEar)

    def post(self, path, signed=True, **form):
        """Post a webhook as Twilio does, with every parameter signed."""
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, form)
        headers = {"X-Twilio-Signature": signature} if signed else {}
        return self.app.test_client().post(path, data=form, headers=headers)

    def twiml(self, path, sid="CA1", **form):
        """Post a webhook of a call and return the TwiML that answers it."""
        answer = self.post(path, CallSid=sid, **form)
        assert answer.status_code == 200, answer.data
        assert answer.mimetype == "text/xml"
        return ET.fromstring(answer.data)

    def dial(self, sid="CA1", from_=MOBILE):
        return self.twiml("/voice/incoming", sid, From=from_, To="+494042828", CallStatus="ringing")

    def key(self, answer, digits="", sid="CA1", **more):
        """Press keys where TwiML gathers them; none at all is silence."""
        gather = answer.find("Gather")
        path = gather.get("action").removeprefix(PUBLIC_URL)
        return self.twiml(path, sid, Digits=digits, **more)

    def keys(self, answer, *pressed, sid="CA1"):
        for digits in pressed:
            answer = self.key(answer, digits, sid)
        return answer

    def rows(self, table, *conditions):
        with self.database.reading() as session:
            return session.scalars(sa.select(table).where(*conditions)).all()

    def call(self, sid="CA1"):
        [call] = self.rows(CallRow, CallRow.sid == sid)
        return call

    def turns(self, sid="CA1"):
        return [row.data for row in self.rows(TurnRow, TurnRow.call_sid == sid)]

    def appointments(self, state):
        return self.rows(Appointment, Appointment.state == state)

    def callbacks(self):
        return self.rows(CallbackRow)

    @contextmanager
    def stream(self, sid="CA1", **options):
        """Dial, and open the media stream that is asked for."""
        answer = self.dial(sid)
        with self.open(answer, sid, **options) as stream:
            yield stream

    @contextmanager
    def open(self, answer, sid="CA1", **options):
        token = answer.find("Connect/Stream/Parameter").get("value")
        with self.handshake() as socket:
            stream = Stream(socket, self, sid)
            stream.start(token, **options)
            yield stream

    def handshake(self, url="wss://hotline.example/voice/media", headers=None):
        signature = RequestValidator(TOKEN).compute_signature(url, {})
        return connect(
            self.url.replace("http", "ws") + "/voice/media",
            additional_headers={"X-Twilio-Signature": signature} if headers is None else headers,
            compression=None,
            max_queue=None,
        )


class Stream:
    """Twilio's end of a media stream."""

    def __init__(self, socket, hotline, sid):
        self.socket, self.hotline, self.sid = socket, hotline, sid
        self.messages = []

    def start(self, token, sid=None, **changes):
        start = {
            "streamSid": "MZ1",
            "accountSid": "AC1",
            "callSid": sid or self.sid,
            "tracks": ["inbound"],
            "customParameters": {"token": token},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            **changes,
        }
        self.send("connected", protocol="Call", version="1.0.0")
        self.send("start", start=start)

    def send(self, event, **body):
        self.raw(json.dumps({"event": event, "streamSid": "MZ1", **body}))

    def raw(self, message):
        with suppress(ConnectionClosed):  # Who reads will find out.
            self.socket.send(message)

    def frames(self, count, sound=audio.SILENCE):
        payload = base64.b64encode(sound * audio.FRAME_BYTES).decode()
        for _ in range(count):
            self.send("media", media={"track": "inbound", "chunk": "1", "timestamp": "1", "payload": payload})

    def press(self, *keys):
        """Press keys, half a second apart."""
        for key in keys:
            self.send("dtmf", dtmf={"track": "inbound_track", "digit": key})
            self.frames(25)

    def say(self, text):
        """Say something, and fall silent for long enough."""
        self.hotline.ear.typed = text
        self.frames(30, b"\x10")
        self.frames(100)

    def settle(self):
        """Wait until all that was sent has been dealt with, and take in what came back."""
        assert self.socket.ping().wait(20)
        while True:
            try:
                message = self.socket.recv(timeout=0)
            except TimeoutError:
                return self
            self.messages.append(json.loads(message))

    def finish(self):
        """Take in all that comes until the hotline closes the stream; return the close code."""
        try:
            while True:
                self.messages.append(json.loads(self.socket.recv(timeout=20)))
        except ConnectionClosed:
            return self.socket.close_code

    def heard(self):
        """Tell the hotline that everything has been played."""
        self.settle()
        for mark in self.of("mark")[-1:]:
            self.send("mark", mark=mark["mark"])
        return self.settle()

    def of(self, event):
        return [message for message in self.messages if message["event"] == event]

    @property
    def turns(self):
        self.settle()
        return self.hotline.turns(self.sid)

    @property
    def question(self):
        """What was asked last."""
        return self.turns[-1]["said"][-1]["prompt"]


@pytest.fixture(scope="session")
def city_file(tmp_path_factory):
    """A database file with the small city, to be copied."""
    path = tmp_path_factory.mktemp("city") / "city.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    load_city(database, small_city(), WEDNESDAY)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    return path


@pytest.fixture
def hotline_with(city_file, tmp_path, monkeypatch):
    """Return a function that makes a hotline with settings of one's own; with ``ears``, it can hear."""
    made = []
    for place, name, read in READ_ONCE:
        monkeypatch.setattr(place, name, read)

    def make(*, ears=0, **changes):
        path = tmp_path / f"{len(made)}.sqlite3"
        path.write_bytes(city_file.read_bytes())
        options = {
            "database_url": f"sqlite:///{path}",
            "twilio_auth_token": TOKEN,
            "public_url": PUBLIC_URL,
            "cache": tmp_path / "voice",
            "model": tmp_path / "no-model",
            "sms_sender": "local",
            "agents_number": AGENTS,
            "phone": True,
            "ears": ears,
            **changes,
        }
        settings = Settings(_env_file=None, **options)
        clock = Clock()
        app = create_app(settings, clock)
        one = Hotline(app, Database(settings.database_url), settings, clock)
        wired = app.extensions["hotline"]
        app.extensions["hotline"] = replace(
            wired,
            ear=one.ear if ears else None,
            seats=Seats(ears),
            speaker=Speaker(Murmur()),
        )
        made.append(one)
        return one

    yield make
    for one in made:
        one.database.engine.dispose()
        one.app.extensions["hotline"].calls.database.engine.dispose()


@pytest.fixture
def hotline(hotline_with):
    """A hotline without an ear, so that calls go by keypad; agents are on duty."""
    return hotline_with()


@pytest.fixture
def live(hotline_with):
    """A hotline with two ears, served on loopback."""
    with serving(hotline_with(ears=2)) as one:
        yield one


@contextmanager
def serving(one):
    server = make_server("127.0.0.1", 0, one.app, threaded=True)
    one.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def eventually(condition, seconds=10.0):
    """Wait until another thread has made something true."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not become true"
        time.sleep(0.01)
