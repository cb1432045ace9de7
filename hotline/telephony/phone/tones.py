"""The tones of the telephone network: ringing, busy, keys. 8 kHz mu-law."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from hotline.speech.audio import encode_mulaw
from hotline.telephony.phone.stream import SILENCE

RATE: Final = 8000

_KEYS: Final = {
    key: (low, high)
    for low, row in ((697, "123A"), (770, "456B"), (852, "789C"), (941, "*0#D"))
    for high, key in zip((1209, 1336, 1477, 1633), row, strict=True)
}
"""Frequencies in Hz (ITU-T Q.23)."""

KEYPAD: Final = frozenset("0123456789*#")
"""The keys of a telephone."""


@cache
def ringing() -> bytes:
    """Return one period of the German ringing tone: 425 Hz, 1 s on, 4 s off (ITU-T E.180)."""
    return _tone(1.0, 425) + _silence(4.0)


@cache
def busy() -> bytes:
    """Return two seconds of the German busy tone: 425 Hz, 0.48 s on and off (ITU-T E.180)."""
    return (_tone(0.48, 425) + _silence(0.48)) * 2


def keys(digits: str) -> bytes:
    """Return key tones of 100 ms with pauses of 100 ms; ``w`` waits half a second (``<Play digits>``)."""
    return b"".join(
        _silence(0.5) if digit == "w" else _tone(0.1, *_KEYS[digit]) + _silence(0.1)
        for digit in digits
        if digit == "w" or digit in _KEYS
    )


def _tone(seconds: float, *frequencies: int) -> bytes:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * frequency * time) for frequency in frequencies)
    return encode_mulaw((np.asarray(wave) * 6000 / len(frequencies)).astype(np.int16))


def _silence(seconds: float) -> bytes:
    return SILENCE[:1] * round(seconds * RATE)
