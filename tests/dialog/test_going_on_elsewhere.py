"""The log: one entry per turn, from which another process goes on, and what happens when it does not fit."""

from dataclasses import replace

import pytest

from hotline.dialog.conversation import Conversation
from hotline.dialog.log import TURN, Attempt, Entry, Keys, Resumed, effective, without_last_answer
from hotline.dialog.scripts import CallScripts

from .callers import PROMPTS, SILENCE, UNDERSTANDING, WITHHELD, Call, stored
from .town import MOBILE, Town

WHOLE_CALL = ["Reisepass", "in Altona", "#", "2", "Ja", "0", "1", "1", "*", SILENCE, "1", "1", "nein"]


def test_every_turn_is_one_entry_of_the_log():
    call = Call(Town(agents=False)).do(*WHOLE_CALL)
    assert [turn.number for turn in call.conversation.turns] == list(range(len(WHOLE_CALL) + 1))
    assert call.outcome["kind"] == "booked"
    assert call.town.callbacks


def test_at_every_turn_the_log_gives_the_same_state():
    live = Call(Town(agents=False))
    for action in WHOLE_CALL:
        live.do(action)
        again = Conversation(CallScripts, UNDERSTANDING, PROMPTS, live.town, stored(live.conversation.turns))
        assert again.step == live.conversation.step
        assert again.last.said == live.turn.said
        assert again.keypad == live.conversation.keypad


def test_replaying_a_log_does_nothing_again():
    call = Call().do("Reisepass", "Ja", "Ja", "Ja")
    booked = dict(call.town.booked)
    call.town.done.clear()  # nothing would keep the town from doing it again
    call.resume()
    call.do("*")
    assert call.town.booked == booked
    assert not call.town.held


def test_a_turn_survives_being_stored():
    call = Call(Town(agents=False)).do(
        "in [unk] Reisepass", "in Altona am Sonntag", "Nein", "#", "0", "1", "2"
    )
    for turn in call.conversation.turns:
        assert TURN.validate_json(TURN.dump_json(turn)) == turn


def test_whether_the_caller_was_heard_is_remembered():
    call = Call().do("Reisepass")
    call.resume()
    call.do(SILENCE, SILENCE, SILENCE)
    assert call.question == "HandOff"


def test_a_line_that_breaks_twice_is_not_excused_twice():
    call = Call().do("Reisepass")
    first = call.turn.said
    call.send(Resumed(keypad=False))
    call.send(Resumed(keypad=False))
    assert call.prompts[0] == "resumed"
    assert call.turn.said[1:] == first


def test_failures_before_the_break_count_after_it():
    call = Call().do("Reisepass", SILENCE, SILENCE)
    call.resume()
    call.send(Resumed(keypad=False))
    assert call.do(SILENCE).question == "HandOff"


def test_what_is_asked_back_about_is_asked_about_again_after_the_break():
    call = Call().do(("Reisepass", 0.45))
    call.resume()
    call.send(Resumed(keypad=False))
    assert call.said == "Da bin ich wieder. Meinten Sie: Reisepass?"
    assert call.do("Ja").question == "offer"


