import numpy as np

from hotline.speech.background import callers_own
from hotline.speech.words import UNKNOWN, Word


def levels(*parts):
    """Frame levels in dBFS of parts (milliseconds, level)."""
    return np.concatenate([np.full(milliseconds // 20, dbfs) for milliseconds, dbfs in parts])


def texts(words):
    return " ".join(word.text for word in words)


DREI = Word("drei", 400, 520, 1.0)
ACHT = Word("acht", 1000, 1200, 1.0)


def test_soft_words_apart_from_the_callers_are_left_away():
    line = levels((400, -60.0), (120, -40.0), (480, -60.0), (200, -20.0))
    assert texts(callers_own([DREI, ACHT], line)) == "acht"
    line = levels((400, -60.0), (120, -20.0), (480, -60.0), (200, -40.0))
    assert texts(callers_own([DREI, ACHT], line)) == "drei"


def test_a_soft_word_right_beside_a_loud_one_is_kept():
    beside = Word("acht", 600, 800, 1.0)
    assert texts(callers_own([DREI, beside], levels((600, -40.0), (200, -20.0)))) == "drei acht"


def test_a_word_whose_loudest_comes_after_its_last_phone_is_the_callers():
    line = levels((400, -60.0), (120, -40.0), (160, -25.0), (320, -60.0), (200, -20.0))
    assert texts(callers_own([DREI, ACHT], line)) == "drei acht"


def test_the_loudness_of_the_next_word_is_not_the_words_own():
    sooner = Word("acht", 720, 900, 1.0)
    line = levels((400, -60.0), (120, -40.0), (200, -60.0), (180, -20.0))
    assert texts(callers_own([DREI, sooner], line)) == "acht"


def test_loud_unknown_speech_does_not_hide_the_answer():
    unknown = Word(UNKNOWN, 400, 520, 1.0)
    line = levels((400, -60.0), (120, -5.0), (480, -60.0), (200, -30.0))
    assert texts(callers_own([unknown, ACHT], line)) == f"{UNKNOWN} acht"


def test_of_nothing_heard_nothing_is_kept():
    assert callers_own([], levels((400, -60.0))) == []
