"""The words that a manager may say: what is open, how the day stands, away and back again."""

import json
import re
import secrets
from datetime import timedelta

from bot import days
from bot.context import Context
from bot.incoming import Incoming
from bot.speech.naming import day_words, shortened
from bot.speech.wording import Message, Part
from bot.turns import ladder, unclear
from bot.turns.alert_cards import listing
from bot.turns.carry_out import values_of
from bot.turns.reply import Reply, send
from flows.facts import MINUTE, Instant
from flows.talk import Talk
from flows.words import clean, is_no_answer
from storage import alerts, jobs, kept, people
from storage.db import Row, Tx

LONGEST_ABSENCE = 60
"""Days."""
CONFIRMED_WITHIN = 30 * MINUTE
_LISTED = 20
_BOTH_ROLES = frozenset({"ALERTS", "AWAY"})
"""What somebody who is a technician too says as a manager; the other words are a technician's."""
_HERE = frozenset({"0", "OFF", "OVER", "NO"})


def _words(text: str) -> list[str]:
    bare = re.sub(r"^/(\w+)(@\w+)?", r"\1", clean(text).strip(" .!,;'\""))
    return bare.split()


def is_word(text: str, person: Row) -> bool:
    """Whether a technician who is a manager too says this as a manager."""
    words = _words(text)
    return (
        "technician" in person["roles"].split(";")
        and bool(words)
        and words[0].upper() in _BOTH_ROLES
    )


def says(tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant) -> None:
    """Answer a manager's word; any other text is answered with what is open, and how."""
    if is_no_answer(clean(incoming.text)):
        return
    words = _words(incoming.text)
    first, rest = (words[0].upper(), words[1:]) if words else ("", [])
    reply = Reply(person)
    if first == "AWAY":
        _away(tx, person, reply, rest, incoming, now)
    elif first == "BACK" and person["absent_from"]:
        _back(tx, person, reply)
    elif first in ("TODAY", "WHERE", "JOBS", "STATUS"):
        _today(tx, context, person, reply, now)
    elif first in ("MENU", "COMMANDS"):
        reply.say("manager_menu")
    elif first == "ALERTS" or unclear.may_answer(tx, person, incoming.text, now):
        reply = _open(tx, context, person)
    send(tx, reply, context.wording, now)


def _open(tx: Tx, context: Context, person: Row) -> Reply:
    """The open alerts, the urgent ones first, each with its answers."""
    waiting = sorted(alerts.open_of(tx, person["id"]), key=lambda row: (row["severity"], row["id"]))
    if waiting:
        shown = waiting[:_LISTED]
        return listing(tx, context.wording, person, shown, "alerts.open", kind="reply", listed=True)
    reply = Reply(person)
    reply.say("alert.none_open")
    return reply


def _today(tx: Tx, context: Context, person: Row, reply: Reply, now: Instant) -> None:
    """Each technician's jobs of today, and how many alerts are open."""
    today = days.local_day(now, days.zone_of(person["timezone"])).isoformat()
    everyone = person["roles"].split(";")
    mine = [
        row
        for row in people.of_role(tx, "technician")
        if person["id"] in (row["dm"], row["dc"]) or {"office", "operator"} & set(everyone)
    ]
    for technician in mine:
        shown = jobs.of_day(tx, technician["id"], today)
        if shown:
            stands = ", ".join(
                f"{job['letter']} {_where(tx, context, person, technician, job, now)}"
                for job in shown
            )
            name = technician["name"]
            short = shortened(name, 20) if person["channel"] == "sms" else name
            out = technician["out_on"] == today
            reply.say(
                "manager_today_out" if out else "manager_today",
                {"technician": short, "what": stands},
            )
    if reply.empty:
        reply.say("today.none")
    reply.say("manager_open", {"count": str(len(alerts.open_of(tx, person["id"])))})


def _where(tx: Tx, context: Context, person: Row, technician: Row, job: Row, now: Instant) -> str:
    """Where a job stands, in a manager's language."""
    talk = Talk.from_json(job["talk"])
    values = values_of(tx, context, job, technician, talk, now, sms=True)
    return context.wording.sms(Message((Part(f"step.{job['state']}", values),)), person["language"])


# ------------------------------------------------------------------------------- away and back


def _away(
    tx: Tx, person: Row, reply: Reply, rest: list[str], incoming: Incoming, now: Instant
) -> None:
    """`AWAY`, `AWAY 3`, `AWAY 3 Carl`: days from today on, and who is told instead.

    A text's sender can be forged, so that on SMS the four characters of our answer confirm it (S5).
    """
    if rest and rest[0].upper() in _HERE:
        _back(tx, person, reply)
        return
    key = f"away {person['id']}"
    asked = json.loads(kept.get(tx, key) or "{}")
    if asked and rest and rest[0].upper() == asked["token"] and now < asked["until"]:
        kept.drop(tx, key)
        _is_away(tx, person, reply, asked["days"], asked["deputy"], now)
        return
    count = int(rest.pop(0)) if rest and rest[0].isdecimal() and len(rest[0]) < 4 else 1
    if not 1 <= count <= LONGEST_ABSENCE:
        reply.say("away.how")
        return
    name = " ".join(word for word in rest if word.upper() != "TO")
    deputy = _colleague(tx, person, name) if name else None
    if name and deputy is None:
        reply.say("away.who", {"text": name[:30]})
        return
    number = deputy["id"] if deputy is not None else None
    if incoming.channel != "sms":
        _is_away(tx, person, reply, count, number, now)
        return
    token = "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(4))
    asked = {"token": token, "days": count, "deputy": number, "until": now + CONFIRMED_WITHIN}
    kept.put(tx, key, json.dumps(asked))
    reply.say("away.confirm", {"day": _last_day(person, count, now)[1], "token": token})


def _is_away(
    tx: Tx, person: Row, reply: Reply, count: int, deputy: int | None, now: Instant
) -> None:
    first = days.local_day(now, days.zone_of(person["timezone"])).isoformat()
    last, shown = _last_day(person, count, now)
    people.change(tx, person["id"], absent_from=first, absent_to=last, deputy=deputy)
    ladder.pass_over(tx, person["id"], now)
    other = people.get(tx, deputy) if deputy else None
    reply.say(
        "away.done_deputy" if other else "away.done",
        {"day": shown, "who": other["name"] if other else "-"},
    )


def _last_day(person: Row, count: int, now: Instant) -> tuple[str, str]:
    """The last day of an absence as an ISO date, and in words."""
    today = days.local_day(now, days.zone_of(person["timezone"]))
    last = (today + timedelta(days=count - 1)).isoformat()
    return last, day_words(last)


def _back(tx: Tx, person: Row, reply: Reply) -> None:
    people.change(tx, person["id"], absent_from="", absent_to="", deputy=None)
    reply.say("away.over", {"count": str(len(alerts.open_of(tx, person["id"])))})


def _colleague(tx: Tx, person: Row, name: str) -> Row | None:
    """The one other manager of that name or first name; None where there is none or are two."""
    wanted = name.casefold()
    found = [
        row
        for row in people.of_role(tx, "manager")
        if row["id"] != person["id"]
        and wanted in (row["name"].casefold(), row["name"].split()[0].casefold())
    ]
    return found[0] if len(found) == 1 else None
