"""Every way to a human, and what happens where there is none."""

import datetime as dt

import pytest

from tests.calls.conftest import SUNDAY

pytestmark = pytest.mark.call


@pytest.mark.parametrize("ask", [{"press": "0"}, "Mitarbeiter", "Ich möchte mit einem Menschen sprechen"])
def test_who_asks_for_a_human_is_connected_and_the_agent_hears_what_is_known(hotline, ask):
    record = hotline.call("Ich brauche einen Reisepass", ask)
    assert record.outcome["kind"] == "handed_off"
    assert record.outcome["reason"] == "asked"
    [dialled] = record.phone.dialled
    assert dialled.number == "+494042828100"
    assert dialled.bridged
    [whisper] = [
        event.data["text"] for event in record.phone.events if event.kind == "say" and event.leg != "caller"
    ]
    assert "einen Reisepass" in whisper
    assert not hotline.appointments("held")


def test_the_third_failure_brings_a_human_after_examples_and_the_keypad_menu(hotline):
    record = hotline.call("Der Kaffee ist kalt", "Der Kaffee ist kalt", "Der Kaffee ist kalt")
    said = [" ".join(turn.heard) for turn in record.turns]
    assert "zum Beispiel" in said[0]
    assert "drücken Sie die eins" in said[1]
    assert record.outcome["kind"] == "handed_off"
    assert record.outcome["reason"] == "no_match"


def test_a_scripted_caller_says_again_what_was_not_understood(hotline):
    record = hotline.call("Der Kaffee ist kalt", "Ja", repeats=2)
    assert [turn.number for turn in record.turns] == [1, 1, 1]
    assert record.outcome["kind"] == "handed_off"


def test_silence_is_asked_about_then_offered_keys_then_ended_with_a_sentence(hotline):
    record = hotline.call({"silent": 60}, {"silent": 5})
    said = " ".join(text for turn in record.transcript for text in turn["said"])
    assert "Sind Sie noch da?" in said
    assert "Tasten" in said
    assert "rufen Sie noch einmal an" in said
    assert record.status == "completed"
    assert record.outcome["kind"] == "abandoned"


def test_who_falls_silent_after_having_spoken_gets_a_human(hotline):
    record = hotline.call("Ich brauche einen Reisepass", {"silent": 60})
    assert record.outcome["kind"] == "handed_off"
    assert record.outcome["reason"] == "silence"


@pytest.mark.parametrize("agent", ["busy", "no-answer", "fails"])
def test_where_no_agent_answers_a_call_back_is_noted_with_all_that_was_said(hotline, agent):
    record = hotline.call("Ich brauche einen Reisepass", {"press": "0"}, "Ja", "Nein danke", agent=agent)
    assert record.outcome["kind"] == "call_back"
    [callback] = hotline.callbacks()
    assert callback.phone == "+4917612345678"
    assert "Reisepass" in callback.summary
    assert callback.due_at > hotline.now
    assert record.status == "completed"


def test_outside_the_agents_hours_a_call_back_is_promised_for_a_working_day(hotline_with):
    hotline = hotline_with(now=SUNDAY, agents_number="+494042828100")
    record = hotline.call({"press": "0"}, {"press": "1"}, {"press": "2"})
    assert not record.phone.dialled
    [callback] = hotline.callbacks()
    assert callback.due_at == dt.datetime(2026, 12, 7, 17, 0, tzinfo=dt.UTC)
    assert "Montag" in " ".join(text for turn in record.turns for text in turn.heard)


def test_a_withheld_number_is_asked_where_to_call_back(hotline_with):
    hotline = hotline_with()
    record = hotline.call(*[{"press": key} for key in ("0", "1", "040123456#", "1", "2")], from_="anonymous")
    assert record.outcome["kind"] == "call_back"
    [callback] = hotline.callbacks()
    assert callback.phone == "+4940123456"


def test_after_a_call_back_was_noted_the_caller_may_go_on_where_they_were(hotline_with):
    hotline = hotline_with()
    record = hotline.call("Personalausweis", {"press": "0"}, "Ja", "Ja", "Ja", "Ja", "Ja bitte", "Nein danke")
    assert record.outcome["kind"] == "booked", record.transcript
    assert len(hotline.callbacks()) == 1


def test_nobody_is_asked_for_ever_where_there_is_no_human(hotline_with):
    hotline = hotline_with()
    record = hotline.call(*["Der Kaffee ist kalt"] * 3, {"silent": 60}, {"silent": 60})
    assert record.status == "completed"
    [callback] = hotline.callbacks()
    assert callback.phone == "+4917612345678"


@pytest.mark.parametrize(
    "turns",
    [
        (),
        ("Personalausweis",),
        ("Personalausweis", "Nein"),
        ("Personalausweis", "Ja"),
        ("Personalausweis", "Ja", "Ja"),
        ("Personalausweis", "Ja", "Ja", "Ja bitte"),
        ({"press": "0"},),
        ({"press": "5"},),
    ],
    ids=["service", "offer", "better", "sms", "read back", "more", "human", "reference"],
)
def test_a_caller_who_hangs_up_frees_the_slot(hotline, turns):
    record = hotline.call(*turns, {"hang_up": True})
    assert record.status == "completed"
    assert not hotline.appointments("held")
    assert hotline.call_row(record.call_sid).ended_at is not None
