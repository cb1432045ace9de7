import datetime as dt
import multiprocessing
import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import hotline.app  # noqa: F401  # which knows the tables of all parts
from hotline.booking.tables import City, Guess
from hotline.storage import Base, Database

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def test_the_migrations_make_the_tables_that_the_code_expects(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(database):
    database.upgrade()
    with database.reading() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(City)).scalar_one() == 0


def test_times_come_back_in_utc_and_need_a_zone(database):
    summer = dt.datetime(2026, 7, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    with database.writing() as session:
        session.add(Guess(caller="a", at=summer))
    with database.reading() as session:
        at = session.execute(sa.select(Guess.at)).scalar_one()
        assert (at, at.tzinfo) == (summer, dt.UTC)
    with pytest.raises(sa.exc.StatementError, match="naive"), database.writing() as session:
        session.add(Guess(caller="a", at=dt.datetime(2026, 7, 1)))  # noqa: DTZ001


def test_an_exception_undoes_the_whole_transaction(database):
    def fail_halfway():
        with database.writing() as session:
            session.add(Guess(caller="a", at=NOW))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        fail_halfway()
    with database.reading() as session:
        assert session.execute(sa.select(Guess)).all() == []


def count_up(url, times):
    database = Database(url)
    for _ in range(times):
        with database.writing() as session:
            # Read and write apart: only those who wait their turn do not overwrite each other.
            (guess,) = session.execute(sa.select(Guess)).scalars()
            guess.caller = str(int(guess.caller) + 1)


@pytest.mark.parametrize("worker", [threading.Thread, multiprocessing.get_context("fork").Process])
def test_writers_to_sqlite_wait_their_turn(empty_databases, worker):
    database = empty_databases.make("sqlite")
    with database.writing() as session:
        session.add(Guess(caller="0", at=NOW))
    database.engine.dispose()
    workers = [worker(target=count_up, args=(str(database.url), 25)) for _ in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    with database.reading() as session:
        assert session.execute(sa.select(Guess.caller)).scalar_one() == "200"


def test_a_writer_that_dies_lets_the_next_one_through(empty_databases):
    database = empty_databases.make("sqlite")
    url = str(database.url)
    database.engine.dispose()

    def die():
        import os

        with Database(url).writing():
            os._exit(1)

    process = multiprocessing.get_context("fork").Process(target=die)
    process.start()
    process.join()
    assert process.exitcode == 1
    with database.writing() as session:
        session.add(Guess(caller="a", at=NOW))
