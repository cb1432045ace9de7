"""What holds at every question: it is answered by keys alone and by voice alone, and is never a dead end."""

from dataclasses import dataclass

import pytest

from hotline.dialog.log import Resumed, Silence
from hotline.dialog.prompts import SLOWER
from hotline.dialog.steps import Ask
from hotline.dialog.understanding import Decision

from .callers import FROM_LANDLINE, FROM_MOBILE, GRAMMARS, NOISE, SILENCE, UNDERSTANDING, WITHHELD, Call
from .town import BOOKED, Town

OFFER = ("personalausweis",)


@dataclass(frozen=True)
class Way:
    """How a caller comes to a question, and how it is answered: answer → the question that follows."""

    actions: tuple[str, ...]
    keyed: dict[str, str]
    spoken: dict[str, str]
    back: str
    """The question that "zurück" leads to."""
    caller: object = FROM_MOBILE
    agents: bool = True


WAYS = {
    "service": Way(
        (),
        {"1": "service_of_category", "2": "service_of_category", "5": "reference"},
        {"Ich brauche einen neuen Ausweis": "offer", "Termin absagen": "reference", "umgezogen": "online"},
        back="service",
    ),
    "service_of_category": Way(("1",), {"1": "offer", "2": "offer"}, {"Reisepass": "offer"}, back="service"),
    "online": Way(
        ("Ummeldung",),
        {"1": "offer", "2": "more"},
        {"Ja, trotzdem": "offer", "Nein danke": "more", "einen Termin": "offer"},
        back="service",
    ),
    "offer": Way(
        OFFER,
        {"1": "sms_here", "2": "next_offer", "3": "better", "4": "more"},
        {
            "Ja bitte": "sms_here",
            "den nehme ich": "sms_here",
            "Nein": "better",
            "Lieber am Freitag": "next_offer",
            "Ein anderer Tag": "day",
            "eine andere Uhrzeit": "time",
            "zu weit weg": "place",
            "den nächsten Termin": "next_offer",
            "später": "next_offer",
            "egal wo": "next_offer",
            "barrierefrei": "next_offer",
            "gar nicht": "more",
        },
        back="service",
    ),
    "next_offer": Way(
        (*OFFER, "2"),
        {"1": "sms_here", "2": "next_offer", "3": "better", "4": "more"},
        {"Ja": "sms_here", "Nein": "better", "nur vormittags": "next_offer", "zu früh": "better"},
        back="offer",
    ),
    "better": Way(
        (*OFFER, "3"),
        {"1": "day", "2": "time", "3": "place", "4": "next_offer"},
        {"ein anderer Tag": "day", "in Harburg": "next_offer", "am dritten Dezember": "next_offer"},
        back="offer",
    ),
    "day": Way(
        (*OFFER, "3", "1"),
        {"0412": "next_offer", "3102": "day_unknown"},
        {"am Montag": "next_offer", "am vierten Dezember": "next_offer", "egal wo": "next_offer"},
        back="better",
    ),
    "day_unknown": Way(
        (*OFFER, "3", "1", "3102"),
        {"0412": "next_offer", "3102": "day"},
        {"nächsten Dienstag": "next_offer"},
        back="day",
    ),
    "time": Way(
        (*OFFER, "3", "2"),
        {"1": "next_offer", "2": "next_offer", "3": "next_offer", "4": "next_offer"},
        {"nachmittags": "next_offer", "ab vierzehn Uhr": "next_offer", "um zehn": "next_offer"},
        back="better",
    ),
    "place": Way(
        (*OFFER, "3", "3"),
        {"1": "next_offer", "3": "next_offer", "4": "place_further", "5": "next_offer", "6": "next_offer"},
        {"in Altona": "next_offer", "egal wo": "next_offer", "mit dem Rollator": "next_offer"},
        back="better",
    ),
    "place_further": Way(
        (*OFFER, "3", "3", "4"),
        {"1": "next_offer", "2": "next_offer", "3": "place", "5": "next_offer", "6": "next_offer"},
        {"Bergedorf": "next_offer"},
        back="place",
    ),
    "relaxed": Way(
        (*OFFER, "in Altona am Sonntag"),
        {"1": "next_offer", "2": "better"},
        {"Ja": "next_offer", "Nein": "better", "ein anderer Tag": "day", "am Montag": "next_offer"},
        back="offer",
    ),
    "sms_here": Way(
        (*OFFER, "1"),
        {"1": "read_back_sms", "2": "read_back", "3": "mobile", "01719876543": "mobile_right"},
        {"Ja": "read_back_sms", "Nein": "read_back", "keine SMS": "read_back", "andere Nummer": "mobile"},
        back="offer",
    ),
    "sms_wanted": Way(
        (*OFFER, "1"),
        {"1": "mobile", "2": "read_back", "01719876543": "mobile_right"},
        {"Ja gern": "mobile", "ich habe kein Handy": "read_back"},
        back="offer",
        caller=FROM_LANDLINE,
    ),
    "mobile": Way(
        (*OFFER, "1", "3"),
        {"01719876543": "mobile_right", "040428280": "mobile"},
        {
            "null eins sieben eins, neun acht sieben, sechs fünf vier drei": "mobile_right",
            "keine SMS": "read_back",
        },
        back="sms_here",
    ),
    "mobile_right": Way(
        (*OFFER, "1", "3", "01719876543"),
        {"1": "read_back_sms", "2": "mobile", "01729876543": "mobile_right"},
        {"Ja, richtig": "read_back_sms", "Nein, falsch": "mobile"},
        back="mobile",
    ),
    "read_back": Way(
        (*OFFER, "1", "2"),
        {"1": "more", "2": "better", "3": "mobile"},
        {"Ja": "more", "Nein": "better", "lieber in Harburg": "next_offer", "mit SMS": "mobile"},
        back="sms_here",
    ),
    "read_back_sms": Way(
        (*OFFER, "1", "1"),
        {"1": "more", "2": "better", "3": "mobile"},
        {"Ja": "more", "Nein": "better", "andere Nummer": "mobile"},
        back="sms_here",
    ),
    "more": Way(
        (*OFFER, "1", "1", "1"),
        {"1": "service", "2": "End"},
        {"Ja, noch etwas": "service", "Nein danke": "End", "das war alles": "End"},
        back="more",
    ),
    "reference": Way(
        ("5",),
        {BOOKED: "change", "482107361": "reference"},
        {
            "vier acht zwei, eins null sieben, drei sechs null": "change",
            "weiß ich nicht": "appointment_day",
            "die Nummer finde ich nicht": "appointment_day",
        },
        back="service",
    ),
    "appointment_day": Way(
        ("5", "keine Nummer"),
        {"0412": "appointment_day", "2112": "change"},
        {"am einundzwanzigsten Dezember": "change", "am Freitag": "appointment_day", "keine Ahnung": "more"},
        back="reference",
    ),
    "change": Way(
        ("5", BOOKED),
        {"1": "more", "2": "offer", "3": "more"},
        {"absagen": "more", "verschieben": "offer", "behalten": "more", "nein": "more"},
        back="reference",
    ),
    "callback_here": Way(
        (*OFFER, "0"),
        {"1": "go_on", "2": "go_on_all_the_same", "3": "callback_number", "040428280": "callback_right"},
        {
            "Ja bitte": "go_on",
            "keinen Rückruf": "go_on_all_the_same",
            "eine andere Nummer": "callback_number",
        },
        back="callback_here",
        agents=False,
    ),
    "callback_wanted": Way(
        ("0",),
        {"1": "callback_number", "2": "go_on_all_the_same", "040428280": "callback_right"},
        {"Ja": "callback_number", "Nein": "go_on_all_the_same"},
        back="callback_wanted",
        caller=WITHHELD,
        agents=False,
    ),
    "callback_number": Way(
        ("0", "1"),
        {"040428280": "callback_right", "99999": "callback_number"},
        {
            "null vier null, vier zwei acht, zwei acht null": "callback_right",
            "lieber nicht": "go_on_all_the_same",
        },
        back="callback_wanted",
        caller=WITHHELD,
        agents=False,
    ),
    "callback_right": Way(
        ("0", "1", "040428280"),
        {"1": "go_on", "2": "callback_number", "040428281": "callback_right"},
        {"Ja": "go_on", "Nein": "callback_number"},
        back="callback_number",
        caller=WITHHELD,
        agents=False,
    ),
    "go_on": Way(
        (*OFFER, "0", "1"),
        {"1": "offer", "2": "End"},
        {"weiter": "offer", "auflegen": "End"},
        "go_on",
        agents=False,
    ),
    "go_on_all_the_same": Way(
        (*OFFER, "0", "2"),
        {"1": "offer", "2": "End"},
        {"Ja": "offer", "Nein": "End"},
        back="callback_here",
        agents=False,
    ),
    "confirm": Way(
        (("Reisepass", 0.45),),
        {"1": "offer", "2": "service"},
        {"Ja": "offer", "Nein": "service"},
        back="service",
    ),
}
QUESTIONS = pytest.mark.parametrize("question", WAYS)
SCRIPTED = pytest.mark.parametrize("question", [question for question in WAYS if question != "confirm"])
"""All but "Meinten Sie …?", which no script asks: after a failure, or by keypad alone, it is not asked."""


