"""A request that came in a client's own app becomes a job: one door, whoever notes it (M02)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot import days
from bot.context import Context
from bot.turns.rescheduling import free_letter
from flows.facts import HOUR, Facts, Instant
from flows.shape import Program
from storage import timeline, timers
from storage.db import Row, Tx

LONGEST_ORDER, LONGEST_PLACE = 40, 200
LASTS = HOUR
"""A request names a time, not a window: it is open for an hour from then on."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of it: the order's number, when, and the order's other columns (its place)."""

    program: Program
    number: str
    start: Instant
    order: Mapping[str, str] = field(default_factory=dict)
    accepted: bool = False
    """Whether the first of the steps before the visit is done: it was accepted already."""

    @property
    def end(self) -> Instant:
        """When its window ends."""
        return self.start + LASTS


def read_order(typed: str) -> str:
    """An order's number as typed, one word with a digit in it; "" where it is none."""
    number = typed.strip().strip("#,;:")
    is_one = any(sign.isdigit() for sign in number) and not any(map(str.isspace, number))
    return number if is_one and len(number) <= LONGEST_ORDER else ""


def zone_of(program: Program, technician: Row) -> str:
    """The time zone of its place: the program's only one, else the technician's."""
    return program.zone if program.one_zone else str(technician["timezone"])


def take(  # noqa: PLR0913 - by name
    tx: Tx, context: Context, request: Request, technician: Row, now: Instant, *, by: str,
    channel: str,
) -> int:  # fmt: skip
    """The order and its first visit, which stands at the first step that is to be done; its id.

    The caller has looked that no such order is known.
    """
    program, start, end = request.program, request.start, request.end
    zone = zone_of(program, technician)
    day = days.local_day(start, days.zone_of(zone)).isoformat()
    begins, ends = days.day_span(start, end, None, days.zone_of(zone))
    facts = Facts(start, end, start, begins, ends, None, technician["app"])
    order = tx.insert(
        "work_orders", **request.order, number=request.number, program=program.name,
        timezone=zone, created_at=now,
    )  # fmt: skip
    done = dict.fromkeys(program.before[:1] if request.accepted else (), now)
    talk = context.engine.begin(program.name, facts, now, done).talk
    job = tx.insert(
        "jobs", work_order_id=order, technician_id=technician["id"], day=day,
        letter=free_letter(tx, technician["id"], day), window_start=start, window_end=end,
        day_start=begins, day_end=ends, talk=talk.to_json(), state=talk.state, under=talk.under,
        created_at=now, changed_at=now,
    )  # fmt: skip
    stands = context.engine.standing(talk, facts)
    timers.set_for_job(tx, job, [(name, each.due, each.late) for name, each in stands.items()])
    timeline.add(
        tx, job=job, at=now, told_at=now, event="new", step=talk.state, by=by, channel=channel
    )
    _plan(tx, technician, day, now)
    return job


def _plan(tx: Tx, technician: Row, day: str, now: Instant) -> None:
    """The day's sheets and flags follow; a sheet of today would only say what was just told."""
    today = days.local_day(now, days.zone_of(technician["timezone"])).isoformat()
    if day <= today:
        days.sheet_is_sent(tx, technician["id"], f"sheet_morning {day}")
    days.replan_day(tx, technician["id"], day, now)
