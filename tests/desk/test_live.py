"""What desks are told, after how they left off, and when they are sent away."""

import itertools
import threading

from hotline.desk.live import Hub, fingerprint


class Source:
    """Topics whose states a test sets."""

    def __init__(self, **states):
        self.states = states

    def __call__(self, topic):
        return self.states[topic]


def events(hub, topics, known="", beat=lambda: True):
    """Return the events for a listener as pairs of name and data; comments are passed over."""
    for event in hub.events(topics, known, beat):
        fields = {name: value for name, _, value in (line.partition(": ") for line in event.splitlines())}
        if "event" in fields:
            yield fields["event"], fields["data"]


def test_a_desk_gets_every_topic_s_state_and_then_what_changes():
    source = Source(queue="leer", call="neu")
    found = events(Hub(source, 3), ["queue", "call"])
    assert {next(found), next(found)} == {("queue", "leer"), ("call", "neu")}
    source.states["queue"] = "einer wartet"
    assert next(found) == ("queue", "einer wartet")


def test_a_desk_that_comes_back_gets_only_what_it_has_not_seen():
    source = Source(queue="leer", call="neu")
    known = f"{fingerprint('leer')}.{fingerprint('alt')}"
    found = events(Hub(source, 3), ["queue", "call"], known)
    assert next(found) == ("call", "neu")


def test_the_id_says_what_the_desk_has_of_every_topic():
    stream = Hub(Source(queue="leer"), 3).events(["queue"], "", lambda: True)
    event = next(one for one in stream if one.startswith("id:"))
    assert event.splitlines()[0] == f"id: {fingerprint('leer')}"


def test_no_more_desks_than_there_are_places():
    hub = Hub(Source(queue="leer"), 1)
    first = hub.events(["queue"], "", lambda: True)
    assert first is not None
    assert hub.events(["queue"], "", lambda: True) is None
    first.close()
    assert hub.events(["queue"], "", lambda: True) is not None


def test_who_is_no_longer_signed_in_is_sent_away():
    found = events(Hub(Source(queue="leer"), 1), ["queue"], beat=lambda: False)
    assert list(found) == [("signed-out", "")]


def test_a_fault_in_looking_does_not_end_it():
    looks = itertools.count()

    def look(_topic):
        if next(looks) == 0:
            raise OSError("the database is away")
        return "da"

    assert next(events(Hub(look, 1), ["queue"])) == ("queue", "da")


def test_a_process_that_stops_sends_its_desks_away():
    hub = Hub(Source(queue="leer"), 2)
    seen, over = threading.Event(), []

    def listen():
        for _ in events(hub, ["queue"]):
            seen.set()
        over.append(True)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert seen.wait(20)
    hub.close()
    thread.join(20)
    assert over == [True]
    assert hub.events(["queue"], "", lambda: True) is None
