"""Trains the net with CTC, on manifests; goes on where it was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ear_training.augment import called
from ear_training.features import cepstra
from ear_training.net import Net
from hotline.evaluation import manifest
from hotline.evaluation.corpus.voices import RATE
from hotline.speech import audio
from hotline.speech.vocabulary import phones, read_all

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


@dataclass(frozen=True)
class Example:
    """A recording and its phones, as the net's outputs."""

    file: Path
    target: tuple[int, ...]
    seconds: float


def examples(manifests: list[Path], lexicon: Path) -> list[Example]:
    """Return the recordings whose words the lexicon knows; a word is taken as it is usually said."""
    words = read_all(lexicon)
    found = []
    for path in manifests:
        for item in manifest.read(path):
            if item.text and all(word in words for word in item.text.split()):
                spoken = [phones.OUTPUT[phone] for word in item.text.split() for phone in words[word][0]]
                seconds = len(audio.read_wav(item.file, RATE)) / RATE
                found.append(Example(item.file, (phones.SILENCE, *spoken, phones.SILENCE), seconds))
    return found


def batches(found: list[Example], plan: Plan, first_step: int) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """Yield (features, target) of similar length, a step's worth at a time, from ``first_step`` on."""
    for step in range(first_step, plan.steps):
        random = np.random.default_rng((plan.seed, step))
        chosen: list[Example] = []
        around = found[int(random.integers(len(found)))].seconds
        while sum(one.seconds + 1 for one in chosen) < plan.seconds:
            one = found[int(random.integers(len(found)))]
            if 0.5 * around < one.seconds < 2 * around:
                chosen.append(one)
        batch = []
        for one in chosen:
            features = cepstra(called(audio.read_wav(one.file, RATE), random))
            if (len(features) + 2) // 3 > len(one.target):
                batch.append((torch.tensor(features), torch.tensor(one.target)))
        yield batch


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


def train(net: Net, found: list[Example], plan: Plan, kept: Path) -> Iterator[tuple[int, float]]:
    """Train; yield (step, loss). ``kept`` is written now and then and taken up again if it is there.

    A checkpoint holds a plan as well; going on with another plan is refused.

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
    for step, batch in enumerate(batches(found, plan, first), first + 1):
        warm = min(1.0, step / max(1, plan.steps // 20))
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * warm * (0.03 + 0.97 * 0.5 * (1 + cos(pi * step / plan.steps)))
        features = torch.nn.utils.rnn.pad_sequence([one for one, _ in batch], batch_first=True)
        targets = torch.nn.utils.rnn.pad_sequence([one for _, one in batch], batch_first=True)
        lengths = torch.tensor([(len(one) + 2) // 3 for one, _ in batch])
        value = loss(net(features), lengths, targets, torch.tensor([len(one) for _, one in batch]))
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
