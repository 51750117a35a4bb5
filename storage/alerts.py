"""What managers were told and asked, and what they answered."""

from collections.abc import Sequence
from itertools import chain, count
from typing import Any

from storage.db import Row, Tx


def add(tx: Tx, **values: Any) -> int:
    """A new alert."""
    return tx.insert("alerts", **values)


def next_number(tx: Tx, person: int) -> int:
    """The next free number after the last one given to this manager, from 1 to 99 and round again.

    The manager is locked: two alerts at once must not get the same number (S5).
    """
    if tx.postgres:
        tx.one("SELECT id FROM people WHERE id = :id FOR NO KEY UPDATE", {"id": person})
    taken = {
        row["number"]
        for row in tx.all(
            "SELECT number FROM alerts WHERE person_id = :person"
            " AND status IN ('open', 'acknowledged')",
            {"person": person},
        )
    }
    last = tx.one(
        "SELECT number FROM alerts WHERE person_id = :person ORDER BY id DESC LIMIT 1",
        {"person": person},
    )
    start: int = last["number"] % 99 if last else 0
    numbers = chain(range(start + 1, 100), range(1, start + 1), count(100))
    return next(number for number in numbers if number not in taken)


def by_number(tx: Tx, person: int, number: int) -> Row | None:
    """The manager's latest alert with this number."""
    return tx.one(
        "SELECT * FROM alerts WHERE person_id = :person AND number = :number"
        " ORDER BY id DESC LIMIT 1",
        {"person": person, "number": number},
    )


def get(tx: Tx, alert: int) -> Row | None:
    """One alert."""
    return tx.one("SELECT * FROM alerts WHERE id = :id", {"id": alert})


def open_of_job(tx: Tx, job: int) -> list[Row]:
    """A job's alerts that are not decided or closed."""
    return tx.all(
        "SELECT * FROM alerts WHERE job_id = :job"
        " AND status IN ('open', 'acknowledged') ORDER BY id",
        {"job": job},
    )


def of_job(tx: Tx, job: int) -> list[Row]:
    """A job's alerts with the name of whom they went to."""
    return tx.all(
        "SELECT a.*, p.name AS to_name FROM alerts a LEFT JOIN people p ON p.id = a.person_id"
        " WHERE a.job_id = :job ORDER BY a.id",
        {"job": job},
    )


def open_of(tx: Tx, person: int) -> list[Row]:
    """A manager's alerts that are not decided or closed."""
    return tx.all(
        "SELECT * FROM alerts WHERE person_id = :person"
        " AND status IN ('open', 'acknowledged') ORDER BY id",
        {"person": person},
    )


def open_about(tx: Tx, technician: int, kinds: Sequence[str]) -> list[Row]:
    """Alerts of these kinds about this technician that are open with their DM or DC."""
    about = tx.one("SELECT dm, dc FROM people WHERE id = :id", {"id": technician})
    managers = [person for person in (about or {}).values() if person]
    rows = [row for person in dict.fromkeys(managers) for row in open_of(tx, person)]
    return [row for row in rows if row["about_id"] == technician and row["kind"] in kinds]


def lately(tx: Tx, person: int, since: int, but: int) -> list[Row]:
    """The manager's other alerts that were raised after `since`, newest first."""
    return tx.all(
        "SELECT * FROM alerts WHERE person_id = :person AND created_at > :since AND id <> :but"
        " ORDER BY id DESC",
        {"person": person, "since": since, "but": but},
    )


def in_message(tx: Tx, person: int, message: int) -> list[Row]:
    """The alerts that one message to this manager carries."""
    return tx.all(
        "SELECT * FROM alerts WHERE person_id = :person AND outbox_id = :message ORDER BY id",
        {"person": person, "message": message},
    )


def carried(tx: Tx, person: int, message: int, by: int) -> None:
    """Another message to this manager carries what this one did."""
    tx.run(
        "UPDATE alerts SET outbox_id = :by WHERE person_id = :person AND outbox_id = :old",
        {"by": by, "person": person, "old": message},
    )


def held(tx: Tx, person: int, now: int) -> list[Row]:
    """The manager's alerts that waited until now, oldest first."""
    return tx.all(
        "SELECT * FROM alerts WHERE person_id = :person AND held_until is not null"
        " AND held_until <= :now ORDER BY id",
        {"person": person, "now": now},
    )


def hold_until(tx: Tx, person: int, until: int) -> None:
    """Let all that is held for this manager leave at that instant."""
    tx.run(
        "UPDATE alerts SET held_until = :until WHERE person_id = :person"
        " AND held_until is not null",
        {"person": person, "until": until},
    )


def of_fee(tx: Tx, job: int, fee: int) -> list[Row]:
    """The alerts that ask about this fee of the job."""
    return tx.all(
        "SELECT * FROM alerts WHERE job_id = :job AND fee_id = :fee ORDER BY id",
        {"job": job, "fee": fee},
    )


def of_case(tx: Tx, case: int) -> list[Row]:
    """All alerts of one matter."""
    return tx.all("SELECT * FROM alerts WHERE case_id = :case ORDER BY id", {"case": case})


def change(tx: Tx, alert: int, **values: Any) -> None:
    """Set columns of one alert."""
    tx.update("alerts", alert, **values)
