"""The player: scripts get answers and results, from the log or from the world, and every input is kept."""

import datetime as dt

import pytest

from hotline.dialog.effects import AgentsThere, NoteCallback
from hotline.dialog.log import Entry
from hotline.dialog.player import LogMismatch, Player
from hotline.dialog.steps import Ask, End, GaveUp, HandOff, Meaning, Say, ask, do, say

DUE = dt.datetime(2026, 12, 3, 9, 0, tzinfo=dt.UTC)


class Scripts:
    """A call of two questions and an effect between them; the human's script asks one of its own."""

    def __init__(self):
        self.outcome = {}
        self.assisting = False
        self.heard = []

    def main(self):
        yield from say("greeting", city="Kleinstadt")
        first = yield from ask("first")
        self.heard.append(first.intent)
        due = yield from do(NoteCallback("+49", first.intent, ""))
        self.outcome = {"by": due.isoformat()}
        yield from say("noted")
        second = yield from ask("second")
        self.heard.append(second.intent)

    def human(self, reason):
        yield from say("sorry", reason=reason)
        outcome = yield HandOff(reason, "whisper")
        self.heard.append(outcome)
        try:
            yield from ask("number")
        except GaveUp as gave_up:
            self.heard.append(f"gave up: {gave_up}")


class World:
    def __init__(self, result=DUE):
        self.asked = []
        self.result = result

    def __call__(self, effect, key):
        self.asked.append((effect, key))
        return self.result


def answer(question, intent):
    return Entry("answer", question, [intent, None])


def playing(*entries, perform=None):
    player = Player(Scripts())
    player.begin([], None)
    for entry in entries:
        player.send(entry, perform or World())
    return player


def test_it_plays_to_the_first_question_and_collects_what_was_said():
    player = playing()
    assert player.step == Ask("first")
    assert player.said == [Say("greeting", {"city": "Kleinstadt"})]
    assert player.entries == []


def test_an_effect_is_performed_once_and_its_result_kept_as_json():
    world = World()
    player = playing(answer("first", "yes"), perform=world)
    assert [effect for effect, _ in world.asked] == [NoteCallback("+49", "yes", "")]
    assert player.entries == [
        answer("first", "yes"),
        Entry("result", "NoteCallback", "2026-12-03T09:00:00Z", final=True),
    ]
    assert player.said == [Say("noted")]
    assert player.scripts.outcome == {"by": DUE.isoformat()}


def test_the_same_entries_give_the_same_state_and_touch_nothing():
    first = playing(
        answer("first", "yes"), Entry("interrupt", "asked"), Entry("transferred", "asked", "unanswered")
    )
    again = Player(Scripts())
    again.begin(first.entries, None)
    assert (again.step, again.said, again.entries) == (first.step, first.said, first.entries)
    assert again.scripts.heard == first.scripts.heard
    assert again.looking_for_human


def test_the_end_is_the_end():
    player = playing(answer("first", "yes"), answer("second", "no"))
    assert player.step == End()
    assert player.scripts.heard == ["yes", "no"]


def test_an_interruption_is_played_on_top_and_the_question_waits():
    player = playing(Entry("interrupt", "asked"))
    assert player.step == HandOff("asked", "whisper")
    assert player.looking_for_human
    player.send(Entry("transferred", "asked", "unanswered"), World())
    assert player.step == Ask("number")
    player.send(answer("number", "no"), World())
    assert player.step == Ask("first")
    assert not player.looking_for_human
    player.send(answer("first", "yes"), World())
    assert player.step == Ask("second")


def test_giving_up_is_thrown_into_the_script_that_asked():
    player = playing(
        Entry("interrupt", "asked"), Entry("transferred", "asked", "unanswered"), Entry("gave_up", "silence")
    )
    assert player.scripts.heard == ["unanswered", "gave up: silence"]
    assert player.step == Ask("first")


def test_interruptions_are_left_in_the_order_in_which_they_came():
    player = playing(Entry("interrupt", "asked"), Entry("interrupt", "error"))
    assert player.step == HandOff("error", "whisper")
    player.send(Entry("transferred", "error", "unanswered"), World())
    player.send(answer("number", "no"), World())
    assert player.step == HandOff("asked", "whisper")


@pytest.mark.parametrize(
    "entries",
    [
        [answer("second", "yes")],
        [Entry("transferred", "asked", "talked")],
        [Entry("result", "NoteCallback", "2026-12-03T09:00:00Z")],
        [answer("first", "yes"), Entry("result", "AgentsThere", True)],
        [answer("first", "yes"), answer("second", "yes")],
        [Entry("interrupt", "asked"), Entry("gave_up", "silence")],
    ],
)
def test_entries_that_do_not_fit_are_a_mismatch(entries):
    with pytest.raises(LogMismatch):
        Player(Scripts()).begin(entries, None)


def test_a_log_that_ends_before_an_effect_goes_on_live():
    world = World()
    player = Player(Scripts())
    player.begin([answer("first", "yes")], world)
    assert len(world.asked) == 1
    with pytest.raises(LogMismatch):
        Player(Scripts()).begin([answer("first", "yes")], None)


def test_effects_are_named_and_their_results_typed():
    assert AgentsThere().name == "AgentsThere"
    assert AgentsThere.result.validate_python(True) is True
    assert Meaning("yes") == Meaning(*["yes", None])
