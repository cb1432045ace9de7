"""Checks that Vosk computes what torch computes, by letting both write down phones.

For this, Vosk gets a graph in which every phone is a word and nothing else costs: its best path is then the
most likely output in each frame, which torch has directly.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
import vosk

from ear_training.features import cepstra
from ear_training.net import Net
from hotline.evaluation.scoring import edits
from hotline.speech.vocabulary import graph, openfst, phones
from hotline.speech.vocabulary.openfst import Transducer


def disagreement(net: Net, model: Path, recordings: list[np.ndarray]) -> float:
    """Return the share of phones in which Vosk and torch differ; below 0.05 is rounding.

    :param recordings: 8 kHz samples.
    """
    net.eval()
    wrong = whole = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(shutil.copytree(model, Path(temporary) / "phones", copy_function=shutil.copy))
        _phone_graph(folder / "graph")
        with (folder / "conf" / "model.conf").open("a", encoding="utf-8") as options:
            # Only the best path is wanted, and where nothing costs, everything else is near it.
            options.write("\n--lattice-beam=0.1\n")
        vosk.SetLogLevel(-1)
        recogniser_model = vosk.Model(str(folder))
        for samples in recordings:
            recogniser = vosk.KaldiRecognizer(recogniser_model, 8000)
            recogniser.AcceptWaveform(samples.tobytes())
            heard = json.loads(recogniser.FinalResult())["text"].split()
            said = _greedy(net, samples)
            wrong += edits(said, heard)
            whole += len(said)
    return wrong / max(1, whole)


def _greedy(net: Net, samples: np.ndarray) -> list[str]:
    with torch.no_grad():
        best = net(torch.tensor(cepstra(samples))[None])[0].argmax(-1).tolist()
    return [_name(phones.PHONES[output - 2]) for output in best if output > phones.SILENCE]


def _name(phone: str) -> str:
    return phone.replace("@", "schwa").replace(":", "_lang")


def _phone_graph(folder: Path) -> None:
    """Write graphs that cost nothing: any phone, silence or blank may follow any other."""
    hcl = Transducer()
    root = hcl.state()
    hcl.final[root] = 0.0
    names = {_name(phone): number for number, phone in enumerate(phones.PHONES, 1)}
    for kaldi, label in [(phones.SIL, 0), (phones.BLK, 0)] + [
        (phones.kaldi(phone, "S"), names[_name(phone)]) for phone in phones.PHONES
    ]:
        state = hcl.state()
        hcl.arc(root, 2 * kaldi, label, 0.0, state)
        hcl.arc(state, 2 * kaldi - 1, 0, 0.0, state)
        hcl.arc(state, 0, 0, 0.0, root)
    for arcs in hcl.arcs:
        arcs.sort(key=lambda arc: (arc[1], arc[0]))
    everything = [(1, len(names) + 2)]
    lookahead = openfst.olabel_lookahead(hcl, [everything] * len(hcl.arcs), len(names) + 1)
    (folder / "HCLr.fst").write_bytes(lookahead)
    grammar = Transducer()
    only = grammar.state()
    grammar.final[only] = 0.0
    for number in names.values():
        grammar.arc(only, number, number, 0.0, only)
    (folder / "Gr.fst").write_bytes(openfst.const(grammar, {"<eps>": 0, **names}))
    (folder / "phones" / "word_boundary.int").write_text(graph.word_boundaries(), encoding="utf-8")
