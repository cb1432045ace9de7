"""The Flask factory: wires the parts together and decides nothing."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

import holidays
import sqlalchemy as sa
from flask import Flask

from hotline import desk, messages
from hotline.booking import Calendar
from hotline.booking.tables import City
from hotline.dialog.grammar import Grammars
from hotline.dialog.prompts import Prompts
from hotline.health import health
from hotline.settings import Settings
from hotline.speech import models
from hotline.speech.ear import Ear, EarError
from hotline.speech.speaker import Speaker, sentences
from hotline.speech.voice import load as load_voice
from hotline.storage import Database
from hotline.switchboard import Switchboard
from hotline.telephony.agents import Agents
from hotline.telephony.callback_legs import callback_legs
from hotline.telephony.calls import Calls
from hotline.telephony.exchange import Exchange, Seats
from hotline.telephony.lines import Lines
from hotline.telephony.media import media
from hotline.telephony.phone.browser import browser, loopback
from hotline.telephony.phone.remote import remote
from hotline.telephony.phone.rest import Office, rest, simulated_callee
from hotline.telephony.transcript import transcript
from hotline.telephony.transfer import transfer
from hotline.telephony.voice import voice
from hotline.telephony.waiting import Waiting

log = logging.getLogger(__name__)


def utc_now() -> dt.datetime:
    """Return the time; the only clock of the application."""
    return dt.datetime.now(dt.UTC)


def create_app(settings: Settings | None = None, clock: Callable[[], dt.datetime] = utc_now) -> Flask:
    """Return the application.

    The database must have its tables and a city; ``hotline serve`` sees to that.

    :raises hotline.yamlfile.DataError: if grammars, prompts or texts are wrong; it names file and line.
    """
    settings = settings or Settings()
    database = Database(settings.database_url)
    calendar = Calendar(database, clock)
    prompts = Prompts.load(settings.prompts)
    agents = Agents.of(settings, holiday=_holidays(database))
    writer = messages.Writer.of(settings)
    outbox = messages.Outbox(
        writer, lambda service: calendar.catalogue.service(service).name, settings.sms_country_codes, clock
    )
    accounts = desk.Accounts(database, clock, dt.timedelta(hours=settings.session_hours))
    switchboard = Switchboard(
        settings=settings,
        database=database,
        calendar=calendar,
        outbox=outbox,
        grammars=Grammars.load(settings.grammars),
        prompts=prompts,
        agents=agents,
        clock=clock,
        at_desk=accounts.ready,
    )
    calls = Calls(
        database=database,
        converse=switchboard.converse,
        perform=switchboard.perform,
        release=switchboard.release,
        clock=clock,
        keep_words=settings.keep_transcripts,
    )
    ear = load_ear(settings)
    one = Exchange(
        settings=settings,
        calls=calls,
        ear=ear,
        speaker=Speaker(load_voice(settings.piper_voice), cache=settings.cache, prompts=settings.prompts),
        language=prompts.language,
        agents=agents,
        clock=clock,
        prompts=prompts,
        waiting=Waiting(database, clock, accounts.ready),
        lines=Lines(settings),
        staff=accounts,
        extend=calendar.extend,
        seats=Seats(settings.ears if ear else 0),
    )
    app = Flask(__name__)
    app.extensions["hotline"] = one
    app.extensions["switchboard"] = switchboard
    app.extensions["sms-worker"] = messages.Worker(database, messages.sender_for(settings), clock)
    # A webhook's form has a few hundred bytes; nothing larger is from Twilio.
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.register_blueprint(health)
    app.register_blueprint(voice)
    app.register_blueprint(media)
    app.register_blueprint(transfer)
    app.register_blueprint(callback_legs)
    desk.build(app, one, accounts, calendar, outbox)
    replies = messages.Replies(database, writer, switchboard.cancel_by_sms, clock)
    app.register_blueprint(messages.webhooks(database, replies, clock))
    if settings.phone:
        office = Office(simulated_callee)
        app.extensions["phone-office"] = office
        app.register_blueprint(browser)
        token = settings.twilio_auth_token.get_secret_value()
        app.register_blueprint(rest(office, token, loopback, settings.public_url), url_prefix="/phone/twilio")
        app.register_blueprint(transcript)
        app.register_blueprint(remote)
        app.register_blueprint(messages.local_page(database))
    return app


def load_ear(settings: Settings) -> Ear | None:
    """Load the recogniser's model; without one, calls go by keypad, and the operator is told."""
    try:
        return Ear.load(models.find(settings.model).path)
    except (models.ModelError, EarError) as error:
        log.warning("no ear, calls go by keypad: %s", error)
        return None


def _holidays(database: Database) -> Callable[[dt.date], bool]:
    with database.reading() as session:
        region = session.execute(sa.select(City.region)).scalar_one()
    days = holidays.country_holidays("DE", subdiv=region)
    return lambda day: day in days


def fixed_sentences(prompts: Prompts) -> list[str]:
    """Return every sentence that is the same in all calls, to be rendered before the first."""
    return list(
        dict.fromkeys(
            sentence
            for _, template in prompts.templates()
            for sentence in sentences(" ".join(template.split()))
            if "{" not in sentence
        )
    )
