"""The cables between the dialog and the world: every effect, with the real calendar, outbox and log."""

import datetime as dt
from dataclasses import dataclass

import pytest

from hotline.dialog import effects
from hotline.dialog.steps import Effect
from hotline.messages.tables import Kind, Sms
from hotline.telephony.tables import CallRow
from hotline.terms import Wishes
from tests.telephony.conftest import MOBILE, city_file, hotline, hotline_with  # noqa: F401

ANYTHING = Wishes()


@pytest.fixture
def board(hotline):  # noqa: F811
    hotline.dial()
    return hotline.app.extensions["switchboard"]


def hold(board, turn, wishes=ANYTHING, **more):
    return board.perform("CA1", effects.HoldEarliest("reisepass", wishes, **more), turn)


def book(board, phone=MOBILE, turn="9"):
    return board.perform("CA1", effects.Book(hold(board, f"{turn}.1"), phone), f"{turn}.2")


class TestHolding:
    def test_the_same_turn_again_holds_the_same_slot(self, hotline, board):  # noqa: F811
        assert hold(board, "1.1") == hold(board, "1.1")
        assert len(hotline.appointments("held")) == 1

    def test_a_new_slot_takes_the_place_of_the_old_one(self, hotline, board):  # noqa: F811
        first = hold(board, "1.1")
        second = hold(board, "2.1", refused=(first.offer,), replacing=first.hold)
        assert second.offer != first.offer
        assert len(hotline.appointments("held")) == 1

    def test_the_slot_that_is_held_is_offered_again_where_it_is_still_the_earliest(self, hotline, board):  # noqa: F811
        first = hold(board, "1.1")
        again = hold(board, "2.1", Wishes(districts=(first.offer.district,)), replacing=first.hold)
        assert again.offer == first.offer
        assert len(hotline.appointments("held")) == 1

    def test_where_nothing_fits_nothing_is_held(self, hotline, board):  # noqa: F811
        first = hold(board, "1.1")
        assert hold(board, "2.1", Wishes(weekdays=(6,)), replacing=first.hold) is None
        assert not hotline.appointments("held")

    def test_what_is_released_is_free(self, hotline, board):  # noqa: F811
        held = hold(board, "1.1")
        board.perform("CA1", effects.Release(held.hold), "2.1")
        assert hold(board, "3.1").offer == held.offer

    def test_one_call_s_end_leaves_another_s_slot_alone(self, hotline, board):  # noqa: F811
        hold(board, "1.1")
        board.perform("CA11", effects.HoldEarliest("reisepass", ANYTHING), "1.1")
        board.release("CA1")
        assert [row.key for row in hotline.appointments("held")] == ["CA11/1.1"]

    def test_what_would_be_possible_is_found_with_one_wish_less(self, board):
        found = board.perform(
            "CA1", effects.Relax("reisepass", Wishes(districts=("nord",), weekdays=(6,))), "1.1"
        )
        assert found.wishes in (Wishes(districts=("nord",)), Wishes(weekdays=(6,)))
        assert found.offer.district == "nord"

    def test_or_nothing_is_where_there_is_nothing(self, hotline, board):  # noqa: F811
        hotline.clock.turn(days=-1)
        assert board.perform("CA1", effects.Relax("gibt-es-nicht", Wishes(weekdays=(6,))), "1.1") is None


class TestBooking:
    def test_makes_the_appointment_and_queues_the_sms_once(self, hotline, board):  # noqa: F811
        first, second = book(board), book(board)
        assert first == second
        assert first.phone == MOBILE
        [sms] = hotline.rows(Sms)
        assert (sms.kind, sms.phone) == (Kind.CONFIRMATION, MOBILE)

    def test_without_a_number_sends_nothing(self, hotline, board):  # noqa: F811
        assert book(board, phone=None).phone is None
        assert not hotline.rows(Sms)

    def test_a_hold_that_ran_out_is_booked_if_its_slot_is_still_free(self, hotline, board):  # noqa: F811
        held = hold(board, "1.1")
        hotline.clock.turn(minutes=11)
        assert board.perform("CA1", effects.Book(held, None), "2.1").offer == held.offer

    def test_and_is_gone_if_somebody_took_it(self, hotline, board):  # noqa: F811
        afternoon = Wishes(first_time=dt.time(12))
        held = hold(board, "1.1", afternoon)
        hotline.clock.turn(minutes=11)
        other = board.perform("CA2", effects.HoldEarliest("reisepass", afternoon), "1.1")
        assert other.offer == held.offer
        assert board.perform("CA1", effects.Book(held, None), "2.1") is None


