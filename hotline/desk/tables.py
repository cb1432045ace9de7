"""Tables of the desk: accounts, sessions, one-time links, failed sign-ins, and who looked at what."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage import Base


class Role(StrEnum):
    """What an account may do; each may what the one before may."""

    AGENT = "agent"
    """Take calls."""
    LEAD = "lead"
    """See who did what."""
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """How much it may, from 0."""
        return list(Role).index(self)


class User(Base):
    """An agent's account."""

    __tablename__ = "desk_user"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    full_name: Mapped[str] = mapped_column(sa.String(80))
    role: Mapped[str] = mapped_column(sa.String(10))
    phone: Mapped[str] = mapped_column(sa.String(20))
    """Where her telephone rings, E.164; empty: she cannot take calls."""
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    """Argon2; ``NULL``: there is no password, a one-time link is needed."""
    active: Mapped[bool]
    ready: Mapped[bool]
    """Whether she takes calls, or has a break."""
    seen_at: Mapped[dt.datetime | None]
    """When her browser was last there."""
    created_at: Mapped[dt.datetime]


class Session(Base):
    """Somebody is signed in. The cookie holds a token, the table only its hash."""

    __tablename__ = "desk_session"

    token: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user: Mapped[str] = mapped_column(sa.ForeignKey("desk_user.name", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]


class Link(Base):
    """A link that signs somebody in, once. The table holds only its hash."""

    __tablename__ = "desk_link"

    token: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user: Mapped[str] = mapped_column(sa.ForeignKey("desk_user.name", ondelete="CASCADE"))
    expires_at: Mapped[dt.datetime]


class Failure(Base):
    """A sign-in that failed."""

    __tablename__ = "desk_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40))
    address: Mapped[str] = mapped_column(sa.String(60))
    at: Mapped[dt.datetime] = mapped_column(index=True)


class Audit(Base):
    """Somebody looked at, or changed, a citizen's data. Holds no such data itself."""

    __tablename__ = "desk_audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    user: Mapped[str] = mapped_column(sa.String(40))
    action: Mapped[str] = mapped_column(sa.String(20))
    subject: Mapped[str] = mapped_column(sa.String(80))
    """The call's sid, an appointment's reference, a call-back's number, or a masked telephone number."""
    address: Mapped[str] = mapped_column(sa.String(60))
