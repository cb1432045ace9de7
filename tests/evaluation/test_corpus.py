from random import Random

import pytest
from click.testing import CliRunner

from hotline.evaluation import manifest, questions
from hotline.evaluation.commands import corpus
from hotline.evaluation.corpus import sounds, texts, voices
from hotline.evaluation.corpus.generate import generate
from hotline.evaluation.corpus.recordings import rows
from hotline.speech import audio


def test_voices_for_training_development_and_test_never_overlap():
    names = {kind: {(voice.name, voice.pitch) for voice in many} for kind, many in voices.SETS.items()}
    assert not names["train"] & names["dev"]
    assert not names["train"] & names["test"]
    assert not names["dev"] & names["test"]
    trained = [voice.pitch for voice in voices.TRAIN if voice.name == "pico"]
    measured = [voice.pitch for voice in (*voices.DEV, *voices.TEST) if voice.name == "pico"]
    assert all(abs(one - other) > 0.04 for one in trained for other in measured)


def test_every_fixed_phrase_of_every_question_is_spoken(understanding, settings):
    answers = texts.answers(understanding.grammars, questions.city(settings), Random(1))
    said = {}
    for one in answers:
        said.setdefault(one.question, []).append(texts.plain(one.text))
    for question, grammar in understanding.grammars.questions.items():
        if question != "digit":
            for phrase in grammar.spoken:
                assert any(phrase in text for text in said[question]), (question, phrase)


def test_the_same_seed_makes_the_same_corpus(understanding, settings, tmp_path, monkeypatch):
    monkeypatch.setitem(voices.SETS, "dev", (voices.Voice("pico"), voices.Voice("pico", pitch=1.02)))
    monkeypatch.setattr(texts, "FOREIGN", {})
    monkeypatch.setattr(texts, "OFF_TOPIC", texts.OFF_TOPIC[:2])
    city = questions.city(settings)
    first, again = (
        generate(tmp_path / name, understanding, city, "dev", seed=3, limit=6) for name in ("a", "b")
    )
    items, others = manifest.read(first), manifest.read(again)
    assert len({item.group for item in items if not item.reject}) >= 5

    def what(item):  # not how long: Pico sometimes draws out a sound
        return item.file.name, item.text, item.question, item.group, item.speaker, item.reject

    assert [what(item) for item in items] == [what(item) for item in others]


def test_some_callers_repeat_the_question_or_speak_to_the_room_first(
    understanding, settings, tmp_path, monkeypatch
):
    monkeypatch.setitem(voices.SETS, "dev", (voices.Voice("pico"),))
    monkeypatch.setattr(texts, "FOREIGN", {})
    path = generate(tmp_path, understanding, questions.city(settings), "dev", seed=3, limit=20)
    aside = [item for item in manifest.read(path) if item.group == "aside"]
    assert len(aside) == 2
    for item in aside:
        alone = [other for other in manifest.read(path) if (other.text, other.aside) == (item.text, "")]
        assert item.spoken_ms > min(other.spoken_ms for other in alone) + 500
        assert item.aside.split()[0] not in item.text.split()


def test_a_corpus_may_hold_some_groups_only(understanding, settings, tmp_path, monkeypatch):
    monkeypatch.setitem(voices.SETS, "train", (voices.Voice("pico"),))
    path = generate(
        tmp_path,
        understanding,
        questions.city(settings),
        "train",
        seed=3,
        limit=6,
        groups=["digit"],
        practice=["zoo"],
    )
    items = [item for item in manifest.read(path) if not item.reject]
    assert {item.group for item in items} == {"digit", "practice"}
    digits = {item.text for item in items if item.group == "digit"}
    assert {word for item in items for word in item.text.split()} == digits


def test_a_group_that_does_not_exist_is_refused_in_german(tmp_path):
    done = CliRunner().invoke(corpus, ["dev", str(tmp_path), "--group", "wann"])
    assert done.exit_code == 1
    assert "Diese Gruppe gibt es nicht: wann. Es gibt: yes_no, " in done.output


def test_every_group_of_answers_is_named(understanding, settings):
    made = texts.answers(understanding.grammars, questions.city(settings), Random(1))
    assert {one.group for one in made} == set(texts.GROUPS)


def test_pico_spells_abbreviations_out_as_espeak_does():
    def seconds(text):
        return len(voices.speak(text, voices.Voice("pico"))) / voices.RATE

    assert seconds("ohne sms") == pytest.approx(seconds("ohne es em es"), rel=0.15)
    assert seconds("hm ja") < 0.7


@pytest.mark.parametrize("kind", sounds.KINDS)
def test_sounds_are_loud_enough_and_repeatable(kind):
    once, again = (sounds.KINDS[kind](5) for _ in range(2))
    assert (once == again).all()
    assert audio.level(once) > -45


def test_transcripts_become_answers_or_none(understanding, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "transcripts.tsv").write_text(
        "a.wav\tacht\nb.wav\tder buchhalter\nc.wav\tMontag\n", encoding="utf-8"
    )
    made = rows(folder, "real", understanding, tmp_path)
    assert [(one["question"], one["expected"]) for one in made][::2] == [("digit", ""), ("day", "")]
    assert made[1]["expected"] == "reject"
    assert made[0]["file"] == "recordings/a.wav"


def test_transcripts_may_name_words_before_an_answer_and_folders_name_speakers(understanding, tmp_path):
    folder = tmp_path / "woman"
    folder.mkdir()
    (folder / "transcripts.tsv").write_text(
        "b3.ogg\tdrei\tBambus\nspk7_b3.ogg\tdrei\nx.ogg\t\n", encoding="utf-8"
    )
    three, plain, foreign = rows(folder, "real", understanding, tmp_path)
    assert (three["question"], three["aside"], three["group"]) == ("digit", "bambus", "aside")
    assert (plain["aside"], plain["group"]) == ("", "digit")
    assert foreign["expected"] == "reject"
    assert [three["speaker"], plain["speaker"]] == ["woman", "spk7"]


def test_a_manifest_with_a_missing_recording_names_the_line(tmp_path):
    path = tmp_path / "manifest.tsv"
    path.write_text("file\ttext\tquestion\nda.wav\tja\tmore\n", encoding="utf-8")
    with pytest.raises(manifest.ManifestError, match=r"Zeile 2: Die Aufnahme „da\.wav“ gibt es nicht"):
        manifest.read(path)


def test_a_manifest_without_a_column_is_refused(tmp_path):
    path = tmp_path / "manifest.tsv"
    path.write_text("file\ttext\n", encoding="utf-8")
    with pytest.raises(manifest.ManifestError, match="Die Spalte question fehlt"):
        manifest.read(path)
