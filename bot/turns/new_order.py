"""NEW: a request that reached the technician in the client's own app becomes a job here (M02).

Order, time and place are taken from one text or asked for one at a time; the place is an address.
"""

from typing import TYPE_CHECKING, Any

from bot import days
from bot.clock import to_datetime, to_instant
from bot.incoming import Incoming
from bot.speech.wording import Part
from bot.turns.rescheduling import free_letter
from flows.facts import HOUR, Facts, Instant
from flows.moments import opening
from flows.shape import Program
from storage import jobs, timeline, timers
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician

LONGEST_ORDER, LONGEST_PLACE = 40, 200
LASTS = HOUR
"""A request names a time, not a window: it is open for an hour from then on."""


def hear(turn: "Technician", text: str, have: dict[str, Any], channel: str) -> None:
    """Take what `text` tells of the request; ask for what is missing, or open the job."""
    program = _program(turn)
    if program is None:
        turn.say_where("new.not_here")
        return
    have = _told(turn, program, text, dict(have))
    missing = next((name for name in ("order", "when", "place") if name not in have), "")
    if missing:
        turn.reply.ask = Part(f"new.{missing}", {"program": program.name})
        turn.reply.choices = (("0", "never_mind"),)
        turn.reply.asks = {
            "kind": "new", "have": have, "choices": {"0": "never_mind"}, "waits": "text",
            "key": f"new.{missing}",
        }  # fmt: skip
    elif jobs.order(turn.tx, have["order"], program.name) is not None:
        turn.say_where("new.known", {"order": have["order"]})
    else:
        turn.ask(_open(turn, program, have, channel))


def answer(turn: "Technician", word: str, incoming: Incoming, have: dict[str, Any]) -> None:
    """What was asked for is told, or called off."""
    if word == "never_mind":
        turn.say_where("new.never_mind")
    else:
        hear(turn, incoming.text, have, incoming.channel)


def _program(turn: "Technician") -> Program | None:
    """Whose requests this technician takes: their own program's, or one that they worked for."""
    for name, program in turn.context.programs.items():
        mine = name == turn.person["program"] or jobs.any_of(turn.tx, turn.person["id"], name)
        if program.before and mine:
            return program
    return None


def _told(turn: "Technician", program: Program, text: str, have: dict[str, Any]) -> dict[str, Any]:
    """What is known by now: a text is read as order, time, place, as far as each is missing."""
    rest = " ".join(text.split())
    if "order" not in have and rest:
        first, _, after = rest.partition(" ")
        if any(sign.isdigit() for sign in first) and len(first) <= LONGEST_ORDER:
            have["order"], rest = first.strip("#,;:"), after
    if "order" in have and "when" not in have and rest:
        zone = days.zone_of(_zone(turn, program))
        found = opening(
            rest, now=to_datetime(turn.now), zone=zone, day_first=program.day_first
        )  # fmt: skip
        if found is not None:
            have["when"], rest = to_instant(found[0].at), found[1]
        else:
            rest = ""
    if "when" in have and "place" not in have and rest:
        have["place"] = rest[:LONGEST_PLACE]
    return have


def _zone(turn: "Technician", program: Program) -> str:
    return program.zone if program.one_zone else str(turn.person["timezone"])


def _open(turn: "Technician", program: Program, have: dict[str, Any], channel: str) -> Row:
    """The order and its first visit, which stands at the first step of its program's line."""
    tx, now, person = turn.tx, turn.now, turn.person
    zone, start = _zone(turn, program), int(have["when"])
    day = days.local_day(start, days.zone_of(zone)).isoformat()
    begins, ends = days.day_span(start, start + LASTS, None, days.zone_of(zone))
    facts = Facts(start, start + LASTS, start, begins, ends, None, person["app"])
    order = tx.insert(
        "work_orders", number=have["order"], program=program.name, street=have["place"],
        timezone=zone, created_at=now,
    )  # fmt: skip
    talk = turn.context.engine.begin(program.name, facts, now).talk
    job = tx.insert(
        "jobs", work_order_id=order, technician_id=person["id"], day=day,
        letter=free_letter(tx, person["id"], day), window_start=start, window_end=start + LASTS,
        day_start=begins, day_end=ends, talk=talk.to_json(), state=talk.state, under=talk.under,
        created_at=now, changed_at=now,
    )  # fmt: skip
    stands = turn.context.engine.standing(talk, facts)
    timers.set_for_job(tx, job, [(name, each.due, each.late) for name, each in stands.items()])
    timeline.add(
        tx, job=job, at=now, told_at=now, event="new", step=talk.state, by=person["name"],
        channel=channel,
    )  # fmt: skip
    _plan(turn, day, now)
    turn.jobs = jobs.open_of(tx, person["id"], turn.until())
    return next(each for each in turn.jobs if each["id"] == job)


def _plan(turn: "Technician", day: str, now: Instant) -> None:
    """The day's sheets and flags follow; a sheet of today would only say what was just told."""
    person = turn.person["id"]
    if day <= turn.today:
        days.sheet_is_sent(turn.tx, person, f"sheet_morning {day}")
    days.replan_day(turn.tx, person, day, now)
