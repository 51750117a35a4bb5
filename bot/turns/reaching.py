"""Which of a person's phones is written to: by use, by what arrives, by STOP and START (S9).

One conversation, whichever phone is at hand. A phone that no longer takes messages gives its place
to another one that the person agreed to; what waited for it, and what it lost for certain, goes
along, and nothing else: what may have arrived is not said twice. The managers hear of it.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot import days
from bot.channels.sms_messages import is_answered_by_carrier
from bot.context import Context
from bot.incoming import Incoming
from bot.speech.phones import phone_of
from bot.turns import alerts, ladder
from bot.turns.carrying import payload_for
from bot.turns.pay import untold
from bot.turns.reply import Reply, send
from bot.turns.technician import Technician
from flows.documents import compact
from flows.facts import MINUTE, Instant
from flows.words import STARTS, STOPS, clean
from storage import alerts as stored
from storage import jobs, outbox, people, timeline
from storage.db import Row, Tx

OUTAGE = 10 * MINUTE
"""What has waited this long because a whole channel is down goes by the other one (P8)."""
_STATES = {
    "blocked": "blocked", "opted_out": "opted_out", "invalid": "invalid",
    "unreachable": "unreachable",
}  # fmt: skip
_NAMES = {"sms": "SMS", "telegram": "Telegram", "email": "e-mail"}
_STEPS = frozenset({"step", "issue", "photo_again"})
"""Prompts of a job: put anew from where it stands now, never carried over."""


def obey_carrier_word(
    tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant
) -> bool:
    """STOP and START, which the carrier answers: obeyed at once, told to the manager (S9).

    A STOP counts with a dot too; what undoes it must be what the carrier takes.
    """
    if incoming.channel != "sms":
        return False
    if clean(incoming.text).strip(" .!").upper() in STOPS:
        leave(tx, context, person, incoming.channel, incoming.sender, "opted_out", now)
        return True
    if not is_answered_by_carrier(incoming):
        return False
    if incoming.text.strip().upper() in STARTS and person["address_state"] == "opted_out":
        _come_back(tx, context, person, incoming, now)
    return True


def leave(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    person: Row,
    channel: str,
    address: str,
    state: str,
    now: Instant,
    lost: Sequence[Row] = (),
) -> None:
    """An address no longer takes messages; `lost` are rows that surely did not arrive there.

    An unreachable one is written to all the same where there is no other: a phone that was off
    comes back.
    """
    mine = [each for each in people.addresses(tx, person["id"]) if each["address"] == address]
    before = next((each["state"] for each in mine if each["channel"] == channel), "")
    here = (person["channel"], person["address"]) == (channel, address)
    other = _another(tx, person, channel, address) if here else None
    stays = state == "unreachable" and here and other is None
    people.set_address_state(tx, channel, address, state)
    waiting = [] if stays else outbox.waiting_for(tx, channel, address)
    if not stays:
        outbox.drop_waiting(tx, channel, address, state)
    if here and not stays:
        where = (other["channel"], other["address"]) if other else ("", "")
        people.change(tx, person["id"], channel=where[0], address=where[1])
    fresh = people.get(tx, person["id"]) or person
    if not fresh["channel"]:
        ladder.pass_over(tx, person["id"], now)
    if before != state:
        _note(tx, person, state, channel, now)
        if state == "opted_out" and fresh["channel"]:
            told = Reply(fresh)
            told.say("opted_out")
            send(tx, told, context.wording, now)
        _tell(tx, context, fresh, state, channel, now)
    if fresh["channel"] and fresh["address"] != address:
        _carry(tx, context, fresh, [*lost, *waiting], now)


def _come_back(tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant) -> None:
    """START undoes STOP, and nothing else does: where the job stands, and the managers hear."""
    people.set_address_state(tx, incoming.channel, incoming.sender, "active")
    people.change(tx, person["id"], channel=incoming.channel, address=incoming.sender)
    fresh = people.get(tx, person["id"]) or person
    _note(tx, person, "opted_in", incoming.channel, now)
    for alert in stored.open_about(tx, person["id"], ("opted_out", "opted_out_here")):
        alerts.end(tx, alert)
    _tell(tx, context, fresh, "opted_in", incoming.channel, now)
    if people.has_role(person, "technician"):
        turn = Technician(tx, context, fresh, now)
        turn.say_where("where")
        turn.finish()


def delivery_failed(tx: Tx, context: Context, row: Row, why: str, now: Instant) -> None:
    """A row failed for good: its address is out of use, or it goes once by the person's other
    phone."""
    person = people.locked(tx, row["person_id"]) if row["person_id"] else None
    if person is None or row["channel"] not in _NAMES:
        return
    state = _STATES.get(why)
    if row["kind"] == "money":
        untold(tx, context, person, row, now)
    if state is not None:
        leave(tx, context, person, row["channel"], row["address"], state, now, [row])
        return
    other = _another(tx, person, row["channel"], row["address"])
    if other is not None:
        there = dict(person) | {"channel": other["channel"], "address": other["address"]}
        _carry(tx, context, there, [row], now)


def channel_is_down(tx: Tx, context: Context, channel: str, now: Instant) -> bool:
    """A whole channel sends nothing: whoever has another phone is written to there (P8).

    Whether anything has waited too long at all: the operator is to hear of it then.
    """
    since = (now - OUTAGE, now + OUTAGE)
    if not outbox.has_waited(tx, channel, *since):
        return False
    waiting = outbox.waited_elsewhere(tx, channel, *since)
    for person_id in dict.fromkeys(row["person_id"] for row in waiting):
        person = people.locked(tx, person_id) if person_id else None
        if person is None or person["channel"] != channel:
            continue
        other = _another(tx, person, channel, person["address"])
        if other is None:
            continue
        rows = [row for row in waiting if row["person_id"] == person_id]
        for row in rows:
            outbox.drop(tx, row["id"], f"sent by {other['channel']} instead")
        people.change(tx, person_id, channel=other["channel"], address=other["address"])
        _note(tx, person, "channel_down", channel, now)
        _carry(tx, context, people.get(tx, person_id) or person, rows, now)
    return True


def at_preferred(tx: Tx, person: Row) -> Row:
    """A new day begins on the channel that the operator named for this person, where it works."""
    if not person["preferred"] or person["preferred"] == person["channel"]:
        return person
    for address in people.addresses(tx, person["id"]):
        if address["channel"] == person["preferred"] and address["state"] == "active":
            changes = {"channel": address["channel"], "address": address["address"]}
            people.change(tx, person["id"], **changes)
            return dict(person) | changes
    return person


def by_phone(tx: Tx, person: Row) -> bool:
    """Whether this person was reached once and is now by nothing but a call (S9)."""
    return not person["channel"] and bool(people.addresses(tx, person["id"]))


def _another(tx: Tx, person: Row, channel: str, address: str) -> Row | None:
    """The person's other phone that works and that they agreed to: the preferred, then the last
    used."""
    able = [
        each
        for each in people.addresses(tx, person["id"])
        if each["state"] == "active"
        and each["consent_at"] is not None
        and (each["channel"], each["address"]) != (channel, address)
    ]
    return min(able, key=lambda each: each["channel"] != person["preferred"], default=None)


def _carry(tx: Tx, context: Context, person: Row, rows: Iterable[Row], now: Instant) -> None:
    """Say on this person's phone what the rows would have said on the other one.

    Not what may have arrived, was carried before, is over, or is no text.
    """
    again = False
    for row in rows:
        asks: dict[str, Any] = json.loads(row["asks"]) if row["asks"] else {}
        payload: dict[str, Any] = json.loads(row["payload"])
        old = row["expires_at"] is not None and row["expires_at"] <= now
        if old or payload.get("carried") or row["error"].startswith("outcome unknown"):
            continue
        if asks.get("kind") in _STEPS:
            again = again or _still_asked(tx, asks)
            continue
        told = payload_for(tx, context.wording, person, payload, asks, row["channel"])
        if told is not None:
            carried = outbox.add(
                tx,
                channel=person["channel"], address=person["address"], person_id=person["id"],
                job_id=row["job_id"], kind=row["kind"], lane=row["lane"], asks=row["asks"],
                payload=compact(told | {"carried": True}), created_at=now,
                due_at=now if row["attempts"] else max(now, row["due_at"]),
                expires_at=row["expires_at"],
            )  # fmt: skip
            stored.carried(tx, person["id"], row["id"], carried)
    if again and people.has_role(person, "technician"):
        turn = Technician(tx, context, person, now)
        turn.say_where("where")
        turn.finish()


def _still_asked(tx: Tx, asks: dict[str, Any]) -> bool:
    job = jobs.get(tx, asks["job"]) if asks.get("job") else None
    return job is not None and bool(job["is_open"]) and job["since"] == asks.get("since")


def _tell(tx: Tx, context: Context, person: Row, state: str, channel: str, now: Instant) -> None:
    """The managers of a technician hear what became of a phone, and what to do about it.

    With a job in hand and no other phone it is severe, and the jobs are marked: by phone from now.
    """
    if not people.has_role(person, "technician"):
        return
    today = days.local_day(now, days.zone_of(person["timezone"])).isoformat()
    mine = jobs.open_of(tx, person["id"], today)
    silent = not person["channel"]
    if state == "opted_in":
        kind = "opted_in"
    elif state == "opted_out":
        kind = "opted_out" if silent else "opted_out_here"
    else:
        lost = silent or (person["channel"] == channel and state == "unreachable")
        kind = "unreachable" if lost else "switched"
    severity = {"opted_in": 3, "opted_out_here": 2, "switched": 3}.get(kind, 1 if mine else 2)
    alerts.tell_managers(
        tx,
        context.wording,
        now,
        kind=kind,
        severity=severity,
        technician=person,
        values={
            "technician": person["name"],
            "technician_phone": phone_of(person, "-"),
            "channel": _NAMES[channel],
            "other": _NAMES.get(person["channel"], "-"),
            "count": str(len(mine)),
            "order": mine[0]["number"] if mine else "-",
            "since": alerts.when(now, person["timezone"]),
        },
        job=mine[0] if mine else None,
        since=mine[0]["since"] if mine else 0,
    )
    for job in mine:
        _note(tx, person, state, channel, now, job)
        if silent:
            _note(tx, person, "by_phone", channel, now, job)


def _note(
    tx: Tx, person: Row, event: str, channel: str, now: Instant, job: Row | None = None
) -> None:
    timeline.add(
        tx,
        job=job["id"] if job else None,
        person=person["id"],
        at=now,
        told_at=now,
        event=event,
        step=job["state"] if job else "",
        by=person["name"],
        channel=channel,
    )
