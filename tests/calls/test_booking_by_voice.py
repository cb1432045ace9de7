"""Whole calls by voice: spoken by synthetic voices over a telephone line, heard by Vosk, booked in SQLite."""

import shutil

import pytest

pytestmark = pytest.mark.call

VOICES = ["pico", "de", "de+f2", "de+m3"]
PLAIN = ("Ich brauche einen neuen Personalausweis", "Ja", "Ja", "Ja bitte", "Nein danke")


def spoken_by(name, **options):
    if name != "pico" and not shutil.which("espeak-ng"):
        pytest.skip("espeak-ng is not installed")
    return {"name": name, "noise": 20, **options}


@pytest.mark.parametrize("voice", VOICES)
def test_a_caller_books_the_earliest_appointment_by_voice(hotline, voice):
    first = hotline.calendar.earliest("personalausweis")[0]

    record = hotline.call(*PLAIN, voice=spoken_by(voice))

    assert record.outcome["kind"] == "booked"
    [appointment] = hotline.appointments()
    assert (appointment.service, appointment.starts_at) == ("personalausweis", first.starts_at)
    assert appointment.reference == record.outcome["reference"]
    assert appointment.phone == "+4917612345678"
    [sms] = hotline.sms()
    assert sms.phone == "+4917612345678"
    assert not hotline.appointments("held")
    assert record.status == "completed"
