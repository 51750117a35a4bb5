"""A time where a job's step asks for one: of something that was done, or when it will be done."""

import re
from typing import TYPE_CHECKING

from bot import days
from bot.turns import alerts, unclear
from flows.events import ToldTime
from flows.facts import MINUTE, Instant
from flows.talk import Talk
from flows.times import is_span
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician


def hear(turn: "Technician", job: Row, text: str, channel: str) -> None:
    """Let it happen at that time, or ask again."""
    talk = turn.talk(job)
    when = _meant(turn, job, talk, text)
    if when is not None and talk.untold:
        if when > turn.now + MINUTE:
            turn.reply.say("time.future", {"time": alerts.when(when, job["timezone"])})
            turn.ask(job)
            return
        if unclear.too_early(turn, job, when):
            return
    us = (turn.now, turn.now, turn.person["name"], channel)
    if when is None or not turn.advance(job, ToldTime(*us, when)):
        unclear.unread(turn, job, text)


def _meant(turn: "Technician", job: Row, talk: Talk, text: str) -> Instant | None:
    when = turn.read(text, job, past=bool(talk.untold))
    if when is None:
        return None
    digit = re.fullmatch(r"\d", text)
    if talk.state == "late.when":
        planned = days.planned_arrival(job)
        if when < planned and is_span(text):
            when = planned + when - turn.now  # so much later than planned: sooner is not late
        # A stray digit is no new time unless it lies inside the window.
        return when if not digit or job["window_start"] <= when <= job["window_end"] else None
    # Nor is one the hour of something done, before the day of the job began.
    return None if digit and talk.untold and when < job["day_start"] else when
