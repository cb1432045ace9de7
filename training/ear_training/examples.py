"""What the net learns from: recordings and their phones, drawn and put together step by step."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ear_training.augment import heard
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
ROW = 15.0
"""Seconds of a row."""
USES = 3
"""How often a call is learnt from: making one costs two thirds of learning from it."""
AGAIN = 50
"""Steps from one use to the next."""
FRAMES = 100
"""Frames of features in a second."""
Piece = tuple[np.ndarray, list[int]]
"""The features of a recording in some call, and its phones."""


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
    spoken_words = [f"{item.aside} {item.text}".split() for item in items]
    words = read_all(lexicon)
    missing = {word for said in spoken_words for word in said} - words.keys()
    words |= espeak.pronounce(sorted(missing)) if missing else {}
    found = []
    for item, said in zip(items, spoken_words, strict=True):
        if all(word in words for word in said):
            spoken = tuple(phones.OUTPUT[phone] for word in said for phone in words[word][0])
            seconds = len(audio.read_wav(item.file, RATE)) / RATE
            found.append(Example(item.file, spoken, seconds, f"{item.file.parent}/{item.speaker}"))
    return found


class Steps:
    """Batches of (features, target), a step's worth of audio each.

    Recordings stand one after another in rows of :data:`ROW` seconds: what the net must see before and after
    a row is computed once for each row, and for each recording would cost as much as the recording.
    A folder is drawn from in proportion to the square root of its size, so that none drowns the rest.
    """

    def __init__(self, found: list[Example], seconds: float, seed: tuple[int, int]) -> None:
        self._seconds = seconds
        self._seed = seed
        self._kept: dict[int, list[Piece]] = {}
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
        rows: list[list[Piece]] = [[] for _ in range(max(1, round(self._seconds / ROW)))]
        pieces = [piece for use in range(USES) for piece in self._made(step - use * AGAIN)]
        self._kept.pop(step - (USES - 1) * AGAIN)
        for piece in sorted(pieces, key=lambda piece: -len(piece[0])):
            min(rows, key=lambda row: sum(len(features) for features, _ in row)).append(piece)
        random = np.random.default_rng((*self._seed, 2, step))
        return [_row([row[place] for place in random.permutation(len(row))]) for row in rows]

    def _made(self, step: int) -> list[Piece]:
        """Return a part of a batch, made for this step; it is used again :data:`AGAIN` steps later."""
        if step not in self._kept:
            random = np.random.default_rng((*self._seed, int(step < 0), abs(step)))
            made: list[Piece] = []
            while sum(len(features) for features, _ in made) < self._seconds * FRAMES / USES:
                drawn = self._draw(random)
                features = heard(_joined(drawn, random), random)
                target = [phone for one in drawn for phone in one.phones]
                if (len(features) + 2) // 3 > len(target) + 1:
                    made.append((features, target))
            self._kept[step] = made
        return self._kept[step]

    def _draw(self, random: np.random.Generator) -> list[Example]:
        folder = self._folders[random.choice(len(self._folders), p=self._weights)]
        one = folder[random.integers(len(folder))]
        if one.seconds >= SHORT or random.random() < 0.5:
            return [one]
        others = self._speakers[one.speaker]
        return [one, *(others[random.integers(len(others))] for _ in range(random.integers(1, JOINED)))]


def _row(pieces: list[Piece]) -> tuple[Tensor, Tensor]:
    """Return the pieces as one, with silence before and after; between them there is nothing but blanks."""
    spoken = [phone for _, one in pieces for phone in one]
    target = [phones.SILENCE, *spoken, phones.SILENCE] if spoken else [phones.SILENCE]
    return torch.tensor(np.concatenate([features for features, _ in pieces])), torch.tensor(target)


def _joined(drawn: list[Example], random: np.random.Generator) -> audio.Samples:
    parts = [audio.read_wav(drawn[0].file, RATE)]
    for one in drawn[1:]:
        parts += [np.zeros(int(random.uniform(*GAP) * RATE), np.int16), audio.read_wav(one.file, RATE)]
    return np.concatenate(parts)
