"""NEW: a technician notes a request that came in the client's own app (M02).

Order, time and place are taken from one text or asked for one at a time; the place is an address.
"""

from typing import TYPE_CHECKING, Any

from bot import days
from bot.clock import to_datetime, to_instant
from bot.incoming import Incoming
from bot.speech.wording import Part
from bot.turns import requests
from bot.turns.requests import LASTS, LONGEST_PLACE, Request, read_order, zone_of
from flows.moments import opening
from flows.shape import Program
from storage import jobs
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician


_FILLERS = frozenset(
    {"job", "order", "request", "service", "number", "no", "nr", "is", "it", "the"}
)
"""What people write before the number: "new job 8842"."""


def hear(turn: "Technician", text: str, have: dict[str, Any], channel: str) -> None:
    """Take what `text` tells of the request; ask for what is missing, or open the job."""
    program = _program(turn)
    if program is None:
        turn.say_where("new.not_here")
        return
    have = _told(turn, program, text, dict(have))
    if have.get("when", turn.now) + LASTS <= turn.now:
        turn.reply.say("new.over")
        have = {"order": have["order"]}
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
        if program.takes_requests and mine:
            return program
    return None


def _told(turn: "Technician", program: Program, text: str, have: dict[str, Any]) -> dict[str, Any]:
    """What is known by now: a text is read as order, time, place, as far as each is missing."""
    rest = " ".join(text.split())
    if "order" not in have and rest:
        first, _, after = rest.partition(" ")
        while first.lower().strip("#:,.") in _FILLERS and after:
            first, _, after = after.partition(" ")
        # A lone digit is a thumb that answers what stood there before.
        if (number := read_order(first)) and len(number) > 1:
            have["order"], rest = number, after
    if "order" in have and "when" not in have and rest:
        zone = days.zone_of(zone_of(program, turn.person))
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


def _open(turn: "Technician", program: Program, have: dict[str, Any], channel: str) -> Row:
    """The order and its first visit, in the technician's own name."""
    person = turn.person
    asked = Request(program, have["order"], int(have["when"]), {"street": have["place"]})
    job = requests.take(
        turn.tx, turn.context, asked, person, turn.now, by=person["name"], channel=channel
    )
    turn.jobs = jobs.open_of(turn.tx, person["id"], turn.until())
    return next(each for each in turn.jobs if each["id"] == job)
