import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections import Counter

import pytest

from hotline.messages import delivery
from hotline.messages.senders import LocalSender, TwilioSender
from hotline.messages.tables import Kind, Status
from hotline.messages.worker import Round, Worker, run_once
from hotline.storage import Database

from .conftest import NOW, appointment, queue, rows
from .twilio_stand_in import wait_until


def middling():
    return 0.5


def test_what_is_queued_goes_out_in_order_and_once(database, outbox, sender, twilio, clock):
    queue(database, outbox, appointment("111"), appointment("222"))
    assert run_once(database, sender, clock) == Round(sent=2)
    assert run_once(database, sender, clock) == Round()
    assert [sms.status for sms in rows(database)] == ["sent", "sent"]
    assert [sms.sid for sms in rows(database)] == [message["sid"] for message in twilio.messages]
    assert twilio.bodies == [sms.text for sms in rows(database)]


def test_the_local_sender_marks_as_sent_and_keeps_the_text(database, outbox, clock):
    queue(database, outbox, appointment())
    assert run_once(database, LocalSender(), clock) == Round(sent=1)
    (sms,) = rows(database)
    assert (sms.status, sms.sid) == ("sent", f"local-{sms.id}")
    assert "Personalausweis" in sms.text


@pytest.mark.parametrize("trouble", [(429, 20429), (500, 20500), (503, 20503), "dropped"])
def test_a_trouble_that_passes_is_waited_out(database, outbox, sender, twilio, clock, trouble):
    queue(database, outbox, appointment())
    twilio.troubles.append(trouble)
    assert run_once(database, sender, clock, chance=middling) == Round(put_back=1)
    (sms,) = rows(database)
    assert sms.status == "queued"
    assert sms.due_at > clock.now
    assert run_once(database, sender, clock) == Round(), "not before its time"
    clock.now = sms.due_at
    assert run_once(database, sender, clock) == Round(sent=1)
    assert len(twilio.messages) == 1


def test_a_refusal_is_not_tried_again(database, outbox, sender, twilio, clock, caplog):
    queue(database, outbox, appointment("111"), appointment("222"))
    twilio.troubles.append((400, 21610))
    assert run_once(database, sender, clock) == Round(sent=1, failed=1)
    first, second = rows(database)
    assert (first.status, first.error_code) == ("failed", 21610)
    assert second.status == "sent"
    assert "+49176…678 refused" in caplog.text
    clock.turn(hours=2)
    assert run_once(database, sender, clock) == Round()


def test_one_trouble_ends_the_round_so_that_an_outage_is_not_hammered(
    database, outbox, sender, twilio, clock
):
    queue(database, outbox, *(appointment(f"{number}") for number in range(3)))
    twilio.troubles.extend([(503, 20503)] * 3)
    assert run_once(database, sender, clock) == Round(put_back=1)
    assert len(twilio.requests) == 1


def test_pauses_double_and_the_last_attempt_gives_up_with_one_line(
    database, outbox, sender, twilio, clock, caplog
):
    far = clock.now + dt.timedelta(days=9)
    queue(database, outbox, appointment(starts_at=far))
    twilio.troubles.extend([(503, 20503)] * 20)
    pauses = []
    for _ in range(delivery.MAX_ATTEMPTS - 1):
        assert run_once(database, sender, clock, chance=lambda: 1.0) == Round(put_back=1)
        due_at = rows(database)[0].due_at
        pauses.append((due_at - clock.now).total_seconds())
        clock.now = due_at
    assert pauses == [30, 60, 120, 240, 480, 960, 1920]
    caplog.clear()
    assert run_once(database, sender, clock) == Round(failed=1)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "given up after 8 attempts" in caplog.text
    clock.turn(days=1)
    assert run_once(database, sender, clock) == Round()
    assert rows(database)[0].status == "failed"


