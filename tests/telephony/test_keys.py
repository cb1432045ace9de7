"""Keys of one answer: single ones for menus, several for digits, and trembling fingers."""

import pytest

from hotline.telephony.keys import BETWEEN_MS, BOUNCE_MS, Keypad

MENU = frozenset("123")
DIGITS = (6, 16)
PACE = BOUNCE_MS + 100


def press(keypad, keys, digits=None, menu=MENU, start=0):
    """Press keys at a calm pace; return the answers and when the last key came."""
    now, answers = start, []
    for key in keys:
        now += PACE
        answer = keypad.press(key, now, digits, menu)
        if answer is not None:
            answers.append(answer)
    return answers, now


@pytest.mark.parametrize("key", "0123456789*#")
def test_in_a_menu_every_key_is_an_answer(key):
    assert press(Keypad(), key)[0] == [key]


def test_digits_are_collected_until_the_hash():
    keypad = Keypad()
    assert press(keypad, "01761234567", DIGITS)[0] == []
    assert keypad.collecting
    assert press(keypad, "#", DIGITS, start=20000)[0] == ["01761234567"]
    assert not keypad.collecting


def test_or_until_there_are_as_many_as_can_be():
    assert press(Keypad(), "0123", (4, 4), frozenset())[0] == ["0123"]
    assert press(Keypad(), "1" * 16, DIGITS, frozenset())[0] == ["1" * 16]


def test_or_until_none_follows():
    keypad = Keypad()
    _, last = press(keypad, "0176", DIGITS)
    assert keypad.due(last + BETWEEN_MS - 20) is None
    assert keypad.due(last + BETWEEN_MS) == "0176"
    assert keypad.due(last + 2 * BETWEEN_MS) is None


def test_a_key_of_the_menu_is_an_answer_where_digits_may_be_keyed_too():
    assert press(Keypad(), "1", DIGITS)[0] == ["1"]


def test_in_a_number_the_menu_s_keys_are_digits():
    keypad = Keypad()
    assert press(keypad, "0123", DIGITS)[0] == []
    assert keypad.keys == "0123"


def test_nought_alone_is_an_answer_after_a_pause():
    keypad = Keypad()
    _, last = press(keypad, "0", DIGITS)
    assert keypad.due(last + BETWEEN_MS) == "0"


@pytest.mark.parametrize("key", "*#")
def test_star_and_hash_alone_are_answers_where_digits_are_keyed(key):
    assert press(Keypad(), key, DIGITS)[0] == [key]


def test_the_star_drops_what_was_begun():
    keypad = Keypad()
    assert press(keypad, "0176*", DIGITS)[0] == ["*"]
    assert not keypad.collecting


def test_a_trembling_finger_counts_once():
    keypad = Keypad()
    answers = [keypad.press("1", 1000 + number * 50, None, MENU) for number in range(20)]
    assert [answer for answer in answers if answer] == ["1"]
    assert keypad.press("1", 1000 + 19 * 50 + BOUNCE_MS, None, MENU) == "1"


def test_fast_fingers_lose_no_digit_of_a_number():
    keypad = Keypad()
    for number, key in enumerate("01761234567"):
        assert keypad.press(key, 1000 + number * 80, DIGITS, MENU) is None
    assert keypad.keys == "01761234567"


def test_another_question_begins_afresh():
    keypad = Keypad()
    press(keypad, "0176", DIGITS)
    keypad.reset()
    assert not keypad.collecting
    assert keypad.due(100_000) is None
