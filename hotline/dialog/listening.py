"""What the recogniser should listen for at a question: fragments, the likely ones more often.

Vosk builds a bigram model from the phrases that it is given, so their number is their weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.dialog.german import digits, vocabulary, wishes
from hotline.dialog.grammar import Kind, Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline.dialog.grammar import Grammar, Grammars

SHORT_WEIGHT = 5
"""How often a fixed single word is given to the recogniser, unless the grammar has a weight for it. Among
hundreds of dates and places it would be lost. Measured with seven synthetic voices at 20 dB on the question
"offer": of 14 "nein", 8 were heard without weights, all with 5, and 100 for what begins with "ja" or "nein";
of 47 "ja bitte", 36 where only "ja" alone had a weight, 46 where both had."""

HESITATION_WEIGHT = 40
"""How often "äh" and its like are given to the recogniser at open questions; elsewhere they would swallow a
"vier", a "zwo" or an "okay". Measured on 277 answers that begin so, at 20 dB: 15 were lost or asked back with
a weight of 1, 11 with 20, 9 with 40; 300 other answers, and what is none, came out the same."""

SHARE_OF_LONGER = 5
"""Into how many parts a word's weight is divided for a longer phrase that begins with it."""

ONE_WORD = {part: part.removesuffix("s") for part in ("vormittags", "mittags", "nachmittags", "abends")}
"""Words that the recogniser shall not tell from others that mean the same; the lexicon has the pronunciations
of both. As two words they share the likelihood, and neither is sure: with four synthetic voices at 20 dB a
sixth of 320 "vormittags" and the like had a confidence below 0.8, and hardly any other word heard rightly."""

BEFORE_PLACES = ("in", "nach")
"""Words that mostly stand before a place. The recogniser's bigrams want to be told: measured with four
synthetic voices at 20 dB, 68 % of places were right with these, 63 % without."""


def phrases(
    grammars: Grammars, grammar: Grammar, fixed: Sequence[str], services: Sequence[str], places: Sequence[str]
) -> tuple[str, ...]:
    """Return the phrases for the question of ``grammar``.

    :param fixed: the question's own phrases, and those that work at every question.
    """
    found: list[str] = [*fixed]
    if Topic.SERVICE in grammar.topics:
        found += services
    if Topic.PLACE in grammar.topics:
        found += places
        found += (f"{before} {place}" for place in places for before in BEFORE_PLACES)
        # Else "Wandsbek bitte" is heard as "Wandsbek Mitte".
        found += (f"{place} bitte" for place in places)
    if Topic.WISHES in grammar.topics:
        found += wishes.phrases()
    if Topic.DIGITS in grammar.topics:
        found += vocabulary.phrases(vocabulary.Topic.DIGITS)
    if Topic.PHONE in grammar.topics:
        found += digits.phrases()
    found += grammars.carriers() if grammar.kind is Kind.OPEN else grammars.fillers.words
    weights = _weights(grammars, grammar, fixed)
    repeated = (phrase for phrase, weight in weights.items() for _ in range(weight - 1))
    return (*dict.fromkeys(map(_merged, found)), *map(_merged, repeated))


def _merged(phrase: str) -> str:
    return " ".join(ONE_WORD.get(word, word) for word in phrase.split())


def _weights(grammars: Grammars, grammar: Grammar, fixed: Sequence[str]) -> dict[str, int]:
    """Return how often phrases are given, where that is not once.

    What begins with a weighty word weighs a share of it: Vosk counts pairs of words, and "ja bitte" would
    lose what "ja" gained.
    """
    weights = {phrase: SHORT_WEIGHT for phrase in fixed if " " not in phrase}
    for phrase in fixed:
        if own := grammar.weights.get(phrase.split()[0]):
            weights[phrase] = own // SHARE_OF_LONGER or 1
    if grammar.kind is Kind.OPEN:
        weights |= dict.fromkeys(grammars.fillers.hesitations, HESITATION_WEIGHT)
    return weights | grammar.weights
