"""A PostgreSQL server for tests and benchmarks: the configured one, or one of our own while it is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURED = os.environ.get("HOTLINE_TEST_POSTGRESQL")


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str | None]:
    """Yield the URL of a server, or nothing if there is none and no programs to start one.

    :param durable: whether commits reach the disk, as they must in operation, but need not in tests.
    """
    programs = _programs()
    if CONFIGURED or programs is None:
        yield CONFIGURED
        return
    # PostgreSQL refuses to run as root; its own user, which Debian's package makes, may.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    if user:
        shutil.chown(folder, user)

    def run(*command: str | Path) -> None:
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=120)

    data = folder / "data"
    run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=120"
    if not durable:
        options += " -c fsync=off"
    run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(server: str) -> Iterator[sa.URL]:
    """Yield the URL of a new, empty database on a server, and drop it afterwards."""
    url = create_database(server)
    try:
        yield url
    finally:
        drop_database(server, url)


def create_database(server: str) -> sa.URL:
    """Make an empty database on a server, and return its URL."""
    url = sa.make_url(server).set(database=f"hotline_{uuid4().hex}")
    _execute(server, f"CREATE DATABASE {url.database}")
    return url


def drop_database(server: str, url: sa.URL) -> None:
    """Remove a database and everyone's connections to it."""
    _execute(server, f"DROP DATABASE {url.database} WITH (FORCE)")


def _execute(server: str, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def _programs() -> Path | None:
    """Return the folder of the server's programs, which Debian keeps out of the path."""
    on_path = shutil.which("pg_ctl")
    candidates = [Path(on_path).parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)
