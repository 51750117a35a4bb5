"""A day of visits as a manager looks at it: whose they are, when, and how each one stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot import days
from bot.context import Context
from bot.speech.called import state_words
from bot.speech.naming import window_words
from flows.facts import HOUR, MINUTE, Instant
from flows.shape import Step
from flows.talk import Talk
from storage import desk
from storage.db import Row, Tx

Look = Literal["ahead", "late", "working", "done", "left_open", "off"]
"""Still to come; not there though it should be; at the door; reported; left open; taken off."""
GRACE = 10 * MINUTE
"""So long after the planned arrival nobody is late yet (contract section 6)."""
_NOT_DONE = {"issue", "missed", "late", "mistake", "no_photo", "still_there"}
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


def walked(context: Context, job: Row, history: Sequence[Row]) -> list[tuple[int, str, str]]:
    """(number, step, done | passed | now | ahead) of the program's printed line.

    `history` is the job's timeline; passed: over without having been done.
    """
    line = context.programs[job["program"]].line
    told = {(row["step"], row["event"]) for row in history}
    done = {step.name for step in line.steps if any((step.name, w) in told for w in _forward(step))}
    main = job["under"] or job["state"]
    names = [(step.number, step.name) for step in line.steps if step.number]
    place = next((number for number, name in names if name == main), 0 if job["is_open"] else 99)
    made = []
    for number, name in names:
        how = "ahead" if number > place else "done" if name in done else "passed"
        made.append((number, name, "now" if name == main else how))
    return made


def _forward(step: Step) -> set[str]:
    """What is told of a step that was done: its answers but a problem, or the photo it asks for."""
    return {*step.choices.values(), *(["photo"] if step.photo else [])} - _NOT_DONE


def team_of(tx: Tx, manager: int, now: Instant) -> frozenset[int]:
    """Whose DM or DC this is, or stands in for while that manager is away (S3)."""
    away = [row["id"] for row in desk.stands_in_for(tx, manager) if days.is_absent(row, now)]
    return desk.team_of(tx, [manager, *away])


def sees_all(manager: Row) -> bool:
    """Whether everybody's day is theirs: the office and operators (S3)."""
    return not {"office", "operator"}.isdisjoint(manager["roles"].split(";"))


def read_day(tx: Tx, context: Context, manager: Row, day: str, now: Instant) -> Day:
    """The day (ISO date) of the technicians whose DM or DC this is; of all for the office and
    operators (S3)."""
    team = None if sees_all(manager) else team_of(tx, manager["id"], now)
    rows = desk.jobs_on(tx, day, team)
    names = desk.named(tx, {row["technician_id"] or 0 for row in rows})
    seen = [_visit(context, row, names.get(row["technician_id"]), now) for row in rows]
    visits = tuple(sorted(seen, key=lambda visit: (visit.technician, visit.start, visit.due)))
    end = max((row["day_end"] for row in rows), default=now)
    return Day(day, manager["timezone"], visits, end)


def look_of(context: Context, job: Row, now: Instant) -> Look:
    """How a visit looks at that instant."""
    if not job["is_open"]:
        return _ENDS.get(job["state"], "off")
    if not context.not_begun(job):
        return "working"
    return "late" if now > min(days.planned_arrival(job) + GRACE, job["window_end"]) else "ahead"


def stands_since(job: Row, now: Instant) -> Instant:
    """When the job came to where it stands, as far as its marks tell."""
    marks = Talk.from_json(job["talk"]).marks
    moments = [at for mark, at in marks.items() if mark != "heard" and at <= now]
    return max(moments, default=int(job["day_start"]))


def _visit(context: Context, job: Row, technician: Row | None, now: Instant) -> Visit:
    marks = Talk.from_json(job["talk"]).marks
    came = marks.get("arrive") or marks.get("start")
    due, look = days.planned_arrival(job), look_of(context, job, now)
    plans = context.programs[job["program"]].plans
    return Visit(
        job["id"],
        job["program"],
        job["letter"],
        technician["name"] if technician else "nobody",
        job["customer"],
        job["window_start"],
        job["window_end"],
        due,
        bool(plans and job["is_open"]) and job["planned_arrival"] is None and look == "ahead",
        came,
        marks.get("report") or (job["changed_at"] if came and not job["is_open"] else None),
        look,
        state_words(job["state"]),
    )


def span(milliseconds: int) -> str:
    """How long: 25 min, 2 h 05."""
    minutes = max(0, milliseconds) // MINUTE
    if minutes < 60:
        return f"{minutes} min"
    if milliseconds < 48 * HOUR:
        return f"{minutes // 60} h {minutes % 60:02d}"
    return f"{milliseconds // (24 * HOUR)} days"


def short_window(start: Instant, end: Instant, zone: str) -> str:
    """A window as short as can be: "8-11", "8:30-11"."""
    return window_words(start, end, zone, sms=True).replace(":00", "")
