"""Calls made of recordings."""

from __future__ import annotations

import numpy as np

from ear_training.augment import EVEN, called
from hotline.speech import audio


def test_the_same_seed_makes_the_same_call(spoken: list[np.ndarray]) -> None:
    one, same, other = (called(spoken[0], np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_calls_are_8_khz_with_silence_before_and_after(spoken: list[np.ndarray]) -> None:
    for seed in range(30):
        call = called(spoken[2], np.random.default_rng(seed))
        assert call.dtype == np.int16
        assert len(call) % EVEN == 0
        assert len(spoken[2]) / 2 / 1.15 < len(call)


def test_levels_of_calls_differ_by_more_than_20_db(spoken: list[np.ndarray]) -> None:
    calls = (called(spoken[2], np.random.default_rng(seed)) for seed in range(30))
    loudest = [float(np.max(audio.frame_levels(call))) for call in calls]
    assert max(loudest) - min(loudest) > 20
