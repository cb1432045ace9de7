"""Calls and their logs in the database: each turn once, whoever writes it, and nothing kept too long."""

import datetime as dt
import threading

import pytest

from hotline.dialog import effects
from hotline.dialog.log import Keys, Silence, Speech
from hotline.dialog.understanding import Word
from hotline.telephony.callbacks import note_callback
from hotline.telephony.calls import purge
from hotline.telephony.exchange import Seats
from hotline.telephony.tables import CallbackRow, CallRow, TurnRow

from .conftest import MOBILE, WEDNESDAY

WANTED = effects.NoteCallback(MOBILE, "asked", "Es geht um einen Reisepass.")


@pytest.fixture
def exchange(hotline):
    return hotline.app.extensions["hotline"]


@pytest.fixture
def calls(exchange):
    return exchange.calls


class TestTurns:
    def test_are_stored_before_they_are_answered(self, hotline, calls):
        hotline.dial()
        conversation = calls.conversation("CA1")
        turn = calls.advance("CA1", conversation, Keys("1"))
        assert calls.conversation("CA1").last == turn

    def test_that_another_process_has_written_meanwhile_count(self, hotline, calls, caplog):
        hotline.dial()
        mine, theirs = calls.conversation("CA1"), calls.conversation("CA1")
        written = calls.advance("CA1", theirs, Keys("1"))
        assert calls.advance("CA1", mine, Keys("5")) == written
        assert mine.step == theirs.step
        assert len(hotline.turns()) == 2
        assert "written by another process" in caplog.text
        calls.advance("CA1", mine, Keys("1"))
        assert len(hotline.turns()) == 3

    def test_at_the_same_moment_are_one(self, hotline, calls):
        hotline.dial()
        hotline.twiml("/voice/keypad?turn=0", Digits="1")
        threads = [
            threading.Thread(target=lambda: calls.advance("CA1", calls.conversation("CA1"), Keys("1")))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        numbers = [turn["number"] for turn in hotline.turns()]
        assert numbers == list(range(len(numbers)))
        assert len(hotline.appointments("held")) <= len(numbers)

    @pytest.mark.parametrize("kept", [True, False])
    def test_hold_the_words_only_while_faults_are_looked_for(self, hotline_with, kept):
        hotline = hotline_with(keep_transcripts=kept)
        hotline.dial()
        calls = hotline.app.extensions["hotline"].calls
        turn = calls.advance("CA1", calls.conversation("CA1"), Speech((Word("reisepass", 0.9),)))
        assert turn.event.words
        assert bool(hotline.turns()[-1]["event"]["words"]) == kept
        assert hotline.turns()[-1]["meaning"]["value"] == "reisepass"

    def test_update_what_has_come_of_the_call(self, hotline):
        hotline.keys(hotline.dial(), "1", "1", "1", "1", "1")
        assert hotline.call().outcome["kind"] == "booked"

    def test_know_how_long_the_caller_waited(self, hotline, calls):
        hotline.dial()
        calls.note_latency("CA1", 0, 41.5)
        [row] = hotline.rows(TurnRow)
        assert row.latency_ms == 41.5


class TestStreams:
    def test_each_is_opened_once(self, hotline, exchange):
        hotline.dial()
        token = exchange.token("CA1", 0)
        assert exchange.opens(token, "CA1")
        assert not exchange.opens(token, "CA1")
        assert exchange.calls.streams("CA1") == 1
        assert exchange.opens(exchange.token("CA1", 1), "CA1")

    def test_not_for_another_call_nor_out_of_order(self, hotline, exchange):
        hotline.dial("CA1")
        hotline.dial("CA2")
        assert not exchange.opens(exchange.token("CA1", 0), "CA2")
        assert not exchange.opens(exchange.token("CA1", 1), "CA1")
        assert not exchange.opens(exchange.token("CA404", 0), "CA404")

    def test_not_after_the_call_is_over(self, hotline, exchange):
        hotline.dial()
        token = exchange.token("CA1", 0)
        exchange.calls.end("CA1")
        assert not exchange.opens(token, "CA1")

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "ö", "." * 10000])
    def test_not_with_a_token_that_is_none(self, hotline, exchange, token):
        hotline.dial()
        assert not exchange.opens(token, "CA1")

    def test_not_with_a_token_of_another_account(self, hotline, hotline_with, exchange):
        hotline.dial()
        other = hotline_with(twilio_auth_token="54321").app.extensions["hotline"]
        assert not exchange.opens(other.token("CA1", 0), "CA1")

    def test_at_the_same_moment_one_is_opened(self, hotline, exchange):
        hotline.dial()
        token = exchange.token("CA1", 0)
        opened = []
        threads = [
            threading.Thread(target=lambda: opened.append(exchange.opens(token, "CA1"))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(opened) == [False] * 7 + [True]

    def test_a_call_nobody_knows_has_none(self, calls):
        assert calls.streams("CA404") == 0


class TestSeats:
    def test_there_are_as_many_as_were_said_and_they_are_given_back(self):
        seats = Seats(2)
        with seats.take() as first, seats.take() as second, seats.take() as third:
            assert (first, second, third) == (True, True, False)
        with seats.take() as again:
            assert again

    def test_there_may_be_none(self):
        with Seats(0).take() as seat:
            assert not seat

    def test_one_is_given_back_after_an_error(self):
        seats = Seats(1)
        with pytest.raises(OSError, match="broken"), seats.take():
            raise OSError("broken")
        with seats.take() as again:
            assert again


class TestTheEnd:
    def test_gives_back_and_notes_the_time_once(self, hotline, calls):
        hotline.keys(hotline.dial(), "1", "1")
        calls.end("CA1")
        hotline.clock.turn(minutes=5)
        calls.end("CA1")
        assert not hotline.appointments("held")
        assert hotline.call().ended_at == WEDNESDAY

    def test_a_slot_that_was_held_after_the_report_is_given_back_by_the_next_one(self, hotline, calls):
        """The status webhook may overtake a turn that is still being worked on."""
        answer = hotline.keys(hotline.dial(), "1")
        calls.end("CA1")
        hotline.key(answer, "1")
        calls.end("CA1")
        assert not hotline.appointments("held")

    def test_whose_number_it_was_is_known(self, hotline, calls):
        hotline.dial()
        assert calls.number("CA1") == MOBILE
        with pytest.raises(KeyError):
            calls.number("CA404")


class TestCallbacks:
    def note(self, hotline, key="CA1/3.1", by=WEDNESDAY):
        with hotline.database.writing() as session:
            return note_callback(session, "CA1", key, WANTED, now=WEDNESDAY, by=by)

    def test_are_noted_once_under_a_key(self, hotline):
        hotline.dial()
        later = WEDNESDAY + dt.timedelta(hours=1)
        assert self.note(hotline) == WEDNESDAY
        assert self.note(hotline, by=later) == WEDNESDAY
        assert self.note(hotline, key="CA1/9.1", by=later) == later
        assert [one.due_at for one in hotline.callbacks()] == [WEDNESDAY, later]

    def test_keep_what_was_said(self, hotline):
        hotline.dial()
        self.note(hotline)
        [noted] = hotline.callbacks()
        assert (noted.phone, noted.reason, noted.summary) == (MOBILE, "asked", WANTED.summary)
        assert noted.done_at is None


class TestPurging:
    def purge(self, hotline, before):
        with hotline.database.writing() as session:
            return purge(session, before)

    def test_deletes_what_is_old_with_all_that_belongs_to_it(self, hotline):
        hotline.keys(hotline.dial("CA1"), "0", sid="CA1")
        hotline.twiml("/voice/transferred/1", "CA1", DialCallStatus="busy")
        hotline.keys(hotline.twiml("/voice/keypad?turn=2", "CA1", Digits="1"), sid="CA1")
        hotline.app.extensions["hotline"].calls.end("CA1")
        hotline.clock.turn(days=40)
        hotline.dial("CA2")
        assert hotline.callbacks()
        assert self.purge(hotline, hotline.clock.now - dt.timedelta(days=30)) == 1
        assert [call.sid for call in hotline.rows(CallRow)] == ["CA2"]
        assert {row.call_sid for row in hotline.rows(TurnRow)} == {"CA2"}
        assert not hotline.rows(CallbackRow)

    def test_counts_a_call_that_never_ended_from_its_beginning(self, hotline):
        hotline.dial()
        assert self.purge(hotline, WEDNESDAY) == 0
        assert self.purge(hotline, WEDNESDAY + dt.timedelta(seconds=1)) == 1
        assert not hotline.rows(TurnRow)

    def test_leaves_a_call_that_ended_later(self, hotline):
        hotline.dial()
        hotline.clock.turn(minutes=10)
        hotline.app.extensions["hotline"].calls.end("CA1")
        assert self.purge(hotline, WEDNESDAY + dt.timedelta(minutes=5)) == 0

    def test_twice_is_no_harm(self, hotline):
        hotline.dial()
        later = WEDNESDAY + dt.timedelta(days=1)
        assert (self.purge(hotline, later), self.purge(hotline, later)) == (1, 0)


def test_what_somebody_says_after_the_end_of_the_log_is_no_error(hotline, calls):
    hotline.keys(hotline.dial(), "", "", "")
    conversation = calls.conversation("CA1")
    assert conversation.last.then == "hang_up"
    assert calls.advance("CA1", conversation, Silence()).then == "hang_up"
