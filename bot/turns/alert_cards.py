"""An alert as its manager sees it: one card, or a list that gathers a storm or a night.

What can wait does: it is held through the manager's quiet hours. What comes in numbers joins a
message of the last minute that has not left yet; else a further one of its kind waits for the rest.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten

from bot import days
from bot.incoming import Keyboard
from bot.speech.wording import Part, Wording
from bot.turns.reply import Reply, payload_of, send
from flows.documents import compact
from flows.facts import MINUTE, Instant
from storage import alerts, fees, ladders, outbox, timers
from storage.db import Row, Tx

NO_ONE = Part("alerts.no_one")
"""Said before an alert that reached an operator because no manager can hear."""
RELEASE = "release"
"""The timer that lets go what was held for a person."""
GATHER = MINUTE
"""A storm: further alerts of a kind within this wait for each other."""
STORMS = frozenset({
    "arrived_late", "day_end", "day_flag", "eta_missing", "no_answer", "not_arrived", "not_started",
    "opted_out", "silent", "step_missed", "told_late", "unreachable", "unreported",
})  # fmt: skip
"""Kinds that come in numbers and are answered in a word; none of them asks for a decision."""
_ONLY_TAKEN = frozenset({
    "channel_down", "day_end", "day_flag", "mail_waiting", "manifest_missing_rows", "no_answer",
    "no_manifest", "skipped_rows",
})  # fmt: skip
"""About no single technician: there is nobody to have called."""
SEVERE = 1
_ONLY_DECIDED = frozenset({"take"})
"""Yes or no is all there is to it."""
_ITSELF = {
    "coming_over": "no_show_told_time", "damaged": "text", "damaged_during": "text",
    "late_outside": "told_time", "message": "text", "missing_parts": "text", "more_work": "text",
    "other": "text",
}  # fmt: skip
"""What a line says of some kinds, rather than the order: what is asked, or what somebody wrote."""
_WHEN = {
    "arrived_late": "since", "eta_missing": "planned", "not_arrived": "window",
    "not_started": "arrive_time", "silent": "heard_time", "unreported": "done_time",
}  # fmt: skip
"""The time that a line says of some kinds besides the order."""
ALL = "a:0:a:"
"""What begins the button that takes all that could be taken in its list: the last alert of it
follows."""
_ROOM = {True: 12, False: 20}
"""So many alerts one message names, on SMS and in a chat: ten segments, a hundred buttons."""


def answers_of(alert: Row, manager: str = "") -> list[tuple[str, str]]:
    """(code, word) of what this alert can be answered with by the manager of that name.

    Money carries its characters (S5). Whoever has taken it is not offered to take it: `k`, they are
    still on it, is their `a`.
    """
    number, choices = alert["number"], [letter for letter, _ in json.loads(alert["choices"])]
    money = f" {alert['token']}" if alert["fee_id"] else ""
    letters = [(f"{number}{letter}{money}", letter) for letter in choices]
    if alert["kind"] in _ONLY_DECIDED:
        return letters
    who = alert["acknowledged_by"]
    if who and not money:
        letters.insert(0, (f"{number}d", "d"))
    if alert["status"] != "told" and not money and who in ("", manager):
        letters.append((f"{number}a", "k" if who else "a"))
    if alert["kind"] not in _ONLY_TAKEN and alert["about_id"]:
        letters.append((f"{number}c", "c"))
    return letters or [(f"{number}a", "a")]


def to_take(rows: Iterable[Row]) -> list[Row]:
    """Those of these alerts that anybody who was told can take; about money one decides."""
    return [row for row in rows if "a" in {word for _, word in answers_of(row)}]


def _button(alert: Row, word: str) -> str:
    return f"a:{alert['id']}:{'a' if word == 'k' else word}"


def buttons_left(pressed: str, keyboard: Keyboard) -> Keyboard:
    """What stays of a message's buttons once one was pressed: what it does not answer.

    Taking an alert leaves its decisions, asking for a call too; a decision ends it. Other alerts of
    the same message keep theirs, and so do the technicians of a day. A job's buttons all go.
    """
    if pressed.startswith("w:"):
        return keyboard
    match = re.fullmatch(r"a:(\d+):(\w)(?::\d+)?", pressed)
    if match is None:
        return ()
    gone = {"a": "a", "c": "ac"}.get(match[2], "\\w")
    which = r"\d+" if pressed.startswith(ALL) else match[1]
    answered = re.compile(rf"a:{which}:[{gone}](?::\d+)?")
    rows = [[each for each in row if not answered.fullmatch(each[1])] for row in keyboard]
    return [row for row in rows if row]


def card(  # noqa: PLR0913 - by name
    manager: Row,
    alert: Row,
    values: Mapping[str, str],
    *,
    photo: int | None = None,
    before: Part | None = None,
    settles: bool = False,
    anew: str = "",
) -> Reply:
    """One alert with its answers; with its photo where the manager has a chat.

    `before` says why it comes (again), `settles` offers to say that it is settled, which whoever
    took it can say at any time; `anew` names what is said of it by now instead of its sentence.
    """
    answers = answers_of(alert, manager["name"])
    if settles and not alert["acknowledged_by"]:
        answers.insert(0, (f"{alert['number']}d", "d"))
    reply = Reply(manager, kind="alert", job=alert["job_id"], photo=photo)
    if before is not None:
        reply.say(before.key, before.values, must=False)
    reply.ask = Part(
        f"alert.{alert['kind']}{anew and '.'}{anew}", {**values, "code": str(alert["number"])}
    )
    reply.choices = tuple(answers)
    reply.buttons = {word: _button(alert, word) for _, word in answers}
    return reply


def listing(  # noqa: PLR0913 - by name
    tx: Tx,
    wording: Wording,
    manager: Row,
    rows: Sequence[Row],
    head: str,
    *,
    kind: str = "alert",
    listed: bool = False,
    values: Mapping[str, str] | None = None,
) -> Reply:
    """Several alerts in one message, each to be answered by its own code or buttons.

    What nobody has comes first, the urgent before the rest; of those for which there is no room the
    codes are named. `listed` adds to each what it can be answered with, and who has it; `values`
    are the head's own.
    """
    same = {row["kind"] for row in rows}
    counted = {"count": str(len(rows)), "kind": rows[0]["kind"] if len(same) == 1 else "some"}
    urgent = sorted(
        rows, key=lambda row: (bool(row["acknowledged_by"]), row["severity"], row["id"])
    )
    room = _ROOM[manager["channel"] == "sms"]
    rows, rest = urgent[:room], urgent[room:]
    taken = [row for row in rows if row["acknowledged_by"] == manager["name"]]
    reply = Reply(manager, kind=kind, job=rows[0]["job_id"])
    reply.say(head, {**(values or {}), **counted})
    for row in rows:
        named = line_values(tx, row)
        line = "line" if len(same) > 1 or listed or "no_answer" in same else "storm_line"
        if row["acknowledged_by"] and listed:
            line = "your_line" if row in taken else "taken_line"
        reply.say(f"alerts.{line}", named)
        if named["answers"] and listed:
            reply.say("alerts.money" if row["fee_id"] else "alerts.to_decide", named)
        spoken = wording.sentence(f"alert.{row['kind']}", manager["language"])
        labelled = [
            (word, spoken.buttons.get(word, word)) for _, word in answers_of(row, manager["name"])
        ]
        plain = [
            [f"{row['number']} {label.split(maxsplit=1)[0] if word in 'ackd' else label}",
             _button(row, word)]
            for word, label in labelled
        ]  # fmt: skip
        reply.rows += [plain[place : place + 3] for place in range(0, len(plain), 3)]
    if rest:
        codes = shorten(" ".join(str(row["number"]) for row in rest), 60, placeholder=" ...")
        reply.say("alerts.more", {"count": str(len(rest)), "codes": codes})
    if free := [row for row in rows if row not in taken]:
        reply.say("alerts.how", {"code": str(free[0]["number"])})
    if len(to_take(free)) > 1:
        label = wording.sentence("alerts.how", manager["language"]).buttons["all"]
        reply.rows.append([[label, f"{ALL}{max(row['id'] for row in urgent)}"]])
    if taken:
        reply.say("alerts.how_taken", {"code": str(taken[0]["number"])})
    return reply


def line_values(tx: Tx, row: Row) -> dict[str, str]:
    """What a line about an alert names: its code, matter, whom it is about, who has it."""
    stored = detail_of(tx, row)
    order = f"WO {stored['order']}" if stored.get("order") and row["job_id"] else ""
    said = stored.get(_ITSELF.get(row["kind"], ""))
    at = stored.get(_WHEN.get(row["kind"], "")) if order else ""
    named = f"{order}, {at}" if at else order
    what = said or stored.get("jobs") or named or stored.get("text") or stored.get("what") or "-"
    if row["fee_id"] and (fee := fees.get(tx, row["fee_id"])) is not None:
        what = f"{fee['units']} units, {what}"
    return {
        "code": str(row["number"]),
        "kind": stored.get("kind") or row["kind"],
        "technician": stored.get("technician") or "-",
        "what": shorten(what, 60, placeholder="..."),
        "who": row["acknowledged_by"] or "-",
        "answers": " ".join(f"{row['number']}{letter}" for letter, _ in json.loads(row["choices"])),
    }


def detail_of(tx: Tx, alert: Row) -> dict[str, str]:
    """What the texts of an alert name."""
    ladder = ladders.get(tx, alert["case_id"]) if alert["case_id"] else None
    values: dict[str, str] = json.loads(ladder["detail"]) if ladder is not None else {}
    return values


def waits_until(manager: Row, alert: Row, now: Instant) -> Instant | None:
    """When the quiet hours end that this alert waits for; None where it leaves at once."""
    return None if alert["severity"] == SEVERE else days.quiet_until(manager, now)


def deliver(
    tx: Tx, wording: Wording, now: Instant, manager: Row, alert: Row, reply: Reply
) -> Instant:
    """Send an alert's card, or hold it; the instant at which it leaves."""
    severe = alert["severity"] == SEVERE
    if (quiet := waits_until(manager, alert, now)) is not None:
        return _hold(tx, manager, alert, quiet)
    lately = []
    if alert["kind"] in STORMS:
        lately = alerts.lately(tx, manager["id"], now - GATHER, alert["id"])
    messages = dict.fromkeys(each["outbox_id"] for each in lately if each["kind"] in STORMS)
    if any(_joins(tx, wording, manager, alert, message) for message in messages if message):
        return now
    same = next((each for each in lately if each["kind"] == alert["kind"]), None)
    if same is not None and not severe:
        return _hold(tx, manager, alert, same["held_until"] or same["created_at"] + GATHER)
    row = send(tx, reply, wording, now, lane=0 if severe else 1)
    alerts.change(tx, alert["id"], outbox_id=row, held_until=None)
    return now


