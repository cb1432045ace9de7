"""Writes the net as Kaldi's nnet3 with its transition model, as Vosk reads it (``am/final.mdl``).

The layout follows Kaldi's ``nnet3/nnet-*-component.cc``, ``hmm/transition-model.cc`` and
``matrix/compressed-matrix.cc``; matrices are compressed to 16 bits. The topology makes CTC of a "chain"
model: a phone emits its label in one frame, and then the blank, shared by all, for as long as it likes.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ear_training.features import CEPSTRA
from ear_training.net import BYPASS, CONTEXT, LOWER, OUTPUTS, SIDE, STRIDE, WIDTH, Layer, Net, Offset
from hotline.speech.vocabulary import phones

FLOOR = -6.0
"""Nats. A phone that the net is sure not to hear costs no more than this. Without a floor, one phone misheard
with great certainty outweighs a whole word heard well (measured: docs/ear.md)."""


def write(net: Net, path: Path) -> None:
    """Write ``am/final.mdl``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0B" + _transition_model() + _Nnet3().build(net))


def _int(value: int) -> bytes:
    return struct.pack("<bi", 4, value)


def _float(value: float) -> bytes:
    return struct.pack("<bf", 4, value)


def _double(value: float) -> bytes:
    return struct.pack("<bd", 8, value)


def _ints(values: list[int]) -> bytes:
    return _int(len(values)) + struct.pack(f"<{len(values)}i", *values)


def _vector(values: np.ndarray) -> bytes:
    return b"FV " + _int(len(values)) + np.asarray(values, "<f4").tobytes()


def _matrix(values: np.ndarray) -> bytes:
    """Return Kaldi's compressed matrix of 16 bits a value, evenly between the lowest and the highest.

    The format of 8 bits is half as large; with it, one phone in ten came out another after long training.
    """
    lowest, span = float(values.min()), max(float(values.max() - values.min()), 1e-9)
    sixteen = np.round((values - lowest) / span * 65535).astype("<u2")
    head = b"CM2 " + struct.pack("<ffii", lowest, span, *values.shape)
    return head + np.ascontiguousarray(sixteen).tobytes()


def _transition_model() -> bytes:
    count = phones.COUNT
    numbers = list(range(1, count + 1))
    topology = _int(count) + struct.pack(f"<{count}i", *numbers)
    topology += _int(count + 1) + struct.pack(f"<{count + 1}i", -1, *[0] * count)
    # One entry of two states: label in state 0 (forward 0, self-loop 1), then the end.
    topology += _int(-1) + _int(1) + _int(2)
    topology += _int(0) + _int(1) + _int(2) + _int(0) + _float(0.5) + _int(1) + _float(0.5)
    topology += _int(-1) + _int(-1) + _int(0)
    labels = {phones.SIL: phones.SILENCE, phones.BLK: phones.BLANK}
    for place in phones.POSITIONS:
        labels |= {phones.kaldi(phone, place): output for phone, output in phones.OUTPUT.items()}
        labels[phones.kaldi("ANY", place)] = phones.ANY
    tuples = [(number, 0, labels[number], phones.BLANK) for number in numbers]
    probabilities = [0.0] + [math.log(0.5)] * (2 * count)
    return b"".join(
        [
            b"<TransitionModel> <Topology> ",
            topology,
            b"</Topology> <Tuples> ",
            _int(count),
            *(_int(value) for one in tuples for value in one),
            b"</Tuples> <LogProbs> ",
            _vector(np.array(probabilities)),
            b"</LogProbs> </TransitionModel> ",
        ]
    )


