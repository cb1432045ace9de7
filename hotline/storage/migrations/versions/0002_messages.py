"""SMS: the outbox and the answers to replies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.storage import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(20)),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claim", sa.String(32)),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("sid", sa.String(64)),
        sa.Column("error", sa.String(200)),
        sa.Column("error_code", sa.Integer),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("key", name="uq_sms_key"),
        sa.UniqueConstraint("sid", name="uq_sms_sid"),
    )
    op.create_index("ix_sms_reference", "sms", ["reference"])
    op.create_index("ix_sms_status_due_at", "sms", ["status", "due_at"])
    op.create_index("ix_sms_phone_created_at", "sms", ["phone", "created_at"])
    op.create_table(
        "sms_replies",
        sa.Column("sid", sa.String(64), primary_key=True),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("answered_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_sms_replies_phone_answered_at", "sms_replies", ["phone", "answered_at"])


def downgrade() -> None:
    op.drop_table("sms_replies")
    op.drop_table("sms")
