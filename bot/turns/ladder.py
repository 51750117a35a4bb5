"""What becomes of an alert with time: it climbs, is asked about again, or is let go in the morning.

A matter nobody takes climbs from rung to rung; whoever took it is asked once how it stands, and
where they do not say, it climbs too. Found late after downtime it climbs one rung, never two at
once, and waits from now.
"""

import json
from collections.abc import Sequence

from bot.context import Context
from bot.speech.wording import Part
from bot.turns.alert_cards import card, deliver, detail_of, listing
from bot.turns.alerts import (
    CLIMBS_AFTER,
    OF_A_DAY,
    SEVERE,
    can_hear,
    end,
    first_rung,
    raise_further,
    still_stands,
    tell_managers,
    when,
)
from bot.turns.reply import send
from flows.facts import MINUTE, Instant
from storage import alerts, jobs, ladders, people, timers
from storage.db import Row, Tx

OPEN = frozenset({"open", "acknowledged"})
ASKED_AGAIN_AFTER = 2
"""Whoever took a matter has this many times a rung's wait before being asked how it stands."""
ASKED_AGAIN_OF_A_DAY = 6
"""The same where it is about somebody's whole day, which is not settled with a call."""
ASKED_TOGETHER = 15 * MINUTE
"""What a manager would be asked about within this is asked about now, in one message."""
_NO_FURTHER = frozenset({"no_answer"})
"""The alarm that nobody answered is not followed by another one."""


def ring(tx: Tx, context: Context, case: int, due: Instant, now: Instant) -> None:
    """A matter is to be looked at: over, progressing, taken and silent, or taken by nobody.

    A timer is void where its ladder's next moment is another one than `due`.
    """
    ladder = ladders.get(tx, case)
    if ladder is None or ladder["next_at"] != due:
        return
    rows = [row for row in alerts.of_case(tx, case) if row["status"] in OPEN]
    if not rows or not still_stands(tx, rows[0]):
        for row in rows:
            end(tx, row)
        ladders.change(tx, case, next_at=None)
        return
    wait = CLIMBS_AFTER[rows[0]["severity"]]
    taken = next((row for row in rows if row["acknowledged_by"]), None)
    clock = _clock(tx, rows[0], now)
    if taken is None:
        _climb(tx, context, ladder, rows, now)
    elif clock:
        ladders.look_at(tx, case, clock + wait)
    elif progress := _progress(tx, ladder, rows[0]):
        ladders.change(tx, case, seen=progress)
        ladders.look_at(tx, case, now + _patience(rows[0]))
    elif ladder["asked_again"] or not _ask_again(tx, context, ladder, rows, now):
        nobodys = {"status": "open", "acknowledged_by": "", "acknowledged_at": None}
        for row in rows:
            alerts.change(tx, row["id"], **nobodys)
        anew = [{**row, **nobodys} for row in rows]
        _climb(tx, context, ladder, anew, now, silent=taken["acknowledged_by"])


def taken(tx: Tx, case: int | None, severity: int, now: Instant) -> None:
    """Somebody took the matter, or said that it is still theirs: ask how it stands later."""
    ladder = ladders.get(tx, case) if case else None
    if ladder is None or ladder["next_at"] is None:
        return
    alert = alerts.get(tx, ladder["case_id"])
    job = jobs.get(tx, alert["job_id"]) if alert is not None and alert["job_id"] else None
    wait = CLIMBS_AFTER[severity]
    later = now + ASKED_AGAIN_AFTER * wait
    if alert is not None:
        later = max(now + _patience(alert), _clock(tx, alert, now) + wait)
    ladders.change(tx, ladder["case_id"], asked_again=0, seen=job["since"] if job else 0)
    ladders.look_at(tx, ladder["case_id"], later)


def _patience(alert: Row) -> Instant:
    """How long whoever took this is left alone with it."""
    times = ASKED_AGAIN_OF_A_DAY if alert["kind"] in OF_A_DAY else ASKED_AGAIN_AFTER
    return times * CLIMBS_AFTER[alert["severity"]]


def pass_over(tx: Tx, person: int, now: Instant) -> None:
    """This manager is away or can no longer be reached: what nobody has taken climbs at once."""
    for alert in alerts.open_of(tx, person):
        ladder = ladders.get(tx, alert["case_id"]) if alert["status"] == "open" else None
        if ladder is not None and ladder["next_at"] is not None:
            ladders.look_at(tx, ladder["case_id"], now)


def _clock(tx: Tx, alert: Row, now: Instant) -> Instant:
    """When the case's own clock is over that the job now waits for (the 30 minutes of a no-show),
    else 0: till then there is nothing to ask whoever took it."""
    job = jobs.get(tx, alert["job_id"]) if alert["job_id"] else None
    flow, branch, _ = job["state"].partition(".") if job is not None else ("", "", "")
    due = [
        row["due_at"]
        for row in (timers.of_job(tx, job["id"]) if job is not None and branch else [])
        if row["name"].startswith(f"{flow}.") and row["due_at"] > now
    ]
    return min(due, default=0)


def _progress(tx: Tx, ladder: Row, alert: Row) -> int:
    """The job's present `since` if it has moved since the matter was last looked at, else 0."""
    job = jobs.get(tx, alert["job_id"]) if alert["job_id"] else None
    return int(job["since"]) if job is not None and job["since"] != ladder["seen"] else 0


