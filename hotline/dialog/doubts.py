"""What makes a day, a time or a place doubtful, however sure the recogniser was of its words.

Words misheard fit together worse than what people say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from hotline.dialog.german.numbers import spell_ordinal
from hotline.dialog.german.words import UNKNOWN, is_filler

if TYPE_CHECKING:
    from hotline.dialog.grammar import Asked
    from hotline.terms import Wishes

EARLIEST = dt.time(8)
"""Before it offices are closed (the city council's plan: open from 8 to 18 h)."""
_ANNOUNCING = frozenset({
    "am", "im", "in", "nach", "um", "gegen", "ab", "bis", "zum", "den", "dem", "frühen", "späten",
})  # fmt: skip
"""Words after which a day, a time or a place must follow."""
ORDINALS = frozenset(spell_ordinal(day) for day in range(1, 32))
"""The days of a month as they are said; mostly the month follows."""


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


def loses(texts: Sequence[str], used: Collection[int], carriers: Collection[str]) -> bool:
    """Whether a word was said after which more must have been said than was understood.

    "Am Donnerstag nach", "am Montag am nach Mitte", "am fünften [unk]" (a month).

    :param used: indices of the words that were understood.
    :param carriers: words that may follow as well: "am liebsten", "im Bezirk".
    """
    said = [index for index, word in enumerate(texts) if word == UNKNOWN or not is_filler(word)]
    for index, following in zip_longest(said, said[1:]):
        word, after = texts[index], "" if following is None else texts[following]
        fits = following in used or (after in carriers and after not in _ANNOUNCING)
        if (word in _ANNOUNCING and not fits) or (word in ORDINALS and after == UNKNOWN):
            return True
    return False
