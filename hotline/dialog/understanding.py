"""From words and keys to meaning, and how sure we are of it.

The recogniser's word confidences, the share of the answer that was understood, and whether its parts fit
together decide between going on, asking back and failing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hotline.dialog import doubts, listening
from hotline.dialog.german import wishes as german_wishes
from hotline.dialog.german.words import UNKNOWN, is_correction, is_filler
from hotline.dialog.grammar import Grammar, Grammars, Kind, Topic
from hotline.dialog.reader import Reader
from hotline.dialog.spans import DOUBT, Reading
from hotline.dialog.steps import Ask, Meaning
from hotline.dialog.wishes import WISHES

if TYPE_CHECKING:
    from hotline.dialog.city import City

WORD_MS = 400
"""About as long as a word lasts. What is in no grammar comes as one :data:`UNKNOWN`, however long it is: in
the development corpus 0.5 to 1.1 s before "Personalausweis" in "ja, also, äh, den Personalausweis", and 1.5 s
and more of other talk that ends as an answer does."""

UNKNOWN_WEIGHT = 0.75
"""What a word's length of :data:`UNKNOWN` weighs against a word that was understood: it may be noise."""

SURE = 0.95
"""With all its words so sure, an answer to an open question stands after unknown speech however long: that
was said to somebody in the room (measured: docs/ear.md)."""

HARMLESS = frozenset({"repeat", "wait", "help"})
"""Intents that cost a caller less taken wrongly than asked back about, whatever else was said."""


class Decision(StrEnum):
    """What to do with an answer."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word and the recogniser's confidence in it, 0 to 1."""

    text: str
    confidence: float = 1.0
    length_ms: int = 0
    """How long it was; 0 if that is not known."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What an answer means, or that it means nothing to us."""

    decision: Decision
    confidence: float = 0.0
    meaning: Meaning | None = None
    doubtful: bool = False
    """Whether it is asked back about, however great the confidence."""


NOTHING = Understood(Decision.REJECT)


