"""A job as its pane shows it: values in the words that people use, times on the job's clock."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot import days
from bot.context import Context
from bot.overview import walked
from bot.speech.called import event_words, timer_words
from bot.speech.called import plain_name as words
from bot.speech.naming import clock as wall_clock
from bot.speech.naming import day_words, window_words
from flows.facts import Instant
from storage.db import Row

_AN_INSTANT = 10**12
"""A number above it is milliseconds since the epoch."""


def listed(
    shown: Sequence[Row], names: Mapping[int, str], chosen: Row | None
) -> list[dict[str, Any]]:
    """The jobs of the day, one line each."""
    return [
        {
            "id": job["id"],
            "letter": job["letter"],
            "name": names.get(job["technician_id"], "nobody"),
            "window": _window(job),
            "state": words(job["state"]),
            "chosen": chosen is not None and job["id"] == chosen["id"],
            "open": bool(job["is_open"]),
        }
        for job in shown
    ]


def job_values(
    context: Context, job: Row, rows: Mapping[str, Sequence[Row]], names: Mapping[int, str],
    now: Instant,
) -> dict[str, Any]:  # fmt: skip
    """One job; `rows` are its timeline, timers, fees, alerts and photos."""
    zone, planned = job["timezone"], job["planned_arrival"]
    steps = walked(context, job, rows["timeline"])
    return {
        "job": job,
        "steps": [(name, how) for _, name, how in steps],
        "number": next((number for number, _, how in steps if how == "now"), 0),
        "length": len(steps),
        "words": words,
        "technician": names.get(job["technician_id"], "nobody"),
        "state": words(job["state"]),
        "under": words(job["under"]) if job["under"] else "",
        "window": _window(job),
        "planned": wall_clock(planned, zone, sms=False) if planned else "",
        "day": day_words(job["day"], job["timezone"]),
        "timeline": [_line(row, zone) for row in reversed(rows["timeline"])],
        "timers": [
            {"at": clock_and_day(row["due_at"], zone, now), "what": timer_words(row["name"])}
            for row in rows["timers"]
        ],
        "fees": [
            {
                "units": row["units"],
                "reason": words(row["reason"]),
                "status": words(row["status"]),
                "rule": row["rule"],
            }
            for row in rows["fees"]
        ],
        "alerts": [
            {
                "to": row["to_name"],
                "kind": words(row["kind"]),
                "number": row["number"],
                "status": row["status"],
                "by": row["acknowledged_by"],
                "at": wall_clock(row["created_at"], zone, sms=False),
            }
            for row in reversed(rows["alerts"])
        ],
        "photos": [
            {
                "id": row["id"],
                "kind": row["kind"] or "photo",
                "bytes": row["bytes"],
                "sha": row["sha256"][:12],
            }
            for row in rows["photos"]
        ],
    }


def _window(job: Row) -> str:
    return window_words(job["window_start"], job["window_end"], job["timezone"], sms=False)


def _line(row: Row, zone: str) -> dict[str, str]:
    told, at = (wall_clock(row[name], zone, sms=False) for name in ("told_at", "at"))
    return {
        "at": at,
        "told": told if told != at else "",
        "event": event_words(row["event"]),
        "step": words(row["step"]),
        "by": row["by"],
        "channel": {"sms": "SMS", "telegram": "Telegram"}.get(row["channel"], row["channel"]),
        "detail": ", ".join(
            f"{words(name)} {_short(value, zone)}"
            for name, value in json.loads(row["detail"]).items()
        ),
    }


def _short(value: object, zone: str) -> str:
    if isinstance(value, int) and value > _AN_INSTANT:
        return wall_clock(value, zone, sms=False)
    return str(value)[:120]


def clock_and_day(at: Instant, zone: str, now: Instant) -> str:
    """The wall clock, with the day where it is not today's."""
    day, today = (days.local_day(each, days.zone_of(zone)) for each in (at, now))
    return f"{'' if day == today else f'{day:%a} '}{wall_clock(at, zone, sms=False)}"
