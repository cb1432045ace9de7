"""What the net hears: 30 cepstra every 10 ms, computed as Kaldi does, so that Vosk computes the same."""

from __future__ import annotations

import kaldi_native_fbank as fbank
import numpy as np

CEPSTRA = 30
RATE = 8000
"""Hz."""
LOWEST_HZ = 20
HIGHEST_HZ = 3872
"""The upper edge of the highest filter; ``conf/mfcc.conf`` says the same to Vosk."""
LIFTER = 22
"""Kaldi's ``cepstral-lifter``."""
BEND = 0.8
"""From this part of the band on formants are moved ever less: the highest frequency stays itself."""


def cepstra(
    samples: np.ndarray, rate: int = RATE, count: int = CEPSTRA, highest_hz: int = HIGHEST_HZ
) -> np.ndarray:
    """Return the features of samples, shape (frames, count).

    :param rate: of the samples, in Hz
    """
    options = fbank.MfccOptions()
    options.frame_opts.samp_freq = rate
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = True
    options.mel_opts.num_bins = options.num_ceps = count
    options.mel_opts.low_freq = LOWEST_HZ
    options.mel_opts.high_freq = highest_hz
    options.use_energy = False
    computer = fbank.OnlineMfcc(options)
    computer.accept_waveform(rate, np.ascontiguousarray(samples, np.float32))
    computer.input_finished()
    frames = [computer.get_frame(number) for number in range(computer.num_frames_ready)]
    return np.stack(frames) if frames else np.zeros((0, count), np.float32)


def warped(features: np.ndarray, factor: float) -> np.ndarray:
    """Return our cepstra as if the speaker's formants were ``factor`` times as high, at the same pitch.

    This is the perturbation of the vocal tract's length (Jaitly and Hinton, 2013). As many cepstra as
    filters tell the whole logarithmic spectrum, a sum of cosines, which can be read at other frequencies.
    """
    order = np.arange(CEPSTRA)
    lifter = 1 + 0.5 * LIFTER * np.sin(np.pi * order / LIFTER)
    scale = np.sqrt(np.where(order == 0, 1, 2) / CEPSTRA)
    lowest, highest = _mel(LOWEST_HZ), _mel(HIGHEST_HZ)
    width = (highest - lowest) / (CEPSTRA + 1)
    hz = 700 * (np.exp((lowest + (order + 1) * width) / 1127) - 1)
    bend = BEND * HIGHEST_HZ * min(1.0, factor)
    read_hz = np.interp(hz, [0, bend, HIGHEST_HZ], [0, bend / factor, HIGHEST_HZ])
    read_at = np.clip((_mel(read_hz) - lowest) / width - 1, 0, CEPSTRA - 1)
    spectrum = scale * np.cos(np.pi / CEPSTRA * np.outer(read_at + 0.5, order))
    back = scale[:, None] * np.cos(np.pi / CEPSTRA * np.outer(order, order + 0.5))
    return np.asarray((features / lifter) @ (back @ spectrum).T * lifter, np.float32)


def _mel(hz: float | np.ndarray) -> np.ndarray:
    return 1127 * np.log1p(np.asarray(hz) / 700)
