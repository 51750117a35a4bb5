"""What becomes of an alert with time: it climbs, is asked about again, or is let go in the morning.

A matter nobody takes climbs from rung to rung; whoever took it is asked once how it stands, and
where they do not say, it climbs too. Found late after downtime it climbs one rung, never two at
once, and waits from now. What climbs to the same people within a minute comes in one message.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.context import Context
from bot.speech.wording import Part
from bot.turns.alert_cards import GATHER, card, deliver, detail_of, listing, waits_until
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
from bot.turns.reply import Reply, send
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
    has_it = _taker(rows)
    if has_it and (clock := _clock(tx, rows[0], now)):
        ladders.look_at(tx, case, clock + wait)
    elif has_it and (progress := _progress(tx, ladder, rows[0])):
        ladders.change(tx, case, seen=progress)
        ladders.look_at(tx, case, now + _patience(rows[0]))
    elif not has_it or ladder["asked_again"] or not _ask_again(tx, context, ladder, rows, now):
        _climb(tx, context, _step_up(tx, ladder, rows, now), now)


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
                _send_list(tx, context, reply, asked, now)
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


@dataclass(frozen=True, slots=True)
class _Step:
    """A matter that climbs: its open alerts, who did not answer, the next rung and who is on it."""

    ladder: Row
    rows: Sequence[Row]
    silent: Collection[str]
    rung: int
    above: Sequence[Row]

    @property
    def case(self) -> int:
        """The matter's number."""
        return int(self.ladder["case_id"])


def _step_up(tx: Tx, ladder: Row, rows: Sequence[Row], now: Instant) -> _Step:
    told = [row["person_id"] for row in alerts.of_case(tx, ladder["case_id"])]
    rung, above = first_rung(tx, json.loads(ladder["rungs"]), now, ladder["rung"] + 1, told)
    names = [person["name"] for each in told if (person := people.get(tx, each)) is not None]
    return _Step(ladder, rows, [taker] if (taker := _taker(rows)) else names, rung, above)


def _taker(rows: Sequence[Row]) -> str:
    """The name of whoever took the matter."""
    return next((row["acknowledged_by"] for row in rows if row["acknowledged_by"]), "")


def _climb(tx: Tx, context: Context, first: _Step, now: Instant) -> None:
    """The next rung on which somebody can hear is told, of all that climbs to them within a minute;
    above the last one the operators are."""
    if not first.above:
        others = (step for step in _climbing_soon(tx, first.case, now) if not step.above)
        again: dict[int, list[tuple[Row, _Step, Row]]] = {}
        for step in (first, *others):
            for person, row in _no_answer(tx, context, step, _nobodys(tx, step.rows), now):
                again.setdefault(person["id"], []).append((person, step, row))
        for asked in again.values():
            _ask_once_more(tx, context, asked, now)
        return
    told: dict[int, list[tuple[Row, _Step, Row]]] = {}
    for step in _together(tx, first, now):
        rows = _nobodys(tx, step.rows)
        for person in step.above:
            alert = raise_further(tx, now, person, rows[0])
            told.setdefault(person["id"], []).append((person, step, alert))
    leaves: dict[int, Instant] = {}
    for raised in told.values():
        for step, leaves_at in _tell_together(tx, context, raised, now):
            leaves[step.case] = min(leaves_at, leaves.get(step.case, leaves_at))
            ladders.change(tx, step.case, rung=step.rung, asked_again=0)
            severity = step.rows[0]["severity"]
            ladders.look_at(tx, step.case, leaves[step.case] + CLIMBS_AFTER[severity])


def _together(tx: Tx, first: _Step, now: Instant) -> list[_Step]:
    """The matter and all others that within a minute climb to somebody who is told of it, or of one
    of those."""
    others = list(_climbing_soon(tx, first.case, now))
    found, reached = [first], {person["id"] for person in first.above}
    while more := [step for step in others if reached & {person["id"] for person in step.above}]:
        found += more
        reached |= {person["id"] for step in more for person in step.above}
        others = [step for step in others if step not in more]
    return sorted(found, key=lambda step: (step.rows[0]["severity"], step.case))


