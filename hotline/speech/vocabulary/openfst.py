"""Writes two of OpenFst's binary formats: what Vosk reads as ``Gr.fst`` and ``HCLr.fst``.

OpenFst (Allauzen et al. 2007, https://www.openfst.org) is a large C++ library; what a vocabulary needs of it
is the layout of two files: a ``const`` transducer, and an ``olabel_lookahead`` one, which is a ``const`` one
with the set of output labels that can be reached first from each state (Allauzen, Riley and Schalkwyk 2009,
"A generalized composition algorithm for weighted finite-state transducers"). All numbers are little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Arc = tuple[int, int, float, int]
"""Input label, output label, weight (cost), next state."""

_FST, _SYMBOLS, _ADD_ON = 2125659606, 2125658996, 446681434  # magic numbers
_HAS_OUTPUT_SYMBOLS = 2
_EXPANDED, _WEIGHTED, _CYCLIC = 0x1, 0x1_0000_0000, 0x4_0000_0000
_ACCEPTOR, _I_SORTED, _O_SORTED = 0x1_0000, 0x1000_0000, 0x4000_0000
_ARC = np.dtype([("input", "<i4"), ("output", "<i4"), ("weight", "<f4"), ("next", "<i4")])
_STATE = np.dtype(
    [("final", "<f4"), ("first", "<u4"), ("arcs", "<u4"), ("input_eps", "<u4"), ("output_eps", "<u4")]
)


@dataclass
class Transducer:
    """A transducer; states are numbered from 0, label 0 is epsilon."""

    arcs: list[list[Arc]] = field(default_factory=list)
    final: dict[int, float] = field(default_factory=dict)
    """State → cost of ending there."""
    start: int = 0

    def state(self) -> int:
        """Add a state and return its number."""
        self.arcs.append([])
        return len(self.arcs) - 1

    def arc(self, source: int, label: int, output: int, cost: float, target: int) -> None:
        """Add an arc."""
        self.arcs[source].append((label, output, cost, target))


def const(transducer: Transducer, symbols: Mapping[str, int]) -> bytes:
    """Return an acceptor, sorted by label, in the format ``const``, with the names of its labels."""
    head = _header("const", 2, _HAS_OUTPUT_SYMBOLS, _ACCEPTOR | _I_SORTED | _O_SORTED, transducer)
    return head + _symbol_table(symbols) + _body(transducer)


def olabel_lookahead(
    transducer: Transducer, reachable: Sequence[Sequence[tuple[int, int]]], final_label: int
) -> bytes:
    """Return a transducer, sorted by output label, in the format ``olabel_lookahead``.

    :param reachable: for each state, the output labels that can come first, as half-open intervals; an end
        without any further output counts as ``final_label``.
    """
    outer = _text("olabel_lookahead") + _text("standard")
    outer = struct.pack("<i", _FST) + outer + struct.pack("<iiQqqq", 1, 0, _O_SORTED, -1, 0, 0)
    inner = _header("const", 2, 0, _O_SORTED, transducer) + _body(transducer)
    # An add-on of two: none for input labels, one for output labels, without the relabelling.
    reach = [
        struct.pack("<????", True, False, True, False),
        struct.pack("<?iq", False, final_label, len(reachable)),
    ]
    for intervals in reachable:
        reach.append(struct.pack("<q", len(intervals)))
        reach += [struct.pack("<ii", begin, end) for begin, end in intervals]
        reach.append(struct.pack("<i", sum(end - begin for begin, end in intervals)))
    return outer + struct.pack("<i", _ADD_ON) + inner + b"".join(reach)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<i", len(data)) + data


def _header(kind: str, version: int, flags: int, properties: int, transducer: Transducer) -> bytes:
    arcs = sum(map(len, transducer.arcs))
    known = properties | _EXPANDED | _WEIGHTED | _CYCLIC
    numbers = struct.pack("<iiQqqq", version, flags, known, transducer.start, len(transducer.arcs), arcs)
    return struct.pack("<i", _FST) + _text(kind) + _text("standard") + numbers


def _symbol_table(symbols: Mapping[str, int]) -> bytes:
    following = max(symbols.values()) + 1
    parts = [struct.pack("<i", _SYMBOLS), _text("words"), struct.pack("<qq", following, len(symbols))]
    for name, number in sorted(symbols.items(), key=lambda pair: pair[1]):
        parts += [_text(name), struct.pack("<q", number)]
    return b"".join(parts)


def _body(transducer: Transducer) -> bytes:
    states = np.zeros(len(transducer.arcs), _STATE)
    states["final"] = np.inf
    states["final"][list(transducer.final)] = list(transducer.final.values())
    counts = np.array([len(arcs) for arcs in transducer.arcs])
    states["arcs"] = counts
    states["first"] = np.concatenate([[0], np.cumsum(counts)[:-1]])
    states["input_eps"] = [sum(arc[0] == 0 for arc in arcs) for arcs in transducer.arcs]
    states["output_eps"] = [sum(arc[1] == 0 for arc in arcs) for arcs in transducer.arcs]
    arcs = np.array([arc for arcs in transducer.arcs for arc in arcs], _ARC)
    return states.tobytes() + arcs.tobytes()
