"""What is on its way to an address is found at once; a new row enters three indexes less."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for name, columns, where in (
        ("outbox_sent", ["channel", "claimed_at"], "claimed_at is not null"),
        ("outbox_to", ["channel", "address"], "provider_id <> ''"),
        ("outbox_prompts", ["person_id", "claimed_at"], "asks <> '' and claimed_at is not null"),
    ):
        op.drop_index(name, "outbox")
        _create(name, columns, where)
    _create("outbox_leaving", ["channel", "address"], "status = 'sending'")


def _create(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "outbox", columns, sqlite_where=condition, postgresql_where=condition)
