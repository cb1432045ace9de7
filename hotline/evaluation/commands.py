"""``hotline eval`` and ``hotline corpus``: how well callers are understood, measured."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hotline.evaluation.manifest import Item
    from hotline.evaluation.scoring import Scored
    from hotline.speech.ear import Ear

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_FREQUENT = 10_000
"""So many of the general words, the most frequent, are practised; rarer ones are often foreign names."""
_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("eval", help="Misst an Aufnahmen, wie gut verstanden wird; Beschreibung in docs/ear.md.")
@click.argument("manifests", metavar="MANIFEST…", nargs=-1, required=True, type=_FILE)
@click.option("--model", "models", multiple=True, type=_EXISTING, help="Ein Modell; zwei zum Vergleich.")
@click.option(
    "--condition", "conditions", multiple=True, default=["clean"], show_default=True,
    metavar="BEDINGUNG", help="Etwa street:20, television:15, level:-40, clip:6, loss:3, gsm, tilt:-4.",
)  # fmt: skip
@click.option("--limit", type=int, help="Höchstens so viele Aufnahmen je Manifest, gleichmäßig verteilt.")
@click.option("--json", "json_file", type=_FILE, help="Alle Zahlen und Antworten in eine Datei.")
@click.option("--html", "html_file", type=_FILE, help="Eine Seite mit Bildern.")
@click.option("--calibrate", is_flag=True, help="Sucht die Schwellen und schreibt grammars/confidence.yaml.")
@click.option(
    "--wrong", default=1.0, show_default=True, help="Mit --calibrate: höchstens so viel Prozent falsch."
)
@click.option("--jobs", default=1, show_default=True, help="So viele Aufnahmen zugleich.")
def evaluate(  # noqa: PLR0917 - click calls it with names
    manifests: tuple[Path, ...],
    models: tuple[Path, ...],
    conditions: tuple[str, ...],
    limit: int | None,
    json_file: Path | None,
    html_file: Path | None,
    calibrate: bool,
    wrong: float,
    jobs: int,
) -> None:
    """Run recordings through models and show the figures."""
    import json

    from rich.console import Console

    from hotline.evaluation import conditions as line
    from hotline.evaluation import manifest, questions, report, running
    from hotline.evaluation.corpus.voices import NoVoiceError
    from hotline.yamlfile import DataError

    settings = Settings()
    try:
        wanted = [line.parse(text) for text in conditions]
        items = [item for path in manifests for item in _thinned(manifest.read(path), limit)]
        understanding = questions.understanding(settings)
        ears = _ears(models, settings)
        with _progress() as (begin, advance):
            begin(len(items) * len(wanted))
            scored = running.run(items, understanding, ears, wanted, jobs=jobs, progress=advance)
    except (line.ConditionError, manifest.ManifestError, NoVoiceError, DataError) as error:
        raise click.ClickException(str(error)) from error
    Console(width=None if Console().is_terminal else 200).print(report.table(scored))
    if json_file is not None:
        _write(json_file, json.dumps(report.as_json(scored), ensure_ascii=False, indent=1))
    if html_file is not None:
        _write(html_file, report.page(scored, "Wie gut die Hotline versteht"))
    if calibrate:
        _calibrate(scored, wrong / 100, settings)


@click.command(
    "corpus", help="Spricht Antworten in Dateien (train, dev, test), oder verzeichnet Aufnahmen (real)."
)
@click.argument("voices", type=click.Choice(["train", "dev", "test", "real"]))
@click.argument("folder", type=_FOLDER)
@click.option("--recordings", multiple=True, type=_EXISTING, help="Mit real: Ordner mit transcripts.tsv.")
@click.option("--limit", default=600, show_default=True, help="Höchstens so viele Antworten.")
@click.option("--seed", default=1, show_default=True, help="Gleiche Zahl, gleiche Dateien.")
@click.option("--group", "groups", multiple=True, help="Nur solche Antworten, etwa when; mehrmals möglich.")
def corpus(  # noqa: PLR0917 - click calls it with names
    voices: str, folder: Path, recordings: tuple[Path, ...], limit: int, seed: int, groups: tuple[str, ...]
) -> None:
    """Make a corpus and its manifest."""
    from hotline.evaluation import manifest, questions
    from hotline.evaluation.corpus import generate, texts
    from hotline.evaluation.corpus import recordings as real
    from hotline.evaluation.corpus.voices import NoVoiceError
    from hotline.evaluation.path import with_digit

    if unknown := set(groups) - set(texts.GROUPS):
        known = ", ".join(texts.GROUPS)
        raise click.ClickException(
            f"Diese Gruppe gibt es nicht: {', '.join(sorted(unknown))}. Es gibt: {known}."
        )
    settings = Settings()
    understanding = with_digit(questions.understanding(settings))
    try:
        if voices == "real":
            rows = [row for one in recordings for row in real.rows(one, "real", understanding, folder)]
            path = folder / "manifest.tsv"
            manifest.write(path, rows)
        else:
            city = questions.city(settings)
            with _progress() as (begin, advance):
                path = generate.generate(
                    folder, understanding, city, voices, seed=seed, limit=limit, groups=groups,
                    practice=_practice(settings) if voices == "train" else (),
                    begin=begin, advance=advance,
                )  # fmt: skip
    except (manifest.ManifestError, NoVoiceError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{path}: {len(manifest.read(path))} Aufnahmen.")


def _practice(settings: Settings) -> list[str]:
    """Return the words that the model knows; those of grammars and city many times, as there are so few."""
    from hotline.speech import models, vocabulary

    try:
        folder = models.find(settings.model).path / "lexicon"
    except models.ModelError as error:
        raise click.ClickException(str(error)) from error
    known = list(vocabulary.read_all(folder))[:_FREQUENT]
    ours = list(vocabulary.read(folder / vocabulary.HOTLINE))
    return known + ours * (len(known) // len(ours))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    click.echo(f"{file} ist geschrieben.")


def _thinned(items: list[Item], limit: int | None) -> list[Item]:
    """Return every n-th item."""
    if limit is None or len(items) <= limit:
        return items
    return [items[at * len(items) // limit] for at in range(limit)]


def _ears(models: Sequence[Path], settings: Settings) -> dict[str, Ear]:
    """Load the models to compare; without any, the one that the hotline uses."""
    from hotline.speech import models as places
    from hotline.speech.ear import Ear, EarError

    try:
        paths = models or [places.find(settings.model).path]
        ears = {path.resolve().name: Ear.load(path) for path in paths}
        return ears if len(ears) == len(paths) else {str(path): Ear.load(path) for path in paths}
    except (places.ModelError, EarError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _progress() -> Iterator[tuple[Callable[[int], None], Callable[[], None]]]:
    """Show a bar with the time left; yields how to begin, with the number of steps, and how to advance."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda total: bar.update(task, total=total), lambda: bar.advance(task)


def _calibrate(scored: Sequence[Scored], wanted: float, settings: Settings) -> None:
    """Find the bounds, show what they come to, and write them."""
    from hotline import yamlfile
    from hotline.dialog.grammar import Confidence
    from hotline.evaluation import calibrate

    kinds, questions = calibrate.calibrate(scored, wanted)
    for what, found in (*kinds.items(), *questions.items()):
        click.echo(
            f"{what}: ab {found.bounds.accept:.2f} annehmen, ab {found.bounds.confirm:.2f} nachfragen; "
            f"{100 * found.right:.1f} % richtig, {100 * found.wrong:.2f} % falsch, {found.turns} Aufnahmen"
            + ("" if found.reached else " – das Gewünschte ist nicht erreichbar")
        )
    file = settings.grammars / "confidence.yaml"
    old = yamlfile.load(file, Confidence)
    lines = ", ".join(dict.fromkeys(one.condition for one in scored))
    how = (
        f"hotline eval --calibrate, {len(scored)} turns ({lines}), at most {100 * wanted:g} % taken wrongly."
    )
    calibrate.write(file, calibrate.merged(old, kinds, questions), how)
    click.echo(f"{file} ist geschrieben.")
