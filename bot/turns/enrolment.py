"""How an address becomes a person's: invitations, consent, STOP and blocked bots (S2, S9)."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from bot import days
from bot.clock import to_datetime
from bot.context import Context
from bot.incoming import Incoming
from bot.turns import alerts
from bot.turns.reply import Reply, send
from flows.facts import HOUR, Instant
from flows.words import STARTS, STOPS, clean
from storage import jobs, outbox, people, timeline
from storage.db import Row, Tx

VALID_FOR = 7 * 24 * HOUR
ANSWERS_A_DAY = 3
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the operator hands over: the code and when it expires."""

    code: str
    expires_at: Instant


def invite(tx: Tx, person: int, now: Instant) -> Invitation:
    """A single-use code for this person, kept only as a hash; it expires after 7 days."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    people.invite(tx, person, hash_of(code), now, now + VALID_FOR)
    return Invitation(code, now + VALID_FOR)


def hash_of(code: str) -> str:
    """How a code is kept."""
    return hashlib.sha256(f"doorstep:{code.strip().upper()}".encode()).hexdigest()


def code_in(incoming: Incoming) -> str | None:
    """The code of `JOIN code` or `/start code`; "" where the word stands alone; None where it is no
    such text."""
    match = re.fullmatch(
        r"(?:/start(?:@\w+)?|join)\b[\s:]*(\S*).*", clean(incoming.text), re.I | re.S
    )
    if match is None or incoming.kind != "message":
        return None
    if clean(incoming.text).startswith("/") and incoming.channel != "telegram":
        return None
    return match[1].strip(".,;:!\"'<>").upper()


def stranger(tx: Tx, context: Context, incoming: Incoming, now: Instant) -> None:
    """An unknown address: a code binds it; else silence on SMS, one neutral line on Telegram
    (S2)."""
    code = code_in(incoming)
    if code is None and (
        incoming.channel != "telegram" or incoming.kind not in ("message", "unsupported", "contact")
    ):
        return
    day = to_datetime(now).date().isoformat()
    people.sweep_strangers(tx, day)
    tries = people.count_stranger(tx, incoming.channel, incoming.sender, day)
    if tries > ANSWERS_A_DAY:
        return
    if code:
        person = people.use_invitation(tx, hash_of(code), now)
        if person is not None:
            join(tx, context, person, incoming, now)
            return
    if code is None and tries > 1:
        return
    key = (
        "stranger"
        if code is None or (code == "" and incoming.channel == "telegram")
        else "join.bad"
    )
    _answer_stranger(tx, context, incoming, key, now)


def join(tx: Tx, context: Context, person_id: int, incoming: Incoming, now: Instant) -> None:
    """The code was good: the address is the person's, and using it is the consent."""
    person = people.locked(tx, person_id)
    if person is None or person["erased_at"] is not None:
        _answer_stranger(tx, context, incoming, "join.bad", now)
        return
    contacts = context.contacts(person["program"])
    values = contacts | {"name": person["name"]}
    words = context.wording.sentence("join.done", person["language"], person["program"])
    people.bind(
        tx,
        person_id,
        incoming.channel,
        incoming.sender,
        now,
        words.sms if incoming.channel == "sms" else words.chat,
    )
    people.change(tx, person_id, channel=incoming.channel, address=incoming.sender, heard_at=now)
    timeline.add(
        tx,
        job=None,
        person=person_id,
        at=now,
        told_at=now,
        event="joined",
        step="",
        by=person["name"],
        channel=incoming.channel,
    )
    reply = Reply(people.get(tx, person_id) or person)
    reply.say("join.done", values)
    send(tx, reply, context.wording, now)
    if "technician" in person["roles"].split(";"):
        for row in jobs.days_with_work(
            tx, days.local_day(now, days.zone_of(person["timezone"])).isoformat()
        ):
            if row["technician_id"] == person_id:
                days.plan_day(
                    tx, person_id, row["day"], jobs.of_day(tx, person_id, row["day"]), now
                )


def _answer_stranger(tx: Tx, context: Context, incoming: Incoming, key: str, now: Instant) -> None:
    nobody = {
        "id": None,
        "channel": incoming.channel,
        "address": incoming.sender,
        "language": "en",
        "program": next(iter(context.programs)),
    }
    reply = Reply(nobody, kind="stranger")
    reply.say(key)
    send(tx, reply, context.wording, now)


def obey_carrier_word(
    tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant
) -> bool:
    """STOP and START, which the carrier answers: obeyed at once, told to the manager (S9)."""
    word = clean(incoming.text).strip(" .!").upper()
    if incoming.channel != "sms" or word not in STOPS | STARTS | {"HELP", "INFO"}:
        return False
    if word in STOPS:
        leave(tx, context, person, incoming.channel, incoming.sender, "opted_out", now)
    elif word in STARTS and person["address_state"] == "opted_out":
        people.set_address_state(tx, incoming.channel, incoming.sender, "active")
        people.change(tx, person["id"], channel=incoming.channel, address=incoming.sender)
    return True


def leave(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx, context: Context, person: Row, channel: str, address: str, state: str, now: Instant
) -> None:
    """An address no longer takes messages: use the person's other one, and tell the managers."""
    people.set_address_state(tx, channel, address, state)
    outbox.drop_waiting(tx, channel, address, state)
    timeline.add(
        tx,
        job=None,
        person=person["id"],
        at=now,
        told_at=now,
        event=state,
        step="",
        by=person["name"],
        channel=channel,
    )
    if person["address"] != address or person["channel"] != channel:
        return
    other = next((a for a in people.addresses(tx, person["id"]) if a["state"] == "active"), None)
    people.change(
        tx,
        person["id"],
        channel=other["channel"] if other else "",
        address=other["address"] if other else "",
    )
    if "technician" not in person["roles"].split(";"):
        return
    today = days.local_day(now, days.zone_of(person["timezone"])).isoformat()
    mine = jobs.open_of(tx, person["id"], today)
    values = {
        "technician": person["name"],
        "technician_phone": person["phone"] or "-",
        "channel": "SMS" if channel == "sms" else "Telegram",
        "count": str(len(mine)),
        "order": mine[0]["number"] if mine else "-",
        "since": alerts.when(now, person["timezone"]),
    }
    alerts.tell_managers(
        tx,
        context.wording,
        now,
        kind="opted_out" if state == "opted_out" else "unreachable",
        severity=1 if mine else 2,
        technician=person,
        values=values,
        job=mine[0] if mine else None,
        since=mine[0]["since"] if mine else 0,
    )
    for job in mine:
        timeline.add(
            tx,
            job=job["id"],
            at=now,
            told_at=now,
            event=state,
            step=job["state"],
            by=person["name"],
            channel=channel,
        )
