"""The command line: what is deleted when its time has come, and what operators read of what is wrong."""

import datetime as dt
import socket

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from hotline.cli import COMMANDS, main
from tests.telephony.conftest import MOBILE, WEDNESDAY, city_file, hotline, hotline_with  # noqa: F401


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that runs a command on a database at a time."""
    monkeypatch.chdir(tmp_path)

    def at(now, url, *arguments):
        monkeypatch.setattr("hotline.app.utc_now", lambda: now)
        monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
        return CliRunner().invoke(main, arguments)

    return at


def everything(database):
    """All that stands in the database, as one text."""
    with database.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return "\n".join(
            str(row) for name in names for row in connection.exec_driver_sql(f"SELECT * FROM {name}")
        )


class TestPurging:
    @pytest.fixture
    def used(self, hotline):  # noqa: F811
        """A hotline with a booking, an SMS, a call-back and a wrong reference, all by one caller."""
        answer = hotline.keys(hotline.dial(), "1", "1", "1", "1", "1", "1", "5", "123456789", "0")
        turn = hotline.turns()[-1]["number"]
        answer = hotline.twiml(f"/voice/transferred/{turn}", DialCallStatus="busy")
        hotline.keys(answer, "1", "2")
        hotline.post("/voice/status", CallSid="CA1", CallStatus="completed")
        assert hotline.callbacks()
        return hotline

    def test_deletes_all_that_tells_of_the_caller_once_its_time_has_come(self, used, run):
        before = everything(used.database)
        assert MOBILE in before
        assert "Es geht um" in before
        result = run(WEDNESDAY + dt.timedelta(days=40), used.settings.database_url, "purge")
        assert result.output == "Gelöscht: Angaben zu 1 Terminen, 2 SMS, 1 Anrufe.\n"
        left = everything(used.database)
        assert MOBILE not in left
        assert "Es geht um" not in left
        assert len(used.appointments("booked")) == 1, "the figures stay"

    def test_again_finds_nothing_more(self, used, run):
        later = WEDNESDAY + dt.timedelta(days=40)
        run(later, used.settings.database_url, "purge")
        result = run(later, used.settings.database_url, "purge")
        assert result.output == "Gelöscht: Angaben zu 0 Terminen, 0 SMS, 0 Anrufe.\n"

    def test_keeps_what_is_younger(self, used, run):
        for days, arguments in ((29, ["purge"]), (40, ["purge", "--days", "60"])):
            run(WEDNESDAY + dt.timedelta(days=days), used.settings.database_url, *arguments)
            assert MOBILE in everything(used.database)
            assert used.callbacks()

    def test_may_be_told_to_keep_less(self, used, run):
        run(WEDNESDAY + dt.timedelta(days=10), used.settings.database_url, "purge", "--days", "3")
        assert MOBILE not in everything(used.database)

    @pytest.mark.parametrize("days", ["0", "-1", "some"])
    def test_is_never_told_to_keep_nothing(self, used, run, days):
        result = run(WEDNESDAY, used.settings.database_url, "purge", "--days", days)
        assert result.exit_code == 2
        assert MOBILE in everything(used.database)


@pytest.mark.parametrize("command", [["purge"], ["sms", "list"], ["sms", "work", "--once"]])
def test_a_database_without_tables_is_named_without_a_traceback(run, tmp_path, command):
    result = run(WEDNESDAY, f"sqlite:///{tmp_path / 'empty.sqlite3'}", *command)
    assert result.exit_code == 1
    assert result.output.startswith("Error: Die Datenbank (HOTLINE_DATABASE_URL) fehlt")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command):
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: main {command}")


def test_an_unknown_command_is_refused():
    assert CliRunner().invoke(main, ["fly"]).exit_code == 2


def test_the_list_of_commands_is_complete():
    output = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {name} " in output for name in COMMANDS)


def test_a_port_that_is_taken_is_named_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", "--demo", "--port", str(port)])
    assert result.exit_code == 1
    assert f"Port {port}" in result.output
    assert f"--port {port + 1}" in result.output
