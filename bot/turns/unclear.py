"""What nobody understands is answered, but never for ever: a machine may be at the other end.

A phone that answers by itself ("I'm driving …") and a bot that answers what it does not understand
would text each other until the carrier cuts them off (trap 37). By SMS the fifth such text within
an hour is answered with another way, and then there is silence until something is understood.
"""

import json
from typing import TYPE_CHECKING

from bot import days
from flows.facts import HOUR, Instant
from flows.times import clock_words
from storage import kept
from storage.db import Row, Tx

if TYPE_CHECKING:
    from bot.turns.technician import Technician

MOST = 5
"""Answers in an hour to texts without a meaning."""


def answer(turn: "Technician", text: str) -> None:
    """Say that it was not understood and where the job stands."""
    if not _enough(turn):
        turn.say_where("not_understood", {"text": text})


def unread(turn: "Technician", job: Row, text: str) -> None:
    """No time found where one is asked for, or one of two: ask again."""
    if turn.either is None and _enough(turn):
        return
    if turn.either:
        first, second = (clock_words(at, days.zone_of(job["timezone"])) for at in turn.either)
        turn.reply.say("time.either", {"first": first, "second": second})
    else:
        turn.reply.say("time.unread", {"text": text[:40]})
    turn.ask(job)


def may_answer(tx: Tx, person: Row, now: Instant) -> bool:
    """Whether one more text without a meaning may be answered; counts it."""
    return person["channel"] != "sms" or _count(tx, person["id"], now) <= MOST


def _enough(turn: "Technician") -> bool:
    said = _count(turn.tx, turn.person["id"], turn.now) if turn.sms else 0
    job = turn.in_hand()
    if said == MOST and job is not None:
        turn.reply.say("not_understood.last", turn.values(job))
    return said > MOST or (said == MOST and job is not None)


def _count(tx: Tx, person: int, now: Instant) -> int:
    """How many texts without a meaning came from this person within an hour, this one included."""
    key = f"unclear:{person}"
    lately = [at for at in json.loads(kept.get(tx, key) or "[]") if now - at < HOUR]
    kept.put(tx, key, json.dumps([*lately, now][-MOST - 1 :]))
    return len(lately) + 1
