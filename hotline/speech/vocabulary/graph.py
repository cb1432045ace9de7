"""From a lexicon to the graphs that Vosk searches.

``HCLr.fst`` reads the net's outputs and writes words: a prefix tree of all pronunciations, whose states loop
on the blank, as in CTC. ``Gr.fst`` says how likely each word is when there is no grammar. A question's
grammar is composed with ``HCLr.fst`` in the call, so that building these two is all that a new word needs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline.speech.vocabulary import openfst, phones
from hotline.speech.vocabulary.openfst import Transducer
from hotline.speech.words import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotline.speech.vocabulary.lexicon import Lexicon

UNKNOWN_BEGIN_COST = 2.0
"""What an ``[unk]`` costs, however long it is, in nats. With it a short word of which one phone was lost on
the line stays a word, although phones within ``[unk]`` are cheap."""
UNKNOWN_COST = 1.7
"""What a phone costs inside ``[unk]``, in nats. Dearer, and noise and talk are forced into words; cheaper,
and soft or unclear words become ``[unk]``."""
LOOP_COST = 0.1
"""What a blank frame costs inside a word, in nats: without it the best path may wait for ever within a longer
word ("acht" with silence is the beginning of "achtzehn"), and a turn does not end."""
COIN = math.log(2)
"""The cost of one of two equally likely ways: silence between words, or none."""
UNKNOWN_PROBABILITY = 1e-8
END_PROBABILITY = 0.12


@dataclass(frozen=True)
class Graphs:
    """The files of a model's ``graph`` folder."""

    hcl: bytes
    g: bytes
    unused_label: int
    """An input label that occurs nowhere: Vosk wants a list of labels to remove."""


@dataclass
class _Node:
    """A state of the prefix tree: what can follow, by Kaldi's number of the phone."""

    children: dict[int, _Node] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    """The words that end here."""


def build(lexicon: Lexicon, frequent_first: Sequence[str] = ()) -> Graphs:
    """Build the graphs; 20,000 words take two seconds.

    :param frequent_first: words by falling frequency; a word's likelihood without a grammar follows from its
        place (Zipf). Others count as rare.
    """
    words = _Labels(lexicon)
    hcl = _Hcl(words)
    transducer, reachable = hcl.build(words.tree)
    label = words.label
    return Graphs(
        openfst.olabel_lookahead(transducer, reachable, final_label=len(label) + 1),
        _unigrams(label, frequent_first),
        unused_label=2 * phones.COUNT + 1,
    )


