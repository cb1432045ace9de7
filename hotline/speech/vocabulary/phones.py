"""The phones that the acoustic net tells apart, and how to get from espeak-ng's notation to them.

Phones are written in X-SAMPA, as in ``a n m E l d @ n``. The order is that of the net's outputs: blank,
silence, then the phones.
"""

from __future__ import annotations

import re
import unicodedata

_VOWELS = "a a: E E: I i: O o: U u: Y y: 2: 9 e: @ 6 aI aU OY"
_CONSONANTS = "b C d f g h j k l m n N p R s S t v x z Z ts tS pf"
VOWELS = tuple(_VOWELS.split())
PHONES = VOWELS + tuple(_CONSONANTS.split())
"""The net's phones, in the order of its outputs."""
BLANK = 0
"""The net's output for "nothing new", as in CTC (Graves et al. 2006)."""
SILENCE = 1
"""The net's output for silence."""
OUTPUT = {phone: number for number, phone in enumerate(PHONES, 2)}
"""Phone → number of the net's output."""
ANY = 2 + len(PHONES)
"""The output that is the best of all phones; it makes up ``[unk]``."""

POSITIONS = ("B", "E", "I", "S")
"""Kaldi's places of a phone in a word: begin, end, internal, singleton. From them Vosk takes word times."""
SIL, BLK = 1, 2
"""Numbers of the two phones outside words: silence, and the blank frames between words."""

_KALDI = {
    (phone, position): number
    for number, (phone, position) in enumerate(
        ((phone, position) for phone in (*PHONES, "ANY") for position in POSITIONS), 3
    )
}
COUNT = 2 + len(_KALDI)
"""How many phones Kaldi's files number, counted from 1."""

_IPA = {  # "??" is how espeak-ng 1.51 writes the vowel of "durch"
    **{"a": "a", "ɑ": "a", "ɑː": "a:", "aː": "a:", "ʌ": "a", "ɐ": "6", "ɜ": "6", "ɜː": "9", "ɚ": "6"},
    **{"ɛ": "E", "ɛː": "E:", "æ": "E", "e": "e:", "eː": "e:", "ə": "@", "ɪ": "I", "i": "i:", "iː": "i:"},
    **{"ɔ": "O", "ɔː": "O", "ɒ": "O", "o": "o:", "oː": "o:", "ʊ": "U", "u": "u:", "uː": "u:"},
    **{"y": "Y", "ʏ": "Y", "yː": "y:", "ø": "2:", "øː": "2:", "œ": "9"},
    **{"aɪ": "aI", "aʊ": "aU", "ɔø": "OY", "ɔɪ": "OY", "eɪ": "e:", "oʊ": "o:", "əʊ": "o:"},
    **{"b": "b", "ç": "C", "d": "d", "f": "f", "ɡ": "g", "g": "g", "h": "h", "j": "j", "k": "k", "l": "l"},
    **{"m": "m", "n": "n", "ŋ": "N", "ɲ": "n j", "p": "p", "r": "R", "ɾ": "R", "ɹ": "R", "ʁ": "R"},
    **{"s": "s", "ʃ": "S", "t": "t", "v": "v", "w": "v", "x": "x", "z": "z", "ʒ": "Z", "θ": "s", "ð": "z"},
    **{"ts": "ts", "tʃ": "tS", "dʒ": "tS", "pf": "pf", "ks": "k s", "n̩": "@ n", "l̩": "@ l", "əl": "@ l"},
    **{"??": "U R", "ʔ": "", "ɑ̃": "a", "ɔ̃": "O", "ɛ̃": "E", "œ̃": "9"},
}


class PronunciationError(ValueError):
    """A pronunciation that cannot be used. The text is a German sentence for the operator."""


def kaldi(phone: str, position: str) -> int:
    """Return Kaldi's number of a phone, or of ``ANY``, at a place in a word."""
    return _KALDI[phone, position]


def in_word(phones: tuple[str, ...]) -> tuple[int, ...]:
    """Return Kaldi's numbers of a word's phones."""
    last = len(phones) - 1
    if last == 0:
        return (kaldi(phones[0], "S"),)
    places = ("B" if at == 0 else "E" if at == last else "I" for at in range(len(phones)))
    return tuple(kaldi(phone, place) for phone, place in zip(phones, places, strict=True))


def parse(text: str) -> tuple[str, ...]:
    """Read a pronunciation typed in X-SAMPA, phones separated by blanks.

    :raises PronunciationError: if it is empty or has a phone that the net does not know.
    """
    phones = tuple(text.split())
    if not phones:
        raise PronunciationError("Die Aussprache ist leer.")
    if wrong := [phone for phone in phones if phone not in OUTPUT]:
        raise PronunciationError(
            f"„{' '.join(wrong)}“ gibt es nicht unter den Lauten; bekannt sind: {' '.join(PHONES)}."
        )
    return single(phones)


def from_ipa(text: str) -> tuple[str, ...]:
    """Turn what espeak-ng prints with ``--ipa --sep=_`` into phones.

    >>> from_ipa("ʃ_t_ɾ_ˈɑː_s_ə")
    ('S', 't', 'R', 'a:', 's', '@')

    :raises PronunciationError: if there is a sign that has no counterpart.
    """
    plain = re.sub(r"\([a-z-]+\)|[ˈˌ]", "", unicodedata.normalize("NFC", text))
    found: list[str] = []
    for sign in re.split(r"[_\s]+", plain):
        if sign:
            found += _phones_of(sign)
    if not found:
        raise PronunciationError(f"„{text}“ enthält keinen Laut.")
    return single(_spoken(found))


def _phones_of(sign: str) -> list[str]:
    for known in (sign, sign.rstrip("ː")):
        if known in _IPA:
            return _IPA[known].split()
    if len(sign) > 1:  # a diphthong or a vowel with r, written as one: its longest known beginning
        for length in range(len(sign) - 1, 0, -1):
            if sign[:length] in _IPA:
                return [*_IPA[sign[:length]].split(), *_phones_of(sign[length:])]
    raise PronunciationError(f"Der Laut „{sign}“ hat keine Entsprechung.")


def _spoken(phones: list[str]) -> tuple[str, ...]:
    """Say phones as Germans do: *Uhr* is ``u: 6``, *Bank* ``b a N k``; a stop and its fricative are one."""
    spoken: list[str] = []
    for at, phone in enumerate(phones):
        before = phones[at - 1] if at else ""
        after = phones[at + 1] if at + 1 < len(phones) else ""
        if phone == "R" and before in VOWELS and after not in VOWELS:
            if before in ("@", "6"):
                spoken[-1] = "6"
            elif before != "a:":
                spoken.append("6")
        elif phone == "n" and after == "k":
            spoken.append("N")
        elif spoken and spoken[-1] + phone in ("ts", "tS", "pf"):
            spoken[-1] += phone
        else:
            spoken.append(phone)
    return tuple(spoken)


def single(phones: tuple[str, ...]) -> tuple[str, ...]:
    """Collapse a phone said twice: without a blank between them, the net hears one."""
    return tuple(phone for at, phone in enumerate(phones) if at == 0 or phone != phones[at - 1])
