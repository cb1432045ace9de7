"""Sounds that are no answer: music, coughs, tones, a door. 16 kHz samples, the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hotline.evaluation.corpus.voices import RATE
from hotline.speech import audio

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hotline.speech.audio import Samples

_LOUD = 4000.0


def music(milliseconds: int, seed: int) -> Samples:
    """Four plucked notes a second over a bass."""
    random = np.random.default_rng(seed)
    time = np.arange(RATE // 4) / RATE
    notes = []
    for _ in range(milliseconds // 250 + 1):
        pitch = 220 * 2 ** (random.integers(0, 24) / 12)
        partials = [np.sin(2 * np.pi * pitch * over * time) / over for over in range(1, 5)]
        notes.append(np.sum(partials, axis=0) * np.exp(-3 * time) + np.sin(np.pi * pitch * time) / 2)
    return _samples(np.concatenate(notes)[: RATE * milliseconds // 1000])


def cough(seed: int) -> Samples:
    """Two bursts of hiss that die away, through the resonances of a mouth."""
    random = np.random.default_rng(seed)
    bursts = []
    for _ in range(2):
        time = np.arange(int(RATE * random.uniform(0.18, 0.3))) / RATE
        hiss = random.standard_normal(len(time)) * np.exp(-time * random.uniform(10, 18))
        mouth = np.sin(2 * np.pi * random.uniform(500, 1500) * time[:80])
        bursts += [np.convolve(hiss, mouth)[: len(time)]]
        bursts += [np.zeros(int(RATE * random.uniform(0.05, 0.2)))]
    return _samples(np.concatenate(bursts))


def tones(seed: int) -> Samples:
    """The line's own tones: dialling or engaged (425 Hz, ITU-T E.180), or a fax (1100 Hz, T.30)."""
    random = np.random.default_rng(seed)
    on, off, hertz = [(4.0, 0.0, 425), (0.5, 0.5, 425), (0.5, 3.0, 1100)][int(random.integers(3))]
    time = np.arange(RATE * 4) / RATE
    sounding = (time % (on + off)) < on
    return _samples(np.sin(2 * np.pi * hertz * time) * sounding)


def clatter(seed: int) -> Samples:
    """A door or a cup: a few knocks."""
    random = np.random.default_rng(seed)
    signal = np.zeros(RATE)
    for at in random.integers(0, RATE * 3 // 4, 4):
        time = np.arange(len(signal) - at) / RATE
        knock = np.sin(2 * np.pi * random.uniform(150, 2500) * time) + random.standard_normal(len(time)) * 0.5
        signal[at:] += knock * np.exp(-time * random.uniform(30, 80))
    return _samples(signal)


KINDS: dict[str, Callable[[int], Samples]] = {
    "music": lambda seed: music(4000, seed),
    "cough": cough,
    "tones": tones,
    "clatter": clatter,
}


def _samples(signal: NDArray[np.float64]) -> Samples:
    return audio.to_samples(signal / np.abs(signal).max(initial=1e-9) * _LOUD)
