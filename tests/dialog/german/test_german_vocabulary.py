"""The fragments that the recogniser listens for."""

import datetime as dt

import pytest

from hotline.dialog.german import digits, wishes
from hotline.dialog.german.vocabulary import Topic, phrases
from hotline.dialog.german.words import words
from hotline.speech.models import ModelError, find


@pytest.mark.parametrize("topic", Topic)
def test_fragments_are_short_and_few(topic: Topic) -> None:
    fragments = phrases(topic)
    assert 10 <= len(fragments) <= 700
    assert len(set(fragments)) == len(fragments)
    assert all(1 <= len(fragment.split()) <= 3 for fragment in fragments)
    assert all(words(fragment) == fragment.split() for fragment in fragments)


def test_every_word_is_known_to_the_model() -> None:
    vosk = pytest.importorskip("vosk")
    try:
        found = find(None)
    except ModelError as missing:
        pytest.skip(str(missing))
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(found.path))
    spoken = {word for phrase in (*wishes.phrases(), *digits.phrases()) for word in phrase.split()}
    assert sorted(word for word in spoken if model.vosk_model_find_word(word) < 0) == []


@pytest.mark.parametrize("topic", [Topic.WEEKDAYS, Topic.HOLIDAYS, Topic.PARTS_OF_DAY])
def test_what_is_listened_for_is_understood(topic: Topic) -> None:
    today = dt.date(2026, 11, 21)
    fragments = [fragment for fragment in phrases(topic) if fragment not in {"so früh wie", "wie möglich"}]
    assert [one for one in fragments if wishes.parse_wishes(one.split(), today) is None] == []
