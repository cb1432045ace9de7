"""Endpointing: whether the caller is silent, speaking, or has finished. Pure; audio time is the only clock.

Two witnesses are heard, and neither alone is trusted:

- *The signal.* A frame is active if it stands out from the noise floor, the lowest level of the last two
  seconds, and is not far below the caller's own loudness, as voices behind the caller are.
- *The recogniser.* Its partial result tells known words from ``[unk]``, and whether more words keep coming.

A turn in which known words were heard ends after :attr:`Patience.end_ms` of silence, and later where the last
word says that the answer goes on, as "am" does, or "siebenundzwanzigsten". Where the signal never
falls silent, because a television runs, it ends when the recogniser has had nothing new for somewhat longer.
Without a known word, it takes both witnesses to tell speech, which ends the turn so that the dialog can say
that it did not understand, from music, a cough or a door, which do not: the signal is active for long enough,
and the recogniser says ``[unk]``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from math import log10
from typing import TYPE_CHECKING

from hotline.speech.audio import FLOOR_DBFS, FRAME_MS, level
from hotline.speech.words import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection

    from hotline.speech.audio import Samples

FLOOR_WINDOW_MS = 2000
"""The noise floor is the minimum over this time: longer than a word without a dip, short enough to follow a
vacuum cleaner (minimum statistics, Martin 2001)."""
SMOOTHING_MS = 60
"""Levels are averaged over this time before they are compared."""
ABOVE_FLOOR_DB = 9.0
"""Speech stands out from the floor by at least this much."""
BELOW_LOUDEST_DB = 20.0
"""What is further below the loudest moment of the caller's own speech is not the caller."""
QUIETEST_DBFS = -55.0
"""What is below this is never speech: quiet callers arrive at -45 dBFS, an idle line below -60."""
BURST_MS = 100
"""A sound shorter than this holds no word."""
BARE_SPEECH_MS = 400
"""So much activity without a known word may be speech; less is a cough, a door, a cup."""
STABLE_MS = 200
"""A known word counts once it has stood in the partial result for this long: two results in a row."""
LAG_MS = 300
"""How far the partial result is behind the signal, usually; for one word in twenty it is 600 ms."""
GAP_MS = 300
"""Activity after a gap of this length is something new, which the recogniser has yet to read."""
THOUGHT_MS = 1000
"""How much longer a turn lasts after a word that is not the end of an answer: there callers think."""
BEHIND_MS = 2000
"""How much longer a turn lasts when somebody keeps talking, but says nothing that is an answer."""


