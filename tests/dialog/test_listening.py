"""What the recogniser is given to listen for."""

from dataclasses import replace

from hotline.dialog.grammar import Kind
from hotline.dialog.listening import HESITATION_WEIGHT, ONE_WORD, SHORT_WEIGHT
from hotline.dialog.steps import Ask
from hotline.dialog.understanding import Understanding, Word
from hotline.dialog.wishes import WISHES

from .callers import GRAMMARS, UNDERSTANDING
from .hearing import QUESTIONS, TODAY, hear
from .town import Town


def test_what_the_recogniser_need_not_tell_apart_means_the_same():
    for said, heard in ONE_WORD.items():
        assert hear("time", heard).meaning == hear("time", said).meaning
        assert hear("day", f"am montag {heard}").meaning == hear("day", f"am montag {said}").meaning
        assert said not in {word for phrase in UNDERSTANDING.phrases(Ask("day")) for word in phrase.split()}


@QUESTIONS
def test_the_recogniser_is_given_every_phrase_in_lower_case_words(question):
    phrases = UNDERSTANDING.phrases(Ask(question))
    grammar = GRAMMARS.questions[question]
    assert {*GRAMMARS.always.spoken, *grammar.spoken} <= set(phrases)
    for phrase in phrases:
        assert phrase == " ".join(phrase.lower().split())
        assert phrase


def test_a_short_answer_is_given_often_so_that_it_is_not_lost_among_dates():
    phrases = UNDERSTANDING.phrases(Ask("offer"))
    weights = GRAMMARS.questions["offer"].weights
    assert {word: phrases.count(word) for word in weights} == weights
    assert weights["ja"] > SHORT_WEIGHT
    assert phrases.count("genau") == SHORT_WEIGHT
    assert phrases.count("dezember") <= 1


def test_a_please_after_a_place_is_no_second_place():
    phrases = UNDERSTANDING.phrases(Ask("place"))
    assert "altona bitte" in phrases
    assert "altona mitte" not in phrases


@QUESTIONS
def test_hesitations_are_given_often_at_open_questions(question):
    phrases = UNDERSTANDING.phrases(Ask(question))
    is_open = GRAMMARS.questions[question].kind is Kind.OPEN
    assert phrases.count("äh") == (HESITATION_WEIGHT if is_open else 1)


def test_every_service_and_place_of_a_city_is_listened_for():
    town = Town()
    service, place = (set(UNDERSTANDING.phrases(Ask(question))) for question in ("service", "place"))
    assert {phrase for one in town.services for phrase in one.synonyms} <= service
    assert {phrase for one in (*town.sites, *town.districts) for phrase in one.synonyms} <= place
    assert not service & {"ottensen", "rathaus"}


def test_the_hyphen_of_a_name_is_not_heard():
    town = Town()
    town.districts = (replace(town.districts[0], id="mitte", name="Hamburg-Mitte"),)
    understanding = Understanding(GRAMMARS, town)
    phrases = understanding.phrases(Ask("place"))
    assert "hamburg mitte" in phrases
    assert not [phrase for phrase in phrases if "hamburg-mitte" in phrase]
    words = [Word("hamburg", 1.0), Word("mitte", 1.0)]
    found = WISHES.validate_python(understanding.words(Ask("place"), words, TODAY).meaning.value)
    assert found.districts == ("mitte",)
