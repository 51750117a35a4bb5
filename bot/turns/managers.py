"""What a manager answers to an alert: by code, by button, on the desk; one matter, one answer
(S5)."""

import re

from bot import days
from bot.context import Context
from bot.incoming import Incoming
from bot.turns import alerts as telling
from bot.turns import unclear
from bot.turns.carry_out import carry_out, values_of
from bot.turns.reply import Reply, send
from flows.events import Decided
from flows.facts import Instant
from flows.talk import Talk
from flows.words import clean, is_no_answer, plain, read_code
from storage import alerts, jobs, people
from storage.db import Row, Tx

MONEY = frozenset({"fee", "price"})
"""Kinds about money: by SMS only with the random characters that the alert carried."""


def answers_alert(tx: Tx, incoming: Incoming, person: Row) -> bool:
    """Whether this is a manager's answer to an alert rather than a technician's text."""
    if incoming.button.startswith("a:"):
        return True
    roles = set(person["roles"].split(";"))
    if roles == {"technician"} or incoming.kind != "message":
        return False
    code = read_code(incoming.text)
    return code is not None and (
        roles.isdisjoint({"technician"})
        or alerts.by_number(tx, person["id"], code.number) is not None
    )


def answer(tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant) -> None:
    """Carry out what the manager answered, and say so to both sides."""
    reply = Reply(person)
    alert, letter, token = _which(tx, person, incoming)
    if alert is None or alert["person_id"] != person["id"]:
        reply.say(
            "alert.unknown" if alerts.open_of(tx, person["id"]) else "alert.none_open",
            {"code": letter},
        )
    else:
        _decide(tx, context, person, incoming, now, reply, alert, letter, token)
    send(tx, reply, context.wording, now)


def _which(tx: Tx, person: Row, incoming: Incoming) -> tuple[Row | None, str, str]:
    if match := re.fullmatch(r"a:(\d+):(\w+)", incoming.button):
        return alerts.get(tx, int(match[1])), match[2], "button"
    code = read_code(incoming.text)
    if code is not None:
        return alerts.by_number(tx, person["id"], code.number), code.choice, code.token
    return None, "", ""


def _decide(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    person: Row,
    incoming: Incoming,
    now: Instant,
    reply: Reply,
    alert: Row,
    letter: str,
    token: str,
) -> None:
    job = jobs.get(tx, alert["job_id"]) if alert["job_id"] else None
    technician = people.get(tx, alert["about_id"]) if alert["about_id"] else None
    values = {
        "code": str(alert["number"]),
        "who": alert["acknowledged_by"],
        "manager": person["name"],
        "manager_phone": person["phone"] or "-",
        "technician": technician["name"] if technician else "-",
        "technician_phone": technician["phone"] if technician else "-",
    }
    if job is not None:
        talk = Talk.from_json(job["talk"])
        values |= values_of(tx, context, job, technician, talk, now, sms=person["channel"] == "sms")
        values["manager"] = person["name"]
    choices = telling.choices_of(alert)
    if alert["status"] in ("closed", "decided") or (
        letter in choices
        and job is not None
        and job["since"] != alert["since"]
        and not _still_asks(context, alert, job)
    ):
        reply.say("alert.over", values)
    elif letter in choices and alert["kind"] in MONEY and token not in ("button", alert["token"]):
        reply.say("alert.needs_token", values)
    elif letter in choices and job is not None:
        _set_case(tx, alert, now, person, status="decided", decision=choices[letter])
        event = Decided(now, now, person["name"], incoming.channel, choices[letter])
        _tell(tx, context, job, technician, event)
        reply.say("alert.decided", values | {"choice": letter})
    elif letter == "a":
        if alert["acknowledged_by"]:
            reply.say("alert.taken_already", values)
        else:
            _set_case(tx, alert, now, person, status="acknowledged")
            reply.say("alert.taken", values)
    elif letter == "c":
        if not alert["acknowledged_by"]:
            _set_case(tx, alert, now, person, status="acknowledged")
        if technician is not None:
            relay = Reply(
                technician, job=job["id"] if job else None, prefix=job["letter"] if job else ""
            )
            relay.say(
                "relay.call_manager",
                {"manager": person["name"], "manager_phone": person["phone"] or "-"},
            )
            send(tx, relay, context.wording, now)
        reply.say("alert.call_me", values)
    else:
        reply.say("alert.unknown", values | {"code": f"{alert['number']}{letter}"})


def _still_asks(context: Context, alert: Row, job: Row) -> bool:
    """A time outside the window is still to be decided until the technician is at the door."""
    return alert["kind"] == "late_outside" and context.not_begun(job)


def _set_case(tx: Tx, alert: Row, now: Instant, person: Row, **values: str) -> None:
    for row in alerts.of_case(tx, alert["case_id"]):
        alerts.change(tx, row["id"], acknowledged_by=person["name"], acknowledged_at=now, **values)


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


def says(tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant) -> None:
    """A manager's other texts: the alerts that are open, and how they are answered."""
    if is_no_answer(clean(incoming.text)):
        return
    if plain(incoming.text) != "alerts" and not unclear.may_answer(tx, person, incoming.text, now):
        return
    reply = Reply(person)
    waiting = alerts.open_of(tx, person["id"])
    if not waiting:
        reply.say("alert.none_open", {"code": ""})
    for alert in waiting[:10]:
        job = jobs.get(tx, alert["job_id"]) if alert["job_id"] else None
        about = people.get(tx, alert["about_id"]) if alert["about_id"] else None
        reply.say(
            "alert.line",
            {
                "code": str(alert["number"]),
                "kind": alert["kind"].replace("_", " "),
                "technician": about["name"] if about else "-",
                "order": job["number"] if job else "-",
                "who": alert["acknowledged_by"] or "-",
            },
        )
    send(tx, reply, context.wording, now)
