"""Voices: text to telephone audio.

A voice renders one sentence; :mod:`hotline.speech.speaker` adds recordings, pronunciation and caching.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import py_nanotts
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from hotline.speech import audio
from hotline.speech.audio import FULL_SCALE, TELEPHONE_RATE, Samples

if TYPE_CHECKING:
    from pathlib import Path

SPOKEN_DBFS = -16.0
"""Level of the spoken parts of every prompt."""
PEAK_DBFS = -1.0
"""No sample is louder than this."""
PICO_RATE = 16000
_PICO_VOLUME = 0.7  # at Pico's default of 1, hundreds of samples a sentence are clipped; at 0.8, some
_LIMITER_MS = 5
_LONGEST_WORD = 45


class VoiceError(Exception):
    """A voice that cannot be used. The text is a German sentence for the operator."""


class Voice(Protocol):
    """Turns a sentence into sound."""

    name: str
    """Distinguishes what is cached: voices that sound different have different names."""

    def render(self, text: str, *, pace: float = 1.0) -> bytes:
        """Return ``text`` as 8 kHz mu-law at :data:`SPOKEN_DBFS`, without silence around it.

        :param pace: speed of speech; 0.8 is slow.
        :raises VoiceError: if the voice fails at this text.
        """
        ...


class PicoVoice:
    """SVOX Pico's German voice, from the package ``py-nanotts``. Its data come with the package.

    May be used by many threads. It holds the GIL while it renders, 4 ms per second of speech, so
    sentences should be short.
    """

    name = "pico-de"

    def __init__(self) -> None:
        self._engine = py_nanotts.NanoTTS()

    def render(self, text: str, *, pace: float = 1.0) -> bytes:
        """See :class:`Voice`."""
        plain = speakable(text)
        if not plain:
            return b""
        try:
            pcm = self._engine.speak(plain, voice="de-DE", speed=pace, volume=_PICO_VOLUME)
        except RuntimeError as error:
            raise VoiceError(f"Pico kann nicht sprechen: {plain!r} ({error})") from error
        return for_telephone(np.frombuffer(pcm, np.int16), PICO_RATE)


class PiperVoice:
    """A neural voice from a Piper file, ``….onnx`` with ``….onnx.json`` beside it (``hotline[piper]``)."""

    def __init__(self, path: Path) -> None:
        """Load the voice.

        :raises VoiceError: if Piper is not installed, or the file is not a voice.
        """
        try:
            from piper import PiperVoice as Engine  # noqa: PLC0415
            from piper import SynthesisConfig  # noqa: PLC0415
        except ImportError as error:
            raise VoiceError("Für eine Piper-Stimme fehlt das Paket: pip install 'hotline[piper]'") from error
        try:
            self._engine = Engine.load(path)
        except Exception as error:  # onnxruntime raises its own, undocumented exceptions
            raise VoiceError(f"Die Piper-Stimme {path} lässt sich nicht laden: {error}") from error
        self._config = SynthesisConfig
        self.name = f"piper-{path.stem}"

    def render(self, text: str, *, pace: float = 1.0) -> bytes:
        """See :class:`Voice`."""
        plain = speakable(text)
        if not plain:
            return b""
        chunks = list(
            self._engine.synthesize(
                plain, syn_config=self._config(length_scale=self._engine.config.length_scale / pace)
            )
        )
        samples = np.concatenate([np.empty(0, np.int16), *(chunk.audio_int16_array for chunk in chunks)])
        return for_telephone(samples, chunks[0].sample_rate) if chunks else b""


def load(piper: Path | None) -> Voice:
    """Return the configured voice: Piper's where a file is given, else Pico.

    :raises VoiceError: if Piper's cannot be loaded.
    """
    return PiperVoice(piper) if piper else PicoVoice()


def speakable(text: str) -> str:
    """Return ``text`` without what a synthesiser would take for markup, spell out or stumble over.

    Letters, digits and the punctuation that shapes the melody stay. Pico takes ``<`` for a command, ends at
    NUL, is silent for two seconds at "...", and never returns from a word of 250 letters, so long words are
    broken. A text without a letter or digit becomes empty.
    """
    plain = re.sub(r"[–—]", ",", text.replace("…", "."))
    plain = re.sub(r"[^\w\s.,;:!?'’%&€+-]|_", " ", plain)
    plain = re.sub(r"([.,;:!?])(\s*[.,;:!?])+", r"\1", plain)
    plain = re.sub(rf"(\S{{{_LONGEST_WORD}}})(?=\S)", r"\1 ", plain)
    return re.sub(r"\s+", " ", plain).strip() if re.search(r"\w", plain) else ""


def for_telephone(samples: Samples, rate: int) -> bytes:
    """Return ``samples`` as a telephone prompt: trimmed, band-limited, levelled, mu-law."""
    trimmed = trim(audio.telephone_band(audio.resample(samples, rate, TELEPHONE_RATE)))
    if not len(trimmed):
        return b""
    gain = 10 ** ((SPOKEN_DBFS - audio.speech_level(trimmed)) / 20)
    return audio.encode_mulaw(limit(trimmed * gain))


def trim(samples: Samples) -> Samples:
    """Return 8 kHz ``samples`` without the silence around them, but 20 ms of it on each side."""
    loud = np.nonzero(audio.frame_levels(samples) > audio.level(samples) - 35)[0]
    if not len(loud) or audio.level(samples) <= audio.FLOOR_DBFS:
        return samples[:0]
    size = audio.FRAME_BYTES
    return samples[max(0, (loud[0] - 1) * size) : (loud[-1] + 2) * size]


def limit(signal: NDArray[Any]) -> Samples:
    """Return ``signal``, in the units of int16, with its peaks turned down to :data:`PEAK_DBFS`, not cut off.

    The gain falls and rises over 5 ms around a peak, looking ahead.
    """
    ceiling = FULL_SCALE * 10 ** (PEAK_DBFS / 20)
    needed = np.minimum(1, ceiling / np.maximum(np.abs(signal), 1))
    if needed.min() < 1:
        width = 2 * (TELEPHONE_RATE * _LIMITER_MS // 1000) + 1
        lowest = sliding_window_view(np.pad(needed, width - 1, constant_values=1.0), width).min(axis=1)
        window = np.hanning(width + 2)[1:-1]
        signal = signal * np.convolve(lowest, window / window.sum(), mode="valid")
    return audio.to_samples(signal)
