"""What is asked back about, however sure the recogniser was of its words, and what is not."""

import pytest

from hotline.dialog.german.words import UNKNOWN
from hotline.dialog.steps import Ask, Meaning
from hotline.dialog.understanding import Decision, Word

from .callers import UNDERSTANDING
from .hearing import TODAY, hear


@pytest.mark.parametrize("said", ["ja äh", "ja also", "ja also äh"])
def test_a_ja_that_opened_an_answer_that_was_not_heard_is_asked_back_about(said):
    assert hear("confirm", said).meaning == Meaning("yes")
    assert hear("confirm", said).decision == Decision.CONFIRM


def test_ja_and_nein_without_a_hesitation_are_asked_back_about():
    assert hear("confirm", "ja nein").decision == Decision.CONFIRM


@pytest.mark.parametrize(("unknown_ms", "decision"), [(500, Decision.ACCEPT), (4000, Decision.CONFIRM)])
def test_what_follows_long_other_talk_is_asked_back_about(unknown_ms, decision):
    words = [Word(UNKNOWN, 1.0, unknown_ms), Word("nicht", 0.85, 270), Word("richtig", 0.85, 360)]
    assert UNDERSTANDING.words(Ask("confirm"), words, TODAY).decision == decision


@pytest.mark.parametrize(
    ("question", "heard", "decision"),
    [
        ("service", [(UNKNOWN, 1.0), ("personalausweis", 0.99)], Decision.ACCEPT),
        ("place", [("äh", 0.6), (UNKNOWN, 0.7), ("äh", 0.5), ("in", 0.99), ("altona", 1.0)], Decision.ACCEPT),
        ("service", [(UNKNOWN, 1.0), ("personalausweis", 0.9)], Decision.CONFIRM),
        ("service", [("personalausweis", 1.0), (UNKNOWN, 1.0)], Decision.CONFIRM),
        ("confirm", [(UNKNOWN, 1.0), ("ja", 1.0)], Decision.CONFIRM),
    ],
)
def test_only_a_sure_answer_to_an_open_question_stands_after_long_words_to_somebody_in_the_room(
    question, heard, decision
):
    words = [Word(text, confidence, 3000 if text == UNKNOWN else 500) for text, confidence in heard]
    assert UNDERSTANDING.words(Ask(question), words, TODAY).decision == decision


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ("am montag am mittwoch", Decision.CONFIRM),
        ("am montag mein am mittwoch", Decision.CONFIRM),
        ("am sechsten zwanzigsten dezember", Decision.CONFIRM),
        ("am montag oder mittwoch", Decision.ACCEPT),
        ("montag mittwoch freitag", Decision.ACCEPT),
        ("montags mittwochs", Decision.ACCEPT),
        ("am montag nein am mittwoch", Decision.ACCEPT),
        ("nächste woche mittwoch", Decision.ACCEPT),
        ("mittwoch den neunten dezember", Decision.ACCEPT),
        ("ab januar mittwochs", Decision.ACCEPT),
    ],
)
def test_two_days_with_nothing_between_them_are_asked_back_about(said, decision):
    assert hear("day", said).decision == decision


def test_two_places_with_nothing_between_them_are_asked_back_about():
    assert hear("place", "altona wandsbek").decision == Decision.CONFIRM


def test_an_answer_is_as_sure_as_the_least_sure_word_that_carries_it():
    sure, unsure = Word("am"), Word("juli", 0.5)
    words = [sure, Word("sechzehnten"), unsure]
    assert UNDERSTANDING.words(Ask("day"), words, TODAY).confidence == unsure.confidence


@pytest.mark.parametrize("said", ["nächsten freitag am vor", "nächsten freitag am acht", "am montag gegen"])
def test_more_of_a_day_or_a_time_than_was_understood_is_asked_back_about(said):
    assert hear("day", said).decision == Decision.CONFIRM


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("place", "um sieben uhr"),
        ("day", "nach altona"),
        ("time", "in altona"),
        ("day", "am montag altona"),
        ("day", "am april"),
        ("place", "in neun anderen"),
        ("day", "am donnerstag haben"),
        ("time", "sieben"),
        ("day", "am donnerstag nach"),
        ("day", "am montag am nach mitte"),
        ("day", "am dienstag nach mitte"),
        ("day", "am achtzehnten am"),
        ("day", f"am fünften {UNKNOWN}"),
        ("day", "am bitte juli"),
        ("day", "am späten"),
        ("offer", "am sechs uhr zwanzigsten januar"),
    ],
)
def test_an_answer_made_of_odd_parts_is_asked_back_about(question, said):
    assert hear(question, said).decision == Decision.CONFIRM


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("place", "in altona um neun uhr"),
        ("place", "egal"),
        ("day", "am montag in altona"),
        ("day", "vormittags"),
        ("day", "im april"),
        ("offer", "nach altona"),
        ("offer", "um neun uhr"),
        ("day", "am liebsten in altona am fünften"),
        ("day", "am äh fünften januar"),
        ("day", "bis zum dritten am liebsten"),
        ("offer", "im bezirk altona am montag"),
        ("day", "am montag am späten nachmittag"),
        ("offer", "am besten am montag wenn es geht"),
    ],
)
def test_an_answer_may_say_more_than_was_asked(question, said):
    assert hear(question, said).decision == Decision.ACCEPT


def test_small_words_beside_a_wish_do_not_make_it_less_sure():
    assert hear("day", "heute noch").confidence == 1.0
    assert hear("day", "am montag nein am mittwoch").confidence == 1.0


@pytest.mark.parametrize(
    "said",
    [
        "ob mir der termin passt",
        "ob mir der termin passt ja",
        "ob der passt",
        "wann es mir der passt näher",
    ],
)
def test_a_question_said_again_is_no_yes(said):
    assert hear("offer", said).decision != Decision.ACCEPT


@pytest.mark.parametrize(
    ("question", "again", "said"),
    [
        ("service", "was ich brauche", "personalausweis"),
        ("place", "wo ich hin möchte", "in altona"),
        ("place", "welcher bezirk", "altona"),
        ("day", "welcher tag", "am montag"),
        ("day", "wann es mir passt", "am montag"),
        ("time", "wann ich kann", "um neun uhr"),
        ("offer", "wann es mir besser passt", "am montag"),
    ],
)
def test_an_answer_after_the_question_said_again_is_understood(question, again, said):
    understood = hear(question, f"{again} {said}")
    assert understood.decision == Decision.ACCEPT
    assert understood.meaning == hear(question, said).meaning
