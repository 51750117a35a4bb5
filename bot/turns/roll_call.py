"""What rings for a person or for the whole: day sheets, flags before the day ends, ladders, and the
manifest that did not come (A23, A24)."""

from datetime import time, timedelta

from bot import days
from bot.context import Context
from bot.overview import stands_since
from bot.speech.called import plain_name
from bot.speech.naming import day_figures
from bot.speech.phones import phone_of
from bot.turns import alerts, digests, growing, helping, ladder, onboarding, reaching
from bot.turns.alert_cards import RELEASE
from bot.turns.carry_out import values_of
from bot.turns.enclosing import enclose
from bot.turns.planning import Planning
from bot.turns.reply import LANES, send
from bot.turns.technician import Technician
from flows.effects import Alert, Ask, Effect
from flows.engine import Turn
from flows.facts import MINUTE, Instant
from storage import alerts as stored
from storage import jobs, kept, ladders, people, timers
from storage.db import Row, Tx

NO_MANIFEST_AT = time(19)
_SOON = 30 * MINUTE


def ring(tx: Tx, context: Context, row: Row, now: Instant) -> None:
    """A reminder of somebody's day, or of the whole, is due."""
    kind, _, day = row["name"].partition(" ")
    if row["person_id"] is None:
        if kind == "no_manifest":
            _no_manifest(tx, context, day, now)
        elif kind == ladders.TIMER:
            ladder.ring(tx, context, int(day), row["due_at"], now)
        return
    person = people.locked(tx, row["person_id"])
    if person is None:
        return
    if kind.startswith("sheet_"):
        send_sheet(tx, context, person, day, kind.removeprefix("sheet_"), now)
    elif kind.startswith("flag_"):
        _flag(tx, context, person, day, now, last=kind == "flag_end")
    elif kind in days.DIGESTS:
        digests.ring(tx, context, person, kind, day, now)
    elif onboarding.is_timer(kind):
        onboarding.ring(Technician(tx, context, person, now, kind="reminder"), row)
    elif kind == RELEASE:
        ladder.release(tx, context, person, now)


def send_sheet(tx: Tx, context: Context, person: Row, day: str, which: str, now: Instant) -> None:
    """The day sheet: the jobs with their letters and windows, and when the technician will be
    there."""
    shown = [job for job in jobs.of_day(tx, person["id"], day) if job["is_open"]]
    helped = days.helped(tx, person["id"], day)
    if not (shown or helped) or not person["channel"]:
        return
    if which == "evening" and days.sheet_was_sent(tx, person["id"], f"sheet_morning {day}"):
        return
    person = reaching.at_preferred(tx, person)
    turn = Technician(tx, context, person, now, kind="day_sheet")
    turn.reply.say(
        f"day_sheet.{which}",
        {
            "count": str(len(shown)),
            "day": day_figures(day, person["timezone"]),
            "name": person["name"],
        },
    )
    for job in shown:
        turn.reply.say("day_sheet.line", turn.values(job))
    helping.tell(turn, "help.sheet", day)
    unplanned = [j for j in shown if j["planned_arrival"] is None and context.may_plan(j)]
    if unplanned:
        Planning(turn).ask(day, [job["letter"] for job in unplanned])
    turn.reply.job = (shown or helped)[0]["id"]
    # Behind everybody's reminders, but not behind what its own jobs ask next (after downtime, say).
    soon = LANES["reminder"] if _asks_soon(tx, shown, now) else None
    send(tx, turn.reply, context.wording, now, lane=soon)
    if helped:
        enclose(turn, "card", "card.caption")
    days.sheet_is_sent(tx, person["id"], f"sheet_{which} {day}")


def _asks_soon(tx: Tx, shown: list[Row], now: Instant) -> bool:
    """Whether a reminder of one of these jobs is due, or is within half an hour."""
    return any(
        timer["due_at"] <= now + _SOON for job in shown for timer in timers.of_job(tx, job["id"])
    )


