"""What is held is found by index."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    held = sa.text("status = 'held'")
    op.create_index("outbox_held", "outbox", ["channel"], sqlite_where=held, postgresql_where=held)
