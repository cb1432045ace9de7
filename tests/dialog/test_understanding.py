"""From words and keys to meaning, at every question and with every phrase."""

import datetime as dt

import pytest

from hotline.dialog.german.words import UNKNOWN
from hotline.dialog.steps import Ask, Meaning, Option
from hotline.dialog.understanding import Decision
from hotline.dialog.wishes import merge
from hotline.terms import Wishes

from .callers import GRAMMARS, UNDERSTANDING
from .hearing import QUESTIONS, TODAY, hear, wished

WISHED = {"step_free", "anywhere", "later"}
"""Intents that a wish in the same words may say better."""


@QUESTIONS
def test_every_phrase_of_a_question_is_understood_as_what_it_says(question):
    grammar = GRAMMARS.questions[question]
    wrong = {}
    for phrase, meaning in {**GRAMMARS.always.spoken, **grammar.spoken}.items():
        found = hear(question, phrase)
        wish = found.meaning and found.meaning.intent == "wish" and meaning.intent in WISHED
        if found.decision != Decision.ACCEPT or (found.meaning != meaning and not wish):
            wrong[phrase] = found
    assert not wrong


@QUESTIONS
def test_a_phrase_that_was_heard_badly_is_asked_back_about_or_not_understood(question):
    phrases = [*GRAMMARS.always.spoken, *GRAMMARS.questions[question].spoken]
    assert {hear(question, phrase, 0.45).decision for phrase in phrases} == {Decision.CONFIRM}
    assert {hear(question, phrase, 0.2).decision for phrase in phrases} == {Decision.REJECT}


@QUESTIONS
def test_everything_that_may_be_asked_back_about_has_a_name(question):
    intents = {meaning.intent for meaning in UNDERSTANDING.grammar(Ask(question)).spoken.values()}
    intents |= {meaning.intent for meaning in GRAMMARS.always.spoken.values()}
    assert intents <= set(UNDERSTANDING.labels(Ask(question)))


@QUESTIONS
@pytest.mark.parametrize("heard", ["", UNKNOWN, f"{UNKNOWN} {UNKNOWN}", "äh", "ähm äh", f"also {UNKNOWN}"])
def test_noise_and_fillers_mean_nothing(question, heard):
    assert hear(question, heard).decision == Decision.REJECT


@pytest.mark.parametrize("opening", ["ja also äh", "ja äh", "ja also", "ja hm"])
def test_a_ja_before_a_hesitation_only_opens_the_answer(opening):
    assert hear("confirm", f"{opening} nein").meaning == Meaning("no")
    assert hear("confirm", f"{opening} nein").decision == Decision.ACCEPT
    assert hear("confirm", f"{opening} genau").meaning == Meaning("yes")
    assert wished("offer", f"{opening} am montag").weekdays == (0,)


@pytest.mark.parametrize("said", ["ja also gut", "ja also bitte", "ja hm ja"])
def test_a_ja_after_which_the_answer_was_given_is_a_yes(said):
    assert hear("confirm", said).meaning == Meaning("yes")
    assert hear("confirm", said).decision == Decision.ACCEPT


def test_a_ja_before_what_was_not_understood_is_no_yes():
    assert hear("confirm", f"ja also {UNKNOWN}").decision == Decision.REJECT


@pytest.mark.parametrize(
    "said",
    [
        "altona nein wandsbek",
        "in altona nein lieber in wandsbek",
        "nicht in altona sondern in wandsbek",
        "altona oder harburg ich meine wandsbek",
        "altona quatsch äh wandsbek bitte",
    ],
)
def test_a_place_that_was_taken_back_does_not_count(said):
    understood = hear("place", said)
    assert understood.decision == Decision.ACCEPT
    assert understood.meaning == hear("place", "wandsbek").meaning


@pytest.mark.parametrize("said", ["altona oder wandsbek", "in altona und in wandsbek"])
def test_two_places_joined_are_both_wanted(said):
    understood = hear("place", said)
    assert understood.decision == Decision.ACCEPT
    assert understood.meaning.value["districts"] == ["altona", "wandsbek"]


def test_a_place_said_twice_is_one():
    assert hear("place", "altona äh altona").meaning == hear("place", "altona").meaning


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("offer", "am montag nein ich möchte einen mitarbeiter sprechen"),
        ("offer", "ja mitarbeiter"),
        ("offer", "das ist mir zu früh mitarbeiter bitte"),
        ("service", "personalausweis nein mitarbeiter bitte"),
        ("reference", "eins zwei drei vier fünf sechs sieben acht neun mitarbeiter"),
    ],
)
def test_whoever_asks_for_a_human_is_heard_whatever_else_is_said(question, said):
    understood = hear(question, said)
    assert understood.meaning == Meaning("agent")
    assert understood.decision != Decision.REJECT


@pytest.mark.parametrize("question", ["offer", "day", "service"])
def test_whoever_asks_for_time_gets_it_though_not_every_word_was_heard(question):
    understood = hear(question, "moment ich hole meine fünf", GRAMMARS.bounds(question).accept)
    assert (understood.decision, understood.meaning) == (Decision.ACCEPT, Meaning("wait"))


