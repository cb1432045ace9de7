import datetime as dt

import pytest
import sqlalchemy as sa

from hotline.messages.outbox import Outbox
from hotline.messages.senders import TwilioSender
from hotline.messages.tables import Sms
from hotline.messages.texts import Writer, load_texts
from hotline.settings import ROOT
from hotline.terms import Appointment, Offer

from .twilio_stand_in import TwilioStandIn

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MOBILE = "+4917612345678"


class Clock:
    """A clock that tests turn."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now

    def turn(self, **by):
        self.now += dt.timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def texts():
    return load_texts(ROOT / "prompts")


@pytest.fixture
def writer(texts):
    return Writer(texts, hotline="040 4285041", replies=True)


@pytest.fixture
def outbox(writer, clock):
    return Outbox(writer, {"ausweis": "Personalausweis"}.__getitem__, frozenset({49}), clock)


@pytest.fixture
def twilio(clock):
    stand_in = TwilioStandIn(clock)
    yield stand_in
    stand_in.close()


@pytest.fixture
def sender(twilio):
    return TwilioSender(twilio.client(), "+4915735990000", "https://hotline.example/sms/status")


def appointment(reference="482107365", *, phone=MOBILE, starts_at=None, **offer):
    details = {
        "service": "ausweis",
        "site": "altona",
        "starts_at": starts_at or NOW + dt.timedelta(days=2),
        "minutes": 15,
        "site_name": "Kundenzentrum Altona",
        "address": "Platz der Republik 1",
        "district": "altona",
        "step_free": True,
    }
    return Appointment(reference, Offer(**{**details, **offer}), phone)


def rows(database):
    with database.reading() as session:
        return session.scalars(sa.select(Sms).order_by(Sms.id)).all()


def queue(database, outbox, *appointments, **options):
    with database.writing() as session:
        for one in appointments:
            outbox.queue(session, one, **options)
