"""The board: a day's technicians with their jobs, what runs late, what is owed, what waits for an
answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot import days
from bot.desk import words
from bot.desk.asking import Ask, Page
from flows.facts import MINUTE, Instant
from flows.talk import Talk
from storage import desk
from storage.db import Row

MOST = 100
"""Technicians on one page."""
NOT_THERE = ("planned", "eta", "arrive")
_DONE_WELL = ("reported",)
_GRACE = 10 * MINUTE
FILTERS = {"": "All", "open": "Open", "late": "Late or waiting", "ended": "Ended"}


@dataclass(frozen=True, slots=True)
class Flag:
    """A word that stands out; `tone` is bad, warn, good or quiet."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """A job on the board."""

    job: Row
    tone: str
    step: int
    clock: str
    next: str
    flags: tuple[Flag, ...]


def board(ask: Ask) -> Page:
    """A day of everybody in the visitor's scope; today if none is named."""
    return Page("board.html", _values(ask))


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
    alerts = desk.alerts_open(ask.tx, ask.visitor.person["id"], scope)
    lines = _lines(ask, day, [*older, *rows], alerts)
    who = desk.named(ask.tx, {line.job["technician_id"] or 0 for line in lines})
    wanted = [line for line in lines if _shown(line, shown)]
    groups = _grouped(wanted, who)
    page = max(1, int(ask.query.get("page", "1"))) if ask.query.get("page", "").isdecimal() else 1
    pages = max(1, -(-len(groups) // MOST))
    page = min(page, pages)
    return {
            "here": "board", "day": day.isoformat(), "is_today": day == today,
            "before": (day - timedelta(days=1)).isoformat(),
            "after": (day + timedelta(days=1)).isoformat(),
            "groups": groups[(page - 1) * MOST : page * MOST], "page": page, "pages": pages,
            "alerts": alerts if day == today else [], "counts": _counts(lines), "show": shown,
            "filters": FILTERS,
        }  # fmt: skip


def read_day(typed: str, today: date) -> date:
    """An ISO date of the address; today where it is none."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return today


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
    return [
        _line(row, day, ask.now, nexts.get(row["id"]), owed.get(row["id"], []), row["id"] in told)
        for row in rows
    ]


def _line(
    job: Row, day: date, now: Instant, timer: Row | None, fees: Sequence[Row], alerted: bool
) -> Line:  # fmt: skip
    talk, zone = Talk.from_json(job["talk"]), job["timezone"]
    main = job["under"] or job["state"]
    step = words.STEPS.index(main) + 1 if main in words.STEPS else 0
    flags = [*flags_of(job, talk, now), *(_fee_flag(fee) for fee in fees)]
    if alerted:
        flags.append(Flag("alert", "bad"))
    if job["day"] < day.isoformat():
        flags.insert(0, Flag(f"since {words.day_words(job['day'])}", "bad"))
    next_ = ""
    if timer is not None:
        next_ = f"{words.moment(timer['due_at'], zone, now)} {words.timer(timer['name'])}"
    return Line(job, tone_of(job, flags), step, clock_of(job, talk, now), next_, tuple(flags))


def tone_of(job: Row, flags: Iterable[Flag]) -> str:
    """How a job looks: done, over, bad, branch, work or ahead."""
    if not job["is_open"]:
        return "done" if job["state"] in _DONE_WELL else "over"
    if any(flag.tone == "bad" for flag in flags):
        return "bad"
    if job["under"]:
        return "branch"
    return "ahead" if job["state"] in ("planned", "eta") else "work"


def clock_of(job: Row, talk: Talk, now: Instant) -> str:
    """The one moment that matters now: planned arrival, the end of a wait, since when there."""
    zone, marks = job["timezone"], talk.marks
    if not job["is_open"]:
        return ""
    if job["state"].startswith("no_show.") and "no_show.door_photo" in marks:
        end = max(marks["no_show.door_photo"], job["window_start"]) + 30 * MINUTE
        left = f"{words.span(end - now)} left" if end > now else "over"
        return f"30 min end {words.clock(end, zone)}, {left}"
    if job["state"] in NOT_THERE or job["under"] in NOT_THERE:
        planned = job["planned_arrival"]
        return f"due {words.clock(planned, zone)}" if planned else "no time told yet"
    came = marks.get("arrive") or marks.get("landed")
    return f"there since {words.clock(came, zone)}, {words.span(now - came)}" if came else ""


def flags_of(job: Row, talk: Talk, now: Instant) -> list[Flag]:
    """What is late and what is owed on a job."""
    flags = []
    planned = job["planned_arrival"] or job["window_start"]
    if job["is_open"] and (job["state"] in NOT_THERE or job["state"] == "late.when"):
        if now >= job["window_end"]:
            flags.append(Flag("window over", "bad"))
        elif now >= planned + _GRACE:
            flags.append(Flag(f"late {words.span(now - planned)}", "bad"))
    came = talk.marks.get("arrive")
    if came is not None and came > job["window_end"]:
        flags.append(Flag("came late", "warn"))
    if job["is_open"] and "done" in talk.marks and now >= talk.marks["done"] + 60 * MINUTE:
        flags.append(Flag("not reported", "bad"))
    if "owes_form" in talk.marks:
        flags.append(Flag("owes form", "warn"))
    if any(mark.startswith("missed_") for mark in talk.marks):
        flags.append(Flag("step missed", "warn"))
    if job["state"] == "left_open":
        flags.append(Flag("left open", "warn"))
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


def _counts(lines: Sequence[Line]) -> list[tuple[str, int, str]]:
    """(what, how many, tone) of the day."""
    jobs = [line.job for line in lines]
    there = [j for j in jobs if j["is_open"] and j["state"] not in NOT_THERE and not j["under"]]
    return [
        ("jobs", len(jobs), ""),
        ("at work", len(there), ""),
        ("in a case", sum(bool(j["is_open"] and j["under"]) for j in jobs), "warn"),
        ("late", sum(line.tone == "bad" for line in lines), "bad"),
        ("reported", sum(j["state"] == "reported" for j in jobs), "good"),
        ("left open", sum(j["state"] == "left_open" for j in jobs), "warn"),
    ]
