"""From words to meaning, as if every word were certain.

The order is: fixed phrases, names of services and places, German dates, times and digits, and last, for words
that were recognised a little wrong, RapidFuzz.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from hotline.dialog.german import digits as german_digits
from hotline.dialog.german import times as german_times
from hotline.dialog.german import wishes as german_wishes
from hotline.dialog.grammar import Grammar, Grammars, Topic
from hotline.dialog.places import PLACES, combine, where
from hotline.dialog.spans import DENIALS, DOUBT, Reading, Span, best, find
from hotline.dialog.steps import Ask, Meaning
from hotline.dialog.wishes import WISHES, merge
from hotline.terms import Wishes

if TYPE_CHECKING:
    from hotline.dialog.city import City, Named

CLOSE_ENOUGH = 86
"""RapidFuzz ratio, 0 to 100, from which an almost-phrase counts: a long word with another ending."""

TOO_CLOSE = 5
"""Of two phrases whose ratios differ by less, both may be meant."""

ALMOST = 0.8
"""Our faith in a phrase that was recognised a little wrong, before the share of equal letters."""

WISH_INTENTS = {"step_free": Wishes(step_free=True)}
"""Intents of fixed phrases that are wishes as well, so that they combine with a date or a place."""


class Reader:
    """Reads answers, with the grammars of the project and the names of the city."""

    def __init__(self, grammars: Grammars, city: City) -> None:
        self._grammars = grammars
        self._fillers = frozenset(grammars.fillers.words)
        self.services = _named(city.services, "service")
        """What may be said for each service."""
        # "Altona": the district
        self.places = _named(city.sites, "site") | _named(city.districts, "district")
        """What may be said for each office and district."""

    def read(self, ask: Ask, texts: Sequence[str], known: Sequence[int], today: dt.date) -> Reading | None:
        """Find the meaning of what was heard.

        :param known: indices of the words that may carry it.
        :param today: the local date to which "morgen" refers.
        """
        grammar = self._grammars.questions[ask.question]
        words = [texts[index] for index in known]

        def spans(phrases: Mapping[str, Meaning]) -> list[Span]:
            return [
                Span(tuple(known[span.words[0] : span.words[-1] + 1]), span.meaning)
                for span in find(words, phrases)
            ]

        fixed = spans(self._stripped(self.fixed(ask)))
        if human := [span for span in fixed if span.meaning.intent == "agent"]:
            # The greeting promises a human at any time: what else was said is settled by that.
            return replace(best(human), used=frozenset(known))
        services = spans(self.services) if Topic.SERVICE in grammar.topics else []
        places = spans(self.places) if Topic.PLACE in grammar.topics else []

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
        choices: dict[str, Meaning] = dict(self.fixed(ask))
        if Topic.SERVICE in grammar.topics:
            choices |= self.services
        if Topic.PLACE in grammar.topics:
            choices |= self.places
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

    def fixed(self, ask: Ask) -> dict[str, Meaning]:
        """Return the fixed phrases of a question, those that work everywhere, and its options."""
        grammar = self._grammars.questions[ask.question]
        options = {phrase: option.meaning for option in ask.options for phrase in option.phrases}
        return {**self._grammars.always.spoken, **grammar.spoken, **options}

    def _stripped(self, phrases: Mapping[str, Meaning]) -> dict[str, Meaning]:
        """Take the fillers out of phrases, as they are taken out of what was heard."""
        stripped: dict[str, Meaning] = {}
        for phrase, meaning in phrases.items():
            words = [word for word in phrase.split() if word not in self._fillers]
            stripped[" ".join(words) or phrase] = meaning
        return stripped


def _named(things: Iterable[Named], intent: str) -> dict[str, Meaning]:
    """Return what may be said for each thing; a name's hyphens are not heard."""
    return {
        phrase: Meaning(intent, thing.id)
        for thing in things
        for phrase in (thing.name.lower().replace("-", " "), *thing.synonyms)
    }
