"""Sample people and their jobs of one day, for whoever tries Doorstep without an account."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot import days
from bot.clock import to_datetime, to_instant
from bot.context import Context
from bot.turns import enrolment
from flows.book import PROGRAMS
from flows.facts import Facts, Instant
from storage import jobs, kept, people, timers
from storage import samples as stored
from storage.db import Tx

KEY = "rehearsal_samples"
"""Under which the ids of the sample people are kept: nothing else is ever taken out."""
CODE = "WELCOMENEW"
"""The newcomer's invitation: nothing here can be reached from elsewhere."""
TELEGRAM_IDS = 700_000_000
"""A simulated Telegram account is this plus the person's id."""
STARTS_AT = time(6, 45)
_PROGRAM = next(iter(PROGRAMS))
_REQUESTS = next(name for name, each in PROGRAMS.items() if each.takes_requests)
"""Whose orders come in a manifest every day, and whose one by one."""


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    roles: str
    phone: str
    email: str
    channels: tuple[str, ...]
    app: str = "own"
    program: str = _PROGRAM


@dataclass(frozen=True, slots=True)
class _Job:
    technician: str
    number: str
    shift: str
    window: tuple[int, int]
    customer: str
    street: str
    city: str
    zip: str
    phone: str
    product: str
    minutes: int
    program: str = _PROGRAM
    state: str = "NY"


_PEOPLE = (
    _Person("Dana Cole", "manager", "+12125550110", "dana.cole@example.com", ("sms", "telegram")),
    _Person("Carl Weber", "manager", "+12125550111", "carl.weber@example.com", ("sms",)),
    _Person("Tina Abernathy", "technician", "+12125550101", "", ("sms", "telegram")),
    _Person("Sam Okafor", "technician", "+12125550102", "", ("sms",), app="other"),
    _Person("Olive Park", "office", "+12125550120", "olive.park@example.com", ("sms",)),
    _Person(
        "Mia Turner", "technician", "+447400123456", "", ("sms", "telegram"), program=_REQUESTS
    ),
    _Person("Noah Reyes", "technician", "+12125550103", "", ()),
)
"""The last of `channels` is the one they are written to first; who has none has yet to join."""
_JOBS = (
    _Job(
        "Tina Abernathy",
        "114-7",
        "S-2041",
        (8, 11),
        "Maria García",
        "12 Elm St",
        "Troy",
        "12180",
        "+15185550141",
        "TV stand",
        60,
    ),
    _Job(
        "Tina Abernathy",
        "114-9",
        "S-2042",
        (11, 14),
        "Walter Lindqvist",
        "408 River Rd",
        "Albany",
        "12204",
        "+15185550142",
        "Bookcase, 5 shelves",
        75,
    ),
    _Job(
        "Sam Okafor",
        "115-2",
        "S-2050",
        (14, 17),
        "Priya Raman",
        "77 Canal St, Apt 4B",
        "Cohoes",
        "12047",
        "+15185550143",
        "Bed frame, queen",
        90,
    ),
    _Job(
        "Mia Turner",
        "M-8841",
        "",
        (19, 20),
        "Harriet Cole",
        "12 High St",
        "Leeds",
        "LS1 4AB",
        "+441134960141",
        "TV wall mount",
        60,
        _REQUESTS,
        "",
    ),
)


def mail_addresses(own: Callable[[str, str], str]) -> dict[str, str]:
    """Setting → address of each program's mail: the operator's own, the built-in, or a made-up one.

    A rehearsal's mail cannot leave this machine, so that none has to be confirmed.
    """
    return {
        f"{name}_{contact}": own(name, contact) or built_in or f"{contact}@{name}.example"
        for name, program in PROGRAMS.items()
        for contact, built_in in program.contacts.items()
        if contact.endswith("_email")
    }


def first_morning(now: Instant, zone: str) -> datetime:
    """When a rehearsal without `CLOCK` begins: tomorrow, 06:45 local; an aware datetime."""
    return _morning(days.local_day(now, days.zone_of(zone)) + timedelta(days=1), zone)


def morning_after(now: Instant, zone: str) -> Instant:
    """06:45 of the next local day."""
    return to_instant(first_morning(now, zone))


def _morning(day: date, zone: str) -> datetime:
    return datetime.combine(day, STARTS_AT, days.zone_of(zone))


def nobody_is_known(tx: Tx) -> bool:
    """Whether the database is empty."""
    return not people.everybody(tx)


