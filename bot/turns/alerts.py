"""Managers are told: who it goes to, under which code, with what to decide."""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bot import days
from bot.speech.naming import clock
from bot.speech.wording import Part, Wording
from bot.turns.reply import Reply, send
from flows.facts import Instant
from storage import alerts, people, timeline
from storage.db import Row, Tx

BOTH = frozenset({"late_outside", "no_show", "no_show_unseen", "day_flag", "day_end", "out"})
"""Kinds that the DC hears at once, together with the DM (A05, A40)."""
SEVERE = 1


def managers_of(tx: Tx, technician: Row | None, now: Instant, *, both: bool = False) -> list[Row]:
    """Whom to tell about this technician: DM, else DC, else office, else operator.

    A rung that is empty, absent, not reachable or the technician is skipped; with `both` the DM
    and the DC are told together.
    """
    rungs: list[Row] = []
    if technician is not None:
        for role in ("dm", "dc"):
            manager = people.get(tx, technician[role]) if technician[role] else None
            if (
                manager is not None
                and manager["id"] != technician["id"]
                and _can_hear(manager, now)
            ):
                rungs.append(manager)
    unique = list({manager["id"]: manager for manager in rungs}.values())
    if unique:
        return unique if both else unique[:1]
    for role in ("office", "operator"):
        found = [p for p in people.of_role(tx, role) if _can_hear(p, now)]
        if found:
            return found[:1]
    return []


def _can_hear(person: Row, now: Instant) -> bool:
    day = days.local_day(now, days.zone_of(person["timezone"])).isoformat()
    absent = person["absent_from"] and person["absent_from"] <= day <= person["absent_to"]
    return bool(person["channel"]) and not absent and person["erased_at"] is None


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
) -> list[int]:
    """Raise one alert to each manager concerned; returns their ids (empty: no one could be
    told)."""
    recipients = list(to) if to is not None else managers_of(tx, technician, now, both=kind in BOTH)
    raised: list[int] = []
    for manager in recipients:
        number = alerts.next_number(tx, manager["id"])
        alert = alerts.add(
            tx,
            person_id=manager["id"],
            job_id=job["id"] if job else None,
            about_id=technician["id"] if technician else None,
            kind=kind,
            severity=severity,
            number=number,
            token=_token(),
            choices=json.dumps(list(choices)),
            since=since,
            created_at=now,
            case_id=raised[0] if raised else None,
        )
        raised.append(alert)
        if len(raised) == 1:
            alerts.change(tx, alert, case_id=alert)
        _write(tx, wording, now, manager, alert, number, kind, severity, values, choices, job)
    if not raised:
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
    return raised


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
    told = [
        manager
        for manager in managers_of(tx, person, now, both=kind in BOTH)
        if not _has_it(tx, manager, kind, person["id"])
    ]
    if not told and managers_of(tx, person, now):
        return []
    about = {
        "technician": person["name"],
        "technician_phone": person["phone"] or "-",
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
        to=told,
    )


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
    operators = [person for person in people.of_role(tx, "operator") if person["channel"]]
    if operators and all(_has_it(tx, person, kind, None) for person in operators):
        return []
    return tell_managers(
        tx,
        wording,
        now,
        kind=kind,
        severity=severity,
        technician=None,
        values=values,
        to=[person for person in operators if not _has_it(tx, person, kind, None)],
    )


def _has_it(tx: Tx, manager: Row, kind: str, about: int | None) -> bool:
    return any(
        alert["kind"] == kind and alert["about_id"] == about and alert["job_id"] is None
        for alert in alerts.open_of(tx, manager["id"])
    )


def _write(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    wording: Wording,
    now: Instant,
    manager: Row,
    alert: int,
    number: int,
    kind: str,
    severity: int,
    values: Mapping[str, str],
    choices: Sequence[tuple[str, str]],
    job: Row | None,
) -> None:
    answers = [*choices, ("a", "take"), ("c", "call_me")]
    if kind in (
        "day_flag",
        "day_end",
        "no_manifest",
        "skipped_rows",
        "manifest_missing_rows",
        "mail_waiting",
    ):
        answers = [("a", "take")]
    reply = Reply(manager, kind="alert", job=job["id"] if job else None)
    reply.ask = Part(f"alert.{kind}", {**values, "code": str(number)})
    reply.choices = tuple((f"{number}{letter}", letter) for letter, _ in answers)
    reply.buttons = {letter: f"a:{alert}:{letter}" for letter, _ in answers}
    zone = days.zone_of(manager["timezone"])
    hold = severity > SEVERE and days.is_quiet(now, zone)
    send(
        tx,
        reply,
        wording,
        now,
        due_at=days.quiet_ends(now, zone) if hold else None,
        lane=0 if severity == SEVERE else 1,
    )


def close(tx: Tx, job: int, kinds: Collection[str]) -> None:
    """What these alerts of a job asked needs no answer any more; no kinds: all of them."""
    alerts.close_of_job(tx, job, kinds)


def _token() -> str:
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(4))


def choices_of(alert: Row) -> dict[str, str]:
    """Letter → word of what this alert asks to decide."""
    stored: list[Any] = json.loads(alert["choices"])
    return dict(stored)


def when(instant: Instant, zone: str) -> str:
    """A short wall-clock time for texts: 9:05."""
    return clock(instant, zone, sms=True)
