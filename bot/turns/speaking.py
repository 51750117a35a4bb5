"""Whoever speaks is silent no more, whatever they say: its clock runs anew, its alert is over."""

from typing import TYPE_CHECKING

from bot import days
from bot.turns import alerts
from bot.turns.carry_out import carry_out
from flows.events import Spoke
from flows.facts import MINUTE, Instant
from storage import jobs

if TYPE_CHECKING:
    from bot.turns.technician import Technician

_SOONEST = 30 * MINUTE
"""No silence is told to the managers before."""
_OLD = 15 * MINUTE


def spoke(turn: "Technician", channel: str, sent_at: Instant) -> None:
    """The turn was the technician's own words or picture: WHERE and MANAGER break a silence too.

    What was sent long ago and found now says nothing of the present.
    """
    if turn.now - sent_at > _OLD:
        return
    for before in turn.todays:
        heard = turn.talk(before).marks.get("heard")
        if heard is not None and turn.now - heard >= _SOONEST:
            alerts.close(turn.tx, before["id"], ("silent",))
    held, engine = turn.in_hand(), turn.context.engine
    if held is None or held["id"] in turn.advanced:  # what moved it was heard as such
        return
    if not engine.minds_silence(turn.talk(held)):
        return
    job = jobs.get(turn.tx, held["id"])  # as this turn has left it
    if job is None or not job["is_open"]:
        return
    talk = turn.talk(job)
    event = Spoke(turn.now, turn.now, turn.person["name"], channel)
    result = engine.advance(talk, event, days.facts_of(job, turn.person["app"]))
    if result.heard:
        carry_out(turn.tx, turn.context, job, turn.person, talk, result, event, turn.reply)
