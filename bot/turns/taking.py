"""TAKE: a helper asks to lead a job; the lead or the manager answers, and then the taker moves it
while who led it helps (contract section 2)."""

import re
from typing import TYPE_CHECKING

from bot import days
from bot.context import Context
from bot.incoming import Incoming
from bot.speech.wording import Part
from bot.turns import alerts as telling
from bot.turns import helping
from bot.turns.carry_out import ask
from bot.turns.reply import Reply, send
from flows.facts import Instant
from flows.talk import Talk
from flows.words import read_code
from storage import alerts, jobs, people, timeline, timers
from storage.db import Row, Tx

if TYPE_CHECKING:
    from bot.turns.technician import Technician

KIND = "take"
_ANSWERS = (("y", "take_over"), ("n", "take_not"))
DONE = frozenset({"take.given", "take.kept"})
"""What is said of a request by which something was changed."""
_SENT_BY_MANAGER = "manager_sends_eta"


# -- asking -------------------------------------------------------------------------------------


def take(turn: "Technician", incoming: Incoming, wanted: int | None = None) -> None:
    """Ask for the only job on which this technician helps today; which, where there are several."""
    found = days.helped(turn.tx, turn.person["id"], turn.today)
    chosen = [job for job in found if wanted in (None, job["id"])]
    if not chosen:
        turn.say_where("take.none")
    elif len(chosen) > 1:
        _which(turn, chosen)
    else:
        _ask_for(turn, chosen[0], incoming)


def _which(turn: "Technician", found: list[Row]) -> None:
    numbered = {str(place): job for place, job in enumerate(found[:9], 1)}
    names = {
        digit: helping.values(turn.tx, turn.context, job, turn.person, turn.now)
        for digit, job in numbered.items()
    }
    options = ", ".join(f"{digit} {said['customer']}" for digit, said in names.items())
    turn.reply.ask = Part("take.which", {"options": options})
    turn.reply.choices = tuple((digit, digit) for digit in numbered)
    turn.reply.buttons = {digit: f"take:{job['id']}" for digit, job in numbered.items()}
    choices = {digit: str(job["id"]) for digit, job in numbered.items()}
    turn.reply.asks = {"kind": "take", "choices": choices}


def _ask_for(turn: "Technician", job: Row, incoming: Incoming) -> None:
    said = helping.values(turn.tx, turn.context, job, turn.person, turn.now)
    waiting = [
        alert
        for alert in alerts.open_of_job(turn.tx, job["id"])
        if (alert["kind"], alert["about_id"]) == (KIND, turn.person["id"])
    ]
    if waiting:
        turn.reply.say("take.asked", said)
        return
    lead = people.get(turn.tx, job["technician_id"]) if job["technician_id"] else None
    managers = telling.managers_of(turn.tx, turn.person, turn.now)
    asked = [each for each in (lead, *managers) if each is not None and each["channel"]]
    told = telling.tell_managers(
        turn.tx, turn.context.wording, turn.now, kind=KIND, severity=2, technician=turn.person,
        values={**said, "technician": turn.values(job)["technician"]},
        job=job, since=job["since"], choices=_ANSWERS,
        to=list({each["id"]: each for each in asked}.values()),
    )  # fmt: skip
    timeline.add(
        turn.tx, job=job["id"], person=turn.person["id"], at=turn.now, told_at=turn.now,
        event="take_asked", step=job["state"], by=turn.person["name"], channel=incoming.channel,
    )  # fmt: skip
    turn.reply.say("take.asked" if told else "manager.nobody", said)


# -- answering ----------------------------------------------------------------------------------


def answers(tx: Tx, incoming: Incoming, person: Row) -> Row | None:
    """The request that this text or press of the lead or a manager answers with yes or no."""
    found, _ = _answer(tx, incoming, person)
    return found


def _answer(tx: Tx, incoming: Incoming, person: Row) -> tuple[Row | None, str]:
    alert, letter = None, ""
    if match := re.fullmatch(r"a:(\d+):(\w)", incoming.button):
        alert, letter = alerts.get(tx, int(match[1])), match[2]
    elif incoming.kind == "message" and (code := read_code(incoming.text)) is not None:
        alert, letter = alerts.by_number(tx, person["id"], code.number), code.choice
    mine = alert is not None and alert["kind"] == KIND and alert["person_id"] == person["id"]
    return (alert, letter) if mine and letter in dict(_ANSWERS) else (None, "")


def answer(tx: Tx, context: Context, person: Row, incoming: Incoming, now: Instant) -> None:
    """Carry out what the lead or the manager answered, and say so to both sides."""
    alert, letter = _answer(tx, incoming, person)
    if alert is None:
        return
    reply = Reply(person)
    reply.say(*decide(tx, context, person, alert, letter, incoming.channel, now))
    send(tx, reply, context.wording, now)


