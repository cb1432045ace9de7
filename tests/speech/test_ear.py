import logging
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import vosk

from hotline.speech.ear import Ear, EarError
from hotline.speech.words import UNKNOWN

from .sounds import DIGITS, YES_NO, over_the_line, quiet


def hear(ear, samples, phrases):
    listener = ear.listen(phrases)
    for start in range(0, len(samples), 160):
        listener.accept(samples[start : start + 160])
    return listener.final()


def text(words):
    return " ".join(word.text for word in words)


def test_a_folder_without_a_model_is_refused_in_german(tmp_path):
    with pytest.raises(EarError, match=r"ist kein Vosk-Modell: Die Datei am/final\.mdl fehlt"):
        Ear.load(tmp_path)


def test_a_truncated_model_is_refused_in_german(tmp_path, model_path):
    broken = tmp_path / "kaputt"
    shutil.copytree(model_path, broken)
    mdl = broken / "am" / "final.mdl"
    mdl.chmod(0o644)
    mdl.write_bytes(mdl.read_bytes()[:1000])
    with pytest.raises(EarError, match="lässt sich nicht laden"):
        Ear.load(broken)


@pytest.mark.parametrize(("snr", "wanted"), [(40, 96), (20, 95), (10, 95)])
def test_recorded_digits_are_heard_through_noise(ear, recorded_digits, snr, wanted):
    right = sum(
        text(hear(ear, over_the_line(quiet(300), samples, quiet(300), snr=snr), DIGITS)) == word
        for samples, word in recorded_digits
    )
    assert right >= wanted, f"{right} of {len(recorded_digits)} right"


def test_no_digit_misheard_in_loud_noise_is_certain(ear, recorded_digits):
    """With a lattice beam of 2, four of eight had a confidence of 1: nothing else was weighed."""
    misheard = [
        heard.confidence
        for samples, word in recorded_digits
        for heard in hear(ear, over_the_line(quiet(300), samples, quiet(300), snr=-5), DIGITS)
        if heard.known and heard.text != word
    ]
    assert misheard
    assert max(misheard) < 0.99


def test_words_have_times_and_confidence(ear, say):
    spoken = say("Nein.")
    (word,) = hear(ear, over_the_line(quiet(1000), spoken, quiet(500)), YES_NO)
    assert word.text == "nein"
    assert word.known
    assert 0 < word.confidence <= 1
    assert 900 < word.start_ms < word.end_ms < 1000 + len(spoken) // 8 + 200


@pytest.mark.parametrize(("behind_dbfs", "heard"), [(-50, "vier"), (-29, "vier sieben")])
def test_only_what_is_about_as_loud_as_the_caller_is_heard(ear, say, behind_dbfs, heard):
    line = over_the_line(
        quiet(500), say("Vier.", -25), quiet(300), say("Sieben.", behind_dbfs), quiet(500), snr=60
    )
    assert text(hear(ear, line, DIGITS)) == heard


def test_a_soft_word_right_beside_a_loud_one_is_the_callers_own(ear, say):
    line = over_the_line(quiet(500), say("Vier.", -20), say("Sieben.", -38), quiet(500), snr=60)
    assert text(hear(ear, line, DIGITS)) == "vier sieben"


def test_umlauts_of_a_grammar_are_heard(ear, say):
    assert text(hear(ear, over_the_line(say("fünf"), quiet(400)), ["fünf", "elf", "zwölf"])) == "fünf"


def test_what_is_outside_the_grammar_is_unknown(ear, say):
    words = hear(ear, over_the_line(say("Das Wetter bleibt wechselhaft."), quiet(400)), YES_NO)
    assert words
    assert all(not word.known for word in words)


def test_silence_is_no_word(ear):
    assert hear(ear, quiet(3000), YES_NO) == ()


