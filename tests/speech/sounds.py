"""Sounds for the tests: what a line carries besides words, and a turn run through ear and endpointer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotline.speech import audio
from hotline.speech.audio import FRAME_BYTES, TELEPHONE_RATE, Samples
from hotline.speech.ear import Ear
from hotline.speech.endpointing import Endpointer, Patience, State

DIGITS = ["null", "eins", "zwei", "zwo", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
YES_NO = ["ja", "nein", "ja bitte", "ja genau", "nein danke", "genau", "richtig", "falsch"]


def quiet(milliseconds: int) -> Samples:
    return np.zeros(TELEPHONE_RATE * milliseconds // 1000, np.int16)


def at_level(samples: Samples, dbfs: float) -> Samples:
    return audio.to_samples(samples * 10 ** ((dbfs - audio.speech_level(samples)) / 20))


def cough(dbfs: float = -20) -> Samples:
    """A quarter of a second of hiss that dies away."""
    time = np.arange(TELEPHONE_RATE // 4) / (TELEPHONE_RATE // 4)
    hiss = np.random.default_rng(3).standard_normal(len(time)) * np.exp(-4 * time) * 3000
    return at_level(audio.telephone_band(audio.to_samples(hiss)), dbfs)


def music(milliseconds: int, dbfs: float = -20) -> Samples:
    """Four plucked notes a second over a bass."""
    random = np.random.default_rng(0)
    time = np.arange(TELEPHONE_RATE // 4) / TELEPHONE_RATE
    notes = []
    for _ in range(milliseconds // 250 + 1):
        pitch = 220 * 2 ** (random.integers(0, 24) / 12)
        melody = sum(np.sin(2 * np.pi * pitch * h * time) / h for h in (1, 2, 3, 4)) * np.exp(-3 * time)
        notes.append(melody + np.sin(np.pi * pitch * time) / 2)
    tune = np.concatenate(notes)[: TELEPHONE_RATE * milliseconds // 1000]
    return at_level(audio.to_samples(tune * 3000), dbfs)


def over_the_line(*parts: Samples, snr: float = 40, kind: audio.NoiseKind = "pink") -> Samples:
    """The parts one after the other, with noise from beginning to end, as mu-law makes them."""
    whole = np.concatenate(parts)
    return audio.decode_mulaw(audio.encode_mulaw(audio.add_noise(whole, snr, 1, kind)))


@dataclass
class Turn:
    state: State
    ended_ms: int
    words: str


def take_turn(
    ear: Ear, samples: Samples, phrases: Sequence[str], patience: Patience, *, prompt_playing: bool = False
) -> Turn:
    """Run a turn as a call does; the state stays WAITING or SPEAKING if the audio ends first."""
    listener = ear.listen(phrases)
    endpointer = Endpointer(patience, prompt_playing=prompt_playing)
    frames = 0
    for start in range(0, len(samples) - FRAME_BYTES + 1, FRAME_BYTES):
        frame = samples[start : start + FRAME_BYTES]
        listener.accept(frame)
        frames += 1
        if endpointer.frame(frame, listener.partial()).over:
            break
    return Turn(endpointer.state, frames * 20, " ".join(word.text for word in listener.final()))
