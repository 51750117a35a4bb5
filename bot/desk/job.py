"""A job's page: where it stands, what happened, what was sent and said, and what can be done."""

import json
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from bot import days
from bot.context import Context
from bot.desk import board, talk, words
from bot.desk.asking import Ask, Page
from bot.desk.rights import opens, technicians
from bot.operator.actions import ENDS
from bot.overview import walked
from flows.facts import Instant
from flows.talk import Talk
from storage import alerts, fees, jobs, ladders, outbox, people, photos, timeline, timers
from storage.db import Row, Tx

END_LABELS = {
    "closed_by_office": "Closed by the office", "cancelled": "Called off", "moved": "Moved",
}  # fmt: skip


def show(ask: Ask) -> Page:
    """The whole page."""
    job, tx = ask.subject, ask.tx
    others = [row for row in technicians(tx, ask.visitor) if row["id"] != job["technician_id"]]
    buckets = ask.services.context.programs[job["program"]].windows
    windows = [f"{first:%H:%M}-{last:%H:%M}".replace(":00", "") for first, last in buckets]
    return Page(
        "job.html",
        _standing(ask) | {
            "here": "board", "technicians": sorted(others, key=lambda each: each["name"]),
            "windows": windows,
            "opens": opens(tx, ask.visitor, "person", job["technician_id"] or 0),
            "ends": [(end, END_LABELS[end]) for end in ENDS],
        },
    )  # fmt: skip


def live(ask: Ask) -> Page:
    """The part of it that changes by itself."""
    return Page("job_live.html", _standing(ask))


def _standing(ask: Ask) -> dict[str, Any]:
    job, tx, now, context = ask.subject, ask.tx, ask.now, ask.services.context
    stood = Talk.from_json(job["talk"])
    technician = people.get(tx, job["technician_id"]) if job["technician_id"] else None
    history = timeline.of_job(tx, job["id"])
    owed = fees.of_job(tx, job["id"])
    flags = board.flags_of(context, job, stood, now)
    since, until = _day_of(job)
    bubbles = talk.conversation(tx, technician["id"], since, until) if technician else []
    raised = alerts.of_job(tx, job["id"])
    return {
        "job": job, "technician": technician, "manager": _manager(tx, technician),
        "steps": [
            (number, words.state(name), how)
            for number, name, how in walked(context, job, history)
        ],
        "state": words.state(job["state"]), "flags": flags,
        "tone": board.tone_of(context, job, flags),
        "clock": board.clock_of(context, job, stood, now),
        "timeline": list(reversed(history)), "fees": owed,
        "alerts": _waiting(ask, raised, technician),
        "raised": list(reversed(raised)), "photos": photos.of_job(tx, job["id"]),
        "mails": [_mail(row) for row in outbox.of_job(tx, job["id"], "email")],
        "timers": timers.of_job(tx, job["id"]), "bubbles": bubbles,
        "phone": talk.on_the_phone(tx, technician, now) if technician else None,
        "choices": choices_of(context, job, stood) if job["is_open"] else [],
        "visits": [row for row in jobs.of_order(tx, job["number"], job["program"])
                   if row["id"] != job["id"]],
        "zone": job["timezone"],
    }  # fmt: skip


def _manager(tx: Tx, technician: Row | None) -> Row | None:
    return people.get(tx, technician["dm"]) if technician and technician["dm"] else None


def _waiting(ask: Ask, raised: Sequence[Row], technician: Row | None) -> list[dict[str, Any]]:
    """The open alerts as the board shows them too: one of each matter."""
    job = ask.subject
    about = {
        "about_name": technician["name"] if technician else None,
        "about_phone": technician["phone"] if technician else None,
        "order_number": job["number"], "customer": job["customer"], "job_state": job["state"],
    }  # fmt: skip
    waits = [row for row in raised if row["status"] in ("open", "acknowledged")]
    return [
        row | about | {"raised_with": ladders.raised_with(ask.tx, row["case_id"])}
        for row in board.matters(waits, ask.visitor)
    ]


def _mail(row: Row) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(row["payload"] or "{}")
    return {
        "id": row["id"], "status": row["status"], "error": row["error"],
        "at": row["sent_at"] or row["created_at"], "subject": payload.get("subject", "(erased)"),
        "to": ", ".join(payload.get("to", ())), "cc": ", ".join(payload.get("cc", ())),
        "text": payload.get("text", ""), "photos": len(payload.get("photos", ())),
    }  # fmt: skip


def _day_of(job: Row) -> tuple[Instant, Instant]:
    """The job's local day and the evening before it, as instants."""
    zone, day = days.zone_of(job["timezone"]), date.fromisoformat(job["day"])
    return (
        days.at(day - timedelta(days=1), time(12), zone),
        days.at(day + timedelta(days=1), time(12), zone),
    )


def choices_of(context: Context, job: Row, stood: Talk) -> list[tuple[str, str]]:
    """What may be told for the job by phone now: (word, in words)."""
    engine, wording = context.engine, context.wording
    labels = wording.sentence(engine.prompt_key(stood))
    shown = {
        word: words.label(labels.buttons.get(word) or labels.choices.get(word) or words.plain(word))
        for word in engine.choices(stood).values()
        if word != "issue"
    }
    menu = wording.sentence("issue")
    for word in engine.callable_here(stood):
        label = menu.buttons.get(word) or menu.choices.get(word) or words.plain(word)
        shown.setdefault(word, f"Case: {words.label(label)}")
    return [*shown.items(), ("BACK", "Take the last step back")]
