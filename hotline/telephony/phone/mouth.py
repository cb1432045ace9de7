"""How a scripted caller sounds: speech becomes frames of 20 ms, with the caller's room behind it."""

from __future__ import annotations

import struct
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import py_nanotts

from hotline.speech import audio
from hotline.speech.voice import for_telephone, speakable
from hotline.telephony.phone.stream import FRAME, SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hotline.telephony.phone.script import VoiceChoice

PICO_RATE: Final = 16000
ESPEAK_WORDS_PER_MINUTE: Final = 160
"""A pace at which espeak-ng's German voices are understood well; 175 is their default."""
ESPEAK_PITCH: Final = 50
SPEECH_DBFS: Final = -16.0
"""The level of the spoken parts, as :func:`hotline.speech.voice.for_telephone` makes it."""
ROOM_SECONDS: Final = 20
"""So long the noise behind a caller goes on before it repeats."""


class NoVoice(Exception):  # noqa: N818
    """A voice that is not there. The text is a German sentence."""


class Mouth:
    """Speaks in a caller's voice, and sounds like the caller's room when it does not.

    :param seed: makes the noise; the same seed gives the same call.
    """

    def __init__(self, choice: VoiceChoice, seed: int = 1) -> None:
        self._choice = choice
        self._room = _room(choice, seed)

    def say(self, text: str, choice: VoiceChoice | None = None) -> Iterator[bytes]:
        """Return the frames of a spoken text.

        :raises NoVoice: if the voice is not installed.
        """
        return self.play(spoken(text, choice or self._choice))

    def play(self, speech: bytes) -> Iterator[bytes]:
        """Return the frames of mu-law ``speech``."""
        for start in range(0, len(speech), FRAME):
            frame = speech[start : start + FRAME]
            yield self._mix(frame + SILENCE[len(frame) :])

    def quiet(self) -> bytes:
        """Return a frame in which nothing is said."""
        return self._mix(SILENCE)

    def _mix(self, frame: bytes) -> bytes:
        if self._room is None:
            return frame
        behind = next(self._room)
        return audio.encode_mulaw(audio.to_samples(audio.decode_mulaw(frame).astype(np.int32) + behind))


def recording(path: Path) -> bytes:
    """Return a recording as 8 kHz mu-law, as it was made.

    :raises OSError: if it cannot be read.
    """
    return audio.encode_mulaw(audio.read_wav(path))


@cache
def spoken(text: str, choice: VoiceChoice) -> bytes:
    """Return a text as a telephone passes it on, without noise.

    :raises NoVoice: if the voice is not installed.
    """
    if choice.name == "pico":
        pcm = py_nanotts.NanoTTS().speak(
            speakable(text), voice="de-DE", speed=choice.speed, pitch=choice.pitch, volume=0.7
        )
        return for_telephone(np.frombuffer(pcm, np.int16), PICO_RATE)
    samples, rate = _espeak(text, choice)
    return for_telephone(samples, rate)


def _espeak(text: str, choice: VoiceChoice) -> tuple[audio.Samples, int]:
    pitch = min(99, round(ESPEAK_PITCH * choice.pitch))
    speed = round(ESPEAK_WORDS_PER_MINUTE * choice.speed)
    command = ["espeak-ng", "-v", choice.name, "-s", str(speed), "-p", str(pitch), "--stdin", "--stdout"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)  # noqa: S603
    except FileNotFoundError as error:
        raise NoVoice(f"Für die Stimme „{choice.name}“ muss espeak-ng installiert sein.") from error
    except subprocess.CalledProcessError as error:
        raise NoVoice(f"espeak-ng kennt die Stimme „{choice.name}“ nicht.") from error
    # espeak-ng cannot know the length it writes into the header of a pipe, so the header is read by hand.
    if len(done.stdout) <= 44:
        raise NoVoice(f"espeak-ng kennt die Stimme „{choice.name}“ nicht.")
    (rate,) = struct.unpack_from("<I", done.stdout, 24)
    return np.frombuffer(done.stdout[44:], "<i2").astype(np.int16), rate


def _room(choice: VoiceChoice, seed: int) -> Iterator[audio.Samples] | None:
    if choice.noise is None:
        return None
    count = ROOM_SECONDS * audio.TELEPHONE_RATE
    noise = audio.telephone_band(audio.noise(count, SPEECH_DBFS, seed, choice.noise_kind))
    gain = 10 ** ((SPEECH_DBFS - choice.noise - audio.level(noise)) / 20)
    return _endless(audio.to_samples(noise * gain).reshape(-1, FRAME))


def _endless(frames: audio.Samples) -> Iterator[audio.Samples]:
    while True:
        yield from frames
