"""One database, SQLite or PostgreSQL, behind two kinds of transaction: reading and writing."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Session

from hotline.storage.turnstile import Turnstile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine.interfaces import DBAPIConnection

SQLITE_BUSY_MS = 10_000
"""How long a SQLite writer waits for one that did not come through our queue, in ms."""


MIGRATION_LOCK = 0x686F746C
"""The key of PostgreSQL's advisory lock under which migrations run ("hotl")."""


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """An aware ``datetime``, stored as UTC without a zone so that both databases compare it alike."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Turn an aware time into naive UTC; a naive time is an error of ours, not a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive datetime {value!r}; give it a zone"
            raise ValueError(msg)
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Give the stored time its zone back."""
        return None if value is None else value.replace(tzinfo=dt.UTC)


class Base(DeclarativeBase):
    """The base of all tables. ``Mapped[datetime]`` is UTC everywhere."""

    type_annotation_map = {dt.datetime: UtcDateTime, dict[str, Any]: sa.JSON, list[Any]: sa.JSON}  # noqa: RUF012
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """An engine and its two kinds of transaction.

    :param url: an SQLAlchemy URL, ``sqlite:///…`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str, **engine_options: Any) -> None:
        self.url = sa.make_url(url)
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = sa.create_engine(self.url, pool_pre_ping=not self.is_sqlite, **engine_options)
        self._writing_engine = self.engine.execution_options(writing=True)
        self._turnstile = Turnstile(self.url.database) if self.is_sqlite else None
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end of the block and rolled back on any exception.

        On SQLite it starts with ``BEGIN IMMEDIATE``: it waits its turn at the beginning, instead of failing
        with "database is locked" in the middle.
        """
        with (
            self._turnstile.pass_through() if self._turnstile else nullcontext(),
            Session(self._writing_engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def upgrade(self) -> None:
        """Bring the tables to the newest migration."""
        with self._writing_engine.begin() as connection:
            if not self.is_sqlite:
                # Several nodes may start at once; the second one waits and then finds nothing to do.
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            command.upgrade(self.alembic_config(connection), "head")

    def alembic_config(self, connection: sa.Connection | None = None) -> Config:
        """Return Alembic's configuration for this database; there is no ``alembic.ini``."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        return config


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # SQLAlchemy emits BEGIN itself (see _begin_sqlite), so the driver must not.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
