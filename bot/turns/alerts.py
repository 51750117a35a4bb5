"""Managers are told: who it goes to, under which code, with what to decide, and who is next."""

import json
import logging
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bot import days
from bot.speech.naming import clock
from bot.speech.phones import phone_of
from bot.speech.wording import Wording
from bot.turns.alert_cards import NO_ONE, card, deliver
from flows.facts import MINUTE, Instant
from storage import alerts, fees, jobs, ladders, outbox, people, photos, timeline
from storage.db import Row, Tx

log = logging.getLogger(__name__)

BOTH = frozenset(
    {"late_outside", "no_show", "no_show_unseen", "day_flag", "day_end", "out", "out_over"}
)
"""Kinds that the DC hears at once, together with the DM (A05, A40)."""
OF_A_DAY = frozenset({"day_flag", "day_end", "out"})
"""Kinds about all jobs of somebody's day: the end of one of them does not end the matter."""
TELLS_ONLY = frozenset({
    "arrived_late", "manual_pos", "no_show_appeared", "opted_in", "opted_out_here", "out_over",
    "declined", "proof", "rescheduled", "step_missed", "switched", "told_late",
})  # fmt: skip
"""Kinds that ask nothing: they do not climb, and do not stand among what is open."""
SEVERE = 1
CLIMBS_AFTER: Mapping[int, Instant] = {1: 5 * MINUTE, 2: 15 * MINUTE, 3: 30 * MINUTE}
"""By severity: how long a rung has for its answer (contract section 6)."""
MONEY = (("y", "approved"), ("n", "refused"))
"""What is asked of a fee (S5)."""
_SHOWN = {
    "damaged": "damage", "damaged_during": "damage", "manual_pos": "form",
    "missing_parts": "parts", "no_show": "door", "not_delivered": "other", "other": "other",
    "proof": "form",
}  # fmt: skip
"""The kind of photo that an alert shows where it can."""


def managers_of(tx: Tx, technician: Row | None, now: Instant, *, both: bool = False) -> list[Row]:
    """Whom to tell about this technician: DM, else DC, else office, else operator.

    A rung that is empty, absent, not reachable or the technician is skipped, an absent manager's
    deputy stands in; with `both` the DM and the DC are told together.
    """
    return first_rung(tx, rungs_of(tx, technician, both=both), now)[1]


def rungs_of(tx: Tx, technician: Row | None, *, both: bool) -> list[list[int]]:
    """The ids of people on each rung as things are now: DM, DC, office, operators."""
    own = [technician[role] for role in ("dm", "dc")] if technician is not None else []
    line = [
        person
        for person in dict.fromkeys(own)
        if person and technician and person != technician["id"]
    ]
    above = [
        [person["id"] for person in people.of_role(tx, role)] for role in ("office", "operator")
    ]
    return [*([line] if both else [[person] for person in line]), *above]


def first_rung(
    tx: Tx, rungs: Sequence[Sequence[int]], now: Instant, start: int = 0, told: Iterable[int] = ()
) -> tuple[int, list[Row]]:
    """From `start` on, the first rung on which somebody new can hear, and who; (-1, []) for none.

    The operators' rung, the last of four kinds, is for where no manager can hear at all.
    """
    already = set(told)
    for place in range(start, len(rungs)):
        found = [
            person
            for each in rungs[place]
            if (person := _or_deputy(tx, each, now)) is not None and person["id"] not in already
        ]
        if found:
            return place, list({person["id"]: person for person in found}.values())
    return -1, []


def _or_deputy(tx: Tx, person: int, now: Instant) -> Row | None:
    """The person, or who stands in while they are absent; None where neither can hear."""
    row = people.get(tx, person)
    if row is None or can_hear(row, now):
        return row
    deputy = people.get(tx, row["deputy"]) if days.is_absent(row, now) and row["deputy"] else None
    return deputy if deputy is not None and can_hear(deputy, now) else None


def can_hear(person: Row, now: Instant) -> bool:
    """Whether a message reaches this person now."""
    here = person["erased_at"] is None and not days.is_absent(person, now)
    return bool(person["channel"]) and here


