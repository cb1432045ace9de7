"""Hearing an answer at a question, as text with every word sure."""

import datetime as dt

import pytest

from hotline.dialog.steps import Ask
from hotline.dialog.understanding import Word
from hotline.dialog.wishes import WISHES

from .callers import GRAMMARS, UNDERSTANDING

TODAY = dt.date(2026, 12, 2)
QUESTIONS = pytest.mark.parametrize("question", GRAMMARS.questions)


def hear(question, text, confidence=1.0, *options):
    words = [Word(word, confidence) for word in text.split()]
    return UNDERSTANDING.words(Ask(question, {}, options), words, TODAY)


def wished(question, text):
    found = hear(question, text)
    assert found.meaning.intent == "wish", found
    return WISHES.validate_python(found.meaning.value)
