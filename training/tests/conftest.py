"""A small corpus, spoken by Pico: enough to train a few steps on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ear_training.commands import MODEL
from ear_training.examples import Example, examples
from hotline.evaluation.corpus.voices import RATE, Voice, speak
from hotline.speech import audio

TEXTS = ("ja", "nein", "den personalausweis bitte", "am dienstag um zehn uhr", "eppendorf")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def spoken() -> list[np.ndarray]:
    """What two voices say, 16 kHz."""
    voices = (Voice("pico", pitch=0.84), Voice("pico", pitch=1.19))
    return [speak(text, voice) for voice in voices for text in TEXTS]


@pytest.fixture(scope="session")
def found(spoken: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    """The same as examples, their phones taken from the model's lexicon."""
    folder: Path = tmp_path_factory.mktemp("corpus")
    rows = ["file\ttext\tquestion\tspeaker"]
    for number, samples in enumerate(spoken):
        audio.write_wav(folder / f"{number}.wav", samples, RATE)
        rows.append(f"{number}.wav\t{TEXTS[number % len(TEXTS)]}\toffer\t{number // len(TEXTS)}")
    (folder / "manifest.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return examples([folder / "manifest.tsv"], MODEL / "lexicon")
