"""A visit that gets another appointment while it is under way: its window, its day, its letter."""

from string import ascii_uppercase

from bot import days
from flows.facts import Facts, Instant
from storage import jobs
from storage.db import Row, Tx


def reschedule(tx: Tx, job: Row, facts: Facts, now: Instant) -> tuple[Row, Facts]:
    """Store the appointment that `facts` hold; the job's row and its facts as they are then.

    The sheets and flags of both days follow (M05).
    """
    zone = days.zone_of(job["timezone"])
    day = days.local_day(facts.window_start, zone).isoformat()
    begins, ends = days.day_span(facts.window_start, facts.window_end, None, zone)
    changes = {
        "window_start": facts.window_start, "window_end": facts.window_end, "day": day,
        "day_start": begins, "day_end": ends,
    }  # fmt: skip
    technician = job["technician_id"]
    if day != job["day"] and technician is not None:
        changes["letter"] = free_letter(tx, technician, day, but=job["id"])
    tx.update("jobs", job["id"], **changes)
    if technician is not None:
        for each in sorted({day, job["day"]}):
            days.plan_day(tx, technician, each, jobs.of_day(tx, technician, each), now)
    fresh = dict(job) | changes
    return fresh, days.facts_of(fresh | {"planned_arrival": facts.planned_arrival})


def free_letter(tx: Tx, technician: int, day: str, *, but: int = 0) -> str:
    """The first letter that no visit of that day has, nor any other open one of this technician."""
    used = {job["letter"] for job in jobs.of_day(tx, technician, day) if job["id"] != but}
    used |= {job["letter"] for job in jobs.open_of(tx, technician, day) if job["id"] != but}
    return next((letter for letter in ascii_uppercase if letter not in used), "Z")
