"""Accounts: passwords, sessions, one-time links, and who is at her desk."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hotline.desk.tables import Audit, Failure, Link, Role, Session, User

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as DatabaseSession

    from hotline.storage import Database

log = logging.getLogger(__name__)

SHORTEST_PASSWORD = 12
"""Characters. BSI, IT-Grundschutz ORP.4.A22: long passwords need no rules on what is in them."""
LONGEST_PASSWORD = 200
"""Hashing what is longer would only cost time."""

IDLE = dt.timedelta(minutes=30)
"""A session that no browser uses ends after this."""
PRESENT = dt.timedelta(seconds=45)
"""An agent whose browser was not seen for so long has left; it is there every ten seconds."""
LINK = dt.timedelta(hours=12)

AUDIT = dt.timedelta(days=365)
"""For so long it is kept who saw or changed whose data."""

WINDOW = dt.timedelta(minutes=15)
"""Failed sign-ins are counted over this time."""
FAILURES_PER_NAME = 5
FAILURES_PER_ADDRESS = 30
"""Many agents share one address."""


class AccountError(ValueError):
    """An account that cannot be made or changed so. The text is a German sentence."""


class TooManyFailures(Exception):  # noqa: N818
    """Too many sign-ins have failed; nobody is let in for a while, not even with the right password."""


@dataclass(frozen=True)
class SignedIn:
    """Somebody who is signed in."""

    name: str
    full_name: str
    role: Role
    phone: str
    ready: bool
    csrf: str
    token: str
    """The hash under which the session is stored."""


@dataclass(frozen=True)
class Accounts:
    """All accounts.

    :ivar lifetime: after so long everybody signs in anew.
    """

    database: Database
    clock: Callable[[], dt.datetime]
    lifetime: dt.timedelta = dt.timedelta(hours=12)

    def add(
        self, name: str, full_name: str, role: Role, phone: str = "", password: str | None = None
    ) -> None:
        """Make an account.

        :raises AccountError: if there is one of that name, or something is not as it should be.
        """
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,39}", name):
            raise AccountError("Der Name darf nur Kleinbuchstaben, Ziffern, Punkt und Strich enthalten.")
        hashed = hash_password(password) if password is not None else None
        with self.database.writing() as session:
            if session.get(User, name) is not None:
                raise AccountError(f"Das Konto „{name}“ gibt es schon.")
            session.add(
                User(
                    name=name,
                    full_name=full_name.strip()[:80] or name,
                    role=role,
                    phone=phone,
                    password_hash=hashed,
                    active=True,
                    ready=False,
                    created_at=self.clock(),
                )
            )

    def change(
        self,
        name: str,
        *,
        password: str | None = None,
        phone: str | None = None,
        role: Role | None = None,
        active: bool | None = None,
    ) -> None:
        """Change an account; whoever uses it is signed out.

        :raises AccountError: if there is none of that name, or something is not as it should be.
        """
        hashed = hash_password(password) if password is not None else None
        with self.database.writing() as session:
            user = session.get(User, name)
            if user is None:
                raise AccountError(f"Ein Konto „{name}“ gibt es nicht.")
            user.password_hash = hashed or user.password_hash
            user.phone = user.phone if phone is None else phone
            user.role = role or user.role
            user.active = user.active if active is None else active
            session.execute(sa.delete(Session).where(Session.user == name))
            session.execute(sa.delete(Link).where(Link.user == name))

    def link(self, name: str) -> str:
        """Return a token that signs somebody in, once.

        :raises AccountError: if there is no such account.
        """
        token = secrets.token_urlsafe(32)
        with self.database.writing() as session:
            user = session.get(User, name)
            if user is None or not user.active:
                raise AccountError(f"Ein Konto „{name}“ gibt es nicht.")
            session.add(Link(token=_hashed(token), user=name, expires_at=self.clock() + LINK))
        return token

    def sign_in(self, name: str, password: str, address: str) -> str | None:
        """Return a new session's token, or ``None`` if name or password are wrong.

        :raises TooManyFailures: if that has happened too often.
        """
        now = self.clock()
        name = name.strip().lower()[:40]
        with self.database.reading() as session:
            since = now - WINDOW
            counted = sa.select(sa.func.count(Failure.id)).where(Failure.at > since)
            if (session.scalar(counted.where(Failure.name == name)) or 0) >= FAILURES_PER_NAME or (
                session.scalar(counted.where(Failure.address == address)) or 0
            ) >= FAILURES_PER_ADDRESS:
                raise TooManyFailures
            user = session.get(User, name)
        stored = user.password_hash if user is not None and user.active else None
        # A name that does not exist takes as long as a wrong password.
        right = verify(stored or self._nobody, password[:LONGEST_PASSWORD])
        if user is None or stored is None or not right:
            log.warning("sign-in failed from %s", address)
            with self.database.writing() as session:
                session.execute(sa.delete(Failure).where(Failure.at < now - WINDOW))
                session.add(Failure(name=name, address=address, at=now))
            return None
        with self.database.writing() as session:
            session.execute(sa.delete(Failure).where(Failure.name == name))
            if _hasher.check_needs_rehash(stored):
                session.get_one(User, name).password_hash = _hasher.hash(password)
        return self._open(name)

    def use_link(self, token: str) -> str | None:
        """Return a new session's token for a one-time link, which is used up."""
        with self.database.writing() as session:
            link = session.get(Link, _hashed(token), with_for_update=True)
            if link is None:
                return None
            name, expires_at = link.user, link.expires_at
            session.delete(link)
        return self._open(name) if expires_at > self.clock() else None

    def session(self, token: str) -> SignedIn | None:
        """Return who is signed in under a token."""
        now = self.clock()
        hashed = _hashed(token)
        with self.database.reading() as session:
            found = session.execute(
                sa.select(Session, User).join(User, User.name == Session.user).where(Session.token == hashed)
            ).one_or_none()
            if found is None:
                return None
            row, user = found
        if not user.active or row.created_at + self.lifetime <= now or row.seen_at + IDLE <= now:
            return None
        return SignedIn(
            user.name, user.full_name, Role(user.role), user.phone, user.ready, row.csrf, row.token
        )

    def seen(self, who: SignedIn) -> bool:
        """Note that an agent's browser is there; say no if she is no longer signed in."""
        now = self.clock()
        with self.database.writing() as session:
            row = session.get(Session, who.token)
            user = session.get(User, who.name)
            if row is None or user is None or not user.active or row.created_at + self.lifetime <= now:
                return False
            row.seen_at = user.seen_at = now
            return True

    def sign_out(self, who: SignedIn) -> None:
        """End a session."""
        with self.database.writing() as session:
            session.execute(sa.delete(Session).where(Session.token == who.token))
            session.get_one(User, who.name).ready = False

    def set_ready(self, who: SignedIn, ready: bool) -> None:
        """Note whether an agent takes calls."""
        with self.database.writing() as session:
            user = session.get_one(User, who.name)
            user.ready, user.seen_at = ready, self.clock()

    def ready(self, now: dt.datetime) -> int:
        """Return how many agents are at their desks and take calls."""
        counted = sa.select(sa.func.count(User.name)).where(
            User.active, User.ready, User.phone != "", User.seen_at > now - PRESENT
        )
        with self.database.reading() as session:
            return session.scalar(counted) or 0

    def phone(self, agent: str) -> str:
        """Return where an agent's telephone rings."""
        with self.database.reading() as session:
            user = session.get(User, agent)
            return user.phone if user else ""

    def names(self) -> dict[str, str]:
        """Return the full names of all accounts."""
        with self.database.reading() as session:
            return {user.name: user.full_name for user in session.scalars(sa.select(User))}

    def _open(self, name: str) -> str:
        now = self.clock()
        token = secrets.token_urlsafe(32)
        with self.database.writing() as session:
            session.execute(sa.delete(Session).where(Session.created_at < now - self.lifetime))
            session.add(
                Session(
                    token=_hashed(token),
                    user=name,
                    csrf=secrets.token_urlsafe(32),
                    created_at=now,
                    seen_at=now,
                )
            )
            user = session.get_one(User, name)
            user.ready, user.seen_at = bool(user.phone), now
        return token

    @cached_property
    def _nobody(self) -> str:
        return _nobody_hash()


def purge(session: DatabaseSession, now: dt.datetime) -> None:
    """Delete what is no longer needed: sessions, links and failures of the past, old records of accesses."""
    session.execute(sa.delete(Audit).where(Audit.at < now - AUDIT))
    session.execute(sa.delete(Link).where(Link.expires_at < now))
    session.execute(sa.delete(Failure).where(Failure.at < now - WINDOW))
    session.execute(sa.delete(Session).where(Session.seen_at < now - IDLE))


def hash_password(password: str) -> str:
    """Return the hash of a password.

    :raises AccountError: if it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountError(f"Das Passwort braucht mindestens {SHORTEST_PASSWORD} Zeichen.")
    return _hasher.hash(password)


def verify(stored: str, password: str) -> bool:
    """Tell whether a password belongs to a hash."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


_hasher = PasswordHasher()
"""Argon2id with the library's parameters, which are RFC 9106's low-memory profile."""


def _nobody_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))


def _hashed(token: str) -> str:
    """Return the hash under which a token is stored. Tokens are random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
