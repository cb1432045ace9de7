"""``hotline serve`` and ``hotline purge``, and what the commands of a part need from the others."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hotline.booking import Calendar
    from hotline.booking.appointments import Within
    from hotline.settings import Settings
    from hotline.terms import Appointment


def queue_moves(settings: Settings, calendar: Calendar) -> Within:
    """Return what queues the SMS when ``hotline city`` moves an appointment, and says whom none reaches."""
    from hotline import messages
    from hotline.app import utc_now

    def service_name(service: str) -> str:
        return calendar.catalogue.service(service).name

    outbox = messages.Outbox(messages.Writer.of(settings), service_name, settings.sms_country_codes, utc_now)

    def queue(session: Session, moved: Appointment) -> None:
        reachable = moved.phone and messages.allowed_mobile(moved.phone, settings.sms_country_codes)
        if not isinstance(reachable, messages.Allowed):
            click.echo(f"  Keine SMS möglich, bitte anrufen: {moved.phone or 'Nummer unbekannt'}")
        outbox.queue(session, moved, messages.Kind.MOVE)

    return queue


@click.command(help="Start the hotline.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--demo", is_flag=True, help="Load the demo city; serve the browser telephone; send no SMS.")
def serve(host: str, port: int, workers: int, demo: bool) -> None:
    """Prepare everything that a call needs, then serve until stopped."""
    from hotline.serving import Server, demo_settings
    from hotline.settings import Settings
    from hotline.yamlfile import DataError

    try:
        # gunicorn sets the same option: a port that was in use a moment ago is free.
        socket.create_server((host, port)).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise click.ClickException(
            f"An {host}, Port {port}, lässt sich nicht horchen ({reason}). Läuft die Hotline schon? "
            f"Einen anderen Port nimmt: hotline serve --port {port % 65535 + 1}"
        ) from error
    settings = demo_settings(f"http://localhost:{port}") if demo else Settings()
    try:
        Server(settings, host, port, workers).run()
    except (DataError, LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@click.command(help="Delete what is personal and older than the retention period.")
@click.option("--days", type=click.IntRange(1), help="Days to keep; by default HOTLINE_RETENTION_DAYS.")
def purge(days: int | None) -> None:
    """Delete calls, messages and names of appointments past."""
    import datetime as dt

    from hotline import messages
    from hotline.app import utc_now
    from hotline.booking import Calendar
    from hotline.desk.accounts import purge as purge_desk
    from hotline.settings import Settings
    from hotline.storage import Database
    from hotline.telephony.calls import purge as purge_calls

    settings = Settings()
    database = Database(settings.database_url)
    before = utc_now() - dt.timedelta(days=days or settings.retention_days)
    people = Calendar(database, utc_now).purge(before)
    with database.writing() as session:
        sms = messages.purge(session, before)
        calls = purge_calls(session, before)
        purge_desk(session, utc_now())
    click.echo(f"Gelöscht: Angaben zu {people} Terminen, {sms} SMS, {calls} Anrufe.")
