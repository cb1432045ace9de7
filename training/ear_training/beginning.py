"""The first values of a net that begins from nothing.

Torch's own first values make each layer's output smaller than its input; after a dozen layers without batch
normalisation hardly anything is left, and learning does not start. Here every layer is scaled until its
output has unit variance on a first batch (Mishkin and Matas 2016, "All you need is a good init").
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ear_training.net import STRIDE, Net, Offset, pairs

FIRST_LOGITS = 0.1
"""The standard deviation of a new net's logits: all outputs are about equally likely at first."""


@torch.no_grad()
def begin(net: Net, batch: list[tuple[Tensor, Tensor]]) -> None:
    """Scale every layer to unit variance on the features of a batch, and set the offsets."""
    shortest = min(len(features) for features, _ in batch)
    features = torch.stack([one[:shortest] for one, _ in batch])
    x = _activated(net.first, net.first_offset, net.windows(features))
    for layer in net.layers():
        x = x[:, ::STRIDE] if layer is net.middle else x
        _scale(layer.linear, pairs(x) if layer.spliced else x)
        _activated(layer.affine, layer.offset, layer.narrowed(x))
        x = layer(x)
    _scale(net.last_linear, x)
    x = _activated(net.last_affine, net.last_offset, net.last_linear(x))
    _scale(net.narrow, x)
    x = net.narrow(x)
    _centre(net.narrow_offset, x)
    _scale(net.output, net.narrow_offset(x), FIRST_LOGITS)


def _activated(affine: nn.Linear, offset: Offset, x: Tensor) -> Tensor:
    """Scale an affine map, set the offset after it, and return what comes out of both."""
    _scale(affine, x)
    hidden = functional.relu(affine(x))
    _centre(offset, hidden)
    moved: Tensor = offset(hidden)
    return moved


def _scale(linear: nn.Linear, x: Tensor, deviation: float = 1.0) -> None:
    """Scale a map until its output on ``x`` varies by ``deviation``, around nought where it has a bias."""
    if linear.bias is not None:
        linear.bias.zero_()
        linear.bias -= linear(x).mean((0, 1))
    factor = deviation / linear(x).std()
    linear.weight *= factor
    if linear.bias is not None:
        linear.bias *= factor


def _centre(offset: Offset, x: Tensor) -> None:
    offset.mean.copy_(x.mean((0, 1)))
