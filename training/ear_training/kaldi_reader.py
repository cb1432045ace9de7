"""Reads the net back from ``am/final.mdl``, so that training can go on from a model without its weights.

It understands what ``ear_training.export`` writes: matrices of 16 bits, vectors, components by name. The
first net, of 8 bits, is refused.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ear_training.net import Net, Offset, shape_of


def read(path: Path) -> Net:
    """Return the net of a model.

    :raises ValueError: if the file was not written by ``ear-training export``.
    """
    components = _components(path.read_bytes())
    if "inp" not in components:
        raise ValueError(f"{path} has no component inp.")
    net = Net(shape_of(_matrix(components["inp"], b"<LinearParams> ").shape[1]))
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
        if name not in components:
            raise ValueError(f"{path} has no component {name}.")
        _fill(module, components[name])
    return net


def _components(data: bytes) -> dict[str, bytes]:
    """Return what stands behind the name of each component."""
    found = {}
    for part in data.split(b"<ComponentName> ")[1:]:
        name, _, rest = part.partition(b" ")
        found[name.decode()] = rest
    return found


@torch.no_grad()
def _fill(module: nn.Module, data: bytes) -> None:
    if isinstance(module, Offset):
        module.mean.copy_(_vector(data, b"<StatsMean> "))
    elif isinstance(module, nn.Linear):
        module.weight.copy_(_matrix(data, b"<LinearParams> "))
        if module.bias is not None:
            module.bias.copy_(_vector(data, b"<BiasParams> "))


def _matrix(data: bytes, tag: bytes) -> Tensor:
    at = data.index(tag) + len(tag)
    if data[at : at + 4] != b"CM2 ":
        raise ValueError("A matrix is not of 16 bits a value.")
    lowest, span, rows, columns = struct.unpack_from("<ffii", data, at + 4)
    values = np.frombuffer(data, "<u2", rows * columns, at + 20)
    return torch.tensor(lowest + values.astype(np.float32) * (span / 65535)).view(rows, columns)


def _vector(data: bytes, tag: bytes) -> Tensor:
    at = data.index(tag) + len(tag) + len(b"FV ")
    (count,) = struct.unpack_from("<i", data, at + 1)
    return torch.tensor(np.frombuffer(data, "<f4", count, at + 5).copy())
