"""What nobody understands is answered, but never for ever: a machine may be at the other end.

A phone that answers by itself ("I'm driving …") and a bot that answers what it does not understand
would text each other until the carrier cuts them off (trap 37). A machine says the same sentence
again and again: by SMS it is answered twice within an hour. Whatever else makes no sense, and what
a thumb may repeat, is answered up to a dozen times, the last time with another way to get help.
"""

import hashlib
import json
import re
from typing import TYPE_CHECKING

from bot import days
from bot.turns import alerts
from flows.facts import HOUR, MINUTE, Instant
from flows.spellings import says_thanks
from flows.times import clock_words
from flows.words import Prompt, plain
from storage import kept
from storage.db import Row, Tx

if TYPE_CHECKING:
    from bot.turns.technician import Technician

MOST = 12
"""Answers in an hour to texts without a meaning."""
THE_SAME = 2
"""Of them to the same sentence."""
SENTENCE = 16
"""Characters: shorter words are a person's, who may well say them three times."""


_OF_ONE_DIGIT = ("step", "issue", "setup", "practice")
"""Prompts whose answer is a digit and no figure."""


def answer(turn: "Technician", text: str) -> None:
    """Say that it was not understood, what is waited for, and where the job stands."""
    if _enough(turn, text):
        return
    if says_thanks(plain(text)):
        turn.say_where("welcome")
        return
    job = turn.in_hand()
    turn.say_where(key_of(turn, job) if job is not None else "not_understood", {"text": text})


def key_of(turn: "Technician", job: Row) -> str:
    """What is said of an answer that is none here: by what the job's step waits for."""
    engine, talk = turn.context.engine, turn.talk(job)
    waits = engine.waits_for(talk)
    if waits == "photo" and engine.prompt_key(talk) == f"{talk.flow}.{talk.step}":
        return "not_understood.photo"  # else it asks for more of them
    return "not_understood" if engine.choices(talk) or waits else "not_understood.wait"


def unread(turn: "Technician", job: Row, text: str) -> None:
    """No time found where one is asked for, or one of two: ask again."""
    if turn.either is None and _enough(turn, text):
        return
    if turn.either:
        first, second = (clock_words(at, days.zone_of(job["timezone"])) for at in turn.either)
        turn.reply.say("time.either", {"first": first, "second": second})
    else:
        turn.reply.say("time.unread", {"text": text[:40]})
    turn.ask(job)


def not_then(turn: "Technician", job: Row, at: Instant, typed: str) -> bool:
    """Say so where a told time is still to come or lies before the job's day; False where it may
    be."""
    day = days.local_day(at, days.zone_of(job["timezone"])).isoformat()
    if at > turn.now + MINUTE:
        said = alerts.when(at, job["timezone"])
    elif turn.now - at > 12 * HOUR or day < min(job["day"], turn.today):
        said = typed[:10]  # the nearest such time was yesterday: it is meant for later today
    else:
        return False
    turn.reply.say("time.other_day" if "yest" in typed.lower() else "time.future", {"time": said})
    turn.ask(job)
    return True


def too_early(turn: "Technician", job: Row, at: Instant) -> bool:
    """Ask once where a told time lies before what was done earlier; False where it may be, or is
    said a second time."""
    talk = turn.talk(job)
    found = turn.context.engine.done_later(talk, at, turn.now)
    asked = (turn.asked.get("early"), turn.asked.get("since")) == (at, job["since"])
    if found is None or asked:
        return False
    wording, (state, before) = turn.context.wording, found
    key = f"step_done.{state}" if wording.has(f"step_done.{state}") else f"step.{state}"
    zone = job["timezone"]
    known = {
        "time": alerts.when(at, zone), "before": alerts.when(before, zone),
        "what": wording.sentence(key, turn.person["language"]).sms,
    }  # fmt: skip
    turn.reply.say("time.early", known)
    turn.ask(job)
    turn.reply.asks["early"] = at
    return True


def is_hour(text: str) -> bool:
    """Whether a text that nobody asked for may be a time: no lone digit, and none typed twice."""
    digits = "".join(sign for sign in text if sign.isdigit())
    if re.search(r"\d\s*[ap]", text, re.IGNORECASE):
        return True
    return len(digits) > 1 and len(set(digits)) > 1


def pressed_twice(turn: "Technician", prompt: Prompt | None, text: str) -> str:
    """The digit of a choice that a thumb sent twice or three times at once ("11"); empty where it
    may be a time or a number."""
    match = re.fullmatch(r"(\d)\1{1,2}", text)
    if match is None or prompt is None or prompt.kind not in _OF_ONE_DIGIT:
        return ""
    if prompt.waits_for in ("time", "text") or match[1] not in prompt.choices:
        return ""
    job = next((job for job in turn.jobs if job["id"] == prompt.job), None)
    if job is not None and prompt.kind == "step":
        step = turn.context.engine.step(turn.talk(job))
        if step.phase in ("ahead", "setting_out", "on_the_way"):
            return ""  # when they will be there
        at = turn.read(text, job, past=True) if step.timed else None
        if at is not None and job["day_start"] <= at < turn.now - 5 * MINUTE:
            return ""  # when it was done
    return match[1]


def may_answer(tx: Tx, person: Row, text: str, now: Instant) -> bool:
    """Whether one more text without a meaning may be answered; counts it."""
    return person["channel"] != "sms" or _count(tx, person["id"], text, now) <= MOST


def _enough(turn: "Technician", text: str) -> bool:
    said = _count(turn.tx, turn.person["id"], text, turn.now) if turn.sms else 0
    job = turn.in_hand()
    if said == MOST and job is not None:
        turn.reply.say("not_understood.last", turn.values(job))
    return said > MOST or (said == MOST and job is not None)


def _count(tx: Tx, person: int, text: str, now: Instant) -> int:
    """How many texts without a meaning came from this person within an hour, this one included;
    more than `MOST` where this very sentence has been answered often enough."""
    key, words = f"unclear:{person}", hashlib.sha256(plain(text).encode()).hexdigest()[:8]
    lately = [each for each in json.loads(kept.get(tx, key) or "[]") if now - each[0] < HOUR]
    kept.put(tx, key, json.dumps([*lately, [now, words]][-MOST - 1 :]))
    same = sum(1 for _, said in lately if said == words)
    tired = same >= THE_SAME and len(plain(text)) >= SENTENCE
    return MOST + 1 if tired else len(lately) + 1
