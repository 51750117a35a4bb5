"""Alerts climb: who stands on which rung, what waits until when, absence with a deputy."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "ladders",
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rungs", sa.String(), nullable=False),
        sa.Column("rung", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("seen", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_again", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.add_column("alerts", sa.Column("fee_id", sa.Integer(), nullable=True))
    op.add_column("alerts", sa.Column("outbox_id", sa.Integer(), nullable=True))
    op.add_column("alerts", sa.Column("held_until", sa.BigInteger(), nullable=True))
    op.add_column(
        "alerts", sa.Column("guesses", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("people", sa.Column("deputy", sa.Integer(), nullable=True))
    op.add_column("people", sa.Column("quiet_from", sa.String(), server_default="", nullable=False))
    op.add_column("people", sa.Column("quiet_to", sa.String(), server_default="", nullable=False))
