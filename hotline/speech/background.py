"""Whose words they are: what a television or somebody in the room says around an answer is left away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.speech.audio import FLOOR_DBFS, FRAME_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from hotline.speech.words import Word

BACKGROUND_DB = 16.0
"""What is softer than the caller's loudest word by more is not the caller. In the development corpus callers'
own words are at most 15 dB softer, and those of a television at 20 dB 15 to 27."""
APART_MS = 200
"""So far from the caller's words must softer ones be, before or after them, to be somebody else's."""
LASTS_MS = 200
"""So long a word may sound after its end as Vosk tells it: a net trained with CTC names the last phone when
it is sure of it, and the loudest of a slow "drei" comes later. Without this, 6 of 96 strings of digits at
20 dB lost their first one."""


def callers_own(words: Sequence[Word], levels: NDArray[np.float64]) -> list[Word]:
    """Leave away what is softer before and after the caller's words.

    A soft word beside a loud one is the caller's own: the "ich" of "möchte ich", a trembling "fünf".

    :param words: what was heard, in the order in which it was said.
    :param levels: of the frames of all that was heard, in dBFS, :data:`~hotline.speech.audio.FRAME_MS` each.
    """
    peaks = _peaks(words, levels)
    known = [peak for word, peak in zip(words, peaks, strict=True) if word.known]
    least = max(known, default=FLOOR_DBFS) - BACKGROUND_DB
    loud = [place for place, peak in enumerate(peaks) if peak >= least]
    first, last = (loud[0], loud[-1]) if loud else (0, -1)
    while first > 0 and words[first].start_ms - words[first - 1].end_ms < APART_MS:
        first -= 1
    while last < len(words) - 1 and words[last + 1].start_ms - words[last].end_ms < APART_MS:
        last += 1
    return list(words[first : last + 1])


def _peaks(words: Sequence[Word], levels: NDArray[np.float64]) -> list[float]:
    """Return the loudest frame of each word, in dBFS."""
    ends = [word.end_ms + LASTS_MS for word in words]
    for place, following in enumerate(words[1:]):
        ends[place] = min(ends[place], following.start_ms)
    frames = [(word.start_ms // FRAME_MS, end // FRAME_MS) for word, end in zip(words, ends, strict=True)]
    return [float(levels[first : max(first + 1, end)].max(initial=FLOOR_DBFS)) for first, end in frames]
