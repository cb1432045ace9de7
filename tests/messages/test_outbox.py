import datetime as dt
import logging

import pytest

from hotline.messages.tables import Kind, Sms, SmsReply, Status, purge

from .conftest import MOBILE, appointment, queue, rows


def test_a_booking_s_sms_is_queued_with_the_booking(database, outbox, clock):
    queue(database, outbox, appointment())
    (sms,) = rows(database)
    assert (sms.status, sms.phone, sms.kind, sms.segments) == ("queued", MOBILE, "confirmation", 1)
    assert sms.due_at == clock.now
    assert "Personalausweis" in sms.text


def test_a_booking_that_is_rolled_back_leaves_no_sms(database, outbox):
    def book_and_fail():
        with database.writing() as session:
            outbox.queue(session, appointment())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        book_and_fail()
    assert rows(database) == []


def test_a_booking_repeated_is_confirmed_once(database, outbox):
    queue(database, outbox, appointment(), appointment())
    queue(database, outbox, appointment())
    assert len(rows(database)) == 1


@pytest.mark.parametrize("phone", [None, "+4940428280", "+436641234567", "anonymous"])
def test_no_sms_goes_to_a_number_that_may_not_have_one(database, outbox, phone):
    queue(database, outbox, appointment(phone=phone))
    assert rows(database) == []


def test_each_move_is_told_once_even_back_to_where_it_was(database, outbox):
    here, there = appointment(), appointment(site_name="Kundenzentrum Billstedt")
    for place in (there, there, here, there):
        queue(database, outbox, place, kind=Kind.MOVE)
    sites = ["Billstedt" if "Billstedt" in sms.text else "Altona" for sms in rows(database)]
    assert sites == ["Billstedt", "Altona", "Billstedt"]


def test_what_was_still_waiting_is_superseded_by_what_is_newer(database, outbox):
    queue(database, outbox, appointment(), appointment("111111118"))
    queue(database, outbox, appointment(), kind=Kind.CANCELLATION)
    assert [(sms.kind, sms.status) for sms in rows(database)] == [
        ("confirmation", Status.SUPERSEDED),
        ("confirmation", Status.QUEUED),
        ("cancellation", Status.QUEUED),
    ]


def test_a_number_gets_at_most_five_sms_a_day(database, outbox, clock, caplog):
    for number in range(7):
        queue(database, outbox, appointment(f"00000000{number}"))
    assert len(rows(database)) == 5
    assert "+49176…678: over 5 in 24 hours" in caplog.text
    assert MOBILE not in caplog.text
    queue(database, outbox, appointment("999", phone="+4915112345678"))
    clock.turn(hours=24)
    queue(database, outbox, appointment("888"))
    assert len(rows(database)) == 7


def test_a_call_back_is_noted_once_for_each_call(database, outbox, clock):
    by = clock.now + dt.timedelta(hours=5)
    with database.writing() as session:
        outbox.call_back(session, MOBILE, "CA1", by)
        outbox.call_back(session, MOBILE, "CA1", by)
    (sms,) = rows(database)
    assert "Ihr Rückruf ist notiert" in sms.text
    assert "15:00 Uhr" in sms.text
    assert sms.expires_at == by


def test_purging_deletes_what_is_over_and_nothing_else(database, outbox, clock):
    soon, later = clock.now + dt.timedelta(days=1), clock.now + dt.timedelta(days=40)
    queue(database, outbox, appointment("1", starts_at=soon), appointment("2", starts_at=later))
    with database.writing() as session:
        session.add(SmsReply(sid="SM1", phone=MOBILE, answer=None, answered_at=clock.now))
    with database.writing() as session:
        assert purge(session, clock.now + dt.timedelta(days=30)) == 2
    assert [sms.reference for sms in rows(database)] == ["2"]


def test_logs_name_no_number(database, outbox, caplog):
    with caplog.at_level(logging.DEBUG):
        queue(database, outbox, appointment(phone="+4940428280"))
    assert "not_mobile" in caplog.text
    assert "+4940428280" not in caplog.text


def test_the_tables_are_those_of_the_migration(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from hotline.storage import Base

    with database.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
        )
    ours = {Sms.__tablename__, SmsReply.__tablename__}
    assert [one for one in differences if any(name in str(one) for name in ours)] == []
