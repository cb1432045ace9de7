"""A word that the model has never had is understood once its phones are in the lexicon."""

import shutil

import pytest

from hotline.dialog.listening import ONE_WORD
from hotline.speech.ear import Ear
from hotline.speech.vocabulary import PronunciationError, Vocabulary, espeak, parse, read_all
from hotline.speech.vocabulary.lexicon import OWN

from ..sounds import over_the_line, quiet

STREET = "caffamacherreihe"
SPOKEN = "k a f a m a x 6 R aI @"


@pytest.fixture
def copy(model_path, tmp_path):
    """A copy of the model that may be changed."""
    if not Vocabulary(model_path).ours:
        pytest.skip("the model at hand has no lexicon")
    return Vocabulary(shutil.copytree(model_path, tmp_path / "modell", copy_function=shutil.copy))


def test_a_typed_pronunciation_makes_a_word_known_without_espeak(copy, say, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    before = Ear.load(copy.model)
    assert not before.knows(STREET)
    copy.add([STREET.capitalize()], parse(SPOKEN))
    copy.build()
    ear = Ear.load(copy.model)
    assert ear.knows(STREET)
    listener = ear.listen([STREET, "wandsbek", "altona", "kundenzentrum"])
    listener.accept(over_the_line(quiet(300), say("Caffamacherreihe"), quiet(500)))
    assert [word.text for word in listener.final() if word.known] == [STREET]


def test_without_espeak_the_operator_is_asked_for_the_pronunciation(copy, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(PronunciationError, match="espeak-ng ist nicht installiert"):
        copy.add([STREET])


@pytest.mark.skipif(not espeak.available(), reason="needs espeak-ng")
def test_espeak_proposes_pronunciations(copy):
    assert copy.add(["vierzig"])["vierzig"][0] == parse("f i: 6 ts I C")


def test_a_correction_by_hand_overrules_and_a_mistake_in_it_names_its_line(copy):
    own = copy.folder / OWN
    own.write_text("# ours\naltona\ta l t o: n a\n", encoding="utf-8")
    assert read_all(copy.folder)["altona"] == [parse("a l t o: n a")]
    own.write_text("altona\ta l t o: n a\nwandsbek\tvan\n", encoding="utf-8")
    with pytest.raises(PronunciationError, match=r"own\.txt, Zeile 2: „van“"):
        copy.build()


def test_what_is_no_word_is_refused(copy):
    with pytest.raises(PronunciationError, match="kein einzelnes Wort"):
        copy.add(["rote laterne"], parse(SPOKEN))


def test_the_shipped_graphs_are_those_of_the_shipped_lexicon(copy):
    shipped = (copy.model / "graph" / "HCLr.fst").read_bytes()
    copy.build()
    assert (copy.model / "graph" / "HCLr.fst").read_bytes() == shipped


def test_a_word_heard_for_two_is_pronounced_as_both(copy):
    lexicon = read_all(copy.folder)
    for said, heard in ONE_WORD.items():
        assert set(lexicon[said]) <= set(lexicon[heard])


def test_words_that_sound_alike_are_both_known(copy):
    copy.add(["meier"], parse("m aI 6"))
    copy.add(["mayr"], parse("m aI 6"))
    copy.build()
    ear = Ear.load(copy.model)
    assert ear.knows("meier")
    assert ear.knows("mayr")
