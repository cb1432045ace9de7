"""What callers may say, as data: templates, and errors that name file and line."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.booking import read_city
from hotline.dialog.grammar import Grammars, TemplateError, expand
from hotline.settings import ROOT
from hotline.yamlfile import DataError

GRAMMARS = ROOT / "grammars"


@pytest.mark.parametrize(
    ("template", "phrases"),
    [
        ("ja", ["ja"]),
        ("ja [bitte|gern]", ["ja bitte", "ja gern", "ja"]),
        ("[einen] (anderen|späteren) termin", [
            "einen anderen termin", "einen späteren termin", "anderen termin", "späteren termin",
        ]),
        ("(a|b [c]) d", ["a d", "b c d", "b d"]),
        ("a  [b]   c", ["a b c", "a c"]),
        ("[a] [a]", ["a a", "a", ""]),
        ("a|b", ["a", "b"]),
    ],
)  # fmt: skip
def test_a_template_stands_for_every_phrase(template, phrases):
    assert expand(template) == phrases


@pytest.mark.parametrize("template", ["a (b", "a b)", "[a", "a]", "(a|b]", "((a)"])
def test_brackets_that_do_not_match_are_an_error(template):
    with pytest.raises(TemplateError):
        expand(template)


@given(st.text("ab []()|", max_size=12))
def test_any_template_is_expanded_or_refused(template):
    try:
        phrases = expand(template)
    except TemplateError:
        return
    assert phrases
    for phrase in phrases:
        assert not set(phrase) & set("[]()|")
        assert "  " not in phrase


class TestLoading:
    @pytest.fixture
    def folder(self, tmp_path):
        return shutil.copytree(GRAMMARS, tmp_path / "grammars")

    @pytest.mark.parametrize(
        ("file", "text", "line", "about"),
        [
            ("offer", "kind: open\nphrases:\n  yes:\n    - 'ja ['\n", 4, "Klammer"),
            ("offer", "kind: open\nphrases:\n  yes: ['ja']\n  no: ['Nein']\n", 4, "klein geschrieben"),
            ("offer", "kind: guess\n", 1, "kind"),
            ("offer", "topics: []\nkeys:\n  '1': yes\n", 1, "kind"),
            ("offer", "kind: open\nkeys:\n  '1': yes\n  '12': no\n", 4, "keys"),
            ("offer", "kind: open\n\ntopics:\n  - wishes\n  - weather\n", 5, "topics"),
            ("offer", "kind: open\nanswers: {}\n", 2, "answers"),
            ("offer", "kind: open\nphrases: {yes: ['ja'\nkeys: {}\n", 3, ""),
            ("offer", "kind: open\ndigits: [1]\n", 2, "digits"),
            ("offer", "kind: open\nweights: {'ja': 0}\n", 2, "weights"),
            ("shared", "yes_no:\n  phrases:\n    yes: ['(ja']\n", 3, "Klammer"),
            ("shared", "yes_no:\n  keys: {'1': yes}\n", 2, "keys"),
            ("fillers", "words: [äh]\n", 1, "carriers"),
            ("confidence", "bounds:\n  yes_no: {accept: 2, confirm: 0}\n", 2, "accept"),
            ("always", "kind: choice\nphrases:\n  help: 'hilfe'\n", 3, "help"),
        ],
    )  # fmt: skip
    def test_an_error_names_file_and_line(self, folder, file, text, line, about):
        (folder / f"{file}.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(DataError) as raised:
            Grammars.load(folder)
        assert f"{file}.yaml:{line}: " in str(raised.value)
        assert about in str(raised.value)

    def test_including_what_does_not_exist_is_an_error(self, folder):
        (folder / "offer.yaml").write_text("kind: open\ninclude: [yes_no, weather]\n")
        with pytest.raises(DataError, match=r"offer\.yaml:2: include: .*weather"):
            Grammars.load(folder)

    @pytest.mark.parametrize("file", ["always", "fillers", "confidence", "shared"])
    def test_a_missing_file_is_named(self, folder, file):
        (folder / f"{file}.yaml").unlink()
        with pytest.raises(DataError, match=rf"{file}\.yaml"):
            Grammars.load(folder)

    def test_a_question_has_its_own_phrases_and_those_it_includes(self, folder):
        (folder / "offer.yaml").write_text(
            "kind: open\ninclude: [yes_no]\nphrases: {yes: ['prima']}\nlabels: {no: 'auf keinen Fall'}\n",
            encoding="utf-8",
        )
        offer = Grammars.load(folder).questions["offer"]
        assert {offer.spoken[phrase].intent for phrase in ("prima", "ja bitte")} == {"yes"}
        assert offer.labels == {"yes": "ja", "no": "auf keinen Fall"}

    def test_a_question_may_have_bounds_of_its_own(self, folder):
        with (folder / "confidence.yaml").open("a", encoding="utf-8") as file:
            file.write("questions:\n  offer: {accept: 0.9, confirm: 0.8}\n")
        grammars = Grammars.load(folder)
        assert grammars.bounds("offer").accept == 0.9
        assert grammars.bounds("better") == grammars.confidence.bounds["open"]


class TestTheShippedGrammars:
    GRAMMARS = Grammars.load(GRAMMARS)

    def test_no_phrase_means_two_things(self):
        for name, grammar in self.GRAMMARS.questions.items():
            seen = {}
            for block in (grammar, self.GRAMMARS.always):
                for intent, templates in block.phrases.items():
                    for phrase in (phrase for template in templates for phrase in expand(template)):
                        assert seen.setdefault(phrase, intent) == intent, (name, phrase)

    def test_no_phrase_is_empty(self):
        for grammar in (*self.GRAMMARS.questions.values(), self.GRAMMARS.always):
            assert "" not in grammar.spoken

    def test_no_phrase_of_a_question_hides_what_works_everywhere(self):
        for grammar in self.GRAMMARS.questions.values():
            assert not grammar.spoken.keys() & self.GRAMMARS.always.spoken.keys()
            assert not grammar.keys.keys() & self.GRAMMARS.always.keys.keys()

    def test_the_demo_city_and_the_phrases_that_work_everywhere_do_not_collide(self):
        city = read_city([ROOT / "cities" / "demo"])
        names = {
            phrase
            for one in (*city.services, *city.sites, *city.districts)
            for phrase in (one.name.lower(), *one.synonyms)
        }
        for grammar in (*self.GRAMMARS.questions.values(), self.GRAMMARS.always):
            assert not names & grammar.spoken.keys()
