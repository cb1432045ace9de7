"""Makes a manifest of recordings of real people that have a transcript and nothing else."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

from hotline.dialog.german.numbers import UNITS
from hotline.dialog.understanding import Decision
from hotline.evaluation import manifest
from hotline.evaluation.corpus.generate import REJECTED_AT
from hotline.evaluation.path import DIGIT, meaning_of

if TYPE_CHECKING:
    from pathlib import Path

    from hotline.dialog.understanding import Understanding

TRANSCRIPTS = "transcripts.tsv"
"""A file's name and its words, tab-separated, without a heading."""
_TRIED = ("day", "time", "offer")


def rows(folder: Path, source: str, understanding: Understanding, relative_to: Path) -> list[dict[str, str]]:
    """Return a manifest's rows for a folder with ``transcripts.tsv``.

    A digit is an answer to ``digit``, a date or a time to its question; anything else is no answer, to
    questions in turn.

    :raises hotline.evaluation.manifest.ManifestError: if there are no transcripts.
    """
    path = folder / TRANSCRIPTS
    if not path.is_file():
        raise manifest.ManifestError(f"{path} gibt es nicht.")
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, (name, text, *_) in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)):
            question = _question(text.lower(), understanding)
            found.append(
                {
                    "file": os.path.relpath(folder / name, relative_to),
                    "text": text.lower(),
                    "question": question or REJECTED_AT[number % len(REJECTED_AT)],
                    "group": ("digit" if question == DIGIT else "when") if question else "reject",
                    "speaker": name.partition("_")[0],
                    "source": source,
                    "expected": "" if question else manifest.REJECT,
                }
            )
    return found


def _question(text: str, understanding: Understanding) -> str | None:
    if text in (*UNITS, "zwo"):
        return DIGIT
    for question in _TRIED:
        if meaning_of(understanding, question, text).decision is Decision.ACCEPT:
            return question
    return None
