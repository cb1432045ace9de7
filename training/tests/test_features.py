"""What the net hears can be moved as another throat would move it."""

from __future__ import annotations

import numpy as np
import pytest

from ear_training.features import CEPSTRA, RATE, cepstra, warped


def _formant(hz: float) -> np.ndarray:
    """Return the mean features of four seconds of noise with a formant at ``hz``, 150 Hz wide."""
    noise = np.random.default_rng(4).normal(size=4 * RATE)
    spectrum, at = np.fft.rfft(noise), np.fft.rfftfreq(4 * RATE, 1 / RATE)
    shaped = np.fft.irfft(spectrum * (0.02 + np.exp(-(((at - hz) / 150) ** 2))))
    return cepstra(shaped / shaped.std() * 1000).mean(0)


def test_a_factor_of_one_moves_nothing() -> None:
    features = np.random.default_rng(1).normal(size=(5, CEPSTRA)).astype(np.float32)
    assert warped(features, 1.0) == pytest.approx(features, abs=1e-4)


@pytest.mark.parametrize("factor", [0.88, 1.14])
def test_a_moved_formant_is_heard_where_it_was_moved_to(factor: float) -> None:
    before, wanted = _formant(1000), _formant(1000 * factor)
    moved = warped(before[None], factor)[0]
    assert np.linalg.norm(moved[1:] - wanted[1:]) < 0.4 * np.linalg.norm(before[1:] - wanted[1:])
