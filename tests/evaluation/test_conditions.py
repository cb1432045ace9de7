import shutil

import numpy as np
import pytest

from hotline.evaluation import conditions
from hotline.evaluation.conditions import LEAD_MS, ConditionError, over_the_line, parse
from hotline.evaluation.corpus import voices
from hotline.speech import audio

LEAD = LEAD_MS * 8


@pytest.fixture(scope="module")
def voice():
    spoken = voices.speak("Guten Tag, ich brauche einen neuen Personalausweis.", voices.Voice("pico"))
    return audio.resample(spoken, voices.RATE, 8000)


@pytest.mark.parametrize(
    "text",
    [
        "clean",
        "street:20",
        "kitchen:10",
        "white:20",
        "level:-40",
        "clip:3",
        "loss:5",
        "gsm",
        "wide",
        "far",
        "tilt:-4",
        "tilt:4",
        "echo:15",
    ],
)
def test_a_condition_is_the_same_for_the_same_seed_and_keeps_the_timing(voice, text):
    once, again, other = (over_the_line(voice, parse(text), seed) for seed in (1, 1, 2))
    assert np.array_equal(once, again)
    assert len(once) == len(other) == LEAD + len(voice) + conditions.TAIL_MS * 8
    if text != "gsm":
        assert not np.array_equal(once, other)


@pytest.mark.parametrize("kind", ["street", "kitchen", "television", "pink", "babble"])
def test_noise_is_as_loud_as_asked(voice, kind):
    arrived = over_the_line(voice, parse(f"{kind}:10"), 1)
    behind = audio.speech_level(arrived[LEAD + len(voice) + 4000 :])
    assert behind == pytest.approx(conditions.USUAL_DBFS - 10, abs=4)


def test_a_quiet_voice_is_quiet(voice):
    assert audio.speech_level(over_the_line(voice, parse("level:-40"), 1)) == pytest.approx(-40, abs=1)


def test_a_digital_line_passes_the_low_tones_of_a_voice(voice):
    wide, narrow = (over_the_line(voice, parse(text), 1).astype(float) for text in ("wide", "clean"))
    low = np.fft.rfftfreq(len(wide), 1 / 8000) < 250
    powers = [(np.abs(np.fft.rfft(signal)[low]) ** 2).sum() for signal in (wide, narrow)]
    assert powers[0] > 20 * powers[1]


@pytest.mark.parametrize("tilt", [-4, 4])
def test_a_tilt_makes_each_octave_louder_or_softer_than_the_one_below(voice, tilt):
    calls = (over_the_line(voice, parse(text), 1) for text in (f"tilt:{tilt}", "clean"))
    tilted, plain = (call[LEAD : LEAD + len(voice)].astype(float) for call in calls)
    hertz = np.fft.rfftfreq(len(tilted), 1 / 8000)

    def high_over_low_db(signal):
        power = np.abs(np.fft.rfft(signal)) ** 2
        high, low = (power[(hertz > near / 1.1) & (hertz < near * 1.1)].sum() for near in (1000, 500))
        return 10 * np.log10(high / low)

    assert high_over_low_db(tilted) - high_over_low_db(plain) == pytest.approx(tilt, abs=1)


def test_an_echo_comes_later_and_softer():
    click = np.zeros(8000, np.int16)
    click[80:160] = 8000 * np.sin(np.arange(80))
    echo = over_the_line(click, parse("echo:10"), 1)[LEAD + conditions.ECHO_MS * 8 :]
    voice = over_the_line(click, parse("clean"), 1)[LEAD:]
    loudness = [np.abs(signal[80:160].astype(float)).mean() for signal in (voice, echo)]
    assert 20 * np.log10(loudness[0] / loudness[1]) == pytest.approx(10, abs=1.5)


def test_lost_packets_leave_gaps(voice):
    arrived = over_the_line(voice, parse("white:10+loss:10"), 1)
    frames = arrived[: len(arrived) // 160 * 160].reshape(-1, 160)
    assert (frames == 0).all(axis=1).mean() == pytest.approx(0.1, abs=0.04)


@pytest.mark.skipif(shutil.which("sox") is None, reason="needs sox")
def test_amr_keeps_speech_and_changes_it(voice):
    try:
        coded, plain = (over_the_line(voice, parse(text), 1) for text in ("amr", "clean"))
    except ConditionError as error:
        pytest.skip(str(error))
    assert not np.array_equal(coded, plain)
    assert audio.speech_level(coded) == pytest.approx(audio.speech_level(plain), abs=3)


@pytest.mark.parametrize("text", ["regen:20", "street", "gsm:3", "level:laut"])
def test_an_unknown_condition_is_refused_in_german(text):
    with pytest.raises(ConditionError, match="ist keine Bedingung"):
        parse(text)
