"""A visit that gets another appointment while it is under way: its window, its day, its letter."""

from bot import days
from bot.context import Context
from flows.effects import Reschedule
from flows.engine import Turn
from flows.facts import Instant
from storage import jobs
from storage.db import Row, Tx


def rescheduled(tx: Tx, context: Context, job: Row, turn: Turn, now: Instant) -> Row:
    """The job's row with the appointment that the turn gave it, stored; as it was where it did not.

    The sheets and flags of both days follow, and the turn's reminders (M05).
    """
    if not any(isinstance(effect, Reschedule) for effect in turn.effects):
        return job
    facts = turn.facts
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
            days.replan_day(tx, technician, each, now)
    fresh = dict(job) | changes
    turn.facts = days.facts_of(fresh | {"planned_arrival": facts.planned_arrival}, facts.app)
    turn.stands = context.engine.standing(turn.talk, turn.facts)
    return fresh


def free_letter(tx: Tx, technician: int, day: str, *, but: int = 0) -> str:
    """The first letter that no visit of that day has, nor any other open one of this technician."""
    used = {job["letter"] for job in jobs.of_day(tx, technician, day) if job["id"] != but}
    used |= {job["letter"] for job in jobs.open_of(tx, technician, day) if job["id"] != but}
    return days.free_letter(used)
