"""Phrases found in an answer: which of them counts, and whether the answer contradicts itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hotline.dialog.steps import Meaning

DOUBT = 0.5
"""Our faith in an answer that contradicts itself ("ja … nein"): the caller is asked back, whatever the
bounds."""

DENIALS = frozenset({"nicht", "nein", "nee", "ob", "wann"})
"""Words that make something else of what is said beside them: "ob mir der Termin passt" is no yes."""
DENIABLE = frozenset({"yes", "cancel", "move"})
"""What one of :data:`DENIALS` beside it may turn into its opposite: "den nehme ich nicht"."""


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase found in what was heard: the indices of its words, and its meaning."""

    words: tuple[int, ...]
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Reading:
    """A meaning, the indices of the words that carry it, and our faith in the reading, 0 to 1."""

    meaning: Meaning
    used: frozenset[int]
    faith: float = 1.0


def find(texts: Sequence[str], phrases: Mapping[str, Meaning]) -> list[Span]:
    """Find phrases in the words, the longest first, without overlap; return them in order of speaking."""
    longest = max((phrase.count(" ") + 1 for phrase in phrases), default=0)
    taken: set[int] = set()
    found: list[Span] = []
    for length in range(min(longest, len(texts)), 0, -1):
        for start in range(len(texts) - length + 1):
            words = range(start, start + length)
            meaning = phrases.get(" ".join(texts[start : start + length]))
            if meaning and taken.isdisjoint(words):
                found.append(Span(tuple(words), meaning))
                taken.update(words)
    return sorted(found, key=lambda span: span.words)


def best(found: Sequence[Span], denials: Iterable[int] = ()) -> Reading:
    """Choose among phrases: the longest; of equal ones the last, because people correct themselves.

    Contradictions ("ja … nein", or one of the ``denials`` beside a yes) make us doubt, so that the caller is
    asked back. "Nein, den nächsten" is none.
    """
    longest = max(len(span.words) for span in found)
    chosen = [span for span in found if len(span.words) == longest][-1]
    deniable = chosen.meaning.intent in DENIABLE
    rivals = [
        span
        for span in found
        if len(span.words) == longest
        and span.meaning != chosen.meaning
        and (deniable or span.meaning.intent != "no")
    ]
    denied = deniable and any(index not in chosen.words for index in denials)
    carriers = [span for span in found if span.meaning == chosen.meaning] if rivals or denied else found
    used = frozenset(index for span in carriers for index in span.words)
    return Reading(chosen.meaning, used, DOUBT if rivals or denied else 1.0)
