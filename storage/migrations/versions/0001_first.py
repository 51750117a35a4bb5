"""The first schema: everything."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="done", nullable=False),
        sa.Column("error", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "account", "key"),
    )
    op.create_index(
        "inbox_waiting",
        "inbox",
        ["person_id", "id"],
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "kept",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("asks", sa.String(), server_default="", nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("provider_id", sa.String(), server_default="", nullable=False),
        sa.Column("error", sa.String(), server_default="", nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outbox_job_id", "outbox", ["job_id"])
    op.create_index(
        "outbox_at_provider",
        "outbox",
        ["channel", "provider_id"],
        sqlite_where=sa.text("provider_id <> ''"),
        postgresql_where=sa.text("provider_id <> ''"),
    )
    op.create_index(
        "outbox_due",
        "outbox",
        ["channel", "lane", "id"],
        sqlite_where=sa.text("status in ('pending','sending')"),
        postgresql_where=sa.text("status in ('pending','sending')"),
    )
    op.create_index(
        "outbox_prompts",
        "outbox",
        ["person_id", "claimed_at"],
        sqlite_where=sa.text("asks <> ''"),
        postgresql_where=sa.text("asks <> ''"),
    )
    op.create_index(
        "outbox_queue",
        "outbox",
        ["channel", "address", "lane", "id"],
        sqlite_where=sa.text("status in ('pending','sending')"),
        postgresql_where=sa.text("status in ('pending','sending')"),
    )
    op.create_index("outbox_sent", "outbox", ["channel", "claimed_at"])
    op.create_index("outbox_to", "outbox", ["channel", "address"])
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), server_default="technician", nullable=False),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("email", sa.String(), server_default="", nullable=False),
        sa.Column("dm", sa.Integer(), nullable=True),
        sa.Column("dc", sa.Integer(), nullable=True),
        sa.Column("app", sa.String(), server_default="own", nullable=False),
        sa.Column("program", sa.String(), server_default="apollo", nullable=False),
        sa.Column("preferred", sa.String(), server_default="", nullable=False),
        sa.Column("timezone", sa.String(), server_default="America/New_York", nullable=False),
        sa.Column("language", sa.String(), server_default="en", nullable=False),
        sa.Column("channel", sa.String(), server_default="", nullable=False),
        sa.Column("address", sa.String(), server_default="", nullable=False),
        sa.Column("in_hand", sa.Integer(), nullable=True),
        sa.Column("out_on", sa.String(), server_default="", nullable=False),
        sa.Column("absent_from", sa.String(), server_default="", nullable=False),
        sa.Column("absent_to", sa.String(), server_default="", nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["dc"], ["people.id"]),
        sa.ForeignKeyConstraint(["dm"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_people_name", "people", ["name"])
    op.create_table(
        "strangers",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("answers", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address"),
    )
    op.create_table(
        "timeline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("step", sa.String(), server_default="", nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), server_default="", nullable=False),
        sa.Column("detail", sa.String(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_timeline_job_id", "timeline", ["job_id"])
    op.create_table(
        "timers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.String(), server_default="send", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job_id", "name"),
        sa.UniqueConstraint("person_id", "name"),
        sqlite_autoincrement=True,
    )
    op.create_index("timers_due", "timers", ["due_at"])
    op.create_table(
        "work_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("shift", sa.String(), server_default="", nullable=False),
        sa.Column("customer", sa.String(), server_default="", nullable=False),
        sa.Column("street", sa.String(), server_default="", nullable=False),
        sa.Column("city", sa.String(), server_default="", nullable=False),
        sa.Column("state", sa.String(), server_default="", nullable=False),
        sa.Column("zip", sa.String(), server_default="", nullable=False),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("product", sa.String(), server_default="", nullable=False),
        sa.Column("notes", sa.String(), server_default="", nullable=False),
        sa.Column("units", sa.String(), server_default="", nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("timezone", sa.String(), server_default="America/New_York", nullable=False),
        sa.Column("content", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("program", "number"),
    )
    op.create_index("ix_work_orders_number", "work_orders", ["number"])
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="active", nullable=False),
        sa.Column("consent_at", sa.BigInteger(), nullable=True),
        sa.Column("consent_words", sa.String(), server_default="", nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "address"),
    )
    op.create_index("ix_addresses_person_id", "addresses", ["person_id"])
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), server_default="", nullable=False),
        sa.Column("choices", sa.String(), server_default="[]", nullable=False),
        sa.Column("since", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("status", sa.String(), server_default="open", nullable=False),
        sa.Column("acknowledged_by", sa.String(), server_default="", nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "number", "id"),
    )
    op.create_index(
        "alerts_open",
        "alerts",
        ["person_id", "number"],
        sqlite_where=sa.text("status in ('open','acknowledged')"),
        postgresql_where=sa.text("status in ('open','acknowledged')"),
    )
    op.create_index("ix_alerts_case_id", "alerts", ["case_id"])
    op.create_index("ix_alerts_job_id", "alerts", ["job_id"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_order_id", sa.Integer(), nullable=False),
        sa.Column("visit", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("helpers", sa.String(), server_default="", nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("letter", sa.String(), server_default="A", nullable=False),
        sa.Column("window_start", sa.BigInteger(), nullable=False),
        sa.Column("window_end", sa.BigInteger(), nullable=False),
        sa.Column("planned_arrival", sa.BigInteger(), nullable=True),
        sa.Column("day_start", sa.BigInteger(), nullable=False),
        sa.Column("day_end", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), server_default="planned", nullable=False),
        sa.Column("under", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("since", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("talk", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["technician_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["work_order_id"], ["work_orders.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("work_order_id", "visit"),
    )
    op.create_index("ix_jobs_day", "jobs", ["day"])
    op.create_index("ix_jobs_technician_id", "jobs", ["technician_id"])
    op.create_index("ix_jobs_work_order_id", "jobs", ["work_order_id"])
    op.create_index(
        "jobs_open",
        "jobs",
        ["technician_id", "day"],
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("inbox_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), server_default="", nullable=False),
        sa.Column("step", sa.String(), server_default="", nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("album", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="announced", nullable=False),
        sa.Column("mime", sa.String(), server_default="", nullable=False),
        sa.Column("sha256", sa.String(), server_default="", nullable=False),
        sa.Column("bytes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("path", sa.String(), server_default="", nullable=False),
        sa.Column("announced_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(), server_default="", nullable=False),
        sa.Column("caption", sa.String(), server_default="", nullable=False),
        sa.Column("said_coming", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("flaws", sa.String(), server_default="", nullable=False),
        sa.Column("asked_again", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("dhash_1", sa.Integer(), nullable=True),
        sa.Column("dhash_2", sa.Integer(), nullable=True),
        sa.Column("dhash_3", sa.Integer(), nullable=True),
        sa.Column("dhash_4", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_photos_dhash_1", "photos", ["dhash_1"])
    op.create_index("ix_photos_dhash_2", "photos", ["dhash_2"])
    op.create_index("ix_photos_dhash_3", "photos", ["dhash_3"])
    op.create_index("ix_photos_dhash_4", "photos", ["dhash_4"])
    op.create_index("ix_photos_job_id", "photos", ["job_id"])
    op.create_index("ix_photos_sha256", "photos", ["sha256"])
    op.create_index(
        "photos_open",
        "photos",
        ["person_id"],
        sqlite_where=sa.text("status = 'announced'"),
        postgresql_where=sa.text("status = 'announced'"),
    )
    op.create_table(
        "fees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("units", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), server_default="{}", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(), server_default="", nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job_id", "slot"),
    )
