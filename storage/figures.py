"""Counts over the whole database, for those who watch it."""

from dataclasses import dataclass

from storage import outbox, timers
from storage.db import Tx


@dataclass(frozen=True, slots=True)
class Counted:
    """(table, status, rows); open visits; when the oldest unsent row and timer were due."""

    rows: list[tuple[str, str, int]]
    open_jobs: int
    oldest_unsent: int | None
    oldest_timer: int | None


def counted(tx: Tx) -> Counted:
    """The counts now."""
    rows = [
        (table, row["status"], int(row["n"]))
        for table in ("inbox", "outbox", "photos", "alerts", "fees")
        for row in tx.all(
            f"SELECT status, count(*) AS n FROM {table} GROUP BY status ORDER BY status"  # noqa: S608 - our names
        )
    ]
    jobs = tx.one("SELECT count(*) AS n FROM jobs WHERE is_open")
    return Counted(
        rows, int(jobs["n"]) if jobs else 0, outbox.oldest_unsent(tx), timers.next_due(tx)
    )
