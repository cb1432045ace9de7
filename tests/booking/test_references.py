from hypothesis import given
from hypothesis import strategies as st

from hotline.booking.references import LENGTH, check_digit, is_valid, new_reference

digits = st.text("0123456789", min_size=LENGTH - 1, max_size=LENGTH - 1)


def test_the_check_digit_is_that_of_damms_example():
    assert check_digit("572") == "4"


def test_references_are_nine_digits_and_do_not_begin_with_nought():
    for reference in (new_reference() for _ in range(500)):
        assert is_valid(reference)
        assert len(reference) == 9
        assert reference[0] != "0"


@given(digits, st.integers(0, LENGTH - 1), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_noticed(body, place, digit):
    right = body + check_digit(body)
    wrong = right[:place] + digit + right[place + 1 :]
    assert is_valid(wrong) == (wrong == right)


@given(digits, st.integers(0, LENGTH - 2))
def test_swapped_neighbours_are_noticed(body, place):
    right = body + check_digit(body)
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert is_valid(wrong) == (wrong == right)


def test_what_is_no_reference_is_refused():
    for text in ("", "12345678", "1234567890", "12345678a", "١٢٣٤٥٦٧٨٩", "-12345678"):
        assert not is_valid(text)
