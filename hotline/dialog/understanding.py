"""From words and keys to meaning, and how sure we are of it.

The order is: fixed phrases, names of services and places, German dates, times and digits, and last, for words
that were recognised a little wrong, RapidFuzz. The recogniser's word confidences and the share of the answer
that was understood decide between going on, asking back and failing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from rapidfuzz import fuzz, process

from hotline.dialog import doubts, listening
from hotline.dialog.german import digits as german_digits
from hotline.dialog.german import times as german_times
from hotline.dialog.german import wishes as german_wishes
from hotline.dialog.german.numbers import spell_ordinal
from hotline.dialog.german.words import UNKNOWN, is_correction, is_filler
from hotline.dialog.grammar import Grammar, Grammars, Topic
from hotline.dialog.places import PLACES, combine, where
from hotline.dialog.spans import DENIALS, DOUBT, Reading, Span, best, find
from hotline.dialog.steps import Ask, Meaning
from hotline.terms import Wishes

if TYPE_CHECKING:
    from hotline.dialog.city import City, Named

CLOSE_ENOUGH = 86
"""RapidFuzz ratio, 0 to 100, from which an almost-phrase counts: a long word with another ending."""

TOO_CLOSE = 5
"""Of two phrases whose ratios differ by less, both may be meant."""

ALMOST = 0.8
"""Our faith in a phrase that was recognised a little wrong, before the share of equal letters."""

WORD_MS = 400
"""About as long as a word lasts. What is in no grammar comes as one :data:`UNKNOWN`, however long it is: in
the development corpus 0.5 to 1.1 s before "Personalausweis" in "ja, also, äh, den Personalausweis", and 1.5 s
and more of other talk that ends as an answer does."""

UNKNOWN_WEIGHT = 0.75
"""What a word's length of :data:`UNKNOWN` weighs against a word that was understood: it may be noise."""

HARMLESS = frozenset({"repeat", "wait", "help"})
"""Intents that cost a caller less taken wrongly than asked back about, whatever else was said."""

WISHES: TypeAdapter[Wishes] = TypeAdapter(Wishes)
"""Writes and reads wishes as JSON."""

