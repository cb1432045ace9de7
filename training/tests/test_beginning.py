"""A net that begins from nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ear_training import train as training
from ear_training.beginning import FIRST_LOGITS, begin
from ear_training.examples import Example, Steps
from ear_training.net import Net

PLAN = training.Plan(steps=120, seconds=8.0, rate=2e-3)


def _begun(found: list[Example]) -> tuple[Net, Tensor]:
    torch.manual_seed(1)
    net = Net()
    batch = Steps(found, PLAN.seconds, (PLAN.seed, 0))[0]
    begin(net, batch)
    return net, batch[0][0][None]


def test_every_layer_of_a_new_net_passes_on_what_it_hears(found: list[Example]) -> None:
    net, features = _begun(found)
    deviations = []
    for layer in net.layers():
        layer.register_forward_hook(lambda _layer, _heard, out: deviations.append(float(out.std())))
    logits = net.logits(features)
    assert all(0.5 < deviation < 1.5 for deviation in deviations), deviations
    assert 0.3 * FIRST_LOGITS < float(logits.std()) < 3 * FIRST_LOGITS


def test_a_new_net_learns(found: list[Example], tmp_path: Path) -> None:
    net, _ = _begun(found)
    losses = [value for _, value in training.train(net, found, PLAN, tmp_path / "net.pt")]
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