class State(Enum):
    """Where a turn stands after a frame."""

    WAITING = "waiting"
    """Nothing that counts has been heard."""
    SPEAKING = "speaking"
    END = "end"
    """The caller has spoken and finished."""
    NO_INPUT = "no_input"
    """The caller has not begun to speak."""
    TOO_LONG = "too_long"
    """The caller, or a television, does not stop."""

    @property
    def over(self) -> bool:
        """Whether the turn has ended."""
        return self not in (State.WAITING, State.SPEAKING)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a question waits, in ms of audio."""

    end_ms: int = 1200
    """Silence after which the caller has finished."""
    first_word_ms: int = 7000
    """Silence after which the caller is taken not to answer."""
    longest_ms: int = 15000
    """An answer that lasts longer is cut off."""


CHOICE = Patience(end_ms=800)
"""For yes or no, and for one of a few choices."""
OPEN = Patience(end_ms=1200)
"""For open questions: a service, a date, a place."""
DIGITS = Patience(end_ms=2000, longest_ms=30000)
"""For digits and spelling, which come in groups with pauses between them."""


class NoiseFloor:
    """The level of what is heard while nobody speaks, in dBFS. A call keeps one from question to question."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=SMOOTHING_MS // FRAME_MS)
        self._window: deque[float] = deque(maxlen=FLOOR_WINDOW_MS // FRAME_MS)
        self.level = FLOOR_DBFS
        """The smoothed level now, in dBFS."""

    def frame(self, samples: Samples) -> None:
        """Take in one frame."""
        self._recent.append(10 ** (level(samples) / 10))
        self.level = 10 * log10(sum(self._recent) / len(self._recent))
        self._window.append(self.level)

    @property
    def floor(self) -> float:
        """The noise floor in dBFS."""
        return min(self._window, default=FLOOR_DBFS)


class Endpointer:
    """Follows one turn, frame by frame."""

    def __init__(
        self,
        patience: Patience,
        noise: NoiseFloor | None = None,
        *,
        prompt_playing: bool = False,
        unfinished: Collection[str] = (),
    ) -> None:
        """Begin a turn.

        :param noise: the call's noise floor; without it, it is learnt anew.
        :param prompt_playing: the caller is still being spoken to. Until :meth:`prompt_over`, only known
            words are speech (barge-in), and nobody is missing an answer.
        :param unfinished: words after which an answer goes on.
        """
        self.patience = patience
        self._unfinished = unfinished
        self._noise = noise or NoiseFloor()
        self._prompt_playing = prompt_playing
        self._now = 0
        self._asked_at = 0
        self._loudest = FLOOR_DBFS
        self._began: int | None = None
        self._active_ms = 0
        self._last_active = 0
        self._resumed = 0
        self._text = ""
        self._text_changed = 0
        self._words: list[str] = []
        self._words_changed = 0
        self._words_since: int | None = None
        self.state = State.WAITING
        self.burst = False
        """Whether a short sound ended with this frame: a cough, or a "ja" that only a final result shows."""

    def prompt_over(self) -> None:
        """The prompt has been heard to its end: from now on the caller is expected to speak."""
        if self._prompt_playing:
            self._prompt_playing = False
            self._asked_at = self._now

    @property
    def heard(self) -> bool:
        """Whether a known word has stood in two partial results in a row: reason enough to stop a prompt."""
        return self._words_since is not None and self._now - self._words_since >= STABLE_MS

    def frame(self, samples: Samples, partial: str | None) -> State:
        """Take in one 20 ms frame and the recogniser's partial result, ``None`` if there is no new one."""
        if self.state.over:
            return self.state
        self._now += FRAME_MS
        self._listen(samples)
        if partial is not None and partial != self._text:
            self._read(partial)
        self.state = self._judge()
        return self.state

    def _listen(self, samples: Samples) -> None:
        self._noise.frame(samples)
        threshold = max(self._noise.floor + ABOVE_FLOOR_DB, self._loudest - BELOW_LOUDEST_DB, QUIETEST_DBFS)
        if self._noise.level < threshold or (self._prompt_playing and not self.heard):
            return
        self._loudest = max(self._loudest, self._noise.level)
        self._active_ms += FRAME_MS
        if self._began is None:
            self._began = self._now
        if self._silent_for > GAP_MS:
            self._resumed = self._now
        self._last_active = self._now

    def _read(self, partial: str) -> None:
        self._text, self._text_changed = partial, self._now
        words = [word for word in partial.split() if word != UNKNOWN]
        if words != self._words:
            self._words, self._words_changed = words, self._now
        if not words:
            self._words_since = None
        elif self._words_since is None:
            self._words_since = self._now

    def _judge(self) -> State:
        spoken = self.heard or (bool(self._text) and self._active_ms >= BARE_SPEECH_MS)
        if self.heard and self._began is None:
            self._began = self._now
        if self._finished() if self._words_since is not None else spoken and self._silent:
            return State.END
        self.burst = self._began is not None and not spoken and self._silent and self._active_ms >= BURST_MS
        if self._began is not None and not spoken and self._silent:
            self._began, self._active_ms, self._loudest = None, 0, FLOOR_DBFS
        if not spoken:
            return State.NO_INPUT if self._missed else State.WAITING
        began = self._began if self._began is not None else self._now
        return State.TOO_LONG if self._now - began >= self.patience.longest_ms else State.SPEAKING

    @property
    def _silent_for(self) -> int:
        return self._now - self._last_active

    @property
    def _end_ms(self) -> int:
        """The silence after which the caller has finished, after the last word heard."""
        thinking = bool(self._words) and self._words[-1] in self._unfinished
        return self.patience.end_ms + (THOUGHT_MS if thinking else 0)

    @property
    def _silent(self) -> bool:
        return self._silent_for >= self._end_ms

    @property
    def _missed(self) -> bool:
        """Whether the time for the first word is over, and nothing is under way that may become one."""
        under_way = self._words_since is not None or (
            self._silent_for < self.patience.end_ms and self._now - self._resumed < self.patience.end_ms
        )
        waited = self._now - self._asked_at
        return not self._prompt_playing and not under_way and waited >= self.patience.first_word_ms

    def _finished(self) -> bool:
        """Whether an answer with known words in it is complete."""
        if not self.heard:
            return False
        end = self._end_ms
        settled = self._now - self._words_changed
        if self._silent and settled >= end - LAG_MS:
            return True
        # The signal does not fall silent. After a known word, the recogniser has heard nothing more;
        # an "[unk]" at the end swallows whatever else is said.
        waiting = self._text.split()[-1] != UNKNOWN
        return settled >= end + BEHIND_MS or (
            waiting and self._now - max(self._text_changed, self._resumed) >= end + LAG_MS
        )
