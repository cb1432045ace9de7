"""What makes a day, a time or a place doubtful, however sure the recogniser was of its words.

Words misheard fit together worse than what people say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from hotline.dialog.german.numbers import spell_ordinal
from hotline.dialog.german.words import UNKNOWN, is_filler

if TYPE_CHECKING:
    from hotline.dialog.grammar import Asked
    from hotline.terms import Wishes

EARLIEST = dt.time(8)
"""Before it offices are closed (the city council's plan: open from 8 to 18 h)."""
_ANNOUNCING = frozenset({"am", "im", "in", "nach", "um", "gegen", "ab", "bis", "zum", "den", "dem"})
"""Words after which a day, a time or a place must follow."""
_SUPERLATIVES = frozenset({"liebsten", "besten"})
"""What follows "am" and is no day."""
_ORDINALS = frozenset(spell_ordinal(day) for day in range(1, 32))


def unlikely(asked: Asked | None, wishes: Wishes) -> bool:
    """Whether wishes are no likely answer to what was ``asked`` for.

    That is a time where a place was asked for, a place where a day or a time was, or a time at which all is
    closed.
    """
    if asked is None:
        return False
    place = wishes.sites or wishes.districts
    time = wishes.first_time or wishes.last_time
    when = wishes.weekdays or wishes.first_date or wishes.last_date or time
    if wishes.last_time and wishes.last_time < EARLIEST:
        return True
    return bool(when and not place if asked == "place" else place and not when)


def loses(texts: Sequence[str], used: Collection[int]) -> bool:
    """Whether a word was said after which more must have been said than was understood.

    "Am Donnerstag nach", "am Montag am nach Mitte", "am fünften [unk]" (a month).

    :param used: indices of the words that were understood.
    """
    for index, word in enumerate(texts):
        later = [
            at for at in range(index + 1, len(texts)) if texts[at] == UNKNOWN or not is_filler(texts[at])
        ]
        lost = not later or later[0] not in used
        if word in _ANNOUNCING and lost and not (later and texts[later[0]] in _SUPERLATIVES):
            return True
        if word in _ORDINALS and later and texts[later[0]] == UNKNOWN:
            return True
    return False
