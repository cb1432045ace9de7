"""The queue's order, its promises, and what happens when two reach for one call."""

import datetime as dt
import threading

import pytest

from hotline.telephony.tables import CallRow
from hotline.telephony.waiting import ServiceLevel, Waiting, active, minutes_in_words

NOW = dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def pass_(self, **time):
        self.now += dt.timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def waiting(database, clock):
    return Waiting(database, clock, ready=lambda _now: 2)


def join(waiting, sid, *, service=None, reason="asked", turn=1):
    with waiting.database.writing() as session:
        if session.get(CallRow, sid) is None:
            session.add(CallRow(sid=sid, number=None, began_at=waiting.clock(), streams=0, outcome={}))
    waiting.join(sid, turn, reason=reason, summary="", service=service, hold=None)


def order(waiting):
    with waiting.database.reading() as session:
        return [row.call_sid for row in active(session, waiting.clock())]


def test_who_comes_back_goes_first_then_who_is_booking_then_who_came_first(waiting, clock):
    for sid, about in {
        "new": {},
        "newer": {},
        "booking": {"service": "Reisepass"},
        "back": {"reason": "number"},
    }.items():
        join(waiting, sid, **about)
        clock.pass_(seconds=1)
    assert order(waiting) == ["back", "booking", "new", "newer"]
    assert [waiting.place(sid).number for sid in order(waiting)] == [1, 2, 3, 4]


def test_joining_again_changes_nothing(waiting, clock):
    join(waiting, "one")
    clock.pass_(minutes=1)
    join(waiting, "one")
    assert order(waiting) == ["one"]
    assert waiting.get("one").since == NOW


def test_who_finds_an_agent_free_does_not_wait_and_the_others_wait_their_share(waiting):
    for sid in ("first", "second", "third", "fourth"):
        join(waiting, sid)
    expected = [waiting.place(sid).expected for sid in ("first", "second", "third", "fourth")]
    assert expected == [dt.timedelta(minutes=wait) for wait in (0, 0, 2, 4)]


def test_the_wait_is_learnt_from_the_last_conversations(waiting, clock):
    for number in range(5):
        sid = f"past{number}"
        join(waiting, sid)
        waiting.take(sid, "anna")
        waiting.answer(sid)
        clock.pass_(minutes=1)
        waiting.end(sid, "talked")
    for sid in ("first", "second", "third"):
        join(waiting, sid)
    assert waiting.place("third").expected == dt.timedelta(seconds=30)


def test_of_many_who_take_one_call_at_once_one_gets_it(waiting):
    join(waiting, "one")
    barrier, got = threading.Barrier(8), []

    def take(agent):
        barrier.wait()
        if waiting.take("one", agent) is not None:
            got.append(agent)

    threads = [threading.Thread(target=take, args=(f"agent{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert waiting.get("one").agent == got[0]


def test_an_agent_has_one_call_at_a_time(waiting):
    join(waiting, "one")
    join(waiting, "two")
    assert waiting.take("one", "anna")
    assert waiting.take("two", "anna") is None
    waiting.end("one", "talked")
    assert waiting.take("two", "anna")


def test_a_call_that_is_put_back_has_its_old_place(waiting, clock):
    join(waiting, "one")
    clock.pass_(seconds=5)
    join(waiting, "two")
    waiting.take("one", "anna")
    assert waiting.place("two").number == 1
    assert waiting.put_back("one")
    assert order(waiting) == ["one", "two"]
    assert (waiting.get("one").since, waiting.get("one").missed) == (NOW, 1)


def test_a_call_that_is_over_is_neither_taken_nor_put_back_nor_answered(waiting):
    join(waiting, "one")
    assert waiting.end("one", "hung_up")
    assert waiting.take("one", "anna") is None
    assert not waiting.put_back("one")
    assert not waiting.answer("one")
    assert not waiting.end("one", "talked")
    assert waiting.get("one").outcome == "hung_up"


def test_only_the_agent_who_has_the_call_says_how_it_goes_on(waiting):
    join(waiting, "one")
    waiting.take("one", "anna")
    waiting.answer("one")
    assert not waiting.wish("one", "finished", agent="boris")
    assert waiting.wish("one", "finished", agent="anna")


def test_a_caller_of_whom_nothing_is_heard_any_more_drops_out(waiting, clock):
    join(waiting, "gone")
    join(waiting, "here")
    clock.pass_(minutes=2)
    waiting.tell("here")
    clock.pass_(minutes=2)
    assert order(waiting) == ["here"]
    assert waiting.place("here").number == 1


def test_the_service_level_counts_who_waited_longer_than_promised(waiting, clock):
    join(waiting, "quick")
    join(waiting, "slow")
    join(waiting, "left at once")
    clock.pass_(seconds=30)
    waiting.take("quick", "anna")
    waiting.answer("quick")
    waiting.end("left at once", "hung_up")
    clock.pass_(seconds=1)
    assert waiting.service_level(NOW) == ServiceLevel(in_time=1, calls=2)
    waiting.take("slow", "boris")
    waiting.answer("slow")
    assert waiting.service_level(NOW) == ServiceLevel(in_time=1, calls=2)
    assert waiting.service_level(clock.now) == ServiceLevel(0, 0)


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        ({"seconds": 0}, "weniger als eine Minute"),
        ({"seconds": 60}, "eine Minute"),
        ({"seconds": 61}, "etwa 2 Minuten"),
        ({"minutes": 10}, "etwa 10 Minuten"),
    ],
)
def test_a_wait_in_words(wait, words):
    assert minutes_in_words(dt.timedelta(**wait)) == words
