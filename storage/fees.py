"""What technicians are owed: append-only but for its approval; one fee of a kind a visit."""

import json
from collections.abc import Mapping
from typing import Any

from storage.db import Row, Tx


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
) -> bool:
    """Note a fee; False if this visit has one in that slot already."""
    done = tx.run(
        "INSERT INTO fees (job_id, slot, reason, units, status, rule, evidence, at, decided_by)"
        " VALUES (:job, :slot, :reason, :units, :status, :rule, :evidence, :at, '')"
        " ON CONFLICT (job_id, slot) DO NOTHING",
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
    return done.rowcount == 1


def of_job(tx: Tx, job: int) -> list[Row]:
    """A visit's fees."""
    return tx.all("SELECT * FROM fees WHERE job_id = :job ORDER BY id", {"job": job})
