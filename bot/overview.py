"""A day of visits as a manager looks at it: whose they are, when, and how each one stands."""

from dataclasses import dataclass
from typing import Literal

from bot.context import Context
from flows.facts import MINUTE, Instant
from flows.talk import Talk
from storage import jobs
from storage.db import Row, Tx

Look = Literal["ahead", "late", "working", "done", "left_open", "off"]
"""Still to come; not there though it should be; at the door; reported; left open; taken off."""
GRACE = 10 * MINUTE
"""So long after the planned arrival nobody is late yet (contract section 6)."""
_ENDS: dict[str, Look] = {"reported": "done", "left_open": "left_open"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: instants in milliseconds UTC, `where` the step in words."""

    job: int
    program: str
    letter: str
    technician: str
    customer: str
    start: Instant
    end: Instant
    due: Instant
    """The planned arrival, else the window's start."""
    unplanned: bool
    came: Instant | None
    left: Instant | None
    look: Look
    where: str


@dataclass(frozen=True, slots=True)
class Day:
    """The visits of one date, by technician and time; `end` is when the last of them has to be
    over."""

    day: str
    timezone: str
    visits: tuple[Visit, ...]
    end: Instant

    def counted(self, look: Look) -> int:
        """How many look so."""
        return sum(visit.look == look for visit in self.visits)


def read_day(tx: Tx, context: Context, manager: Row, day: str, now: Instant) -> Day:
    """The day (ISO date) of the technicians whose DM or DC this is; of all for the office (S3)."""
    whole = "office" in manager["roles"].split(";")
    rows = jobs.of_managers_day(tx, None if whole else manager["id"], day)
    visits = tuple(_visit(context, row, now) for row in rows)
    end = max((row["day_end"] for row in rows), default=now)
    return Day(day, manager["timezone"], visits, end)


def _visit(context: Context, job: Row, now: Instant) -> Visit:
    marks = Talk.from_json(job["talk"]).marks
    came = marks.get("arrive") or marks.get("start")
    due = job["planned_arrival"] or job["window_start"]
    if not job["is_open"]:
        look: Look = _ENDS.get(job["state"], "off")
    elif not context.not_begun(job):
        look = "working"
    else:
        look = "late" if now > min(due + GRACE, job["window_end"]) else "ahead"
    return Visit(
        job["id"],
        job["program"],
        job["letter"],
        job["technician_name"] or "nobody",
        job["customer"],
        job["window_start"],
        job["window_end"],
        due,
        bool(job["is_open"]) and job["planned_arrival"] is None and look == "ahead",
        came,
        marks.get("report") or (job["changed_at"] if came and not job["is_open"] else None),
        look,
        _words(job["state"]),
    )


def _words(state: str) -> str:
    """A state's name for people: `no_show.waiting` is "no show: waiting"."""
    plain = state.replace(".", ": ").replace("_", " ")
    return {"eta": "ETA", "ivr in": "IVR in", "ivr out": "IVR out"}.get(plain, plain)
