"""Alerts are found by when they were raised, by their message, and by what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("alerts_lately", "alerts", ["person_id", "created_at"])
    op.create_index("alerts_message", "alerts", ["outbox_id"])
    op.create_index(
        "alerts_held",
        "alerts",
        ["person_id", "held_until"],
        sqlite_where=sa.text("held_until is not null"),
        postgresql_where=sa.text("held_until is not null"),
    )
