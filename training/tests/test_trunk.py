"""A net that begins from the trunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ear_training import train as training
from ear_training import trunk
from ear_training.examples import Example, Steps
from ear_training.features import CEPSTRA, RATE, cepstra
from ear_training.net import OUTPUTS, Net
from hotline.evaluation.corpus.voices import RATE as SPOKEN_RATE
from hotline.speech import audio

PLAN = training.Plan(steps=40, seconds=8.0, rate=1e-3)


@pytest.fixture(scope="module")
def begun(spoken: list[np.ndarray]) -> Net:
    """A net with the trunk's layers."""
    torch.manual_seed(1)
    net = Net()
    trunk.begin(net, spoken)
    return net


def test_every_layer_of_the_trunk_hears_german_as_it_heard_korean(begun: Net, found: list[Example]) -> None:
    deviations = []
    hooks = [
        layer.register_forward_hook(lambda _layer, _heard, out: deviations.append(float(out.std())))
        for layer in begun.layers()
    ]
    features = Steps(found, PLAN.seconds, (1, 0))[0][0][0][None]
    with torch.no_grad():
        logits = begun.logits(features)
    for hook in hooks:
        hook.remove()
    assert all(0.5 < deviation < 2.0 for deviation in deviations), deviations
    assert logits.shape[-1] == OUTPUTS
    assert float(logits.std()) < 0.3


def test_its_features_follow_from_ours(spoken: list[np.ndarray]) -> None:
    slope, constant = trunk._map(spoken)
    samples = spoken[0]
    ours = torch.tensor(cepstra(audio.resample(samples, SPOKEN_RATE, RATE)))
    its = cepstra(samples, trunk.ITS_RATE, trunk.ITS_CEPSTRA, trunk.ITS_HIGHEST_HZ)
    count = min(len(ours), len(its))
    found = (ours[:count] @ slope.T + constant).numpy()
    assert slope.shape == (trunk.ITS_CEPSTRA, CEPSTRA)
    left = ((found - its[:count]) ** 2).mean(0) / its[:count].var(0)
    assert left[:4].max() < 0.3, left


def test_a_net_from_the_trunk_learns(begun: Net, found: list[Example], tmp_path: Path) -> None:
    losses = [value for _, value in training.train(begun, found, PLAN, tmp_path / "net.pt")]
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
