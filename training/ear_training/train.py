"""Trains the net with CTC, on manifests; goes on where it was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from ear_training.examples import Example, Steps
from ear_training.net import Net
from hotline.speech.vocabulary import phones

NEVER = -1e4
"""A log likelihood that stands for impossible, and can still be subtracted."""


@dataclass(frozen=True)
class Plan:
    """What to do. The same plan on the same machine gives the same net."""

    steps: int
    seconds: float = 60.0
    """Audio in one step."""
    rate: float = 2e-4
    seed: int = 1
    save_every: int = 100


def loss(likelihoods: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    """Return the CTC loss of a batch for a topology in which a label is emitted in exactly one frame.

    That is what the exported model does (``ear_training.export``); torch's own CTC lets a label last.

    :param likelihoods: log likelihoods, shape (batch, time, outputs)
    """
    blank = likelihoods[:, :, phones.BLANK]
    label = likelihoods.gather(2, targets[:, None, :].expand(-1, likelihoods.shape[1], -1))
    batch, count = targets.shape
    never = torch.full((batch, 1), NEVER)
    alpha = torch.cat([torch.zeros(batch, 1), torch.full((batch, count), NEVER)], 1)
    for time in range(likelihoods.shape[1]):
        stay = alpha + blank[:, time, None]
        advance = torch.cat([never, alpha[:, :-1] + label[:, time]], 1)
        alpha = torch.where((lengths > time)[:, None], torch.logaddexp(stay, advance), alpha)
    return -alpha.gather(1, target_lengths[:, None]).sum() / lengths.sum()


def train(
    net: Net, found: list[Example], plan: Plan, kept: Path, workers: int = 1
) -> Iterator[tuple[int, float]]:
    """Train; yield (step, loss). ``kept`` is written now and then and taken up again if it is there.

    A checkpoint holds a plan as well; going on with another plan is refused.

    :param workers: processes that prepare the audio
    :raises ValueError: if ``kept`` belongs to another plan.
    """
    torch.manual_seed(plan.seed)
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-3)
    first = 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        if state["plan"] != vars(plan):
            raise ValueError(f"{kept} belongs to another plan: {state['plan']}")
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    net.train()
    steps = Steps(found, plan.seconds, plan.seed)
    batches = DataLoader(steps, batch_size=None, sampler=range(first, plan.steps), num_workers=workers)
    for step, batch in enumerate(batches, first + 1):
        warm = min(1.0, step / max(1, plan.steps // 20))
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * warm * (0.03 + 0.97 * 0.5 * (1 + cos(pi * step / plan.steps)))
        features = pad_sequence([one for one, _ in batch], batch_first=True)
        targets = pad_sequence([one for _, one in batch], batch_first=True)
        lengths = torch.tensor([(len(one) + 2) // 3 for one, _ in batch])
        with torch.autocast("cpu", torch.bfloat16):
            likelihoods = net(features)
        value = loss(likelihoods.float(), lengths, targets, torch.tensor([len(one) for _, one in batch]))
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        if step % plan.save_every == 0 or step == plan.steps:
            _save(kept, net, optimiser, step, plan)
        yield step, value.item()


def _save(kept: Path, net: Net, optimiser: torch.optim.Optimizer, step: int, plan: Plan) -> None:
    """Write the checkpoint whole or not at all."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "plan": vars(plan)}
    torch.save(state, part)
    part.replace(kept)