def tell_managers(  # noqa: PLR0913 - by name only
    tx: Tx,
    wording: Wording,
    now: Instant,
    *,
    kind: str,
    severity: int,
    technician: Row | None,
    values: Mapping[str, str],
    job: Row | None = None,
    since: int = 0,
    choices: Sequence[tuple[str, str]] = (),
    to: Iterable[Row] | None = None,
    fee: int | None = None,
    photo: int | None = None,
) -> list[int]:
    """Raise one alert to each manager concerned; returns their ids (empty: no one could be
    told).

    `to` names whom instead of the technician's ladder; `fee` is one to approve or refuse.
    """
    both = kind in BOTH
    if to is None:
        rungs = rungs_of(tx, technician, both=both)
        rung, recipients = first_rung(tx, rungs, now)
        before = NO_ONE if rung == len(rungs) - 1 and technician is not None else None
    else:
        recipients, rung, before = list(to), 0, None
        rungs = [[person["id"] for person in recipients]]
    raised = [
        _raise(
            tx, now, person, kind=kind, severity=severity, technician=technician, job=job,
            since=since, choices=[*choices, *(MONEY if fee else ())], fee=fee,
        )
        for person in recipients
    ]  # fmt: skip
    if not raised:
        _no_one_told(tx, now, kind, technician, job)
        return []
    photo = photo or _photo_of(tx, kind, job)
    case = raised[0]["id"]
    ladders.add(
        tx, case=case, rungs=rungs if to is not None or before else rungs[:-1], rung=rung,
        seen=job["since"] if job else 0, detail=values, photo=photo,
    )  # fmt: skip
    left = []
    for alert, person in zip(raised, recipients, strict=True):
        alerts.change(tx, alert["id"], case_id=case)
        reply = card(person, alert, values, photo=photo, before=before)
        left.append(deliver(tx, wording, now, person, dict(alert) | {"case_id": case}, reply))
    if kind not in TELLS_ONLY or fee is not None:
        ladders.look_at(tx, case, min(left) + CLIMBS_AFTER[severity])
    return [alert["id"] for alert in raised]


def _raise(  # noqa: PLR0913 - by name
    tx: Tx,
    now: Instant,
    person: Row,
    *,
    kind: str,
    severity: int,
    technician: Row | None,
    job: Row | None,
    since: int,
    choices: Sequence[tuple[str, str]],
    fee: int | None,
    case: int | None = None,
) -> Row:
    alert = alerts.add(
        tx,
        person_id=person["id"],
        job_id=job["id"] if job else None,
        about_id=technician["id"] if technician else None,
        kind=kind,
        severity=severity,
        number=alerts.next_number(tx, person["id"]),
        token=_token(),
        choices=json.dumps(list(choices)),
        since=since,
        status="told" if kind in TELLS_ONLY and fee is None else "open",
        created_at=now,
        case_id=case,
        fee_id=fee,
    )
    return alerts.get(tx, alert) or {}


def raise_further(tx: Tx, now: Instant, person: Row, first: Row) -> Row:
    """The same matter to somebody on a higher rung, under a code of their own."""
    return _raise(
        tx, now, person, kind=first["kind"], severity=first["severity"],
        technician=people.get(tx, first["about_id"]) if first["about_id"] else None,
        job=jobs.get(tx, first["job_id"]) if first["job_id"] else None, since=first["since"],
        choices=json.loads(first["choices"]), fee=first["fee_id"], case=first["case_id"],
    )  # fmt: skip


def _no_one_told(tx: Tx, now: Instant, kind: str, technician: Row | None, job: Row | None) -> None:
    """Not even an operator can be reached: it stands in the history, the log and on the desk."""
    log.warning("no one could be told of %s (job %s)", kind, job["id"] if job else "-")
    timeline.add(
        tx,
        job=job["id"] if job else None,
        at=now,
        told_at=now,
        event="no_one_told",
        step="",
        by="system",
        channel="",
        detail={"kind": kind},
        person=technician["id"] if technician else None,
    )


def _photo_of(tx: Tx, kind: str, job: Row | None) -> int | None:
    wanted = _SHOWN.get(kind)
    if wanted is None or job is None:
        return None
    found = [p["id"] for p in photos.of_job(tx, job["id"]) if p["kind"] == wanted]
    return found[-1] if found else None


def tell_about(  # noqa: PLR0913 - by name only
    tx: Tx,
    wording: Wording,
    now: Instant,
    *,
    kind: str,
    severity: int,
    person: Row,
    values: Mapping[str, str] | None = None,
) -> list[int]:
    """Alert the managers of a person about that person, with no job in hand; the alerts' ids.

    Who it is, their phone and the hour are filled in. A manager who has the same matter of the same
    person still open is not told twice.
    """
    managers = managers_of(tx, person, now, both=kind in BOTH)
    if any(_has_it(tx, manager, kind, person["id"]) for manager in managers):
        return []
    about = {
        "technician": person["name"],
        "technician_phone": phone_of(person, "-"),
        "since": when(now, person["timezone"]),
    }
    return tell_managers(
        tx,
        wording,
        now,
        kind=kind,
        severity=severity,
        technician=person,
        values={**about, **(values or {})},
    )