class _Nnet3:
    """Collects components and the nodes that join them."""

    def __init__(self) -> None:
        self._nodes = [f"input-node name=input dim={CEPSTRA}"]
        self._components: list[bytes] = []

    def build(self, net: Net) -> bytes:
        window = ", ".join(f"Offset(input, {at})" for at in range(-SIDE, SIDE + 1))
        x = self._affine("inp", net.first, f"Append({window})")
        x = self._offset("inp.bn", net.first_offset, self._relu("inp.relu", x))
        for number, layer in enumerate(net.layers(), 2):
            step = (1 if number < 2 + LOWER else STRIDE) if layer.spliced else 0
            x = self._layer(f"f{number}", layer, step, x)
        x = self._affine("prea", net.last_affine, self._affine("prel", net.last_linear, x))
        x = self._offset("prea.bn", net.last_offset, self._relu("prea.relu", x))
        x = self._offset("preo.bn", net.narrow_offset, self._affine("preo", net.narrow, x))
        x = self._affine("out", net.output, x)
        x = self._nonlinear("out.log-softmax", "LogSoftmaxComponent", OUTPUTS, x)
        x = self._floored(x)
        pooled = self._any_phone(x)
        self._nodes.append(f"output-node name=output input=Append({x}, {pooled}) objective=linear")
        head = b"<Nnet3> \n" + "\n".join(self._nodes).encode() + b"\n\n<NumComponents> "
        tail = b"</Nnet3> <LeftContext> " + _int(CONTEXT) + b"<RightContext> " + _int(CONTEXT)
        body = _int(len(self._components)) + b"".join(self._components)
        return head + body + tail + b"<Priors> " + _vector(np.zeros(0))

    def _add(self, name: str, kind: str, body: bytes, source: str) -> str:
        self._components.append(f"<ComponentName> {name} <{kind}> ".encode() + body + f"</{kind}> ".encode())
        self._nodes.append(f"component-node name={name} component={name} input={source}")
        return name

    def _layer(self, name: str, layer: Layer, step: int, source: str) -> str:
        x = self._time_delay(f"{name}.lin", layer.linear, [-step, 0] if step else [0], source)
        x = self._time_delay(f"{name}.aff", layer.affine, [0, step] if step else [0], x)
        x = self._offset(f"{name}.bn", layer.offset, self._relu(f"{name}.relu", x))
        body = b"<Dim> " + _int(WIDTH) + b"<BackpropScale> " + _float(1)
        return self._add(name, "NoOpComponent", body, f"Sum(Scale({BYPASS}, {source}), {x})")

    def _affine(self, name: str, module: nn.Linear, source: str) -> str:
        weight = _values(module.weight)
        bias = np.zeros(len(weight)) if module.bias is None else _values(module.bias)
        body = b"<LinearParams> " + _matrix(weight) + b"<BiasParams> " + _vector(bias)
        return self._add(name, "FixedAffineComponent", body, source)

    def _time_delay(self, name: str, module: nn.Linear, offsets: list[int], source: str) -> str:
        bias = np.zeros(0) if module.bias is None else _values(module.bias)
        body = b"<LearningRate> " + _float(1e-4) + b"<TimeOffsets> " + _ints(offsets)
        body += b"<LinearParams> " + _matrix(_values(module.weight)) + b"<BiasParams> " + _vector(bias)
        body += b"<OrthonormalConstraint> " + _float(0) + b"<UseNaturalGradient> T<NumSamplesHistory> "
        body += (
            _float(2000) + b"<AlphaInOut> " + _float(4) + _float(4) + b"<RankInOut> " + _int(20) + _int(80)
        )
        return self._add(name, "TdnnComponent", body, source)

    def _relu(self, name: str, source: str) -> str:
        return self._nonlinear(name, "RectifiedLinearComponent", WIDTH, source)

    def _nonlinear(self, name: str, kind: str, width: int, source: str) -> str:
        empty, nought = _vector(np.zeros(0)), _double(0)
        body = (
            b"<Dim> " + _int(width) + b"<ValueAvg> " + empty + b"<DerivAvg> " + empty + b"<Count> " + nought
        )
        body += b"<OderivRms> " + empty + b"<OderivCount> " + nought
        body += b"<NumDimsSelfRepaired> " + nought + b"<NumDimsProcessed> " + nought
        return self._add(name, kind, body, source)

    def _floored(self, source: str) -> str:
        """Let nothing be less likely than :data:`FLOOR`."""
        floor = torch.full((OUTPUTS,), FLOOR)
        x = self._shift("floor.down", floor, source)
        x = self._nonlinear("floor.relu", "RectifiedLinearComponent", OUTPUTS, x)
        return self._shift("floor.up", -floor, x)

    def _offset(self, name: str, module: Offset, source: str) -> str:
        return self._shift(name, module.mean, source)

    def _shift(self, name: str, by: torch.Tensor, source: str) -> str:
        """Write a subtraction as a batch normalisation of unit variance."""
        mean, epsilon = _values(by), 1e-3
        body = (
            b"<Dim> " + _int(len(mean)) + b"<BlockDim> " + _int(len(mean)) + b"<Epsilon> " + _float(epsilon)
        )
        body += b"<TargetRms> " + _float(1) + b"<TestMode> F<Count> " + _double(1e5)
        body += b"<StatsMean> " + _vector(mean) + b"<StatsVar> " + _vector(np.full(len(mean), 1 - epsilon))
        return self._add(name, "BatchNormComponent", body, source)

    def _any_phone(self, source: str) -> str:
        """Add the output that is the best of all phones."""
        count = OUTPUTS - 2
        self._nodes.append(f"dim-range-node name=phones input-node={source} dim-offset=2 dim={count}")
        sizes = {"InputX": count, "InputY": 1, "InputZ": 1}
        body = b"".join(f"<{name}Dim> ".encode() + _int(value) for name, value in sizes.items())
        for name, value in {"PoolX": count, "PoolY": 1, "PoolZ": 1}.items():
            body += f"<{name}Size> ".encode() + _int(value)
        for name in ("PoolX", "PoolY", "PoolZ"):
            body += f"<{name}Step> ".encode() + _int(1)
        return self._add("any", "MaxpoolingComponent", body, "phones")


def _values(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().astype(np.float64)