class TestALogThatDoesNotFit:
    """The scripts have changed since it was written, or the city has."""

    def broken(self, *actions, town=None, spoil):
        call = Call(town or Town()).do(*actions)
        turns = [spoil(turn) for turn in stored(call.conversation.turns)]
        call.conversation = Conversation(CallScripts, UNDERSTANDING, PROMPTS, call.town, turns)
        return call

    def rename(self, turn):
        return replace(turn, entries=tuple(replace(entry, name="of_yore") for entry in turn.entries))

    def forget(self, turn):
        return replace(turn, entries=tuple(entry for entry in turn.entries if entry.kind != "result"))

    def garble(self, turn):
        return replace(
            turn,
            entries=tuple(
                replace(entry, value={"no": "offer"}) if entry.kind == "result" else entry
                for entry in turn.entries
            ),
        )

    def misunderstand(self, turn):
        return replace(
            turn,
            entries=tuple(
                replace(entry, value=["service", "gone"]) if entry.name == "service" else entry
                for entry in turn.entries
            ),
        )

    @pytest.mark.parametrize("spoil", ["rename", "forget", "garble", "misunderstand"])
    def test_leads_to_a_human_with_an_apology(self, spoil):
        call = self.broken("Reisepass", "Ja", spoil=getattr(self, spoil))
        call.press("1")
        assert call.prompts == ["our_error", "connecting"]
        assert call.outcome["reason"] == "log_mismatch"

    def test_so_does_a_service_that_was_taken_from_the_city_in_the_middle_of_the_call(self):
        call = Call().do("Reisepass")
        call.town.services = call.town.services[:1]
        call.resume()
        call.send(Resumed(keypad=False))
        assert call.prompts == ["our_error", "connecting"]

    def test_another_process_knows_that_it_was_left_behind(self):
        call = self.broken("Reisepass", spoil=self.rename)
        call.press("1")
        call.resume()
        assert call.question == "HandOff"
        call.transferred("unanswered")
        assert call.question == "callback_here"

    def test_where_nobody_is_there_the_call_begins_anew_if_the_caller_likes(self):
        call = self.broken("Reisepass", "Ja", town=Town(agents=False), spoil=self.rename)
        call.do("1")
        assert call.prompts == ["our_error", "nobody_there", "callback_here.ask"]
        call.do("1")
        assert call.town.callbacks[0].phone == MOBILE
        call.resume()
        call.do("Ja")
        assert call.question == "service"
        call.resume()
        call.do("Personalausweis", "Ja", "Ja", "Ja")
        assert call.outcome["kind"] == "booked"

    def test_a_call_that_was_over_stays_over(self):
        call = self.broken("Reisepass", "tschüss", spoil=self.rename)
        assert call.question == "End"


def entry(kind, name="question", *, final=False):
    return Entry(kind, name, final=final)


class TestBackInTheLog:
    answer, result, final = entry("answer"), entry("result", "Hold"), entry("result", "Book", final=True)
    interrupt, gave_up = entry("interrupt", "asked"), entry("gave_up")

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("", ""),
            ("a", ""),
            ("ar", ""),
            ("ara", "a"),
            ("arar", "a"),
            ("araarr", "ara"),
            ("arf", "arf"),
            ("arfa", "arf"),
            ("arfrar", "arf"),
            ("ai", "ai"),
            ("aia", "ai"),
            ("aira", "ai"),
        ],
    )
    def test_takes_an_answer_with_the_effects_around_it_but_nothing_final(self, before, after):
        log = {"a": self.answer, "r": self.result, "f": self.final, "i": self.interrupt}
        assert without_last_answer([log[one] for one in before]) == [log[one] for one in after]

    def test_is_itself_a_turn_of_the_log(self):
        call = Call(caller=WITHHELD).do("Reisepass", "Ja", "#", "#")
        assert [turn.undo for turn in call.conversation.turns] == [False, False, False, True, True]
        assert [one.name for one in effective(call.conversation.turns)] == []
        assert call.question == "service"


def test_what_was_undone_and_done_again_counts_once():
    call = Call().do("Reisepass", "2", "#", "in Altona", "Ja")
    names = [one.name for one in effective(call.conversation.turns) if one.kind == "answer"]
    assert names == ["service", "offer", "next_offer"]


def test_a_fresh_conversation_waits_for_its_call():
    conversation = Conversation(CallScripts, UNDERSTANDING, PROMPTS, Town())
    assert conversation.last is None
    assert conversation.turns == []
    town = Town()
    turn = conversation.advance(Keys("1"), town.now, lambda effect, key: town.perform("CA1", effect, key))
    assert turn.attempt == Attempt(keypad=False, heard=turn.attempt.heard)
    assert [one.prompt for one in turn.said] == ["our_error", "connecting"]
