"""What a manager answers to an alert: by code, by button, on the desk; one matter, one answer
(S3, S5)."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot import days
from bot.context import Context
from bot.incoming import Incoming
from bot.speech.phones import phone_of
from bot.turns import alerts as telling
from bot.turns import ladder, managers_look, managers_said, pay, taking
from bot.turns.alert_cards import ALL, card, detail_of, to_take
from bot.turns.carry_out import carry_out, values_of
from bot.turns.reply import Reply, send
from flows.codes import read_codes, read_words, takes_all
from flows.events import Decided
from flows.facts import Instant
from flows.talk import Talk
from flows.words import Code, read_code
from storage import alerts, fees, jobs, ladders, people, timeline
from storage.db import Row, Tx

MANAGERS = frozenset({"manager", "office", "operator"})
BUTTON, DESK = "button", "desk"
"""Proofs of who decides that need no characters."""
GUESSES = 5
"""So many wrong characters, and an alert about money is decided by button or on the desk only."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer: a sentence's key (`alert.taken`, `alert.over`, ...), its values.

    `changed` says whether anything was changed by it.
    """

    key: str
    values: dict[str, str] = field(default_factory=dict)
    changed: bool = False


# ------------------------------------------------------------------------------- on a phone


def answers_alert(tx: Tx, incoming: Incoming, person: Row) -> bool:
    """Whether this is a manager's answer or word rather than a technician's text.

    Somebody who is both means a technician's step where it can be one.
    """
    if incoming.button.startswith(("a:", "w:")):
        return True
    roles = set(person["roles"].split(";"))
    if incoming.kind != "message" or roles.isdisjoint(MANAGERS):
        return False
    if "technician" not in roles:
        text = incoming.text
        return bool(read_codes(text) or read_words(text) or takes_all(text))
    if managers_said.is_word(tx, incoming.text, person, incoming.received_at):
        return True
    if takes_all(incoming.text) and _open(tx, person):
        return True
    code = read_code(incoming.text)
    return code is not None and alerts.by_number(tx, person["id"], code.number) is not None


def answer(tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant) -> None:
    """Carry out what the manager answered, and say so to both sides."""
    if incoming.button.startswith(ALL) or takes_all(incoming.text):
        reply = Reply(person)
        _take_all(tx, context, reply, incoming.button.removeprefix(ALL), now)
    elif match := re.fullmatch(r"a:(\d+):(\w)", incoming.button):
        reply = Reply(person)
        _said(reply, decide(tx, context, person, int(match[1]), match[2], proof=BUTTON, now=now))
        _settle_button(reply, int(match[1]), match[2])
    elif match := managers_look.BUTTON.fullmatch(incoming.button):
        managers_look.pressed(tx, context, person, int(match[1]), now)
        return
    elif managers_said.is_word(tx, incoming.text, person, incoming.received_at):
        managers_said.says(tx, context, person, incoming, now)
        return
    elif words := read_words(incoming.text):
        reply = Reply(person)
        _said(reply, _pass_on(tx, context, person, *words, incoming.channel, now))
    else:
        reply = Reply(person)
        for code in read_codes(incoming.text):
            if code.choice:
                _said(reply, _typed(tx, context, person, code, now))
            elif (shown := _show(tx, context, person, code, now)) is not None:
                reply = shown
            else:
                _said(reply, _unknown(tx, person, f"{code.number}"))
    send(tx, reply, context.wording, now)


def says(tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant) -> None:
    """A manager's other texts: their words, else the alerts that are open and how to answer."""
    managers_said.says(tx, context, person, incoming, now)


def _said(reply: Reply, answered: Answered) -> None:
    reply.say(answered.key, answered.values)


def _settle_button(reply: Reply, alert: int, letter: str) -> None:
    """Whoever takes a matter can say with one tap that it is settled."""
    if letter == "a" and reply.parts[0][0].key == "alert.taken":
        label = reply.parts[0][0].values["settled"]
        reply.rows = [[[label, f"a:{alert}:d"]]]


def _open(tx: Tx, person: Row) -> list[Row]:
    return alerts.open_of(tx, person["id"])


