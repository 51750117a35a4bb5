"""What is looked for every second or every few is found without reading all that ever was."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for name, table, column, where in (
        ("photos_doubtful", "photos", "received_at", "asked_again > 0 and kind = ''"),
        ("outbox_unfinished", "outbox", "sent_at", "status = 'sent' and channel = 'sms'"),
    ):
        condition = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)
