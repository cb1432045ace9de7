"""When a human answers, and by when a call-back is promised."""

import datetime as dt

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.settings import Settings
from hotline.telephony.agents import STEP, Agents
from hotline.terms import BERLIN

HAMBURG = holidays.country_holidays("DE", subdiv="HH")


def agents(number="+494042828100", hours=10, opens=dt.time(8), closes=dt.time(18)):
    return Agents(number, opens, closes, hours, lambda day: day in HAMBURG)


def at(*local):
    return dt.datetime(*local, tzinfo=BERLIN).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ((2026, 12, 2, 8, 0), True),
        ((2026, 12, 2, 7, 59), False),
        ((2026, 12, 2, 17, 59), True),
        ((2026, 12, 2, 18, 0), False),
        ((2026, 12, 5, 10, 0), False),  # Saturday
        ((2026, 12, 6, 10, 0), False),  # Sunday
        ((2026, 12, 25, 10, 0), False),  # Christmas, a Friday
        ((2026, 10, 31, 10, 0), False),
        ((2027, 3, 29, 10, 0), False),  # Easter Monday
        ((2026, 7, 1, 8, 0), True),  # summer time
        ((2026, 7, 1, 18, 0), False),
    ],
)
def test_they_answer_on_working_days_in_their_hours(moment, there):
    assert agents().there(at(*moment)) == there


def test_without_a_number_nobody_answers():
    assert not agents(number="").there(at(2026, 12, 2, 10))


@pytest.mark.parametrize(
    ("asked", "promised"),
    [
        ((2026, 12, 2, 8, 0), (2026, 12, 2, 18, 0)),
        ((2026, 12, 2, 10, 0), (2026, 12, 3, 10, 0)),
        ((2026, 12, 2, 10, 7), (2026, 12, 3, 10, 15)),
        ((2026, 12, 2, 6, 0), (2026, 12, 2, 18, 0)),
        ((2026, 12, 2, 22, 0), (2026, 12, 3, 18, 0)),
        ((2026, 12, 4, 17, 0), (2026, 12, 7, 17, 0)),  # over a weekend
        ((2026, 12, 5, 12, 0), (2026, 12, 7, 18, 0)),
        ((2026, 12, 24, 12, 0), (2026, 12, 28, 12, 0)),  # over Christmas
        ((2027, 3, 26, 12, 0), (2027, 3, 30, 18, 0)),  # over Easter, and over the change of the clocks
    ],
)
def test_a_call_back_is_promised_within_so_many_of_their_hours(asked, promised):
    assert agents().call_back_by(at(*asked)) == at(*promised)


@given(
    st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: at(2026, 1, 1) + dt.timedelta(minutes=minutes)),
    st.integers(1, 40),
    st.integers(6, 11),
    st.integers(12, 20),
)
def test_a_promise_is_in_the_future_in_steps_of_a_quarter_and_when_somebody_is_there_to_keep_it(
    now, hours, opens, closes
):
    staff = agents(hours=hours, opens=dt.time(opens), closes=dt.time(closes))
    by = staff.call_back_by(now)
    assert by > now
    assert by.minute % (STEP.seconds // 60) == by.second == by.microsecond == 0
    assert staff.there(by - dt.timedelta(minutes=15))
    assert by - now >= dt.timedelta(hours=min(hours, 1))


def test_the_settings_say_who_they_are():
    settings = Settings(_env_file=None, agents_number="+4940", agents_from="09:00", callback_hours=3)
    staff = Agents.of(settings, lambda day: False)
    assert (staff.number, staff.opens, staff.closes, staff.callback_hours) == (
        "+4940",
        dt.time(9),
        dt.time(18),
        3,
    )
