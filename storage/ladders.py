"""How far up each matter has climbed: the rungs as they were when it was raised, and what is next.

The timer that wakes a ladder is named after its case and belongs to no job and no person.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from storage.db import Row, Tx

TIMER = "ladder"


def add(  # noqa: PLR0913 - by name
    tx: Tx,
    *,
    case: int,
    rungs: Sequence[Sequence[int]],
    rung: int,
    seen: int,
    detail: Mapping[str, Any],
    photo: int | None = None,
) -> None:
    """A matter that was just raised; nothing wakes it yet."""
    tx.put(
        "ladders",
        case_id=case,
        rungs=json.dumps([list(each) for each in rungs]),
        rung=rung,
        seen=seen,
        photo_id=photo,
        detail=json.dumps(detail),
    )


def look_at(tx: Tx, case: int, at: int) -> None:
    """Let it be looked at next at that instant; the timer of another moment is void."""
    change(tx, case, next_at=at)
    tx.put("timers", name=f"{TIMER} {case}", due_at=at, late="say")


def get(tx: Tx, case: int) -> Row | None:
    """The ladder of a matter, locked."""
    return tx.one(f"SELECT * FROM ladders WHERE case_id = :case{tx.lock}", {"case": case})  # noqa: S608


def due(tx: Tx, until: int, but: int, limit: int = 200) -> list[Row]:
    """The ladders that are looked at until then, but for one, locked; those that another process
    holds are left to it."""
    skip = f"{tx.lock} SKIP LOCKED" if tx.postgres else ""
    return tx.all(
        "SELECT * FROM ladders WHERE next_at <= :until AND next_at IS NOT NULL"  # noqa: S608
        f" AND case_id <> :but ORDER BY next_at, case_id LIMIT :limit{skip}",
        {"until": until, "but": but, "limit": limit},
    )


def raised_with(tx: Tx, case: int | None) -> str:
    """The JSON values with which a matter was raised, not locked: for looking; "" for none."""
    row = tx.one("SELECT detail FROM ladders WHERE case_id = :case", {"case": case})
    return str(row["detail"]) if row else ""


def change(tx: Tx, case: int, **values: Any) -> None:
    """Set columns of one ladder."""
    sets = ", ".join(f"{name} = :{name}" for name in values)
    tx.run(f"UPDATE ladders SET {sets} WHERE case_id = :case", {**values, "case": case})  # noqa: S608


def standing(tx: Tx, person: int | None = None) -> list[Row]:
    """Open alerts with what is next for each (`next_at`, `rung`, `asked_again`), for pages.

    `person` limits them to one manager's; `held_until` says when one leaves that has not yet.
    """
    mine = " AND a.person_id = :person" if person is not None else ""
    return tx.all(
        "SELECT a.*, p.name AS to_name, t.name AS about_name, l.next_at, l.rung, l.asked_again"  # noqa: S608
        " FROM alerts a LEFT JOIN people p ON p.id = a.person_id"
        " LEFT JOIN people t ON t.id = a.about_id LEFT JOIN ladders l ON l.case_id = a.case_id"
        f" WHERE a.status IN ('open', 'acknowledged'){mine} ORDER BY a.severity, a.id",
        {"person": person} if person is not None else {},
    )
