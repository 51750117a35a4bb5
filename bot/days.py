"""A technician's day: when its sheets and flags are due, and the facts of each job in it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from string import ascii_uppercase
from zoneinfo import ZoneInfo

from bot.clock import to_datetime, to_instant
from flows.facts import HOUR, MINUTE, Facts, Instant
from storage import jobs, kept, people, timers
from storage.db import Row, Tx

EVENING = time(18)
MORNING = time(7)
DIGESTS = ("digest_morning", "digest_before", "digest_end")
BEFORE_END = 2 * HOUR
BEFORE_FIRST = 90 * MINUTE
LAST_HOUR = time(23)
LATE = 3 * MINUTE
"""A timer that rings later than this was found after downtime: its own rule says what then."""
QUIET_FROM, QUIET_TO = time(21), time(6)


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name."""
    return ZoneInfo(name)


def at(day: date, clock: time, zone: ZoneInfo) -> Instant:
    """A wall-clock time as an instant; a time that a spring night skips is the first one after
    it."""
    moment = datetime.combine(day, clock, zone)
    return to_instant(moment)


def local_day(instant: Instant, zone: ZoneInfo) -> date:
    """The date on the wall at that instant."""
    return to_datetime(instant).astimezone(zone).date()


def two_days(instant: Instant, zone: str) -> tuple[str, str]:
    """The dates on the wall at that instant and a day later, ISO."""
    return _two_days(instant // (15 * MINUTE), zone)


@lru_cache(maxsize=1024)
def _two_days(quarter: int, zone: str) -> tuple[str, str]:
    """By quarters of an hour: no zone's midnight lies between them."""
    today = local_day(quarter * 15 * MINUTE, zone_of(zone))
    return today.isoformat(), (today + timedelta(days=1)).isoformat()


def is_absent(person: Row, now: Instant) -> bool:
    """Whether today, on the person's own wall, is a day of their absence."""
    day = local_day(now, zone_of(person["timezone"])).isoformat()
    return bool(person["absent_from"]) and person["absent_from"] <= day <= person["absent_to"]


def is_quiet(instant: Instant, zone: ZoneInfo) -> bool:
    """Between 21:00 and 06:00 on the wall."""
    clock = to_datetime(instant).astimezone(zone).time()
    return clock >= QUIET_FROM or clock < QUIET_TO


def after_quiet(instant: Instant, zone: ZoneInfo) -> Instant | None:
    """The next 06:00 on the wall where it is quiet at that instant; None where it is not."""
    if not is_quiet(instant, zone):
        return None
    day = local_day(instant, zone)
    ends = at(day, QUIET_TO, zone)
    return ends if ends > instant else at(day + timedelta(days=1), QUIET_TO, zone)


def quiet_until(person: Row, now: Instant) -> Instant | None:
    """When this person's quiet hours end that hold now; None where they do not.

    `quiet_from` and `quiet_to` are the person's own, on their own wall; the same twice is never.
    """
    zone = zone_of(person["timezone"])
    start = time.fromisoformat(person["quiet_from"]) if person["quiet_from"] else QUIET_FROM
    end = time.fromisoformat(person["quiet_to"]) if person["quiet_to"] else QUIET_TO
    clock = to_datetime(now).astimezone(zone).time()
    over_midnight = start > end
    if start == end or not (
        (clock >= start or clock < end) if over_midnight else start <= clock < end
    ):
        return None
    day = local_day(now, zone)
    ends = at(day, end, zone)
    return ends if ends > now else at(day + timedelta(days=1), end, zone)


def day_span(
    window_start: Instant, window_end: Instant, planned: Instant | None, zone: ZoneInfo
) -> tuple[Instant, Instant]:
    """When a job's day starts (its morning sheet) and ends (last window's end + 2 h, at most
    23:00)."""
    day = local_day(window_start, zone)
    start = min(at(day, MORNING, zone), (planned or window_start) - BEFORE_FIRST)
    return start, min(window_end + 2 * HOUR, max(at(day, LAST_HOUR, zone), window_end))


def planned_arrival(job: Row) -> Instant:
    """When the technician means to be at a job: as planned, else when its window begins."""
    return int(job["planned_arrival"] or job["window_start"])


def facts_of(job: Row, app: str = "own") -> Facts:
    """What the rules may know of this job."""
    return Facts(
        window_start=job["window_start"],
        window_end=job["window_end"],
        planned_arrival=planned_arrival(job),
        day_start=job["day_start"],
        day_end=job["day_end"],
        minutes=job["minutes"],
        app=app,
    )


def helpers_of(job: Row) -> list[int]:
    """The ids of who helps."""
    return [int(each) for each in job["helpers"].split(";") if each]


def helped(tx: Tx, person: int, day: str) -> list[Row]:
    """The open jobs of that day on which this person helps, in the order of the day."""
    return [job for job in jobs.with_helpers(tx, day) if person in helpers_of(job)]


def replan_day(tx: Tx, technician: int, day: str, now: Instant) -> None:
    """`plan_day` by what stands now."""
    own = jobs.of_day(tx, technician, day)
    plan_day(tx, technician, day, own, now, helped(tx, technician, day))


def free_letter(used: Collection[str]) -> str:
    """The first letter that none of a day's jobs has: A, B, ... Z, AA, AB, ..."""
    return next(name for name in map(letter_at, count()) if name not in used)


def letter_at(place: int) -> str:
    """The letter at this place, from 0: A, B, ... Z, AA, AB, ..."""
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return letters


def place_of(letter: str) -> int:
    """The place at which `letter_at` has this letter."""
    place = 0
    for sign in letter:
        place = place * 26 + ascii_uppercase.index(sign) + 1
    return place - 1


def plan_day(
    tx: Tx,
    technician: int,
    day: str,
    visits: Sequence[Row],
    now: Instant,
    helped: Sequence[Row] = (),
) -> None:
    """Let the sheets and flags of this day stand, by the open jobs in it (contract section 6).

    A job on which one only helps (`helped`) is on the sheets too.
    """
    own = [job for job in visits if job["is_open"]]
    jobs = [*own, *helped]
    names = {
        kind: f"{kind} {day}"
        for kind in ("sheet_evening", "sheet_morning", "flag_before", "flag_end")
    }
    if not jobs:
        for name in names.values():
            timers.drop_for_person(tx, technician, name)
        return
    zone = zone_of(jobs[0]["timezone"])
    evening = at(date.fromisoformat(day) - timedelta(days=1), EVENING, zone)
    morning = min(job["day_start"] for job in jobs)
    end = max(job["day_end"] for job in jobs)
    if now < morning and not sheet_was_sent(tx, technician, names["sheet_evening"]):
        due = max(evening, now)
        if not is_quiet(due, zone) and local_day(due, zone).isoformat() < day:
            timers.set_for_person(tx, technician, names["sheet_evening"], due)
    if now < end and not sheet_was_sent(tx, technician, names["sheet_morning"]):
        timers.set_for_person(tx, technician, names["sheet_morning"], max(morning, now))
    if not own:
        return
    for kind, due in (("flag_before", end - BEFORE_END), ("flag_end", end)):
        if due > now:
            timers.set_for_person(tx, technician, names[kind], due)
    _plan_digests(tx, technician, day, end, now)


def _plan_digests(tx: Tx, technician: int, day: str, end: Instant, now: Instant) -> None:
    """Let the digests of this technician's managers and of the office stand for a day that ends at
    `end`: 07:00 on the manager's wall, 2 h before the end of the day, and at it."""
    person = people.get(tx, technician)
    ids = {person[role] for role in ("dm", "dc") if person[role]} if person else set()
    managers = [manager for each in sorted(ids) if (manager := people.get(tx, each))]
    for manager in [*managers, *(p for p in people.of_role(tx, "office") if p["id"] not in ids)]:
        standing = {row["name"]: row["due_at"] for row in timers.of_person(tx, manager["id"])}
        morning = at(date.fromisoformat(day), MORNING, zone_of(manager["timezone"]))
        for kind, due in zip(DIGESTS, (morning, end - BEFORE_END, end), strict=True):
            name = f"{kind} {day}"
            if due > max(now, standing.get(name, now)):
                timers.set_for_person(tx, manager["id"], name, due)


def sheet_was_sent(tx: Tx, technician: int, name: str) -> bool:
    """Whether this sheet went out to this technician."""
    return kept.get(tx, f"{name} {technician}") is not None


def sheet_is_sent(tx: Tx, technician: int, name: str) -> None:
    """This sheet went out to this technician."""
    kept.put(tx, f"{name} {technician}", "1")
