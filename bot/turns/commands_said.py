"""The words that work at any step, on every channel: TODAY, WHERE, BACK, LATE, OUT, ISSUE and the
rest."""

import re
from collections.abc import Callable
from typing import Any

from bot import days
from bot.incoming import Incoming
from bot.papers.links import Grant, link
from bot.speech.wording import Part, person_values
from bot.turns import alerts, growing, helping, new_order, onboarding, onboarding_said, taking
from bot.turns.acting import manager_of
from bot.turns.carry_out import show_menu
from bot.turns.enclosing import enclose
from bot.turns.pay import SHORTEST_DISPUTE, dispute, say_pay
from bot.turns.technician import TOO_LATE, Technician
from flows.events import WentBack
from flows.words import EXIT, RETURN, Command
from storage import jobs, people, timeline
from storage.db import Row

_OF_WHOEVER_COMES = ("eta_missing", "send_eta", "not_arrived", "not_started")
"""Alerts about a job that mean nothing more than that its technician is out."""


def obey(turn: Technician, said: Command, incoming: Incoming) -> None:
    """Do what the word says; every one of them is answered."""
    late = incoming.recovered or turn.now - incoming.sent_at > TOO_LATE
    if late and said.name in ("BACK", "ISSUE", "LATE", "OUT", RETURN):
        turn.say_where("recovered")
        return
    _WORDS[said.name](turn, said, incoming)


def _today(turn: Technician, _said: Command, _incoming: Incoming) -> None:
    day = turn.today
    shown = jobs.of_day(turn.tx, turn.person["id"], day)
    shown = [job for job in turn.jobs if job["day"] < day] + shown
    for job in shown:
        turn.reply.say("today.line", turn.values(job))
    if not helping.tell(turn) and not shown:
        turn.reply.say("today.none")


def _where(turn: Technician, said: Command, _incoming: Incoming) -> None:
    job = turn.by_letter(said.letter) if said.letter else turn.in_hand()
    if job is None:
        turn.say_where("nothing_open")
        return
    turn.reply.say("where", turn.values(job))
    if turn.context.phase(job) != "ahead":
        turn.ask(job)


def _back(turn: Technician, said: Command, incoming: Incoming) -> None:
    if not said.letter and onboarding_said.back(turn, incoming.channel):
        return
    if turn.person["out_on"] == turn.today:
        people.change(turn.tx, turn.person["id"], out_on="")
        turn.person = people.get(turn.tx, turn.person["id"]) or turn.person
        _over(turn, incoming)
        return
    job = turn.by_letter(said.letter) if said.letter else turn.in_hand()
    if job is None:
        turn.reply.say("nothing_open")
        return
    turn.advance(job, WentBack(turn.now, turn.now, turn.person["name"], incoming.channel))
    if turn.reply.ask is None:
        fresh = jobs.get(turn.tx, job["id"])
        if fresh is not None:
            turn.ask(fresh)


def _over(turn: Technician, incoming: Incoming) -> None:
    """Whoever is back needs nobody in their place: what asked for it is over."""
    for alert in growing.out_of(turn.tx, turn.person, turn.todays, turn.today):
        alerts.end(turn.tx, alert)
    if turn.person["app"] != "none":  # else asked for with or without OUT
        for job in turn.todays:
            alerts.close(turn.tx, job["id"], ("send_eta",))
    helped = days.helped(turn.tx, turn.person["id"], turn.today)
    for job in (*turn.todays, *helped):
        _note(turn, job, "out_over", incoming)
    helping.tell_leads(turn, helped, "help.back")
    told = alerts.tell_about(
        turn.tx, turn.context.wording, turn.now, kind="out_over", severity=2, person=turn.person
    )
    turn.reply.say("out.over" if told else "manager.nobody", _who(turn))
    if (held := turn.in_hand()) is not None and turn.context.phase(held) != "ahead":
        turn.ask(held)


def _issue(turn: Technician, said: Command, _incoming: Incoming) -> None:
    if not said.letter and onboarding_said.explain(turn):
        return
    job = turn.by_letter(said.letter) if said.letter else turn.in_hand()
    if job is None or turn.context.phase(job) == "ahead":
        turn.say_where("nothing_open")
        return
    talk = turn.talk(job)
    show_menu(turn.tx, turn.context, turn.reply, job, turn.person, talk, turn.now, "issue")


