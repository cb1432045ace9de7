from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher

import numpy as np
import pytest

from hotline.speech import audio, voice
from hotline.speech.voice import PicoVoice, PiperVoice, VoiceError, for_telephone, limit, speakable, trim

SENTENCES = [
    "Ja.",
    "Der früheste Termin ist am Mittwoch, dem dritten Dezember, um neun Uhr zehn.",
    "Ihre Terminnummer lautet: vier acht zwei. eins null sieben.",
    "Für einen Personalausweis drücken Sie die eins.",
]


HEARD = {
    SENTENCES[1]: "der früheste termin ist am mittwoch dem dritten dezember um neun uhr zehn",
    SENTENCES[2]: "ihre termin nummer lautet vier acht zwei eins null sieben",
    SENTENCES[3]: "für einen personalausweis drücken sie die eins",
    "Am 3. Dezember, 9:10 Uhr.": "am dritten dezember neun uhr zehn",
}


@pytest.fixture(scope="module")
def pico():
    return PicoVoice()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_prompts_come_at_one_level_without_clipping_or_silence_before(pico, sentence):
    samples = audio.decode_mulaw(pico.render(sentence))
    assert audio.speech_level(samples) == pytest.approx(voice.SPOKEN_DBFS, abs=0.7)
    assert np.abs(samples.astype(int)).max() < 10 ** (-0.5 / 20) * audio.FULL_SCALE
    first_loud = np.nonzero(audio.frame_levels(samples) > voice.SPOKEN_DBFS - 30)[0][0]
    assert first_loud <= 5  # a soft "F" takes 80 ms to become loud


def test_prompts_keep_to_the_telephone_band(pico):
    samples = audio.decode_mulaw(pico.render(SENTENCES[1])).astype(float)
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 8000)
    outside = power[(hertz < 200) | (hertz > 3600)].sum() / power.sum()
    assert outside < 0.01


@pytest.mark.parametrize(("sentence", "heard"), HEARD.items())
def test_what_pico_says_can_be_understood(ear, pico, sentence, heard):
    """By an ear that expects the words of all these sentences, in any order."""
    words = " ".join([*HEARD.values(), "vierten freitag januar acht elf sechs fünf reisepass"]).split()
    listener = ear.listen(list(dict.fromkeys(words)))
    listener.accept(np.concatenate([audio.decode_mulaw(pico.render(sentence)), np.zeros(4000, np.int16)]))
    words = [word.text for word in listener.final()]
    assert SequenceMatcher(None, words, heard.split()).ratio() > 0.7, words


def test_pace_changes_how_long_a_sentence_takes(pico):
    usual, slow = (len(pico.render(SENTENCES[1], pace=pace)) for pace in (1.0, 0.8))
    assert slow / usual == pytest.approx(1 / 0.8, rel=0.05)


@pytest.mark.parametrize("text", ["", " ", "...", "?!", "😀", "\0", "—", "<>", "„“"])
def test_a_text_without_words_is_silence(pico, text):
    assert speakable(text) == ""
    assert pico.render(text) == b""


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<speed level='300'>Hallo", "speed level '300' Hallo"),
        ("Hallo\0Welt", "Hallo Welt"),
        ("Moin … gut", "Moin . gut"),
        ("Ja!!! Gut...", "Ja! Gut."),
        ("„Ja“ – nein", "Ja , nein"),
        ("und/oder", "und oder"),
        ("37,00 € am 3.12. um 9:10", "37,00 € am 3.12. um 9:10"),
        ("😀 Hallo 😀", "Hallo"),
    ],
)
def test_what_a_synthesiser_would_stumble_over_is_taken_out(text, plain):
    assert speakable(text) == plain


@pytest.mark.parametrize(
    "text", ["x" * 600, "Straße " * 100, "a & b < c > d", "中文", "Hallo\nWelt", "1" * 100]
)
def test_odd_texts_do_no_harm(pico, text):
    assert isinstance(pico.render(text), bytes)


def test_threads_may_speak_at_once(pico):
    with ThreadPoolExecutor(4) as pool:
        lengths = list(pool.map(lambda _: len(pico.render(SENTENCES[1])), range(12)))
    assert max(lengths) - min(lengths) <= 2 * audio.FRAME_BYTES


def test_peaks_are_turned_down_not_cut_off():
    time = np.arange(8000) / 8000
    signal = 8000 * np.sin(2 * np.pi * 200 * time)
    signal[4000:4400] *= 8
    limited = limit(signal).astype(int)
    ceiling = audio.FULL_SCALE * 10 ** (voice.PEAK_DBFS / 20)
    assert np.abs(limited).max() <= ceiling + 1
    assert (np.abs(limited) > ceiling - 10).sum() < 100, "cut off"
    assert np.abs(limited[:3900] - signal[:3900]).max() <= 1


def test_trimming_keeps_the_words_and_drops_the_silence():
    tone = np.full(1600, 5000, np.int16)
    padded = np.concatenate([np.zeros(8000, np.int16), tone, np.zeros(16000, np.int16)])
    assert 1600 <= len(trim(padded)) <= 1600 + 3 * audio.FRAME_BYTES
    assert len(trim(np.zeros(8000, np.int16))) == 0
    assert for_telephone(np.zeros(100, np.int16), 8000) == b""
    assert for_telephone(np.zeros(0, np.int16), 16000) == b""


def test_a_piper_voice_that_is_missing_is_refused_in_german(tmp_path):
    """Whether or not the package is installed."""
    with pytest.raises(VoiceError, match=r"Piper"):
        PiperVoice(tmp_path / "fehlt.onnx")