def are_here(tx: Tx) -> bool:
    """Whether the database holds sample people."""
    return kept.get(tx, KEY) is not None


def are_over(tx: Tx, now: Instant, zone: str) -> bool:
    """Whether there are samples, and their day lies behind."""
    today = days.local_day(now, days.zone_of(zone))
    ahead = (today, today + timedelta(days=1))
    return are_here(tx) and not any(jobs.listed(tx, day.isoformat()) for day in ahead)


def remove(tx: Tx) -> bool:
    """Take the sample people out with all that is theirs; False if there are none."""
    ids = kept.get(tx, KEY)
    if ids is None:
        return False
    stored.remove(tx, json.loads(ids))
    kept.drop(tx, KEY)
    return True


def add(tx: Tx, context: Context, now: Instant, zone: str) -> None:
    """The sample people, bound to their phones, and their jobs of today (tomorrow's after 9)."""
    ids: dict[str, int] = {}
    for person in _PEOPLE:
        manager = (
            {"dm": ids["Dana Cole"], "dc": ids["Carl Weber"]}
            if person.roles == "technician"
            else {}
        )
        number = tx.insert(
            "people",
            name=person.name,
            roles=person.roles,
            phone=person.phone,
            email=person.email,
            app=person.app,
            program=person.program,
            timezone=_zone(person.program, zone),
            created_at=now,
            **manager,
        )
        ids[person.name] = number
        words = context.wording.sentence("join.done", "en")
        for channel in person.channels:
            address = person.phone if channel == "sms" else str(TELEGRAM_IDS + number)
            people.bind(
                tx, number, channel, address, now, words.sms if channel == "sms" else words.chat
            )
            people.change(tx, number, channel=channel, address=address, heard_at=now)
        if not person.channels:
            people.invite(tx, number, enrolment.hash_of(CODE), now, now + enrolment.VALID_FOR)
    local = to_datetime(now).astimezone(days.zone_of(zone))
    day = local.date() if local.time() < time(9) else local.date() + timedelta(days=1)
    for technician in dict.fromkeys(job.technician for job in _JOBS):
        mine = [job for job in _JOBS if job.technician == technician]
        for letter, job in zip("ABC", mine, strict=False):
            order = _order(tx, job, now, zone)
            visit = {
                "work_order_id": order,
                "technician_id": ids[technician],
                "letter": letter,
                "created_at": now,
                "changed_at": now,
            }
            _add_visit(tx, context, day, zone, (job, visit))
        todays = jobs.of_day(tx, ids[technician], day.isoformat())
        days.plan_day(tx, ids[technician], day.isoformat(), todays, now)
    kept.put(tx, KEY, json.dumps(sorted(ids.values())))


def _zone(program: str, zone: str) -> str:
    """Where people of a program live: in its only zone, else where the operator is."""
    return PROGRAMS[program].zone if PROGRAMS[program].one_zone else zone


def _order(tx: Tx, job: _Job, now: Instant, zone: str) -> int:
    return tx.insert(
        "work_orders",
        number=job.number,
        program=job.program,
        shift=job.shift,
        customer=job.customer,
        street=job.street,
        city=job.city,
        state=job.state,
        zip=job.zip,
        phone=job.phone,
        product=job.product,
        units="2.0",
        minutes=job.minutes,
        timezone=_zone(job.program, zone),
        created_at=now,
    )


def _add_visit(
    tx: Tx, context: Context, day: date, zone: str, made: tuple[_Job, dict[str, Any]]
) -> None:
    job, visit = made
    zone, program = _zone(job.program, zone), PROGRAMS[job.program]
    opens, closes = (days.at(day, time(hour), days.zone_of(zone)) for hour in job.window)
    start, end = days.day_span(opens, closes, None, days.zone_of(zone))
    facts = Facts(opens, closes, opens, start, end, job.minutes)
    done = dict.fromkeys(program.before, visit["created_at"])
    talk = context.engine.begin(program.name, facts, visit["created_at"], done).talk
    row = tx.insert(
        "jobs",
        **visit,
        day=day.isoformat(),
        window_start=opens,
        window_end=closes,
        day_start=start,
        day_end=end,
        talk=talk.to_json(),
        state=talk.state,
        under=talk.under,
    )
    standing = context.engine.standing(talk, facts).items()
    timers.set_for_job(tx, row, [(name, timer.due, timer.late) for name, timer in standing])