@pytest.mark.parametrize("place", ["ort", "bezirk", "stadtteil"])
@pytest.mark.parametrize("article", ["einem", "einen"])
def test_another_place_is_understood_whatever_the_case(article, place):
    assert hear("offer", f"in {article} anderen {place}").meaning == Meaning("place")


class TestKeys:
    @QUESTIONS
    def test_star_hash_and_nought_work_everywhere(self, question):
        ask = Ask(question)
        assert [UNDERSTANDING.keys(ask, key).meaning for key in "*#0"] == [
            Meaning("repeat"),
            Meaning("back"),
            Meaning("agent"),
        ]

    @QUESTIONS
    def test_a_key_that_means_nothing_is_not_understood(self, question):
        assert UNDERSTANDING.keys(Ask(question), "9").decision == Decision.REJECT
        assert UNDERSTANDING.keys(Ask(question), "").decision == Decision.REJECT

    @pytest.mark.parametrize("keyed", ["12", "123", "12345678901234567"])
    def test_too_few_or_too_many_digits_are_not_understood(self, keyed):
        assert UNDERSTANDING.keys(Ask("mobile"), keyed).decision == Decision.REJECT

    def test_digits_are_taken_as_they_were_keyed(self):
        assert UNDERSTANDING.keys(Ask("mobile"), "01761234567").meaning == Meaning("digits", "01761234567")
        assert UNDERSTANDING.keys(Ask("day"), "0412").meaning == Meaning("digits", "0412")

    def test_options_made_up_in_the_call_have_their_number_as_key(self):
        ask = Ask("place", {}, (Option("A", Meaning("a")), Option("B", Meaning("b"))))
        assert UNDERSTANDING.keys(ask, "2").meaning == Meaning("b")
        assert UNDERSTANDING.keys(ask, "3").decision == Decision.REJECT


class TestServices:
    @pytest.mark.parametrize(
        ("said", "service"),
        [
            ("personalausweis", "personalausweis"),
            ("ich brauche einen neuen ausweis", "personalausweis"),
            ("guten tag ich hätte gern einen termin für einen reisepass bitte", "reisepass"),
            ("ich bin umgezogen", "ummeldung"),
            ("mein pass", "reisepass"),
            ("äh also der perso nein den reisepass", "reisepass"),
            ("personalausweiß", "personalausweis"),
            ("personalausweise", "personalausweis"),
        ],
    )
    def test_are_known_by_their_names_in_a_sentence(self, said, service):
        found = hear("service", said)
        assert found.meaning == Meaning("service", service)
        assert found.decision != Decision.REJECT

    def test_a_long_phrase_beats_a_short_one(self):
        assert hear("service", "meinen termin verschieben").meaning == Meaning("change")

    def test_two_of_them_are_asked_back_about(self):
        assert hear("service", "personalausweis reisepass").decision == Decision.CONFIRM

    def test_the_same_twice_is_no_contradiction(self):
        assert hear("service", "ausweis personalausweis").decision == Decision.ACCEPT

    def test_much_that_was_not_understood_makes_us_unsure(self):
        assert hear("service", "reisepass").confidence > hear("service", f"reisepass {UNKNOWN}").confidence
        assert hear("service", f"{UNKNOWN} {UNKNOWN} reisepass").decision == Decision.ACCEPT
        assert hear("service", " ".join([UNKNOWN] * 8 + ["reisepass"])).decision != Decision.ACCEPT

    def test_a_word_that_is_only_a_little_like_one_is_not_taken_for_it(self):
        assert hear("service", "reisebüro").decision == Decision.REJECT


class TestWishes:
    def test_are_put_together_from_place_day_time_and_access(self):
        found = wished("offer", "am freitag nachmittag in altona und mit dem rollstuhl")
        assert found.districts == ("altona",) or found.sites == ("altona",)
        assert found.first_date == found.last_date == dt.date(2026, 12, 4)
        assert (found.first_time, found.step_free) == (dt.time(12), True)

    def test_a_name_of_both_a_district_and_an_office_is_the_district(self):
        assert wished("offer", "in altona").districts == ("altona",)
        assert wished("offer", "im rathaus").sites == ("rathaus",)

    def test_a_no_before_a_wish_is_part_of_it(self):
        assert wished("offer", "nein lieber am montag").first_date == dt.date(2026, 12, 7)

    def test_a_yes_with_a_day_is_a_wish_for_that_day(self):
        assert wished("read_back", "ja am freitag").first_date == dt.date(2026, 12, 4)

    def test_a_bare_number_is_an_hour_only_where_a_time_was_asked_for(self):
        assert wished("time", "um zehn").first_time == dt.time(10)
        assert wished("time", "zehn").first_time == dt.time(10)

    def test_where_it_does_not_matter_wins_over_it_does_not_matter(self):
        assert hear("offer", "egal wo").meaning == Meaning("anywhere")

    def test_no_wish_is_heard_where_none_is_asked_for(self):
        assert hear("more", "am montag").decision == Decision.REJECT


