"""Reminders as rows: they stand while their state stands, and survive restarts (P6)."""

from collections.abc import Iterable

from storage.db import Row, Tx


def set_for_job(tx: Tx, job: int, rows: Iterable[tuple[str, int, str]]) -> None:
    """Let (name, due_at, late) stand for this job."""
    tx.many(
        "INSERT INTO timers (job_id, name, due_at, late) VALUES (:job, :name, :due, :late)"
        " ON CONFLICT (job_id, name) DO UPDATE SET due_at = excluded.due_at, late = excluded.late",
        [{"job": job, "name": name, "due": due, "late": late} for name, due, late in rows],
    )


def drop_for_job(tx: Tx, job: int, names: Iterable[str]) -> None:
    """These no longer stand for this job."""
    tx.many(
        "DELETE FROM timers WHERE job_id = :job AND name = :name",
        [{"job": job, "name": name} for name in names],
    )


def set_for_person(tx: Tx, person: int, name: str, due_at: int, late: str = "send") -> None:
    """Let a reminder of a person's day stand."""
    tx.run(
        "INSERT INTO timers (person_id, name, due_at, late) VALUES (:person, :name, :due, :late)"
        " ON CONFLICT (person_id, name)"
        " DO UPDATE SET due_at = excluded.due_at, late = excluded.late",
        {"person": person, "name": name, "due": due_at, "late": late},
    )


def drop_for_person(tx: Tx, person: int, name: str) -> None:
    """This no longer stands for this person."""
    tx.run(
        "DELETE FROM timers WHERE person_id = :person AND name = :name",
        {"person": person, "name": name},
    )


def due(tx: Tx, now: int, limit: int) -> list[Row]:
    """Those that are due, oldest first."""
    return tx.all(
        "SELECT * FROM timers WHERE due_at <= :now ORDER BY due_at, id LIMIT :limit",
        {"now": now, "limit": limit},
    )


def take(tx: Tx, timer: int) -> Row | None:
    """Take a due timer out, in the transaction of its effect; None if it no longer stands."""
    return tx.one("DELETE FROM timers WHERE id = :id RETURNING *", {"id": timer})


def next_due(tx: Tx) -> int | None:
    """When the next one is due."""
    row = tx.one("SELECT min(due_at) AS due FROM timers")
    return row["due"] if row else None


def of_job(tx: Tx, job: int) -> list[Row]:
    """Those that stand for a job, next first."""
    return tx.all("SELECT * FROM timers WHERE job_id = :job ORDER BY due_at, id", {"job": job})


def of_person(tx: Tx, person: int) -> list[Row]:
    """Those that stand for a person's day."""
    return tx.all(
        "SELECT * FROM timers WHERE person_id = :person ORDER BY due_at", {"person": person}
    )
