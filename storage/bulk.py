"""Many rows at once: what a file brings, and the lists that the command line shows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from storage.db import Row, Tx
from storage.jobs import COLUMNS, FROM, JOB

CHUNK = 500


def chunks(items: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """`items` in portions that one statement takes."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _listed(name: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    params = {f"{name}{place}": value for place, value in enumerate(values)}
    return ", ".join(f":{key}" for key in params), params


def lock_everybody(tx: Tx) -> None:
    """Let no other turn change anybody's jobs while a file is taken in (P4)."""
    if tx.postgres:
        tx.run("SELECT id FROM people ORDER BY id FOR UPDATE")


def latest_visits(tx: Tx, program: str, numbers: Sequence[str]) -> dict[str, Row]:
    """The latest visit of each of these work orders, by number, with its order and `content`."""
    found: dict[str, Row] = {}
    for some in chunks(numbers):
        listed, params = _listed("n", some)
        rows = tx.all(
            f"SELECT {COLUMNS}, w.content {FROM}"  # noqa: S608 - our own names
            f"WHERE w.program = :program AND w.number IN ({listed}) AND NOT EXISTS"
            " (SELECT 1 FROM jobs k WHERE k.work_order_id = w.id AND k.visit > j.visit)",
            {"program": program, **params},
        )
        found |= {row["number"]: dict(row) for row in rows}
    return found


def order_ids(tx: Tx, program: str, numbers: Sequence[str]) -> dict[str, int]:
    """Number → id of the work orders that there are."""
    found: dict[str, int] = {}
    for some in chunks(numbers):
        listed, params = _listed("n", some)
        rows = tx.all(
            "SELECT id, number FROM work_orders"  # noqa: S608 - placeholders only
            f" WHERE program = :program AND number IN ({listed})",
            {"program": program, **params},
        )
        found |= {row["number"]: row["id"] for row in rows}
    return found


def visit_ids(tx: Tx, orders: Sequence[int], visit: int) -> dict[int, int]:
    """Work order's id → id of its visit of that number."""
    found: dict[int, int] = {}
    for some in chunks(orders):
        listed, params = _listed("o", some)
        rows = tx.all(
            "SELECT id, work_order_id FROM jobs"  # noqa: S608 - placeholders only
            f" WHERE visit = :visit AND work_order_id IN ({listed})",
            {"visit": visit, **params},
        )
        found |= {row["work_order_id"]: row["id"] for row in rows}
    return found


def letters_in_use(tx: Tx, days: Iterable[str]) -> list[Row]:
    """(technician_id, day, letter) of all visits of these days."""
    found: list[Row] = []
    for some in chunks(sorted(set(days))):
        listed, params = _listed("d", some)
        found += tx.all(
            "SELECT technician_id, day, letter FROM jobs"  # noqa: S608 - placeholders only
            f" WHERE day IN ({listed}) AND technician_id IS NOT NULL",
            params,
        )
    return found


def open_on(tx: Tx, days: Iterable[str]) -> list[Row]:
    """The visits of these days that have no end yet."""
    found: list[Row] = []
    for some in chunks(sorted(set(days))):
        listed, params = _listed("d", some)
        found += tx.all(JOB + f"WHERE j.day IN ({listed}) AND j.is_open ORDER BY j.id", params)
    return found


def each_job(tx: Tx, day: str = "") -> Iterator[Row]:
    """All visits, of one day if given, in the order in which they were made; few in memory."""
    last, where = 0, " AND j.day = :day" if day else ""
    while rows := tx.all(
        JOB + f"WHERE j.id > :last{where} ORDER BY j.id LIMIT :size",
        {"last": last, "day": day, "size": CHUNK},
    ):
        yield from rows
        last = rows[-1]["id"]


def orders_like(tx: Tx, typed: str, limit: int = 2000) -> list[str]:
    """Numbers that contain what was typed, then the latest ones: to suggest what was meant."""
    part = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").lower()
    rows = tx.all(
        "SELECT number FROM work_orders WHERE lower(number) LIKE :part ESCAPE '\\'"
        " ORDER BY id DESC LIMIT 5",
        {"part": f"%{part}%"},
    )
    rows += tx.all("SELECT number FROM work_orders ORDER BY id DESC LIMIT :limit", {"limit": limit})
    return list(dict.fromkeys(row["number"] for row in rows))


def all_fees(tx: Tx) -> list[Row]:
    """Every fee with its order, visit and technician, oldest first."""
    return tx.all(
        "SELECT f.*, w.number, w.program, w.timezone, j.visit, j.day, p.name AS technician"
        " FROM fees f JOIN jobs j ON j.id = f.job_id JOIN work_orders w ON w.id = j.work_order_id"
        " LEFT JOIN people p ON p.id = j.technician_id ORDER BY f.id"
    )


def addresses_by_person(tx: Tx) -> dict[int, list[Row]]:
    """Everybody's chats and numbers, by person, last used first."""
    found: dict[int, list[Row]] = {}
    for row in tx.all("SELECT * FROM addresses ORDER BY coalesce(heard_at, 0) DESC, id"):
        found.setdefault(row["person_id"], []).append(row)
    return found


def open_between(tx: Tx, technician: int, first: str, last: str) -> list[Row]:
    """A technician's visits without an end from one day to another."""
    return tx.all(
        JOB + "WHERE j.technician_id = :technician AND j.is_open AND j.day >= :first"
        " AND j.day <= :last ORDER BY j.day, j.window_start, j.id",
        {"technician": technician, "first": first, "last": last},
    )