def operators(tx: Tx) -> list[Row]:
    """The operators who can be written to."""
    return [person for person in people.of_role(tx, "operator") if person["channel"]]


def tell_operators(
    tx: Tx,
    wording: Wording,
    now: Instant,
    *,
    kind: str,
    severity: int,
    values: Mapping[str, str],
) -> list[int]:
    """Alert the operators about the operation itself; the alerts' ids, empty where it is open with
    each of them already or none can be reached."""
    everybody = operators(tx)
    fresh = [person for person in everybody if not _has_it(tx, person, kind, None)]
    if everybody and not fresh:
        return []
    return tell_managers(
        tx,
        wording,
        now,
        kind=kind,
        severity=severity,
        technician=None,
        values=values,
        to=fresh,
    )


def _has_it(tx: Tx, manager: Row, kind: str, about: int | None) -> bool:
    return any(
        alert["kind"] == kind and alert["about_id"] == about and alert["job_id"] is None
        for alert in alerts.open_of(tx, manager["id"])
    )


def close(tx: Tx, job: int, kinds: Collection[str]) -> None:
    """What these alerts of a job asked needs no answer any more; no kinds: all of them.

    A fee that nobody has decided about is still asked for, and so is the rest of somebody's day,
    which hangs on the next of its jobs from then on.
    """
    for alert in alerts.open_of_job(tx, job):
        if alert["kind"] in kinds or (not kinds and not still_stands(tx, alert, job)):
            end(tx, alert)
        elif not kinds and alert["kind"] in OF_A_DAY:
            alerts.change(tx, alert["id"], job_id=_rest_of_day(tx, alert, job)[0]["id"])


def end(tx: Tx, alert: Row) -> None:
    """The matter is over; a message that has not left does not leave for it."""
    alerts.change(tx, alert["id"], status="closed", held_until=None)
    alarm_over(tx, alert)
    if (
        alert["outbox_id"]
        and len(alerts.in_message(tx, alert["person_id"], alert["outbox_id"])) == 1
    ):
        row = outbox.get(tx, alert["outbox_id"])
        if row is not None and row["status"] == "pending" and not row["attempts"]:
            outbox.drop(tx, row["id"], "the matter was over before it left")


def alarm_over(tx: Tx, alert: Row) -> None:
    """Somebody answered the matter, or it is over: that nobody did is no alarm any more."""
    for other in alerts.open_of_job(tx, alert["job_id"]) if alert["job_id"] else []:
        if other["kind"] == "no_answer" and alert["kind"] != "no_answer":
            about = json.loads(ladders.raised_with(tx, other["case_id"]) or "{}").get("case")
            if about == str(alert["case_id"]):
                alerts.change(tx, other["id"], status="closed", held_until=None)


def still_stands(tx: Tx, alert: Row, ended: int | None = None) -> bool:
    """Whether what the alert is about is still so, as far as the database knows.

    `ended` is a job that ends in this turn.
    """
    if alert["fee_id"] and alert["kind"] != "fee_disputed":
        fee = fees.get(tx, alert["fee_id"])
        return fee is not None and fee["status"] in ("owed", "to_check")
    kind, about, job = alert["kind"], alert["about_id"], alert["job_id"]
    if kind == "fee_disputed":
        return True
    if kind in OF_A_DAY and about and job:
        return bool(_rest_of_day(tx, alert, ended))
    if kind in ("opted_out", "unreachable") and about:
        return all(each["state"] != "active" for each in people.addresses(tx, about))
    if kind == "mail_waiting":
        return outbox.is_held(tx, "email")
    return job is None or job != ended


def _rest_of_day(tx: Tx, alert: Row, ended: int | None) -> list[Row]:
    """What is open of the day that a matter is about, besides the job that ends in this turn; who
    is out is missing where they were to help, too."""
    anchor = jobs.get(tx, alert["job_id"])
    if anchor is None:
        return []
    left = [job for job in jobs.of_day(tx, alert["about_id"], anchor["day"]) if job["is_open"]]
    if alert["kind"] == "out":
        left += days.helped(tx, alert["about_id"], anchor["day"])
    return [job for job in left if job["id"] != ended]


def _token() -> str:
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(4))


def choices_of(alert: Row) -> dict[str, str]:
    """Letter → word of what this alert asks to decide."""
    stored: list[Any] = json.loads(alert["choices"])
    return dict(stored)


def decisions_open(tx: Tx, job: int) -> set[str]:
    """The words that managers are asked to choose from in open alerts about this job."""
    return {word for alert in alerts.open_of_job(tx, job) for word in choices_of(alert).values()}


def when(instant: Instant, zone: str) -> str:
    """A short wall-clock time for texts: 9:05."""
    return clock(instant, zone, sms=True)
