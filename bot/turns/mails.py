"""The office's mails: one a case, threaded per work order, managers in copy, through the outbox
(A32, A40)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bot import days
from bot.clock import to_datetime
from bot.context import Context
from bot.speech.wording import job_values
from bot.turns import alerts
from bot.turns.reply import LANES
from flows.effects import MailOffice
from flows.events import Happening, SentPhoto
from flows.facts import Instant
from flows.talk import Talk
from storage import kept, outbox, people, photos
from storage.db import Row, Tx

MOST_REFERENCES = 10
"""So many earlier mails a mail names: enough for any program to find the thread."""
ALBUM = 2_000
"""A mail waits this long (ms) for the other pictures of the album that brought its first."""


def confirmed_key(program: str) -> str:
    """Under which the operator's confirmation of a program's built-in contacts is kept (S11)."""
    return f"contacts_confirmed {program}"


def may_leave(tx: Tx, context: Context, program: str, to: str = "office_email") -> str:
    """Why mail of this program to its contact `to` has to wait, "" if it may leave."""
    if not context.contacts(program)[to]:
        return f"nobody has set {program.upper()}_{to.upper()}"
    if not context.mail_on:
        return "no mail server is set (SMTP_URL)"
    if not context.override(program, to) and kept.get(tx, confirmed_key(program)) is None:
        return "the contacts are not confirmed yet (run_bot.py doctor --confirm-contacts)"
    return ""


def mail_office(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    job: Mapping[str, Any],
    technician: Row | None,
    talk: Talk,
    now: Instant,
    mail: MailOffice,
    event: Happening,
    told: Mapping[str, str],
) -> int:
    """Put the office's mail in the outbox; it waits where its address is not set or confirmed.

    `told` are the free words of its branch (`bot.speech.naming.told_words`).
    """
    managers = [
        people.get(tx, technician[role]) for role in ("dm", "dc") if technician and technician[role]
    ]
    copies = list(dict.fromkeys(m["email"] for m in managers if m and m["email"]))
    contacts = context.contacts(job["program"])
    values = job_values(
        job, technician, managers[0] if managers else None, contacts, talk.marks, now, sms=False
    )
    values["text"] = getattr(event, "text", "") or talk.words.get("other.what", "")
    wanted = set(mail.photos)
    pictures = [p["id"] for p in photos.of_job(tx, job["id"]) if p["kind"] in wanted]
    sentence = context.wording.sentence(f"mail.{mail.case}", program=job["program"])
    subject, body = sentence.fill({**values, **told, "photos": str(len(pictures))})
    if any(p["kind"] in wanted for p in photos.mailed(tx, job["id"])):
        by_hand, _ = context.wording.sentence("photo_link.office").fill(values)
        body = f"{by_hand}\n\n{body}"
    thread = f"<wo-{_digest(job['program'] + job['number'])}@doorstep>"
    earlier = [
        json.loads(row["payload"])["message_id"]
        for row in outbox.mails_of_order(tx, job["work_order_id"])
    ]
    number = f"{job['id']}-{len(earlier) + 1}-{_digest(f'{thread}:{now}:{mail.case}')}"
    payload = {
        "to": [contacts[mail.to]],
        "contact": [job["program"], mail.to],
        "cc": copies,
        "subject": subject,
        "text": body,
        "photos": pictures,
        "kinds": list(mail.photos),
        "message_id": f"<{number}@doorstep>",
        # All of a work order hang together, over its visits: the first names the thread, each
        # answers the one before.
        "references": [thread, *earlier[-MOST_REFERENCES:]],
        "reply_to": copies[0] if copies else "",
    }
    why = may_leave(tx, context, job["program"], mail.to)
    if why:
        _tell_operator(tx, context, now, why)
    waits = ALBUM if isinstance(event, SentPhoto) and event.album else 0
    return outbox.add(
        tx,
        channel="email",
        address=contacts[mail.to],
        person_id=None,
        job_id=job["id"],
        kind="mail",
        lane=LANES["mail"],
        payload=json.dumps(payload),
        created_at=now,
        due_at=now + waits,
        status="held" if why else "pending",
        error=why,
    )


def address_waiting(tx: Tx, context: Context) -> None:
    """Mail that waits for an address which the operator has set by now gets it, and may leave."""
    for row in outbox.without_address(tx, "email"):
        payload = json.loads(row["payload"])
        program, to = payload["contact"]
        address = context.contacts(program)[to] if program in context.programs else ""
        if address:
            payload["to"] = [address]
            why = may_leave(tx, context, program, to)
            outbox.give_address(tx, row["id"], address, json.dumps(payload), why)


def _tell_operator(tx: Tx, context: Context, now: Instant, why: str) -> None:
    """Mail waits for the operator: said once a day."""
    day = to_datetime(now).date().isoformat()
    if kept.get(tx, "told:mail_waiting") == day:
        return
    kept.put(tx, "told:mail_waiting", day)
    operators = alerts.operators(tx)
    since = alerts.when(now, operators[0]["timezone"]) if operators else "-"
    alerts.tell_managers(
        tx,
        context.wording,
        now,
        kind="mail_waiting",
        severity=1,
        technician=None,
        values={"what": f"{why[:1].upper()}{why[1:]}.", "count": "1", "since": since},
        to=operators,
    )


def attach_to_waiting_mail(tx: Tx, job: int, photo: int, kind: str) -> None:
    """A further picture of an album joins the mail that waits for it."""
    for row in outbox.of_job(tx, job, "email"):
        payload = json.loads(row["payload"])
        if (
            row["status"] in ("pending", "held")
            and kind in payload["kinds"]
            and photo not in payload["photos"]
        ):
            payload["photos"].append(photo)
            outbox.rewrite(tx, row["id"], json.dumps(payload))


def local(instant: Instant, zone: str) -> str:
    """An instant as a mail states it: 2026-11-23 09:02 EST."""
    return to_datetime(instant).astimezone(days.zone_of(zone)).strftime("%Y-%m-%d %H:%M %Z")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
