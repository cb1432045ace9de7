"""Speaks the corpus into files, with a manifest.

The same seed gives the same words in the same voices. Pico does not always speak a text alike: once in some
hundred sentences, a sound lasts longer.
"""

from __future__ import annotations

from collections import Counter
from itertools import count
from random import Random
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from hotline.dialog.understanding import Decision
from hotline.evaluation import manifest
from hotline.evaluation.corpus import sounds, texts, voices
from hotline.evaluation.path import meaning_of
from hotline.speech import audio

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from hotline.dialog.city import City
    from hotline.dialog.understanding import Understanding
    from hotline.speech.audio import Samples

THINKING_MS = (500, 900)
"""How long a speaker thinks in the middle of an answer: less than the silence that ends an open turn."""
DIGITS_THINKING_MS = (700, 1400)
"""And between groups of digits, where more is waited for."""
REJECTED_AT = ("offer", "service", "place", "day", "more", "reference")
"""The questions at which what is no answer is heard."""


def generate(
    folder: Path,
    understanding: Understanding,
    city: City,
    voice_set: str,
    *,
    seed: int,
    limit: int,
    groups: Collection[str] = (),
    practice: Sequence[str] = (),
    begin: Callable[[int], None] = lambda total: None,
    advance: Callable[[], None] = lambda: None,
) -> Path:
    """Speak ``limit`` answers, up to a third as many things that are none, and a tenth as many answers before
    which something else was said; return the manifest.

    Each is spoken once, by one of the voices of ``voice_set``, in one of the styles; a smaller corpus is a
    part of a larger one, evenly over the groups. Where ``limit`` is more than there are answers, more are
    made, with other dates, wrappings and voices.

    :param groups: what only to speak, as "when" and "where"; everything where empty.
    :param practice: words to make senseless strings of, half as many as answers. For training; then what is
        no answer is only sounds, because the sentences are for measuring. With ``groups``, only
        those words that the groups' answers hold.
    :raises hotline.evaluation.corpus.voices.NoVoiceError: if a voice is not installed.
    """
    where = f"{seed}/{voice_set}"
    random = Random(where)  # noqa: S311 - no secret
    chosen = _answers(understanding, city, where, limit, groups)
    others = _no_answers(Random(f"{where}/none"), sounds_only=bool(practice))  # noqa: S311
    others = others[: max(len(sounds.KINDS), limit // 3)]
    if practice and groups:
        practice = sorted({word for answer in chosen for word in texts.plain(answer.text).split()})
    asides = texts.asides(chosen, Random(f"{where}/asides"), 0 if groups else limit // 10)  # noqa: S311
    if practice:
        chosen += texts.practice(practice, Random(f"{where}/practice"), limit // 2)  # noqa: S311
    begin(len(chosen) + len(others) + len(asides))
    rows: list[dict[str, str]] = []

    def speak(answers: Sequence[texts.Answer]) -> None:
        for number, answer in enumerate(answers):
            voice, style = random.choice(voices.SETS[voice_set]), random.choice(voices.STYLES)
            name = f"{answer.group}-{number:04}.wav"
            samples = _say(answer, voice, style, crc32(f"{where}/{name}".encode()))
            rows.append(_write(folder, name, samples, answer, f"{voice} {style}"))
            advance()

    speak(chosen)
    for number, (kind, text, language) in enumerate(others):
        name = f"reject-{number:04}.wav"
        answer = texts.Answer(REJECTED_AT[number % len(REJECTED_AT)], "reject", text)
        own_seed = crc32(f"{where}/{name}".encode())
        if kind == "speech":
            voice = random.choice(voices.SETS[voice_set])
            voice = voices.Voice(language) if language != "de" else voice
            samples = voices.speak(text, voice, seed=own_seed)
        else:
            samples = sounds.KINDS[kind](own_seed)
        rows.append(_write(folder, name, samples, answer, kind) | {"expected": manifest.REJECT})
        advance()
    speak(asides)
    path = folder / "manifest.tsv"
    manifest.write(path, rows)
    return path


def _answers(
    understanding: Understanding, city: City, where: str, limit: int, groups: Collection[str]
) -> list[texts.Answer]:
    found: list[texts.Answer] = []
    for again in count():
        random = Random(f"{where}/{again}")  # noqa: S311
        made = texts.answers(understanding.grammars, city, random)
        wanted = [one for one in made if not groups or one.group in groups]
        found += _evenly(_understandable(understanding, wanted), random)
        if len(found) >= limit:
            break
    return found[:limit]


def _understandable(understanding: Understanding, found: list[texts.Answer]) -> list[texts.Answer]:
    """Leave out what the dialog would not take even if it heard every word: that is not the ear's fault."""
    return [
        one
        for one in found
        if meaning_of(understanding, one.question, texts.plain(one.text)).decision is not Decision.REJECT
    ]


def _evenly(found: list[texts.Answer], random: Random) -> list[texts.Answer]:
    """Shuffle so that every beginning of the list holds all groups alike."""
    random.shuffle(found)
    seen: Counter[str] = Counter()
    place: list[tuple[int, str, int]] = []
    for at, one in enumerate(found):
        seen[one.group] += 1
        place.append((seen[one.group], one.group, at))
    return [found[at] for _, _, at in sorted(place)]


def _no_answers(random: Random, *, sounds_only: bool) -> list[tuple[str, str, str]]:
    """Return what is no answer: kind of sound, words, language."""
    german = [("speech", text, "de") for text in texts.OFF_TOPIC]
    foreign = [("speech", text, language) for language, said in texts.FOREIGN.items() for text in said]
    noises = [(kind, "", "") for kind in sounds.KINDS for _ in range(6)]
    found = noises * 10 if sounds_only else german * 3 + foreign + noises
    random.shuffle(found)
    return found


def _say(answer: texts.Answer, voice: voices.Voice, style: voices.Style, seed: int) -> Samples:
    random = Random(seed)  # noqa: S311
    least, most = DIGITS_THINKING_MS if answer.group == "number" else THINKING_MS
    parts: list[Samples] = []
    for piece in (answer.aside, *answer.text.split(texts.PAUSE)):
        if not piece:
            continue
        if parts:
            parts.append(np.zeros(voices.RATE * random.randint(least, most) // 1000, np.int16))
        parts.append(voices.speak(piece.strip(), voice, style=style, seed=seed))
    return np.concatenate(parts)


def _write(folder: Path, name: str, samples: Samples, answer: texts.Answer, speaker: str) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    audio.write_wav(folder / name, samples, voices.RATE)
    return {
        "file": name,
        "text": texts.plain(answer.text),
        "aside": answer.aside,
        "question": answer.question,
        "group": answer.group,
        "speaker": speaker,
        "source": "synthetic",
        "spoken_ms": str(len(samples) * 1000 // voices.RATE),
    }
