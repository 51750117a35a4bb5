"""Taking a rehearsal's sample people out again, with everything that hangs on them."""

from collections.abc import Sequence

from storage.db import Tx

_OF_JOBS = ("timeline", "outbox", "timers", "photos", "fees", "alerts")
_OF_PEOPLE = (
    "timeline",
    "outbox",
    "timers",
    "photos",
    "alerts",
    "inbox",
    "invitations",
    "onboardings",
    "addresses",
    "desk_links",
    "desk_sessions",
    "desk_files",
)


def remove(tx: Tx, people: Sequence[int]) -> None:
    """Delete these people, their jobs and work orders, and all rows about either."""
    who = ", ".join(str(int(person)) for person in people) or "NULL"
    mine = f"SELECT id FROM jobs WHERE technician_id IN ({who})"  # noqa: S608 - whole numbers only
    for table in _OF_JOBS:
        tx.run(f"DELETE FROM {table} WHERE job_id IN ({mine})")  # noqa: S608
    for table in _OF_PEOPLE:
        tx.run(f"DELETE FROM {table} WHERE person_id IN ({who})")  # noqa: S608
    for person in people:
        tx.run("DELETE FROM kept WHERE key LIKE :sheet", {"sheet": f"sheet_% {int(person)}"})
    orders = tx.all(f"SELECT DISTINCT work_order_id AS id FROM jobs WHERE technician_id IN ({who})")  # noqa: S608
    tx.run(f"DELETE FROM jobs WHERE technician_id IN ({who})")  # noqa: S608
    tx.many("DELETE FROM work_orders WHERE id = :id", [{"id": row["id"]} for row in orders])
    tx.run(f"UPDATE people SET dm = NULL, dc = NULL WHERE id IN ({who})")  # noqa: S608
    tx.run(f"DELETE FROM people WHERE id IN ({who})")  # noqa: S608
