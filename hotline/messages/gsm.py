"""How much of an SMS a text fills, and how to keep it within the cheap alphabet.

An SMS carries 140 octets. In the GSM 7-bit alphabet (3GPP TS 23.038, formerly GSM 03.38) that is 160 septets,
or 153 in each part of a longer text; one character outside it makes the whole text UCS-2, with 70 and 67
characters (https://www.twilio.com/docs/glossary/what-sms-character-limit). German umlauts and ß are in the
alphabet; typographic quotes, dashes and the capital ẞ are not.
"""

from __future__ import annotations

import math
import unicodedata

import gsm0338  # noqa: F401  registers the codec

GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67

_PLAIN = str.maketrans(
    {
        "ẞ": "SS",
        "„": '"',
        "“": '"',
        "”": '"',
        "‚": "'",
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
        "‑": "-",
        "…": "...",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "\N{SOFT HYPHEN}": "",
    }
)


def septets(text: str) -> int | None:
    """Return the length in septets, € and its like counting two; None if the alphabet lacks a character."""
    try:
        return len(text.encode("gsm03.38"))
    except UnicodeEncodeError:
        return None


def segments(text: str) -> int:
    """Return how many SMS the text is sent, and paid, as.

    An extension character is not split between two parts; where one straddles the boundary the real count can
    be one higher than this, which matters only within a septet of a full part.
    """
    length = septets(text)
    single, part = GSM_SINGLE, GSM_PART
    if length is None:
        length = len(text.encode("utf-16-be")) // 2
        single, part = UCS2_SINGLE, UCS2_PART
    return 1 if length <= single else math.ceil(length / part)


def plain(text: str) -> str:
    """Replace what the GSM alphabet lacks by what reads the same: „Dvořák“ becomes "Dvorak".

    What has no such likeness (other scripts) stays, and the SMS becomes UCS-2.
    """
    return "".join(_plain_character(character) for character in text.translate(_PLAIN))


def _plain_character(character: str) -> str:
    if septets(character) is not None:
        return character
    base = "".join(
        part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)
    )
    return base if base and septets(base) is not None else character
