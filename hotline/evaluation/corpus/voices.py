"""Synthetic voices, and what age and a cold do to them. Those for training, development and test differ."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import py_nanotts
import soxr

from hotline.speech import audio
from hotline.speech.voice import speakable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotline.speech.audio import Samples

RATE = 16000
"""Hz of what voices return: the telephone's band is cut later."""
Style = Literal["plain", "slow", "hoarse", "trembling"]
STYLES: tuple[Style, ...] = ("plain", "slow", "hoarse", "trembling")
_ABBREVIATION = re.compile(r"\b(?!hm)[b-df-hj-np-tv-xz]{3,}\b")
"""What Pico spells out only if it is in capitals; espeak-ng does so anyway."""
_USUAL_WPM = 165
_ESPEAK_PITCH = 50


class NoVoiceError(Exception):
    """A voice that is not installed. The text is a German sentence."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A synthetic voice."""

    name: str
    """``pico``, or a voice of espeak-ng with its variant, as ``de+f4``."""
    speed: float = 1.0
    pitch: float = 1.0

    def __str__(self) -> str:
        return f"{self.name}@{self.pitch:g}/{self.speed:g}"


_WOMEN = ("f1", "f2", "f3", "f5", "Andrea", "Annie", "linda", "grandma", "steph", "belinda")
_MEN = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "klatt2", "klatt3", "max", "paul", "grandpa", "john")
_A_TO_C = ("adam", "Alex", "Alicia", "antonio", "aunty", "benjamin", "boris", "caleb")
_D_TO_G = ("david", "Denis", "Diogo", "ed", "edward", "edward2", "Gene", "Gene2", "gustave")
_H_TO_L = ("Henrique", "Hugo", "iven", "iven2", "iven3", "Jacky", "kaukovalta", "Lee")
_M_TO_Q = ("marcelo", "Marco", "Mario", "miguel", "Mike", "pablo", "pedro", "quincy")
_R_TO_V = ("RicishayMax", "rob", "robert", "robosoft", "robosoft3", "robosoft5", "steph2", "steph3")
_LAST = ("Storm", "travis", "victor", "anika", "AnxiousAndy", "norbert", "sandro", "shelby", "zac")
_KLATT = ("klatt", "klatt4", "klatt5", "klatt6")
_VARIANTS = (*_WOMEN, *_MEN, *_A_TO_C, *_D_TO_G, *_H_TO_L, *_M_TO_Q, *_R_TO_V, *_LAST, *_KLATT)
_THROATS = ((1.0, 1.0), (0.55, 0.9), (0.75, 1.2), (1.3, 0.8), (1.6, 1.05))
"""Pitch and speed."""
_PITCHES = (0.62, 0.7, 0.74, 0.78, 0.81, 0.84, 0.89, 0.93, 1.1, 1.12, 1.14, 1.17, 1.19, 1.25, 1.33)
_SPEEDS = (0.75, 0.85, 0.92, 1.0, 1.1, 1.2, 1.3)
TRAIN = (
    *(Voice(f"de+{variant}", speed=speed, pitch=pitch) for variant in _VARIANTS for pitch, speed in _THROATS),
    *(Voice("pico", pitch=pitch, speed=speed) for pitch in _PITCHES for speed in _SPEEDS),
)
"""Voices for training. Neither these nor what lies between their pitches may be used to measure."""
DEV = (Voice("pico"), Voice("pico", speed=0.85, pitch=1.02), Voice("de+f4"), Voice("de+announcer", speed=0.9))
"""Voices for development: thresholds are found, variants are chosen on them."""
TEST = (Voice("pico", speed=1.15, pitch=1.04), Voice("de+Michael"), Voice("de"), Voice("de+croak"))
"""Voices for the last word."""
TELEVISION = Voice("pico", speed=1.1, pitch=0.98)
SETS = {"train": TRAIN, "dev": DEV, "test": TEST}


def speak(text: str, voice: Voice, *, style: Style = "plain", seed: int = 0) -> Samples:
    """Speak a text; 16 kHz samples without silence around them.

    :raises NoVoiceError: if espeak-ng is needed and not installed.
    """
    slow = 0.72 if style == "slow" else 1.0
    make = _pico if voice.name == "pico" else _espeak
    signal = _trimmed(make(text, voice, slow).astype(np.float64))
    random = np.random.default_rng(seed)
    if style == "hoarse":
        signal = _hoarse(signal, random)
    elif style == "trembling":
        signal = _trembling(signal, random)
    return audio.to_samples(signal)


def _pico(text: str, voice: Voice, slow: float) -> Samples:
    pcm = py_nanotts.NanoTTS().speak(
        speakable(_ABBREVIATION.sub(lambda found: found[0].upper(), text)),
        voice="de-DE",
        speed=voice.speed * slow,
        pitch=voice.pitch,
        volume=0.7,
    )
    return np.frombuffer(pcm, np.int16)


def _espeak(text: str, voice: Voice, slow: float) -> Samples:
    if shutil.which("espeak-ng") is None:
        raise NoVoiceError(f"Für die Stimme „{voice.name}“ fehlt espeak-ng (apt install espeak-ng).")
    speed = str(round(_USUAL_WPM * voice.speed * slow))
    pitch = str(round(_ESPEAK_PITCH * voice.pitch))
    command = ["espeak-ng", "-v", voice.name, "-s", speed, "-p", pitch, "--stdin", "--stdout"]
    data = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout  # noqa: S603
    # A WAV header for a pipe does not know its length, so it is read by hand.
    (rate,) = struct.unpack_from("<I", data, 24)
    return np.asarray(soxr.resample(np.frombuffer(data[44:], "<i2"), rate, RATE), np.int16)


def _trimmed(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    loud = np.nonzero(np.abs(signal) > max(20.0, np.abs(signal).max(initial=0) * 0.01))[0]
    return signal[loud[0] : loud[-1] + 1] if len(loud) else signal


def _hoarse(signal: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Mix in breath: noise that follows the voice's loudness, 18 dB below it."""
    window = RATE // 50
    loudness = np.sqrt(np.convolve(signal**2, np.ones(window) / window, mode="same"))
    return signal + random.standard_normal(len(signal)) * loudness * 10 ** (-18 / 20)


def _trembling(signal: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Let pitch and loudness waver, as an old voice does (essential tremor: four to six times a second)."""
    time = np.arange(len(signal)) / RATE
    hertz, phase = random.uniform(4, 6), random.uniform(0, 2 * np.pi)
    wobble = 0.03 / (2 * np.pi * hertz) * np.sin(2 * np.pi * hertz * time + phase)
    bent = np.interp(time + wobble, time, signal)
    return bent * (1 + 0.3 * np.sin(2 * np.pi * hertz * time + phase))
