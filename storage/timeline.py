"""The append-only history: what happened, when, when we were told, by whom."""

import json
from collections.abc import Mapping
from typing import Any

from storage.db import Row, Tx


def add(  # noqa: PLR0913 - by name
    tx: Tx,
    *,
    job: int | None,
    at: int,
    told_at: int,
    event: str,
    step: str,
    by: str,
    channel: str,
    detail: Mapping[str, Any] | None = None,
    person: int | None = None,
) -> None:
    """One line more; nothing is ever changed or taken out."""
    tx.put(
        "timeline",
        job_id=job,
        person_id=person,
        at=at,
        told_at=told_at,
        event=event,
        step=step,
        by=by,
        channel=channel,
        detail=json.dumps(detail, separators=(",", ":")) if detail else "{}",
    )


def of_job(tx: Tx, job: int) -> list[Row]:
    """A job's history in the order in which it was told."""
    return tx.all("SELECT * FROM timeline WHERE job_id = :job ORDER BY id", {"job": job})
