"""What callers say: each question's phrases, as people wrap them, and speech that is no answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hotline.dialog.german.numbers import UNITS, spell, spell_ordinal
from hotline.dialog.grammar import Kind, Topic
from hotline.evaluation.path import DIGIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from hotline.dialog.city import City
    from hotline.dialog.grammar import Grammar, Grammars

PAUSE = "…"
"""Where a speaker thinks for a moment, :data:`~hotline.evaluation.corpus.generate.THINKING_MS` long."""

GROUPS = ("yes_no", "choice", "digit", "service", "when", "where", "wish", "number", "no_number")
"""Kinds of answers."""

ASIDE = "aside"
"""The group of answers before which something else was said."""
_REPEATED = {
    "service": ("was ich brauche", "worum es geht", "welches anliegen"),
    "place": ("welcher bezirk", "wo ich hin möchte", "welches kundenzentrum"),
    "day": ("welcher tag", "wann es mir passt"),
    "time": ("welche uhrzeit", "wann ich kann"),
    "offer": ("ob mir der termin passt", "wann es mir besser passt"),
}
"""The caller says the question again before answering it."""
_TO_THE_ROOM = (
    "erika wo ist denn der zettel",
    "sei doch mal still ich telefoniere",
    "ja ich komme gleich",
    "nein nicht du der hund",
    "wann hat die heike zeit",
    "die fragen mich wo ich hin will",
)
"""The caller speaks to somebody in the room first; some of it sounds like an answer."""

OFF_TOPIC = (
    "Das Wetter bleibt in den nächsten Stunden wechselhaft.",
    "Hast du den Hund schon gefüttert?",
    "Die Kartoffeln müssen noch zwanzig Minuten kochen.",
    "Der Bundeskanzler reist am Wochenende nach Paris.",
    "Mach bitte mal den Fernseher leiser.",
    "Was hat sie gesagt? Ich verstehe das nicht richtig.",
    "Ich glaube, die wollen irgendwas von mir wissen.",
    "Gestern waren wir mit den Enkeln im Zoo.",
    "Und jetzt zum Sport, die Bayern haben wieder gewonnen.",
    "Meine Nachbarin hat mir das so erzählt.",
    "Wo habe ich denn den Zettel hingelegt?",
    "Früher ging das alles viel schneller.",
    "Im zweiten Programm läuft gleich ein Krimi.",
    "Kannst du mal kommen, da redet so ein Automat.",
    "Zwei Eier, ein Pfund Mehl und etwas Butter verrühren.",
    "Die Aktienkurse sind am Mittwoch leicht gefallen.",
    "Ich habe mir beim Einkaufen den Fuß verstaucht.",
    "Guten Appetit, lass es dir schmecken.",
)
"""Other things that people say into a telephone, and a television behind them."""
FOREIGN = {
    "en": (
        "Hello, do you speak English?",
        "I need an appointment for my residence permit.",
        "What did he say?",
    ),
    "tr": ("Merhaba, Türkçe biliyor musunuz?", "Randevu almak istiyorum."),
    "pl": ("Dzień dobry, czy mówi pani po polsku?", "Potrzebuję nowy dowód osobisty."),
    "ru": ("Здравствуйте, вы говорите по-русски?", "Мне нужен паспорт."),
    "fr": ("Bonjour, est-ce que vous parlez français?", "Je voudrais un rendez-vous."),
}
"""Other languages, by espeak-ng's voice."""

_HESITATIONS = ("äh {}", "ja also äh {}", "ähm {} bitte", "also {}", "hm {}", "{} bitte", "na {}")
_SERVICES = (
    "{}",
    "ich brauche {}",
    "ich hätte gern {}",
    "ich möchte {} beantragen",
    "es geht um {}",
    "guten tag ich brauche einen termin für {}",
    "ja also äh {} bitte",
    f"äh {PAUSE} {{}}",
    "wir brauchen {} für mein kind",
)
_PLACES = ("{}", "in {}", "nach {}", "lieber in {}", "am liebsten in {}", "äh {} bitte", f"äh {PAUSE} {{}}")
_MONTHS = (
    "januar", "februar", "märz", "april", "mai", "juni",
    "juli", "august", "september", "oktober", "november", "dezember",
)  # fmt: skip
_DAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag")
_ORDINALS = tuple(spell_ordinal(day) for day in range(1, 32))
_HOURS = tuple(spell(hour) for hour in range(8, 19))
_PARTS = ("vormittags", "nachmittags", "am vormittag", "am nachmittag", "früh", "mittags", "abends")
_RELATIVE = ("morgen", "übermorgen", "nächste woche", "heute noch", "in zwei wochen", "nächsten monat")


@dataclass(frozen=True, slots=True)
class Answer:
    """Something to say in answer to a question."""

    question: str
    group: str
    text: str
    """May hold :data:`PAUSE`."""
    aside: str = ""
    """What is said before it, and is no part of the answer."""