def _late(turn: Technician, said: Command, incoming: Incoming) -> None:
    held = turn.by_letter(said.letter) if said.letter else turn.in_hand()
    if held is not None and not turn.context.not_begun(held) and not said.letter:
        held = next((job for job in turn.todays if turn.context.not_begun(job)), held)
    if held is None:  # tomorrow's
        held = next((job for job in turn.jobs if turn.context.not_begun(job)), None)
    if held is None:
        turn.reply.say("nothing_open")
        return
    if not turn.context.not_begun(held):
        turn.reply.say("late.nothing", turn.values(held))
        turn.ask(held)
        return
    if turn.context.phase(held) != "late":
        turn.choose(held, "late", incoming)
    elif not said.rest:
        turn.ask(held)
    fresh = jobs.get(turn.tx, held["id"])
    if said.rest and fresh is not None and turn.context.phase(fresh) == "late":
        turn.told(fresh, said.rest, incoming)


def _out(turn: Technician, _said: Command, incoming: Incoming) -> None:
    """Sick, or the car is dead: today's jobs and their reminders go to the managers."""
    mine, helped = turn.todays, days.helped(turn.tx, turn.person["id"], turn.today)
    if not (mine or helped):
        turn.reply.say("out.none")
        return
    people.change(turn.tx, turn.person["id"], out_on=turn.today)
    first = (mine or helped)[0]
    values = turn.values(first) | {
        "jobs": growing.missing(turn.tx, turn.context, turn.person, mine, turn.today),
        "count": str(len(mine)),
        "since": alerts.when(turn.now, first["timezone"]),
    }
    told = alerts.tell_managers(
        turn.tx,
        turn.context.wording,
        turn.now,
        kind="out",
        severity=1,
        technician=turn.person,
        values=values,
        job=first,
        since=first["since"],
    )
    for job in (*mine, *helped):
        _note(turn, job, "out", incoming)
    for job in mine:
        alerts.close(turn.tx, job["id"], _OF_WHOEVER_COMES)
    turn.reply.asks = {"kind": "manager", "choices": {}, "waits": "text"}
    if not told:
        turn.reply.say("manager.nobody", values)
    else:
        turn.reply.say("out.done" if mine else "out.done_helping", values)
    helping.tell_leads(turn, helped, "help.out")


def _note(turn: Technician, job: Row, event: str, incoming: Incoming) -> None:
    timeline.add(
        turn.tx, job=job["id"], at=turn.now, told_at=turn.now, event=event, step=job["state"],
        by=turn.person["name"], channel=incoming.channel,
    )  # fmt: skip


def _numbers(turn: Technician, said: Command, _incoming: Incoming) -> None:
    job = turn.by_letter(said.letter) if said.letter else turn.in_hand()
    contacts = turn.context.contacts(job["program"] if job else turn.person["program"])
    manager = manager_of(turn.tx, turn.person, turn.now)
    turn.reply.say("numbers", person_values(turn.person, manager, contacts, sms=turn.sms))
    turn.reply.contacts = [
        {"name": contacts.get(f"{whose}_name", whose.upper()), "phone": phone}
        for name, phone in contacts.items()
        for whose, _, what in [name.rpartition("_")]
        if what == "phone" and phone
    ]
    if manager is not None and manager["phone"]:
        turn.reply.contacts.append({"name": manager["name"], "phone": manager["phone"]})


def _card(turn: Technician, _said: Command, _incoming: Incoming) -> None:
    helping.tell(turn)
    turn.reply.say("card", turn.context.contacts(turn.person["program"]))
    enclose(turn, "card", "card.caption")


def _form(turn: Technician, said: Command, _incoming: Incoming) -> None:
    """The Manual POS form of a job, or a blank pad where none is in hand (A30, A31)."""
    job = turn.by_letter(said.letter) if said.letter else turn.in_hand()
    values = turn.values(job) if job else _who(turn)
    key = "form.ready" if job else "form.pad"
    if turn.sms:
        way = link(turn.tx, Grant(job["id"] if job else 0, turn.person["id"]), turn.now)
        turn.reply.say(key if way else "form.no_link", values | {"link": way})
    else:
        turn.reply.say(key, values)
        enclose(turn, "form" if job else "pad", "form.caption" if job else "form.pad_caption", job)
    if job:
        turn.reply.prefix, turn.reply.job = job["letter"], job["id"]


def _pay(turn: Technician, said: Command, incoming: Incoming) -> None:
    if len(said.rest) >= SHORTEST_DISPUTE:
        dispute(turn, said.rest, incoming.channel)
    else:
        say_pay(turn)


def _who(turn: Technician) -> dict[str, str]:
    return onboarding.values(turn, turn.person["program"])


