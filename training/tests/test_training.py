"""Training itself, a few steps of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ear_training import train as training
from ear_training.commands import MODEL
from ear_training.examples import Example, Steps
from ear_training.kaldi_reader import read
from ear_training.net import Net
from hotline.speech.vocabulary import phones

PLAN = training.Plan(steps=4, seconds=4.0, rate=1e-3, save_every=2)


def _train(found: list[Example], plan: training.Plan, kept: Path, until: int = 1000) -> list[float]:
    """Train the shipped net on, and break off after a step if it says so."""
    losses = []
    for step, value in training.train(read(MODEL / "am" / "final.mdl"), found, plan, kept):
        losses.append(value)
        if step == until:
            break
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    return losses


def test_words_become_phones_of_the_lexicon(found: list[Example]) -> None:
    yes = next(one for one in found if len(one.phones) == 2)
    assert [phones.PHONES[output - 2] for output in yes.phones] == ["j", "a:"]


def test_the_same_seed_draws_the_same_calls_and_another_seed_others(found: list[Example]) -> None:
    first, again, other = (Steps(found, 4.0, seed)[1] for seed in ((5, 0), (5, 0), (6, 0)))
    for (one, spoken), (same, said) in zip(first, again, strict=True):
        torch.testing.assert_close(one, same)
        assert spoken.equal(said)
    assert first[0][0].shape != other[0][0].shape or not first[0][0].equal(other[0][0])


def test_interrupted_training_goes_on_to_the_same_net(found: list[Example], tmp_path: Path) -> None:
    whole = _train(found, PLAN, tmp_path / "whole.pt")
    _train(found, PLAN, tmp_path / "parts.pt", until=2)
    rest = _train(found, PLAN, tmp_path / "parts.pt")
    np.testing.assert_allclose(rest, whole[2:], rtol=1e-4)
    nets = [torch.load(tmp_path / name, weights_only=True)["net"] for name in ("whole.pt", "parts.pt")]
    for name, values in nets[0].items():
        torch.testing.assert_close(nets[1][name], values, msg=name)


def test_weights_of_another_plan_are_not_gone_on_from(found: list[Example], tmp_path: Path) -> None:
    _train(found, PLAN, tmp_path / "net.pt", until=2)
    with pytest.raises(ValueError, match="another plan"):
        _train(found, training.Plan(steps=5, seconds=4.0), tmp_path / "net.pt")


def test_the_mean_of_a_net_and_itself_is_that_net(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from ear_training.commands import main

    net = Net()
    torch.save({"net": net.state_dict()}, tmp_path / "net.pt")
    result = CliRunner().invoke(
        main, ["mean", *[str(tmp_path / "net.pt")] * 2, "--out", str(tmp_path / "mean.pt")]
    )
    assert result.exit_code == 0, result.output
    kept = torch.load(tmp_path / "mean.pt", weights_only=True)["net"]
    for name, values in net.state_dict().items():
        torch.testing.assert_close(kept[name], values)
