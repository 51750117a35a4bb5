"""The board: a day's technicians with their jobs, what runs late, what is owed, what waits for an
answer."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, overload

from bot import days
from bot.context import Context
from bot.desk import words
from bot.desk.asking import Ask, Page
from bot.desk.forms import number_of
from bot.desk.rights import Visitor, technicians
from bot.overview import GRACE
from flows.facts import MINUTE, Instant
from flows.talk import Talk
from storage import desk
from storage.db import Row

MOST = 100
"""Technicians on one page."""
_DONE_WELL = ("reported",)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
FILTERS = {"": "All", "open": "Open", "late": "Late or waiting", "ended": "Ended"}


@dataclass(frozen=True, slots=True)
class Flag:
    """A word that stands out; `tone` is bad, warn, good or quiet."""

    text: str
    tone: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A job on the board; `step` is its place in the printed line, like 5/11."""

    job: Row
    tone: str
    step: str
    clock: str
    next: str
    flags: tuple[Flag, ...]


def board(ask: Ask) -> Page:
    """A day of everybody in the visitor's scope; today if none is named."""
    return Page("board.html", _values(ask) | {"new_job": _takes_requests(ask)})


def live(ask: Ask) -> Page:
    """The part of the board that changes by itself."""
    return Page("live.html", _values(ask))


