"""``hotline sms``: send what is in the outbox, and look into it."""

from __future__ import annotations

import click


@click.group(help="SMS: send what is queued, list it.")
def sms() -> None:
    """Group the commands."""


@sms.command(help="Send queued SMS until stopped (SIGTERM or Ctrl-C). Any number may run at once.")
@click.option("--once", is_flag=True, help="Send what is due now, then end.")
def work(once: bool) -> None:
    """Run a worker in the foreground."""
    import logging
    import signal

    from hotline.messages.senders import sender_for
    from hotline.messages.worker import Worker, run_once
    from hotline.settings import Settings
    from hotline.storage import Database

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings()
    try:
        sender = sender_for(settings)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    database = Database(settings.database_url)
    if once:
        done = run_once(database, sender)
        click.echo(f"sent {done.sent}, put back {done.put_back}, failed {done.failed}")
        return
    worker = Worker(database, sender)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.ask_to_stop())
    click.echo(f"sending SMS with {type(sender).__name__}; Ctrl-C ends")
    worker.run()


@sms.command("list", help="List the newest SMS, with numbers masked.")
@click.option(
    "--status", help="Only those: queued, sending, sent, delivered, undelivered, failed, superseded."
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--text", is_flag=True, help="Show what they say.")
def list_(status: str | None, limit: int, text: bool) -> None:
    """Print a table."""
    import sqlalchemy as sa
    from rich.console import Console
    from rich.table import Table

    from hotline.messages.numbers import masked
    from hotline.messages.tables import Sms, Status
    from hotline.settings import Settings
    from hotline.storage import Database
    from hotline.terms import BERLIN

    query = sa.select(Sms).order_by(Sms.id.desc()).limit(limit)
    if status is not None:
        if status not in list(Status):
            raise click.BadParameter(f"one of {', '.join(Status)}", param_hint="--status")
        query = query.where(Sms.status == status)
    with Database(Settings().database_url).reading() as session:
        rows = session.scalars(query).all()
    table = Table(
        "id", "queued", "kind", "to", "SMS", "status", "attempts", "error", *(["text"] if text else [])
    )
    for row in rows:
        table.add_row(
            str(row.id),
            f"{row.created_at.astimezone(BERLIN):%d.%m. %H:%M}",
            row.kind,
            masked(row.phone),
            str(row.segments),
            row.status,
            str(row.attempts),
            " ".join(str(part) for part in (row.error, row.error_code) if part),
            *([row.text] if text else []),
        )
    Console().print(table)
