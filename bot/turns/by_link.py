"""A photo where texts carry none: a link that works once, or the technician's own mail (S3, S6).

Some countries and senders know no MMS. A step that waits for a photo then gives an address to open
on any phone: random, kept as a hash, for one person, one job and one state of it, for four hours.
Whoever has no internet mails the picture and says so: that is a word, no evidence, and the office's
mail says it.
"""

import hashlib
import json
import secrets
from base64 import b32encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.context import Context
from bot.papers.links import public_url
from bot.speech.wording import Part
from bot.turns.reply import Reply
from flows.events import Said, SentPhoto
from flows.facts import HOUR, Instant
from storage import jobs, kept, people, photos, timeline
from storage.db import Row, Tx

if TYPE_CHECKING:
    from bot.incoming import Incoming
    from bot.turns.technician import Technician

VALID_FOR = 4 * HOUR
PATH = "/u/"
JOB = "job"
"""In the source of a photo that came by a link: the job that the link is for."""
MAILED = "mailed"
"""The word for "I mailed it myself"."""
_ALL_SENT = "enough"
_OPEN = 6
"""As many links of a person as may be open at once: the latest."""


class Grant(NamedTuple):
    """What a link is for: whose photo, of which job and state of it."""

    person: int
    job: int
    since: int


def offer(
    tx: Tx,
    context: Context,
    reply: Reply,
    job: Mapping[str, Any],
    now: Instant,
) -> None:
    """Put the other ways into a prompt that waits for a photo, where a text cannot bring one."""
    person = reply.person
    if not reply.ask or reply.asks.get("waits") != "photo" or _carries(context, person):
        return
    values = dict(reply.ask.values)
    home = public_url(tx)
    if home:
        grant = Grant(person["id"], job["id"], job["since"])
        values["link"] = f"{home}{PATH}{_issue(tx, grant, now)}"
    reply.after = Part("photo_link.open" if home else "photo_link.mail", values)
    if "1" not in dict(reply.choices):
        reply.choices = (("1", MAILED), *reply.choices)
        reply.asks["choices"] = dict(reply.choices)


def word(turn: "Technician", job: Row, digit: str) -> str:
    """What a digit with the job's letter means beyond the step's own choices, "" for nothing."""
    photo = turn.context.engine.step(turn.talk(job)).photo
    return MAILED if digit == "1" and photo and not _carries(turn.context, turn.person) else ""


def told(turn: "Technician", job: Row, word: str, incoming: "Incoming") -> bool:
    """Whether this word said that the photo was mailed by hand; the job goes on as with a photo.

    Where several may be sent, `enough` without any of them is the same word.
    """
    if word not in (MAILED, _ALL_SENT) or _carries(turn.context, turn.person):
        return False
    step = turn.context.engine.step(turn.talk(job))
    if not step.photo:
        return False
    if word == _ALL_SENT and any(p["step"] == job["state"] for p in _of_job(turn.tx, job)):
        return False
    us = {"person_id": turn.person["id"], "job_id": job["id"], "channel": incoming.channel}
    photo = photos.announce(
        turn.tx, **us, step=job["state"], kind=step.photo, status=MAILED, source="{}",
        announced_at=turn.now, next_try_at=turn.now,
    )  # fmt: skip
    timeline.add(
        turn.tx, job=job["id"], person=turn.person["id"], at=turn.now, told_at=turn.now,
        event="photo_mailed_by_hand", step=job["state"], by=turn.person["name"],
        channel=incoming.channel, detail={"photo": photo},
    )  # fmt: skip
    who = (turn.person["name"], incoming.channel)
    turn.advance(job, SentPhoto(turn.now, turn.now, *who, photo, ""))
    fresh = jobs.get(turn.tx, job["id"])
    if word == _ALL_SENT and fresh is not None:
        turn.advance(fresh, Said(turn.now, turn.now, *who, word))
    return True


def opened(tx: Tx, token: str, now: Instant) -> Row | None:
    """The number (a row of addresses) whose photo a link takes; None for a wrong, a used and an
    old one alike, once the step is done, and where that number gets no more texts.

    `job_id` in it is the job that the link is for.
    """
    stored = kept.get(tx, _key(_hash(token)))
    if stored is None:
        return None
    document = json.loads(stored)
    grant = Grant(*document["grant"])
    job = jobs.get(tx, grant.job)
    stands = job is not None and job["since"] == grant.since and job["is_open"]
    if job is None or not _is_of(job, grant.person) or not stands or now >= document["ends"]:
        return None
    numbers = (each for each in people.addresses(tx, grant.person) if each["channel"] == "sms")
    able = (each for each in numbers if each["state"] != "opted_out")
    return next((dict(each) | {"job_id": grant.job} for each in able), None)


def use(tx: Tx, token: str, now: Instant) -> Row | None:
    """The same, and the link is used up."""
    number = opened(tx, token, now)
    if number is not None:
        kept.drop(tx, _key(_hash(token)))
    return number


def _issue(tx: Tx, grant: Grant, now: Instant) -> str:
    token = b32encode(secrets.token_bytes(15)).decode().lower()
    mine = f"uploads_of:{grant.person}"
    known: list[str] = json.loads(kept.get(tx, mine) or "[]")
    for old in known[: len(known) + 1 - _OPEN]:
        kept.drop(tx, _key(old))
    fresh = [*known[-(_OPEN - 1) :], _hash(token)]
    kept.put(tx, mine, json.dumps(fresh))
    kept.put(tx, _key(fresh[-1]), json.dumps({"grant": list(grant), "ends": now + VALID_FOR}))
    return token


def _is_of(job: Row, person: int) -> bool:
    """Whether this person works there still: a job that was given to another is not theirs (S3)."""
    return person == job["technician_id"] or str(person) in job["helpers"].split(";")


def _carries(context: Context, person: Mapping[str, Any]) -> bool:
    """Whether a photo can come the way this person writes."""
    if person["channel"] != "sms":
        return True
    return context.takes_photos(person["program"], person["address"])


def _of_job(tx: Tx, job: Row) -> list[Row]:
    return [*photos.of_job(tx, job["id"]), *photos.mailed(tx, job["id"])]


def _key(digest: str) -> str:
    return f"upload:{digest}"


def _hash(token: str) -> str:
    return hashlib.sha256(f"upload:{token.lower()}".encode()).hexdigest()
