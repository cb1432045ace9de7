"""``hotline city …``: what operators do with the city's data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hotline.booking import Calendar, Catalogue
    from hotline.booking.appointments import Within
    from hotline.booking.schema import CityData
    from hotline.booking.steering import Misfit, Proposal
    from hotline.settings import Settings
    from hotline.storage import Database
    from hotline.terms import Offer

    QueueMove: TypeAlias = Callable[[Settings, Calendar], Within]
    """What the command line hands over as ``obj``: how a moved appointment queues its message."""

SHORT, IDLE = 0.85, 0.4
"""From which load on a week is short of counters, and below which they are idle. What is left above 0.85 is
mostly reserved, and a day's absence in five can no longer be made up in the same week."""

DATE = click.DateTime(formats=["%Y-%m-%d", "%d.%m.%Y"])
FILES = click.argument(
    "files", metavar="[DATEI|ORDNER]…", nargs=-1, type=click.Path(exists=True, path_type=Path)
)
console = Console(highlight=False)


@click.group(help="Die Stadt: Standorte, Anliegen, Öffnungszeiten und ihr Kalender.")
def city() -> None:
    """Run one of the commands."""


@city.command(help="Prüft Dateien, ohne etwas zu ändern. Fehler nennen Datei und Zeile.")
@FILES
def check(files: tuple[Path, ...]) -> None:
    """Check a city's files."""
    data = _read(files)
    stationary = sum(not site.mobile for site in data.sites)
    console.print(
        f"{data.city.name}: {len(data.districts)} Bezirke, {stationary} feste und "
        f"{len(data.sites) - stationary} mobile Standorte, {len(data.services)} Anliegen. Alles in Ordnung."
    )


@city.command(help="Lädt einen neuen Stand. Gebuchte Termine bleiben; was nicht mehr passt, wird genannt.")
@FILES
def load(files: tuple[Path, ...]) -> None:
    """Load a city's files."""
    from hotline.booking import load_city
    from hotline.booking.steering import misfits

    data = _read(files)
    _, database = _open()
    load_city(database, data, _now())
    console.print(
        f"{data.city.name} ist geladen: {len(data.sites)} Standorte, {len(data.services)} Anliegen."
    )
    _show(misfits(database, _now()))


@city.command(help="Ändert die Zahl der Schalter eines Standorts, etwa bei Krankheit, und verlegt Termine.")
@click.argument("site", metavar="STANDORT")
@click.option("--from", "first", type=DATE, required=True, metavar="DATUM", help="Erster Tag.")
@click.option("--until", "last", type=DATE, metavar="DATUM", help="Letzter Tag; ohne Angabe nur der erste.")
@click.option("--counters", "change", type=int, required=True, help="Schalter mehr oder weniger, etwa -2.")
@click.option("--note", default="", help="Anlass.")
@click.option("--yes", is_flag=True, help="Alle Vorschläge annehmen, ohne zu fragen.")
@click.pass_obj
def absence(
    queue: QueueMove | None,
    *,
    site: str,
    first: dt.datetime,
    last: dt.datetime | None,
    change: int,
    note: str,
    yes: bool,
) -> None:
    """Record an absence and move what no longer fits."""
    from hotline.booking.steering import record_absence

    settings, database = _open()
    known = [other.id for other in _catalogue(database).sites]
    if site not in known:
        msg = f"{site!r} ist kein Standort. Es gibt: {', '.join(known)}"
        raise click.ClickException(msg)
    begin, end = max(first.date(), _today()), (last or first).date()
    if end < begin:
        msg = "--until liegt vor --from" if end < first.date() else "Dieser Zeitraum ist schon vorbei."
        raise click.ClickException(msg)
    if not change:
        msg = "--counters 0 ändert nichts"
        raise click.ClickException(msg)
    record_absence(database, site, begin, end, change=change, note=note)
    console.print(f"{site}: {change:+d} Schalter von {begin:%d.%m.%Y} bis {end:%d.%m.%Y}.")
    _fit(settings, database, queue, yes=yes)


@city.command(help="Zeigt, was an Abwesenheiten eingetragen ist, oder nimmt eine zurück.")
@click.option("--remove", "number", type=int, metavar="NUMMER", help="Diese Abwesenheit zurücknehmen.")
def absences(number: int | None) -> None:
    """List absences, or take one back."""
    from hotline.booking import steering

    _, database = _open()
    _catalogue(database)
    today = _today()
    if number is not None and not steering.remove_absence(database, number, today):
        msg = f"Eine Abwesenheit mit der Nummer {number} gibt es nicht."
        raise click.ClickException(msg)
    table = Table("Nummer", "Standort", "von", "bis", "Schalter", "Anlass")
    for one in steering.absences(database, today):
        dates = (f"{one.first:%d.%m.%Y}", f"{one.last:%d.%m.%Y}")
        table.add_row(str(one.number), one.site, *dates, f"{one.change:+d}", one.note)
    console.print(table if table.row_count else "Es ist nichts eingetragen.")


@city.command(help="Zeigt Termine, die nicht mehr passen, und verlegt sie nach Rückfrage.")
@click.option("--yes", is_flag=True, help="Alle Vorschläge annehmen, ohne zu fragen.")
@click.pass_obj
def fit(queue: QueueMove | None, *, yes: bool) -> None:
    """Move what no longer fits."""
    settings, database = _open()
    _catalogue(database)
    _fit(settings, database, queue, yes=yes)


