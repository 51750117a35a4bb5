"""What a manager does for a technician without moving the job: a message, the prompt once more,
quiet while they are on the phone together."""

from bot import days
from bot.clock import to_datetime, to_instant
from bot.context import Context
from bot.operator.who import Refused
from bot.turns.reply import Reply, send
from bot.turns.technician import Technician
from flows.facts import HOUR, Instant
from flows.times import At, read_time
from storage import desk, jobs, people, timeline, timers
from storage.db import Row, Tx

LONGEST_MESSAGE = 300
"""Characters: two texts."""
LONGEST_HOLD = 4 * HOUR


def tell(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, job: Row, text: str, now: Instant, by: str, channel: str
) -> Row:  # fmt: skip
    """A message to the job's technician, in the manager's name; Refused where it cannot leave."""
    said = " ".join(text.split())
    if not said:
        raise Refused("Write what the technician should read.")
    if len(said) > LONGEST_MESSAGE:
        raise Refused(f"That has {len(said)} characters: {LONGEST_MESSAGE} fit, so shorten it.")
    technician = _technician(tx, job)
    reply = Reply(technician, job=job["id"], prefix=job["letter"])
    reply.say("managers_word", {"manager": by, "text": said})
    _leave(send(tx, reply, context.wording, now), technician)
    _note(tx, job, "managers_word", now, by, channel, text=said)
    return technician


def give(  # noqa: PLR0913 - by name
    tx: Tx, context: Context, job: Row, technician: Row, now: Instant, by: str, *, accepted: bool
) -> bool:  # fmt: skip
    """Tell a technician of a job that a manager noted for them: its first prompt, or, where it is
    accepted already, what a manifest's job is told by. False where no phone is known."""
    seat = Technician(tx, context, technician, now, kind="prompt")
    if accepted:
        seat.reply.say("job.new", seat.values(job))
        seat.reply.job = job["id"]
    else:
        seat.reply.say("new.given", {"manager": by})
        seat.ask(job)
    zone = days.zone_of(technician["timezone"])
    due = days.after_quiet(now, zone)
    return send(tx, seat.reply, context.wording, now, due_at=due) is not None


def ask_again(
    tx: Tx, context: Context, job: Row, now: Instant, by: str, channel: str
) -> Row:  # fmt: skip
    """The job's standing prompt once more, on whichever phone the technician uses now."""
    technician = _technician(tx, job)
    job = jobs.get(tx, job["id"]) or job
    if not job["is_open"]:
        raise Refused(f"{job['number']} has ended: nothing is asked any more.")
    if job["state"] == "planned":
        raise Refused(f"{job['number']} has not begun: its day sheet is what was sent.")
    seat = Technician(tx, context, technician, now, kind="prompt")
    seat.ask(job)
    _leave(send(tx, seat.reply, context.wording, now), technician)
    _note(tx, job, "asked_again", now, by, channel)
    return technician


def hold(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, job: Row, until: str, now: Instant, by: str, channel: str
) -> Instant:  # fmt: skip
    """No nudge and no alert of the job's own line before then; the clocks of a case run on.

    `until` is a time as people type it, at most four hours ahead. A nudge that stands after the
    technician's next answer is as usual again.
    """
    zone = days.zone_of(job["timezone"])
    found = read_time(until, now=to_datetime(now), zone=zone, past=False)
    if found is None:
        raise Refused(f'"{until}" is no time: write it like 10:45, or 20 min.')
    at = to_instant(found.at if isinstance(found, At) else found.options[0])
    if not now < at <= now + LONGEST_HOLD:
        raise Refused(f"Reminders can be held for up to {LONGEST_HOLD // HOUR} hours.")
    line, begins = job["program"], f"{job['program']}.day"
    names = [
        row["name"] for row in timers.of_job(tx, job["id"])
        if row["name"].startswith(f"{line}.") and row["name"] != begins
    ]  # fmt: skip
    if not desk.put_off(tx, job["id"], names, at):
        raise Refused("No reminder of this job would come before then.")
    _note(tx, job, "reminders_held", now, by, channel, until=at)
    return at


def _technician(tx: Tx, job: Row) -> Row:
    person = people.locked(tx, job["technician_id"]) if job["technician_id"] else None
    if person is None:
        raise Refused(f"{job['number']} is nobody's: give it to somebody first.")
    return person


def _leave(row: int | None, technician: Row) -> None:
    if row is None:
        raise Refused(f"{technician['name']} cannot be reached: they have no phone here.")


def _note(
    tx: Tx, job: Row, event: str, now: Instant, by: str, channel: str, **detail: object
) -> None:  # fmt: skip
    timeline.add(
        tx, job=job["id"], person=job["technician_id"], at=now, told_at=now, event=event,
        step=job["state"], by=by, channel=channel, detail=detail,
    )  # fmt: skip
