"""An ear with the model that is at hand, a voice, and recordings of spoken digits."""

import numpy as np
import pytest

from hotline.settings import ROOT, Settings
from hotline.speech import audio, models
from hotline.speech.ear import Ear
from hotline.speech.voice import PicoVoice

from .sounds import at_level

RECORDED_DIGITS = ROOT.parent / "shared" / "audio" / "digits"


@pytest.fixture(scope="session")
def model_path():
    try:
        return models.find(Settings().model).path
    except models.ModelError as error:
        pytest.skip(f"needs a Vosk model: {error}")


@pytest.fixture(scope="session")
def ear(model_path):
    return Ear.load(model_path)


@pytest.fixture(scope="session")
def say():
    """Speak a text with Pico at the level of a caller, 8 kHz samples."""
    pico = PicoVoice()
    return lambda text, dbfs=-25: at_level(audio.decode_mulaw(pico.render(text)), dbfs)


@pytest.fixture(scope="session")
def recorded_digits():
    """Two people's recordings of single digits, cut 100 ms after the end of speech, with the word."""
    if not RECORDED_DIGITS.is_dir():
        pytest.skip("needs the recordings in ../shared/audio/digits")
    lines = (RECORDED_DIGITS / "transcripts.tsv").read_text(encoding="utf-8").splitlines()
    pairs = []
    for name, word in (line.split("\t") for line in lines):
        samples = audio.read_wav(RECORDED_DIGITS / name)
        levels = audio.frame_levels(samples)
        end = (np.nonzero(levels > levels.max() - 25)[0][-1] + 6) * audio.FRAME_BYTES
        pairs.append((samples[:end], word))
    return pairs
