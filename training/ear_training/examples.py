"""What the net learns from: recordings and their phones, drawn and put together step by step."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ear_training.augment import called
from ear_training.features import cepstra
from hotline.evaluation import manifest
from hotline.evaluation.corpus.voices import RATE
from hotline.speech import audio
from hotline.speech.vocabulary import espeak, phones, read_all

SHORT = 1.5
"""Seconds. Half of the shorter recordings are joined, so that no voice is known for saying single words."""
JOINED = 4
"""At most so many become one."""
GAP = (0.03, 0.5)
"""Seconds between them."""
ALIKE = (0.8, 1.25)
"""How much shorter and longer than one recording the others in its step may be."""


@dataclass(frozen=True)
class Example:
    """A recording, its phones as the net's outputs, and who speaks."""

    file: Path
    phones: tuple[int, ...]
    seconds: float
    speaker: str


def examples(manifests: list[Path], lexicon: Path) -> list[Example]:
    """Return the recordings whose words can be pronounced; a word is taken as it is usually said.

    What the lexicon lacks is asked of espeak-ng. A recording without words is of none: silence or noise.
    """
    items = [item for path in manifests for item in manifest.read(path)]
    words = read_all(lexicon)
    missing = {word for item in items for word in item.text.split()} - words.keys()
    words |= espeak.pronounce(sorted(missing)) if missing else {}
    found = []
    for item in items:
        said = item.text.split()
        if all(word in words for word in said):
            spoken = tuple(phones.OUTPUT[phone] for word in said for phone in words[word][0])
            seconds = len(audio.read_wav(item.file, RATE)) / RATE
            found.append(Example(item.file, spoken, seconds, f"{item.file.parent}/{item.speaker}"))
    return found


class Steps(Dataset[list[tuple[Tensor, Tensor]]]):
    """Batches of (features, target), a step's worth of audio each, of similar length.

    A folder is drawn from in proportion to the square root of its size, so that none drowns the rest.
    """

    def __init__(self, found: list[Example], seconds: float, seed: int) -> None:
        self._seconds = seconds
        self._seed = seed
        folders: dict[Path, list[Example]] = defaultdict(list)
        self._speakers: dict[str, list[Example]] = defaultdict(list)
        for one in found:
            folders[one.file.parent].append(one)
            if one.seconds < SHORT:
                self._speakers[one.speaker].append(one)
        self._folders = list(folders.values())
        weights = np.sqrt([len(folder) for folder in self._folders])
        self._weights = weights / weights.sum()

    def __getitem__(self, step: int) -> list[tuple[Tensor, Tensor]]:
        """Return the batch of one step: always the same."""
        random = np.random.default_rng((self._seed, step))
        around = _length(self._draw(random))
        shortest, longest = (around * factor for factor in ALIKE)
        batch = []
        left = self._seconds
        while left > 0:
            drawn = self._draw(random)
            if not shortest <= _length(drawn) <= longest:
                continue
            left -= _length(drawn)
            features = cepstra(called(_joined(drawn, random), random))
            target = [phones.SILENCE, *(phone for one in drawn for phone in one.phones), phones.SILENCE]
            if not any(one.phones for one in drawn):
                target = [phones.SILENCE]
            if (len(features) + 2) // 3 > len(target):
                batch.append((torch.tensor(features), torch.tensor(target)))
        return batch

    def _draw(self, random: np.random.Generator) -> list[Example]:
        folder = self._folders[random.choice(len(self._folders), p=self._weights)]
        one = folder[random.integers(len(folder))]
        if one.seconds >= SHORT or random.random() < 0.5:
            return [one]
        others = self._speakers[one.speaker]
        return [one, *(others[random.integers(len(others))] for _ in range(random.integers(1, JOINED)))]


def _length(drawn: list[Example]) -> float:
    """Return seconds, with the line before, between and after."""
    return sum(one.seconds for one in drawn) + 0.3 * (len(drawn) - 1) + 0.6


def _joined(drawn: list[Example], random: np.random.Generator) -> audio.Samples:
    parts = [audio.read_wav(drawn[0].file, RATE)]
    for one in drawn[1:]:
        parts += [np.zeros(int(random.uniform(*GAP) * RATE), np.int16), audio.read_wav(one.file, RATE)]
    return np.concatenate(parts)
