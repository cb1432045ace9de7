"""Finds the confidence bounds from measured turns, and writes them where the dialog reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.dialog.grammar import Bounds, Confidence, Kind
from hotline.evaluation.path import DIGIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hotline.evaluation.scoring import Scored

ENOUGH = 200
"""A question with fewer turns shares the bounds of its kind: a wrong one among sixty says little of the next
thousand, and kept a bound at 0.8 where 0.5 was as good."""
ASKED_FOR_NOTHING = 0.10
"""What is no answer, or wrong, may be asked back in at most this share: a question for nothing is a nuisance,
not a harm."""
LEAST, MOST = 0.5, 0.95
"""Where the bound to go on is looked for. Below, an answer is more likely wrong than right. Above, hardly any
that is wrong is left, and even a name said plainly is asked back about."""
LEAST_ASKED, MOST_ASKED = 0.35, 0.5
"""Where the bound to ask back is looked for."""
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Found:
    """Bounds and what they come to on the turns they were found on."""

    bounds: Bounds
    turns: int
    right: float
    """Share of answers taken with the right meaning at the first try."""
    wrong: float
    """Share of all turns taken with a wrong meaning."""
    reached: bool
    """Whether the wanted rate of wrong acceptances is kept."""


def calibrate(scored: Sequence[Scored], wanted: float) -> tuple[dict[Kind, Found], dict[str, Found]]:
    """Return bounds by kind of question, and by question where there are :data:`ENOUGH` turns.

    The evaluation's own question has no say in its kind: ten digits are more alike than a menu's choices.

    :param wanted: the greatest share of turns that may be taken wrongly.
    """
    by_kind: dict[Kind, list[Scored]] = {}
    by_question: dict[str, list[Scored]] = {}
    for one in scored:
        if one.item.question != DIGIT:
            by_kind.setdefault(one.kind, []).append(one)
        by_question.setdefault(one.item.question, []).append(one)
    kinds = {kind: find(turns, wanted) for kind, turns in by_kind.items()}
    questions = {
        question: find(turns, wanted) for question, turns in by_question.items() if len(turns) >= ENOUGH
    }
    return kinds, questions


def find(turns: Sequence[Scored], wanted: float) -> Found:
    """Return the lowest bounds that keep the wanted rate: the lower, the fewer callers are asked again.

    Where no bound keeps it, ``reached`` is false and the bounds come within ``wanted`` of the best possible.
    A single wrong turn is tolerated however few there are: it decides nothing.
    """
    understood = [(one.turn.understood, one.right_meaning) for one in turns]
    sure = [(one.confidence, right) for one, right in understood if one.meaning and not one.doubtful]

    def wrong(bound: float) -> float:
        return sum(not right for confidence, right in sure if confidence >= bound) / max(1, len(turns))

    tolerated = max(wanted, 1 / max(1, len(turns)))
    grid = _grid(LEAST, MOST)
    # Where certain words are wrong, no bound helps: then the lowest one that is about as good as the best.
    allowed = max(tolerated, wrong(MOST) + wanted)
    accept = next(bound for bound in grid if wrong(bound) <= allowed)
    asked = _grid(LEAST_ASKED, MOST_ASKED)
    confirm = next(
        (bound for bound in asked if wrong(bound) - wrong(accept) <= ASKED_FOR_NOTHING), MOST_ASKED
    )
    answers = sum(one.expected is not None for one in turns)
    right = sum(ok for confidence, ok in sure if confidence >= accept) / max(1, answers)
    bounds = Bounds(accept=accept, confirm=min(confirm, accept))
    return Found(bounds, len(turns), right, wrong(accept), reached=wrong(accept) <= tolerated)


def _grid(least: float, most: float) -> list[float]:
    return [round(least + _STEP * step, 2) for step in range(round((most - least) / _STEP) + 1)]


def merged(old: Confidence, kinds: dict[Kind, Found], questions: dict[str, Found]) -> Confidence:
    """Return the bounds with those that were measured in place of the old ones."""
    return Confidence(
        bounds=old.bounds | {kind: found.bounds for kind, found in kinds.items()},
        questions=old.questions
        | {question: found.bounds for question, found in questions.items() if question != DIGIT},
    )


def write(path: Path, confidence: Confidence, how: str) -> None:
    """Write ``grammars/confidence.yaml``; ``how`` says by which measurement."""
    lines = [
        "# From which confidence on an answer is taken (accept), or asked back (confirm).",
        f"# Measured, not chosen: {how}",
        "bounds:",
    ]
    lines += [f"  {kind.value}: {_flow(bounds)}" for kind, bounds in confidence.bounds.items()]
    if confidence.questions:
        lines += ["questions:"]
        lines += [f"  {name}: {_flow(bounds)}" for name, bounds in sorted(confidence.questions.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _flow(bounds: Bounds) -> str:
    return f"{{accept: {bounds.accept:g}, confirm: {bounds.confirm:g}}}"
