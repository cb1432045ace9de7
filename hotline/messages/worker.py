"""The worker: takes what is due from the outbox and hands it to the sender.

Every SMS goes out **at least once**: a provider's "yes" that is lost on the way (a time-out, a 500, a
worker killed between sending and writing it down) cannot be told from a "no". Before such an SMS is tried
again the provider is asked whether it has it, and its delivery report, which names the row, also settles it.
What remains is an SMS that Twilio took but does not list yet; that one arrives twice.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.messages import delivery
from hotline.messages.numbers import masked
from hotline.messages.senders import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline.messages.delivery import Claimed
    from hotline.messages.senders import Sender
    from hotline.storage import Database

POLL_S = 1.0
"""Seconds between two looks at an empty outbox."""

log = logging.getLogger(__name__)


def utc_now() -> dt.datetime:
    """Return the time."""
    return dt.datetime.now(dt.UTC)


@dataclass(slots=True)
class Round:
    """What one round did."""

    sent: int = 0
    put_back: int = 0
    failed: int = 0


def run_once(
    database: Database,
    sender: Sender,
    clock: Callable[[], dt.datetime] = utc_now,
    *,
    chance: Callable[[], float] = random.random,
    limit: int = 100,
) -> Round:
    """Send what is due, at most ``limit`` SMS, and return what became of it.

    Any number of workers may run it at once. It ends early when the provider cannot be reached: the rest need
    not find that out one by one.
    """
    done = Round()
    with database.reading() as session:
        if not delivery.anything_due(session, clock()):
            return done
    with database.writing() as session:
        dropped = delivery.drop_useless(session, clock())
    if dropped:
        log.warning("gave up %d SMS: too late to be of use, or tried too often", dropped)
        done.failed += dropped
    for _ in range(limit):
        with database.writing() as session:
            claimed = delivery.claim(session, clock())
        if claimed is None:
            break
        try:
            sid = (sender.find(claimed.sms) if claimed.uncertain else None) or sender.send(claimed.sms)
        except Refused as refused:
            with database.writing() as session:
                delivery.give_up(session, claimed, str(refused), refused.code, clock())
            log.warning("SMS %d to %s refused: %s", claimed.sms.id, masked(claimed.sms.phone), refused)
            done.failed += 1
            continue
        except Unavailable as error:
            problem, go_on = error, False
        except Exception as error:
            log.exception("SMS %d: unexpected error of the sender", claimed.sms.id)
            problem, go_on = Unavailable(repr(error), uncertain=True), True
        else:
            with database.writing() as session:
                delivery.handed_over(session, claimed, sid, clock())
            done.sent += 1
            continue
        if _put_back(database, claimed, problem, clock(), chance()):
            done.put_back += 1
        else:
            done.failed += 1
        if not go_on:
            break
    return done


def _put_back(
    database: Database, claimed: Claimed, problem: Unavailable, now: dt.datetime, chance: float
) -> bool:
    """Have the SMS tried again later; return False if this was its last attempt."""
    sms = claimed.sms
    due_at = now + delivery.pause(claimed.attempt, chance)
    with database.writing() as session:
        again = delivery.put_back(
            session,
            claimed,
            str(problem),
            problem.code,
            due_at=due_at,
            uncertain=claimed.uncertain or problem.uncertain,
            now=now,
        )
    if again:
        log.info("SMS %d not sent (%s), again in %d s", sms.id, problem, (due_at - now).total_seconds())
    else:
        log.error(
            "SMS %d to %s given up after %d attempts: %s", sms.id, masked(sms.phone), claimed.attempt, problem
        )
    return again


class Worker:
    """Runs rounds in a thread of its own, until stopped. A database that is away is waited for."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        clock: Callable[[], dt.datetime] = utc_now,
        poll_s: float = POLL_S,
    ) -> None:
        self._database = database
        self._sender = sender
        self._clock = clock
        self._poll_s = poll_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread; call it after a server has forked."""
        if self._thread is not None:
            msg = "the worker has been started"
            raise RuntimeError(msg)
        self._thread = threading.Thread(target=self.run, name="sms-worker", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 30.0) -> None:
        """Let the SMS in hand be finished, and end. What is not sent stays in the outbox."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def ask_to_stop(self) -> None:
        """Have :meth:`run` return after the SMS in hand; may be called from a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Run rounds in this thread until asked to stop."""
        away = False
        while not self._stopping.is_set():
            try:
                # One at a time, so that a stop waits for one SMS and not for a hundred.
                done = run_once(self._database, self._sender, self._clock, limit=1)
            except Exception:
                if not away:
                    log.exception("the SMS worker cannot work; it keeps trying")
                away = True
                self._stopping.wait(max(self._poll_s, 1.0))
                continue
            if away:
                log.info("the SMS worker works again")
                away = False
            if not done.sent:
                self._stopping.wait(self._poll_s)
