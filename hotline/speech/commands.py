"""``hotline model``: find, check and fetch the ear's model, and teach it words."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from hotline.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hotline.speech.vocabulary import Vocabulary
    from hotline.speech.vocabulary.espeak import Pronunciation


@click.group(help="Das Sprachmodell: finden, prüfen, holen, Wörter lehren.")
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


@model.command(help="Baut den Wortschatz eines Modells neu, mit allen Wörtern der Grammatiken und der Stadt.")
def build() -> None:
    """Add what is missing, and build the graphs from the lexicon."""
    from hotline.speech.vocabulary import HOTLINE, PronunciationError

    vocabulary = _vocabulary()
    try:
        if missing := vocabulary.missing(_all_phrases(Settings())):
            _show(vocabulary.add(missing, file=HOTLINE))
        _build(vocabulary)
    except PronunciationError as error:
        raise click.ClickException(str(error)) from error


@model.group(help="Die Wörter des Modells: zeigen und hinzufügen, ohne es neu zu trainieren.")
def words() -> None:
    """Group of the commands below."""


@words.command("add", help="Fügt Wörter hinzu; ohne Angabe alle, die der Stadt und den Grammatiken fehlen.")
@click.argument("new", metavar="[WORT]…", nargs=-1)
@click.option(
    "--phones", metavar="LAUTE", help="Die Aussprache in X-SAMPA, etwa 'v a n t s b e: k'; sonst espeak-ng."
)
def add_words(new: tuple[str, ...], phones: str | None) -> None:
    """Add words to the operator's own list, and build the graphs."""
    from hotline.speech.vocabulary import PronunciationError, parse

    vocabulary = _vocabulary()
    try:
        wanted = [part for text in new for part in text.split()] or vocabulary.missing(
            _all_phrases(Settings())
        )
        if not wanted:
            click.echo("Alle Wörter sind bekannt.")
            return
        if phones is not None and len(wanted) > 1:
            raise PronunciationError("--phones gilt für ein Wort.")
        _show(vocabulary.add(wanted, parse(phones) if phones is not None else None))
        _build(vocabulary)
    except PronunciationError as error:
        raise click.ClickException(str(error)) from error


@words.command("list", help="Zeigt, wie Wörter gesprochen werden; ohne Angabe die der Stadt und Grammatiken.")
@click.argument("wanted", metavar="[WORT]…", nargs=-1)
def list_words(wanted: tuple[str, ...]) -> None:
    """Show pronunciations."""
    from hotline.speech.vocabulary import read_all

    vocabulary = _vocabulary()
    lexicon = read_all(vocabulary.folder)
    asked = {part.lower() for text in wanted or _all_phrases(Settings()) for part in text.split()}
    _show({word: lexicon[word] for word in sorted(asked & lexicon.keys())})
    if unknown := sorted(asked - lexicon.keys()):
        raise click.ClickException("Unbekannt: " + ", ".join(unknown))


def _vocabulary() -> Vocabulary:
    """Return the vocabulary of the model in use; only ours can be changed."""
    from hotline.speech import models
    from hotline.speech.vocabulary import Vocabulary

    try:
        found = models.find(Settings().model).path
    except models.ModelError as error:
        raise click.ClickException(str(error)) from error
    vocabulary = Vocabulary(found)
    if not vocabulary.ours:
        raise click.ClickException(
            f"{found} hat kein Wörterbuch (Ordner lexicon); so ein Modell bleibt, wie es ist."
        )
    return vocabulary


def _show(pronunciations: Mapping[str, list[Pronunciation]]) -> None:
    for word, ways in pronunciations.items():
        click.echo(f"  {word}: " + " oder ".join(" ".join(way) for way in ways))


def _build(vocabulary: Vocabulary) -> None:
    count = vocabulary.build()
    click.echo(f"{vocabulary.model}: {count} Wörter. Aussprachen sind in {vocabulary.folder} zu berichtigen.")
    click.echo("Eine laufende Hotline kennt sie nach dem nächsten Start.")


def _all_phrases(settings: Settings) -> Iterable[str]:
    """Return every phrase that callers may be asked for; known only where all parts meet."""
    questions = import_module("hotline.evaluation.questions")
    phrases: Iterable[str] = questions.all_phrases(settings)
    return phrases
