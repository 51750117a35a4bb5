"""A photo that shows too little is asked for once more; an earlier job's is told to the managers.

Where a step waits for a photo, a dark, blurred or small one is kept on the job and the technician
is asked for a better one, once a step: the next picture is taken whatever it is, and so is the
doubtful one on a word. The rules hear of the one that was taken. Selfies are neither measured nor
compared (S8); of several pictures sent at once one will show it, so an album is taken as it comes.
"""

import json
from typing import TYPE_CHECKING, Any

from bot.pictures.photo_quality import ALIKE, THE_SAME, Quality, distance
from bot.speech.naming import day_words
from bot.speech.wording import Part
from bot.turns import alerts, by_link, helping
from flows.events import SentPhoto
from storage import jobs, photos, timeline
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician

KEEP = "keep"
"""The word that takes a doubtful photo after all."""
SELFIE = "selfie"


def came(turn: "Technician", photo: Row, quality: Quality | None) -> None:
    """A stored photo: evidence for the job in hand, or for the one that waits for it."""
    engine = turn.context.engine
    waiting = [job for job in turn.todays if engine.step(turn.talk(job)).photo]
    held, meant = turn.in_hand(), json.loads(photo["source"]).get(by_link.JOB)
    job = held if held in waiting or not waiting else waiting[0]
    job = next((each for each in waiting if each["id"] == meant), job)
    helped = None if waiting else helping.photographed(turn, job)
    if helped is not None:
        helping.photo(turn, helped, photo)
    elif job is None:
        turn.say_where("nothing_open")
    else:
        receive(turn, job, photo, quality)


def receive(turn: "Technician", job: Row, photo: Row, quality: Quality | None) -> None:
    """A stored photo for this job: evidence at once, or a better one is asked for."""
    talk = turn.talk(job)
    kind, album = turn.context.engine.step(talk).photo, photo["album"]
    shows_little = quality is not None and bool(quality.flaws) and not album
    if kind not in ("", SELFIE) and shows_little and not _asked(turn, job):
        _remember(turn, photo, quality)
        here = {"job_id": job["id"], "step": job["state"], "asked_again": job["since"]}
        photos.change(turn.tx, photo["id"], **here)
        ask(turn, job)
        return
    turn.advance(job, _sent(turn, photo, turn.now))
    taken = photos.get(turn.tx, photo["id"])
    if taken is None or taken["kind"] == SELFIE:
        return
    _remember(turn, photo, quality)
    if kind or (album and album == talk.album):
        tell_reuse(turn, job, photo["id"])


def ask(turn: "Technician", job: Row) -> bool:
    """Put the question for a better photo into the reply, if that is what the job waits for."""
    talk = turn.talk(job)
    if not turn.context.engine.step(talk).photo:
        return False
    photo = photos.doubtful(turn.tx, job["id"], job["since"])
    if photo is None:
        return False
    key = f"photo_again.{photo['flaws'].partition(';')[0]}"
    reply = turn.reply
    reply.ask = Part(key, turn.values(job))
    reply.choices = (("1", KEEP),)
    reply.buttons = {KEEP: f"{job['id']}:{job['since']}:{KEEP}"}
    reply.job, reply.prefix, reply.number = job["id"], job["letter"], ""
    # What the step itself offers is still understood, though not shown again.
    reply.asks = {
        "kind": "photo_again", "job": job["id"], "since": job["since"], "photo": photo["id"],
        "choices": turn.context.engine.choices(talk) | {"1": KEEP}, "waits": "", "key": key,
    }  # fmt: skip
    return True


def keep(turn: "Technician", job: Row) -> None:
    """The doubtful photo is taken: it counts from when it came, which is when the clocks began."""
    photo = photos.doubtful(turn.tx, job["id"], job["since"])
    if photo is None:
        turn.stale(job)
        return
    turn.advance(job, _sent(turn, photo, photo["received_at"]))
    tell_reuse(turn, job, photo["id"])


def tell_reuse(turn: "Technician", job: Row, photo: int) -> None:
    """Tell the manager if a photo that was just taken is an earlier job's; severity 2."""
    row, fresh = photos.get(turn.tx, photo), jobs.get(turn.tx, job["id"])
    earlier = _earlier(turn, row) if row is not None else None
    before = jobs.get(turn.tx, earlier["job_id"]) if earlier is not None else None
    if row is None or fresh is None or earlier is None or before is None:
        return
    day = day_words(before["day"], before["timezone"])
    alerts.tell_managers(
        turn.tx,
        turn.context.wording,
        turn.now,
        kind="photo_reused",
        severity=2,
        technician=turn.person,
        values=turn.values(fresh) | {"what": f"{before['number']}, {day}"},
        job=fresh,
        since=fresh["since"],
    )
    timeline.add(
        turn.tx,
        job=job["id"],
        person=turn.person["id"],
        at=turn.now,
        told_at=turn.now,
        event="photo_reused",
        step=row["step"],
        by=turn.person["name"],
        channel=row["channel"],
        detail={"photo": photo, "as": earlier["id"], "job": before["id"]},
    )


def _asked(turn: "Technician", job: Row) -> bool:
    return photos.asked_at(turn.tx, job["id"], job["state"])


def _sent(turn: "Technician", photo: Row, at: int) -> SentPhoto:
    by, channel = turn.person["name"], photo["channel"]
    return SentPhoto(at, turn.now, by, channel, photo["id"], photo["album"])


def _remember(turn: "Technician", photo: Row, quality: Quality | None) -> None:
    if quality is None:
        return
    parts = [int(quality.dhash[place : place + 4], 16) for place in range(0, len(quality.dhash), 4)]
    dhash: dict[str, Any] = dict(zip(photos.DHASH, parts, strict=False))
    seen = {"flaws": ";".join(quality.flaws), "detail": quality.detail}
    photos.change(turn.tx, photo["id"], **seen, **dhash)


def _earlier(turn: "Technician", photo: Row) -> Row | None:
    """An older photo of another job with the same bytes, or else one that looks the same."""
    job, number = photo["job_id"], photo["id"]
    same = photos.copy_elsewhere(turn.tx, photo["sha256"], job, number)
    dhash = photos.dhash_of(photo)
    if same is not None or dhash is None:
        return same
    found = photos.alike_elsewhere(turn.tx, dhash, job, number)
    return next((each for each in found if _looks_the_same(photo, each)), None)


def _looks_the_same(one: Row, other: Row) -> bool:
    coarse = sum((one[name] ^ other[name]).bit_count() for name in photos.DHASH)
    return coarse <= ALIKE and distance(one["detail"], other["detail"]) <= THE_SAME
