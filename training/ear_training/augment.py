"""Makes many calls of one recording: rooms, lines, noises, levels, and other throats."""

from __future__ import annotations

import numpy as np
import soxr

from ear_training.features import cepstra, warped
from hotline.evaluation import conditions
from hotline.evaluation.conditions import Condition
from hotline.evaluation.corpus.voices import RATE
from hotline.speech import audio

NOISES = ("white", "pink", "babble", "street", "kitchen")
LOUDEST_NOISE, SOFTEST_NOISE = 5.0, 35.0
LEVELS = (-45.0, -15.0)
SPEEDS = (0.87, 1.15)
"""Played faster, a voice is higher and its mouth smaller: a child's; slower, a giant's."""
MOVED = 0.6
"""Share of the calls in which the formants are moved: real speakers are few."""
FORMANTS = (0.88, 1.14)
"""How far: about what lies between men and women."""
LOWEST_HZ, HIGHEST_HZ = (0.0, 350.0), (3300.0, 4000.0)
"""Where the band of a line begins and ends. Half of them are as narrow as the standard says."""
TILT_DB = (-6.0, 4.0)
"""dB with each octave: handsets are dull or shrill."""
ECHO_DB, ECHO_MS = (8.0, 25.0), (30, 300)
SWITCHED = (20.0, 35.0)
"""dB below the loudest. What is softer, before and after an utterance, a line switched by voice cuts."""
HELD = 4
"""Frames of 20 ms that such a line stays open."""
EVEN = 800
"""Samples. A call is a multiple of so many: noise of a prime length takes several times as long to make."""


def heard(samples: audio.Samples, random: np.random.Generator) -> np.ndarray:
    """Return the features of a 16 kHz recording as one of the calls, and the speakers, it might have been."""
    features = cepstra(called(samples, random))
    return warped(features, random.uniform(*FORMANTS)) if random.random() < MOVED else features


def called(samples: audio.Samples, random: np.random.Generator) -> audio.Samples:
    """Return a 16 kHz recording as one of the calls it might have been, 8 kHz."""
    speed = random.uniform(*SPEEDS)
    voice = audio.resample(np.asarray(soxr.resample(samples, RATE * speed, RATE), np.int16), RATE, 8000)
    if random.random() < 0.15:
        voice = _switched(voice, random.uniform(*SWITCHED))
    noisy = random.random() < 0.8
    condition = Condition(
        "random",
        noise=str(random.choice(NOISES)) if noisy else None,
        snr_db=float(random.uniform(LOUDEST_NOISE, SOFTEST_NOISE)),
        level_dbfs=float(random.uniform(*LEVELS)),
        clip_db=float(random.uniform(3, 12)) if random.random() < 0.15 else None,
        loss=float(random.uniform(0, 0.03)) if random.random() < 0.1 else 0.0,
        codec="gsm" if random.random() < 0.2 else None,
        far=random.random() < 0.3,
        band=(random.uniform(*LOWEST_HZ), random.uniform(*HIGHEST_HZ))
        if random.random() < 0.5
        else audio.TELEPHONE_BAND,
        tilt_db=float(random.uniform(*TILT_DB)) if random.random() < 0.5 else 0.0,
        echo_db=float(random.uniform(*ECHO_DB)) if random.random() < 0.2 else None,
        echo_ms=int(random.integers(*ECHO_MS)),
    )
    lead_ms, tail_ms = int(random.integers(50, conditions.LEAD_MS)), int(random.integers(100, 700))
    total = lead_ms * 8 + len(voice) + tail_ms * 8
    voice = np.pad(voice, (0, -total % EVEN))
    seed = int(random.integers(1 << 31))
    return conditions.over_the_line(voice, condition, seed, lead_ms=lead_ms, tail_ms=tail_ms)


def _switched(voice: audio.Samples, below_db: float) -> audio.Samples:
    """Return 8 kHz samples without the soft beginning and end."""
    levels = audio.frame_levels(voice)
    (open_at,) = np.nonzero(levels > levels.max(initial=audio.FLOOR_DBFS) - below_db)
    if not len(open_at):
        return voice
    return voice[max(0, open_at[0] - 1) * audio.FRAME_BYTES : (open_at[-1] + 1 + HELD) * audio.FRAME_BYTES]