class TestDenial:
    """The opposite of what was meant is the worst that can be understood."""

    @pytest.mark.parametrize(
        ("said", "intent"),
        [
            ("das passt mir nicht", "day"),
            ("nein das passt nicht", "day"),
            ("der passt mir gar nicht", "day"),
            ("den nehme ich nicht", "no"),
            ("nein den termin nicht", "no"),
            ("diesen termin möchte ich nicht", "no"),
            ("nicht buchen", "no"),
            ("das geht nicht", "no"),
            ("das ist zu spät", "no"),
            ("das ist mir zu früh", "no"),
            ("zu früh", "no"),
            ("etwas früher", "no"),
        ],
    )
    def test_turns_a_yes_into_a_no(self, said, intent):
        found = hear("offer", said)
        assert (found.decision, found.meaning.intent) == (Decision.ACCEPT, intent)

    @pytest.mark.parametrize("said", ["stimmt nicht", "das ist nicht richtig", "nein nicht richtig"])
    def test_of_what_was_read_back_is_a_no(self, said):
        assert hear("mobile_right", said).meaning == Meaning("no")

    @pytest.mark.parametrize(
        ("question", "said"),
        [
            ("offer", "nein das passt mir"),
            ("offer", "das passt mir heute nicht so"),
            ("offer", "nicht in altona"),
            ("offer", "in altona nicht"),
            ("change", "nicht absagen"),
            ("change", "nein absagen"),
            ("change", "nicht verschieben"),
            ("read_back", "ja nein"),
            ("mobile_right", "ja nein"),
        ],
    )
    def test_beside_its_opposite_is_never_taken_for_it_without_asking(self, question, said):
        found = hear(question, said)
        opposite = found.meaning and found.meaning.intent in {"yes", "cancel", "move"}
        assert found.decision != Decision.ACCEPT or (not opposite and "altona" not in said)

    def test_of_a_day_is_the_other_days(self):
        assert wished("offer", "am montag kann ich nicht").weekdays == (1, 2, 3, 4, 5, 6)
        assert wished("offer", "vormittags kann ich nicht").first_time == dt.time(12)

    def test_before_a_wish_is_no_denial_of_the_wish(self):
        found = hear("offer", "nein lieber in altona")
        assert (found.decision, found.meaning.intent) == (Decision.ACCEPT, "wish")

    def test_before_a_command_is_none_of_the_command(self):
        assert hear("offer", "nein mitarbeiter").decision == Decision.ACCEPT


class TestDigits:
    @pytest.mark.parametrize("question", ["mobile", "callback_number"])
    def test_groups_and_repetitions_are_understood(self, question):
        found = hear(question, "null eins sieben sechs zwölf vierunddreißig doppel fünf sechs")
        assert found.meaning == Meaning("digits", "01761234556")

    def test_what_is_said_around_them_does_no_harm(self):
        found = hear("mobile", "meine nummer ist null eins sieben eins neun acht sieben sechs")
        assert found.meaning == Meaning("digits", "01719876")
        assert found.decision == Decision.ACCEPT

    def test_too_few_are_not_understood(self):
        assert hear("mobile", "null eins").decision == Decision.REJECT

    def test_no_number_is_an_answer(self):
        assert hear("mobile", "keine sms").meaning == Meaning("no")


class TestFewWordsBesideMany:
    def test_a_human_can_be_asked_for_in_the_middle_of_a_number(self):
        assert hear("mobile", "mitarbeiter").meaning == Meaning("agent")
        assert hear("reference", "mit einem menschen sprechen").meaning == Meaning("agent")

    def test_repeat_beats_nothing_else_that_was_said(self):
        assert hear("offer", "wie bitte").meaning == Meaning("repeat")


class TestMerging:
    OLD = Wishes(
        districts=("altona",), weekdays=(0,), first_time=dt.time(12), last_time=dt.time(16), step_free=True
    )

    @pytest.mark.parametrize(
        ("newer", "changed"),
        [
            (Wishes(), {}),
            (Wishes(sites=("rathaus",)), {"sites": ("rathaus",), "districts": ()}),
            (Wishes(first_date=TODAY), {"weekdays": (), "first_date": TODAY}),
            (Wishes(last_time=dt.time(12)), {"first_time": None, "last_time": dt.time(12)}),
            (Wishes(step_free=True), {}),
        ],
    )
    def test_a_newer_wish_replaces_those_of_its_kind_only(self, newer, changed):
        merged = merge(self.OLD, newer)
        fields = ("sites", "districts", "weekdays", "first_date", "first_time", "last_time", "step_free")
        assert {name: getattr(merged, name) for name in fields} == {
            name: changed.get(name, getattr(self.OLD, name)) for name in fields
        }


def test_every_question_has_bounds_in_order():
    for question in GRAMMARS.questions:
        bounds = GRAMMARS.bounds(question)
        assert 0 < bounds.confirm < bounds.accept < 1
