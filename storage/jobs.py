"""Work orders and their visits: whose they are, when, and where each one stands."""

from typing import Any

from storage.db import Row, Tx

COLUMNS = """
j.*, w.number, w.program, w.shift, w.customer, w.street, w.city, w.state AS us_state, w.zip,
  w.phone, w.product, w.notes, w.units, w.minutes, w.timezone"""
FROM = "FROM jobs j JOIN work_orders w ON w.id = j.work_order_id "
JOB = f"SELECT {COLUMNS} {FROM}"
"""How a visit is read everywhere: with its order's columns; a condition follows."""


class Conflict(Exception):
    """Somebody else changed the job since it was read; nothing was written."""


_OPEN_OF = f"""{JOB}WHERE j.technician_id = :technician AND j.is_open
  AND (j.day <= :day OR j.state <> 'planned')
ORDER BY j.day, coalesce(j.planned_arrival, j.window_start), j.id"""


def open_of(tx: Tx, technician: int, until_day: str) -> list[Row]:
    """The technician's visits without an end up to that day, in the order of the day.

    Those of later days belong to them that something is asked of already.
    """
    return tx.all(_OPEN_OF, {"technician": technician, "day": until_day})


def of_day(tx: Tx, technician: int, day: str) -> list[Row]:
    """All the technician's visits of one day, ended ones too, by letter."""
    return tx.all(
        JOB + "WHERE j.technician_id = :technician AND j.day = :day ORDER BY j.letter, j.id",
        {"technician": technician, "day": day},
    )


def letters_of_day(tx: Tx, technician: int, day: str) -> list[str]:
    """The letters of all the technician's visits of one day, ended ones too."""
    rows = tx.all(
        "SELECT letter FROM jobs WHERE technician_id = :technician AND day = :day",
        {"technician": technician, "day": day},
    )
    return [row["letter"] for row in rows]


def any_of(tx: Tx, technician: int, program: str) -> bool:
    """Whether the technician ever had a visit of this program."""
    row = tx.one(
        f"SELECT 1 AS x {FROM}WHERE j.technician_id = :technician AND w.program = :program LIMIT 1",
        {"technician": technician, "program": program},
    )
    return row is not None


def get(tx: Tx, job: int) -> Row | None:
    """One visit with its order."""
    return tx.one(JOB + "WHERE j.id = :id", {"id": job})


def of_order(tx: Tx, number: str, program: str = "") -> list[Row]:
    """The visits of a work order, latest first."""
    sql = JOB + "WHERE w.number = :number" + (" AND w.program = :program" if program else "")
    return tx.all(sql + " ORDER BY j.visit DESC", {"number": number, "program": program})


def with_helpers(tx: Tx, day: str) -> list[Row]:
    """The open visits of one day on which somebody helps, in the order of the day."""
    return tx.all(
        JOB + "WHERE j.day = :day AND j.helpers <> '' AND j.is_open"
        " ORDER BY coalesce(j.planned_arrival, j.window_start), j.id",
        {"day": day},
    )


def listed(tx: Tx, day: str = "") -> list[Row]:
    """All visits, of one day if given, by day, technician and letter."""
    where = "WHERE j.day = :day" if day else ""
    return tx.all(JOB + where + " ORDER BY j.day, j.technician_id, j.letter, j.id", {"day": day})


def days_with_work(tx: Tx, from_day: str) -> list[Row]:
    """(technician_id, day) that have open visits from this day on."""
    return tx.all(
        "SELECT DISTINCT technician_id, day FROM jobs"
        " WHERE is_open AND day >= :day AND technician_id IS NOT NULL",
        {"day": from_day},
    )


_SAVE = """
UPDATE jobs SET talk = :talk, state = :state, under = :under, version = :version + 1,
  since = :since, planned_arrival = :planned_arrival, is_open = :is_open, changed_at = :now
WHERE id = :id AND version = :version"""


def save(  # noqa: PLR0913 - by name
    tx: Tx,
    job: Row,
    now: int,
    *,
    talk: str,
    state: str,
    under: str | None,
    entered: bool,
    planned_arrival: int | None,
    is_open: bool,
) -> int:
    """Store where the job stands now; returns its new version. Conflict if it was changed."""
    version = job["version"]
    done = tx.run(
        _SAVE,
        {
            "talk": talk,
            "state": state,
            "under": under,
            "version": version,
            "since": version + 1 if entered else job["since"],
            "planned_arrival": planned_arrival,
            "is_open": is_open,
            "now": now,
            "id": job["id"],
        },
    )
    if done.rowcount != 1:
        raise Conflict(f"job {job['id']} is no longer at version {version}")
    return int(version) + 1


def change(tx: Tx, job: int, now: int, **values: Any) -> None:
    """Set columns of one visit; its version rises."""
    sets = "".join(f"{name} = :{name}, " for name in values)
    tx.run(
        f"UPDATE jobs SET {sets}version = version + 1, changed_at = :now"  # noqa: S608 - our names
        " WHERE id = :id",
        {**values, "now": now, "id": job},
    )


def change_order(tx: Tx, order: int, **values: Any) -> None:
    """Set columns of one work order."""
    tx.update("work_orders", order, **values)


def order(tx: Tx, number: str, program: str) -> Row | None:
    """The work order of this number."""
    return tx.one(
        "SELECT * FROM work_orders WHERE number = :number AND program = :program",
        {"number": number, "program": program},
    )
