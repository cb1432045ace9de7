"""Databases of both kinds, empty and with all tables, and a PostgreSQL server for those that want one."""

import os
import shutil
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hotline.storage import Database

from . import servers


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a PostgreSQL server."""
    with servers.postgresql() as url:
        if url is None:
            pytest.skip("no PostgreSQL server: set HOTLINE_TEST_POSTGRESQL or install postgresql")
        yield url


class Databases:
    """Empty databases with all tables, made quickly: SQLite's are copied, PostgreSQL's are used again.

    :param folder: for SQLite's files.
    :param server: returns the URL of a PostgreSQL server.
    """

    def __init__(self, folder, server):
        self._folder = folder
        self._server = server
        self._free = []

    def make(self, kind):
        """Return an empty database; give it back when done."""
        if kind == "postgresql":
            return self._free.pop() if self._free else self._new_on_server()
        template = self._folder / "template.sqlite3"
        if not template.exists():
            database = Database(f"sqlite:///{template}")
            database.upgrade()
            database.engine.dispose()
        path = self._folder / f"{uuid4().hex}.sqlite3"
        shutil.copy(template, path)
        return Database(f"sqlite:///{path}")

    def give_back(self, database):
        """Let the database be used again."""
        database.engine.dispose()
        if not database.is_sqlite:
            with database.engine.begin() as connection:
                names = [
                    name for name in sa.inspect(connection).get_table_names() if name != "alembic_version"
                ]
                connection.execute(sa.text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
            database.engine.dispose()
            self._free.append(database)

    def _new_on_server(self):
        database = Database(servers.create_database(self._server()))
        database.upgrade()
        return database

    def drop(self):
        """Remove what was made on the server."""
        for database in self._free:
            servers.drop_database(self._server(), database.url)


@pytest.fixture(scope="session")
def empty_databases(request, tmp_path_factory):
    """See :class:`Databases`."""
    databases = Databases(tmp_path_factory.mktemp("databases"), lambda: request.getfixturevalue("postgresql"))
    yield databases
    if servers.CONFIGURED:  # a server of our own is gone by now, and its databases with it
        databases.drop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request, empty_databases):
    """An empty database; the test runs once for each kind."""
    database = empty_databases.make(request.param)
    yield database
    empty_databases.give_back(database)


def pytest_collection_modifyitems(items):
    """Once more where a call or a browser failed: what is heard, and when, is never quite the same."""
    for item in items:
        if item.get_closest_marker("call") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_sessionfinish(session):
    """In CI everything is installed, so a test that is skipped means that `.ci/run` forgot something."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and (skipped := reporter.stats.get("skipped")):
        reporter.write_line("")
        for report in skipped:
            reporter.write_line(f"skipped in CI: {report.nodeid} {report.longrepr}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