def _ask_again(tx: Tx, context: Context, ladder: Row, rows: Sequence[Row], now: Instant) -> bool:
    """Ask whoever took it how it stands, and at once about all else that they are soon to be asked
    about; False where that is none of those who were told, or cannot hear."""
    for row in rows:
        person = people.get(tx, row["person_id"])
        if (
            person is not None
            and person["name"] == row["acknowledged_by"]
            and can_hear(person, now)
        ):
            asked = [row, *_asked_soon(tx, person, ladder["case_id"], now)]
            if len(asked) == 1:
                since = when(row["created_at"], person["timezone"])
                still = Part("alerts.still_open", {"since": since})
                _tell(tx, context, ladder, person, row, still, now)
            else:
                reply = listing(tx, context.wording, person, asked, "alerts.all_still_open")
                severe = any(each["severity"] == SEVERE for each in asked)
                sent = send(tx, reply, context.wording, now, lane=0 if severe else 1)
                for each in asked:
                    alerts.change(tx, each["id"], outbox_id=sent)
            for each in asked:
                ladders.change(tx, each["case_id"], asked_again=1)
                ladders.look_at(tx, each["case_id"], now + CLIMBS_AFTER[each["severity"]])
            return True
    return False


def _asked_soon(tx: Tx, person: Row, case: int, now: Instant) -> list[Row]:
    """What else this manager took and is about to be asked about, nothing having moved."""
    found = []
    for row in alerts.open_of(tx, person["id"]):
        if row["acknowledged_by"] != person["name"] or row["case_id"] in (None, case):
            continue
        ladder = ladders.get(tx, row["case_id"])
        due = ladder["next_at"] if ladder is not None and not ladder["asked_again"] else None
        if (
            ladder is not None
            and due is not None
            and due <= now + ASKED_TOGETHER
            and not _clock(tx, row, now)
            and not _progress(tx, ladder, row)
            and still_stands(tx, row)
        ):
            found.append(row)
    return found


def _climb(
    tx: Tx, context: Context, ladder: Row, rows: Sequence[Row], now: Instant, *, silent: str = ""
) -> None:
    """The next rung on which somebody can hear is told; above the last one the operators are."""
    case, first = ladder["case_id"], rows[0]
    told = [row["person_id"] for row in alerts.of_case(tx, case)]
    rung, above = first_rung(tx, json.loads(ladder["rungs"]), now, ladder["rung"] + 1, told)
    names = [person["name"] for each in told if (person := people.get(tx, each)) is not None]
    who = silent or ", ".join(names)
    if not above:
        ladders.change(tx, case, next_at=None)
        _no_answer(tx, context, ladder, rows, who, now)
        return
    leaves = []
    for person in above:
        alert = raise_further(tx, now, person, first)
        since = when(first["created_at"], person["timezone"])
        before = Part("alerts.climbed", {"who": who, "since": since})
        leaves.append(_tell(tx, context, ladder, person, alert, before, now))
    ladders.change(tx, case, rung=rung, asked_again=0)
    ladders.look_at(tx, case, min(leaves) + CLIMBS_AFTER[first["severity"]])


def _no_answer(
    tx: Tx, context: Context, ladder: Row, rows: Sequence[Row], who: str, now: Instant
) -> None:
    """Nobody has answered. If it is severe the operators hear of it; without any, those who were
    told are asked again. Anything else stays open, on the lists and on the desk."""
    first = rows[0]
    if first["kind"] in _NO_FURTHER or first["severity"] != SEVERE:
        return
    told = {row["person_id"] for row in alerts.of_case(tx, ladder["case_id"])}
    operators = [
        person
        for person in people.of_role(tx, "operator")
        if person["id"] not in told and can_hear(person, now)
    ]
    if operators:
        detail = detail_of(tx, first)
        job = jobs.get(tx, first["job_id"]) if first["job_id"] else None
        tell_managers(
            tx, context.wording, now, kind="no_answer", severity=SEVERE,
            technician=people.get(tx, first["about_id"]) if first["about_id"] else None, job=job,
            values=detail
            | {"kind": first["kind"], "who": who, "case": str(ladder["case_id"])},
            to=operators,
        )  # fmt: skip
        return
    for row in rows:
        person = people.get(tx, row["person_id"])
        if person is not None and can_hear(person, now):
            still = Part(
                "alerts.still_open", {"since": when(row["created_at"], person["timezone"])}
            )
            _tell(tx, context, ladder, person, row, still, now, settles=True)


def _tell(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    ladder: Row,
    person: Row,
    alert: Row,
    before: Part,
    now: Instant,
    *,
    settles: bool = False,
) -> Instant:
    reply = card(
        person, alert, json.loads(ladder["detail"]), photo=ladder["photo_id"], before=before,
        settles=settles,
    )  # fmt: skip
    return deliver(tx, context.wording, now, person, alert, reply)


def release(tx: Tx, context: Context, person: Row, now: Instant) -> None:
    """What was held for this manager leaves, in one message; what is over or taken does not."""
    waiting = []
    for alert in alerts.held(tx, person["id"], now):
        alerts.change(tx, alert["id"], held_until=None)
        elsewhere = alert["acknowledged_by"] not in ("", person["name"])
        if alert["status"] not in (*OPEN, "told") or elsewhere:
            continue
        if still_stands(tx, alert):
            waiting.append(alert)
        else:
            end(tx, alert)
    if not waiting or not can_hear(person, now):
        return
    if len(waiting) == 1:
        ladder = ladders.get(tx, waiting[0]["case_id"])
        photo = ladder["photo_id"] if ladder is not None else None
        reply = card(person, waiting[0], detail_of(tx, waiting[0]), photo=photo)
    else:
        same = len({alert["kind"] for alert in waiting}) == 1
        head = "alerts.storm" if same else "alerts.waited"
        reply = listing(tx, context.wording, person, waiting, head)
    row = send(tx, reply, context.wording, now, lane=1)
    for alert in waiting:
        alerts.change(tx, alert["id"], outbox_id=row)
