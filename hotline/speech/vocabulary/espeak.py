"""Pronunciations from espeak-ng (https://github.com/espeak-ng/espeak-ng), needed for new words only."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from hotline.speech.vocabulary import phones
from hotline.speech.vocabulary.phones import PronunciationError

if TYPE_CHECKING:
    from collections.abc import Sequence

Pronunciation = tuple[str, ...]

_NO_SYLLABIC = frozenset(phones.parse("a: e: i: o: u: aI aU OY y: 2: E: m n N R l"))
"""After these, the vowel of *-en* stays or the n is lost."""


def available() -> bool:
    """Whether espeak-ng is installed."""
    return shutil.which("espeak-ng") is not None


def pronounce(words: Sequence[str]) -> dict[str, list[Pronunciation]]:
    """Return how German words are pronounced, the usual way first; 10,000 words take five seconds.

    A word that espeak-ng gives a sound in which the net has no counterpart for is left out.

    :raises PronunciationError: if espeak-ng is not installed.
    """
    if not available():
        raise PronunciationError(
            "espeak-ng ist nicht installiert (apt install espeak-ng). "
            "Geben Sie die Aussprache mit --phones an, etwa: --phones 'v a n t s b e: k'."
        )
    spoken: dict[str, list[Pronunciation]] = {}
    for word, ipa in zip(words, _ipa(words), strict=True):
        try:
            spoken[word] = variants(word, phones.from_ipa(ipa))
        except PronunciationError:
            continue
    return spoken


def variants(word: str, usual: Pronunciation) -> list[Pronunciation]:
    """Return a pronunciation and what Germans make of it: *-ig* with k, *-en* without its vowel."""
    found = [usual]
    if word.endswith("ig") and usual[-2:] == ("I", "C"):
        found.append((*usual[:-1], "k"))
    if len(usual) > 3 and usual[-2:] == ("@", "n") and usual[-3] not in _NO_SYLLABIC:
        found.append(phones.single((*usual[:-2], "n")))
    return list(dict.fromkeys(found))


def _ipa(words: Sequence[str]) -> list[str]:
    """Ask once for all, one sentence a word; a word with a hyphen in it stays one."""
    lines = _run("\n".join(f"{word}." for word in words))
    if len(lines) == len(words):
        return lines
    return [" ".join(_run(word)) for word in words]


def _run(text: str) -> list[str]:
    done = subprocess.run(
        ["espeak-ng", "-q", "-v", "de", "--ipa", "--sep=_", "--stdin"],  # noqa: S607
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if line.strip()]
