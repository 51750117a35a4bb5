"""Jobs and fees as documents and lists: names and shapes are fixed (contract section 3)."""

import json
from typing import Any

from bot import days
from bot.clock import to_datetime
from storage import alerts, fees, outbox, people, photos, timeline, timers
from storage.db import Row, Tx

_INSTANTS = frozenset({"planned", "when", "window_start", "window_end"})
"""Names in a timeline's detail that are moments."""


def iso(instant: int, zone: str) -> str:
    """An instant as ISO 8601 with the offset of that zone."""
    return to_datetime(instant).astimezone(days.zone_of(zone)).isoformat(timespec="seconds")


def brief(job: Row, who: dict[int, Row]) -> dict[str, Any]:
    """A visit in a list: whose it is and where it stands."""
    technician = who.get(job["technician_id"])
    manager = who.get(technician["dm"]) if technician is not None else None
    return {
        "work_order": job["number"], "visit": job["visit"], "program": job["program"],
        "technician": technician["name"] if technician is not None else None,
        "manager": manager["name"] if manager is not None else None,
        "state": job["state"], "under": job["under"], "version": job["version"],
    }  # fmt: skip


EXPORTED = (
    "work_order", "visit", "program", "day", "letter", "window_start", "window_end",
    "planned_arrival", "technician", "manager", "state", "under", "customer", "street", "city",
    "us_state", "zip", "phone", "product", "units", "shift",
)  # fmt: skip
"""The columns of a list of jobs."""


def exported(job: Row, who: dict[int, Row]) -> list[object]:
    """A visit as a line of such a list."""
    zone = job["timezone"]
    values = dict(job) | brief(job, who) | {
        "window_start": iso(job["window_start"], zone), "window_end": iso(job["window_end"], zone),
        "planned_arrival": iso(days.planned_arrival(job), zone),
    }  # fmt: skip
    return [values[name] for name in EXPORTED]


def whole(tx: Tx, job: Row) -> dict[str, Any]:
    """A visit with all that is known of it."""
    zone = job["timezone"]
    who = {row["id"]: row for row in people.everybody(tx)}
    return {
        **brief(job, who),
        "window": {"start": iso(job["window_start"], zone), "end": iso(job["window_end"], zone)},
        "planned_arrival": iso(days.planned_arrival(job), zone),
        "timeline": [_happened(row, zone) for row in timeline.of_job(tx, job["id"])],
        "photos": [_photo(row, zone) for row in photos.of_job(tx, job["id"])],
        "mails": [_mail(row, zone) for row in outbox.of_job(tx, job["id"], "email")],
        "alerts": [_alert(row, zone) for row in alerts.of_job(tx, job["id"])],
        "fees": [
            {"units": row["units"], "reason": row["reason"], "status": row["status"]}
            for row in fees.of_job(tx, job["id"])
        ],
        "timers": [
            {"kind": row["name"], "due_at": iso(row["due_at"], zone)}
            for row in timers.of_job(tx, job["id"])
        ],
    }


def _happened(row: Row, zone: str) -> dict[str, Any]:
    detail = json.loads(row["detail"])
    return {
        "at": iso(row["at"], zone), "told_at": iso(row["told_at"], zone), "event": row["event"],
        "step": row["step"], "by": row["by"], "channel": row["channel"],
        "detail": {
            name: iso(value, zone) if name in _INSTANTS and isinstance(value, int) else value
            for name, value in detail.items()
        },
    }  # fmt: skip


def _photo(row: Row, zone: str) -> dict[str, Any]:
    return {
        "id": row["id"], "kind": row["kind"], "step": row["step"], "sha256": row["sha256"],
        "bytes": row["bytes"], "received_at": iso(row["received_at"], zone),
        "channel": row["channel"],
    }  # fmt: skip


def _mail(row: Row, zone: str) -> dict[str, Any]:
    payload = json.loads(row["payload"])
    return {
        "to": payload["to"], "cc": payload["cc"], "subject": payload["subject"],
        "status": row["status"], "sent_at": iso(row["sent_at"], zone) if row["sent_at"] else None,
        "attachments": payload["photos"],
    }  # fmt: skip


def _alert(row: Row, zone: str) -> dict[str, Any]:
    return {
        "to": row["to_name"], "kind": row["kind"], "severity": row["severity"],
        "code": str(row["number"]), "status": row["status"],
        "acknowledged_by": row["acknowledged_by"] or None, "at": iso(row["created_at"], zone),
    }  # fmt: skip
