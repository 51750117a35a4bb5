"""Photos: announced with their message, evidence once their bytes are durable (P7)."""

from typing import Any

from storage.db import Row, Tx

Dhash = tuple[int, int, int, int]
"""A 64-bit dHash in four parts of 16 bits, the first one first."""
DHASH = ("dhash_1", "dhash_2", "dhash_3", "dhash_4")
MOST_ALIKE = 500
"""Forms are alike by the thousand; the latest are looked at."""


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


def last_announced(tx: Tx, person: int) -> int | None:
    """When the youngest of them was announced."""
    row = tx.one(
        "SELECT max(announced_at) AS at FROM photos"
        " WHERE person_id = :person AND status = 'announced'",
        {"person": person},
    )
    return row["at"] if row else None


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


def mailed(tx: Tx, job: int) -> list[Row]:
    """A job's photos that the technician says to have mailed by hand: words, no evidence."""
    return tx.all(
        "SELECT * FROM photos WHERE job_id = :job AND status = 'mailed' ORDER BY id", {"job": job}
    )


def same_bytes(tx: Tx, sha256: str, but: int) -> Row | None:
    """An earlier photo with the same bytes."""
    return tx.one(
        "SELECT * FROM photos WHERE sha256 = :sha AND id <> :id AND status = 'stored'"
        " ORDER BY id LIMIT 1",
        {"sha": sha256, "id": but},
    )


def copy_elsewhere(tx: Tx, sha256: str, job: int, before: int) -> Row | None:
    """The first photo with the same bytes, older than `before`, of another job; no selfie (S8)."""
    return tx.one(
        "SELECT * FROM photos WHERE sha256 = :sha AND sha256 <> '' AND id < :before"
        " AND job_id IS NOT NULL AND job_id <> :job AND kind <> 'selfie' AND status = 'stored'"
        " ORDER BY id LIMIT 1",
        {"sha": sha256, "job": job, "before": before},
    )


def alike_elsewhere(tx: Tx, dhash: Dhash, job: int, before: int) -> list[Row]:
    """Photos of other jobs, older than `before`, whose dHash may be close; latest first.

    All that differ in at most 7 bits, and some that differ in more: of seven bits in four parts
    one part has at most one, so each part is looked up with its 16 neighbours. No selfies (S8).
    """
    values = {"job": job, "before": before, "limit": MOST_ALIKE}
    parts = []
    for number, part in enumerate(dhash, 1):
        near = [part, *(part ^ 1 << bit for bit in range(16))]
        values |= {f"p{number}_{index}": each for index, each in enumerate(near)}
        names = ", ".join(f":p{number}_{index}" for index in range(len(near)))
        parts.append(f"dhash_{number} IN ({names})")
    return tx.all(
        "SELECT * FROM photos WHERE id IN (SELECT id FROM photos"  # noqa: S608 - our own words
        f" WHERE ({' OR '.join(parts)}) AND id < :before"
        " AND job_id IS NOT NULL AND job_id <> :job AND kind <> 'selfie' AND status = 'stored'"
        " ORDER BY id DESC LIMIT :limit) ORDER BY id DESC",
        values,
    )


def dhash_of(photo: Row) -> Dhash | None:
    """The four parts of a photo's dHash; None where it has none."""
    first, *others = (photo[name] for name in DHASH)
    return None if first is None else (first, *others)


def asked_at(tx: Tx, job: int, step: str) -> bool:
    """Whether a better photo was already asked for at this step of the job."""
    found = tx.one(
        "SELECT id FROM photos WHERE job_id = :job AND step = :step AND asked_again > 0 LIMIT 1",
        {"job": job, "step": step},
    )
    return found is not None


def doubtful(tx: Tx, job: int, since: int) -> Row | None:
    """The photo in whose place a better one is asked for, as the job stands since `since`."""
    return tx.one(
        "SELECT * FROM photos WHERE job_id = :job AND asked_again = :since AND asked_again > 0"
        " AND kind = '' AND status = 'stored' ORDER BY id DESC LIMIT 1",
        {"job": job, "since": since},
    )


def left_doubtful(tx: Tx, before: int) -> list[Row]:
    """Doubtful photos that came before that instant and in whose place no better one came."""
    return tx.all(
        "SELECT p.* FROM photos p JOIN jobs j ON j.id = p.job_id AND j.since = p.asked_again"
        " WHERE p.asked_again > 0 AND p.kind = '' AND p.status = 'stored'"
        " AND p.received_at <= :before ORDER BY p.received_at, p.id",
        {"before": before},
    )


def next_try(tx: Tx) -> int | None:
    """When the next try is due."""
    row = tx.one("SELECT min(next_try_at) AS due FROM photos WHERE status = 'announced'")
    return row["due"] if row else None


def paths(tx: Tx) -> list[str]:
    """Where the bytes of all stored photos lie, each place once."""
    rows = tx.all("SELECT DISTINCT path FROM photos WHERE path <> '' ORDER BY path")
    return [row["path"] for row in rows]
