"""What changes the weights: Muon for the matrices between layers, AdamW for all else.

Muon (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks") moves a matrix by the
orthogonal one nearest to its gradient's mean, so that rare directions are learnt as fast as frequent ones.
Torch's own computes in bfloat16, which takes 2.2 s a step on a processor that has to emulate it; here the
iteration runs on the smaller Gram matrix, in 32 bits, in 0.05 s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from ear_training.net import Net

MOMENTUM = 0.95
WEIGHT_DECAY = 1e-3
ROOT_MEAN_SQUARE = 0.2
"""Of a step, as a part of the rate: like AdamW's, so that both take the same rate (Liu et al. 2025, "Muon is
scalable for LLM training", section 2.2)."""
QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients of the Newton-Schulz iteration, and ..."""
ITERATIONS = 5
"""... how often it is done: singular values come to lie around 1, between 0.7 and 1.2 (Jordan et al.)."""


def optimisers(net: Net, rate: float) -> list[torch.optim.Optimizer]:
    """Return the optimisers of a net, which share its parameters among them."""
    inner = [one for layer in net.layers() for one in (layer.linear, layer.affine)]
    matrices = [one.weight for one in (*inner, net.last_linear, net.last_affine, net.narrow)]
    taken = {id(one) for one in matrices}
    rest = [one for one in net.parameters() if id(one) not in taken]
    adam = torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.98), weight_decay=WEIGHT_DECAY)
    return [Muon(matrices, rate), adam]


class Muon(torch.optim.Optimizer):
    """Moves matrices by orthogonal steps."""

    def __init__(self, matrices: Iterable[nn.Parameter], rate: float) -> None:
        super().__init__(matrices, {"lr": rate})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Move every matrix that has a gradient. There is no closure to be called again."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is not None:
                    _move(matrix, matrix.grad, self.state[matrix], group["lr"])


def _move(matrix: Tensor, gradient: Tensor, state: dict[str, Any], rate: float) -> None:
    mean = state.setdefault("mean", torch.zeros_like(matrix))
    mean.lerp_(gradient, 1 - MOMENTUM)
    direction = orthogonal(gradient.lerp(mean, MOMENTUM))
    matrix.mul_(1 - rate * WEIGHT_DECAY)
    matrix.add_(direction, alpha=-rate * ROOT_MEAN_SQUARE * max(matrix.shape) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    """Return about the nearest matrix whose singular values are all one."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-12)
    gram = wide @ wide.T
    factor = torch.eye(len(gram))
    first, third, fifth = QUINTIC
    for _ in range(ITERATIONS):
        polynomial = torch.addmm(gram, gram, gram, beta=third, alpha=fifth)
        polynomial.diagonal().add_(first)
        factor = polynomial @ factor
        gram = polynomial @ gram @ polynomial
    result: Tensor = factor @ wide
    return result if matrix.shape[0] <= matrix.shape[1] else result.T
