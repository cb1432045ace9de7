"""One answer on the path that a call takes: frames into ear and end-pointer, words into the decision.

The steps are those of :meth:`hotline.telephony.media.Stream._frame`, without socket, prompt and keys.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.dialog.german.numbers import UNITS
from hotline.dialog.grammar import Grammar, Kind
from hotline.dialog.steps import Ask
from hotline.dialog.understanding import NOTHING, Understood, Word
from hotline.speech.audio import FRAME_BYTES, FRAME_MS
from hotline.speech.endpointing import Endpointer, State
from hotline.telephony.media import PATIENCE, words_of

if TYPE_CHECKING:
    from hotline.dialog.understanding import Understanding
    from hotline.speech.audio import Samples
    from hotline.speech.ear import Ear

TODAY = dt.date(2026, 12, 2)
"""The day to which "morgen" refers: a Wednesday."""
DIGIT = "digit"
"""A question that only the evaluation has: one of ten digits, as at a menu."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of one answer."""

    state: State
    words: tuple[Word, ...]
    understood: Understood
    ended_ms: int
    """When the turn was over, from its beginning."""
    computing_s: float
    """Processor time of this thread for all of it."""

    @property
    def text(self) -> str:
        """The words heard, ``[unk]`` among them."""
        return " ".join(word.text for word in self.words)


def with_digit(understanding: Understanding) -> Understanding:
    """Add the question :data:`DIGIT`."""
    phrases = {str(digit): [word] for digit, word in enumerate(UNITS)}
    phrases["2"].append("zwo")
    understanding.grammars.questions[DIGIT] = Grammar(kind=Kind.CHOICE, phrases=phrases)
    return understanding


def meaning_of(understanding: Understanding, question: str, text: str) -> Understood:
    """Return what an answer means when every word is certain: what ought to be understood."""
    return understanding.words(Ask(question), [Word(word) for word in text.split()], TODAY)


def listen(ear: Ear, understanding: Understanding, question: str, samples: Samples) -> Turn:
    """Hear one answer to a question. The samples must go on until the turn is over."""
    ask = Ask(question)
    phrases = understanding.phrases(ask)
    began = time.thread_time()
    listener = ear.listen(phrases)
    endpointer = Endpointer(PATIENCE[understanding.grammar(ask).kind], unfinished=understanding.unfinished)
    ended = len(samples) * FRAME_MS // FRAME_BYTES
    words: tuple[Word, ...] | None = None
    for start in range(0, len(samples) - FRAME_BYTES + 1, FRAME_BYTES):
        frame = samples[start : start + FRAME_BYTES]
        listener.accept(frame)
        state = endpointer.frame(frame, listener.partial())
        if endpointer.burst:
            heard = listener.final()
            if any(word.known for word in heard):
                words = words_of(heard)
            else:
                listener = ear.listen(phrases)
        elif state.over:
            words = words_of(listener.final())
        if words is not None:
            ended = (start + FRAME_BYTES) * FRAME_MS // FRAME_BYTES
            break
    else:
        words = words_of(listener.final())
    understood = understanding.words(ask, words, TODAY) if words else NOTHING
    return Turn(endpointer.state, words, understood, ended, time.thread_time() - began)
