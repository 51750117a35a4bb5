"""People at the desk: who works here, how they are reached, invitations, absences, an end to it."""

import re
from typing import Any

import segno
from markupsafe import Markup

from bot import days
from bot.desk import sessions
from bot.desk.asking import Ask, Page, Went
from bot.desk.board import read_day
from bot.desk.finding import matching
from bot.desk.forms import number_of
from bot.desk.rights import opens
from bot.operator.preparing import START, Progress, mark, progress
from bot.operator.roster import mark_absent
from bot.operator.who import Refused
from bot.turns import enrolment, ladder
from bot.turns.quiet import set_hours
from bot.turns.signing_in import may_sign_in
from storage import bulk, desk, jobs, onboardings, people, timeline
from storage.db import Row

CHANNELS = {"": "Whichever was used last", "telegram": "Telegram", "sms": "SMS"}


def everybody(ask: Ask) -> Page:
    """Everybody whom the visitor reaches, with how they are reached."""
    tx, visitor = ask.tx, ask.visitor
    addresses = bulk.addresses_by_person(tx)
    all_ = people.everybody(tx)
    rows, context = onboardings.by_person(tx), ask.services.context
    names = {person["id"]: person["name"] for person in all_}
    wanted = ask.query.get("q", "").strip().casefold()
    shown = matching(visitor, all_, wanted)
    return Page(
        "people.html",
        {
            "here": "people", "people": shown, "addresses": addresses, "names": names, "q": wanted,
            "today": _today(ask, visitor.person),
            "progress": {
                each["id"]: progress(context, each, rows.get(each["id"], [])) for each in shown
            },
            "opens": {each["id"] for each in shown if opens(ask.tx, visitor, "person", each["id"])},
        },
    )  # fmt: skip


def show(ask: Ask) -> Page:
    """One of them."""
    return Page("person.html", _values(ask, ask.subject))


def _values(ask: Ask, person: Row, **more: Any) -> dict[str, Any]:
    tx = ask.tx
    today = _today(ask, person)
    managers = {role: people.get(tx, person[role]) for role in ("dm", "dc") if person[role]}
    prepares = progress(ask.services.context, person, onboardings.of_person(tx, person["id"]))
    return {
        "here": "people", "person": person, "roles": person["roles"].split(";"),
        "managers": managers, "addresses": people.addresses(tx, person["id"]),
        "jobs": jobs.of_day(tx, person["id"], today), "today": today, "channels": CHANNELS,
        "progress": prepares, "others": _others(ask, prepares),
        "sessions": sessions.open_sessions(tx, person["id"], ask.now),
        "self": person["id"] == ask.visitor.person["id"], "invited": None,
        "colleagues": _colleagues(ask, person),
        "deputy": people.get(tx, person["deputy"]) if person["deputy"] else None,
        "changes": opens(tx, ask.visitor, "person.invite", person["id"]),
    } | more  # fmt: skip


def _others(ask: Ask, prepares: list[Progress]) -> list[str]:
    """Programs for which this technician was never asked to get ready."""
    shown = {each.program for each in prepares}
    programs = ask.services.context.programs.items()
    return [name for name, found in programs if found.prepares and name not in shown and shown]


def _today(ask: Ask, person: Row) -> str:
    return days.local_day(ask.now, days.zone_of(person["timezone"])).isoformat()


def invite(ask: Ask) -> Page:
    """A single-use code, shown once: as a link with its QR code, and as words to text (S2)."""
    person, services = ask.subject, ask.services
    invitation = enrolment.invite(ask.tx, person["id"], ask.now)
    _note(ask, "invited")
    bot, settings = services.bot_name(), services.settings
    link = f"https://t.me/{bot}?start={invitation.code}" if bot else ""
    number = settings.sender(person["program"]) if settings.twilio_on else ""
    return Page(
        "person.html",
        _values(
            ask, person,
            invited={
                "code": invitation.code, "link": link, "expires_at": invitation.expires_at,
                "number": number if number.startswith("+") else "", "sms": bool(number),
                "qr": _qr(link) if link else "",
            },
        ),
    )  # fmt: skip


def _qr(link: str) -> Markup:
    """A QR code as SVG, drawn dark on light in either scheme."""
    made = segno.make(link, micro=False, error="m")
    drawn = made.svg_inline(scale=5, border=3, dark="#10181c", light="#ffffff", title="QR code")
    return Markup(drawn)  # noqa: S704 - segno's own markup of a link that is ours


def absent(ask: Ask) -> Went:
    """Away from one day to another, or here again."""
    person = ask.subject
    if ask.form.get("back"):
        mark_absent(ask.tx, person, "", "")
        people.change(ask.tx, person["id"], deputy=None)
        _note(ask, "absence_over")
        return _back(ask, f"{person['name']} is here again.")
    first = ask.form.get("first", "")
    last = ask.form.get("last", "") or first
    for day in (first, last):
        if read_day(day, None) is None:
            raise Refused("Give the first day away, and the last if it is another.")
    mark_absent(ask.tx, person, first, last)
    deputy = _deputy(ask, person)
    people.change(ask.tx, person["id"], deputy=deputy["id"] if deputy else None)
    ladder.pass_over(ask.tx, person["id"], ask.now)
    _note(ask, "absent", first=first, last=last, deputy=deputy["name"] if deputy else "-")
    left = bulk.open_between(ask.tx, person["id"], first, last)
    said = f"{person['name']} is away from {first} to {last}."
    said += f" {deputy['name']} stands in." if deputy else ""
    if left:
        said += f" {len(left)} open jobs of these days need somebody else: {_numbers(left)}."
    return _back(ask, said)


def _deputy(ask: Ask, person: Row) -> Row | None:
    number = number_of(ask.form.get("deputy", ""))
    found = people.get(ask.tx, number) if number is not None else None
    if found is None:
        return None
    if found["id"] not in {each["id"] for each in _colleagues(ask, person)}:
        raise Refused("Another manager can stand in, nobody else.")
    return found


def _colleagues(ask: Ask, person: Row) -> list[Row]:
    """Who may stand in for a manager: the other managers, and the office."""
    if not may_sign_in(person):
        return []
    found = [*people.of_role(ask.tx, "manager"), *people.of_role(ask.tx, "office")]
    known = {each["id"]: each for each in found if each["id"] != person["id"]}
    return sorted(known.values(), key=lambda each: str(each["name"]))


def quiet(ask: Ask) -> Went:
    """The person's own quiet hours; the same hour twice is never, both empty the usual ones."""
    first, last = (ask.form.get(name, "").strip() for name in ("from", "to"))
    if bool(first) != bool(last) or not all(_is_hour(each) for each in (first, last) if each):
        raise Refused("Give both hours like 21:00 and 06:00, or neither for the usual ones.")
    by = ask.visitor.name
    set_hours(ask.tx, ask.subject, (first, last), ask.now, by=by, channel="desk")
    return _back(ask, "Noted. What is severe comes at any hour.")


def _is_hour(typed: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", typed) is not None


def _numbers(left: list[Row]) -> str:
    shown = ", ".join(row["number"] for row in left[:5])
    return f"{shown} and {len(left) - 5} more" if len(left) > 5 else shown


def channel(ask: Ask) -> Went:
    """Where this person is written to: a phone that joined, or whichever was used last."""
    person, wanted = ask.subject, ask.form.get("channel", "")
    if wanted not in CHANNELS:
        raise Refused("Choose Telegram, SMS or whichever was used last.")
    changes: dict[str, Any] = {"preferred": wanted}
    if wanted:
        found = next(
            (each for each in people.addresses(ask.tx, person["id"])
             if each["channel"] == wanted and each["state"] == "active"), None,
        )  # fmt: skip
        if found is None:
            raise Refused(f"{person['name']} has not joined by {CHANNELS[wanted]}: invite them.")
        changes |= {"channel": wanted, "address": found["address"]}
    people.change(ask.tx, person["id"], **changes)
    _note(ask, "channel", channel=wanted or "any")
    return _back(ask, "Noted.")


def setup(ask: Ask) -> Went:
    """A step of getting ready counts as done, all of it does, or it begins anew."""
    person, wanted = ask.subject, ask.form.get("do", "")
    mark(
        ask.tx, ask.services.context, person, ask.form.get("program", ""), wanted, now=ask.now,
        by=ask.visitor.name, channel="desk",
    )  # fmt: skip
    first = person["name"].split(" ")[0]
    if wanted != START:
        return _back(ask, "Noted.")
    return _back(ask, f"{first} begins: asked at once, or as soon as no job is on.")


def revoke(ask: Ask) -> Went:
    """A phone was lost, somebody left: no phone is theirs, nobody is signed in, no code works."""
    person = ask.subject
    gone = desk.unbind(ask.tx, person["id"])
    desk.end_sessions(ask.tx, person["id"], ask.now)
    _note(ask, "revoked", phones=gone)
    if person["id"] == ask.visitor.person["id"]:
        return Went("/desk/")
    return _back(ask, f"{person['name']} is reached nowhere now. Invite them to come back.")


def _note(ask: Ask, event: str, **detail: object) -> None:
    timeline.add(
        ask.tx, job=None, person=ask.subject["id"], at=ask.now, told_at=ask.now, event=event,
        step="", by=ask.visitor.name, channel="desk", detail=detail,
    )  # fmt: skip


def _back(ask: Ask, said: str) -> Went:
    return Went(f"/desk/people/{ask.subject['id']}", said)