class _Labels:
    """Numbers words in the order of the tree, so that what a state reaches is mostly one interval."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.tree = _Node()
        for word, spoken in lexicon.items():
            for pronunciation in spoken:
                node = self.tree
                for phone in phones.in_word(pronunciation):
                    node = node.children.setdefault(phone, _Node())
                if word not in node.words:
                    node.words.append(word)
        self.label: dict[str, int] = {UNKNOWN: 1}
        self._number(self.tree)

    def _number(self, node: _Node) -> None:
        for word in sorted(node.words):
            self.label.setdefault(word, len(self.label) + 1)
        for phone in sorted(node.children):
            self._number(node.children[phone])


class _Hcl:
    """Turns the tree into a transducer from transition ids to words."""

    def __init__(self, words: _Labels) -> None:
        self._label = words.label
        self._graph = Transducer()
        self._reach: list[frozenset[int] | None] = []
        self._tails: dict[tuple[int, ...], int] = {}
        self._root = 0

    def build(self, tree: _Node) -> tuple[Transducer, list[list[tuple[int, int]]]]:
        """Return the transducer, sorted by output, and which outputs each state reaches first."""
        graph = self._graph
        start, self._root = self._state(), self._state()
        blank, silence = self._state(loop=phones.BLK), self._state(loop=phones.SIL)
        graph.final[self._root] = 0.0
        self._arc(start, 0, COIN, self._root)
        self._arc(start, phones.BLK, COIN, blank)
        for before in (start, blank):
            self._arc(before, phones.SIL, COIN, silence)
        self._arc(blank, 0, COIN, self._root)
        self._arc(silence, 0, 0.0, self._root)
        self._pause, self._silence = self._state(loop=phones.BLK), silence
        self._arc(self._pause, 0, 0.0, self._root)
        self._arc(self._pause, phones.SIL, COIN, silence)
        self._unknown()
        for phone in sorted(tree.children):
            self._branch(self._root, phone, tree.children[phone])
        for arcs in graph.arcs:
            arcs.sort(key=lambda arc: (arc[1], arc[0]))
        everything = [(1, len(self._label) + 2)]
        return graph, [everything if reach is None else _intervals(reach) for reach in self._reach]

    def _state(self, loop: int = 0, reach: frozenset[int] | None = None) -> int:
        """Add a state that is reached by a phone and loops on its blank; 0 is no phone."""
        state = self._graph.state()
        self._reach.append(reach)
        if loop:
            cost = LOOP_COST if loop > phones.BLK else 0.0
            self._graph.arc(state, 2 * loop - 1, 0, cost, state)
        return state

    def _arc(self, source: int, phone: int, cost: float, target: int, word: int = 0) -> None:
        self._graph.arc(source, 2 * phone, word, cost, target)

    def _branch(self, source: int, phone: int, node: _Node, written: bool = False) -> frozenset[int]:
        """Add the tree below an arc. A word is written as soon as it is the only one left.

        :returns: the words, by number, that the arc leads to.
        """
        below = _words_below(node)
        if written or len(below) == 1:
            word = 0 if written else self._label[next(iter(below))]
            self._arc(source, phone, 0.0, self._tail(phone, node), word)
            return frozenset(self._label[one] for one in below)
        numbers = frozenset(self._label[one] for one in below)
        if node.words and not node.children:  # words that sound alike
            target = self._tail(phone, node)
            for one in node.words:
                self._arc(source, phone, 0.0, target, self._label[one])
            return numbers
        state = self._state(phone, numbers)
        self._arc(source, phone, 0.0, state)
        for following in sorted(node.children):
            self._branch(state, following, node.children[following])
        return numbers

    def _tail(self, phone: int, node: _Node) -> int:
        """Return the state after a phone from which on nothing is left to write; equal ends are shared."""
        rest = _shape(phone, node)
        if rest not in self._tails:
            state = self._tails[rest] = self._state(phone)
            if node.words:
                self._end(state)
            for following in sorted(node.children):
                self._branch(state, following, node.children[following], written=True)
        return self._tails[rest]

    def _end(self, state: int) -> None:
        """Lead from a word's last phone back to the root.

        Blank frames after a word belong to the pause, which is cheaper than waiting in the last phone: Vosk's
        end-pointer counts them as silence.
        """
        self._arc(state, 0, COIN, self._root)
        self._arc(state, phones.SIL, COIN, self._silence)
        self._arc(state, phones.BLK, 0.0, self._pause)

    def _unknown(self) -> None:
        """Add ``[unk]``: one or more of any phone."""
        within = self._state(reach=None)
        self._graph.arc(self._root, 0, self._label[UNKNOWN], UNKNOWN_BEGIN_COST, within)
        single, end = (self._state(loop=phones.kaldi("ANY", place)) for place in ("S", "E"))
        begun, inside = (self._state(loop=phones.kaldi("ANY", place)) for place in ("B", "I"))
        self._arc(within, phones.kaldi("ANY", "S"), UNKNOWN_COST, single)
        self._arc(within, phones.kaldi("ANY", "B"), UNKNOWN_COST, begun)
        for source in (begun, inside):
            self._arc(source, phones.kaldi("ANY", "I"), UNKNOWN_COST, inside)
            self._arc(source, phones.kaldi("ANY", "E"), UNKNOWN_COST, end)
        self._end(single)
        self._end(end)


def _words_below(node: _Node) -> set[str]:
    return set(node.words).union(*(_words_below(child) for child in node.children.values()))


def _shape(phone: int, node: _Node) -> tuple[int, ...]:
    """Return the phones that follow, as a key: equal for ends that sound equal, whatever the word."""
    below: list[int] = []
    for following in sorted(node.children):
        below += (*_shape(following, node.children[following]), -2)
    return (phone, -1 if node.words else -3, *below)


def _intervals(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return numbers as half-open intervals."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number:
            found[-1] = (found[-1][0], number + 1)
        else:
            found.append((number, number + 1))
    return found


def _unigrams(label: dict[str, int], frequent_first: Sequence[str]) -> bytes:
    """Return ``Gr.fst``: each word by itself."""
    rank = {word: place for place, word in enumerate(frequent_first, 1)}
    weight = {word: 1 / rank.get(word, len(rank) + 1000) for word in label}
    total = sum(weight.values())
    weight[UNKNOWN] = UNKNOWN_PROBABILITY * total
    graph = Transducer()
    graph.state()
    graph.final[0] = -math.log(END_PROBABILITY)
    for word, number in sorted(label.items(), key=lambda pair: pair[1]):
        graph.arc(0, number, number, -math.log(weight[word] / total), 0)
    return openfst.const(graph, {"<eps>": 0, **label})


def word_boundaries() -> str:
    """Return ``phones/word_boundary.int``: the place in a word that each of Kaldi's phones stands for."""
    names = {"B": "begin", "E": "end", "I": "internal", "S": "singleton"}
    lines = [f"{phones.SIL} nonword", f"{phones.BLK} nonword"]
    for phone in (*phones.PHONES, "ANY"):
        lines += [f"{phones.kaldi(phone, place)} {name}" for place, name in names.items()]
    return "\n".join(lines) + "\n"