def _typed(tx: Tx, context: Context, person: Row, code: Code, now: Instant) -> Answered:
    """One code of a text; a letter alone belongs to the only alert that is open."""
    if code.number:
        alert = alerts.by_number(tx, person["id"], code.number)
    else:
        waiting = _open(tx, person)
        alert = waiting[0] if len(waiting) == 1 else None
        if len(waiting) > 1:
            return Answered("alerts.which", {"code": f"{waiting[0]['number']}{code.choice}"})
    if alert is None:
        return _unknown(tx, person, f"{code.number or ''}{code.choice}")
    return decide(tx, context, person, alert["id"], code.choice, proof=code.token, now=now)


def _unknown(tx: Tx, person: Row, code: str) -> Answered:
    return Answered("alert.unknown" if _open(tx, person) else "alert.none_open", {"code": code})


def _take_all(tx: Tx, context: Context, reply: Reply, latest: str, now: Instant) -> None:
    """All that this manager is offered to take, by a button no more than stood in its list (up to
    the alert `latest`); what is about money is decided, not taken."""
    person = reply.person
    waiting = [row for row in _open(tx, person) if not latest or row["id"] <= int(latest)]
    free = to_take(waiting)
    if not free:
        reply.say("alerts.none_to_take" if waiting else "alert.none_open")
        return
    for row in free:
        decide(tx, context, person, row["id"], "a", proof="", now=now)
    codes = ", ".join(str(row["number"]) for row in free)
    reply.say("alerts.all_taken", {"codes": codes, "code": str(free[0]["number"])})
    settled = context.wording.sentence("alert", person["language"]).buttons["d"].split()[0]
    buttons = [[f"{row['number']} {settled}", f"a:{row['id']}:d"] for row in free]
    reply.rows = [buttons[place : place + 3] for place in range(0, len(buttons), 3)]


def _show(tx: Tx, context: Context, person: Row, code: Code, now: Instant) -> Reply | None:
    """A number alone: that alert once more with its answers, or what became of it."""
    alert = alerts.by_number(tx, person["id"], code.number)
    if alert is None:
        return None
    if alert["status"] not in (*ladder.OPEN, "told"):
        reply = Reply(person)
        _said(reply, decide(tx, context, person, alert["id"], "", proof="", now=now))
        return reply
    found = ladders.get(tx, alert["case_id"]) if alert["case_id"] else None
    photo = found["photo_id"] if found is not None else None
    return card(person, alert, detail_of(tx, alert), photo=photo)


def _pass_on(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx, context: Context, person: Row, number: int, text: str, channel: str, now: Instant
) -> Answered:
    """Words to the technician whom an alert is about."""
    alert = alerts.by_number(tx, person["id"], number)
    technician = people.get(tx, alert["about_id"]) if alert and alert["about_id"] else None
    if alert is None or technician is None or not may_answer(tx, person, alert, now):
        return _unknown(tx, person, str(number))
    job = jobs.get(tx, alert["job_id"]) if alert["job_id"] else None
    values = {"technician": technician["name"], "technician_phone": phone_of(technician, "-")}
    relay = Reply(technician, job=job["id"] if job else None, prefix=job["letter"] if job else "")
    relay.say("managers_word", {"manager": person["name"], "text": text[:300]})
    if send(tx, relay, context.wording, now) is None:
        return Answered("alert.not_passed_on", values)
    if not alert["acknowledged_by"]:
        _take(tx, alert, person, values, channel, now)
    timeline.add(
        tx, job=alert["job_id"], at=now, told_at=now, event="managers_word", step="",
        by=person["name"], channel=channel, detail={"text": text[:1000]}, person=technician["id"],
    )  # fmt: skip
    return Answered("alert.passed_on", values, changed=True)


# ------------------------------------------------------------------------------- the one way