def test_segments_that_vosk_closes_are_joined(ear, say):
    """Vosk's own end-pointer closes a segment after half a second; a caller's pause is longer."""
    samples = over_the_line(say("vier acht zwei"), quiet(1800), say("eins null sieben"), quiet(400))
    listener = ear.listen(DIGITS)
    longest = ""
    for start in range(0, len(samples), 160):
        listener.accept(samples[start : start + 160])
        partial = listener.partial()
        assert partial.startswith("vier acht zwei") or not longest.startswith("vier acht zwei")
        longest = max(longest, partial, key=len)
    words = listener.final()
    assert text(words) == longest == listener.partial() == "vier acht zwei eins null sieben"
    starts = [word.start_ms for word in words]
    assert starts == sorted(starts)
    assert words[3].start_ms - words[2].end_ms > 1200


def test_a_partial_result_appears_while_the_caller_speaks(ear, say):
    listener = ear.listen(DIGITS)
    listener.accept(say("eins zwei drei vier fünf sechs"))
    assert listener.partial().startswith("eins zwei")


def test_a_listener_that_has_answered_answers_the_same_and_hears_no_more(ear, say):
    listener = ear.listen(YES_NO)
    listener.accept(np.concatenate([say("Ja."), quiet(400)]))
    assert listener.final() == listener.final() != ()
    with pytest.raises(ValueError, match="given its answer"):
        listener.accept(quiet(20))


def test_a_listener_that_heard_nothing_answers_nothing(ear):
    listener = ear.listen(YES_NO)
    assert listener.partial() == ""
    assert listener.final() == ()


def test_words_that_the_model_lacks_are_reported_once_and_do_no_harm(model_path, say, caplog):
    ear = Ear.load(model_path)
    phrases = ["ja", "nein", "zur xyzzystraße", "plughplatz"]
    assert ear.missing(phrases) == ["plughplatz", "xyzzystraße"]
    with caplog.at_level(logging.WARNING):
        words = hear(ear, over_the_line(say("Ja."), quiet(400)), phrases)
        hear(ear, quiet(100), phrases)
    assert text(words) == "ja"
    assert [record.getMessage() for record in caplog.records] == [
        f"The model {ear.name} lacks 2 word(s): plughplatz, xyzzystraße"
    ]


@pytest.mark.parametrize("phrases", [[], [""], ["plughplatz"], [UNKNOWN]])
def test_a_grammar_of_nothing_hears_nothing(ear, say, phrases):
    words = hear(ear, over_the_line(say("Ja."), quiet(400)), phrases)
    assert all(not word.known for word in words)


def test_many_threads_share_one_ear(ear, say):
    spoken = {word: over_the_line(say(word), quiet(400)) for word in ("ja", "nein", "richtig", "falsch")}
    jobs = list(spoken) * 4
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda word: text(hear(ear, spoken[word], YES_NO)), jobs))
    assert heard == jobs


