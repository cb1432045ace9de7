"""Bad lines, bad luck and bad manners: a call goes on, or ends with a sentence, and nothing is lost."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

from hotline.settings import ROOT
from hotline.speech import audio
from hotline.speech.voice import PicoVoice
from hotline.storage import Database
from hotline.telephony.phone import Callee
from hotline.telephony.phone.caller import Nobody
from tests.calls.conftest import PUBLIC_URL, TOKEN, WEDNESDAY, Hotline

pytestmark = pytest.mark.call

SERVICE = "Ich brauche einen neuen Personalausweis"


class Then(Nobody):
    """Does something to the line once, after the caller's turn ``number``."""

    def __init__(self, number, act):
        self._number, self._act = number, act

    def understood(self, turn):
        if turn.number == self._number and self._act:
            act, self._act = self._act, None
            act()


def questions(record):
    return [turn["question"] for turn in record.transcript]


@pytest.mark.parametrize("breaks_after", [1, 3], ids=["offer", "read back"])
def test_a_call_whose_stream_breaks_goes_on_at_the_same_question(hotline, breaks_after):
    phone = hotline.telephone(from_="+4917612345678")
    turns = [SERVICE, "Ja", "Ja", "Ja bitte", "Nein danke"]
    turns.insert(breaks_after, {"silent": 1})
    record = hotline.call(*turns, telephone=phone, audience=Then(breaks_after, phone.break_stream), repeats=1)
    assert record.outcome["kind"] == "booked", record.transcript
    assert "Da bin ich wieder." in [text for turn in record.transcript for text in turn["said"]]
    assert len(hotline.appointments()) == 1
    assert not hotline.appointments("held")


def test_a_stream_that_breaks_again_and_again_ends_in_keypad_mode_at_the_same_question(hotline):
    phone = hotline.telephone(from_="+4917612345678")

    class Breaks(Nobody):
        def understood(self, turn):
            if turn.number <= 4:
                phone.break_stream()

    waits = [{"silent": 1}] * 4
    keys = [{"press": key} for key in ("1", "1", "1", "2")]
    record = hotline.call(SERVICE, *waits, *keys, telephone=phone, audience=Breaks())
    assert record.outcome["kind"] == "booked", record.transcript
    assert "mit den Tasten Ihres Telefons" in " ".join(
        text for turn in record.transcript for text in turn["said"]
    )


def test_every_webhook_may_come_twice(hotline):
    phone = hotline.telephone(from_="+4917612345678", repeat=2)
    record = hotline.call(SERVICE, "Ja", "Ja", "Ja bitte", "Nein danke", telephone=phone, repeats=1)
    assert record.outcome["kind"] == "booked", record.transcript
    assert len(hotline.appointments()) == 1
    assert len(hotline.sms()) == 1


def test_where_all_ears_are_taken_the_call_goes_on_by_keypad(hotline_with):
    hotline = hotline_with(ears=0)
    record = hotline.call(*[{"press": key} for key in ("1", "1", "1", "1", "1", "2")])
    assert record.outcome["kind"] == "booked", record.transcript


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Recordings of what is no answer."""
    folder = tmp_path_factory.mktemp("sounds")
    pico = PicoVoice()
    story = " ".join(
        f"Und dann bin ich {verb}, weil meine Tochter gesagt hat, dass der Hund {state} ist."
        for verb in ("gegangen", "geblieben", "gekommen", "gefahren", "aufgestanden")
        for state in ("krank", "weggelaufen", "müde", "hungrig")
    )
    talk = audio.decode_mulaw(pico.render(story))
    audio.write_wav(folder / "story.wav", talk, audio.TELEPHONE_RATE)
    time_s = np.arange(20 * audio.TELEPHONE_RATE) / audio.TELEPHONE_RATE
    chord = sum(
        np.sin(2 * np.pi * pitch * time_s) * (np.exp(-3 * (time_s % beat)))
        for pitch, beat in ((262, 0.5), (330, 0.5), (392, 0.75), (523, 1.0))
    )
    audio.write_wav(folder / "music.wav", audio.to_samples(chord * 4000), audio.TELEPHONE_RATE)
    audio.write_wav(folder / "hiss.wav", audio.noise(20 * audio.TELEPHONE_RATE, -15, 3), audio.TELEPHONE_RATE)
    return folder


def test_a_caller_who_talks_for_a_minute_about_something_else_is_interrupted_kindly(hotline, sounds):
    record = hotline.call({"play": str(sounds / "story.wav")}, {"hang_up": True})
    assert record.outcome.get("kind") != "booked"
    assert not hotline.appointments()
    assert record.transcript[1]["decision"] == "reject"
    assert any("nicht verstanden" in text for turn in record.transcript for text in turn["said"])


@pytest.mark.parametrize("sound", ["music.wav", "hiss.wav"])
def test_music_and_noise_are_no_answers(hotline, sounds, sound):
    record = hotline.call(SERVICE, {"play": str(sounds / sound)}, {"hang_up": True}, repeats=0)
    answers = [turn["meaning"] for turn in record.transcript[2:]]
    assert not any(answers), record.transcript
    assert not hotline.appointments()
    assert not hotline.appointments("held")


def test_an_agent_who_hangs_up_during_the_whisper_leaves_a_call_back(hotline):
    phone = hotline.telephone(from_="+4917612345678", callees=Callee(gives_up_after=1))
    record = hotline.call(SERVICE, {"press": "0"}, {"press": "1"}, {"press": "2"}, telephone=phone)
    [dialled] = phone.dialled
    assert not dialled.bridged
    assert record.outcome["kind"] == "call_back", record.transcript
    assert len(hotline.callbacks()) == 1


def test_a_withheld_number_books_without_sms(hotline):
    record = hotline.call(SERVICE, "Ja", "Nein", "Ja bitte", "Nein danke", from_="anonymous", repeats=1)
    assert record.outcome["kind"] == "booked", record.transcript
    assert not hotline.sms()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def served(tmp_path, city_database, voice_cache, model):
    """A hotline served by gunicorn in processes of its own."""
    path = tmp_path / "served.sqlite3"
    path.write_bytes(city_database.read_bytes())
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "HOTLINE_DATABASE_URL": f"sqlite:///{path}",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "HOTLINE_PUBLIC_URL": PUBLIC_URL,
        "HOTLINE_CACHE": str(voice_cache),
        "HOTLINE_MODEL": str(model),
        "HOTLINE_SMS_SENDER": "local",
        "HOTLINE_PHONE": "true",
        "HOTLINE_KEEP_TRANSCRIPTS": "true",
    }
    command = [sys.executable, "-c", "from hotline.cli import main; main()", "serve", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                    break
            except OSError:
                assert process.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.2)
        yield process, Hotline(url, None, Database(f"sqlite:///{path}"), None, WEDNESDAY)
    finally:
        process.terminate()
        process.wait(30)


def workers(process):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    )
    return [int(pid) for pid in found.stdout.split()]


def test_a_call_outlives_the_process_that_holds_it(served):
    process, hotline = served

    def kill():
        for pid in workers(process):
            os.kill(pid, signal.SIGKILL)

    phone = hotline.telephone(from_="+4917612345678")
    turns = (SERVICE, {"silent": 1}, "Ja", "Ja", "Ja bitte", "Nein danke")
    record = hotline.call(*turns, telephone=phone, audience=Then(1, kill), repeats=1)
    assert record.outcome["kind"] == "booked", record.transcript
    assert [turn["question"] for turn in record.transcript].count("offer") >= 2
    assert len(hotline.appointments()) == 1
    assert not hotline.appointments("held")
