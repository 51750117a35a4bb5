"""Fees as people meet them: what PAY tells a technician, and decisions with their history."""

import html
import json
import re
from decimal import Decimal

from bot import days
from bot.context import Context
from bot.speech.gsm import ONE, septets
from bot.speech.naming import TECHNICIAN, day_words, shortened
from bot.speech.phones import phone_of
from bot.speech.wording import Message, Part, Spoken
from bot.turns import alerts
from bot.turns.reply import Reply, send
from bot.turns.technician import Technician
from flows.facts import HOUR, Instant
from storage import alerts as stored
from storage import fees, jobs, people, timeline
from storage.db import Row, Tx

LAST = 5
"""How many entries PAY lists, the newest first."""
LATELY = 30 * 24 * HOUR
"""How long an approved fee counts in PAY's sum: what is paid is not owed for ever."""
SHORTEST_DISPUTE = 3
"""Fewer characters after PAY are a slip, and no words about a fee."""
_TAIL = 3
"""So many characters of an order's end name it."""
VERDICTS = {"approved": "fee_approved", "refused": "fee_refused"}
"""Status → the event of the timeline."""


def say_pay(turn: Technician) -> None:
    """PAY: sums by status and the last entries; only their own (S3), in one text if it can be."""
    owed = fees.of_technician(turn.tx, turn.person["id"])
    if not owed:
        turn.reply.say("pay.none")
        return
    language = turn.person["language"]
    words = turn.context.wording.sentence("pay", language)
    since = turn.now - LATELY
    sums = {
        "owed": _sum(owed, "owed", 0), "to_check": _sum(owed, "to_check", 0),
        "approved": _sum(owed, "approved", since),
    }  # fmt: skip

    def listing(shown: int) -> dict[str, str]:
        return sums | {"entries": _entries(words, owed, shown, sms=turn.sms)}

    def fits(shown: int) -> bool:
        return (
            septets(turn.context.wording.sms(Message((Part("pay", listing(shown)),)), language))
            <= ONE
        )

    most = min(LAST, len(owed))
    turn.reply.say("pay", listing(next(filter(fits, range(most, 0, -1)), 1) if turn.sms else most))


def dispute(turn: Technician, text: str, channel: str) -> None:
    """`PAY 114-7 it was two units`: what is not right goes to the manager as an alert.

    The ledger stays as it is; that it is disputed stands in the visit's history, and the manager
    can decide about the fee at once. Words that name no fee of theirs are passed on all the same.
    """
    mine = fees.of_technician(turn.tx, turn.person["id"])
    first, _, rest = text.partition(" ")
    named = [
        row for row in mine if len(first) >= _TAIL and row["number"].endswith(first.lstrip("#"))
    ]
    fee = named[0] if named else (mine[0] if len(mine) == 1 else None)
    words = (rest if named else text).strip()
    if not words:
        turn.reply.say("pay.why", {"order": named[0]["number"]})
        return
    job = jobs.get(turn.tx, fee["job_id"]) if fee is not None else None
    what, order = "-", "-"
    if fee is not None:
        order = fee["number"]
        what = f"{_reason(turn.context, turn.person, fee)} {fee['units']} {fee['status']}"
    alerts.tell_managers(
        turn.tx, turn.context.wording, turn.now, kind="fee_disputed", severity=2,
        technician=turn.person, job=job, since=job["since"] if job else 0,
        fee=fee["id"] if fee is not None else None,
        values={
            "technician": shortened(turn.person["name"], TECHNICIAN),
            "technician_phone": phone_of(turn.person, "-"), "order": order,
            "what": what.replace("_", " "), "text": words[:200],
        },
    )  # fmt: skip
    timeline.add(
        turn.tx, job=job["id"] if job else None, at=turn.now, told_at=turn.now,
        event="fee_disputed", step="", by=turn.person["name"], channel=channel,
        detail={"fee": fee["id"] if fee is not None else None, "text": words[:1000]},
        person=turn.person["id"],
    )  # fmt: skip
    turn.reply.say("pay.disputed")


