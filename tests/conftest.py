"""Databases of both kinds, empty and with all tables, and a PostgreSQL server for those that want one."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hotline.storage import Database


def _postgresql_programs():
    """The folder of PostgreSQL's server programs, which Debian keeps out of the path."""
    on_path = shutil.which("pg_ctl")
    candidates = [Path(on_path).parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a PostgreSQL server: the configured one, or one of our own for as long as the tests run."""
    configured = os.environ.get("HOTLINE_TEST_POSTGRESQL")
    if configured:
        yield configured
        return
    programs = _postgresql_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server: set HOTLINE_TEST_POSTGRESQL or install postgresql")
    # PostgreSQL refuses to run as root; its own user, which Debian's package makes, may.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    if user:
        shutil.chown(folder, user)

    def run(*command):
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=120)

    data = folder / "data"
    run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = (
        f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=120"
    )
    run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


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
        name = f"hotline_{uuid4().hex}"
        self.on_server(f"CREATE DATABASE {name}")
        database = Database(sa.make_url(self._server()).set(database=name))
        database.upgrade()
        return database

    def on_server(self, statement):
        engine = sa.create_engine(self._server(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()

    def drop(self):
        """Remove what was made on the server."""
        for database in self._free:
            self.on_server(f"DROP DATABASE {database.url.database} WITH (FORCE)")


@pytest.fixture(scope="session")
def empty_databases(request, tmp_path_factory):
    """See :class:`Databases`."""
    configured = os.environ.get("HOTLINE_TEST_POSTGRESQL")
    databases = Databases(
        tmp_path_factory.mktemp("databases"), lambda: configured or request.getfixturevalue("postgresql")
    )
    yield databases
    if configured:  # a server of our own is gone by now, and its databases with it
        databases.drop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request, empty_databases):
    """An empty database; the test runs once for each kind."""
    database = empty_databases.make(request.param)
    yield database
    empty_databases.give_back(database)
