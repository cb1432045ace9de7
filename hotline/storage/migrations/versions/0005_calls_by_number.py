"""Calls are found by the number they came from."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_call_number"), "call", ["number"])


def downgrade() -> None:
    op.drop_index(op.f("ix_call_number"), "call")