def may_answer(tx: Tx, person: Row, alert: Row, now: Instant) -> bool:
    """Whether this alert is this manager's, and about one of their technicians still (S3)."""
    if alert["person_id"] != person["id"]:
        return False
    roles = set(person["roles"].split(";"))
    technician = people.get(tx, alert["about_id"]) if alert["about_id"] else None
    if technician is None or roles & {"office", "operator"}:
        return True
    above = [people.get(tx, technician[role]) for role in ("dm", "dc") if technician[role]]
    away = [each["deputy"] for each in above if each and days.is_absent(each, now)]
    return person["id"] in {each["id"] for each in above if each}.union(away)


def decide(  # noqa: C901, PLR0911, PLR0913 - by name; one answer a line
    tx: Tx,
    context: Context,
    person: Row,
    alert_id: int,
    letter: str,
    *,
    proof: str,
    now: Instant,
    channel: str = "",
) -> Answered:
    """A manager's answer to an alert: the one way for codes, buttons and the desk.

    `letter` is a take, c have them call me, d settled, or one of the alert's own choices; `proof`
    is `BUTTON`, `DESK`, or the characters that were typed: money needs one of them (S5).
    """
    alert = alerts.get(tx, alert_id)
    if alert is None or not may_answer(tx, person, alert, now):
        return _unknown(tx, person, letter)
    job = jobs.get(tx, alert["job_id"]) if alert["job_id"] else None
    technician = people.get(tx, alert["about_id"]) if alert["about_id"] else None
    values = _values(tx, context, person, alert, job, technician, now)
    choices = telling.choices_of(alert)
    if alert["status"] in ("closed", "decided"):
        key = "alert.was_decided" if alert["decision"] else "alert.over"
        return Answered(key if job is not None else f"{key}_whole", values)
    if letter in choices and alert["fee_id"]:
        return _decide_fee(tx, context, person, alert, choices[letter], proof, values, now)
    if letter in choices and alert["kind"] == taking.KIND:
        said = taking.decide(tx, context, person, alert, letter, channel or person["channel"], now)
        return Answered(*said, changed=said[0] in taking.DONE)
    if letter in choices and job is not None:
        if job["since"] != alert["since"] and not _still_asks(context, alert, job):
            return Answered("alert.over", values)
        _close_case(tx, alert, person, now, choices[letter])
        event = Decided(now, now, person["name"], channel or person["channel"], choices[letter])
        _tell(tx, context, job, technician, event)
        return Answered("alert.decided", values | {"choice": letter}, changed=True)
    where = channel or person["channel"]
    match letter:
        case "a":
            return _take(tx, alert, person, values, where, now)
        case "c":
            _take(tx, alert, person, values, where, now)
            asked = _have_them_call(tx, context, person, job, technician, values, now)
            if asked.changed:
                _log(tx, alert, person, "call_asked", where, now)
            return asked
        case "d":
            _close_case(tx, alert, person, now, "settled")
            _log(tx, alert, person, "alert_settled", where, now)
            return Answered("alert.settled", values, changed=True)
        case _:
            return Answered("alert.unknown", values | {"code": f"{alert['number']}{letter}"})


def _values(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    person: Row,
    alert: Row,
    job: Row | None,
    technician: Row | None,
    now: Instant,
) -> dict[str, str]:
    spoken = context.wording.sentence("alert", person["language"])
    known: Mapping[str, str] = {}
    if job is not None:
        talk = Talk.from_json(job["talk"])
        known = values_of(tx, context, job, technician, talk, now, sms=person["channel"] == "sms")
    at = alert["acknowledged_at"]
    return {
        "technician": technician["name"] if technician else "-",
        "technician_phone": phone_of(technician, "-"),
        **known,
        "code": str(alert["number"]),
        "kind": alert["kind"],
        "order": job["number"] if job else "-",
        "who": alert["acknowledged_by"] or "-",
        "time": telling.when(at, person["timezone"]) if at else "-",
        "decided": alert["decision"].replace("_", " ") or "-",
        "manager": person["name"],
        "manager_phone": phone_of(person, "-", reader=technician),
        "settled": spoken.buttons["d"],
    }


def _still_asks(context: Context, alert: Row, job: Row) -> bool:
    """A time outside the window is still to be decided until the technician is at the door."""
    return alert["kind"] == "late_outside" and context.not_begun(job)