def _sum(owed: list[Row], status: str, since: Instant) -> str:
    found = [
        row for row in owed if row["status"] == status and (row["decided_at"] or row["at"]) >= since
    ]
    return str(sum((Decimal(row["units"]) for row in found), Decimal(0)))


def _entries(words: Spoken, owed: list[Row], shown: int, *, sms: bool) -> str:
    lines = []
    for row in owed[:shown]:
        short = words.choices
        reason, status = (
            short.get(row["reason"], row["reason"]),
            short.get(row["status"], row["status"]),
        )
        if sms:
            lines.append(f"{row['number']} {reason} {row['units']} {status}")
        else:
            reason = words.buttons.get(row["reason"], reason)
            day = day_words(row["day"], row["timezone"])
            lines.append(f"• {row['number']}, {day}: {reason} {row['units']}, {status}")
    more = len(owed) - shown
    return "\n".join([*lines, f"+{more}"] if more else lines)


def is_anothers(tx: Tx, fee: Row, person: Row) -> bool:
    """Whether somebody else has to decide about this fee: it is the person's own, and they are not
    the only one who can (S5; in a small firm one person is everything)."""
    if fee["technician_id"] != person["id"]:
        return False
    managers = {each["id"] for each in people.of_role(tx, "manager")}
    office = {each["id"] for role in ("office", "operator") for each in people.of_role(tx, role)}
    return bool(({person["dm"], person["dc"]} & managers | office) - {person["id"]})


def settle(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx, context: Context, fee: Row, status: str, by: str, channel: str, now: Instant
) -> bool:
    """Decide about a fee and let everybody know: the one way for codes, buttons, desk and commands.

    `status` is approved or refused. The technician hears it, and no alert asks about it any more;
    False if it stands so already (then nothing is changed).
    """
    if not decide(tx, fee, status, by, channel, now):
        return False
    for alert in stored.of_fee(tx, fee["job_id"], fee["id"]):
        stored.change(
            tx, alert["id"], status="decided", decision=status, acknowledged_by=by,
            acknowledged_at=now, held_until=None,
        )  # fmt: skip
    technician = people.get(tx, fee["technician_id"]) if fee["technician_id"] else None
    if technician is not None:
        reply = Reply(technician, kind="money", job=fee["job_id"])
        values = {
            "order": fee["number"], "units": fee["units"], "manager": by,
            "what": _reason(context, technician, fee),
        }  # fmt: skip
        reply.say(f"fee.{status}", values)
        quiet = days.quiet_until(technician, now)
        send(tx, reply, context.wording, now, due_at=quiet)
    return True


def untold(tx: Tx, context: Context, person: Row, row: Row, now: Instant) -> None:
    """Nobody knows whether a text about money arrived: it is not repeated, a person tells it."""
    said = re.sub(r"<[^>]+>", "", json.loads(row["payload"]).get("text", ""))
    alerts.tell_about(
        tx, context.wording, now, kind="untold", severity=2, person=person,
        values={"text": html.unescape(said)[:90]},
    )  # fmt: skip


def _reason(context: Context, person: Row, fee: Row) -> str:
    words = context.wording.sentence("pay", person["language"])
    return words.choices.get(fee["reason"], fee["reason"])


def decide(tx: Tx, fee: Row, status: str, by: str, channel: str, now: Instant) -> bool:
    """Approve or refuse a fee; False if it stands so already, or was decided meanwhile.

    The row keeps the last decision, the timeline keeps each of them. Nothing is owed twice by it.
    """
    if not fees.decide(tx, fee["id"], fee["status"], status, by, now):
        return False
    timeline.add(
        tx,
        job=fee["job_id"],
        at=now,
        told_at=now,
        event=VERDICTS[status],
        step="",
        by=by,
        channel=channel,
        detail={
            "fee": fee["id"],
            "reason": fee["reason"],
            "units": fee["units"],
            "was": fee["status"],
        },
    )
    return True
