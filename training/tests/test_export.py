"""What Kaldi reads is what torch trained."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from ear_training import export
from ear_training.check import disagreement
from ear_training.commands import MODEL
from ear_training.kaldi_reader import read
from ear_training.net import OUTER, WIDTH, Net
from hotline.evaluation.corpus.voices import RATE
from hotline.speech import audio

FINAL = MODEL / "am" / "final.mdl"


def test_an_exported_net_is_read_back_to_sixteen_bits(tmp_path: Path) -> None:
    torch.manual_seed(2)
    net = Net()
    export.write(net, tmp_path / "final.mdl")
    back = read(tmp_path / "final.mdl").state_dict()
    for name, values in net.state_dict().items():
        span = float(values.max() - values.min())
        torch.testing.assert_close(back[name], values, atol=span / 65535 + 1e-6, rtol=0, msg=name)


def test_the_shipped_net_written_again_has_the_same_weights(tmp_path: Path) -> None:
    export.write(read(FINAL), tmp_path / "final.mdl")
    again = read(tmp_path / "final.mdl").state_dict()
    for name, values in read(FINAL).state_dict().items():
        span = float(values.max() - values.min())
        torch.testing.assert_close(again[name], values, atol=span / 65535 + 1e-6, rtol=0, msg=name)


def test_a_file_that_is_no_net_is_refused(tmp_path: Path) -> None:
    (tmp_path / "final.mdl").write_bytes(b"\0B<TransitionModel> ")
    with pytest.raises(ValueError, match="has no component inp"):
        read(tmp_path / "final.mdl")


def test_a_net_of_another_shape_is_refused(tmp_path: Path) -> None:
    net = Net()
    net.narrow = torch.nn.Linear(WIDTH, OUTER // 2, bias=False)
    export.write(net, tmp_path / "final.mdl")
    with pytest.raises(ValueError, match="another shape: preo"):
        read(tmp_path / "final.mdl")


def test_a_net_of_8_bits_is_refused(tmp_path: Path) -> None:
    (tmp_path / "final.mdl").write_bytes(FINAL.read_bytes().replace(b"CM2 ", b"CM3 "))
    with pytest.raises(ValueError, match="16 bits"):
        read(tmp_path / "final.mdl")


def _calls(spoken: list[np.ndarray]) -> list[np.ndarray]:
    return [audio.telephone_band(audio.resample(samples, RATE, 8000)) for samples in spoken]


def test_vosk_computes_what_torch_computes(spoken: list[np.ndarray]) -> None:
    assert disagreement(read(FINAL), MODEL, _calls(spoken)) < 0.05


def test_the_check_sees_that_a_model_has_other_weights(spoken: list[np.ndarray], tmp_path: Path) -> None:
    other = Path(shutil.copytree(MODEL, tmp_path / "model"))
    net = read(FINAL)
    with torch.no_grad():
        net.output.bias[2:] += 6.0
    export.write(net, other / "am" / "final.mdl")
    assert disagreement(read(FINAL), other, _calls(spoken)) > 0.05