def _values(ask: Ask) -> dict[str, Any]:
    zone = days.zone_of(ask.visitor.person["timezone"])
    today = days.local_day(ask.now, zone)
    day = read_day(ask.query.get("day", ""), today)
    shown = ask.query.get("show", "")
    scope = ask.visitor.scope
    rows = desk.jobs_on(ask.tx, day.isoformat(), scope)
    older = desk.left_before(ask.tx, day.isoformat(), scope) if day == today else []
    alerts = matters(desk.alerts_open(ask.tx, ask.visitor.person["id"], scope), ask.visitor)
    lines = _lines(ask, day, [*older, *rows], alerts)
    who = desk.named(ask.tx, {line.job["technician_id"] or 0 for line in lines})
    wanted = [line for line in lines if _shown(line, shown)]
    groups = _grouped(wanted, who)
    page = number_of(ask.query.get("page", "")) or 1
    pages = max(1, -(-len(groups) // MOST))
    page = min(page, pages)
    return {
            "here": "board", "day": day.isoformat(), "is_today": day == today,
            "before": (day - timedelta(days=1)).isoformat(),
            "after": (day + timedelta(days=1)).isoformat(),
            "groups": groups[(page - 1) * MOST : page * MOST], "page": page, "pages": pages,
            "alerts": alerts if day == today else [], "show": shown, "filters": FILTERS,
            "mails_held": desk.mails_held(ask.tx, scope),
            "mail_on": ask.services.context.mail_on,
            "untold": _untold(ask, day) if day == today else [],
            "counts": _counts(ask.services.context, lines),
        }  # fmt: skip


def _takes_requests(ask: Ask) -> bool:
    """Whether one of the visitor's technicians works for a program whose requests are noted."""
    programs = ask.services.context.programs
    taking = {name for name, each in programs.items() if each.takes_requests}
    return any(row["program"] in taking for row in technicians(ask.tx, ask.visitor))


def _untold(ask: Ask, day: date) -> list[dict[str, Any]]:
    zone = days.zone_of(ask.visitor.person["timezone"])
    rows = desk.not_told(ask.tx, days.at(day, time(), zone), ask.visitor.scope)
    return [
        {**row, "about": words.alert(str(json.loads(row["detail"]).get("kind", "")))}
        for row in rows
    ]


def matters(raised: Iterable[Row], visitor: Visitor) -> list[dict[str, Any]]:
    """One alert of each matter, the visitor's own where there is one; with `sent_to`, all names.

    The urgent ones first, of each severity the newest: what presses does not sink.
    """
    found: dict[int, dict[str, Any]] = {}
    me = visitor.person["id"]
    # That nobody answered is for whoever was alarmed: the others see the matter itself.
    for row in (row for row in raised if row["kind"] != "no_answer" or row["person_id"] == me):
        case = row["case_id"] or row["id"]
        known = found.get(case)
        names = [*known["sent_to"], row["to_name"]] if known else [row["to_name"]]
        mine = known is None or row["person_id"] == me
        found[case] = {**(row if mine or known is None else known), "sent_to": names}
    return sorted(found.values(), key=lambda alert: int(alert["severity"]))


@overload
def read_day(typed: str, otherwise: date) -> date: ...
@overload
def read_day(typed: str, otherwise: None) -> date | None: ...
def read_day(typed: str, otherwise: date | None) -> date | None:
    """An ISO date of our times, as a form or an address has it; `otherwise` where it is none."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return otherwise
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else otherwise


def _shown(line: Line, show: str) -> bool:
    match show:
        case "open":
            return bool(line.job["is_open"])
        case "ended":
            return not line.job["is_open"]
        case "late":
            return any(flag.tone in ("bad", "warn") for flag in line.flags)
        case _:
            return True


def _lines(ask: Ask, day: date, rows: Sequence[Row], alerts: Iterable[Row]) -> list[Line]:
    scope = ask.visitor.scope
    nexts = {row["job_id"]: row for row in desk.timers_on(ask.tx, day.isoformat(), scope)}
    owed: dict[int, list[Row]] = {}
    for fee in desk.fees_on(ask.tx, day.isoformat(), scope):
        owed.setdefault(fee["job_id"], []).append(fee)
    told: dict[int, int] = {}
    for alert in alerts:
        if alert["job_id"] is not None:
            told.setdefault(alert["job_id"], alert["severity"])
    context = ask.services.context
    return [
        _line(
            context,
            row,
            (day, ask.now),
            nexts.get(row["id"]),
            owed.get(row["id"], []),
            row["id"] in told,
        )
        for row in rows
    ]


def _line(
    context: Context, job: Row, when: tuple[date, Instant], timer: Row | None, fees: Sequence[Row],
    alerted: bool,
) -> Line:  # fmt: skip
    talk, zone = Talk.from_json(job["talk"]), job["timezone"]
    day, now = when
    flags = [*flags_of(context, job, talk, now), *(_fee_flag(fee) for fee in fees)]
    if alerted:
        flags.append(Flag("alert", "bad"))
    if job["day"] < day.isoformat():
        flags.insert(0, Flag(f"since {words.day_words(job['day'], zone)}", "bad"))
    next_ = ""
    if timer is not None:
        next_ = f"{words.moment(timer['due_at'], zone, now)} {words.timer(timer['name'])}"
    clock = clock_of(context, job, talk, now)
    return Line(
        job, tone_of(context, job, flags), place_of(context, job), clock, next_, tuple(flags)
    )


def place_of(context: Context, job: Row) -> str:
    """How far a job is in its program's printed line: 5/11, "" before and after it."""
    line, main = context.programs[job["program"]].line, job["under"] or job["state"]
    number = next((step.number for step in line.steps if step.name == main), None)
    return f"{number}/{line.length}" if number else ""


def tone_of(context: Context, job: Row, flags: Iterable[Flag]) -> str:
    """How a job looks: done, over, bad, branch, work or ahead."""
    if not job["is_open"]:
        return "done" if job["state"] in _DONE_WELL else "over"
    if any(flag.tone == "bad" for flag in flags):
        return "bad"
    if job["under"]:
        return "branch"
    return "ahead" if context.phase(job) in ("ahead", "setting_out") else "work"


def clock_of(context: Context, job: Row, talk: Talk, now: Instant) -> str:
    """The one moment that matters now: planned arrival, the end of a wait, since when there."""
    zone, marks = job["timezone"], talk.marks
    if not job["is_open"]:
        return ""
    if job["state"].startswith("no_show.") and "no_show.door_photo" in marks:
        end = max(marks["no_show.door_photo"], job["window_start"]) + 30 * MINUTE
        left = f"{words.span(end - now)} left" if end > now else "over"
        return f"30 min end {words.clock(end, zone)}, {left}"
    if context.not_begun(job):
        planned = job["planned_arrival"]
        asked = context.programs[job["program"]].plans
        return f"due {words.clock(planned, zone)}" if planned else asked * "no time told yet"
    came = marks.get("arrive") or marks.get("landed")
    return f"there since {words.clock(came, zone)}, {words.span(now - came)}" if came else ""


def flags_of(context: Context, job: Row, talk: Talk, now: Instant) -> list[Flag]:
    """What is late and what is owed on a job."""
    flags = []
    planned = days.planned_arrival(job)
    if job["is_open"] and context.not_begun(job):
        if now >= job["window_end"]:
            flags.append(Flag("window over", "bad", late=True))
        elif now >= planned + GRACE:
            flags.append(Flag(f"late {words.span(now - planned)}", "bad", late=True))
    came = talk.marks.get("arrive")
    if came is not None and came > job["window_end"]:
        flags.append(Flag("came late", "warn"))
    if job["is_open"] and "done" in talk.marks and now >= talk.marks["done"] + 60 * MINUTE:
        flags.append(Flag("not reported", "bad", late=True))
    if "owes_form" in talk.marks:
        flags.append(Flag("owes form", "warn"))
    if any(mark.startswith("missed_") for mark in talk.marks):
        flags.append(Flag("step missed", "warn"))
    return flags


def _fee_flag(fee: Row) -> Flag:
    waits = fee["status"] in ("owed", "to_check")
    tone = "warn" if waits else "quiet"
    return Flag(f"{fee['units']} units {words.fee(fee['status'])}", tone)


def _grouped(lines: Iterable[Line], who: Mapping[int, Row]) -> list[dict[str, Any]]:
    """Each technician with their jobs; whoever needs looking at is first, then by name."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(line.job["technician_id"] or 0, []).append(line)
    groups = [{"person": who.get(number), "lines": mine} for number, mine in found.items()]

    def order(group: dict[str, Any]) -> tuple[int, str]:
        bad = any(line.tone == "bad" for line in group["lines"])
        return (not bad, group["person"]["name"] if group["person"] else "")

    return sorted(groups, key=order)


def _counts(context: Context, lines: Sequence[Line]) -> list[tuple[str, int, str]]:
    """(what, how many, tone) of the day."""
    jobs = [line.job for line in lines]
    there = [j for j in jobs if j["is_open"] and not j["under"] and not context.not_begun(j)]
    return [
        ("jobs", len(jobs), ""),
        ("at work", len(there), ""),
        ("in a case", sum(bool(j["is_open"] and j["under"]) for j in jobs), "warn"),
        ("late", sum(any(f.late for f in line.flags) for line in lines), "bad"),
        ("reported", sum(j["state"] == "reported" for j in jobs), "good"),
        ("left open", sum(j["state"] == "left_open" for j in jobs), "warn"),
    ]