def _manager(turn: Technician, said: Command, incoming: Incoming) -> None:
    if said.rest:
        tell_manager(turn, said.rest, incoming)
        return
    turn.reply.ask = Part("manager.ask", _who(turn))
    turn.reply.asks = _own_words(turn)


def _own_words(turn: Technician) -> dict[str, Any]:
    """Words for the managers are asked for; what of getting ready stood there comes back after."""
    asks = {"kind": "manager", "choices": {}, "waits": "text"}
    over = onboarding_said.standing(turn)
    return asks | {"over": over} if over else asks


def answered(turn: Technician, incoming: Incoming) -> None:
    """What is said where words for the managers are asked for, or may follow (OUT); a digit is none
    of them."""
    if re.fullmatch(r"\W*\d\W*", incoming.text):
        out = turn.person["out_on"] == turn.today
        turn.reply.say("out.is" if out else "not_understood", {"text": incoming.text.strip()})
        turn.reply.ask = None if out else Part("manager.ask", _who(turn))
        turn.reply.asks = _own_words(turn)
    else:
        tell_manager(turn, incoming.text, incoming)


def tell_manager(turn: Technician, text: str, incoming: Incoming) -> None:
    """A technician's words go to the managers as an alert; there is always a way to a human."""
    job = turn.in_hand()
    values = turn.values(job) if job else _who(turn)
    out = turn.person["out_on"] == turn.today
    said = out and growing.words_of_out(
        turn.tx, turn.context, turn.person, turn.todays, text, turn.now
    )
    told = said or alerts.tell_managers(
        turn.tx,
        turn.context.wording,
        turn.now,
        kind="message",
        severity=2,
        technician=turn.person,
        values=values
        | {"text": text[:300], "since": alerts.when(turn.now, turn.person["timezone"])},
        job=job,
        since=job["since"] if job else 0,
    )
    timeline.add(
        turn.tx,
        job=job["id"] if job else None,
        person=turn.person["id"],
        at=turn.now,
        told_at=turn.now,
        event="message",
        step=job["state"] if job else "",
        by=turn.person["name"],
        channel=incoming.channel,
        detail={"text": text[:1000]},
    )
    turn.reply.say("manager.sent" if told else "manager.nobody", values)
    if job is not None and turn.context.phase(job) != "ahead" and not out:
        turn.ask(job)
    elif not out:
        turn.asked = onboarding_said.standing(turn)
        onboarding_said.again(turn)


def _return(turn: Technician, said: Command, incoming: Incoming) -> None:
    """Back at a door that was left open today: the same visit goes on at Start Job."""
    today = jobs.of_day(turn.tx, turn.person["id"], turn.today)
    left = [job for job in today if job["state"] == "left_open"]
    job = next((each for each in left if said.letter in ("", each["letter"])), None)
    if job is None:
        turn.say_where("nothing_open")
        return
    turn.choose(job, "returned", incoming)
    people.change(turn.tx, turn.person["id"], in_hand=job["id"])


def _new(turn: Technician, said: Command, incoming: Incoming) -> None:
    new_order.hear(turn, said.rest, {}, incoming.channel)


def _take(turn: Technician, _said: Command, incoming: Incoming) -> None:
    taking.take(turn, incoming)


def _setup(turn: Technician, said: Command, _incoming: Incoming) -> None:
    onboarding_said.command(turn, _program_named(turn, said))


def _practice(turn: Technician, said: Command, _incoming: Incoming) -> None:
    onboarding_said.practise(turn, _program_named(turn, said))


def _exit(turn: Technician, _said: Command, _incoming: Incoming) -> None:
    onboarding_said.leave(turn)


def _program_named(turn: Technician, said: Command) -> str:
    """ "SETUP mila": which one, for who works for several; "" where none is named."""
    name = said.rest.strip(" .!?").lower()
    return name if name in turn.context.programs else ""


def _menu(turn: Technician, _said: Command, _incoming: Incoming) -> None:
    turn.reply.say("menu", {"program": turn.person["program"]})


_WORDS: dict[str, Callable[[Technician, Command, Incoming], None]] = {
    "TODAY": _today,
    "WHERE": _where,
    "BACK": _back,
    "LATE": _late,
    "OUT": _out,
    "ISSUE": _issue,
    RETURN: _return,
    "NUMBERS": _numbers,
    "CARD": _card,
    "FORM": _form,
    "PAY": _pay,
    "MANAGER": _manager,
    "TAKE": _take,
    "MENU": _menu,
    "NEW": _new,
    "SETUP": _setup,
    "PRACTICE": _practice,
    EXIT: _exit,
}
