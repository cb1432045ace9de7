import pytest

from hotline.messages.numbers import Allowed, Reason, allowed_mobile, masked, normalise, written

GERMANY = frozenset({49})


@pytest.mark.parametrize("number", ["+4917612345678", "+4915112345678", "+491601234567"])
def test_a_german_mobile_number_may_be_sent_sms(number):
    assert allowed_mobile(number, GERMANY) == Allowed(number)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("+4940428280", Reason.NOT_MOBILE),
        ("+4932212345678", Reason.NOT_MOBILE),
        ("+491805123456", Reason.NOT_MOBILE),
        ("+497001234567", Reason.INVALID),
        ("+4970012345678", Reason.NOT_MOBILE),
        ("+499001234567", Reason.NOT_MOBILE),
        ("+498001234567", Reason.NOT_MOBILE),
        ("+491641234567", Reason.NOT_MOBILE),
        ("+49115", Reason.INVALID),
        ("+49", Reason.INVALID),
        ("+436641234567", Reason.COUNTRY),
        ("+447911123456", Reason.COUNTRY),
        ("anonymous", Reason.INVALID),
        ("", Reason.INVALID),
        ("017612345678", Reason.INVALID),
        ("+4917612345678" * 50, Reason.INVALID),
    ],
)
def test_landlines_services_and_other_countries_may_not(number, reason):
    assert allowed_mobile(number, GERMANY) == reason


def test_a_plan_that_cannot_tell_mobile_from_fixed_is_let_through_where_its_country_is():
    assert allowed_mobile("+12015550123", frozenset({1})) == Allowed("+12015550123")


@pytest.mark.parametrize(
    "keyed",
    [
        "017612345678",
        "17612345678",
        "+4917612345678",
        "004917612345678",
        "4917612345678",
        "0176 123 456 78#",
        "+49 (0)176 12345678",
    ],
)
def test_a_number_is_understood_however_it_is_keyed(keyed):
    assert normalise(keyed) == "+4917612345678"


def test_a_landline_number_is_understood_too():
    assert normalise("040428280") == "+4940428280"
    assert normalise("0491123456") == "+49491123456"


@pytest.mark.parametrize(
    "keyed", ["", "0", "110", "12345", "0176", "anonymous", "01761234567890123", "0*176#1"]
)
def test_what_is_no_number_is_none(keyed):
    assert normalise(keyed) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+4917612345678", "+49176…678"), ("+49115", "…15"), ("anonymous", "…us"), ("", "…"), (None, "…")],
)
def test_logs_show_no_whole_number(number, shown):
    assert masked(number) == shown


def test_numbers_are_written_as_people_write_them():
    assert written("+4940428280") == "040 428280"
    assert written("+436641234567") == "+43 664 1234567"
    assert written("115") == "115"
