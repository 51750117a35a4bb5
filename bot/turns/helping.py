"""Who helps on a job sees it: on their sheet, in TODAY and WHERE, and when it changes (contract
section 2). The lead moves it."""

from typing import TYPE_CHECKING

from bot import days
from bot.context import Context
from bot.speech.phones import phone_of
from bot.turns.carry_out import values_of
from bot.turns.reply import Reply, send
from flows.events import SentPhoto
from flows.facts import Instant
from flows.talk import Talk
from storage import jobs, people
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


def photographed(turn: "Technician", own: Row | None) -> Row | None:
    """The job that a picture shows which this technician helps on: somebody is at work there, and
    they are not at `own`."""
    if own is not None and not turn.context.not_begun(own):
        return None
    found = days.helped(turn.tx, turn.person["id"], turn.today)
    begun = [job for job in found if not turn.context.not_begun(job)]
    return next(iter(begun or ([] if own is not None else found)), None)


def photo(turn: "Technician", job: Row, photo: Row) -> None:
    """A helper's photo is evidence of the job (P7); its lead is offered it where one is waited
    for."""
    lead = people.locked(turn.tx, job["technician_id"]) if job["technician_id"] else None
    fresh = jobs.get(turn.tx, job["id"])
    if lead is None or fresh is None:
        turn.say_where("nothing_open")
        return
    led = type(turn)(turn.tx, turn.context, lead, turn.now)
    by, channel = turn.person["name"], photo["channel"]
    led.advance(
        fresh,
        SentPhoto(turn.now, turn.now, by, channel, photo["id"], photo["album"], offered=True),
    )
    if led.reply.empty:
        return  # a further one of an album
    turn.reply.say("help.photo_kept", values(turn.tx, turn.context, fresh, turn.person, turn.now))
    if turn.context.engine.step(Talk.from_json(fresh["talk"])).photo:
        now_at = jobs.get(turn.tx, fresh["id"]) or fresh
        led.reply.parts.clear()
        led.reply.say("help.photo", led.values(now_at) | {"helper": by})
        led.ask(now_at)
        led.finish()


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
