"""Alembic's environment: migrations run on the connection that ``Database.upgrade`` hands over."""

from __future__ import annotations

from alembic import context

from hotline.storage.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    # We emit BEGIN on SQLite ourselves, so its DDL is transactional, too: a migration is done whole or not.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