def decide(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx, context: Context, person: Row, alert: Row, letter: str, channel: str, now: Instant
) -> tuple[str, dict[str, str]]:
    """The answer to a request, by phone or at the desk; what is said to whoever answered."""
    job = jobs.get(tx, alert["job_id"])
    for one in sorted({each for each in (alert["about_id"], job and job["technician_id"]) if each}):
        people.locked(tx, one)
    job = jobs.get(tx, alert["job_id"])
    taker = people.get(tx, alert["about_id"])
    if job is None or taker is None:
        return "take.none", {}
    if (
        alert["status"] in ("closed", "decided")
        or not job["is_open"]
        or taker["id"] not in days.helpers_of(job)
        or not _may_answer(tx, person, job, taker, now)
    ):
        return "take.over", helping.values(tx, context, job, person, now)
    for row in alerts.of_case(tx, alert["case_id"]):
        alerts.change(
            tx, row["id"], status="decided", decision=dict(_ANSWERS)[letter],
            acknowledged_by=person["name"], acknowledged_at=now,
        )  # fmt: skip
    lead = people.get(tx, job["technician_id"]) if job["technician_id"] else None
    detail = {"taker": taker["name"], "lead": lead["name"] if lead else ""}
    if letter == "n":
        _log(tx, job, "take_refused", person, channel, detail, now)
        said = helping.values(tx, context, job, taker, now) | {"who": person["name"]}
        _tell(tx, context, taker, job, "take.refused", said, now)
        short = {"taker": taker["name"].partition(" ")[0]}
        return "take.kept", helping.values(tx, context, job, person, now) | short
    hand_over(tx, context, job, taker, now)
    _log(tx, job, "took_over", person, channel, detail, now)
    fresh = jobs.get(tx, job["id"]) or job
    if lead is not None and lead["id"] != person["id"]:
        said = helping.values(tx, context, fresh, lead, now)
        _tell(tx, context, lead, job, "take.given", said, now)
    return "take.given", helping.values(tx, context, fresh, person, now)


def _tell(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx, context: Context, person: Row, job: Row, key: str, said: dict[str, str], now: Instant
) -> None:
    reply = Reply(person, kind="prompt", job=job["id"])
    reply.say(key, said)
    send(tx, reply, context.wording, now)


def _may_answer(tx: Tx, person: Row, job: Row, taker: Row, now: Instant) -> bool:
    """The lead, or whoever manages the taker: nobody else, whatever was once sent to them (S3)."""
    managers = {each["id"] for each in telling.managers_of(tx, taker, now, both=True)}
    managers |= {taker["dm"], taker["dc"]}
    return person["id"] == job["technician_id"] or person["id"] in managers


def _log(  # noqa: PLR0913, PLR0917 - one line of history
    tx: Tx, job: Row, event: str, by: Row, channel: str, detail: dict[str, str], now: Instant
) -> None:
    timeline.add(
        tx, job=job["id"], at=now, told_at=now, event=event, step=job["state"], by=by["name"],
        channel=channel, detail=detail,
    )  # fmt: skip


def hand_over(tx: Tx, context: Context, job: Row, taker: Row, now: Instant) -> None:
    """The taker leads from here, under a letter of their own day; who led helps."""
    others = [each for each in days.helpers_of(job) if each != taker["id"]]
    lead = job["technician_id"]
    helpers = [*others, *([lead] if lead else [])]
    mine = jobs.of_day(tx, taker["id"], job["day"])
    used = {each["letter"] for each in mine}
    letter = days.free_letter(used)
    talk = _by_whose_app(tx, context, job, taker, now)
    jobs.change(
        tx, job["id"], now, technician_id=taker["id"], letter=letter, talk=talk.to_json(),
        helpers=";".join(map(str, helpers)), since=job["version"] + 1,
    )  # fmt: skip
    if lead:
        former = people.get(tx, lead)
        if former is not None and former["in_hand"] == job["id"]:
            people.change(tx, lead, in_hand=None)
    begun = not context.not_begun(job)
    if begun or not any(each["is_open"] for each in mine):
        people.change(tx, taker["id"], in_hand=job["id"])
    for person in filter(None, (taker["id"], lead)):
        days.replan_day(tx, person, job["day"], now)
    fresh = jobs.get(tx, job["id"]) or job
    reply = Reply(taker, kind="prompt", job=job["id"], prefix=letter)
    reply.say("take.yours", helping.values(tx, context, fresh, taker, now))
    if context.phase(fresh) != "ahead":
        ask(tx, context, reply, fresh, taker, talk, now)
        reply.lettered = not begun and any(each["is_open"] for each in mine)
    send(tx, reply, context.wording, now)


def _by_whose_app(tx: Tx, context: Context, job: Row, taker: Row, now: Instant) -> Talk:
    """Who sends the ETA hangs on whether the one who leads has an app; its reminders follow."""
    before = Talk.from_json(job["talk"])
    talk = Talk.from_json(job["talk"])
    if job["state"] == "eta":
        talk.marks.pop(_SENT_BY_MANAGER, None)
        if taker["app"] == "none":
            talk.marks[_SENT_BY_MANAGER] = now
    facts = days.facts_of(job, taker["app"])
    stood = context.engine.standing(before, facts)
    stands = context.engine.standing(talk, facts)
    timers.drop_for_job(tx, job["id"], [name for name in stood if name not in stands])
    new = [(name, t.due, t.late) for name, t in stands.items() if stood.get(name) != t]
    timers.set_for_job(tx, job["id"], new)
    return talk
