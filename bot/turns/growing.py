"""One matter, one alert that grows: what comes to an open matter is said under its own code (A10).

The ETAs of whoever is OUT belong to their being out; an ETA that a manager was to send and has not
is no second alert. Whoever has taken the matter hears it, else all who were told of it.
"""

import json
from collections.abc import Iterable, Mapping

from bot import days
from bot.context import Context
from bot.turns.alert_cards import card, deliver, detail_of
from bot.turns.alerts import can_hear, when
from flows.facts import Instant
from storage import alerts, jobs, ladders, people
from storage.db import Row, Tx

_SAID = "etas"
"""Where a ladder keeps the jobs whose ETA was said to be due."""


def not_sent(tx: Tx, context: Context, job: Row, now: Instant) -> bool:
    """Half an hour before the arrival: say again that a manager was to send its ETA; False where
    none was asked to."""
    asked = _open(tx, [job], "send_eta")
    if asked:
        _say_again(tx, context, asked, "unsent", detail_of(tx, asked[0]), now)
    return bool(asked)


def eta_of_out(tx: Tx, context: Context, job: Row, technician: Row, now: Instant) -> bool:
    """The ETA of somebody who is out is due: said once, with their being out; False where that is
    no open matter (any more)."""
    own = jobs.of_day(tx, technician["id"], job["day"])
    out = out_of(tx, technician, own, job["day"])
    if not out:
        return False
    detail = detail_of(tx, out[0])
    said = detail.get(_SAID, "").split()
    if str(job["id"]) not in said:
        at = when(days.planned_arrival(job), job["timezone"])
        grown = detail | {
            _SAID: " ".join([*said, str(job["id"])]),
            "jobs": missing(tx, context, technician, own, job["day"]),
        }
        ladders.change(tx, out[0]["case_id"], detail=json.dumps(grown))
        due = {"letter": job["letter"], "order": job["number"], "planned": at}
        _say_again(tx, context, out, "eta", grown | due, now)
    return True


def words_of_out(
    tx: Tx, context: Context, technician: Row, own: Iterable[Row], text: str, now: Instant
) -> bool:
    """What somebody who is out writes is said with their being out; False where that is no open
    matter (any more)."""
    out = out_of(tx, technician, own, technician["out_on"])
    if out:
        grown = detail_of(tx, out[0]) | {"text": text[:300]}
        ladders.change(tx, out[0]["case_id"], detail=json.dumps(grown))
        _say_again(tx, context, out, "words", grown, now)
    return bool(out)


def out_of(tx: Tx, technician: Row, own: Iterable[Row], day: str) -> list[Row]:
    """The open alerts about this technician being out that day; they hang on one of their `own`
    jobs, or on one where they help."""
    found = _open(tx, [*own, *days.helped(tx, technician["id"], day)], "out")
    return [row for row in found if row["about_id"] == technician["id"]]


def missing(tx: Tx, context: Context, technician: Row, own: Iterable[Row], day: str) -> str:
    """Where somebody who is out is missed today: their open jobs (`own`), and where they help."""
    mine = [job for job in own if job["is_open"]]
    lines = [
        f"{job['letter']} {job['number']} {when(job['window_start'], job['timezone'])}"
        for job in mine
    ]
    for job in days.helped(tx, technician["id"], day):
        lead = people.get(tx, job["technician_id"]) if job["technician_id"] else None
        values = {
            "lead": lead["name"].split()[0] if lead else "-",
            "order": job["number"],
            "time": when(job["window_start"], job["timezone"]),
        }
        lines.append(context.wording.sentence("out.helps").fill(values)[0])
    return "; ".join(lines)


def _open(tx: Tx, those: Iterable[Row], kind: str) -> list[Row]:
    """The open alerts of this kind that hang on one of these jobs."""
    found = (row for job in those for row in alerts.open_of_job(tx, job["id"]))
    return [row for row in found if row["kind"] == kind]


def _say_again(
    tx: Tx, context: Context, rows: list[Row], anew: str, values: Mapping[str, str], now: Instant
) -> None:
    those = [(row, people.get(tx, row["person_id"])) for row in rows]
    has_it = [(row, each) for row, each in those if each and each["name"] == row["acknowledged_by"]]
    for row, person in has_it or those:
        if person is not None and can_hear(person, now):
            deliver(tx, context.wording, now, person, row, card(person, row, values, anew=anew))