def _hold(tx: Tx, manager: Row, alert: Row, until: Instant) -> Instant:
    alerts.change(tx, alert["id"], held_until=until)
    timers.set_for_person(tx, manager["id"], f"{RELEASE} {until}", until)
    return until


def hours_changed(tx: Tx, person: Row, now: Instant) -> None:
    """What was held for other quiet hours leaves at the end of those that hold now, or now."""
    until = days.quiet_until(person, now) or now
    alerts.hold_until(tx, person["id"], until)
    timers.set_for_person(tx, person["id"], f"{RELEASE} {until}", until)


def _joins(tx: Tx, wording: Wording, manager: Row, alert: Row, message: int) -> bool:
    """Put the alert into this message, if that has not been tried yet; a severe one hurries it."""
    row = outbox.get(tx, message)
    if (
        row is None
        or row["status"] != "pending"
        or row["attempts"]
        or row["address"] != manager["address"]
    ):
        return False
    carried = alerts.in_message(tx, manager["id"], row["id"])
    gathered = [*(each for each in carried if each["status"] != "closed"), alert]
    head = "alerts.storm" if len({each["kind"] for each in gathered}) == 1 else "alerts.several"
    payload = payload_of(listing(tx, wording, manager, gathered, head), wording)
    lane = 0 if alert["severity"] == SEVERE else None
    outbox.rewrite(tx, row["id"], compact(payload), lane)
    alerts.change(tx, alert["id"], outbox_id=row["id"])
    return True
