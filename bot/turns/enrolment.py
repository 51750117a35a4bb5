"""How an address becomes a person's: invitations, codes, consent (S2)."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from bot import days
from bot.clock import to_datetime
from bot.context import Context
from bot.incoming import Incoming
from bot.turns import onboarding
from bot.turns.reply import Reply, send
from bot.turns.technician import Technician
from flows.facts import HOUR, Instant
from flows.words import clean
from storage import jobs, people, timeline
from storage.db import Row, Tx

VALID_FOR = 7 * 24 * HOUR
ANSWERS_A_DAY = TRIES_A_DAY = 3
"""Of codes that could be one; whatever else is written first uses none of them up."""
TEXTS_A_DAY = 100
"""Texts that all strangers together get: theirs come off those that the day has for our own people
(S11), and whoever has many numbers, or forges them, would use them up."""
_JOIN = re.compile(r"(?:/start(?:@\w+)?|join)\b[\s:]*(.*)", re.I | re.S)
_LENGTH = 10
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the operator hands over: the code and when it expires."""

    code: str
    expires_at: Instant


def invite(tx: Tx, person: int, now: Instant) -> Invitation:
    """A single-use code for this person, kept only as a hash; it expires after 7 days."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    people.invite(tx, person, hash_of(code), now, now + VALID_FOR)
    return Invitation(code, now + VALID_FOR)


def hash_of(code: str) -> str:
    """How a code is kept."""
    return hashlib.sha256(f"doorstep:{code.strip().upper()}".encode()).hexdigest()


def code_in(incoming: Incoming) -> str | None:
    """The code of `JOIN code` or `/start code`; "" where the word stands alone; None where it is no
    such text."""
    if incoming.kind != "message":
        return None
    said = clean(incoming.text)
    match = _JOIN.fullmatch(said)
    if match is None or (said.startswith("/") and incoming.channel != "telegram"):
        return None
    return _typed(match[1])


def _typed(said: str) -> str:
    """The code that opens these words, though a thumb or a phone parted it ("pgmgx hx2ab")."""
    code = ""
    for word in said.split():
        bare = re.sub(r"\W", "", word)
        if len(code) + len(bare) > _LENGTH and code:
            break
        code += bare
    return code.upper()


def stranger(tx: Tx, context: Context, incoming: Incoming, now: Instant) -> None:
    """An unknown address: a code binds it; else silence on SMS, one neutral line on Telegram
    (S2)."""
    code = code_in(incoming)
    if code is None and (
        incoming.channel != "telegram" or incoming.kind not in ("message", "unsupported", "contact")
    ):
        return
    day, guess = to_datetime(now).date().isoformat(), len(code or "") >= _LENGTH
    people.sweep_strangers(tx, day)
    who = incoming.channel, incoming.sender, day
    answers, tries = people.count_stranger(tx, *who, tries=int(guess))
    if code and guess and tries <= TRIES_A_DAY:
        person = people.use_invitation(tx, hash_of(code), now)
        if person is not None:
            join(tx, context, person, incoming, now)
            return
    neutral = not code and incoming.channel == "telegram"
    if answers >= ANSWERS_A_DAY or (neutral and answers):
        return
    if incoming.channel == "sms" and people.answers_to_strangers(tx, "sms") >= TEXTS_A_DAY:
        return
    people.count_stranger(tx, *who, answers=1)
    key = "stranger" if neutral else "join.bad"
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
    here = {"channel": incoming.channel, "address": incoming.sender}
    people.change(tx, person_id, heard_at=now, **({} if _stays(tx, person, incoming) else here))
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
    turn = Technician(tx, context, dict(people.get(tx, person_id) or person) | here, now)
    turn.reply.say("join.done", values)
    onboarding.greet(turn, new=person["heard_at"] is None)
    turn.finish()
    if people.has_role(person, "technician"):
        for row in jobs.days_with_work(
            tx, days.local_day(now, days.zone_of(person["timezone"])).isoformat()
        ):
            if row["technician_id"] == person_id:
                days.replan_day(tx, person_id, row["day"], now)


def _stays(tx: Tx, person: Row, incoming: Incoming) -> bool:
    """Whether a second phone is only a spare one: the preferred channel works already."""
    return person["preferred"] not in ("", incoming.channel) and any(
        each["channel"] == person["preferred"] and each["state"] == "active"
        for each in people.addresses(tx, person["id"])
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
