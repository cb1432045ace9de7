"""Telephone audio: G.711 mu-law, sample rates, levels, and the reading and writing of files.

Samples are always ``int16``, mono, shape ``(n,)``. Levels are dBFS: RMS against a full scale of 32768.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Samples = NDArray[np.int16]
"""Linear samples, mono."""

TELEPHONE_RATE = 8000
"""Samples per second on the telephone (ITU-T G.711)."""
FRAME_MS = 20
"""Length of one frame on a Twilio media stream, in ms."""
FRAME_BYTES = TELEPHONE_RATE * FRAME_MS // 1000
"""Bytes, and samples, of one frame: mu-law has one byte per sample."""
SILENCE = b"\xff"
"""The mu-law byte of a sample of nought."""
FULL_SCALE = 32768.0
TELEPHONE_BAND = (300.0, 3400.0)
"""Hz that a telephone line carries (ITU-T G.712)."""
FLOOR_DBFS = -96.0
"""The level given for digital silence."""

_BIAS = 0x84  # G.711: added before the logarithm, so that every segment starts at a power of two
_CLIP = 32635


def _decoding_table() -> Samples:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 7)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encoding_table() -> NDArray[np.uint8]:
    linear = np.arange(1 << 16).astype(np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(linear), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(linear < 0, 0x80, 0)
    return np.asarray(~(sign | (exponent << 4) | mantissa) & 0xFF, np.uint8)


_DECODE = _decoding_table()
_ENCODE = _encoding_table()


def decode_mulaw(data: bytes) -> Samples:
    """Return the samples of mu-law ``data``, one per byte."""
    return np.asarray(_DECODE[np.frombuffer(data, np.uint8)], np.int16)


def encode_mulaw(samples: Samples) -> bytes:
    """Return ``samples`` as mu-law, one byte each."""
    return _ENCODE[samples.view(np.uint16)].tobytes()


def to_samples(signal: NDArray[Any]) -> Samples:
    """Round a signal in the units of int16 to samples; what exceeds full scale is clipped."""
    return np.asarray(np.clip(np.rint(signal), -32768, 32767), np.int16)


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """Return a whole recording of ``rate`` Hz at ``wanted`` Hz."""
    return samples if rate == wanted else np.asarray(soxr.resample(samples, rate, wanted), np.int16)


class StreamResampler:
    """Changes the sample rate of audio that arrives in pieces. It holds the state of one stream.

    soxr's medium quality delays the audio by 26 ms, half of what its high quality needs, and is far better
    than a telephone line.
    """

    def __init__(self, rate: int, wanted: int) -> None:
        self._stream = (
            None if rate == wanted else soxr.ResampleStream(rate, wanted, 1, dtype="int16", quality="MQ")
        )

    def accept(self, samples: Samples, *, last: bool = False) -> Samples:
        """Return what is ready once ``samples`` have come; with ``last``, all that remains."""
        if self._stream is None:
            return samples
        return np.asarray(self._stream.resample_chunk(samples, last=last), np.int16)


def read_wav(path: Path, rate: int = TELEPHONE_RATE) -> Samples:
    """Read a recording (WAV in any encoding, FLAC, Ogg) as mono samples at ``rate`` Hz.

    :raises OSError: if the file is missing, or is not a recording.
    """
    try:
        with path.open("rb") as file:
            channels, own_rate = soundfile.read(file, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise OSError(f"{path}: keine lesbare Tonaufnahme ({error})") from error
    mono = channels.mean(axis=1)
    if own_rate != rate:
        mono = soxr.resample(mono, own_rate, rate)
    return to_samples(mono * FULL_SCALE)


def write_wav(path: Path, samples: Samples, rate: int = TELEPHONE_RATE) -> None:
    """Write ``samples`` as a 16-bit WAV file."""
    soundfile.write(path, samples, rate, subtype="PCM_16", format="WAV")


def silence(milliseconds: int) -> bytes:
    """Return mu-law silence."""
    return SILENCE * (TELEPHONE_RATE * milliseconds // 1000)


def level(samples: NDArray[Any]) -> float:
    """Return the level of ``samples`` in dBFS, :data:`FLOOR_DBFS` for silence."""
    if not len(samples):
        return FLOOR_DBFS
    wide = samples.astype(np.float64)
    return max(FLOOR_DBFS, 10 * float(np.log10(wide.dot(wide) / len(wide) / FULL_SCALE**2 + 1e-12)))


def frame_levels(samples: Samples) -> NDArray[np.float64]:
    """Return the level of each whole 20 ms frame of 8 kHz ``samples``, in dBFS."""
    frames = samples[: len(samples) // FRAME_BYTES * FRAME_BYTES].reshape(-1, FRAME_BYTES).astype(np.float64)
    return np.asarray(np.maximum(FLOOR_DBFS, 10 * np.log10((frames**2).mean(axis=1) / FULL_SCALE**2 + 1e-12)))


def speech_level(samples: Samples) -> float:
    """Return the level, in dBFS, of the spoken parts: of the frames at most 20 dB below the loudest ones.

    A rough cousin of ITU-T P.56: pauses do not count, however long they are.
    """
    levels = frame_levels(samples)
    if not len(levels):
        return level(samples)
    spoken = levels[levels > np.percentile(levels, 98) - 20]
    return float(10 * np.log10((10 ** (spoken / 10)).mean()))


def telephone_band(samples: Samples, band: tuple[float, float] = TELEPHONE_BAND) -> Samples:
    """Return 8 kHz ``samples`` as a telephone line passes them on: 300 to 3400 Hz. Length and timing stay.

    :param band: the lowest and the highest frequency that the line passes on, in Hz.
    """
    if not len(samples):
        return samples
    taps = 257
    time = np.arange(taps) - taps // 2
    low, high = (2 * edge / TELEPHONE_RATE for edge in band)
    kernel = (high * np.sinc(high * time) - low * np.sinc(low * time)) * np.hamming(taps)
    return to_samples(convolved(samples, kernel)[taps // 2 :][: len(samples)])


def convolved(signal: NDArray[Any], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the whole convolution of a signal and a kernel, by way of their spectra, which is fastest."""
    count = len(signal) + len(kernel) - 1
    size = 1 << (count - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(kernel, size), size)[:count]