def test_a_model_of_another_rate_gets_resampled_audio(tmp_path, model_path, say):
    """The same model told to expect 16 kHz hears the same words: Kaldi brings 16 kHz down to its filters."""
    wide = tmp_path / "breitband"
    shutil.copytree(model_path, wide)
    conf = wide / "conf" / "mfcc.conf"
    conf.chmod(0o644)
    rate_8k = "--sample-frequency=8000"
    if rate_8k not in conf.read_text(encoding="utf-8"):
        pytest.skip("needs a model for 8 kHz")
    conf.write_text(
        conf.read_text(encoding="utf-8").replace(rate_8k, "--sample-frequency=16000"), encoding="utf-8"
    )
    ear = Ear.load(wide)
    assert ear.rate == 16000
    listener = ear.listen(DIGITS)
    accepted = []
    recogniser = listener._recogniser

    class Counting:
        def __getattr__(self, name):
            return getattr(recogniser, name)

        def AcceptWaveform(self, data):  # noqa: N802
            accepted.append(len(data) // 2)
            return recogniser.AcceptWaveform(data)

    listener._recogniser = Counting()
    samples = over_the_line(quiet(300), say("eins zwei drei"), quiet(500))
    listener.accept(samples)
    words = listener.final()
    assert sum(accepted) == 2 * len(samples)
    assert text(words) == "eins zwei drei"
    assert words[-1].end_ms <= len(samples) // 8


def test_speech_outside_the_grammar_does_not_occupy_the_ear(ear, say):
    """Without a bound on its lattice a television keeps it busy for longer than it speaks."""
    news = (
        "Die Bundesregierung hat gestern beschlossen, dass die Renten im nächsten Jahr steigen.",
        "Das Wetter bleibt wechselhaft mit Schauern im Norden und Sonne im Süden.",
        "In der Bundesliga gewann gestern Abend der Hamburger Sport Verein überraschend.",
    )
    samples = over_the_line(*(say(text)[:-2000] for text in news), snr=20)
    grammars = (YES_NO, ["ja", "nein", "genau", "richtig", "gerne", "nein danke", "ja bitte"], DIGITS)
    before = time.thread_time()
    for grammar in grammars:
        hear(ear, samples, grammar)
    assert time.thread_time() - before < len(grammars) * len(samples) / 8000 / 6


def test_a_short_answer_is_heard_whenever_it_comes(ear, say):
    """Vosk closes an empty segment after 5 s of silence, and would cut in two a word that just begins.

    And we begin afresh after 2 s of it.
    """
    spoken = say("Ja.")
    waits = [*range(1600, 2120, 40), *range(4680, 5080, 40)]
    heard = [text(hear(ear, over_the_line(quiet(ms), spoken, quiet(600), snr=20), YES_NO)) for ms in waits]
    assert heard == ["ja"] * len(waits)


def test_a_word_after_a_long_silence_has_its_time(ear, say):
    spoken = say("Nein.")
    (word,) = hear(ear, over_the_line(quiet(9300), spoken, quiet(500), snr=20), YES_NO)
    assert word.text == "nein"
    assert 9200 < word.start_ms < word.end_ms < 9300 + len(spoken) // 8 + 200


def test_what_was_heard_before_a_long_silence_is_kept(ear, say):
    samples = over_the_line(quiet(300), say("Eins."), quiet(5000), say("Zwei."), quiet(500), snr=20)
    assert text(hear(ear, samples, DIGITS)) == "eins zwei"


def test_a_silent_line_is_forgotten_every_two_seconds(ear, monkeypatch):
    """Vosk computes more with every second of an utterance, also of silence."""
    made = []
    recogniser = vosk.KaldiRecognizer
    monkeypatch.setattr(vosk, "KaldiRecognizer", lambda *args: made.append(args) or recogniser(*args))
    assert hear(ear, over_the_line(quiet(10100), snr=20), YES_NO) == ()
    assert len(made) == 6


_CHANGES_ITS_GRAMMAR = """
import json, sys, vosk
import numpy as np
vosk.SetLogLevel(-1)
model = vosk.Model(sys.argv[1])
rate = int(sys.argv[2])
grammars = [json.dumps(["ja", "nein", "[unk]"]), json.dumps(["eins", "zwei", "[unk]"])]
hiss = (np.random.default_rng(0).standard_normal(rate) * 2000).astype(np.int16).tobytes()
recogniser = vosk.KaldiRecognizer(model, rate, grammars[0])
recogniser.AcceptWaveform(hiss)
if sys.argv[3] == "the same":
    recogniser.SetGrammar(grammars[1])
else:
    recogniser = vosk.KaldiRecognizer(model, rate, grammars[1])
recogniser.AcceptWaveform(hiss)
recogniser.FinalResult()
print("alive")
"""


@pytest.mark.parametrize(("recogniser", "alive"), [("the same", False), ("a fresh one", True)])
def test_a_grammar_changed_in_mid_utterance_would_abort_the_process(ear, model_path, recogniser, alive):
    """Why every question has a fresh recogniser."""
    done = subprocess.run(
        [sys.executable, "-c", _CHANGES_ITS_GRAMMAR, str(model_path), str(ear.rate), recogniser],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip() == "alive") is alive
    assert (done.returncode == 0) is alive