@city.command(
    help="Zeigt Auslastung und Wartezeit der nächsten Wochen: wo Schalter fehlen, wo sie frei sind."
)
@click.option("--weeks", default=4, type=click.IntRange(1, 12), help="Wie viele Wochen.")
def view(weeks: int) -> None:
    """Show load and lead time."""
    from hotline.booking.steering import lead_times, load_by_week

    _, database = _open()
    now = _now()
    catalogue = _catalogue(database)
    loads = load_by_week(database, _today(), weeks)
    leads = lead_times(database, now)
    first = next(iter(loads.values()), [])
    by_site = Table("Standort", *(f"ab {week.monday:%d.%m.}" for week in first), "Wartezeit", "")
    for site in catalogue.sites:
        shares = [week.load / week.capacity if week.capacity else None for week in loads.get(site.id, [])]
        open_weeks = [share for share in shares if share is not None]
        mean = sum(open_weeks) / len(open_weeks) if open_weeks else None
        verdict = (
            "geschlossen" if mean is None else "knapp" if mean >= SHORT else "frei" if mean <= IDLE else ""
        )
        by_site.add_row(
            site.id,
            *("–" if share is None else f"{share:.0%}" for share in shares),
            _days([lead[site.id] for lead in leads.values() if site.id in lead]),
            verdict,
        )
    console.print(by_site)
    by_service = Table("Anliegen", "in der Stadt", "im Mittel der Standorte", "ohne Termin")
    for service in catalogue.services:
        days = sorted(lead for lead in leads.get(service.id, {}).values() if lead is not None)
        full = sum(lead is None for lead in leads.get(service.id, {}).values())
        if service.appointment_needed:
            by_service.add_row(
                service.name,
                _days(days[:1]),
                _days(days[len(days) // 2 :][:1]),
                f"{full} Standorte" if full else "",
            )
    console.print(by_service)


def _days(leads: Sequence[int | None]) -> str:
    known = [lead for lead in leads if lead is not None]
    if not known:
        return "kein Termin"
    least, most = min(known), max(known)
    return f"{least} Tage" if least == most else f"{least} bis {most} Tage"


def _fit(settings: Settings, database: Database, queue: QueueMove | None, *, yes: bool) -> None:
    """Propose alternatives for what no longer fits and apply what the operator accepts."""
    from hotline.booking import Calendar
    from hotline.booking.steering import misfits, propose

    calendar = Calendar(database, _now)
    found = misfits(database, _now())
    _show(found)
    within = queue(settings, calendar) if queue else None
    if found and within is None:
        console.print("Achtung: Es werden keine Nachrichten verschickt.")
    proposals = propose(calendar, database, found, _now())
    try:
        for proposal in proposals:
            _decide(calendar, proposal, within, yes=yes)
    finally:
        # Whoever breaks off in the middle keeps nothing from callers.
        for proposal in proposals:
            calendar.release(proposal.key)


def _decide(calendar: Calendar, proposal: Proposal, within: Within | None, *, yes: bool) -> None:
    from hotline.booking.steering import apply

    appointment = proposal.misfit.appointment
    if proposal.offer is None:
        called = f", Telefon {appointment.phone}" if appointment.phone else ""
        console.print(
            f"{appointment.reference}: keine Alternative in der ganzen Stadt{called}. Bitte anrufen."
        )
        return
    console.print(f"{appointment.reference}: {_slot(appointment.offer)}")
    console.print(f"        neu: {_slot(proposal.offer)}")
    # A long list is worked through in one sitting, so that what is asked must be short.
    if yes or _agreed("Verlegen?"):
        moved = apply(calendar, proposal, within or (lambda _session, _appointment: None))
        console.print("  verlegt." if moved else "  nicht mehr möglich.")
    else:
        console.print("  bleibt, wie es ist.")


def _slot(offer: Offer) -> str:
    return f"{offer.local_start:%d.%m.%Y %H:%M} Uhr, {offer.site_name}"


def _agreed(question: str) -> bool:
    answers = click.Choice(["j", "n"], case_sensitive=False)
    return str(click.prompt(question, type=answers, default="n")) == "j"


def _show(found: Sequence[Misfit]) -> None:
    if not found:
        console.print("Alle gebuchten Termine passen.")
        return
    table = Table("Nummer", "Termin", "Standort", "Anliegen", "Grund")
    for misfit in found:
        offer = misfit.appointment.offer
        start = f"{offer.local_start:%d.%m.%Y %H:%M}"
        table.add_row(misfit.appointment.reference, start, offer.site_name, offer.service, misfit.reason)
    one = len(found) == 1
    console.print(
        "Ein gebuchter Termin passt nicht mehr:"
        if one
        else f"{len(found)} gebuchte Termine passen nicht mehr:"
    )
    console.print(table)


def _read(files: tuple[Path, ...]) -> CityData:
    from hotline.booking import read_city
    from hotline.settings import Settings
    from hotline.yamlfile import DataError

    try:
        return read_city(files or (Settings().city,))
    except DataError as error:
        raise click.ClickException(str(error)) from error


def _open() -> tuple[Settings, Database]:
    import sqlalchemy as sa

    from hotline.settings import Settings
    from hotline.storage import Database

    settings = Settings()
    database = Database(settings.database_url)
    try:
        database.upgrade()
    except sa.exc.OperationalError as error:
        msg = f"Die Datenbank {database.url.render_as_string()} ist nicht erreichbar: {error.orig}"
        raise click.ClickException(msg) from error
    return settings, database


def _catalogue(database: Database) -> Catalogue:
    from hotline.booking import Catalogue

    try:
        return Catalogue.load(database)
    except LookupError as error:
        raise click.ClickException(str(error)) from error


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _today() -> dt.date:
    from hotline.terms import BERLIN

    return _now().astimezone(BERLIN).date()
