"""The grammars and the demo city, and the ear that is at hand."""

import pytest

from hotline.evaluation import path, questions
from hotline.settings import Settings
from hotline.speech import models
from hotline.speech.ear import Ear


@pytest.fixture(scope="session")
def settings():
    return Settings(_env_file=None)


@pytest.fixture(scope="session")
def understanding(settings):
    return path.with_digit(questions.understanding(settings))


@pytest.fixture(scope="session")
def ear(settings):
    try:
        return Ear.load(models.find(settings.model).path)
    except models.ModelError as error:
        pytest.skip(f"no model for the ear: {error}")
