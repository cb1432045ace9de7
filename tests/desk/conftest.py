"""A whole hotline with a desk on loopback, callers by keypad, agents in a real Chromium."""

import contextlib
import datetime as dt
import shutil
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from werkzeug.serving import make_server

from hotline.app import create_app
from hotline.booking import Calendar, load_city, read_city
from hotline.booking.tables import Appointment
from hotline.desk import Accounts, accounts
from hotline.desk.tables import Role
from hotline.messages.tables import Sms
from hotline.settings import Settings
from hotline.storage import Database
from hotline.telephony.phone import Callee, Telephone
from hotline.telephony.phone.remote import reachable
from hotline.telephony.tables import AttemptRow, CallbackRow, CallRow, TurnRow, WaitingRow

TOKEN = "the-account-s-auth-token"
WEDNESDAY = dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC)
"""Ten in the morning in Berlin, on a working day: agents are on duty."""
SUNDAY = dt.datetime(2026, 12, 6, 9, 0, tzinfo=dt.UTC)
PASSWORD = "ein langes Passwort"
SPEED = 10
"""Seconds of a call that pass in one second."""
ANSWERS = Callee(rings_for=1, presses="1", presses_after=0.4, talks_for=900)
PATIENCE = 40


def short(text):
    """Stands in for Twilio's voice: 10 ms a letter, so that announcements do not take minutes."""
    return b"\x20" * 80 * len(text)


def until(condition, what="it", seconds=PATIENCE):
    """Wait until something is so, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    pytest.fail(f"{what} did not come true in {seconds} s")
    return None


@dataclass
class Call:
    """Somebody on the telephone, in a thread of their own."""

    phone: Telephone
    remote: bool = False
    """Whether the telephone is in another process than the hotline, as that of ``hotline call``."""
    over: threading.Event = field(default_factory=threading.Event)

    def start(self):
        def run():
            within = reachable(self.phone) if self.remote else contextlib.nullcontext()
            with within:
                talk()

        def talk():
            try:
                self.phone.dial()
                while not self.phone.ended and not self.over.is_set():
                    self.phone.tick()
                    time.sleep(0.02 / SPEED)
            finally:
                self.phone.hang_up()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        return self

    @property
    def sid(self):
        return self.phone.call_sid

    @property
    def said(self):
        return [event.data["text"] for event in self.phone.log.of("say") if event.leg == "caller"]

    def press(self, keys, after):
        """Press keys once the hotline has said something."""
        until(lambda: any(after in text for text in self.said), f"„{after}“ in {self.said}")
        self.phone.press(keys)

    def hears(self, text):
        return until(lambda: any(text in one for one in self.said), f"„{text}“")

    def hang_up(self):
        self.phone.redirect(None)
        self.thread.join(PATIENCE)


@dataclass
class House:
    """A running hotline and what is behind it. It may be stopped and started again."""

    settings: Settings
    now: dt.datetime
    callees: Any = None
    app: Any = None
    calls: list = field(default_factory=list)

    def __post_init__(self):
        self.database = Database(self.settings.database_url)
        self.calendar = Calendar(self.database, lambda: self.now)
        self.accounts = Accounts(self.database, lambda: self.now)
        self.url = self.settings.public_url
        self.callee = ANSWERS

    def start(self):
        self.app = create_app(self.settings, clock=lambda: self.now)
        office = self.app.extensions["phone-office"]
        office.callees, office.speed = (lambda number: self.callee), SPEED
        port = urlsplit(self.url).port or free_port()
        self.server = make_server("127.0.0.1", port, self.app, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.app.extensions["desk"].hub.close()  # As serving.py does.
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def agent(self, name, full_name, phone="+494042828101", role=Role.AGENT):
        self.accounts.add(name, full_name, role, phone, PASSWORD)

    def call(self, from_="+4917612345678", remote=False, **options):
        phone = Telephone(
            self.settings.public_url,
            TOKEN,
            from_=from_,
            voice=short,
            callees=lambda number: self.callee,
            **options,
        )
        if not remote:
            self.app.extensions["phone-office"].connect(phone)
        call = Call(phone, remote).start()
        self.calls.append(call)
        return call

    def waiting_call(self, **options):
        """Place a call that asks for a human, and waits."""
        call = self.call(**options)
        call.press("0", after="Was brauchen Sie")
        until(lambda: self.waiting(call.sid), "the call waits")
        return call

    def booking_call(self, **options):
        """Place a call that is offered a slot for a passport, and then asks for a human."""
        call = self.call(**options)
        call.press("1", after="Was brauchen Sie")
        until(lambda: len(self.turns(call.sid)) >= 2)
        call.phone.press("1")
        until(lambda: self.appointments("held"), "a slot is held")
        call.phone.press("0")
        until(lambda: self.waiting(call.sid), "the call waits")
        return call

    def row(self, sid):
        with self.database.reading() as session:
            rows = sa.select(WaitingRow).where(WaitingRow.call_sid == sid)
            return session.scalar(rows.order_by(WaitingRow.turn.desc()).limit(1))

    def waiting(self, sid, state="waiting"):
        row = self.row(sid)
        return row if row is not None and row.state == state else None

    def all(self, table, *conditions):
        with self.database.reading() as session:
            return session.scalars(sa.select(table).where(*conditions)).all()

    def appointments(self, state="booked"):
        return self.all(Appointment, Appointment.state == state)

    def sms(self):
        return self.all(Sms)

    def callbacks(self):
        return self.all(CallbackRow)

    def attempts(self):
        return self.all(AttemptRow)

    def turns(self, sid):
        with self.database.reading() as session:
            rows = session.scalars(sa.select(TurnRow).where(TurnRow.call_sid == sid).order_by(TurnRow.number))
            return [row.data for row in rows]

    def outcome(self, sid):
        with self.database.reading() as session:
            return session.get_one(CallRow, sid).outcome

    def did(self, sid):
        """Return what agents did in a call, from its log."""
        return [turn["event"]["action"] for turn in self.turns(sid) if turn["event"]["kind"] == "agent_did"]


@pytest.fixture(scope="session", autouse=True)
def quick_hashing():
    """Argon2id all the same, but not as slow as it must be in operation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def desk_city(tmp_path_factory):
    """A database file with the demo city, to be copied."""
    path = tmp_path_factory.mktemp("city") / "city.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    load_city(database, read_city([Settings().city]), WEDNESDAY)
    Calendar(database, lambda: WEDNESDAY).earliest("personalausweis")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def house_with(desk_city, tmp_path):
    """Open a house with settings of one's own; ``beside`` shares another one's database."""
    open_ = []

    def start(now=WEDNESDAY, beside=None, **changes):
        path = tmp_path / f"hotline{len(open_)}.sqlite3"
        if beside is None:
            path.write_bytes(desk_city.read_bytes())
        url = f"http://127.0.0.1:{free_port()}"
        settings = Settings(
            _env_file=None,
            **{
                "database_url": beside.settings.database_url if beside else f"sqlite:///{path}",
                "twilio_auth_token": TOKEN,
                "twilio_phone_number": "+494042828",
                "twilio_api_url": f"{url}/phone/twilio",
                "public_url": url,
                "cache": tmp_path / "voice",
                "model": tmp_path / "no-model",
                "sms_sender": "local",
                "phone": True,
                **changes,
            },
        )
        house = House(settings, now).start()
        open_.append(house)
        return house

    yield start
    for house in open_:
        for call in house.calls:
            call.over.set()
            call.thread.join(PATIENCE)
        with contextlib.suppress(OSError):
            house.stop()
        house.database.engine.dispose()


