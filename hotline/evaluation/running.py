"""Runs manifests through models and conditions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from zlib import crc32

from hotline.evaluation import conditions, path, scoring
from hotline.evaluation.manifest import ManifestError, end_of_speech_ms
from hotline.speech import audio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hotline.dialog.understanding import Understanding
    from hotline.evaluation.conditions import Condition
    from hotline.evaluation.manifest import Item
    from hotline.evaluation.scoring import Scored
    from hotline.speech.ear import Ear


def run(
    items: Sequence[Item],
    understanding: Understanding,
    ears: Mapping[str, Ear],
    line: Sequence[Condition],
    *,
    jobs: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> list[Scored]:
    """Run every recording in every condition through every model, in a fixed order.

    :raises hotline.evaluation.manifest.ManifestError: if a question does not exist or is answered by words
        that the dialog does not understand.
    """
    path.with_digit(understanding)
    for item in items:
        _check(item, understanding)

    def one(task: tuple[Item, Condition]) -> list[Scored]:
        scored = _one(*task, understanding, ears)
        progress()
        return scored

    tasks = [(item, condition) for condition in line for item in items]
    with ThreadPoolExecutor(jobs) as pool:
        return [scored for several in pool.map(one, tasks) for scored in several]


def _check(item: Item, understanding: Understanding) -> None:
    if item.question not in understanding.grammars.questions:
        raise ManifestError(f"{item.file}: Die Frage „{item.question}“ gibt es nicht.")
    if not item.reject and path.meaning_of(understanding, item.question, item.text).meaning is None:
        raise ManifestError(
            f"{item.file}: „{item.text}“ ist für den Dialog keine Antwort auf „{item.question}“."
        )


def _one(
    item: Item, condition: Condition, understanding: Understanding, ears: Mapping[str, Ear]
) -> list[Scored]:
    samples = audio.read_wav(item.file)
    spoken_ms = item.spoken_ms if item.spoken_ms is not None else end_of_speech_ms(samples)
    # A real recording may end in silence of its own: the line's noise takes over from there.
    samples = samples[: (spoken_ms + 100) * audio.TELEPHONE_RATE // 1000]
    arrives = conditions.over_the_line(samples, condition, seed=crc32(item.key.encode()))
    kind = understanding.grammars.questions[item.question].kind
    expected = None if item.reject else path.meaning_of(understanding, item.question, item.text).meaning
    return [
        scoring.score(
            item,
            condition.name,
            name,
            kind,
            expected,
            path.listen(ear, understanding, item.question, arrives),
            conditions.LEAD_MS + spoken_ms,
            len(arrives),
        )
        for name, ear in ears.items()
    ]