NoiseKind = Literal["white", "pink", "babble"]
"""White: hiss. Pink: street, kitchen. Babble: a room of voices without words."""


def noise(count: int, dbfs: float, seed: int, kind: NoiseKind = "white") -> Samples:
    """Return ``count`` samples of noise at the level ``dbfs``; the same for the same seed."""
    random = np.random.default_rng(seed)
    if kind == "white":
        signal = random.standard_normal(count)
    elif kind == "pink":
        signal = _shaped(random.standard_normal(count), lambda hertz: 1 / np.sqrt(np.maximum(hertz, 50)))
    else:
        signal = sum((_murmur(random, count) for _ in range(4)), np.zeros(count))
    rms = np.sqrt((signal**2).mean()) if count else 1.0
    return to_samples(signal / rms * FULL_SCALE * 10 ** (dbfs / 20))


def add_noise(samples: Samples, snr_db: float, seed: int, kind: NoiseKind = "white") -> Samples:
    """Return ``samples`` with noise ``snr_db`` dB below their :func:`speech_level`."""
    behind = noise(len(samples), speech_level(samples) - snr_db, seed, kind)
    return to_samples(samples.astype(np.int32) + behind)


def _shaped(signal: NDArray[np.float64], gain: Callable[[NDArray[Any]], NDArray[Any]]) -> NDArray[np.float64]:
    """Filter ``signal`` by ``gain``, a function of frequency in Hz."""
    spectrum = np.fft.rfft(signal) * gain(np.fft.rfftfreq(len(signal), 1 / TELEPHONE_RATE))
    return np.fft.irfft(spectrum, len(signal))


def _murmur(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """One voice of a babble: noise with the long-term spectrum of speech that comes and goes in syllables.

    The spectrum falls by about 9 dB per octave above 500 Hz (after Byrne et al. 1994); 3 to 6 syllables come
    a second.
    """
    hiss = _shaped(random.standard_normal(count), lambda hertz: 1 / (1 + (hertz / 500) ** 1.5))
    rate = random.uniform(3, 6)
    syllables = random.uniform(0, 1, int(count / TELEPHONE_RATE * rate) + 3) ** 2
    envelope = np.interp(np.arange(count) * rate / TELEPHONE_RATE, np.arange(len(syllables)), syllables)
    return np.asarray(hiss * envelope)