def at(question, **options):
    """A call at the question."""
    way = WAYS[question]
    call = Call(Town(agents=way.agents), way.caller, **options).do(*way.actions)
    assert call.question == question
    return call


def test_there_is_a_way_to_every_question():
    assert set(WAYS) == set(GRAMMARS.questions)


@pytest.mark.parametrize(
    ("question", "keys", "following"),
    [(question, *answer) for question, way in WAYS.items() for answer in way.keyed.items()],
)
def test_every_question_is_answered_by_keys_alone(question, keys, following):
    call = at(question)
    call.press(keys)
    assert call.turn.decision == Decision.ACCEPT
    assert call.question == following


@pytest.mark.parametrize(
    ("question", "said", "following"),
    [(question, *answer) for question, way in WAYS.items() for answer in way.spoken.items()],
)
def test_every_question_is_answered_by_voice_alone(question, said, following):
    call = at(question)
    call.say(said)
    assert call.turn.decision == Decision.ACCEPT
    assert call.question == following


@QUESTIONS
def test_every_key_that_the_menu_names_works_and_every_key_that_works_is_named(question):
    named = {"eins": "1", "zwei": "2", "drei": "3", "vier": "4", "fünf": "5", "sechs": "6"}
    call = at(question)
    step = call.conversation.step
    call.send(Resumed(keypad=True))
    menu = call.turn.said[-1]
    assert menu.prompt == f"{question}.menu"
    keys = {key for word, key in named.items() if f"drücken Sie die {word}" in menu.text}
    working = {key for key in "123456789" if UNDERSTANDING.keys(step, key).decision == Decision.ACCEPT}
    if question == "place_further":
        working -= {"5", "6"}  # the menu before has named them
    assert working == keys


