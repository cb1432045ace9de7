"""Makes a manifest of recordings of real people that have a transcript and nothing else."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

from hotline.dialog.german.numbers import UNITS
from hotline.dialog.understanding import Decision
from hotline.evaluation import manifest
from hotline.evaluation.corpus.generate import REJECTED_AT
from hotline.evaluation.corpus.texts import ASIDE
from hotline.evaluation.path import DIGIT, meaning_of

if TYPE_CHECKING:
    from pathlib import Path

    from hotline.dialog.understanding import Understanding

TRANSCRIPTS = "transcripts.tsv"
"""A file, its words, and perhaps words said before the answer; tab-separated, without a heading."""
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
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, (name, text, *before) in enumerate(reader):
            question = _question(text.lower(), understanding)
            group = ("digit" if question == DIGIT else "when") if question else "reject"
            found.append(
                {
                    "file": os.path.relpath(folder / name, relative_to),
                    "text": text.lower(),
                    "aside": " ".join(before).lower(),
                    "question": question or REJECTED_AT[number % len(REJECTED_AT)],
                    "group": ASIDE if question and before else group,
                    "speaker": _speaker(folder / name),
                    "source": source,
                    "expected": "" if question else manifest.REJECT,
                }
            )
    return found


def _speaker(file: Path) -> str:
    """Return what stands before "_" in a file's name, or else the name of its folder."""
    name, underscore, _ = file.name.partition("_")
    return name if underscore else file.parent.name


def _question(text: str, understanding: Understanding) -> str | None:
    if text in (*UNITS, "zwo"):
        return DIGIT
    for question in _TRIED:
        if meaning_of(understanding, question, text).decision is Decision.ACCEPT:
            return question
    return None
