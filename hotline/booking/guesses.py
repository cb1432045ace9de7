"""Guessing is limited: who asks for bookings that do not exist soon gets no more answers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hotline.booking.tables import Guess

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LIMIT = 5
"""Failed look-ups within :data:`WINDOW` after which a caller is refused. A citizen who mistypes needs two or
three. One of 900 guesses hits when 100,000 appointments are booked, so that a guesser would call for a week
(NIST SP 800-63B, section on rate limiting, allows 100 failures in a row at most)."""

WINDOW = dt.timedelta(hours=1)


class TooManyGuesses(Exception):  # noqa: N818  # the name says what happened
    """A caller has asked for too many bookings that do not exist; a human should take over."""


def check(session: Session, caller: str | None, now: dt.datetime) -> None:
    """Refuse a caller who has guessed too often.

    :raises TooManyGuesses: until the oldest guesses are older than :data:`WINDOW`.
    """
    if caller is None:
        return
    count = session.execute(
        sa.select(sa.func.count())
        .select_from(Guess)
        .where(Guess.caller == caller, Guess.at > now - WINDOW, Guess.at <= now)
    ).scalar_one()
    if count >= LIMIT:
        raise TooManyGuesses


def note(session: Session, caller: str | None, now: dt.datetime) -> None:
    """Count a look-up that found nothing."""
    if caller is not None:
        session.execute(sa.insert(Guess).values(caller=caller, at=now))