def answers(grammars: Grammars, city: City, random: Random) -> list[Answer]:
    """Return answers to every question: each fixed phrase once, and as many of other kinds."""
    found: list[Answer] = []
    for question, grammar in grammars.questions.items():
        if question == DIGIT:
            continue
        group = _group(question, grammar)
        found += [Answer(question, group, _wrapped(phrase, random)) for phrase in grammar.spoken]
    names = [phrase for service in city.services for phrase in service.synonyms]
    accusatives = [service.accusative.lower() for service in city.services]
    found += [_in("service", "service", _SERVICES, name, random) for name in (*names, *accusatives)]
    places = [phrase for place in (*city.districts, *city.sites) for phrase in place.synonyms]
    found += [_in("place", "where", _PLACES, name, random) for name in places]
    found += [Answer("day", "when", text) for text in _dates(random)]
    found += [Answer("time", "when", text) for text in _times(random)]
    found += [Answer("reference", "number", _digits(random, 8, (4,))) for _ in range(12)]
    found += [Answer("mobile", "number", _digits(random, 11, (4, 7))) for _ in range(12)]
    found += [Answer(DIGIT, "digit", word) for word in (*UNITS, "zwo")]
    found += [Answer("offer", "wish", text) for text in _wishes(places, random)]
    return list(dict.fromkeys(found))


def asides(found: Sequence[Answer], random: Random, count: int) -> list[Answer]:
    """Return ``count`` of the answers to open questions, each after something said aside.

    Every other aside is the question said again, the others are said to somebody in the room.
    """
    open_ones = [one for one in found if one.question in _REPEATED]
    chosen = random.choices(open_ones, k=count) if open_ones else []
    return [
        replace(one, group=ASIDE, aside=random.choice(_TO_THE_ROOM if at % 2 else _REPEATED[one.question]))
        for at, one in enumerate(chosen)
    ]


def practice(words: Sequence[str], random: Random, count: int) -> list[Answer]:
    """Return ``count`` strings of words without sense, for training only: every sound beside every other."""
    return [
        Answer("offer", "practice", " ".join(random.choices(words, k=random.randint(2, 6))))
        for _ in range(count)
    ]


def plain(text: str) -> str:
    """Return the words of an answer without its pauses."""
    return " ".join(word for word in text.split() if word != PAUSE)


def _group(question: str, grammar: Grammar) -> str:
    if grammar.kind is Kind.YES_NO:
        return "yes_no"
    if grammar.kind is Kind.CHOICE:
        return "choice"
    if grammar.kind is Kind.DIGITS:
        return "no_number"
    if Topic.WISHES in grammar.topics:
        return "wish"
    return question


def _wrapped(phrase: str, random: Random) -> str:
    return random.choice(_HESITATIONS).format(phrase) if random.random() < 0.35 else phrase


def _in(question: str, group: str, patterns: Sequence[str], name: str, random: Random) -> Answer:
    return Answer(question, group, random.choice(patterns).format(name))


def _dates(random: Random) -> list[str]:
    pick = random.choice
    found = [f"am {day}" for day in _DAYS] + list(_RELATIVE) + list(_DAYS)
    found += [f"am {pick(_ORDINALS)} {pick(_MONTHS)}" for _ in range(12)]
    found += [f"am {pick(_DAYS)} {pick(_PARTS)}" for _ in range(8)]
    found += [f"am {pick(_ORDINALS)} {PAUSE} {pick(_MONTHS)}" for _ in range(6)]
    found += [f"am {day} nein am {pick(_DAYS)}" for day in _DAYS[:3]]
    found += [f"äh nächsten {pick(_DAYS)} {PAUSE} {pick(_PARTS)}" for _ in range(4)]
    return found


def _times(random: Random) -> list[str]:
    pick = random.choice
    found = [f"um {hour} uhr" for hour in _HOURS] + list(_PARTS)
    found += [f"um halb {pick(_HOURS[:5])}" for _ in range(4)]
    found += [f"ab {pick(_HOURS)} uhr" for _ in range(4)] + [f"gegen {pick(_HOURS)}" for _ in range(4)]
    return found + [f"äh {PAUSE} um {pick(_HOURS)} uhr dreißig" for _ in range(4)]


def _wishes(places: Sequence[str], random: Random) -> list[str]:
    """Return wishes in answer to an offer: of a day, a place, both, and after a "nein"."""
    pick = random.choice
    found = [f"lieber am {pick(_DAYS)}" for _ in range(4)]
    found += [f"nein lieber {pick(_PARTS)}" for _ in range(4)]
    found += [f"am {pick(_DAYS)} {pick(_PARTS)} in {pick(places)}" for _ in range(6)]
    found += [f"geht es auch am {pick(_ORDINALS)} {pick(_MONTHS)}" for _ in range(4)]
    return found + [f"nein lieber in {pick(places)}" for _ in range(6)]


def _digits(random: Random, count: int, breaks: tuple[int, ...]) -> str:
    """Return dictated digits with a pause after each group."""
    words = [random.choice(UNITS) for _ in range(count)]
    for place in reversed(breaks):
        words.insert(place, PAUSE)
    return " ".join(words)
