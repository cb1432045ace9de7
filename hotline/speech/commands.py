"""``hotline model``: find, check and fetch the ear's model."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from hotline.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.group(help="Das Sprachmodell: finden, prüfen, holen.")
def model() -> None:
    """Group of the commands below."""


@model.command(help="Zeigt, welches Sprachmodell benutzt wird und warum.")
def find() -> None:
    """Say which model is used."""
    from hotline.speech import models
    from hotline.speech.ear import Ear, EarError

    try:
        found = models.find(Settings().model)
        ear = Ear.load(found.path)
    except (models.ModelError, EarError) as error:
        raise click.ClickException(f"{error} Die Hotline läuft dann mit Tastenwahl.") from error
    click.echo(f"{found.path}\n{found.why}; {ear.rate} Hz")


@model.command(help="Nennt die Wörter der Grammatiken und der Stadt, die das Modell nicht kennt.")
def check() -> None:
    """List what the model lacks; the exit status is 1 if that is anything."""
    from hotline.speech import models
    from hotline.speech.ear import Ear, EarError

    settings = Settings()
    try:
        phrases = list(_all_phrases(settings))
        ear = Ear.load(models.find(settings.model).path)
    except (models.ModelError, EarError) as error:
        raise click.ClickException(str(error)) from error
    missing = ear.missing(phrases)
    words = {word for phrase in phrases for word in phrase.split()}
    click.echo(f"{ear.name}: {len(phrases)} Wendungen, {len(words)} Wörter, {len(missing)} davon unbekannt.")
    for word in missing:
        click.echo(f"  {word}: in „{next(phrase for phrase in phrases if word in phrase.lower().split())}“")
    if missing:
        raise SystemExit(1)


@model.command(help="Lädt ein offizielles Modell in den Ordner models/.")
@click.argument("name", default="vosk-model-small-de-0.15")
def fetch(name: str) -> None:
    """Download a model, with progress; broken downloads go on where they stopped."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from hotline.speech import models

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns) as bar:
            task = bar.add_task(name, total=None)
            path = models.fetch(
                name, ROOT / "models", lambda done, total: bar.update(task, completed=done, total=total)
            )
    except models.ModelError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Das Modell liegt in {path}.")


def _all_phrases(settings: Settings) -> Iterable[str]:
    """Return every phrase that callers may be asked for; known only where all parts meet."""
    try:
        switchboard = import_module("hotline.switchboard")
    except ModuleNotFoundError as error:
        raise click.ClickException("Die Grammatiken sind noch nicht angeschlossen.") from error
    phrases: Iterable[str] = switchboard.all_phrases(settings)
    return phrases
