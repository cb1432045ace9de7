"""Where things are kept: the SQLAlchemy engine, sessions, column types, and the Alembic migrations."""

from hotline.storage.database import Base, Database, UtcDateTime

__all__ = ["Base", "Database", "UtcDateTime"]
