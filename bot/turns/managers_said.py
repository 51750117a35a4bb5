"""The words that a manager may say: what is open, how the day stands, away and back again."""

import re
from datetime import timedelta

from bot import days
from bot.context import Context
from bot.incoming import Incoming
from bot.speech.naming import day_words
from bot.turns import confirming, ladder, managers_look, quiet, unclear
from bot.turns.alert_cards import listing
from bot.turns.reply import Reply, send
from flows.facts import Instant
from flows.spellings import near_word
from flows.words import HELP, clean, is_no_answer
from storage import alerts, people, timeline
from storage.db import Row, Tx

LONGEST_ABSENCE = 60
"""Days."""
_BOTH_ROLES = frozenset({"ALERTS", "AWAY", "QUIET"})
"""What somebody who is a technician too says as a manager; the other words are a technician's."""
_WHERE = frozenset({"WHERE", "WHERES", "WHERE'S"})
_DAY = frozenset({"TODAY", "JOBS", "STATUS"})
_NEAR = ("ALERTS", "MENU", "QUIET", "TODAY", "WHERE")
"""What a slip of the thumb may be meant for; AWAY is none: it hides alerts at once on a chat."""
_HERE = frozenset({"0", "OFF", "OVER", "NO"})


def _words(text: str) -> list[str]:
    bare = re.sub(r"^/(\w+)(@\w+)?", r"\1", clean(text).strip(" .!,;'\""))
    return bare.split()


def _first(word: str) -> str:
    """The word that a text opens with, a slip of the thumb mended."""
    said = word.strip(".,:;!?").upper()
    return near_word(said, _NEAR) or said


def is_word(tx: Tx, text: str, person: Row, now: Instant) -> bool:
    """Whether a technician who is a manager too says this as a manager."""
    words = _words(text)
    if not words or not people.has_role(person, "technician"):
        return False
    first, rest = words[0].upper(), words[1:]
    asks_where = first in _WHERE and len("".join(rest)) > 1
    return first in _BOTH_ROLES or (asks_where and bool(managers_look.meant(tx, person, rest, now)))


def says(tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant) -> None:
    """Answer a manager's word; any other text is answered with what is open, and how."""
    if is_no_answer(clean(incoming.text)):
        return
    words = _words(incoming.text)
    first, rest = (_first(words[0]), words[1:]) if words else ("", [])
    reply = Reply(person)
    if first == "AWAY":
        _away(tx, person, reply, rest, incoming, now)
    elif first == "BACK" and person["absent_from"]:
        _back(tx, person, reply, incoming.channel, now)
    elif first == "QUIET":
        quiet.says(tx, person, reply, rest, incoming, now)
    elif first in _WHERE and rest:
        managers_look.where(tx, context, person, rest, now)
    elif managers_look.is_name(tx, person, rest if first in _DAY else words, now):
        managers_look.where(tx, context, person, rest if first in _DAY else words, now)
    elif first in _DAY or first in _WHERE:
        managers_look.today(tx, context, person, now)
    elif first in ("MENU", "COMMANDS") or (first == HELP and incoming.channel != "sms"):
        reply.say("manager_menu")
    elif first == "ALERTS" or unclear.may_answer(tx, person, incoming.text, now):
        reply = _open(tx, context, person)
    send(tx, reply, context.wording, now)


def _open(tx: Tx, context: Context, person: Row) -> Reply:
    """The open alerts, the urgent ones first, each with its answers."""
    if waiting := alerts.open_of(tx, person["id"]):
        return listing(
            tx, context.wording, person, waiting, "alerts.open", kind="reply", listed=True
        )
    reply = Reply(person)
    reply.say("alert.none_open")
    return reply


# ------------------------------------------------------------------------------- away and back


def _away(
    tx: Tx, person: Row, reply: Reply, rest: list[str], incoming: Incoming, now: Instant
) -> None:
    """`AWAY`, `AWAY 3`, `AWAY 3 Carl`: days from today on, and who is told instead.

    A text's sender can be forged, so that on SMS the four characters of our answer confirm it (S5).
    """
    if rest and rest[0].upper() in _HERE:
        _back(tx, person, reply, incoming.channel, now)
        return
    asked = confirming.confirmed(tx, "away", person["id"], " ".join(rest), now)
    if asked:
        _is_away(tx, person, reply, asked["days"], asked["deputy"], incoming.channel, now)
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
        _is_away(tx, person, reply, count, number, incoming.channel, now)
        return
    what = {"days": count, "deputy": number}
    token = confirming.ask(tx, "away", person["id"], what, now)
    said = {"day": _last_day(person, count, now)[1], "token": token}
    if deputy is None:
        reply.say("away.confirm", said)
    else:
        reply.say("away.confirm_deputy", {**said, "who": deputy["name"]})


def _is_away(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    person: Row,
    reply: Reply,
    count: int,
    deputy: int | None,
    channel: str,
    now: Instant,
) -> None:
    first = days.local_day(now, days.zone_of(person["timezone"])).isoformat()
    last, shown = _last_day(person, count, now)
    people.change(tx, person["id"], absent_from=first, absent_to=last, deputy=deputy)
    ladder.pass_over(tx, person["id"], now)
    other = people.get(tx, deputy) if deputy else None
    stands_in = other["name"] if other else "-"
    _note(tx, person, "absent", channel, now, first=first, last=last, deputy=stands_in)
    reply.say(
        "away.done_deputy" if other else "away.done",
        {"day": shown, "who": stands_in},
    )


def _last_day(person: Row, count: int, now: Instant) -> tuple[str, str]:
    """The last day of an absence as an ISO date, and in words."""
    today = days.local_day(now, days.zone_of(person["timezone"]))
    last = (today + timedelta(days=count - 1)).isoformat()
    return last, day_words(last)


def _back(tx: Tx, person: Row, reply: Reply, channel: str, now: Instant) -> None:
    people.change(tx, person["id"], absent_from="", absent_to="", deputy=None)
    _note(tx, person, "absence_over", channel, now)
    reply.say("away.over", {"count": str(len(alerts.open_of(tx, person["id"])))})


def _note(tx: Tx, person: Row, event: str, channel: str, now: Instant, **detail: str) -> None:
    timeline.add(
        tx, job=None, person=person["id"], at=now, told_at=now, event=event, step="",
        by=person["name"], channel=channel, detail=detail,
    )  # fmt: skip


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
