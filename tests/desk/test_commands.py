"""Accounts from the command line."""

import pytest
from click.testing import CliRunner

from hotline.cli import main
from hotline.desk.tables import Audit, Failure, Link, Session, User

from .conftest import PASSWORD, Browserless


@pytest.fixture
def hotline(house, monkeypatch):
    monkeypatch.setenv("HOTLINE_DATABASE_URL", house.settings.database_url)
    monkeypatch.setenv("HOTLINE_PUBLIC_URL", house.url)

    def run(*arguments, typed=None):
        return CliRunner().invoke(main, arguments, input=typed)

    return run


def test_an_account_is_made_with_a_password_that_is_not_shown(house, hotline):
    made = hotline(
        "user",
        "add",
        "carla",
        "--full-name",
        "Carla Lutz",
        "--phone",
        "040 42828103",
        typed=f"{PASSWORD}\n{PASSWORD}\n",
    )
    assert made.exit_code == 0
    assert PASSWORD not in made.output
    [carla] = house.all(User, User.name == "carla")
    assert (carla.phone, carla.role) == ("+494042828103", "agent")
    assert Browserless(house, "carla").get("/desk").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "anna", "--full-name", "A", "--link"], "gibt es schon"),
        (["add", "Anna Weber", "--full-name", "A", "--link"], "Kleinbuchstaben"),
        (["add", "carla", "--full-name", "A", "--link", "--phone", "12"], "keine Telefonnummer"),
        (["link", "niemand"], "gibt es nicht"),
        (["change", "niemand", "--lock"], "gibt es nicht"),
    ],
)
def test_what_cannot_be_is_said_in_german(hotline, arguments, sentence):
    result = hotline("user", *arguments)
    assert result.exit_code == 1
    assert sentence in result.output


def test_an_account_is_locked_and_listed_as_such(hotline):
    assert hotline("user", "change", "anna", "--lock").exit_code == 0
    listed = hotline("user", "list").output
    assert "Anna Weber" in listed
    assert "ja" in listed


def test_purging_leaves_nothing_of_the_desk_s_past(house, hotline):
    house.now = house.now.replace(year=2020)
    Browserless(house, "anna")
    Browserless(house).sign_in("boris", "falsch")
    house.accounts.link("boris")
    # The command goes by the real time.
    assert hotline("purge").exit_code == 0
    assert [house.all(table) for table in (Session, Failure, Link, Audit)] == [[], [], [], []]
