"""NEW at the desk: a request from a client's own app becomes a technician's job (M02)."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from bot import days
from bot.desk import words
from bot.desk.acts import CHANNEL
from bot.desk.asking import Ask, Page, Went
from bot.desk.board import read_day
from bot.desk.forms import number_of
from bot.desk.rights import NotYours, in_team, technicians
from bot.operator import contact
from bot.operator.who import Refused
from bot.sheets.cells import Phone, read_phone
from bot.turns import requests
from bot.turns.requests import LONGEST_ORDER, LONGEST_PLACE, Request
from flows.facts import Instant
from flows.shape import Program
from storage import jobs, people
from storage.db import Row

_FARTHEST = timedelta(days=366)
_FIELDS = (
    "program", "order", "day", "time", "place", "technician", "customer", "phone", "product",
    "accepted",
)  # fmt: skip
_LONGEST = 80
"""Characters of a customer's name and of what is to be done."""


def ask_for(ask: Ask) -> Page:
    """The form."""
    return _page(ask, dict(ask.query))


def take(ask: Ask) -> Went | Page:
    """The request is its technician's job, who hears of it; else the form with what is wrong."""
    try:
        program, technician = _program(ask), _technician(ask)
        request = _request(ask, program, technician)
    except Refused as refused:
        return _page(ask, ask.form, str(refused), 422)
    context, by = ask.services.context, ask.visitor.name
    number = requests.take(
        ask.tx, context, request, technician, ask.now, by=by, channel=CHANNEL
    )  # fmt: skip
    job = jobs.get(ask.tx, number)
    told = job is not None and contact.give(
        ask.tx, context, job, technician, ask.now, by, accepted=request.accepted
    )
    heard = "is told" if told else "has no phone yet and is not told"
    return Went(f"/desk/jobs/{number}", f"{request.number} is noted; {technician['name']} {heard}.")


def _page(ask: Ask, typed: Mapping[str, str], wrong: str = "", status: int = 200) -> Page:
    programs = _programs(ask)
    first = next(iter(programs), None)
    who = ask.visitor.person
    zone = requests.zone_of(first, who) if first else who["timezone"]
    today = days.local_day(ask.now, days.zone_of(zone)).isoformat()
    values: dict[str, Any] = {
        "here": "board", "programs": programs, "technicians": _technicians(ask),
        "typed": {name: typed.get(name, "") for name in _FIELDS},
        "today": today, "longest": _LONGEST, "longest_order": LONGEST_ORDER,
        "longest_place": LONGEST_PLACE,
        "firsts": [(each.name, words.state(each.before[0]))
                   for each in programs],
    }  # fmt: skip
    return Page("new_job.html", values | ({"wrong": wrong} if wrong else {}), status)


def _programs(ask: Ask) -> Sequence[Program]:
    return [each for each in ask.services.context.programs.values() if each.takes_requests]


def _technicians(ask: Ask) -> Sequence[Row]:
    """Whom the visitor may give jobs to, those of a program with requests first."""
    names = {each.name for each in _programs(ask)}
    mine = technicians(ask.tx, ask.visitor)
    return sorted(mine, key=lambda row: (row["program"] not in names, row["name"]))


def _program(ask: Ask) -> Program:
    wanted = ask.form.get("program", "")
    found = next((each for each in _programs(ask) if each.name == wanted), None)
    if found is None:
        raise Refused("Choose whose request it is.")
    return found


def _technician(ask: Ask) -> Row:
    number = number_of(ask.form.get("technician", ""))
    person = people.locked(ask.tx, number) if number is not None else None
    if person is None:
        raise Refused("Choose who takes it.")
    if (
        not people.has_role(person, "technician")
        or person["erased_at"] is not None
        or not in_team(ask.visitor, person)
    ):
        raise NotYours
    return person


def _request(ask: Ask, program: Program, technician: Row) -> Request:
    typed = {name: " ".join(text.split()) for name, text in ask.form.items()}
    number = requests.read_order(typed.get("order", ""))
    if not number:
        raise Refused("Write the order number as the client's app has it: one word with a digit.")
    known = jobs.of_order(ask.tx, number, program.name)
    if known:
        raise Refused(f"{number} is known already, on {words.day_words(known[0]['day'])}.")
    start = _start(ask, typed, requests.zone_of(program, technician))
    place = typed.get("place", "")[:LONGEST_PLACE]
    if not place:
        raise Refused("Write where it is: street and town.")
    order = {"street": place, "phone": _phone(typed.get("phone", ""), program)} | {
        name: typed.get(name, "")[:_LONGEST] for name in ("customer", "product")
    }
    return Request(program, number, start, order, accepted=typed.get("accepted") == "1")


def _start(ask: Ask, typed: Mapping[str, str], zone: str) -> Instant:
    day, clock = read_day(typed.get("day", ""), None), _clock(typed.get("time", ""))
    if day is None or clock is None:
        raise Refused("Give its day and its time.")
    start = days.at(day, clock, days.zone_of(zone))
    if start + requests.LASTS <= ask.now:
        raise Refused("That is over: give a time that is still to come.")
    if day > _today(ask, zone) + _FARTHEST:
        raise Refused("That is more than a year ahead: look at the year.")
    return start


def _today(ask: Ask, zone: str) -> date:
    return days.local_day(ask.now, days.zone_of(zone))


def _clock(typed: str) -> time | None:
    try:
        return time.fromisoformat(typed).replace(tzinfo=None)
    except ValueError:
        return None


def _phone(typed: str, program: Program) -> str:
    if not typed:
        return ""
    read = read_phone(typed, program.region)
    if isinstance(read, Phone):
        return read.e164
    raise Refused(f"The customer's phone: {read.why}.")
