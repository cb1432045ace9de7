"""The acoustic net: a factorised time-delay net (Povey et al. 2018), small enough for a telephone exchange.

The shape is that of Kaldi's recipes and of the trunk it begins from (``ear_training.trunk``).
Input is a third of a second on each side of every third frame; output are the log likelihoods of blank,
silence and the phones. Instead of batch normalisation there are offsets.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ear_training.features import CEPSTRA
from hotline.speech.vocabulary import phones

WIDTH, NARROW, OUTER = 768, 64, 64
"""Units of a layer, of its bottleneck, and of the last bottleneck."""
STRIDE = 3
"""Frames of 10 ms from one output to the next."""
BYPASS = 0.66
"""The share of a layer's input that is added to its output."""
SIDE = 1
"""Frames that the first layer sees before and after its own."""
LOWER, UPPER = 3, 10
"""Layers that look at every frame, and, after one that takes every third, layers that look at those."""
CONTEXT = SIDE + LOWER + STRIDE * UPPER
"""Frames that the net needs on each side."""
OUTPUTS = 2 + len(phones.PHONES)


class Offset(nn.Module):
    """Subtracts a mean."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        return x - self.mean


class Layer(nn.Module):
    """A factorised layer. With ``spliced``, it looks at one frame before and one after."""

    def __init__(self, *, spliced: bool) -> None:
        super().__init__()
        frames = 2 if spliced else 1
        self.spliced = spliced
        self.linear = nn.Linear(WIDTH * frames, NARROW, bias=False)
        self.affine = nn.Linear(NARROW * frames, WIDTH)
        self.offset = Offset(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, time - 2, width) where spliced, else (batch, time, width)."""
        hidden = functional.relu(self.affine(self.narrowed(x)))
        return self.offset(hidden) + BYPASS * (x[:, 1:-1] if self.spliced else x)

    def narrowed(self, x: Tensor) -> Tensor:
        """Return what the affine map sees; the wide frames are not copied into pairs for it."""
        if not self.spliced:
            narrow: Tensor = self.linear(x)
            return narrow
        this, following = self.linear.weight.split(WIDTH, 1)
        both = functional.linear(x, torch.cat([this, following]))
        return pairs(both[:, :-1, :NARROW] + both[:, 1:, NARROW:])


class Net(nn.Module):
    """The whole net."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear((2 * SIDE + 1) * CEPSTRA, WIDTH)
        self.first_offset = Offset(WIDTH)
        self.lower = nn.ModuleList(Layer(spliced=True) for _ in range(LOWER))
        self.middle = Layer(spliced=False)
        self.upper = nn.ModuleList(Layer(spliced=True) for _ in range(UPPER))
        self.last_linear = nn.Linear(WIDTH, OUTER, bias=False)
        self.last_affine = nn.Linear(OUTER, WIDTH)
        self.last_offset = Offset(WIDTH)
        self.narrow = nn.Linear(WIDTH, OUTER, bias=False)
        self.narrow_offset = Offset(OUTER)
        self.output = nn.Linear(OUTER, OUTPUTS)

    def forward(self, features: Tensor) -> Tensor:
        """Return log likelihoods, (batch, time / 3, outputs), for features (batch, time, 30)."""
        return functional.log_softmax(self.logits(features), -1)

    def logits(self, features: Tensor) -> Tensor:
        """Return the log likelihoods before they are made to sum to one."""
        x = self.first_offset(functional.relu(self.first(self.windows(features))))
        for layer in self.lower:
            x = layer(x)
        x = self.middle(x[:, ::STRIDE])
        for layer in self.upper:
            x = layer(x)
        x = self.last_offset(functional.relu(self.last_affine(self.last_linear(x))))
        logits: Tensor = self.output(self.narrow_offset(self.narrow(x)))
        return logits

    def layers(self) -> list[Layer]:
        """Return the factorised layers in order."""
        found = [*self.lower, self.middle, *self.upper]
        return [layer for layer in found if isinstance(layer, Layer)]

    def windows(self, features: Tensor) -> Tensor:
        """Return the frames that the first layer takes, each with its neighbours; edges are repeated."""
        x = functional.pad(features.transpose(1, 2), (CONTEXT, CONTEXT), mode="replicate")
        return x.unfold(2, 2 * SIDE + 1, 1).permute(0, 2, 3, 1).flatten(2)


def load(path: Path) -> Net:
    """Return the net with kept weights."""
    net = Net()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["net"])
    return net


def pairs(x: Tensor) -> Tensor:
    """Put each frame beside the next one."""
    return torch.cat([x[:, :-1], x[:, 1:]], -1)
