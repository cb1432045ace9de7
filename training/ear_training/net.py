"""The acoustic net: a factorised time-delay net (Povey et al. 2018), small enough for a telephone exchange.

Input is a third of a second on each side of every third frame; output are the log likelihoods of blank,
silence and the phones. Batch normalisation is folded into the weights: what is left of it is an offset.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ear_training.features import CEPSTRA
from hotline.speech.vocabulary import phones

WIDTH, NARROW, OUTER = 768, 64, 64
"""Units of a layer, of its bottleneck, and of the last bottleneck; those of the trunk."""
LOWER, UPPER = 3, 10
"""Layers before and after the step from every frame to every third."""
BYPASS = 0.66
"""The share of a layer's input that is added to its output."""
OUTPUTS = 2 + len(phones.PHONES)


class Offset(nn.Module):
    """Subtracts what is left of a folded batch normalisation: the mean."""

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
        bottleneck = self._narrowed(x) if self.spliced else self.linear(x)
        hidden = functional.relu(self.affine(_pairs(bottleneck) if self.spliced else bottleneck))
        return self.offset(hidden) + BYPASS * (x[:, 1:-1] if self.spliced else x)

    def _narrowed(self, x: Tensor) -> Tensor:
        """Return ``self.linear(_pairs(x))``, computed without copying the wide frames into pairs."""
        this, following = self.linear.weight.split(WIDTH, 1)
        both = functional.linear(x, torch.cat([this, following]))
        return both[:, :-1, :NARROW] + both[:, 1:, NARROW:]


class Net(nn.Module):
    """The whole net."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3 * CEPSTRA, WIDTH)
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

    @property
    def context(self) -> int:
        """Frames of 10 ms that the net needs on each side."""
        return 1 + LOWER + 3 * UPPER

    def forward(self, features: Tensor) -> Tensor:
        """Return log likelihoods, (batch, time / 3, outputs), for features (batch, time, 30)."""
        return functional.log_softmax(self.logits(features), -1)

    def logits(self, features: Tensor) -> Tensor:
        """Return the log likelihoods before they are made to sum to one."""
        edges = (self.context, self.context)
        x = functional.pad(features.transpose(1, 2), edges, mode="replicate").transpose(1, 2)
        x = torch.cat([x[:, :-2], x[:, 1:-1], x[:, 2:]], -1)
        x = self.first_offset(functional.relu(self.first(x)))
        for layer in self.lower:
            x = layer(x)
        x = self.middle(x[:, ::3])
        for layer in self.upper:
            x = layer(x)
        x = self.last_offset(functional.relu(self.last_affine(self.last_linear(x))))
        logits: Tensor = self.output(self.narrow_offset(self.narrow(x)))
        return logits

    def renew_end(self) -> None:
        """Begin the last factorised layer and all after it anew, with small values."""
        fresh = Net()
        new = {name: value for name, value in fresh.state_dict().items() if name.startswith(_END)}
        for name in (f"upper.{UPPER - 1}.affine.weight", "last_linear.weight"):
            new[name] *= 0.1
        self.load_state_dict(self.state_dict() | new)


_END = (f"upper.{UPPER - 1}.", "last_", "narrow", "output")


def load(path: Path) -> Net:
    """Return the net with kept weights: ours, or those of the first training (``weights-m5.pt``)."""
    kept = torch.load(path, map_location="cpu", weights_only=True)
    net = Net()
    net.load_state_dict(kept["net"] if "net" in kept else _first_training(kept["sd"]))
    return net


_OLD_NAMES = {
    "inp.": "first.",
    "bn1.": "first_offset.",
    "prel.": "last_linear.",
    "prea.": "last_affine.",
    "bnp1.": "last_offset.",
    "preo.": "narrow.",
    "bnp2.": "narrow_offset.",
    "out.": "output.",
    "low.": "lower.",
    "mid.": "middle.",
    "up.": "upper.",
}


def _first_training(old: dict[str, Tensor]) -> dict[str, Tensor]:
    """Translate the names of the first training's weights; its batch normalisation is folded already."""
    new: dict[str, Tensor] = {}
    for name, value in old.items():
        if name.endswith(("running_var", "num_batches_tracked")):
            continue
        for before, after in _OLD_NAMES.items():
            if name.startswith(before):
                plain = name.replace(before, after, 1)
                break
        plain = plain.replace(".lin.", ".linear.").replace(".aff.", ".affine.")
        new[plain.replace("bn.bn.running_mean", "offset.mean").replace("bn.running_mean", "mean")] = value
    return new


def _pairs(x: Tensor) -> Tensor:
    """Put each frame beside the next one."""
    return torch.cat([x[:, :-1], x[:, 1:]], -1)
