"""What callers hear, as data: everything that is asked can be said, and everything is fit to be spoken."""

import ast
import re
import shutil
import string

import pytest

from hotline.dialog.grammar import Grammars
from hotline.dialog.prompts import SLOWER, Prompts
from hotline.settings import ROOT
from hotline.speech.speaker import sentences
from hotline.yamlfile import DataError

from .callers import NOISE, SILENCE, WITHHELD, Call
from .test_every_question import WAYS, at
from .town import Town

PROMPTS = Prompts.load(ROOT / "prompts")
QUESTIONS = Grammars.load(ROOT / "grammars").questions
TEMPLATES = dict(PROMPTS.templates())


def placeholders(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def prompts_in_the_code():
    """Every prompt that the scripts and the conversation say by name, and what they fill in."""
    folder = ROOT / "hotline" / "dialog"
    for path in [*(folder / "scripts").glob("*.py"), folder / "conversation.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                [name, *_] = node.args
                if isinstance(name, ast.Constant):
                    filled = {keyword.arg for keyword in node.keywords}
                    yield path.name, name.value, filled


def test_every_question_that_is_listened_to_can_be_asked_and_the_other_way_round():
    assert set(PROMPTS.questions) == set(QUESTIONS)


def test_every_prompt_that_scripts_say_exists_and_gets_all_it_needs():
    said = list(prompts_in_the_code())
    assert len(said) > 20
    for file, name, filled in said:
        assert name in PROMPTS.prompts, (file, name)
        if None not in filled:  # **values
            assert placeholders(PROMPTS.prompts[name]) <= filled, (file, name)


def test_no_prompt_is_never_said():
    code = " ".join(
        path.read_text(encoding="utf-8")
        for path in [
            *(ROOT / "hotline").rglob("dialog/**/*.py"),
            *(ROOT / "hotline" / "telephony").glob("*.py"),
        ]
    )
    counted = {"silence_1", "silence_2", "no_match_1", "no_match_2"}
    assert {name for name in PROMPTS.prompts if f'"{name}"' not in code} <= counted


@pytest.mark.parametrize("question", WAYS)
def test_every_way_of_asking_gets_all_it_needs(question):
    call = at(question)
    step = call.conversation.step
    values = {**step.values, "options": ""}
    if question == "confirm":
        values["label"] = "Reisepass"
    for variant in ("ask", "short", "menu", "help"):
        assert placeholders(TEMPLATES[f"{question}.{variant}"]) <= set(values), variant


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_prompt_is_fit_to_be_spoken(name):
    text = re.sub(r"\{\w+\}", "", TEMPLATES[name])
    assert text.strip() or placeholders(TEMPLATES[name])
    assert not re.search(r"[0-9/&*#<>_]|\b(?:z\.B|bzw|ca|Nr|Str)\b", text)
    for sentence in sentences(" ".join(text.split())):
        assert len(sentence) < 180, "too long to be kept in mind"


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".menu")])
def test_in_a_menu_the_key_comes_after_the_choice(name):
    for sentence in sentences(" ".join(TEMPLATES[name].split())):
        if "drücken Sie" in sentence:
            assert re.search(r"drücken Sie (die \w+|den Stern)\.$", sentence), sentence


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".menu")])
def test_a_menu_names_at_most_four_keys_beside_the_options(name):
    assert TEMPLATES[name].count("drücken Sie") <= 4


def test_the_greeting_says_who_speaks_that_it_is_a_machine_and_how_to_reach_a_human():
    greeting = Call().said
    for part in (
        "Terminhotline der Stadt Kleinstadt",
        "automatischer Assistent",
        "Taste null",
        "Mitarbeiter",
    ):
        assert part in greeting
    assert "nicht aufgezeichnet" in greeting


def test_nobody_is_blamed_and_nobody_hears_of_a_mistake_of_the_machine():
    for name, template in TEMPLATES.items():
        for word in ("Fehler", "ungültig", "falsch eingegeben", "Sie haben nicht"):
            assert word not in template, name


def test_blanks_and_lines_of_the_file_are_not_heard():
    prompts = PROMPTS.model_copy(update={"prompts": {"hello": "  Guten \n Tag,   {name}. "}})
    assert prompts.render("hello", {"name": "Frau  Meier"}).text == "Guten Tag, Frau Meier."


def test_a_prompt_knows_its_name_and_pace():
    one = PROMPTS.render("more.ask", {}, SLOWER)
    assert (one.prompt, one.pace) == ("more.ask", SLOWER)


def test_what_callers_say_is_never_read_for_placeholders():
    prompts = PROMPTS.model_copy(update={"prompts": {"hello": "Guten Tag, {name}."}})
    assert prompts.render("hello", {"name": "{x} {0}"}).text == "Guten Tag, {x} {0}."


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        ("    short: ", "    curt: ", "short"),
        ("language: de-DE", "language: [de]", "language"),
        ("questions:", "quests:", "questions"),
        ('  goodbye: "Vielen', "  goodbye: 'Vielen", ""),
    ],
)
def test_an_error_in_the_file_names_file_and_line(tmp_path, old, new, about):
    folder = shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    text = (folder / "de.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "de.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"de\.yaml:\d+: ") as raised:
        Prompts.load(folder)
    assert about in str(raised.value)


def test_a_language_that_is_missing_is_named():
    with pytest.raises(DataError, match=r"xx\.yaml"):
        Prompts.load(ROOT / "prompts", "xx")


def test_a_caller_hears_at_most_a_minute_and_a_half_at_a_time():
    """At about 14 letters a second, as Pico speaks."""
    call = Call(Town(agents=False), WITHHELD)
    longest = len(call.said)
    for action in ["Reisepass", "Hilfe", SILENCE, NOISE, "1", "2", "1", "1", "Personalausweis", "0"]:
        longest = max(longest, len(call.do(action).said))
    assert longest < 14 * 90
