"""Create the city, its calendar and its appointments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.storage.database import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "category",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
    )
    op.create_table(
        "city",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("laid_out_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city")),
    )
    op.create_table(
        "district",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
    )
    op.create_table(
        "guess",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guess")),
    )
    op.create_index("ix_guess_caller_at", "guess", ["caller", "at"], unique=False)
    op.create_table(
        "share",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("percent", sa.Double(), nullable=False),
        sa.Column("pool", sa.Integer(), nullable=True),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.Column("release_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint("pool", name=op.f("uq_share_pool")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("mobile", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=True),
        sa.Column("closes", sa.Integer(), nullable=True),
        sa.Column("counters", sa.Integer(), nullable=True),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("by_operator", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_exception_site_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception")),
    )
    op.create_index(op.f("ix_exception_site"), "exception", ["site"], unique=False)
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("transport", sa.String(), nullable=True),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["district"], ["district.id"], name=op.f("fk_place_district_district")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_place_site_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("site", "address", name=op.f("uq_place_site_address")),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("accusative", sa.String(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("affairs", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("bring", sa.JSON(), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=True),
        sa.Column("online", sa.String(), nullable=True),
        sa.Column("appointment_needed", sa.Boolean(), nullable=False),
        sa.Column("deadline_days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["category"], ["category.id"], name=op.f("fk_service_category_category")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
    )
    op.create_table(
        "day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["place"], ["place.id"], name=op.f("fk_day_place_place")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_day_site_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day")),
        sa.UniqueConstraint("place", "date", name=op.f("uq_day_place_date")),
    )
    op.create_index("ix_day_site_date", "day", ["site", "date"], unique=False)
    op.create_table(
        "offering",
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["service"], ["service.id"], name=op.f("fk_offering_service_service")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_offering_site_site")),
        sa.PrimaryKeyConstraint("service", "site", name=op.f("pk_offering")),
    )
    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("weeks", sa.String(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("counters", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["place"], ["place.id"], name=op.f("fk_opening_place_place")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_opening_site_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    op.create_index(op.f("ix_opening_site"), "opening", ["site"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("pool", sa.SmallInteger(), nullable=False),
        sa.Column("minute", sa.SmallInteger(), nullable=False),
        sa.Column("cells", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["day"], ["day.id"], name=op.f("fk_appointment_day_day")),
        sa.ForeignKeyConstraint(["place"], ["place.id"], name=op.f("fk_appointment_place_place")),
        sa.ForeignKeyConstraint(["service"], ["service.id"], name=op.f("fk_appointment_service_service")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_appointment_site_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("key", name=op.f("uq_appointment_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_appointment_reference")),
    )
    op.create_index("ix_appointment_day_state", "appointment", ["day", "state"], unique=False)
    op.create_index(
        "ix_appointment_expires_at",
        "appointment",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(op.f("ix_appointment_phone"), "appointment", ["phone"], unique=False)
    op.create_index(op.f("ix_appointment_starts_at"), "appointment", ["starts_at"], unique=False)
    op.create_table(
        "cell",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("pool", sa.SmallInteger(), nullable=False),
        sa.Column("minute", sa.SmallInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("load", sa.SmallInteger(), nullable=False),
        sa.Column("excess", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("load <= capacity + excess", name=op.f("ck_cell_not_overfull")),
        sa.CheckConstraint("load >= 0 AND excess >= 0 AND capacity >= 0", name=op.f("ck_cell_not_negative")),
        sa.ForeignKeyConstraint(["day"], ["day.id"], name=op.f("fk_cell_day_day")),
        sa.PrimaryKeyConstraint("day", "pool", "minute", name=op.f("pk_cell")),
        postgresql_with={"fillfactor": 80},
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_cell_day_excess",
        "cell",
        ["day"],
        unique=False,
        sqlite_where=sa.text("excess > 0"),
        postgresql_where=sa.text("excess > 0"),
    )
    op.create_table(
        "gap",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("pool", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.SmallInteger(), nullable=False),
        sa.Column("closes", sa.SmallInteger(), nullable=False),
        sa.Column("cells", sa.SmallInteger(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["day"], ["day.id"], name=op.f("fk_gap_day_day")),
        sa.PrimaryKeyConstraint("day", "pool", "opens", name=op.f("pk_gap")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_gap_date_opens", "gap", ["date", "opens", "place"], unique=False)
    op.create_index(
        "ix_gap_date_opens_3",
        "gap",
        ["date", "opens", "place"],
        unique=False,
        sqlite_where=sa.text("cells >= 3"),
        postgresql_where=sa.text("cells >= 3"),
    )
    op.create_index(
        "ix_gap_date_opens_6",
        "gap",
        ["date", "opens", "place"],
        unique=False,
        sqlite_where=sa.text("cells >= 6"),
        postgresql_where=sa.text("cells >= 6"),
    )
    op.create_index("ix_gap_place_date_opens", "gap", ["place", "date", "opens"], unique=False)
    op.create_table(
        "operation",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("appointment", sa.Integer(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment"], ["appointment.id"], name=op.f("fk_operation_appointment_appointment")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_operation")),
    )


def downgrade() -> None:
    op.drop_table("operation")
    op.drop_index("ix_gap_place_date_opens", table_name="gap")
    op.drop_index(
        "ix_gap_date_opens_6",
        table_name="gap",
        sqlite_where=sa.text("cells >= 6"),
        postgresql_where=sa.text("cells >= 6"),
    )
    op.drop_index(
        "ix_gap_date_opens_3",
        table_name="gap",
        sqlite_where=sa.text("cells >= 3"),
        postgresql_where=sa.text("cells >= 3"),
    )
    op.drop_index("ix_gap_date_opens", table_name="gap")
    op.drop_table("gap")
    op.drop_index(
        "ix_cell_day_excess",
        table_name="cell",
        sqlite_where=sa.text("excess > 0"),
        postgresql_where=sa.text("excess > 0"),
    )
    op.drop_table("cell")
    op.drop_index(op.f("ix_appointment_starts_at"), table_name="appointment")
    op.drop_index(op.f("ix_appointment_phone"), table_name="appointment")
    op.drop_index(
        "ix_appointment_expires_at",
        table_name="appointment",
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.drop_index("ix_appointment_day_state", table_name="appointment")
    op.drop_table("appointment")
    op.drop_index(op.f("ix_opening_site"), table_name="opening")
    op.drop_table("opening")
    op.drop_table("offering")
    op.drop_index("ix_day_site_date", table_name="day")
    op.drop_table("day")
    op.drop_table("service")
    op.drop_table("place")
    op.drop_index(op.f("ix_exception_site"), table_name="exception")
    op.drop_table("exception")
    op.drop_table("site")
    op.drop_table("share")
    op.drop_index("ix_guess_caller_at", table_name="guess")
    op.drop_table("guess")
    op.drop_table("district")
    op.drop_table("city")
    op.drop_table("category")
