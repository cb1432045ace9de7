"""Date and time in one utterance: "nächsten Mittwoch Vormittag", "am dritten Dezember um halb neun"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hotline.dialog.german.dates import find_date
from hotline.dialog.german.times import find_time
from hotline.dialog.german.tokens import MONTH, Rule, segments
from hotline.dialog.german.vocabulary import Topic
from hotline.dialog.german.vocabulary import phrases as topic_phrases
from hotline.terms import Wishes

_NO_MATTER = Rule(
    r"(?:(?:ist |wäre )?(?:mir )?(?:ganz |völlig )?(?:egal|gleichgültig)(?: wann| welcher tag)?)"
    r"|jederzeit|irgendwann|(?:wann|wie) es (?:geht|ihnen passt)|(?:an )?(?:jede[nmr]|alle) tag"
    r"|der ganzen tag"
)

_ODD = Rule(rf"(?:am|zu) (?:{MONTH}|\d+ uhr)")
"""What stands before a day stands before a month, or before a time: a part of what was said was misheard."""
_CONNECTING = frozenset({"und", "oder", "lieber", "sondern", "besser"})


@dataclass(frozen=True, slots=True)
class WishesFound:
    """The wishes that an utterance holds. None set and words used: "egal", the caller takes anything."""

    wishes: Wishes
    exact: dt.time | None
    """The one time of day that was named, if one was."""
    used: frozenset[int]
    """Indices of the words that were understood."""
    doubtful: bool = False
    """Two days were named with nothing between them: perhaps one was taken back. Or "am April": perhaps the
    first of it. Or "am sechs Uhr": perhaps the sixth."""


def parse_wishes(words: Sequence[str], today: dt.date) -> WishesFound | None:
    """The days and times of day that an utterance names, seen from ``today`` (local date); None if none."""
    parts = segments(words)
    odd = any(_ODD.pattern.search(part.text) for part in parts)
    date = find_date(parts, today)
    time = find_time(parts)
    used = (date.used if date else frozenset()) | (time.used if time else frozenset())
    if not used:
        for part in parts:
            if any(part.take(_NO_MATTER, lambda match: match)):
                return WishesFound(Wishes(), None, frozenset(part.used))
        return None
    used |= {index for index, word in enumerate(words) if word in _CONNECTING}
    wishes = Wishes(
        weekdays=date.weekdays if date else (),
        first_date=date.first_date if date else None,
        last_date=date.last_date if date else None,
        first_time=time.first_time if time else None,
        last_time=time.last_time if time else None,
    )
    doubtful = bool(date and date.doubtful) or odd
    return WishesFound(wishes, time.exact if time else None, used, doubtful)


def phrases() -> tuple[str, ...]:
    """What the recogniser should listen for where wishes may be said."""
    topics = (
        Topic.RELATIVE_DATES, Topic.WEEKDAYS, Topic.DAYS, Topic.MONTHS, Topic.HOLIDAYS, Topic.TIMES,
        Topic.PARTS_OF_DAY, Topic.BOUNDS,
    )  # fmt: skip
    return tuple(dict.fromkeys(phrase for topic in topics for phrase in topic_phrases(topic)))