@pytest.fixture
def house(house_with):
    """A house with two agents, who are not at their desks yet."""
    house = house_with()
    house.agent("anna", "Anna Weber")
    house.agent("boris", "Boris Kruse", "+494042828102")
    return house


class Browserless:
    """Somebody at the desk without a browser: Flask's test client, which sends what a browser would."""

    def __init__(self, house, name=None, password=PASSWORD):
        self.client = house.app.test_client()
        if name is not None:
            answer = self.sign_in(name, password)
            assert answer.status_code == 303
            page = self.client.get("/desk").text
            self.csrf = page.partition('name="csrf" content="')[2].partition('"')[0]

    def sign_in(self, name, password, site="same-origin"):
        form = {"name": name, "password": password}
        return self.client.post("/desk/sign-in", data=form, headers={"Sec-Fetch-Site": site})

    def get(self, path):
        return self.client.get(path, headers={"Accept": "text/html"})

    def post(self, path, **form):
        return self.client.post(path, data=form, headers={"X-CSRF-Token": self.csrf})


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def sign_in(chromium):
    """Sign somebody in at a desk, in a browser of her own; what the page complains of fails the test."""
    contexts, complaints = [], []

    def enter(house, name, **options):
        context = chromium.new_context(
            **{"viewport": {"width": 1200, "height": 900}, "locale": "de-DE", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: "Content Security Policy" in message.text and complaints.append(message.text),
        )
        page.goto(f"{house.url}/desk")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:text('Warteschlange')")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []
