"""What is done to a job at the desk: the command line's own orders, in the visitor's name."""

from datetime import date

from bot.desk import words
from bot.desk.asking import Ask, MovedOn, Went
from bot.desk.board import read_day
from bot.desk.forms import number_of
from bot.desk.rights import NotYours, in_team
from bot.operator import actions, contact
from bot.operator.who import Refused
from bot.turns import pay
from storage import jobs, people
from storage.db import Row

CHANNEL = "desk"


def message(ask: Ask) -> Went:
    """A message to the technician."""
    told = contact.tell(
        ask.tx, ask.services.context, ask.subject, ask.form.get("text", ""), ask.now,
        ask.visitor.name, CHANNEL,
    )  # fmt: skip
    return _done(ask, f"Your message is on its way to {told['name']}.")


def ask_again(ask: Ask) -> Went:
    """The standing prompt once more."""
    told = contact.ask_again(
        ask.tx, ask.services.context, ask.subject, ask.now, ask.visitor.name, CHANNEL
    )
    return _done(ask, f"{told['name']} gets the prompt again.")


def hold(ask: Ask) -> Went:
    """No reminders for a while."""
    at = contact.hold(
        ask.tx, ask.services.context, ask.subject, ask.form.get("until", ""), ask.now,
        ask.visitor.name, CHANNEL,
    )  # fmt: skip
    return _done(ask, f"No reminder before {words.clock(at, ask.subject['timezone'])}.")


def move(ask: Ask) -> Went:
    """Another day or window."""
    job = _same(ask)
    typed = ask.form.get("day", "")
    day = _day(typed) if typed and typed != job["day"] else None
    window = ask.form.get("window", "").strip()
    moved = actions.move(
        ask.tx, ask.services.context, job, day, window, ask.now, ask.visitor.name, CHANNEL
    )
    on = words.day_words(moved["day"], moved["timezone"])
    said = f"{moved['number']} is on {on}, {words.window(moved)}."
    return Went(f"/desk/jobs/{moved['id']}", said)


def assign(ask: Ask) -> Went:
    """Another technician, of those whom the visitor may give jobs to."""
    job, number = _same(ask), number_of(ask.form.get("technician", ""))
    person = people.get(ask.tx, number) if number is not None else None
    if person is None:
        raise Refused("Choose who takes the job.")
    if person["erased_at"] is not None or not in_team(ask.visitor, person):
        raise NotYours
    given = actions.assign(
        ask.tx, ask.services.context, job, person, ask.now, ask.visitor.name, CHANNEL
    )
    return Went(f"/desk/jobs/{given['id']}", f"{given['number']} is {person['name']}’s.")


def step(ask: Ask) -> Went:
    """A step that was told by phone."""
    job, said = _same(ask), ask.form.get("text", "").strip() or ask.form.get("word", "")
    if not said:
        raise Refused("Choose or write what was done.")
    noted = actions.step(
        ask.tx, ask.services.context, job, said, ask.form.get("at", "").strip(), ask.now,
        ask.visitor.name, CHANNEL,
    )  # fmt: skip
    now_at = words.state(noted["state"])
    return _done(ask, f"Noted. The job is now at: {now_at}.")


def close(ask: Ask) -> Went:
    """The job ends."""
    job = _same(ask)
    ended = actions.close(
        ask.tx, ask.services.context, job, ask.form.get("state", ""), ask.now, ask.visitor.name,
        CHANNEL,
    )  # fmt: skip
    return _done(ask, f"{ended['number']} has ended: {words.plain(ended['state'])}.")


def fee(ask: Ask) -> Went:
    """A fee is approved or refused."""
    owed, status = ask.subject, ask.form.get("status", "")
    if status not in pay.VERDICTS:
        raise Refused("Approve the fee or refuse it.")
    if pay.is_anothers(ask.tx, owed, ask.visitor.person):
        raise Refused("This fee is your own: another manager or the office decides about it.")
    if owed["status"] != ask.form.get("was", ""):
        raise MovedOn(f"This fee is {words.fee(owed['status'])} meanwhile.")
    pay.settle(ask.tx, ask.services.context, owed, status, ask.visitor.name, CHANNEL, ask.now)
    what = f"{owed['units']} units for {owed['number']}"
    return Went(_page(ask, f"/desk/jobs/{owed['job_id']}"), f"{what}: {status}.")


def _same(ask: Ask) -> Row:
    """The job, locked, as it stood when the form was drawn; MovedOn."""
    job = ask.subject
    if job["technician_id"]:
        people.locked(ask.tx, job["technician_id"])
    fresh = jobs.get(ask.tx, job["id"]) or job
    seen = ask.form.get("seen", "")
    if seen != words.seen_of(fresh):
        where = words.state(fresh["state"])
        raise MovedOn(f"{fresh['number']} moved on while you looked, to: {where}.")
    return fresh


def _done(ask: Ask, said: str) -> Went:
    return Went(f"/desk/jobs/{ask.subject['id']}", said)


def _page(ask: Ask, otherwise: str) -> str:
    return "/desk/ledger" if ask.form.get("page") == "ledger" else otherwise


def _day(typed: str) -> date:
    day = read_day(typed, None)
    if day is None:
        raise Refused(f'"{typed[:40]}" is no date: write it like 2026-11-23.')
    return day