def test_jitter_spreads_repetitions_over_half_the_pause():
    assert delivery.pause(1, 0.0) == dt.timedelta(seconds=15)
    assert delivery.pause(1, 1.0) == dt.timedelta(seconds=30)
    assert delivery.pause(3, 0.5) == dt.timedelta(seconds=90)


def test_an_answer_lost_on_the_way_is_asked_for_before_sending_again(database, outbox, sender, twilio, clock):
    queue(database, outbox, appointment())
    twilio.troubles.append("lost")
    assert run_once(database, sender, clock) == Round(put_back=1)
    clock.turn(minutes=1)
    assert run_once(database, sender, clock) == Round(sent=1)
    assert len(twilio.messages) == 1
    assert rows(database)[0].sid == twilio.messages[0]["sid"]


def test_an_sms_that_twilio_took_but_does_not_list_yet_arrives_twice(database, outbox, sender, twilio, clock):
    """The honest limit of "at least once"."""
    queue(database, outbox, appointment())
    twilio.troubles.append("lost")
    twilio.lists_messages = False
    run_once(database, sender, clock)
    clock.turn(minutes=1)
    assert run_once(database, sender, clock) == Round(sent=1)
    assert len(twilio.messages) == 2


def test_a_delivery_report_settles_an_attempt_whose_answer_was_lost(database, outbox, sender, twilio, clock):
    queue(database, outbox, appointment())
    twilio.troubles.append("lost")
    twilio.lists_messages = False
    run_once(database, sender, clock)
    (sms,) = rows(database)
    with database.writing() as session:
        delivery.report(
            session, sms.id, twilio.messages[0]["sid"], provider_status="sent", code=None, now=clock()
        )
    clock.turn(hours=1)
    assert run_once(database, sender, clock) == Round()
    assert len(twilio.messages) == 1


def test_an_sms_that_would_come_too_late_is_not_sent(database, outbox, sender, twilio, clock):
    queue(database, outbox, appointment(starts_at=clock.now + dt.timedelta(minutes=30)))
    clock.turn(minutes=31)
    assert run_once(database, sender, clock) == Round(failed=1)
    assert twilio.requests == []
    assert rows(database)[0].error == "too late to be of use"


class Broken:
    """A sender with an error of ours in it."""

    def send(self, sms):
        raise KeyError(sms.id)

    def find(self, sms):
        return None


def test_an_unexpected_error_keeps_no_other_sms_waiting(database, outbox, sender, clock, caplog):
    queue(database, outbox, appointment("111"), appointment("222"))
    assert run_once(database, Broken(), clock) == Round(put_back=2)
    assert "unexpected error of the sender" in caplog.text
    clock.turn(minutes=1)
    assert run_once(database, sender, clock) == Round(sent=2)


def test_what_is_superseded_while_being_sent_is_not_sent_again(database, outbox, sender, twilio, clock):
    queue(database, outbox, appointment())
    with database.writing() as session:
        claimed = delivery.claim(session, clock())
    queue(database, outbox, appointment(), kind=Kind.CANCELLATION)
    with database.writing() as session:
        delivery.put_back(session, claimed, "HTTP 503", None, due_at=clock(), uncertain=True, now=clock())
    clock.turn(minutes=10)
    assert run_once(database, sender, clock) == Round(sent=1)
    assert [sms.status for sms in rows(database)] == ["superseded", "sent"]
    assert "abgesagt" in twilio.bodies[0]


def test_workers_at_once_send_each_sms_once(database, outbox, twilio, clock):
    count = 24
    queue(
        database,
        outbox,
        *(appointment(f"{number:03}", phone=f"+49176123456{number:02}") for number in range(count)),
    )
    start = threading.Barrier(4)
    rounds, errors = [], []

    def work():
        sender = TwilioSender(twilio.client(), "+4915735990000", None)
        start.wait()
        try:
            rounds.append(run_once(database, sender, clock))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(done.sent for done in rounds) == count
    assert set(Counter(twilio.bodies).values()) == {1}
    assert len(twilio.bodies) == count
    assert {sms.status for sms in rows(database)} == {"sent"}


