"""How scripted callers sound."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from hotline.speech import audio
from hotline.telephony.phone.mouth import Mouth, NoVoice, recording, spoken
from hotline.telephony.phone.script import VoiceChoice

TEXT = "Ich brauche einen neuen Personalausweis"


def level(frames: list[bytes]) -> float:
    return audio.level(audio.decode_mulaw(b"".join(frames)))


def test_speed_and_pitch_change_the_voice() -> None:
    plain = spoken(TEXT, VoiceChoice())
    slow = spoken(TEXT, VoiceChoice(speed=0.7))
    assert len(slow) > 1.2 * len(plain)
    assert spoken(TEXT, VoiceChoice(pitch=1.3)) != plain


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_espeak_voices_can_be_chosen() -> None:
    woman = spoken(TEXT, VoiceChoice(name="de+f2"))
    man = spoken(TEXT, VoiceChoice(name="de"))
    assert len(woman) > 8000
    assert woman != man
    with pytest.raises(NoVoice, match="kennt die Stimme"):
        spoken(TEXT, VoiceChoice(name="gibtsnicht"))


def test_a_missing_synthesiser_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoVoice, match="muss espeak-ng installiert sein"):
        spoken("Hallo", VoiceChoice(name="de+f3"))


def test_the_voice_has_a_telephones_band() -> None:
    samples = audio.decode_mulaw(spoken(TEXT, VoiceChoice())).astype(float)
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 8000)
    assert spectrum[hertz < 200].sum() < 0.01 * spectrum.sum()


def test_noise_lies_so_far_below_the_speech_and_never_stops() -> None:
    mouth = Mouth(VoiceChoice(noise=20))
    silence = [mouth.quiet() for _ in range(200)]
    assert level(silence) == pytest.approx(-36, abs=3)
    assert Mouth(VoiceChoice()).quiet() == b"\xff" * 160


def test_the_same_seed_makes_the_same_call() -> None:
    first, second, other = (list(Mouth(VoiceChoice(noise=10), seed).say("Ja")) for seed in (1, 1, 2))
    assert first == second != other


def test_a_recording_is_played_as_it_was_made(tmp_path: Path) -> None:
    samples = (np.sin(np.arange(8000) / 10) * 5000).astype(np.int16)
    audio.write_wav(tmp_path / "ton.wav", samples)
    assert recording(tmp_path / "ton.wav") == audio.encode_mulaw(samples)
