"""What technicians are owed: append-only but for its approval; one fee of a kind a visit."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from storage import timeline
from storage.db import Row, Tx
from storage.desk import among


def owe(  # noqa: PLR0913 - by name
    tx: Tx,
    *,
    job: int,
    slot: str,
    reason: str,
    units: str,
    status: str,
    rule: str,
    at: int,
    evidence: Mapping[str, Any],
) -> int | None:
    """Note a fee, and in the visit's history that it is owed; None if it has one in that slot."""
    made = tx.one(
        "INSERT INTO fees (job_id, slot, reason, units, status, rule, evidence, at, decided_by)"
        " VALUES (:job, :slot, :reason, :units, :status, :rule, :evidence, :at, '')"
        " ON CONFLICT (job_id, slot) DO NOTHING RETURNING id",
        {
            "job": job,
            "slot": slot,
            "reason": reason,
            "units": units,
            "status": status,
            "rule": rule,
            "evidence": json.dumps(evidence),
            "at": at,
        },
    )
    if made is None:
        return None
    detail = {"fee": made["id"], "reason": reason, "units": units, "status": status, "rule": rule}
    timeline.add(
        tx, job=job, at=at, told_at=at, event="fee_owed", step="", by="system", channel="",
        detail=detail,
    )  # fmt: skip
    return int(made["id"])


_LISTED = """
SELECT f.*, w.number, w.program, w.timezone, j.visit, j.day, j.technician_id
FROM fees f JOIN jobs j ON j.id = f.job_id JOIN work_orders w ON w.id = j.work_order_id """


def get(tx: Tx, fee: int) -> Row | None:
    """One fee with its order and visit."""
    return tx.one(_LISTED + "WHERE f.id = :id", {"id": fee})


def of_order(tx: Tx, number: str) -> list[Row]:
    """The fees of all visits of a work order, oldest first."""
    return tx.all(_LISTED + "WHERE w.number = :number ORDER BY f.id", {"number": number})


def of_technician(tx: Tx, technician: int) -> list[Row]:
    """What this technician's visits are owed, newest first."""
    return tx.all(
        _LISTED + "WHERE j.technician_id = :technician ORDER BY f.at DESC, f.id DESC",
        {"technician": technician},
    )


def decide(tx: Tx, fee: int, was: str, status: str, by: str, at: int) -> bool:
    """Set a fee's last decision; False if it is no longer as it was read, or stands so already."""
    done = tx.run(
        "UPDATE fees SET status = :status, decided_by = :by, decided_at = :at"
        " WHERE id = :id AND status = :was AND status <> :status",
        {"id": fee, "was": was, "status": status, "by": by, "at": at},
    )
    return done.rowcount == 1


def undecided_of(tx: Tx, jobs: Collection[int]) -> int:
    """How many fees of these visits wait for a manager's word."""
    row = tx.one(
        "SELECT count(*) AS n FROM fees WHERE status IN ('owed', 'to_check')"  # noqa: S608 - whole numbers
        f" AND {among('job_id', jobs)}"
    )
    return int(row["n"]) if row else 0


def of_job(tx: Tx, job: int) -> list[Row]:
    """A visit's fees."""
    return tx.all("SELECT * FROM fees WHERE job_id = :job ORDER BY id", {"job": job})