KILLED = """
import datetime as dt, os, signal, sys
from tests_messages.conftest import Clock
from tests_messages.twilio_stand_in import ACCOUNT, TOKEN, RedirectingClient
from hotline.messages.senders import TwilioSender
from hotline.messages.worker import run_once
from hotline.storage import Database
from twilio.rest import Client

class Killed(TwilioSender):
    def send(self, sms):
        if sys.argv[3] == "after":
            super().send(sms)
        os.kill(os.getpid(), signal.SIGKILL)

client = Client(ACCOUNT, TOKEN, http_client=RedirectingClient(sys.argv[2], timeout=30.0))
run_once(Database(sys.argv[1]), Killed(client, "+4915735990000", None), Clock())
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_in_the_middle_neither_loses_nor_repeats_an_sms(
    database, outbox, sender, twilio, clock, moment, tmp_path
):
    queue(database, outbox, appointment())
    (tmp_path / "tests_messages").symlink_to(os.path.dirname(__file__))  # noqa: PTH120
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED,
            database.url.render_as_string(hide_password=False),
            twilio.base,
            moment,
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
        timeout=120,
    )
    assert ended.returncode == -signal.SIGKILL
    assert len(twilio.messages) == (1 if moment == "after" else 0)
    assert rows(database)[0].status == Status.SENDING
    assert run_once(database, sender, clock) == Round(), "its lease is not over"
    clock.turn(seconds=delivery.LEASE.total_seconds())
    assert run_once(database, sender, clock) == Round(sent=1)
    assert len(twilio.messages) == 1
    assert rows(database)[0].sid == twilio.messages[0]["sid"]


def test_an_sms_that_kills_every_worker_is_given_up(database, outbox, sender, twilio, clock):
    queue(database, outbox, appointment(starts_at=NOW + dt.timedelta(days=9)))
    for _ in range(delivery.MAX_ATTEMPTS):
        with database.writing() as session:
            assert delivery.claim(session, clock()) is not None
        clock.turn(minutes=5)
    assert run_once(database, sender, clock) == Round(failed=1)
    assert rows(database)[0].error == "too many attempts"
    assert twilio.requests == []


def test_the_worker_s_thread_sends_what_comes_and_stops(database, outbox, sender, twilio, clock):
    worker = Worker(database, sender, clock, poll_s=0.02)
    worker.start()
    try:
        queue(database, outbox, appointment("111"))
        wait_until(lambda: len(twilio.messages) == 1)
        queue(database, outbox, appointment("222"))
        wait_until(lambda: len(twilio.messages) == 2)
    finally:
        worker.stop()
    queue(database, outbox, appointment("333"))
    assert "sms-worker" not in {thread.name for thread in threading.enumerate()}
    assert [sms.status for sms in rows(database)] == ["sent", "sent", "queued"]


def test_the_worker_waits_for_a_database_that_is_away(tmp_path, outbox, sender, twilio, clock, caplog):
    database = Database(f"sqlite:///{tmp_path}/later.sqlite3")
    worker = Worker(database, sender, clock, poll_s=0.02)
    worker.start()
    try:
        wait_until(lambda: "cannot work" in caplog.text)
        database.upgrade()
        queue(database, outbox, appointment())
        wait_until(lambda: len(twilio.messages) == 1)
    finally:
        worker.stop()
    assert caplog.text.count("the SMS worker cannot work") == 1


@pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_claiming_skips_what_another_worker_is_claiming(database, outbox, clock):
    """SQLite has one writer at a time, who claims alone."""
    queue(database, outbox, appointment("111"), appointment("222"))
    with database.writing() as one, database.writing() as other:
        first, second = delivery.claim(one, clock()), delivery.claim(other, clock())
        assert {first.sms.text, second.sms.text} == {sms.text for sms in rows(database)}
        assert delivery.claim(other, clock()) is None