WISH_INTENTS = {"step_free": Wishes(step_free=True)}
"""Intents of fixed phrases that are wishes as well, so that they combine with a date or a place."""


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
        self.unfinished = frozenset(grammars.fillers.unfinished) | {
            spell_ordinal(day) for day in range(1, 32)
        }
        """Words after which an answer goes on."""
        self._fillers = frozenset(grammars.fillers.words)
        self._of_wishes = frozenset(
            word
            for phrase in german_wishes.phrases()
            for word in phrase.split()
            if not is_filler(word) and not is_correction(word)
        )
        self._carriers = frozenset(word for phrase in grammars.carriers() for word in phrase.split())
        self._services = _named(city.services, "service")
        self._places = _named(city.sites, "site") | _named(
            city.districts, "district"
        )  # "Altona": the district

    def grammar(self, ask: Ask) -> Grammar:
        """Return the grammar of a question."""
        return self.grammars.questions[ask.question]

    def labels(self, ask: Ask) -> Mapping[str, str]:
        """Return how to name the intents of a question in "Meinten Sie …?"."""
        return {**self.grammars.always.labels, **self.grammar(ask).labels}

    def phrases(self, ask: Ask) -> tuple[str, ...]:
        """Return what the recogniser should listen for, the likely more often."""
        grammar = self.grammar(ask)
        fixed = tuple(self._fixed(ask, grammar))
        return listening.phrases(self.grammars, grammar, fixed, (*self._services,), (*self._places,))

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
        found = self._interpret(ask, [word.text for word in heard], known, today)
        used = [index for index in known if found and index in found.used]
        if found is None or not used:
            return NOTHING
        # Of "am sechzehnten Juli" the month alone may be a guess, and it is what counts.
        sure = min(heard[index].confidence for index in used)
        # Carriers ("ich brauche …") are neither here nor there; noise counts a word's length at a time.
        noise = sum(max(1.0, word.length_ms / WORD_MS) for word in heard if word.text == UNKNOWN)
        beside = [
            heard[index].text
            for index in known
            if index not in used and heard[index].text not in self._carriers
        ]
        odd = [text for text in beside if not is_filler(text) and not is_correction(text)]
        harmless = found.meaning.intent in HARMLESS
        # "Am Montag, nein, am Dienstag" says nothing but a day.
        wanting = [] if harmless else odd if found.meaning.intent == "wish" else beside
        coverage = len(used) / (len(used) + len(wanting) + UNKNOWN_WEIGHT * noise)
        confidence = round(sure * coverage**0.5 * found.faith, 3)
        bounds = self.grammars.bounds(ask.question)
        if confidence < bounds.confirm:
            return Understood(Decision.REJECT, confidence, found.meaning)
        doubtful = found.faith <= DOUBT or (not harmless and self._doubtful(ask, heard, odd, found))
        decision = Decision.ACCEPT if confidence >= bounds.accept and not doubtful else Decision.CONFIRM
        return Understood(decision, confidence, found.meaning, doubtful)

    def _doubtful(self, ask: Ask, heard: Sequence[Word], odd: Sequence[str], found: Reading) -> bool:
        """Whether to ask back, however sure the words; ``odd`` are those of which nothing could be made."""
        # "Nächsten Freitag am vor …": of a day or a time more was said than was understood.
        wish = found.meaning.intent == "wish"
        half = Topic.WISHES in self.grammar(ask).topics and (
            (wish and bool(odd)) or any(text in self._of_wishes for text in odd)
        )
        # "Ja, also …": what it opened was not heard.
        opened = self._opens(heard) and heard[-1].text in self.grammars.fillers.hesitations
        if half or opened or not wish:
            return half or opened
        texts = [word.text for word in heard]
        asked = self.grammar(ask).asks
        return doubts.unlikely(asked, WISHES.validate_python(found.meaning.value)) or doubts.loses(
            texts, found.used
        )

    def _without_opening(self, heard: Sequence[Word]) -> Sequence[Word]:
        """Leave away a "ja" that only opens the answer: "ja, also, äh, nein" is a no."""
        if not self._opens(heard):
            return heard
        return heard[1:] if any(word.text not in self._fillers for word in heard[1:]) else heard

    def _opens(self, heard: Sequence[Word]) -> bool:
        hesitations = self.grammars.fillers.hesitations
        return len(heard) > 1 and heard[0].text == "ja" and heard[1].text in hesitations

    def _interpret(
        self, ask: Ask, texts: Sequence[str], known: Sequence[int], today: dt.date
    ) -> Reading | None:
        """Find the meaning of what was heard; ``known`` are the indices of the words that may carry it."""
        grammar = self.grammar(ask)
        words = [texts[index] for index in known]

        def spans(phrases: Mapping[str, Meaning]) -> list[Span]:
            return [
                Span(tuple(known[span.words[0] : span.words[-1] + 1]), span.meaning)
                for span in find(words, phrases)
            ]

        fixed = spans(self._stripped(self._fixed(ask, grammar)))
        if human := [span for span in fixed if span.meaning.intent == "agent"]:
            # The greeting promises a human at any time: what else was said is settled by that.
            return replace(best(human), used=frozenset(known))
        services = spans(self._services) if Topic.SERVICE in grammar.topics else []
        places = spans(self._places) if Topic.PLACE in grammar.topics else []

        longest_fixed = max((len(span.words) for span in fixed), default=0)
        if services and max(len(span.words) for span in services) >= longest_fixed:
            return best(services)
        if not {Topic.DIGITS, Topic.PHONE}.isdisjoint(grammar.topics) and (
            digits := german_digits.parse_digits(texts)
        ):
            least, greatest = grammar.digits or (1, 99)
            if least <= len(digits) <= greatest:
                return Reading(Meaning("digits", digits), frozenset(known))
        if grammar.topics and (wish := self._wish(grammar, texts, today, fixed, places)):
            return wish
        if fixed:
            return best(fixed, [index for index in known if texts[index] in DENIALS])
        return self._almost(ask, grammar, words, known)

    def _wish(
        self,
        grammar: Grammar,
        texts: Sequence[str],
        today: dt.date,
        fixed: Sequence[Span],
        places: Sequence[Span],
    ) -> Reading | None:
        """Combine date, time, place and wishes in fixed phrases into one meaning."""
        wishes = Wishes()
        used: set[int] = set()
        doubtful = False
        if Topic.WISHES in grammar.topics and (found := german_wishes.parse_wishes(texts, today)):
            wishes = found.wishes
            used |= found.used
            doubtful = found.doubtful
        elif Topic.TIME in grammar.topics and (time := german_times.parse_time(texts, alone=True)):
            wishes = Wishes(first_time=time.first_time, last_time=time.last_time)
            used |= time.used
        named = frozenset(used)
        inside = {index for span in fixed if len(span.words) > 1 for index in span.words}
        for span in fixed:
            if span.meaning.intent in WISH_INTENTS:
                wishes = merge(wishes, WISH_INTENTS[span.meaning.intent])
                used |= set(span.words)
        there = combine(texts, places)
        wishes = replace(wishes, sites=there.wishes.sites, districts=there.wishes.districts)
        used |= there.used
        # "Egal wo", "zu spät": the phrase says more than the "egal" or the "spät" in it.
        if not used or any(
            used <= set(span.words) for span in fixed if span.meaning.intent not in WISH_INTENTS
        ):
            return None
        # "Am Dienstag nach Mitte" was "am Dienstag nachmittags".
        doubtful |= any(
            span.words[0] - 1 in named or (texts[span.words[0] - 1] == "nach" and span.words[0] - 2 in named)
            for span in places
        )
        denied = places and any(
            texts[index] == "nicht"
            for index in range(len(texts))
            if index not in named and index not in inside and index not in there.used
        )
        # "Nein, lieber am Montag": the no is part of the wish.
        used |= {index for span in fixed for index in span.words}
        meaning = Meaning("wish", WISHES.dump_python(wishes, mode="json"))
        return Reading(meaning, frozenset(used), DOUBT if denied or doubtful or there.doubtful else 1.0)

    def _almost(
        self, ask: Ask, grammar: Grammar, words: Sequence[str], known: Sequence[int]
    ) -> Reading | None:
        """Find the phrase that what was heard is almost."""
        choices: dict[str, Meaning] = dict(self._fixed(ask, grammar))
        if Topic.SERVICE in grammar.topics:
            choices |= self._services
        if Topic.PLACE in grammar.topics:
            choices |= self._places
        heard = " ".join(words)
        near = process.extract(
            heard, choices.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH, limit=None
        )
        if not near:
            return None
        best_score = near[0][1]
        meant = tuple(
            dict.fromkeys(choices[phrase] for phrase, score, _ in near if score > best_score - TOO_CLOSE)
        )
        faith = ALMOST * best_score / 100 if len(meant) == 1 else DOUBT
        # "Mobiles Kundenzentrum": there are several, and perhaps all are meant.
        if all(meaning.intent in PLACES for meaning in meant):
            return Reading(
                Meaning("wish", WISHES.dump_python(where(*meant), mode="json")), frozenset(known), faith
            )
        return Reading(meant[0], frozenset(known), faith)

    def _fixed(self, ask: Ask, grammar: Grammar) -> dict[str, Meaning]:
        options = {phrase: option.meaning for option in ask.options for phrase in option.phrases}
        return {**self.grammars.always.spoken, **grammar.spoken, **options}

    def _stripped(self, phrases: Mapping[str, Meaning]) -> dict[str, Meaning]:
        """Take the fillers out of phrases, as they are taken out of what was heard."""
        stripped: dict[str, Meaning] = {}
        for phrase, meaning in phrases.items():
            words = [word for word in phrase.split() if word not in self._fillers]
            stripped[" ".join(words) or phrase] = meaning
        return stripped


def merge(wishes: Wishes, newer: Wishes) -> Wishes:
    """Return the wishes with the newer ones in front: a new place, day or time replaces the old one."""
    place = bool(newer.sites or newer.districts)
    day = bool(newer.weekdays or newer.first_date or newer.last_date)
    time = bool(newer.first_time or newer.last_time)
    return Wishes(
        sites=newer.sites if place else wishes.sites,
        districts=newer.districts if place else wishes.districts,
        within_km=newer.within_km if place else wishes.within_km,
        weekdays=newer.weekdays if day else wishes.weekdays,
        first_date=newer.first_date if day else wishes.first_date,
        last_date=newer.last_date if day else wishes.last_date,
        first_time=newer.first_time if time else wishes.first_time,
        last_time=newer.last_time if time else wishes.last_time,
        step_free=wishes.step_free or newer.step_free,
    )


def _named(things: Iterable[Named], intent: str) -> dict[str, Meaning]:
    """Return what may be said for each thing; a name's hyphens are not heard."""
    return {
        phrase: Meaning(intent, thing.id)
        for thing in things
        for phrase in (thing.name.lower().replace("-", " "), *thing.synonyms)
    }
