"""Another appointment as a technician types it, on whatever day (M05)."""

from typing import TYPE_CHECKING

from bot import days
from bot.clock import to_datetime, to_instant
from bot.turns import unclear
from flows.events import ToldTime
from flows.moments import read_moment
from flows.times import Ambiguous, At
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician


def hear(turn: "Technician", job: Row, text: str, channel: str) -> None:
    """The day and the time where the step asks for them; what is over is no appointment."""
    found = read_moment(
        text,
        now=to_datetime(turn.now),
        zone=days.zone_of(job["timezone"]),
        day_first=turn.context.programs[job["program"]].day_first,
    )
    turn.either = found.options if isinstance(found, Ambiguous) else None
    if not isinstance(found, At):
        unclear.unread(turn, job, text)
        return
    when = to_instant(found.at)
    if when <= turn.now:
        turn.reply.say("plan.past", turn.values(job) | {"time": text[:40]})
        turn.ask(job)
    else:
        turn.advance(job, ToldTime(turn.now, turn.now, turn.person["name"], channel, when))
