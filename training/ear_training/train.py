"""Trains the net with CTC, on manifests; goes on where it was interrupted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed
from torch.nn.utils.rnn import pad_sequence

from ear_training.examples import Example, Steps
from ear_training.net import Net
from ear_training.optimisers import optimisers
from hotline.speech.vocabulary import phones

NEVER = -1e4
"""A log likelihood that stands for impossible, and can still be subtracted."""
RESTRAINT = 1e-4
"""What half the squares of a frame's logits add to the loss: Kaldi's ``l2-regularize`` (5e-5 in its recipes).

Without it nothing ends the growth of the logits. Nets trained so held most frames for a blank by hundreds of
nats, no evidence for a soft phone came through, and with logits of 30,000 a gradient in bfloat16 had little
to do with the true one (cosine 0.3; with it 0.99): the loss rose as the rate fell."""
BFLOAT16 = torch.cpu._is_avx512_bf16_supported()
"""Whether this processor multiplies in bfloat16. One that has to emulate it needs ten times as long."""
CLIP = 5.0
"""A gradient is made no longer than this; usual are 1 to 3."""


@dataclass(frozen=True)
class Plan:
    """What to do. The same plan on the same machine gives the same net."""

    steps: int
    seconds: float = 60.0
    """Audio in one step."""
    rate: float = 2e-4
    seed: int = 1
    save_every: int = 100
    processes: int = 1
    """That learn side by side, each with one thread and its share of a step."""


def loss(likelihoods: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    """Return the CTC loss of a batch, per frame, for a topology in which a label lasts exactly one frame.

    That is what the exported model does (``ear_training.export``); torch's own CTC lets a label last.

    :param likelihoods: log likelihoods, shape (batch, time, outputs)
    """
    beyond = torch.arange(likelihoods.shape[1])[None] >= lengths[:, None]
    blank = likelihoods[:, :, phones.BLANK].masked_fill(beyond, 0.0)
    label = likelihoods.gather(2, targets[:, None, :].expand(-1, likelihoods.shape[1], -1))
    label = label.masked_fill(beyond[:, :, None], NEVER)
    total: Tensor = _Paths.apply(blank, label, target_lengths)  # type: ignore[no-untyped-call]
    return -total.sum() / lengths.sum()


class _Paths(torch.autograd.Function):
    """The log likelihood of all ways through the labels, and its gradient, by hand.

    Autograd through a loop over some hundred frames takes several times as long.
    """

    @staticmethod
    def forward(ctx: Any, blank: Tensor, label: Tensor, counts: Tensor) -> Tensor:
        batch, time, most = label.shape
        # What is to come after each frame is what came before it, told backwards: one loop does both.
        stay, advance = blank.T[:, :, None], label.transpose(0, 1)
        both_stay = torch.cat([stay, stay.flip(0)], 1)
        both_advance = torch.cat([advance, advance.flip(0, 2)], 1)
        ways = torch.full((time + 1, 2 * batch, most + 1), NEVER)
        ways[0, :batch, 0] = 0.0
        ways[0, batch:].scatter_(1, (most - counts)[:, None], 0.0)
        for at in range(time):
            torch.add(ways[at], both_stay[at], out=ways[at + 1])
            moved = ways[at, :, :-1] + both_advance[at]
            torch.logaddexp(ways[at + 1, :, 1:], moved, out=ways[at + 1, :, 1:])
        before, after = ways[:, :batch], ways[:, batch:].flip(0, 2)
        total = after[0, :, 0]
        stayed = (before[:-1] + stay + after[1:] - total[:, None]).exp().sum(-1).T
        moved = (before[:-1, :, :-1] + advance + after[1:, :, 1:] - total[:, None]).exp().transpose(0, 1)
        ctx.save_for_backward(stayed, moved)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        stayed, moved = ctx.saved_tensors
        (gradient,) = gradients
        return gradient[:, None] * stayed, gradient[:, None, None] * moved, None


def train(net: Net, found: list[Example], plan: Plan, kept: Path) -> Iterator[tuple[int, float]]:
    """Train; yield (step, loss). ``kept`` is written now and then and taken up again if it is there.

    A checkpoint holds a plan as well; going on with another plan is refused.

    :raises ValueError: if ``kept`` belongs to another plan.
    """
    if kept.exists() and (state := torch.load(kept, weights_only=True))["plan"] != vars(plan):
        raise ValueError(f"{kept} belongs to another plan: {state['plan']}")
    kept.parent.mkdir(parents=True, exist_ok=True)
    context = torch.multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder, "meeting")
        others = [
            context.Process(target=_help, args=(net, found, plan, kept, rank, meeting), daemon=True)
            for rank in range(1, plan.processes)
        ]
        for other in others:
            other.start()
        yield from _learn(net, found, plan, kept, 0, meeting)
        for other in others:
            other.join()


def _help(net: Net, found: list[Example], plan: Plan, kept: Path, rank: int, meeting: Path) -> None:
    """Learn beside the first process, with an own net: what is sent to a process is memory of both."""
    for _ in _learn(deepcopy(net), found, plan, kept, rank, meeting):
        pass


def _learn(
    net: Net, found: list[Example], plan: Plan, kept: Path, rank: int, meeting: Path
) -> Iterator[tuple[int, float]]:
    """Learn from one process's share of each step; all processes keep the same net."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{meeting}", rank=rank, world_size=plan.processes)
    both = optimisers(net, plan.rate)
    first = 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        net.load_state_dict(state["net"])
        for optimiser, moved in zip(both, state["optimisers"], strict=True):
            optimiser.load_state_dict(moved)
        first = state["step"]
    distributed.barrier()
    net.train()
    steps = Steps(found, plan.seconds / plan.processes, (plan.seed, rank))
    for step in range(first + 1, plan.steps + 1):
        warm = min(1.0, step / max(1, plan.steps // 20))
        for group in [group for optimiser in both for group in optimiser.param_groups]:
            group["lr"] = plan.rate * warm * (0.03 + 0.97 * 0.5 * (1 + cos(pi * step / plan.steps)))
        value = _gradients(net, steps[step])
        torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        for optimiser in both:
            optimiser.step()
        if rank == 0 and (step % plan.save_every == 0 or step == plan.steps):
            _save(kept, net, both, step, plan)
        yield step, value
    distributed.destroy_process_group()


def _gradients(net: Net, batch: list[tuple[Tensor, Tensor]]) -> float:
    """Set the gradients, the mean of all processes'; return the loss."""
    features = pad_sequence([one for one, _ in batch], batch_first=True)
    targets = pad_sequence([one for _, one in batch], batch_first=True)
    lengths = torch.tensor([(len(one) + 2) // 3 for one, _ in batch])
    with torch.autocast("cpu", torch.bfloat16, enabled=BFLOAT16):
        logits = net.logits(features).float()
    likelihoods = logits.log_softmax(-1)
    value = loss(likelihoods, lengths, targets, torch.tensor([len(one) for _, one in batch]))
    net.zero_grad()
    (value + RESTRAINT / 2 * logits.square().sum(-1).mean()).backward()  # type: ignore[no-untyped-call]
    parameters = list(net.parameters())
    mean = torch.cat([value.detach()[None], *(torch.flatten(one.grad) for one in parameters)])
    distributed.all_reduce(mean)
    mean /= distributed.get_world_size()
    at = 1
    for one in parameters:
        one.grad = mean[at : at + one.numel()].view_as(one)
        at += one.numel()
    return float(mean[0])


def _save(kept: Path, net: Net, both: list[torch.optim.Optimizer], step: int, plan: Plan) -> None:
    """Write the checkpoint whole or not at all."""
    part = kept.with_suffix(".part")
    moved = [optimiser.state_dict() for optimiser in both]
    state = {"net": net.state_dict(), "optimisers": moved, "step": step, "plan": vars(plan)}
    torch.save(state, part)
    part.replace(kept)
