from pathlib import Path

import pytest

from hotline.dialog.grammar import Bounds, Confidence, Kind
from hotline.dialog.steps import Meaning
from hotline.dialog.understanding import Decision, Understood, Word
from hotline.evaluation.calibrate import ENOUGH, LEAST, LEAST_ASKED, MOST, calibrate, find, merged
from hotline.evaluation.manifest import Item
from hotline.evaluation.path import Turn
from hotline.evaluation.scoring import Outcome, edits, figures, score
from hotline.speech.endpointing import State

YES, NO = Meaning("yes"), Meaning("no")


def scored(
    decision,
    meaning,
    expected=YES,
    *,
    confidence=0.9,
    text="ja",
    heard="ja",
    ended=1500,
    end=800,
    doubtful=False,
):
    item = Item(Path("a/b.wav"), text, "more", "yes_no", "", "?", "real", expected is None, None)
    words = tuple(Word(word, confidence) for word in heard.split())
    turn = Turn(State.END, words, Understood(decision, confidence, meaning, doubtful), ended, 0.02)
    return score(item, "clean", "m", Kind.YES_NO, expected, turn, end, 80000)


@pytest.mark.parametrize(
    ("decision", "meaning", "expected", "outcome"),
    [
        (Decision.ACCEPT, YES, YES, Outcome.RIGHT),
        (Decision.ACCEPT, NO, YES, Outcome.WRONG),
        (Decision.ACCEPT, YES, None, Outcome.WRONG),
        (Decision.CONFIRM, YES, YES, Outcome.ASKED_BACK),
        (Decision.CONFIRM, NO, YES, Outcome.ASKED_WRONG),
        (Decision.REJECT, YES, YES, Outcome.REJECTED),
        (Decision.REJECT, None, None, Outcome.REJECTED),
    ],
)
def test_an_answer_comes_to_one_of_five_things(decision, meaning, expected, outcome):
    assert scored(decision, meaning, expected).outcome is outcome


def test_a_turn_that_ends_while_the_caller_speaks_is_cut_off():
    assert scored(Decision.ACCEPT, YES, ended=1500, end=1700).cut_off
    assert not scored(Decision.ACCEPT, YES, ended=1500, end=1550).cut_off


def test_a_caller_who_waits_too_long_is_counted():
    assert scored(Decision.ACCEPT, YES, ended=3000, end=800).waited_too_long
    assert not scored(Decision.ACCEPT, YES, ended=1600, end=800).waited_too_long


def test_what_is_no_answer_is_counted_apart():
    one = figures(
        [
            scored(Decision.ACCEPT, YES),
            scored(Decision.ACCEPT, YES, None),
            scored(Decision.REJECT, None, None),
        ]
    )
    assert (one.answers, one.right, one.wrong) == (1, 1.0, 0.0)
    assert (one.no_answers, one.no_answers_taken) == (2, 0.5)


def test_digits_are_counted_one_by_one():
    expected, heard = Meaning("digits", "1234567890"), Meaning("digits", "123456789")
    assert figures([scored(Decision.ACCEPT, heard, expected)]).digits_right == pytest.approx(0.9)


def test_word_errors_are_edits():
    assert edits(["am", "dritten", "mai"], ["am", "dritten"]) == 1
    assert edits([], ["äh"]) == 1
    assert edits(["eins", "zwei"], ["zwei", "eins", "zwei", "drei"]) == 2


def test_bounds_keep_the_wanted_rate_of_wrong_acceptances():
    right = [scored(Decision.ACCEPT, YES, confidence=0.6 + 0.004 * at) for at in range(95)]
    wrong = [scored(Decision.ACCEPT, NO, confidence=0.5 + 0.03 * at) for at in range(5)]
    found = find([*right, *wrong], wanted=0.01)
    assert found.reached
    assert found.wrong <= 0.01
    assert found.bounds.accept == pytest.approx(0.6, abs=0.011)
    assert found.bounds.confirm <= found.bounds.accept


def test_a_single_wrong_turn_of_a_few_raises_no_bound():
    right = [scored(Decision.ACCEPT, YES, confidence=0.6)] * 99
    wrong = scored(Decision.ACCEPT, NO, confidence=0.9)
    assert find([*right, wrong], wanted=0.003).bounds.accept == LEAST
    assert find([*right, wrong, wrong], wanted=0.003).bounds.accept > 0.9


def test_bounds_that_cannot_help_are_said_not_to():
    certain = [scored(Decision.ACCEPT, NO, confidence=1.0) for _ in range(10)]
    found = find([*certain, *[scored(Decision.ACCEPT, YES) for _ in range(90)]], wanted=0.01)
    assert not found.reached
    assert LEAST <= found.bounds.accept <= MOST


def test_what_is_asked_back_about_anyway_needs_no_bound():
    right = [scored(Decision.ACCEPT, YES, confidence=0.9) for _ in range(9)]
    odd = scored(Decision.CONFIRM, NO, confidence=1.0, doubtful=True)
    found = find([*right, odd], wanted=0.0)
    assert (found.bounds.accept, found.wrong, found.reached) == (LEAST, 0.0, True)


def test_a_question_with_turns_enough_has_bounds_of_its_own():
    bounds = Bounds(accept=0.8, confirm=0.4)
    old = Confidence(bounds={Kind.YES_NO: bounds, Kind.OPEN: bounds}, questions={"day": bounds})
    new = merged(old, *calibrate([scored(Decision.ACCEPT, YES)] * ENOUGH, 0.01))
    own = Bounds(accept=LEAST, confirm=LEAST_ASKED)
    assert new.questions == {"day": bounds, "more": own}
    assert new.bounds == {Kind.YES_NO: own, Kind.OPEN: bounds}