class TestChanging:
    def test_an_appointment_is_found_by_its_reference_only(self, board):
        made = book(board)
        assert board.perform("CA1", effects.Find(made.reference), "1.1") == made
        wrong = str((int(made.reference) + 1) % 10**9).zfill(9)
        assert board.perform("CA1", effects.Find(wrong), "2.1") is None
        assert board.perform("CA1", effects.Find("ö"), "3.1") is None

    def test_after_too_many_wrong_references_even_the_right_one_is_not_told(self, board):
        made = book(board)
        for number in range(30):
            board.perform("CA1", effects.Find(f"{number:09d}"), f"1.{number}")
        assert board.perform("CA1", effects.Find(made.reference), "2.1") is None

    def test_an_appointment_is_found_by_the_day_and_the_number_that_its_sms_went_to(self, board):
        made = book(board)
        day = made.offer.local_start.date()
        assert board.perform("CA1", effects.FindByDay(day), "1.1") == made
        assert board.perform("CA1", effects.FindByDay(day + dt.timedelta(days=1)), "2.1") is None

    def test_or_by_the_day_and_the_number_it_was_booked_from(self, hotline, board):  # noqa: F811
        made = book(board, phone=None)
        found = effects.FindByDay(made.offer.local_start.date())
        assert board.perform("CA1", found, "1.1") is None
        with hotline.database.writing() as session:
            session.get(CallRow, "CA1").outcome = {"kind": "booked", "reference": made.reference}
        hotline.dial("CA2")
        hotline.dial("CA3", from_="+494012345678")
        hotline.dial("CA4", from_="anonymous")
        assert board.perform("CA2", found, "1.1") == made
        assert board.perform("CA3", found, "1.1") is None
        assert board.perform("CA4", found, "1.1") is None
        board.perform("CA2", effects.Cancel(made.reference), "2.1")
        assert board.perform("CA2", found, "3.1") is None

    def test_days_may_be_tried_in_vain_only_a_few_times(self, board):
        made = book(board)
        day = made.offer.local_start.date()
        for number in range(1, 7):
            board.perform("CA1", effects.FindByDay(day + dt.timedelta(days=number)), f"1.{number}")
        assert board.perform("CA1", effects.FindByDay(day), "2.1") is None

    def test_cancelling_frees_the_slot_and_tells_by_sms_once(self, hotline, board):  # noqa: F811
        made = book(board)
        assert board.perform("CA1", effects.Cancel(made.reference), "1.1") is True
        assert board.perform("CA1", effects.Cancel(made.reference), "1.1") is True
        assert board.perform("CA1", effects.Cancel(made.reference), "2.1") is False
        assert [sms.kind for sms in hotline.rows(Sms)] == [Kind.CONFIRMATION, Kind.CANCELLATION]
        assert hold(board, "3.1").offer == made.offer

    def test_moving_keeps_the_reference_and_tells_by_sms(self, hotline, board):  # noqa: F811
        made = book(board)
        held = hold(board, "1.1")
        moved = board.perform("CA1", effects.Move(made.reference, held), "2.1")
        assert (moved.reference, moved.offer) == (made.reference, held.offer)
        assert [sms.kind for sms in hotline.rows(Sms)] == [Kind.CONFIRMATION, Kind.MOVE]
        assert hold(board, "3.1").offer == made.offer

    def test_by_sms_only_the_number_that_booked_may_cancel(self, hotline, board):  # noqa: F811
        made = book(board)
        assert not board.cancel_by_sms(made.reference, "+491719876543")
        assert not board.cancel_by_sms("000000000", MOBILE)
        assert board.cancel_by_sms(made.reference, MOBILE)
        assert not hotline.appointments("booked")


class TestPeople:
    @pytest.mark.parametrize(
        ("digits", "number", "sms"),
        [
            ("01761234567", "+491761234567", True),
            ("040428280", "+4940428280", False),
            ("0033612345678", "+33612345678", False),
            ("99", None, False),
        ],
    )
    def test_a_number_is_checked(self, board, digits, number, sms):
        found = board.perform("CA1", effects.CheckPhone(digits), "1.1")
        assert (found.number, found.sms) == (number, sms)

    def test_agents_are_there_in_their_hours(self, hotline, board):  # noqa: F811
        assert board.perform("CA1", effects.AgentsThere(), "1.1") is True
        hotline.clock.now = dt.datetime(2026, 12, 6, 9, 0, tzinfo=dt.UTC)
        assert board.perform("CA1", effects.AgentsThere(), "2.1") is False

    def test_a_call_back_is_noted_once_and_told_by_sms(self, hotline, board):  # noqa: F811
        wanted = effects.NoteCallback(MOBILE, "asked", "Es geht um einen Reisepass.")
        first = board.perform("CA1", wanted, "1.1")
        hotline.clock.turn(hours=1)
        assert board.perform("CA1", wanted, "1.1") == first
        assert first > hotline.clock.now
        assert len(hotline.callbacks()) == 1
        assert len(hotline.rows(Sms)) == 1


def test_an_effect_that_nobody_performs_is_an_error(board):
    @dataclass(frozen=True)
    class Sing(Effect[None]):
        pass

    with pytest.raises(TypeError, match="Sing"):
        board.perform("CA1", Sing(), "1.1")


def test_every_effect_has_somebody_who_performs_it(hotline, board):  # noqa: F811
    held = hold(board, "1.1")
    made = book(board)
    asked = {
        effects.HoldEarliest: effects.HoldEarliest("reisepass", ANYTHING),
        effects.Relax: effects.Relax("reisepass", ANYTHING),
        effects.Release: effects.Release(held.hold),
        effects.Book: effects.Book(held, None),
        effects.Find: effects.Find(made.reference),
        effects.FindByDay: effects.FindByDay(dt.date(2026, 12, 3)),
        effects.Cancel: effects.Cancel("1"),
        effects.Move: effects.Move("1", held),
        effects.CheckPhone: effects.CheckPhone("1"),
        effects.AgentsThere: effects.AgentsThere(),
        effects.NoteCallback: effects.NoteCallback(MOBILE, "", ""),
        effects.BookedByHuman: effects.BookedByHuman(),
    }
    assert set(asked) == set(Effect.__subclasses__()) - {
        kind for kind in Effect.__subclasses__() if kind.__module__ != effects.__name__
    }
    for number, effect in enumerate(asked.values()):
        result = board.perform("CA1", effect, f"20.{number}")
        kept = effect.result.dump_python(result, mode="json")
        assert effect.result.validate_python(kept) == result


def test_every_phrase_that_may_be_said_can_be_checked_against_a_model(board):
    phrases = board.all_phrases()
    heard = {word for phrase in phrases for word in (phrase, *phrase.split())}
    assert {"personalausweis", "amt nord", "ja", "mitarbeiter", "dezember"} <= heard
    assert len(phrases) == len(set(phrases))