@QUESTIONS
def test_a_menu_has_at_most_four_choices_made_up_in_the_call(question):
    assert len(at(question).conversation.step.options) <= 4


@QUESTIONS
@pytest.mark.parametrize("how", ["*", "Wiederholen", "Wie bitte", "noch einmal bitte"])
def test_everything_is_said_again_on_request_and_slower_the_second_time(question, how):
    call = at(question)
    first = call.turn.said
    call.do(how)
    assert call.turn.said == first
    assert call.question == question
    call.do(how)
    assert [one.text for one in call.turn.said] == [one.text for one in first]
    assert {one.pace for one in call.turn.said} == {SLOWER}
    assert call.question == question


@QUESTIONS
@pytest.mark.parametrize("how", ["Moment bitte", "Ich hole meine Brille"])
def test_who_needs_a_moment_gets_it_and_has_not_failed(question, how):
    call = at(question)
    failures = call.turn.attempt.failures
    call.do(how)
    assert call.prompts == ["take_your_time"]
    assert call.question == question
    assert call.turn.attempt.failures == failures


@QUESTIONS
@pytest.mark.parametrize("how", ["Hilfe", "Was kann ich sagen"])
def test_help_says_what_can_be_said_and_which_keys_there_are(question, how):
    call = at(question)
    call.do(how)
    assert f"{question}.help" in call.prompts
    assert f"{question}.menu" in call.prompts
    assert call.question == question


