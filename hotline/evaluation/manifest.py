"""A manifest: which recordings there are, what is said in them, and to which question it is an answer.

A manifest is a tab-separated file, UTF-8, with a heading line. Its columns, in any order:

- ``file``: the recording, relative to the manifest; WAV, FLAC or Ogg
- ``text``: the words spoken, lower case
- ``question``: the name of a question in ``grammars/``, or ``digit`` for a single digit by itself
- ``group`` (optional): the line of the result's table; without it, the question
- ``aside`` (optional): words spoken before the answer that are no part of it
- ``speaker`` (optional)
- ``source`` (optional): ``real`` or ``synthetic``; without it, ``real``
- ``expected`` (optional): ``reject`` for what is no answer. Without it, the right meaning is what the dialog
  understands when it reads ``text``, every word certain.
- ``spoken_ms`` (optional): where speech ends in the recording; without it, it is measured
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.speech import audio

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

REJECT = "reject"
COLUMNS = ("file", "text", "question", "group", "aside", "speaker", "source", "expected", "spoken_ms")


class ManifestError(Exception):
    """A manifest that cannot be used. The text is a German sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Item:
    """One recording."""

    file: Path
    text: str
    question: str
    group: str
    aside: str
    speaker: str
    source: str
    reject: bool
    spoken_ms: int | None

    @property
    def key(self) -> str:
        """What tells recordings apart, for seeds: the same on every machine."""
        return f"{self.file.parent.name}/{self.file.name}"


def read(path: Path) -> list[Item]:
    """Read a manifest.

    :raises ManifestError: naming file and line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if missing := {"file", "text", "question"} - set(rows.fieldnames or ()):
                raise ManifestError(f"{path}: Die Spalte {', '.join(sorted(missing))} fehlt.")
            return [_item(path, number, row) for number, row in enumerate(rows, 2)]
    except OSError as error:
        raise ManifestError(f"{path} ist nicht zu lesen: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path} ist keine Textdatei in UTF-8.") from error


def _item(path: Path, number: int, row: dict[str, str | None]) -> Item:
    cell = {column: (row.get(column) or "").strip() for column in COLUMNS}
    file = path.parent / cell["file"]
    if not cell["file"] or not file.is_file():
        raise ManifestError(f"{path}, Zeile {number}: Die Aufnahme „{cell['file']}“ gibt es nicht.")
    if cell["spoken_ms"] and not cell["spoken_ms"].isdecimal():
        raise ManifestError(f"{path}, Zeile {number}: spoken_ms ist keine Zahl.")
    return Item(
        file=file,
        text=cell["text"].lower(),
        question=cell["question"],
        group=cell["group"] or cell["question"],
        aside=cell["aside"].lower(),
        speaker=cell["speaker"] or "?",
        source=cell["source"] or "real",
        reject=cell["expected"] == REJECT,
        spoken_ms=int(cell["spoken_ms"]) if cell["spoken_ms"] else None,
    )


def write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """Write a manifest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, COLUMNS, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", restval=""
        )
        writer.writeheader()
        writer.writerows(rows)


def end_of_speech_ms(samples: audio.Samples) -> int:
    """Return where speech ends in a recording: the last frame at most 30 dB below the loudest one."""
    levels = audio.frame_levels(samples)
    if not len(levels):
        return 0
    loud = (levels > max(levels.max() - 30, -60)).nonzero()[0]
    return int(loud[-1] + 1) * audio.FRAME_MS if len(loud) else 0
