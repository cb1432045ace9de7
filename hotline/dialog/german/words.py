"""The small words of spoken German: which carry nothing, which take back, which name days and months."""

from __future__ import annotations

import re
from collections.abc import Sequence

UNKNOWN = "[unk]"
"""What Vosk returns for a sound that is no word of the grammar."""

WEEKDAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
"""Monday = 0, as :meth:`datetime.date.weekday` counts."""

MONTHS = (
    "januar", "februar", "märz", "april", "mai", "juni",
    "juli", "august", "september", "oktober", "november", "dezember",
)  # fmt: skip
"""January first, so that ``MONTHS[month - 1]`` names a month."""

_FILLERS = frozenset({
    "äh", "ähm", "öh", "öhm", "hm", "hmm", "mh", "tja", "na", "naja", "ja", "also", "so", "bitte",
    "danke", "gern", "gerne", "vielleicht", "eventuell", "einmal", "halt", "eben",
    "eigentlich", "schon", "noch", "doch", "dann", "denn", "sagen", "wir", "glaube", "denke", "gut",
    "okay", "ok", "genau", "quasi", "sozusagen", "etwas", "nur", "auch", "gleich", "ach", "oh",
})  # fmt: skip
_CORRECTIONS = frozenset({
    "nein", "nee", "nö", "quatsch", "falsch", "sondern", "lieber", "besser", "vielmehr",
    "korrektur", "stopp", "stop", "moment", "pardon", "entschuldigung", "verzeihung",
})  # fmt: skip
_MEANT = frozenset({("ich", "meine"), ("ich", "meinte")})
_WORD = re.compile(r"\[unk\]|[^\W_]+|\+")


def words(text: str) -> list[str]:
    """The words of a text as a recogniser would return them: lower case, without punctuation."""
    return _WORD.findall(text.lower())


def is_filler(word: str) -> bool:
    """Whether a word carries nothing where a date, a time or a number is expected: "äh", "bitte", "[unk]"."""
    return word in _FILLERS or word == UNKNOWN


def is_correction(word: str) -> bool:
    """Whether a word takes back what came before it: "nein", "quatsch", "lieber"."""
    return word in _CORRECTIONS


def takes_back(words: Sequence[str], index: int) -> bool:
    """Whether what begins at ``index`` takes back what came before it: a correction, or "ich meine"."""
    return is_correction(words[index]) or tuple(words[index : index + 2]) in _MEANT
