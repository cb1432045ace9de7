"""What the net hears: 30 cepstra every 10 ms, computed as Kaldi does, so that Vosk computes the same."""

from __future__ import annotations

import kaldi_native_fbank as fbank
import numpy as np

CEPSTRA = 30
RATE = 8000
"""Hz."""
HIGHEST_HZ = 3872
"""The upper edge of the highest filter; ``conf/mfcc.conf`` says the same to Vosk."""


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
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = highest_hz
    options.use_energy = False
    computer = fbank.OnlineMfcc(options)
    computer.accept_waveform(rate, np.ascontiguousarray(samples, np.float32))
    computer.input_finished()
    frames = [computer.get_frame(number) for number in range(computer.num_frames_ready)]
    return np.stack(frames) if frames else np.zeros((0, count), np.float32)