def _climbing_soon(tx: Tx, but: int, now: Instant) -> Iterator[_Step]:
    """What else climbs within a minute as things stand."""
    for ladder in ladders.due(tx, now + GATHER, but):
        rows = [row for row in alerts.of_case(tx, ladder["case_id"]) if row["status"] in OPEN]
        if not rows or not still_stands(tx, rows[0]):
            continue
        asked_in_vain = (
            ladder["asked_again"]
            and not _clock(tx, rows[0], now)
            and not _progress(tx, ladder, rows[0])
        )
        if asked_in_vain or not _taker(rows):
            yield _step_up(tx, ladder, rows, now)


def _nobodys(tx: Tx, rows: Sequence[Row]) -> list[Row]:
    """The alerts, open again where somebody had taken them."""
    nobodys = {"status": "open", "acknowledged_by": "", "acknowledged_at": None}
    for row in rows:
        if row["acknowledged_by"]:
            alerts.change(tx, row["id"], **nobodys)
    return [{**row, **nobodys} for row in rows]


def _tell_together(
    tx: Tx, context: Context, raised: Sequence[tuple[Row, _Step, Row]], now: Instant
) -> Iterator[tuple[_Step, Instant]]:
    """Tell one manager what has climbed to them, in one message where it leaves at once; each
    matter with when it leaves."""
    person = raised[0][0]
    at_once = [alert for _, _, alert in raised if waits_until(person, alert, now) is None]
    if len(at_once) > 1:
        silent = dict.fromkeys(name for _, step, _ in raised for name in step.silent)
        same = len({alert["kind"] for alert in at_once}) == 1
        head = "alerts.climbed_storm" if same else "alerts.all_climbed"
        reply = listing(
            tx, context.wording, person, at_once, head, values={"who": ", ".join(silent)}
        )
        _send_list(tx, context, reply, at_once, now)
    for _, step, alert in raised:
        if len(at_once) > 1 and alert in at_once:
            yield step, now
        else:
            since = when(step.rows[0]["created_at"], person["timezone"])
            before = Part("alerts.climbed", {"who": ", ".join(step.silent), "since": since})
            yield step, _tell(tx, context, step.ladder, person, alert, before, now)


def _send_list(tx: Tx, context: Context, reply: Reply, rows: Sequence[Row], now: Instant) -> None:
    """One message that carries all of these."""
    severe = any(row["severity"] == SEVERE for row in rows)
    sent = send(tx, reply, context.wording, now, lane=0 if severe else 1)
    for row in rows:
        alerts.change(tx, row["id"], outbox_id=sent)


def _no_answer(
    tx: Tx, context: Context, step: _Step, rows: Sequence[Row], now: Instant
) -> list[tuple[Row, Row]]:
    """Nobody has answered. If it is severe the operators hear of it; without any, those who were
    told are to be asked again: each with their alert. Anything else stays open, on the lists and on
    the desk."""
    first = rows[0]
    ladders.change(tx, step.case, next_at=None)
    if first["kind"] in _NO_FURTHER or first["severity"] != SEVERE:
        return []
    told = {row["person_id"] for row in alerts.of_case(tx, step.case)}
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
            | {"kind": first["kind"], "who": ", ".join(step.silent), "case": str(step.case)},
            to=operators,
        )  # fmt: skip
        return []
    those = [(people.get(tx, row["person_id"]), row) for row in rows]
    return [(person, row) for person, row in those if person is not None and can_hear(person, now)]


def _ask_once_more(
    tx: Tx, context: Context, asked: Sequence[tuple[Row, _Step, Row]], now: Instant
) -> None:
    """Whoever was told and has not answered, and nobody else is left: in one message."""
    person, step, row = asked[0]
    if len(asked) > 1:
        rows = [row for _, _, row in asked]
        reply = listing(tx, context.wording, person, rows, "alerts.all_still_open")
        _send_list(tx, context, reply, rows, now)
        return
    still = Part("alerts.still_open", {"since": when(row["created_at"], person["timezone"])})
    _tell(tx, context, step.ladder, person, row, still, now, settles=True)


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
