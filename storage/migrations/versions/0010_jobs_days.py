"""A technician's day is found at once, however many lie behind."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index("jobs_days", "jobs", ["day", "technician_id"])
    op.drop_index("ix_jobs_day", "jobs")