def _take(
    tx: Tx, alert: Row, person: Row, values: dict[str, str], channel: str, now: Instant
) -> Answered:
    """The first one has it; whoever comes second is told who, and when."""
    if alert["acknowledged_by"] not in ("", person["name"]):
        return Answered("alert.taken_already", values)
    first = not alert["acknowledged_by"]
    for row in alerts.of_case(tx, alert["case_id"]):
        status = "acknowledged" if row["status"] == "open" else row["status"]
        alerts.change(
            tx, row["id"], status=status, acknowledged_by=person["name"],
            acknowledged_at=now if first else row["acknowledged_at"],
        )  # fmt: skip
    ladder.taken(tx, alert["case_id"], alert["severity"], now)
    telling.alarm_over(tx, alert)
    if first:
        _log(tx, alert, person, "alert_taken", channel, now)
    return Answered(
        "alert.taken" if alert["about_id"] else "alert.taken_whole", values, changed=True
    )


def _log(tx: Tx, alert: Row, person: Row, event: str, channel: str, now: Instant) -> None:
    timeline.add(
        tx, job=alert["job_id"], person=alert["about_id"], at=now, told_at=now, event=event,
        step="", by=person["name"], channel=channel, detail={"kind": alert["kind"]},
    )  # fmt: skip


def _have_them_call(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    person: Row,
    job: Row | None,
    technician: Row | None,
    values: dict[str, str],
    now: Instant,
) -> Answered:
    if technician is None:
        return Answered("alert.unknown", values)
    relay = Reply(technician, job=job["id"] if job else None, prefix=job["letter"] if job else "")
    phone = phone_of(person, "-", reader=technician)
    relay.say("relay.call_manager", {"manager": person["name"], "manager_phone": phone})
    asked = send(tx, relay, context.wording, now) is not None
    return Answered("alert.call_me" if asked else "alert.not_passed_on", values, changed=asked)


def _decide_fee(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    person: Row,
    alert: Row,
    status: str,
    proof: str,
    values: dict[str, str],
    now: Instant,
) -> Answered:
    """Money: only with the alert's own characters, by button or on the desk (S5)."""
    if proof not in (BUTTON, DESK):
        right = hmac.compare_digest(proof.encode(), alert["token"].encode())
        if not proof or not right or alert["guesses"] >= GUESSES:
            if proof and not right:
                alerts.change(tx, alert["id"], guesses=alert["guesses"] + 1)
            return Answered("alert.needs_token", values)
    fee = fees.get(tx, alert["fee_id"])
    if fee is None:
        return Answered("alert.over", values)
    channel = DESK if proof == DESK else person["channel"]
    named = values | {"units": fee["units"], "status": status}
    if pay.is_anothers(tx, fee, person):
        return Answered("alert.fee_own", named)
    if not pay.settle(tx, context, fee, status, person["name"], channel, now):
        fresh = fees.get(tx, fee["id"]) or fee
        return Answered(
            "alert.fee_stands", named | {"status": fresh["status"], "who": fresh["decided_by"]}
        )
    return Answered("alert.fee_decided", named, changed=True)


def _close_case(tx: Tx, alert: Row, person: Row, now: Instant, decision: str) -> None:
    for row in alerts.of_case(tx, alert["case_id"]):
        alerts.change(
            tx, row["id"], status="decided", decision=decision, acknowledged_by=person["name"],
            acknowledged_at=now, held_until=None,
        )  # fmt: skip
    telling.alarm_over(tx, alert)


def _tell(tx: Tx, context: Context, job: Row, technician: Row | None, event: Decided) -> None:
    """The decision moves the job, and the technician hears it."""
    talk = Talk.from_json(job["talk"])
    turn = context.engine.advance(
        talk, event, days.facts_of(job, technician["app"] if technician else "own")
    )
    reply = Reply(technician, job=job["id"], prefix=job["letter"]) if technician else None
    carry_out(tx, context, job, technician, talk, turn, event, reply)
    if reply is not None:
        send(tx, reply, context.wording, event.told_at)
