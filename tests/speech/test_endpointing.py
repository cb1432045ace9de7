"""The end of a turn, first on made-up signals and partial results, then with the real ear."""

import numpy as np
import pytest

from hotline.speech import audio
from hotline.speech.endpointing import CHOICE, DIGITS, OPEN, Endpointer, NoiseFloor, Patience, State

from . import sounds
from .sounds import YES_NO, at_level, cough, music, over_the_line, quiet, take_turn

SILENT, SOFT, LOUD = -70, -45, -25


class Line:
    """Feeds an endpointer with hiss of a given level and with partial results."""

    def __init__(self, patience=CHOICE, **options):
        self.endpointer = Endpointer(patience, **options)
        self.now = 0
        self._random = np.random.default_rng(0)

    def hear(self, milliseconds, dbfs, partial=None):
        """Pass so many ms, or fewer if the turn ends; return the state."""
        state = self.endpointer.state
        for _ in range(milliseconds // 20):
            hiss = self._random.standard_normal(160) * audio.FULL_SCALE * 10 ** (dbfs / 20)
            self.now += 20
            state = self.endpointer.frame(audio.to_samples(hiss), partial)
            if state.over:
                break
        return state


def test_who_says_nothing_is_noticed_after_seven_seconds():
    line = Line()
    assert line.hear(20000, SILENT, "") is State.NO_INPUT
    assert line.now == 7000


def test_while_a_prompt_plays_nobody_is_missing_an_answer():
    line = Line(prompt_playing=True)
    assert line.hear(20000, SILENT, "") is State.WAITING
    line.endpointer.prompt_over()
    assert line.hear(20000, SILENT, "") is State.NO_INPUT
    assert line.now == 27000


@pytest.mark.parametrize("patience", [CHOICE, OPEN, DIGITS])
def test_an_answer_ends_after_the_silence_that_its_question_allows(patience):
    line = Line(patience)
    line.hear(1000, SILENT, "")
    line.hear(400, LOUD, "")
    assert line.hear(300, SILENT, "") is State.WAITING
    assert line.hear(20000, SILENT, "ja") is State.END
    assert line.now == pytest.approx(1400 + patience.end_ms, abs=100)


@pytest.mark.parametrize(
    ("said", "more"), [("am dritten dezember", 0), ("am dritten", 1000), ("ja äh", 1000)]
)
def test_after_a_word_that_is_not_the_end_of_an_answer_callers_have_a_second_more(said, more):
    line = Line(OPEN, unfinished={"dritten", "äh"})
    line.hear(1000, SILENT, "")
    line.hear(400, LOUD, "")
    assert line.hear(20000, SILENT, said) is State.END
    assert line.now == pytest.approx(1400 + OPEN.end_ms + more, abs=100)


def test_a_word_that_is_read_late_extends_the_turn():
    line = Line(CHOICE)
    line.hear(1000, SILENT, "")
    line.hear(400, LOUD, "")
    line.hear(600, SILENT, "")
    assert line.hear(400, SILENT, "ja") is State.SPEAKING
    assert line.hear(200, SILENT, "ja") is State.END


def test_a_pause_shorter_than_the_patience_does_not_end_the_turn():
    line = Line(OPEN)
    line.hear(500, SILENT, "")
    line.hear(500, LOUD, "am")
    assert line.hear(1000, SILENT, "am dritten") is State.SPEAKING
    assert line.hear(500, LOUD, "am dritten") is State.SPEAKING
    assert line.hear(3000, SILENT, "am dritten dezember") is State.END


def test_after_a_pause_in_noise_a_new_word_has_time_to_be_read():
    """The recogniser reads a word up to 600 ms late; until then the partial result stands still."""
    line = Line(OPEN)
    line.hear(2000, SOFT, "")
    line.hear(500, LOUD, "am dritten")
    line.hear(1000, SOFT, "am dritten")
    assert line.hear(900, LOUD, "am dritten") is State.SPEAKING
    assert line.hear(3000, SOFT, "am dritten dezember") is State.END


def test_a_word_that_flickers_in_one_partial_result_is_not_heard():
    line = Line(prompt_playing=True)
    line.hear(1000, SILENT, "")
    for _ in range(5):
        line.hear(100, LOUD, "nein")
        line.hear(100, LOUD, "")
    assert not line.endpointer.heard
    assert line.endpointer.state is State.WAITING
    line.hear(240, LOUD, "nein")
    assert line.endpointer.heard


def test_speech_outside_the_grammar_interrupts_no_prompt():
    line = Line(prompt_playing=True)
    line.hear(1000, SILENT, "")
    assert line.hear(3000, LOUD, "[unk]") is State.WAITING
    assert not line.endpointer.heard


def test_speech_outside_the_grammar_ends_the_turn_once_it_stops():
    line = Line()
    line.hear(1000, SILENT, "")
    for _ in range(5):
        assert line.hear(300, LOUD, "[unk]") in (State.WAITING, State.SPEAKING)
        line.hear(100, SILENT, "[unk]")
    assert line.hear(3000, SILENT, "[unk]") is State.END
    assert line.now == pytest.approx(1000 + 2000 - 100 + CHOICE.end_ms, abs=100)


@pytest.mark.parametrize("partial", ["", "[unk]"])
def test_a_cough_is_no_answer_and_costs_no_patience(partial):
    line = Line()
    line.hear(1000, SILENT, "")
    line.hear(240, LOUD, partial)
    assert line.hear(20000, SILENT, partial) is State.NO_INPUT
    assert line.now == 7000


def test_activity_in_which_the_recogniser_hears_no_speech_is_no_answer():
    line = Line()
    for _ in range(8):
        line.hear(600, LOUD, "")
        line.hear(300, SILENT, "")
    assert line.hear(20000, SILENT, "") is State.NO_INPUT


def test_steady_noise_becomes_the_floor_and_does_not_hold_up_the_end():
    line = Line()
    line.hear(3000, SOFT, "")
    line.hear(400, LOUD, "ja")
    assert line.hear(5000, SOFT, "ja") is State.END
    assert line.now == pytest.approx(3400 + CHOICE.end_ms, abs=150)


def test_noise_that_begins_with_the_answer_holds_up_the_end_only_a_little():
    """A vacuum cleaner is switched on: the signal stays active, the recogniser has nothing new."""
    line = Line()
    line.hear(1000, SILENT, "")
    assert line.hear(8000, LOUD, "ja") is State.END
    assert line.now <= 1000 + CHOICE.end_ms + 500


def test_a_caller_who_goes_on_outside_the_grammar_is_heard_out_for_a_while():
    line = Line()
    line.hear(1000, SILENT, "")
    line.hear(400, LOUD, "ja")
    assert line.hear(1600, LOUD, "ja [unk]") is State.SPEAKING
    assert line.hear(5000, LOUD, "ja [unk]") is State.END
    assert line.now < 5000


def test_who_does_not_stop_is_cut_off():
    line = Line(Patience(longest_ms=15000))
    line.hear(1000, SILENT, "")
    state, count = State.WAITING, 0
    while not state.over:
        count += 1
        state = line.hear(400, LOUD, " ".join(["eins"] * count))
        state = state if state.over else line.hear(100, SILENT)
    assert state is State.TOO_LONG
    assert line.now == pytest.approx(16000, abs=100)


def test_a_turn_that_is_over_stays_over():
    line = Line()
    line.hear(20000, SILENT, "")
    assert line.endpointer.frame(quiet(20), "ja") is State.NO_INPUT


def test_a_call_keeps_its_noise_floor_from_question_to_question():
    noise = NoiseFloor()
    Line(noise=noise).hear(3000, SOFT, "")
    assert noise.floor == pytest.approx(SOFT, abs=1.5)
    line = Line(noise=noise)
    line.hear(400, LOUD, "ja")
    assert line.hear(5000, SOFT, "ja") is State.END
    assert line.now == pytest.approx(400 + CHOICE.end_ms, abs=150)


# With the real ear.

NOISES = [(40, "pink"), (20, "white"), (20, "babble"), (10, "pink")]


@pytest.mark.parametrize(
    ("snr", "kind", "later"), [*((*noise, 100) for noise in NOISES), (10, "babble", 800)]
)
def test_recorded_digits_end_soon_after_the_speech(ear, recorded_digits, snr, kind, later):
    """Within 0.1 s of the patience, in the median; in a room nearly as loud as the caller, 0.8 s later."""
    delays, missed = [], 0
    for samples, _ in recorded_digits[::3]:
        line = over_the_line(quiet(1500), samples, quiet(6000), snr=snr, kind=kind)
        turn = take_turn(ear, line, sounds.DIGITS, CHOICE)
        if turn.state is State.END:
            delays.append(turn.ended_ms - 1500 - (len(samples) // 8 - 100))
        else:
            missed += 1
    assert missed <= 3
    assert min(delays) >= CHOICE.end_ms - 200, "cut off"
    assert np.median(delays) <= CHOICE.end_ms + later
    assert np.percentile(delays, 90) <= CHOICE.end_ms + 700 + 2 * later


@pytest.mark.parametrize(("snr", "kind"), NOISES)
def test_digit_groups_with_a_long_pause_between_them_are_one_answer(ear, say, snr, kind):
    groups = quiet(1500), say("vier acht zwei"), quiet(1600), say("eins null sieben")
    line = over_the_line(*groups, quiet(9000), snr=snr, kind=kind)
    turn = take_turn(ear, line, sounds.DIGITS, DIGITS)
    assert turn.state is State.END
    assert turn.words.startswith("vier acht")
    assert turn.words.endswith("sieben")


@pytest.mark.parametrize(("snr", "kind"), NOISES[:3])
def test_who_thinks_for_a_second_in_the_middle_of_a_date_is_not_cut_off(ear, say, snr, kind):
    dates = ["am", "ersten", "zweiten", "dritten", "zehnten", "januar", "oktober", "dezember", "mittwoch"]
    line = over_the_line(
        quiet(1500), say("Am dritten"), quiet(1000), say("Dezember."), quiet(9000), snr=snr, kind=kind
    )
    turn = take_turn(ear, line, dates, OPEN)
    assert (turn.state, turn.words) == (State.END, "am dritten dezember")


def test_coughs_are_no_answer_and_the_answer_after_them_counts(ear, say):
    line = over_the_line(quiet(1500), cough(), quiet(9000))
    assert take_turn(ear, line, YES_NO, CHOICE).state is State.NO_INPUT
    line = over_the_line(quiet(1500), cough(), quiet(1000), say("Nein."), quiet(3000))
    turn = take_turn(ear, line, YES_NO, CHOICE)
    assert turn.state is State.END
    assert turn.words.split()[-1] == "nein"


@pytest.mark.parametrize("dbfs", [-20, -40])
def test_music_is_no_answer(ear, dbfs):
    turn = take_turn(ear, over_the_line(music(20000, dbfs)), YES_NO, CHOICE)
    assert turn.state in (State.NO_INPUT, State.TOO_LONG)


@pytest.mark.parametrize("kind", ["white", "pink", "babble"])
def test_noise_alone_is_no_answer(ear, kind):
    turn = take_turn(ear, audio.noise(8 * 12000, -40, 2, kind), YES_NO, CHOICE)
    assert (turn.state, turn.words) == (State.NO_INPUT, "")


def test_speech_outside_the_grammar_ends_as_something_not_understood(ear, say):
    line = over_the_line(quiet(1500), say("Meine Tochter hat gesagt, ich soll anrufen."), quiet(9000))
    turn = take_turn(ear, line, YES_NO, CHOICE)
    assert turn.state is State.END
    assert turn.ended_ms > len(line) // 8 - 9000, "cut off"
    assert "[unk]" in turn.words


def test_a_television_behind_the_caller_does_not_hold_up_the_end(ear, say):
    news = np.concatenate([say(text) for text in ("Das Wetter bleibt wechselhaft mit Schauern.",) * 6])
    line = at_level(news, -50).astype(np.int32)
    answer = say("Nein.", -22)
    start = 8 * 1500
    line[start : start + len(answer)] += answer
    turn = take_turn(ear, audio.to_samples(line), YES_NO, CHOICE)
    assert turn.state is State.END
    assert turn.ended_ms < 1500 + len(answer) // 8 + 3500


def test_who_talks_for_a_minute_is_cut_off(ear, say):
    talk = np.concatenate([say("eins zwei drei vier fünf sechs sieben acht neun null")] * 14)
    turn = take_turn(ear, over_the_line(talk), sounds.DIGITS, OPEN)
    assert turn.state is State.TOO_LONG
    assert turn.ended_ms == pytest.approx(OPEN.longest_ms, abs=1000)


def test_a_word_of_the_grammar_interrupts_a_prompt_and_a_cough_does_not(ear, say):
    for sound, interrupts in ((say("Ja."), True), (cough(), False), (music(1000), False)):
        line = over_the_line(quiet(500), sound, quiet(3000))
        turn = take_turn(ear, line, YES_NO, CHOICE, prompt_playing=True)
        assert (turn.state is State.END) is interrupts
