"""Calls, their turns, and call-backs."""

import sqlalchemy as sa
from alembic import op

from hotline.storage import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("sid", sa.String(64), nullable=False),
        sa.Column("number", sa.String(20), nullable=True),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_call")),
    )
    op.create_index(op.f("ix_call_ended_at"), "call", ["ended_at"])
    op.create_table(
        "turn",
        sa.Column("call_sid", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("latency_ms", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_sid"], ["call.sid"], name=op.f("fk_turn_call_sid_call"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_sid", "number", name=op.f("pk_turn")),
    )
    op.create_table(
        "callback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_sid", sa.String(64), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_sid"], ["call.sid"], name=op.f("fk_callback_call_sid_call"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback")),
        sa.UniqueConstraint("key", name=op.f("uq_callback_key")),
    )
    op.create_index(op.f("ix_callback_due_at"), "callback", ["due_at"])


def downgrade() -> None:
    op.drop_table("callback")
    op.drop_table("turn")
    op.drop_table("call")