@QUESTIONS
@pytest.mark.parametrize("how", ["#", "zurück", "einen Schritt zurück"])
def test_back_leads_to_the_question_before(question, how):
    call = at(question)
    call.do(how)
    assert call.question == WAYS[question].back
    impossible = question == WAYS[question].back
    assert call.prompts[0] == ("back_impossible" if impossible else "back")
    assert call.turn.said[-1].prompt == f"{call.question}.ask"


@QUESTIONS
@pytest.mark.parametrize("how", ["0", "Mitarbeiter", "mit einem Menschen sprechen"])
def test_a_human_is_found_at_once(question, how):
    call = at(question)
    call.town.agents = True
    call.do(how)
    if WAYS[question].agents:
        assert call.question == "HandOff"
        assert call.turn.then == "hand_off"
    else:  # A human is being looked for already.
        assert call.prompts[0] == "nobody_yet"
        assert isinstance(call.conversation.step, Ask)


@QUESTIONS
@pytest.mark.parametrize("failure", [SILENCE, NOISE], ids=["silence", "noise"])
def test_failures_bring_a_shorter_question_then_the_keys_then_a_human(question, failure):
    call = at(question)
    call.do("*")  # the caller was heard at least once
    asked = "service" if question == "confirm" else question
    call.do(failure)
    assert call.turn.said[-1].prompt == f"{asked}.short"
    assert call.question == asked
    call.do(failure)
    assert call.turn.said[-1].prompt == f"{asked}.menu"
    assert call.question == asked
    call.do(failure)
    if WAYS[question].agents:
        assert call.question == "HandOff"
        assert call.prompts[0] == ("not_heard" if failure == SILENCE else "not_understood")
    else:
        assert call.prompts[0] in {"callback_noted", "goodbye", "go_on_all_the_same.ask"}


@SCRIPTED
def test_an_answer_after_two_failures_is_as_good_as_the_first(question):
    call = at(question).do("*", SILENCE, NOISE)
    keys, following = next(iter(WAYS[question].keyed.items()))
    call.press(keys)
    assert call.question == following
    assert call.turn.attempt.failures == 0


@QUESTIONS
def test_goodbye_ends_the_call_with_a_sentence(question):
    call = at(question)
    call.say("Auf Wiederhören")
    assert call.turn.then == "hang_up"
    assert call.prompts == ["goodbye"]


@QUESTIONS
def test_another_process_asks_the_same_question_again(question):
    call = at(question)
    before = call.conversation.step, call.turn.said
    call.resume()
    assert call.conversation.step == before[0]
    call.send(Resumed(keypad=False))
    assert call.prompts[0] == "resumed"
    assert call.turn.said[1:] == before[1]
    assert call.conversation.step == before[0]


@QUESTIONS
def test_a_call_that_goes_on_by_keypad_is_told_its_keys_at_the_same_question(question):
    call = at(question)
    step = call.conversation.step
    call.resume()
    call.send(Resumed(keypad=True))
    assert call.prompts[0] == "keypad_mode"
    assert call.turn.said[-1].prompt == f"{question}.menu"
    assert call.conversation.step == step
    assert call.conversation.keypad


@SCRIPTED
def test_by_keypad_alone_the_keys_follow_every_question(question):
    call = at(question, keypad=True)
    assert f"{question}.menu" in call.prompts or call.conversation.step.options
    call.send(Silence())
    assert call.turn.said[-1].prompt in {f"{question}.menu", f"{question}.short"}


@QUESTIONS
def test_an_error_of_ours_leads_to_a_human_with_an_apology(question):
    call = at(question)
    call.town.agents = True
    call.fail()
    assert call.prompts[0] == "our_error"
    assert call.question == "HandOff"


@QUESTIONS
def test_whoever_leaves_leaves_at_most_one_slot_held(question):
    assert len(at(question).held) <= 1
