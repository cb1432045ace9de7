"""The loss against all ways counted one by one, and its gradient against autograd's."""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor

from ear_training.train import loss
from hotline.speech.vocabulary import phones

TIME, OUTPUTS = 6, 5


def _all_ways(likelihoods: Tensor, target: list[int]) -> Tensor:
    """Place each label in one frame, in order, and the blank in every other."""
    ways = []
    for places in combinations(range(len(likelihoods)), len(target)):
        outputs = [phones.BLANK] * len(likelihoods)
        for place, label in zip(places, target, strict=True):
            outputs[place] = label
        ways.append(likelihoods[range(len(outputs)), outputs].sum())
    return torch.stack(ways).logsumexp(0)


def _case() -> tuple[Tensor, list[int], list[list[int]]]:
    torch.manual_seed(3)
    return torch.randn(2, TIME, OUTPUTS), [TIME, 4], [[2, 3, 3], [4]]


def _ours(logits: Tensor, lengths: list[int], targets: list[list[int]]) -> Tensor:
    padded = torch.zeros(len(targets), max(map(len, targets)), dtype=torch.long)
    for row, target in zip(padded, targets, strict=True):
        row[: len(target)] = torch.tensor(target)
    counts = torch.tensor([len(target) for target in targets])
    return loss(logits.log_softmax(-1), torch.tensor(lengths), padded, counts)


def _counted(logits: Tensor, lengths: list[int], targets: list[list[int]]) -> Tensor:
    likelihoods = logits.log_softmax(-1)
    ways = zip(likelihoods, lengths, targets, strict=True)
    return -sum(_all_ways(one[:length], target) for one, length, target in ways) / sum(lengths)


def test_the_loss_is_that_of_all_ways_through_the_labels() -> None:
    torch.testing.assert_close(_ours(*_case()), _counted(*_case()))


def test_the_gradient_is_that_of_all_ways_through_the_labels() -> None:
    logits, lengths, targets = _case()
    gradients = []
    for function in (_ours, _counted):
        own = logits.clone().requires_grad_()
        function(own, lengths, targets).backward()
        gradients.append(own.grad)
    torch.testing.assert_close(gradients[0], gradients[1])
