"""Databases of both kinds, empty and with all tables, and a PostgreSQL server for those that want one."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa


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


@pytest.fixture(scope="session")
def empty_databases(request, tmp_path_factory):
    """Return a function that makes empty databases of either kind, with all tables, quickly."""
    from hotline.storage import Database

    folder = tmp_path_factory.mktemp("databases")
    configured = os.environ.get("HOTLINE_TEST_POSTGRESQL")
    made = []
    templates = {}

    def server(statement, *, name):
        engine = sa.create_engine(
            configured or request.getfixturevalue("postgresql"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(sa.text(statement.format(name=name)))
        engine.dispose()

    def url(kind, name):
        if kind == "sqlite":
            return f"sqlite:///{folder / name}.sqlite3"
        return sa.make_url(request.getfixturevalue("postgresql")).set(database=name)

    def make(kind):
        name = f"hotline_{uuid4().hex}"
        if kind not in templates:
            if kind == "postgresql":
                server("CREATE DATABASE {name}", name=name)
            template = Database(url(kind, name))
            template.upgrade()
            template.engine.dispose()
            templates[kind] = name
            made.append((kind, name))
            name = f"hotline_{uuid4().hex}"
        if kind == "sqlite":
            shutil.copy(folder / f"{templates[kind]}.sqlite3", folder / f"{name}.sqlite3")
        else:
            server(f"CREATE DATABASE {{name}} TEMPLATE {templates[kind]}", name=name)
        made.append((kind, name))
        return Database(url(kind, name))

    yield make
    # A server of our own is gone with its databases by now.
    for kind, name in made:
        if kind == "postgresql" and configured:
            server("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request, empty_databases):
    """An empty database; the test runs once for each kind."""
    database = empty_databases(request.param)
    yield database
    database.engine.dispose()