def _flag(tx: Tx, context: Context, person: Row, day: str, now: Instant, *, last: bool) -> None:
    """Every job without an end, to the technician and the managers: an unreported one suspends all
    (A24)."""
    left = [job for job in jobs.of_day(tx, person["id"], day) if job["is_open"]]
    if not left:
        return
    lines, risky = [], 0
    for job in left:
        state = plain_name(job["under"] or job["state"])
        since = alerts.when(stands_since(job, now), job["timezone"])
        working = context.phase(job) in ("at_work", "anytime")
        risky += not working
        lines.append(
            f"{job['letter']} WO {job['number']} {state} since {since}"
            + (" (working)" if working else "")
        )
    values = {
        "technician": person["name"],
        "technician_phone": phone_of(person, "-"),
        "jobs": "; ".join(lines),
        "count": str(len(left)),
        "risky": str(risky),
        "since": alerts.when(now, person["timezone"]),
        "day": day_figures(day, person["timezone"]),
        "order": left[0]["number"],
        "program": context.whose_words(job["program"] for job in left),
    }
    kind = "day_end" if last else "day_flag"
    if last:  # one matter: what was flagged before its end
        flagged = [each for job in left for each in stored.open_of_job(tx, job["id"])]
        for alert in (each for each in flagged if each["kind"] == "day_flag"):
            alerts.end(tx, alert)
    if person["channel"] and person["out_on"] != day:
        turn = Technician(tx, context, person, now, kind="reminder")
        turn.reply.say(f"flag.{kind}", values)
        turn.reply.job = left[0]["id"]
        turn.finish()
    if risky or last:
        told = alerts.managers_of(tx, person, now, both=True)
        told += [
            p
            for p in people.of_role(tx, "office")
            if alerts.can_hear(p, now) and p["id"] not in {t["id"] for t in told}
        ]
        alerts.tell_managers(
            tx,
            context.wording,
            now,
            kind=kind,
            severity=1,
            technician=person,
            values=values,
            job=left[0],
            since=left[0]["since"],
            to=told,
        )


def watch_for_manifest(tx: Tx, zone_name: str, now: Instant) -> None:
    """Let tomorrow's look for a manifest stand: 19:00 local, every day (contract section 6)."""
    zone = days.zone_of(zone_name)
    today = days.local_day(now, zone)
    due = days.at(today, NO_MANIFEST_AT, zone)
    day = today if due > now else today + timedelta(days=1)
    due = days.at(day, NO_MANIFEST_AT, zone)
    if kept.get(tx, "no_manifest") != day.isoformat():
        kept.put(tx, "no_manifest", day.isoformat())
        tx.put(
            "timers",
            name=f"no_manifest {(day + timedelta(days=1)).isoformat()}",
            due_at=due,
            late="send",
        )


def _no_manifest(tx: Tx, context: Context, day: str, now: Instant) -> None:
    daily = {name for name, program in context.programs.items() if program.manifest_daily}
    technicians = [p for p in people.of_role(tx, "technician") if p["program"] in daily]
    if not technicians or any(job["program"] in daily for job in jobs.listed(tx, day)):
        return
    everyone = {p["id"]: p for p in people.of_role(tx, "operator")}
    for technician in technicians:
        everyone |= {m["id"]: m for m in alerts.managers_of(tx, technician, now)}
    alerts.tell_managers(
        tx,
        context.wording,
        now,
        kind="no_manifest",
        severity=1,
        technician=None,
        values={"day": day_figures(day, technicians[0]["timezone"])},
        to=[p for p in everyone.values() if alerts.can_hear(p, now)],
    )


def told(turn: Turn, *, out: bool) -> list[Effect]:
    """What is still said of a job whose day was handed over: the managers heard of it once."""
    return [effect for effect in turn.effects if not (out and isinstance(effect, Alert))]


def stand_in(  # noqa: PLR0913 - the whole setting of a turn
    tx: Tx,
    context: Context,
    job: Row,
    technician: Row | None,
    turn: Turn,
    now: Instant,
    *,
    out: bool,
) -> None:
    """Where the technician cannot be asked (OUT), the manager is asked to send the ETA (A10)."""
    if technician is None or not any(isinstance(effect, Ask) for effect in turn.effects):
        return
    asked = any(alert["kind"] == "send_eta" for alert in stored.open_of_job(tx, job["id"]))
    due = days.planned_arrival(job)
    if not out or job["state"] != "eta" or asked or now >= due:
        return
    if not growing.eta_of_out(tx, context, job, technician, now):
        values = values_of(tx, context, job, technician, turn.talk, now, sms=True)
        alerts.tell_managers(
            tx,
            context.wording,
            now,
            kind="send_eta",
            severity=2,
            technician=technician,
            values=values | {"since": alerts.when(now, job["timezone"])},
            job=job,
            since=job["since"],
        )
