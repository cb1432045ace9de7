"""``ear-training``: the steps from a corpus to a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.settings import ROOT

if TYPE_CHECKING:
    from ear_training.net import Net

MODEL = ROOT / "models" / "telefon-de"
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(help=__doc__)
def main() -> None:
    """Group of the commands below."""


def _net(weights: Path) -> Net:
    """Return the net of kept weights, or of a model's ``final.mdl``."""
    from ear_training import kaldi_reader
    from ear_training import net as nets

    return kaldi_reader.read(weights) if weights.suffix == ".mdl" else nets.load(weights)


@main.command(help="Train on manifests, from the trunk; interrupted, it goes on when called again.")
@click.argument("manifests", nargs=-1, required=True, type=FILE)
@click.option("--out", type=FILE, required=True, help="The weights, kept now and then.")
@click.option("--start", type=FILE, help="Weights, or a final.mdl, to begin from instead.")
@click.option("--steps", default=3000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--rate", default=2e-4, show_default=True)
@click.option("--processes", default=1, show_default=True, help="One for each core.")
def train(
    manifests: tuple[Path, ...],
    out: Path,
    start: Path | None,
    steps: int,
    seed: int,
    rate: float,
    processes: int,
) -> None:
    """Train."""
    import torch
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from ear_training import examples, trunk
    from ear_training import net as nets
    from ear_training import train as training

    torch.manual_seed(seed)
    found = examples.examples(list(manifests), MODEL / "lexicon")
    click.echo(f"{len(found)} recordings, {sum(one.seconds for one in found) / 3600:.1f} h")
    net = _net(start) if start else nets.Net()
    plan = training.Plan(steps=steps, seed=seed, rate=rate, processes=processes)
    if not start:
        trunk.begin(net, trunk.wide(found))
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns) as bar:
        task = bar.add_task("", total=steps)
        for step, value in training.train(net, found, plan, out):
            bar.update(task, completed=step, description=f"loss {value:.3f}")


@main.command(help="Take the mean of several nets' weights; they must come of one lineage.")
@click.argument("weights", nargs=-1, required=True, type=FILE)
@click.option("--out", type=FILE, required=True)
def mean(weights: tuple[Path, ...], out: Path) -> None:
    """Take the mean."""
    import torch

    states = [_net(path).state_dict() for path in weights]
    torch.save({"net": {name: sum(one[name] for one in states) / len(states) for name in states[0]}}, out)


@main.command(help="Write trained weights as a model's am/final.mdl.")
@click.argument("weights", type=FILE)
@click.option("--model", default=MODEL, show_default=True, type=click.Path(file_okay=False, path_type=Path))
def export(weights: Path, model: Path) -> None:
    """Export."""
    from ear_training import export as exporting

    exporting.write(_net(weights), model / "am" / "final.mdl")


@main.command(help="Check that Vosk computes with the model what torch computes with the weights.")
@click.argument("weights", type=FILE)
@click.argument("manifests", nargs=-1, required=True, type=FILE)
@click.option("--model", default=MODEL, show_default=True, type=click.Path(file_okay=False, path_type=Path))
def check(weights: Path, manifests: tuple[Path, ...], model: Path) -> None:
    """Check; the exit status is 1 if they differ."""
    from ear_training import check as checking
    from hotline.evaluation import manifest
    from hotline.speech import audio

    items = [item for path in manifests for item in manifest.read(path)][:100]
    recordings = [audio.telephone_band(audio.read_wav(item.file)) for item in items]
    share = checking.disagreement(_net(weights), model, recordings)
    click.echo(f"{100 * share:.2f} % of the phones differ on {len(recordings)} recordings.")
    if share > 0.05:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
