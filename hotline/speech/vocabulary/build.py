"""A model folder's vocabulary: which words it lacks, adding them, and building its graphs anew."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hotline.speech.vocabulary import espeak, graph, lexicon
from hotline.speech.vocabulary.phones import PronunciationError
from hotline.speech.words import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hotline.speech.vocabulary.espeak import Pronunciation

FOLDER = "lexicon"
_DEEP = 5000
"""A depth of recursion that is enough for the tree: a word's length."""


@dataclass(frozen=True)
class Vocabulary:
    """The vocabulary of the model in the folder ``model``."""

    model: Path

    @property
    def folder(self) -> Path:
        """Where the lexicon's files lie."""
        return self.model / FOLDER

    @property
    def ours(self) -> bool:
        """Whether the model has a lexicon, so that words can be added; Vosk's official models have none."""
        return (self.folder / lexicon.GENERAL).is_file() or (self.folder / lexicon.HOTLINE).is_file()

    def missing(self, phrases: Iterable[str]) -> list[str]:
        """Return the words in ``phrases`` that the lexicon lacks, sorted."""
        known = lexicon.read_all(self.folder)
        words = {word for phrase in phrases for word in phrase.lower().split()} - {UNKNOWN}
        return sorted(words - known.keys())

    def add(
        self, words: Sequence[str], spoken: Pronunciation | None = None, file: str = lexicon.OWN
    ) -> Mapping[str, list[Pronunciation]]:
        """Put words into the lexicon; :meth:`build` makes them known. Returns how they are pronounced.

        :param spoken: the pronunciation of the words; without it, espeak-ng is asked.
        :raises PronunciationError: if a word cannot be pronounced, or espeak-ng is not installed.
        """
        normal = list(dict.fromkeys(lexicon.normalise(word) for word in words))
        if spoken is None:
            added = espeak.pronounce(normal)
        else:
            added = dict.fromkeys(normal, espeak.variants("", spoken))
        if unspeakable := [word for word in normal if word not in added]:
            raise PronunciationError(
                f"Keine Aussprache für {', '.join(unspeakable)}; geben Sie sie mit --phones an."
            )
        path = self.folder / file
        entries = lexicon.read(path) | added
        lexicon.write(path, dict(sorted(entries.items())), _HEADINGS[file])
        return added

    def build(self) -> int:
        """Build the graphs from the lexicon; 20,000 words take three seconds. Returns their number.

        A running hotline keeps the graphs that it has loaded: files are replaced, not changed.

        :raises PronunciationError: if the lexicon has a mistake; the text names file and line.
        """
        words = lexicon.read_all(self.folder)
        frequent = list(lexicon.read(self.folder / lexicon.GENERAL))
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, _DEEP))
        try:
            graphs = graph.build(words, frequent)
        finally:
            sys.setrecursionlimit(before)
        target = self.model / "graph"
        (target / "phones").mkdir(parents=True, exist_ok=True)
        _replace(target / "HCLr.fst", graphs.hcl)
        _replace(target / "Gr.fst", graphs.g)
        _replace(target / "disambig_tid.int", f"{graphs.unused_label}\n".encode())
        _replace(target / "phones" / "word_boundary.int", graph.word_boundaries().encode())
        return len(words)


_HEADINGS = {
    lexicon.HOTLINE: "The words of the grammars and of the demo city; corrections are kept.",
    lexicon.OWN: "Words added with `hotline model words add`; corrections are kept.",
}


def _replace(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
        temporary.write(content)
    Path(temporary.name).chmod(0o644)
    os.replace(temporary.name, file)  # noqa: PTH105 - atomic, and over an existing file
