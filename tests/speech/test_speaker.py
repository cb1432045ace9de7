import logging
import os

import numpy as np
import pytest

from hotline.speech import audio, speaker, voice
from hotline.speech.speaker import Speaker, sentences
from hotline.yamlfile import DataError


class Counting(voice.PicoVoice):
    """Pico, counting what it is asked to render."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def render(self, text, *, pace=1.0):
        self.asked.append(text)
        return super().render(text, pace=pace)


@pytest.fixture
def pico():
    return Counting()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Guten Tag. Was brauchen Sie?", ["Guten Tag.", "Was brauchen Sie?"]),
        ("Am 3. Dezember um 9 Uhr.", ["Am 3. Dezember um 9 Uhr."]),
        (
            "Ihre Nummer: vier acht. eins null. Auf Wiederhören!",
            ["Ihre Nummer: vier acht. eins null.", "Auf Wiederhören!"],
        ),
        ("Z. B. bei Dr. Müller, St. Pauli. Ja?", ["Z. B. bei Dr. Müller, St. Pauli.", "Ja?"]),
        (
            "Sagen Sie „Mitarbeiter.“ Oder drücken Sie null.",
            ["Sagen Sie „Mitarbeiter.“", "Oder drücken Sie null."],
        ),
        ("Erste Zeile\nzweite Zeile", ["Erste Zeile", "zweite Zeile"]),
        ("  ", []),
        ("", []),
    ],
)
def test_texts_are_divided_into_sentences(text, parts):
    assert sentences(text) == parts


@pytest.mark.parametrize("text", ["Sehr lang, " * 60, "wort " * 200, "x" * 1000, ", " * 500])
def test_long_sentences_are_divided_and_nothing_is_lost(text):
    parts = sentences(text)
    assert all(0 < len(part) <= speaker.LONGEST_SENTENCE for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


def test_the_first_sentence_is_there_before_the_second_is_rendered(pico):
    stream = Speaker(pico).stream("Guten Tag. Was brauchen Sie?")
    first = next(stream)
    assert first
    assert pico.asked == ["Guten Tag."]
    assert list(stream)


def test_saying_is_streaming_at_once_with_pauses_between_sentences(pico):
    own = Speaker(pico)
    whole = own.say("Guten Tag. Was brauchen Sie?")
    assert whole == b"".join(own.stream("Guten Tag. Was brauchen Sie?"))
    alone = own.say("Guten Tag."), own.say("Was brauchen Sie?")
    assert whole == alone[0] + audio.silence(speaker.PAUSE_MS) + alone[1]


def test_a_sentence_is_rendered_once_per_pace(pico):
    own = Speaker(pico)
    for _ in range(2):
        own.say("Guten Tag.")
        own.say("Guten Tag.", pace=0.8)
    assert pico.asked == ["Guten Tag."] * 2


def test_rendered_speech_outlives_the_process(pico, tmp_path):
    first = Speaker(pico, cache=tmp_path / "cache").say("Guten Tag.")
    assert Speaker(pico, cache=tmp_path / "cache").say("Guten Tag.") == first
    assert len(pico.asked) == 1
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".ulaw"]


def test_another_voice_has_its_own_cache(pico, tmp_path):
    Speaker(pico, cache=tmp_path).say("Guten Tag.")
    other = Counting()
    other.name = "other"
    Speaker(other, cache=tmp_path).say("Guten Tag.")
    assert len(other.asked) == 1


def test_a_cache_that_cannot_be_written_is_logged_once_and_the_caller_hears_all_the_same(
    pico, tmp_path, caplog
):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    own = Speaker(pico, cache=blocked / "cache")
    with caplog.at_level(logging.WARNING):
        assert own.say("Guten Tag. Auf Wiederhören.")
    assert len(caplog.records) == 1
    assert str(blocked) in caplog.text


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk_leaves_no_half_file(pico, tmp_path, caplog, monkeypatch):
    full = open("/dev/full", "wb", buffering=0)  # noqa: PTH123, SIM115

    class OnFullDisk:
        def __init__(self, **options):
            self._file = real(**options)
            self.name = self._file.name

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self._file.close()

        def write(self, data):
            full.write(data)

    real = speaker.tempfile.NamedTemporaryFile
    monkeypatch.setattr(speaker.tempfile, "NamedTemporaryFile", OnFullDisk)
    with caplog.at_level(logging.WARNING):
        assert Speaker(pico, cache=tmp_path).say("Guten Tag.")
    full.close()
    assert list(tmp_path.iterdir()) == []
    assert "No space left" in caplog.text


def test_memory_is_bounded(pico, monkeypatch):
    monkeypatch.setattr(speaker, "_MEMORY", 20000)
    own = Speaker(pico)
    for number in ("eins", "zwei", "drei", "vier", "fünf", "sechs"):
        own.say(number)
    own.say("sechs")
    own.say("eins")
    assert pico.asked == ["eins", "zwei", "drei", "vier", "fünf", "sechs", "eins"]


def test_a_recording_beats_the_voice_and_comes_at_its_level(pico, tmp_path):
    (tmp_path / "recordings").mkdir()
    time = np.arange(44100) / 44100
    quiet_tone = audio.to_samples(500 * np.sin(2 * np.pi * 600 * time))
    audio.write_wav(tmp_path / "recordings" / "welcome.wav", quiet_tone, 44100)
    own = Speaker(pico, prompts=tmp_path)
    samples = audio.decode_mulaw(own.say("Guten Tag.", recording="welcome"))
    assert pico.asked == []
    assert audio.speech_level(samples) == pytest.approx(voice.SPOKEN_DBFS, abs=0.7)
    assert len(samples) == pytest.approx(8000, abs=400)


def test_a_recording_that_is_replaced_is_heard_at_once(pico, tmp_path):
    (tmp_path / "recordings").mkdir()
    file = tmp_path / "recordings" / "welcome.wav"
    own = Speaker(pico, prompts=tmp_path)
    spoken = own.say("Guten Tag.", recording="welcome")
    assert pico.asked == ["Guten Tag."]
    audio.write_wav(file, np.full(8000, 3000, np.int16) * np.tile([1, -1], 4000).astype(np.int16))
    audio.write_wav(file, audio.noise(8000, -30, 1))
    first = own.say("Guten Tag.", recording="welcome")
    audio.write_wav(file, audio.noise(4000, -30, 2))
    os.utime(file, ns=(1, 1))
    second = own.say("Guten Tag.", recording="welcome")
    assert len({spoken, first, second}) == 3


def test_a_damaged_recording_is_logged_and_the_text_spoken(pico, tmp_path, caplog):
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "welcome.wav").write_text("no sound")
    with caplog.at_level(logging.WARNING):
        assert Speaker(pico, prompts=tmp_path).say("Guten Tag.", recording="welcome")
    assert pico.asked == ["Guten Tag."]
    assert "welcome.wav" in caplog.text


def test_words_are_told_to_the_voice_as_the_file_says(pico, tmp_path):
    (tmp_path / "pronunciation.yaml").write_text(
        "Hotline: Hottlein\nTermin-Hotline: Termin-Hottlein\n", "utf-8"
    )
    Speaker(pico, prompts=tmp_path).say("Die Termin-Hotline, keine Hotlines, die Hotline.")
    assert pico.asked == ["Die Termin-Hottlein, keine Hotlines, die Hottlein."]


def test_a_wrong_pronunciation_file_is_named_with_its_line(pico, tmp_path):
    (tmp_path / "pronunciation.yaml").write_text("Hotline: Hottlein\nChat: [1]\n", "utf-8")
    with pytest.raises(DataError, match=r"pronunciation\.yaml:2"):
        Speaker(pico, prompts=tmp_path)


def test_rendering_all_makes_saying_free(pico, tmp_path, capsys):
    own = Speaker(pico, cache=tmp_path)
    own.render_all(["Guten Tag. Ja.", "Ja.", ""], progress=False)
    assert sorted(pico.asked) == ["Guten Tag.", "Ja."]
    assert capsys.readouterr().out == ""
    own.say("Guten Tag. Ja.")
    assert len(pico.asked) == 2
    own.render_all(["Ja."], progress=True)
    assert "Ansagen" in capsys.readouterr().out