class Understanding:
    """Understands answers, with the grammars of the project and the names of the city."""

    def __init__(self, grammars: Grammars, city: City) -> None:
        self.grammars = grammars
        self.unfinished = frozenset(grammars.fillers.unfinished) | doubts.ORDINALS
        """Words after which an answer goes on."""
        self._fillers = frozenset(grammars.fillers.words)
        self._of_wishes = frozenset(
            word
            for phrase in german_wishes.phrases()
            for word in phrase.split()
            if not is_filler(word) and not is_correction(word)
        )
        self._carriers = frozenset(word for phrase in grammars.carriers() for word in phrase.split())
        self._reader = Reader(grammars, city)

    def grammar(self, ask: Ask) -> Grammar:
        """Return the grammar of a question."""
        return self.grammars.questions[ask.question]

    def labels(self, ask: Ask) -> Mapping[str, str]:
        """Return how to name the intents of a question in "Meinten Sie …?"."""
        return {**self.grammars.always.labels, **self.grammar(ask).labels}

    def phrases(self, ask: Ask) -> tuple[str, ...]:
        """Return what the recogniser should listen for, the likely more often."""
        grammar = self.grammar(ask)
        reader = self._reader
        fixed, services, places = (
            tuple(some) for some in (reader.fixed(ask), reader.services, reader.places)
        )
        return listening.phrases(self.grammars, grammar, fixed, services, places)

    def keys(self, ask: Ask, keyed: str) -> Understood:
        """Understand what was keyed: one key of a menu, or several digits."""
        grammar = self.grammar(ask)
        meaning: Meaning | None = None
        if grammar.digits and len(keyed) > 1:
            least, greatest = grammar.digits
            meaning = Meaning("digits", keyed) if least <= len(keyed) <= greatest else None
        elif keyed in (keys := {**self.grammars.always.keys, **grammar.keys}):
            meaning = Meaning(keys[keyed])
        elif keyed.isdecimal() and 0 < int(keyed) <= len(ask.options):
            meaning = ask.options[int(keyed) - 1].meaning
        return Understood(Decision.ACCEPT, 1.0, meaning) if meaning else NOTHING

    def words(self, ask: Ask, heard: Sequence[Word], today: dt.date) -> Understood:
        """Understand what was said. ``today`` is the local date to which "morgen" refers."""
        heard = self._without_opening(heard)
        spoken = [index for index, word in enumerate(heard) if word.text != UNKNOWN]
        known = [index for index in spoken if heard[index].text not in self._fillers] or spoken
        if not known:
            return NOTHING
        found = self._reader.read(ask, [word.text for word in heard], known, today)
        used = [index for index in known if found and index in found.used]
        if found is None or not used:
            return NOTHING
        odd = [heard[index].text for index in known if index not in used and self._is_odd(heard[index].text)]
        # Of "am sechzehnten Juli" the month alone may be a guess, and it is what counts.
        sure = min(heard[index].confidence for index in used)
        noise = self._noise(ask, heard, known)
        harmless = found.meaning.intent in HARMLESS
        coverage = len(used) / (len(used) + len(odd) * (not harmless) + UNKNOWN_WEIGHT * noise)
        confidence = round(sure * coverage**0.5 * found.faith, 3)
        bounds = self.grammars.bounds(ask.question)
        if confidence < bounds.confirm:
            return Understood(Decision.REJECT, confidence, found.meaning)
        doubtful = found.faith <= DOUBT or (not harmless and self._doubtful(ask, heard, odd, found))
        decision = Decision.ACCEPT if confidence >= bounds.accept and not doubtful else Decision.CONFIRM
        return Understood(decision, confidence, found.meaning, doubtful)

    def _noise(self, ask: Ask, heard: Sequence[Word], known: Sequence[int]) -> float:
        """Return how many words' length of unknown speech weighs against an answer.

        :param known: indices of the words known, in order.
        """
        unknown = [index for index, word in enumerate(heard) if word.text == UNKNOWN]
        aside = bool(unknown) and unknown[-1] < known[0]
        sure = all(heard[index].confidence >= SURE for index in known)
        if aside and sure and self.grammar(ask).kind is Kind.OPEN:
            return len(unknown)
        return sum(max(1.0, heard[index].length_ms / WORD_MS) for index in unknown)

    def _doubtful(self, ask: Ask, heard: Sequence[Word], odd: Sequence[str], found: Reading) -> bool:
        """Whether to ask back, however sure the words; ``odd`` are those of which nothing could be made."""
        # "Ja, also …": what it opened was not heard.
        if self._opens(heard) and heard[-1].text in self.grammars.fillers.hesitations:
            return True
        grammar = self.grammar(ask)
        if Topic.WISHES in grammar.topics and any(text in self._of_wishes for text in odd):
            return True
        if found.meaning.intent != "wish":
            return False
        # "Nächsten Freitag am vor …": of a day or a time more was said than was understood.
        texts, wishes = [word.text for word in heard], WISHES.validate_python(found.meaning.value)
        return (
            bool(odd)
            or doubts.unlikely(grammar.asks, wishes)
            or doubts.loses(texts, found.used, self._carriers)
        )

    def _is_odd(self, word: str) -> bool:
        """Whether a word ought to have a meaning; a carrier ("ich brauche …") is neither here nor there."""
        return not (word in self._carriers or is_filler(word) or is_correction(word))

    def _without_opening(self, heard: Sequence[Word]) -> Sequence[Word]:
        """Leave away a "ja" that only opens the answer: "ja, also, äh, nein" is a no."""
        if not self._opens(heard):
            return heard
        return heard[1:] if any(word.text not in self._fillers for word in heard[1:]) else heard

    def _opens(self, heard: Sequence[Word]) -> bool:
        hesitations = self.grammars.fillers.hesitations
        return len(heard) > 1 and heard[0].text == "ja" and heard[1].text in hesitations
