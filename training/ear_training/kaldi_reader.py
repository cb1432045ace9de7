"""Reads Kaldi's ``am/final.mdl``: components by name, their matrices and vectors.

So training can go on from a model without its weights. Matrices of 16 bits are what ``ear_training.export``
writes, of 32 bits those of the trunk; the first net, of 8 bits, is refused.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ear_training.net import Net, Offset


def read(path: Path) -> Net:
    """Return the net of a model.

    :raises ValueError: if the file was not written by ``ear-training export``.
    """
    parts = components(path.read_bytes())
    net = Net()
    modules: dict[str, nn.Module] = {
        "inp": net.first,
        "inp.bn": net.first_offset,
        "prel": net.last_linear,
        "prea": net.last_affine,
        "prea.bn": net.last_offset,
        "preo": net.narrow,
        "preo.bn": net.narrow_offset,
        "out": net.output,
    }
    for number, layer in enumerate(net.layers(), 2):
        modules |= {f"f{number}.lin": layer.linear, f"f{number}.aff": layer.affine}
        modules[f"f{number}.bn"] = layer.offset
    for name, module in modules.items():
        if name not in parts:
            raise ValueError(f"{path} has no component {name}.")
        try:
            _fill(module, parts[name])
        except RuntimeError as error:
            raise ValueError(f"{path} is a net of another shape: {name}, {error}") from error
    return net


def components(data: bytes) -> dict[str, bytes]:
    """Return what stands behind the name of each component."""
    found = {}
    for part in data.split(b"<ComponentName> ")[1:]:
        name, _, rest = part.partition(b" ")
        found[name.decode()] = rest
    return found


@torch.no_grad()
def _fill(module: nn.Module, data: bytes) -> None:
    if isinstance(module, Offset):
        module.mean.copy_(vector(data, b"<StatsMean> "))
    elif isinstance(module, nn.Linear):
        module.weight.copy_(matrix(data, b"<LinearParams> "))
        if module.bias is not None:
            module.bias.copy_(vector(data, b"<BiasParams> "))


def matrix(data: bytes, tag: bytes) -> Tensor:
    """Return the matrix behind a tag of a component.

    :raises ValueError: if it is neither of 32 nor of 16 bits a value.
    """
    at = data.index(tag) + len(tag)
    if data[at : at + 3] == b"FM ":
        rows, columns = struct.unpack_from("<xixi", data, at + 3)
        values = np.frombuffer(data, "<f4", rows * columns, at + 13)
    elif data[at : at + 4] == b"CM2 ":
        lowest, span, rows, columns = struct.unpack_from("<ffii", data, at + 4)
        steps = np.frombuffer(data, "<u2", rows * columns, at + 20)
        values = lowest + steps.astype(np.float32) * (span / 65535)
    else:
        raise ValueError("A matrix is of neither 32 nor 16 bits a value.")
    return torch.tensor(values).view(rows, columns)


def vector(data: bytes, tag: bytes) -> Tensor:
    """Return the vector behind a tag of a component."""
    at = data.index(tag) + len(tag) + len(b"FV ")
    (count,) = struct.unpack_from("<xi", data, at)
    return torch.tensor(np.frombuffer(data, "<f4", count, at + 5))
