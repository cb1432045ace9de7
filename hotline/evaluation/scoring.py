"""From turns to figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Any

from hotline.dialog.german.words import UNKNOWN
from hotline.dialog.grammar import Kind
from hotline.dialog.understanding import Decision
from hotline.speech.audio import FRAME_BYTES, FRAME_MS
from hotline.telephony.media import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotline.dialog.steps import Meaning
    from hotline.evaluation.manifest import Item
    from hotline.evaluation.path import Turn

CUT_OFF_MS = 100
"""A turn that ends so long before speech does is cut off."""
TOO_LONG_MS = 1200
"""A turn that ends later than the question's silence and this much more has waited too long."""


class Outcome(StrEnum):
    """What an answer came to."""

    RIGHT = "right"
    """Right meaning, taken at the first try."""
    ASKED_BACK = "asked_back"
    """Right meaning, but "Meinten Sie …?"."""
    ASKED_WRONG = "asked_wrong"
    """Wrong meaning, but only asked: a "nein" puts it right."""
    REJECTED = "rejected"
    """Not understood."""
    WRONG = "wrong"
    """Wrong meaning taken for granted; for what is no answer, any meaning."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One recording in one condition with one model."""

    item: Item
    condition: str
    model: str
    kind: Kind
    expected: Meaning | None
    """``None`` where the recording is no answer."""
    turn: Turn
    speech_end_ms: int
    audio_s: float
    words_wrong: int
    words: int

    @property
    def right_meaning(self) -> bool:
        """Whether the best meaning, however uncertain, is the right one."""
        return self.expected is not None and self.turn.understood.meaning == self.expected

    @property
    def outcome(self) -> Outcome:
        """What it came to."""
        match self.turn.understood.decision:
            case Decision.ACCEPT:
                return Outcome.RIGHT if self.right_meaning else Outcome.WRONG
            case Decision.CONFIRM:
                return Outcome.ASKED_BACK if self.right_meaning else Outcome.ASKED_WRONG
        return Outcome.REJECTED

    @property
    def cut_off(self) -> bool:
        """Whether the turn ended while the caller was speaking."""
        return self.expected is not None and self.turn.ended_ms < self.speech_end_ms - CUT_OFF_MS

    @property
    def latency_ms(self) -> int:
        """From the last word to the end of the turn."""
        return self.turn.ended_ms - self.speech_end_ms

    @property
    def waited_too_long(self) -> bool:
        """Whether the caller had to wait for the end of the turn."""
        return self.expected is not None and self.latency_ms > PATIENCE[self.kind].end_ms + TOO_LONG_MS


def score(  # noqa: PLR0917
    item: Item, condition: str, model: str, kind: Kind, expected: Meaning | None, turn: Turn,
          speech_end_ms: int, count: int) -> Scored:  # fmt: skip
    """Score one turn; ``count`` is the number of samples in the recording with its line."""
    said = [] if item.reject else item.text.split()
    heard = [word.text for word in turn.words if word.text != UNKNOWN]
    seconds = min(count, turn.ended_ms * FRAME_BYTES // FRAME_MS) / (FRAME_BYTES * 1000 / FRAME_MS)
    wrong = 0 if item.reject else edits(said, heard)
    return Scored(item, condition, model, kind, expected, turn, speech_end_ms, seconds, wrong, len(said))


def edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return the least number of insertions, deletions and substitutions (Levenshtein 1966)."""
    row = list(range(len(heard) + 1))
    for at, one in enumerate(said, 1):
        before, row[0] = row[0], at
        for place, other in enumerate(heard, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (one != other))
    return row[-1]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a set of turns; shares are from 0 to 1, ``None`` where nothing counts."""

    answers: int
    right: float | None
    asked_back: float | None
    asked_wrong: float | None
    rejected: float | None
    wrong: float | None
    digits_right: float | None
    """Of dictated digits, the share that is right (1 - edits per digit)."""
    no_answers: int
    no_answers_taken: float | None
    no_answers_asked: float | None
    word_error: float | None
    cut_off: float | None
    waited: float | None
    latency_ms: float | None
    real_time_factor: float
    confusions: list[tuple[str, str, int]]
    """What was said, what was understood, how often."""

    def as_json(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def figures(scored: Iterable[Scored]) -> Figures:
    """Sum up."""
    everything = list(scored)
    answers = [one for one in everything if one.expected is not None]
    others = [one for one in everything if one.expected is None]
    outcomes = Counter(one.outcome for one in answers)
    taken = Counter(one.outcome for one in others)

    def share(count: int, whole: Sequence[Scored]) -> float | None:
        return count / len(whole) if whole else None

    words = sum(one.words for one in answers)
    digits = [one for one in answers if one.expected and one.expected.intent == "digits"]
    dictated = sum(len(str(one.expected.value)) for one in digits if one.expected)
    confusions = Counter(
        (one.item.text, one.turn.text or "(nichts)") for one in answers if not one.right_meaning
    )
    return Figures(
        answers=len(answers),
        right=share(outcomes[Outcome.RIGHT], answers),
        asked_back=share(outcomes[Outcome.ASKED_BACK], answers),
        asked_wrong=share(outcomes[Outcome.ASKED_WRONG], answers),
        rejected=share(outcomes[Outcome.REJECTED], answers),
        wrong=share(outcomes[Outcome.WRONG], answers),
        digits_right=max(0.0, 1 - sum(map(_digit_edits, digits)) / dictated) if dictated else None,
        no_answers=len(others),
        no_answers_taken=share(taken[Outcome.WRONG], others),
        no_answers_asked=share(taken[Outcome.ASKED_WRONG], others),
        word_error=sum(one.words_wrong for one in answers) / words if words else None,
        cut_off=share(sum(one.cut_off for one in answers), answers),
        waited=share(sum(one.waited_too_long for one in answers), answers),
        latency_ms=median(one.latency_ms for one in answers) if answers else None,
        real_time_factor=sum(one.turn.computing_s for one in everything)
        / max(1e-9, sum(one.audio_s for one in everything)),
        confusions=[(*pair, count) for pair, count in confusions.most_common(12)],
    )


def _digit_edits(one: Scored) -> int:
    meaning = one.turn.understood.meaning
    heard = str(meaning.value) if meaning and meaning.intent == "digits" else ""
    return edits(str(one.expected.value) if one.expected else "", heard)
