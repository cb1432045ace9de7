"""Whatever a caller does: never an exception, always a question or an end, and no failing for ever."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.dialog.log import Caller, Keys, Resumed, Silence, Speech
from hotline.dialog.steps import Ask, HandOff
from hotline.dialog.understanding import Word

from .callers import FROM_LANDLINE, FROM_MOBILE, GRAMMARS, NOISE, SILENCE, UNDERSTANDING, WITHHELD, Call
from .town import BOOKED, FOREIGN, Town

ALL_PHRASES = sorted(
    {phrase for question in GRAMMARS.questions for phrase in UNDERSTANDING.phrases(Ask(question))}
)
MOST_FAILURES = 12
"""Three to look for a human, three more to note a call-back, three to say goodbye; and some to spare."""

keys = st.one_of(
    st.sampled_from("0123456789*#"),
    st.text("0123456789", min_size=2, max_size=20),
    st.sampled_from([BOOKED, "01719876543", "040428280", "0412", "3102", "2902"]),
).map(Keys)
words = st.one_of(st.sampled_from(ALL_PHRASES), st.just(NOISE), st.text("äbc ß'", max_size=5))
speech = st.builds(
    lambda phrases, confidence: Speech(
        tuple(Word(word, confidence) for phrase in phrases for word in phrase.split())
    ),
    st.lists(words, max_size=5),
    st.floats(0, 1),
)
events = st.one_of(
    keys,
    speech,
    speech,
    st.just(Silence()),
    st.booleans().map(Resumed),
    st.sampled_from(["talked", "unanswered", "failed", "sell out", "another process", "later"]),
)
callers = st.sampled_from([FROM_MOBILE, FROM_LANDLINE, WITHHELD, Caller(FOREIGN)])


def happens(call, event):
    """Let an event happen to the call, or something to the world around it."""
    match event:
        case "talked" | "unanswered":
            if call.turn.then == "hand_off":
                call.transferred(event)
        case "failed":
            call.fail()
        case "sell out":
            call.town.take_all()
        case "another process":
            call.resume()
        case "later":
            call.town.now += dt.timedelta(days=1)
        case _ if call.turn.then == "listen":
            call.send(event)


def is_sound(call):
    turn, step = call.turn, call.conversation.step
    if turn.then == "listen":
        assert isinstance(step, Ask)
        assert turn.said, "the caller hears nothing and is expected to answer"
        assert UNDERSTANDING.phrases(step)
    elif turn.then == "hand_off":
        assert isinstance(step, HandOff)
        assert step.whisper
        assert call.town.agents
    for one in turn.said:
        assert one.text.strip()
        assert "{" not in one.text
        assert "None" not in one.text
        assert not any(sign.isdigit() for sign in one.text)


@settings(max_examples=120, deadline=None)
@given(callers, st.booleans(), st.booleans(), st.lists(events, max_size=25))
def test_a_call_always_has_a_next_sentence_or_an_end(caller, keypad, agents, what_happens):
    call = Call(Town(agents=agents), caller, keypad=keypad)
    is_sound(call)
    for event in what_happens:
        if call.turn.then == "hang_up":
            break
        happens(call, event)
        is_sound(call)
        before = call.conversation.step
        call.resume()
        assert call.conversation.step == before
    booked = [one.offer for one in call.town.booked.values()]
    assert len({(one.site, one.starts_at) for one in booked}) == len(booked)


@settings(max_examples=60, deadline=None)
@given(
    callers,
    st.booleans(),
    st.lists(events, max_size=15),
    st.lists(st.sampled_from([SILENCE, NOISE]), min_size=MOST_FAILURES, max_size=MOST_FAILURES),
)
def test_a_caller_who_is_not_understood_any_more_is_soon_with_a_human_or_told_goodbye(
    caller, agents, what_happens, failures
):
    call = Call(Town(agents=agents), caller)
    for event in what_happens:
        if call.turn.then == "hang_up":
            return
        happens(call, event)
    for failure in failures:
        if call.turn.then == "hand_off":
            call.transferred("unanswered")
        if call.turn.then == "hang_up":
            return
        call.do(failure)
    assert call.turn.then == "hang_up"
