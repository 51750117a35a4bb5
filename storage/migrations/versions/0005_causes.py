"""An outbox row knows what caused it, so that the log follows an update to its reply."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("cause", sa.String, nullable=False, server_default=""))
