"""QUIET: a manager's own quiet hours, shown, set and ended by message as at the desk."""

import re
from collections.abc import Sequence

from bot import days
from bot.incoming import Incoming
from bot.speech.naming import european
from bot.turns import confirming
from bot.turns.alert_cards import hours_changed
from bot.turns.reply import Reply
from flows.facts import Instant
from storage import people, timeline
from storage.db import Row, Tx

_NEVER = frozenset({"OFF", "NEVER", "NO", "NONE", "0"})
_USUAL = frozenset({"USUAL", "NORMAL", "DEFAULT"})
_FIRST_ALONE = 6
"""Without am or pm an hour from this one on is in the evening where quiet begins: 10-6."""
_HOUR = r"(\d{1,2})(?:[:.]?(\d\d))?\s*([ap])?\.?m?\.?"
_HOURS = re.compile(rf"(?:from )?{_HOUR}\s*(?:-|to|until|till| )\s*{_HOUR}", re.IGNORECASE)


def says(
    tx: Tx, person: Row, reply: Reply, rest: Sequence[str], incoming: Incoming, now: Instant
) -> None:
    """`QUIET`, `QUIET 22-6`, `QUIET OFF`, `QUIET USUAL`.

    On SMS more quiet needs the characters of our answer (S5), less does not.
    """
    typed = " ".join(rest)
    asked = confirming.confirmed(tx, "quiet", person["id"], typed, now) if typed else None
    hours = (asked["from"], asked["to"]) if asked else read_hours(typed)
    if not typed:
        _show(reply, person, "quiet.now")
    elif typed.upper() in _NEVER:
        _set(tx, person, reply, ("00:00", "00:00"), incoming, now)
    elif typed.upper() in _USUAL:
        _set(tx, person, reply, ("", ""), incoming, now)
    elif hours is None:
        reply.say("quiet.how")
    elif incoming.channel == "sms" and not asked:
        what = {"from": hours[0], "to": hours[1]}
        token = confirming.ask(tx, "quiet", person["id"], what, now)
        named = _named(hours, person["timezone"])
        reply.say("quiet.confirm", {"hours": named, "token": token})
    else:
        _set(tx, person, reply, hours, incoming, now)


def read_hours(typed: str) -> tuple[str, str] | None:
    """Two hours as people type them, as 22:00 and 06:00; None where there are none."""
    found = _HOURS.fullmatch(typed.strip())
    if found is None:
        return None
    first = _hour(found[1], found[2], found[3], evening=True)
    last = _hour(found[4], found[5], found[6], evening=False)
    return (first, last) if first and last else None


def _hour(hour: str, minute: str | None, half: str | None, *, evening: bool) -> str:
    number, minutes = int(hour), int(minute or 0)
    if half:
        number = number % 12 + (12 if half.lower() == "p" else 0)
    elif evening and number == 12:
        number = 0
    elif evening and _FIRST_ALONE <= number < 12:
        number += 12
    return f"{number % 24:02d}:{minutes:02d}" if number <= 24 and minutes < 60 else ""


def set_hours(
    tx: Tx, person: Row, hours: tuple[str, str], now: Instant, *, by: str, channel: str
) -> Row:
    """Let these be the person's quiet hours ("" the usual ones): what is held moves with them."""
    people.change(tx, person["id"], quiet_from=hours[0], quiet_to=hours[1])
    fresh = people.get(tx, person["id"]) or person
    hours_changed(tx, fresh, now)
    timeline.add(
        tx, job=None, person=person["id"], at=now, told_at=now, event="quiet_hours", step="",
        by=by, channel=channel, detail={"first": hours[0] or "-", "last": hours[1] or "-"},
    )  # fmt: skip
    return fresh


def _set(
    tx: Tx, person: Row, reply: Reply, hours: tuple[str, str], incoming: Incoming, now: Instant
) -> None:
    fresh = set_hours(tx, person, hours, now, by=person["name"], channel=incoming.channel)
    _show(reply, fresh, "quiet.set")


def _show(reply: Reply, person: Row, key: str) -> None:
    first, last = person["quiet_from"], person["quiet_to"]
    usual = (f"{days.QUIET_FROM:%H:%M}", f"{days.QUIET_TO:%H:%M}")
    hours = (first or usual[0], last or usual[1])
    never = hours[0] == hours[1]
    reply.say("quiet.never" if never else key, {"hours": _named(hours, person["timezone"])})


def _named(hours: tuple[str, str], zone: str) -> str:
    return " - ".join(_clock(each, zone) for each in hours)


def _clock(hour: str, zone: str) -> str:
    if european(zone):
        return hour
    number, minutes = int(hour[:2]), hour[3:]
    face = f"{number % 12 or 12}{'' if minutes == '00' else f':{minutes}'}"
    return f"{face} {'pm' if number >= 12 else 'am'}"
