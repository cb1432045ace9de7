"""Whole calls by voice: spoken by synthetic voices over a telephone line, heard by Vosk, booked in SQLite."""

import datetime as dt
import shutil

import pytest
import sqlalchemy as sa

from hotline.booking.tables import Appointment
from hotline.terms import BERLIN, Wishes

pytestmark = pytest.mark.call

VOICES = ["pico", "de+f2", "de+m3"]
PLAIN = ("Ich brauche einen neuen Personalausweis", "Ja", "Ja", "Ja bitte", "Nein danke")


def spoken_by(name, **options):
    if name != "pico" and not shutil.which("espeak-ng"):
        pytest.skip("espeak-ng is not installed")
    return {"name": name, "noise": 20, **options}


@pytest.mark.parametrize("voice", VOICES)
def test_a_caller_books_the_earliest_appointment_by_voice(hotline, voice):
    first = hotline.calendar.earliest("personalausweis")[0]

    record = hotline.call(*PLAIN, voice=spoken_by(voice), repeats=1)

    assert record.outcome["kind"] == "booked", record.transcript
    [appointment] = hotline.appointments()
    assert (appointment.service, appointment.starts_at) == ("personalausweis", first.starts_at)
    assert appointment.reference == record.outcome["reference"]
    assert appointment.phone == "+4917612345678"
    [sms] = hotline.sms()
    assert sms.phone == "+4917612345678"
    assert not hotline.appointments("held")
    assert record.status == "completed"


def test_the_first_sentence_says_who_speaks_and_how_to_reach_a_human(hotline):
    record = hotline.call({"hang_up": True})
    greeting = " ".join(record.greeting)
    assert "Terminhotline" in greeting
    assert "automatischer Assistent" in greeting
    assert "Taste null" in greeting
    assert "nicht aufgezeichnet" in greeting


def test_the_reference_is_read_twice_in_groups_and_all_is_read_back_before(hotline):
    record = hotline.call(*PLAIN)
    said = [text for turn in record.transcript for text in turn["said"]]
    [booked] = [text for text in said if "Terminnummer" in text]
    number = booked.split("Terminnummer: ")[1].split(".")[0]
    assert booked.count(number) == 2
    assert "," in number
    assert any("Ich fasse zusammen" in text and "Personalausweis" in text for text in said)


@pytest.mark.parametrize("voice", ["pico", "de+f2"])
def test_wishes_narrow_the_offer(hotline, voice):
    record = hotline.call(
        "Ich brauche einen Reisepass",
        "Lieber nachmittags",
        "In Altona",
        "Ja bitte",
        "Nein danke",
        "Ja bitte",
        "Nein danke",
        voice=spoken_by(voice),
        repeats=1,
    )
    wanted = Wishes(districts=("altona",), first_time=dt.time(12))
    assert record.outcome["kind"] == "booked", record.transcript
    [appointment] = hotline.appointments()
    assert appointment.starts_at.astimezone(BERLIN).hour >= 12
    assert record.outcome["site"] in {
        site.id for site in hotline.calendar.catalogue.sites if site.district == "altona"
    }
    assert appointment.phone is None
    assert hotline.calendar.earliest("reisepass", wanted)[0].starts_at >= appointment.starts_at


def test_another_day_is_asked_for_and_offered(hotline):
    wish = ("Personalausweis", "Nein", "An einem anderen Tag", "Am vierten Dezember")
    record = hotline.call(*wish, "Ja bitte", "Nein danke", "Ja bitte", "Nein danke")
    assert record.outcome["kind"] == "booked", record.transcript
    assert record.outcome["starts_at"].startswith("2026-12-04")


def test_a_contradiction_is_asked_back(hotline):
    record = hotline.call("Personalausweis", "Ja", "Ja nein", {"hang_up": True}, repeats=1)
    asked = [turn["question"] for turn in record.transcript[1:]]
    assert asked[:4] == ["service", "offer", "sms_here", "confirm"], record.transcript
    assert [turn.said for turn in record.turns[2:4]] == ["Ja nein", "Ja"]
    assert "Ohne SMS" in " ".join(record.turns[3].heard)


def test_going_back_takes_the_last_answer_back(hotline):
    record = hotline.call("Personalausweis", "Lieber nachmittags", "Zurück", {"hang_up": True})
    before = record.turns[0].heard[-1]
    after = record.turns[2].heard[-1]
    assert "acht Uhr" in before or "Uhr" in before
    assert before.split("Termin ist ")[-1] == after.split("Termin ist ")[-1]


def test_what_was_said_last_is_repeated_and_the_second_time_slower(hotline):
    record = hotline.call("Personalausweis", "Wiederholen", "Noch einmal bitte", {"hang_up": True})
    first, again, slower = (turn.heard for turn in record.turns[:3])
    assert first == again == slower
    paces = [turn["said"][0]["pace"] for turn in hotline.turns(record.call_sid)[-3:]]
    assert paces[0] == paces[1] == 1.0
    assert paces[2] < 1.0


def test_who_has_lost_the_reference_cancels_with_the_day_and_the_telephone_it_was_booked_from(hotline):
    landline = "+494042899123"
    hotline.call("Personalausweis", "Ja", "Nein danke", "Ja bitte", "Nein danke", from_=landline, repeats=1)
    [appointment] = hotline.appointments()
    assert appointment.phone is None

    record = hotline.call(
        "Einen Termin absagen", "Ich habe keine Nummer", "Heute", "Absagen", from_=landline, repeats=1
    )

    assert record.outcome == {"kind": "cancelled", "reference": appointment.reference}, record.transcript
    assert not hotline.appointments()


REFERENCE = "347283071"
SPOKEN = "drei vier sieben zwei acht drei null sieben eins"


def test_an_appointment_is_cancelled_by_voice_with_its_reference(hotline):
    hotline.call(*PLAIN)
    with hotline.database.writing() as session:
        session.execute(sa.update(Appointment).values(reference=REFERENCE))
    record = hotline.call(
        "Einen Termin absagen",
        {"say": SPOKEN, "voice": {"speed": 0.8}},
        "Absagen",
        "Nein danke",
        repeats=2,
    )
    assert record.outcome["kind"] == "cancelled", record.transcript
    assert not hotline.appointments()
    assert len(hotline.appointments("cancelled")) == 1
