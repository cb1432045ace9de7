"""Each verb as its page in Twilio's documentation describes it."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from counterpart import FRAME, Hotline, run, said, voice
from flask import Response

from hotline.telephony.phone import Telephone

SILENCE = b"\xff" * FRAME


def call(hotline: Hotline, answer: str, **more: object) -> Telephone:
    hotline.answers = {"/voice/incoming": answer, **more}
    phone = hotline.phone()
    phone.dial()
    return phone


def digits(hotline: Hotline, path: str = "/keys") -> list[str]:
    return [one.parameters["Digits"] for one in hotline.asked_for(path)]


def test_say_is_heard_as_often_as_loop_says(hotline: Hotline) -> None:
    phone = run(call(hotline, '<Say loop="2">Ab</Say><Pause/>'))
    assert bytes(phone.heard) == voice("Ab") * 2 + SILENCE * 50


def test_say_speaks_what_ssml_contains(hotline: Hotline) -> None:
    phone = run(call(hotline, "<Say>Ihre <emphasis>Nummer</emphasis>\n  bitte</Say>"))
    assert said(phone) == ["Ihre Nummer bitte"]
    assert phone.problems == []


def test_play_fetches_a_wav_file(hotline: Hotline) -> None:
    sound = io.BytesIO()
    soundfile.write(sound, (np.sin(np.arange(16000) / 5) * 0.5), 16000, format="WAV")
    file = Response(sound.getvalue(), mimetype="audio/wav")
    phone = run(call(hotline, "<Play>/sound.wav</Play>", **{"/sound.wav": file}))
    assert phone.ticks == 50
    assert len(set(phone.heard)) > 20


@pytest.mark.parametrize("file", [Response(status=404), Response("kein Ton", mimetype="audio/wav")])
def test_a_file_that_cannot_be_played_is_passed_over(hotline: Hotline, file: Response) -> None:
    phone = run(call(hotline, "<Play>/sound.wav</Play><Say>Weiter</Say>", **{"/sound.wav": file}))
    assert len(phone.problems) == 1
    assert said(phone) == ["Weiter"]


def test_play_digits_sounds_key_tones(hotline: Hotline) -> None:
    phone = run(call(hotline, '<Play digits="1w2"/>'))
    assert phone.at_ms == 200 + 500 + 200


def test_pause_lasts_one_second_by_default(hotline: Hotline) -> None:
    assert run(call(hotline, "<Pause/>")).at_ms == 1000


def test_nothing_follows_a_redirect_or_a_hangup(hotline: Hotline) -> None:
    answers = {"/next": "<Hangup/><Say>Nie</Say>"}
    phone = run(call(hotline, "<Redirect>/next</Redirect><Say>Nie</Say>", **answers))
    assert said(phone) == []
    assert phone.status == "completed"


@pytest.mark.parametrize(
    ("verb", "status"), [("<Reject/>", "no-answer"), ('<Reject reason="busy"/>', "busy")]
)
def test_a_rejected_call_was_never_answered(hotline: Hotline, verb: str, status: str) -> None:
    phone = run(call(hotline, verb))
    assert phone.status == status
    [report] = hotline.asked_for("/voice/status")
    assert report.parameters["CallStatus"] == status
    assert "CallDuration" not in report.parameters


def test_reject_after_another_verb_just_ends_the_call(hotline: Hotline) -> None:
    assert run(call(hotline, "<Say>Hallo</Say><Reject/>")).status == "completed"


GATHER = '<Gather input="dtmf" action="/keys" {}><Say>Bitte wählen Sie jetzt</Say></Gather><Say>Nichts</Say>'


def test_gather_ends_after_numdigits(hotline: Hotline) -> None:
    phone = call(hotline, GATHER.format('numDigits="2"'), **{"/keys": "<Say>Danke</Say>"})
    phone.press("123")
    run(phone)
    assert digits(hotline) == ["12"]
    assert said(phone) == ["Bitte wählen Sie jetzt", "Danke"]


def test_a_key_stops_the_prompt(hotline: Hotline) -> None:
    phone = call(hotline, GATHER.format('numDigits="1"'), **{"/keys": ""})
    run(phone, seconds=0.2)
    assert phone.playing
    phone.press("5")
    run(phone)
    assert phone.ticks < 15
    assert digits(hotline) == ["5"]


def test_the_finishing_key_is_not_among_the_digits(hotline: Hotline) -> None:
    phone = call(hotline, GATHER.format(""), **{"/keys": ""})
    phone.press("42#7")
    run(phone)
    assert digits(hotline) == ["42"]


def test_another_finishing_key_or_none(hotline: Hotline) -> None:
    phone = call(hotline, GATHER.format('finishOnKey="*" timeout="2"'), **{"/keys": ""})
    phone.press("4#2*")
    run(phone)
    phone = call(hotline, GATHER.format('finishOnKey="" timeout="2"'), **{"/keys": ""})
    phone.press("4#*")
    run(phone)
    assert digits(hotline) == ["4#2", "4#*"]


def test_the_timeout_runs_from_the_end_of_the_prompt(hotline: Hotline) -> None:
    phone = run(call(hotline, GATHER.format('timeout="3"')))
    [nothing] = [event for event in phone.log.of("say") if event.data["text"] == "Nichts"]
    prompt = len("Bitte wählen Sie jetzt") * 20
    assert prompt + 3000 <= nothing.at_ms <= prompt + 3100
    assert digits(hotline) == []


def test_the_timeout_runs_from_the_last_key(hotline: Hotline) -> None:
    phone = call(hotline, GATHER.format('timeout="3"'), **{"/keys": ""})
    for key in "12":
        run(phone, seconds=2.5)
        phone.press(key)
    run(phone)
    assert digits(hotline) == ["12"]
    assert 8000 <= phone.at_ms <= 8200


def test_gather_without_keys_posts_only_if_told_to(hotline: Hotline) -> None:
    phone = run(call(hotline, GATHER.format('timeout="1" actionOnEmptyResult="true"'), **{"/keys": ""}))
    assert digits(hotline) == [""]
    assert "Nichts" not in said(phone)


def test_the_finishing_key_alone_counts_as_nothing(hotline: Hotline) -> None:
    phone = call(hotline, GATHER.format(""), **{"/keys": ""})
    phone.press("#")
    run(phone)
    assert digits(hotline) == []
    assert "Nichts" in said(phone)


def test_gather_without_action_asks_its_own_document_again(hotline: Hotline) -> None:
    hotline.answers = {"/voice/incoming": ['<Gather numDigits="1"/>', "<Hangup/>"]}
    phone = hotline.phone()
    phone.dial()
    phone.press("1")
    run(phone)
    assert [one.parameters.get("Digits") for one in hotline.asked_for("/voice/incoming")] == [None, "1"]


def test_twenty_keys_at_once_take_four_seconds(hotline: Hotline) -> None:
    phone = call(hotline, GATHER.format('numDigits="20"'), **{"/keys": ""})
    phone.press("12345678901234567890")
    run(phone)
    assert digits(hotline) == ["12345678901234567890"]
    assert phone.at_ms == pytest.approx(3900, abs=100)


def test_a_telephone_has_no_letters(hotline: Hotline) -> None:
    phone = call(hotline, "<Pause/>")
    with pytest.raises(ValueError, match="no keys"):
        phone.press("1a")
