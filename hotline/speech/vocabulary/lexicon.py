"""The lexicon: words and their pronunciations, in text files that people can read and correct.

A line is ``word<TAB>phones``, lower case as the recogniser writes words; a word with several pronunciations
has several lines; what follows a ``#`` is a comment. A model has its lexicon in the folder ``lexicon/``:

- ``general.txt``: frequent German words, the most frequent first; most new phrases are known at once
- ``hotline.txt``: the words of the grammars and of the demo city
- ``own.txt``: what an operator has added; it overrules the others
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hotline.speech.vocabulary import phones
from hotline.speech.vocabulary.phones import PronunciationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from hotline.speech.vocabulary.espeak import Pronunciation

GENERAL, HOTLINE, OWN = "general.txt", "hotline.txt", "own.txt"
ORDER = (GENERAL, HOTLINE, OWN)
"""The files of a lexicon; a later one overrules an earlier one, word by word."""

Lexicon = dict[str, "list[Pronunciation]"]

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-])*")


def normalise(word: str) -> str:
    """Return a word as the lexicon and the grammars write it.

    :raises PronunciationError: if it is no single word of letters.
    """
    lower = word.strip().lower()
    if not _WORD.fullmatch(lower):
        raise PronunciationError(f"„{word}“ ist kein einzelnes Wort aus Buchstaben.")
    return lower


def read(file: Path) -> Lexicon:
    """Read one file; a missing one is empty.

    :raises PronunciationError: naming file and line.
    """
    lexicon: Lexicon = {}
    if not file.is_file():
        return lexicon
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        entry = line.partition("#")[0].rstrip()
        if not entry:
            continue
        word, _, spoken = entry.partition("\t")
        try:
            lexicon.setdefault(normalise(word), []).append(phones.parse(spoken))
        except PronunciationError as error:
            raise PronunciationError(f"{file}, Zeile {number}: {error}") from error
    return lexicon


def read_all(folder: Path) -> Lexicon:
    """Read a model's whole lexicon.

    :raises PronunciationError: naming file and line.
    """
    whole: Lexicon = {}
    for name in ORDER:
        whole |= read(folder / name)
    return whole


def write(file: Path, lexicon: Mapping[str, Iterable[Pronunciation]], heading: str = "") -> None:
    """Write one file, in the order of ``lexicon``."""
    lines = [f"# {heading}"] if heading else []
    lines += [f"{word}\t{' '.join(spoken)}" for word, ways in lexicon.items() for spoken in ways]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
