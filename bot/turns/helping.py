"""Who helps on a job sees it: on their sheet, in TODAY and WHERE, and when it changes (contract
section 2). The lead moves it."""

from typing import TYPE_CHECKING

from bot import days
from bot.context import Context
from bot.speech.phones import phone_of
from bot.turns.carry_out import values_of
from bot.turns.reply import Reply, send
from flows.facts import Instant
from flows.talk import Talk
from storage import people
from storage.db import Row, Tx

if TYPE_CHECKING:
    from bot.turns.technician import Technician


def values(tx: Tx, context: Context, job: Row, reader: Row, now: Instant) -> dict[str, str]:
    """What a text to a helper names: the job, who leads it, and their phone."""
    lead = people.get(tx, job["technician_id"]) if job["technician_id"] else None
    talk, sms = Talk.from_json(job["talk"]), reader["channel"] == "sms"
    said = values_of(tx, context, job, lead, talk, now, sms=sms)
    return {
        **said,
        "lead": said["technician"] if lead else "",
        "lead_phone": phone_of(lead),
    }


def tell(turn: "Technician", key: str = "help.line", day: str = "") -> bool:
    """Say each job on which this technician helps; False where there is none."""
    found = days.helped(turn.tx, turn.person["id"], day or turn.today)
    for job in found:
        turn.reply.say(key, values(turn.tx, turn.context, job, turn.person, turn.now))
    return bool(found)


def tell_leads(turn: "Technician", helped: list[Row], key: str) -> None:
    """Whoever leads these jobs hears that this technician, who helps there, is out or back."""
    for job in helped:
        lead = people.get(turn.tx, job["technician_id"]) if job["technician_id"] else None
        if lead is None or lead["out_on"] == turn.today:
            continue
        reply = Reply(lead, kind="prompt", job=job["id"], prefix=job["letter"])
        said = values(turn.tx, turn.context, job, lead, turn.now)
        reply.say(key, said | {"helper": turn.person["name"]})
        send(turn.tx, reply, turn.context.wording, turn.now)


def tell_change(  # noqa: PLR0913 - by name
    tx: Tx,
    context: Context,
    reply: Reply,
    *,
    job: Row,
    was: bool,
    what: str,
    now: Instant,
) -> None:
    """One helper hears that they help, help no more, or what changed about the job."""
    helps = job["is_open"] and reply.person["id"] in days.helpers_of(job)
    key = "help.new" if helps and not was else "help.changed" if helps else "help.over"
    said = values(tx, context, job, reply.person, now) | {"what": what}
    reply.say(key, said)
