"""A stranger's codes are counted apart from what they were answered (S2)."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("strangers", sa.Column("tries", sa.Integer, nullable=False, server_default="0"))
