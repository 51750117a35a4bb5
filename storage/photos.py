"""Photos: announced with their message, evidence once their bytes are durable (P7)."""

from typing import Any

from storage.db import Row, Tx


def announce(tx: Tx, **values: Any) -> int:
    """A photo is on its way; returns its id."""
    return tx.insert("photos", **values)


def get(tx: Tx, photo: int) -> Row | None:
    """One photo."""
    return tx.one("SELECT * FROM photos WHERE id = :id", {"id": photo})


def announced(tx: Tx, person: int) -> list[Row]:
    """The person's photos that are still on their way, oldest first."""
    return tx.all(
        "SELECT * FROM photos WHERE person_id = :person AND status = 'announced' ORDER BY id",
        {"person": person},
    )


def to_fetch(tx: Tx, now: int, limit: int) -> list[Row]:
    """Photos whose next try is due."""
    return tx.all(
        "SELECT * FROM photos WHERE status = 'announced' AND next_try_at <= :now"
        " ORDER BY next_try_at, id LIMIT :limit",
        {"now": now, "limit": limit},
    )


def slow(tx: Tx, before: int) -> list[Row]:
    """Photos announced before that instant that nobody has said are still coming."""
    return tx.all(
        "SELECT * FROM photos WHERE status = 'announced' AND NOT said_coming"
        " AND announced_at <= :before ORDER BY announced_at, id",
        {"before": before},
    )


def change(tx: Tx, photo: int, **values: Any) -> None:
    """Set columns of one photo."""
    tx.update("photos", photo, **values)


def of_job(tx: Tx, job: int) -> list[Row]:
    """A job's stored photos in the order in which they came."""
    return tx.all(
        "SELECT * FROM photos WHERE job_id = :job AND status = 'stored' ORDER BY id", {"job": job}
    )


def same_bytes(tx: Tx, sha256: str, but: int) -> Row | None:
    """An earlier photo with the same bytes."""
    return tx.one(
        "SELECT * FROM photos WHERE sha256 = :sha AND id <> :id AND status = 'stored'"
        " ORDER BY id LIMIT 1",
        {"sha": sha256, "id": but},
    )


def next_try(tx: Tx) -> int | None:
    """When the next try is due."""
    row = tx.one("SELECT min(next_try_at) AS due FROM photos WHERE status = 'announced'")
    return row["due"] if row else None
