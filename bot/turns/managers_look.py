"""What a manager sees from a phone: how the day stands, and where one technician is (S3)."""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot import days, overview
from bot.context import Context
from bot.overview import look_of, short_window, span, stands_since
from bot.speech.gsm import septets
from bot.speech.naming import clock, cut, day_figures
from bot.speech.phones import phone_of
from bot.turns import digests
from bot.turns.carry_out import values_of
from bot.turns.helping import values as helping_values
from bot.turns.reply import Reply, send
from flows.facts import Instant
from flows.talk import Talk
from storage import alerts, desk, jobs, people
from storage.db import Row, Tx

BUTTON = re.compile(r"w:(\d+)")
"""A press on one of several whom a name may mean."""
_SHORT = 2 * 153 - 60
"""Characters of the day on SMS, besides its last lines: two segments."""
_LONG = 3000
_CAPTION = 900
"""Characters that fit under a picture."""
_MOST = 6
"""So many namesakes are named."""
_NAME, _LETTERS, _SHORTEST = 3, 3, 2
"""Words that a name alone has, letters of each; the fewest of one that is typed whole (Cy, Li)."""
_PRESSED = 12
"""So many technicians have a button of their own."""
_FILLERS = frozenset({"is", "s", "are", "at", "the"})


def team_of(tx: Tx, person: Row, now: Instant) -> list[Row]:
    """The technicians about whom this manager may ask; the office and operators about all."""
    everyone = people.of_role(tx, "technician")
    if overview.sees_all(person):
        return everyone
    mine = overview.team_of(tx, person["id"], now)
    return [row for row in everyone if row["id"] in mine]


# ------------------------------------------------------------------------------- where one is


def meant(tx: Tx, person: Row, words: Sequence[str], now: Instant) -> list[Row]:
    """Those of the team whom these words may mean: by the whole name, by its beginnings, by a slip
    of the thumb; namesakes all."""
    said = [plain for word in words if (plain := _plain(word))]
    typed = [word for word in said if word not in _FILLERS] or said
    if not typed:
        return []
    team = [(row, _plain(row["name"]).split()) for row in team_of(tx, person, now)]
    exact = [row for row, name in team if name == typed]
    begun = [row for row, name in team if all(any(n.startswith(t) for n in name) for t in typed)]
    near = [
        row for row, name in team if all(difflib.get_close_matches(t, name, 1, 0.72) for t in typed)
    ]
    return exact or begun or near


def is_name(tx: Tx, person: Row, words: Sequence[str], now: Instant) -> bool:
    """Whether these few words are nothing but somebody of the team: a whole name, or at least three
    letters of it, each."""
    typed = [_plain(word) for word in words]
    if not 0 < len(typed) <= _NAME or any(len(word) < _SHORTEST for word in typed):
        return False
    names = [_plain(row["name"]).split() for row in team_of(tx, person, now)]
    return any(all(any(_is_meant(n, t) for n in name) for t in typed) for name in names)


def _is_meant(name: str, typed: str) -> bool:
    return name == typed or (len(typed) >= _LETTERS and name.startswith(typed))


def _plain(name: str) -> str:
    parted = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.sub(r"[^a-z0-9\u00df-\uffff -]", "", parted).split())


def where(tx: Tx, context: Context, person: Row, words: Sequence[str], now: Instant) -> None:
    """`WHERE TINA`: where she stands; which one, where the name may be several."""
    reply = Reply(person)
    found = meant(tx, person, words, now)
    if len(found) == 1:
        _say_where(tx, context, reply, found[0], now)
    elif found:
        names = ", ".join(row["name"] for row in found[:_MOST])
        reply.say("where_is.which", {"names": names, "name": found[0]["name"].upper()})
        reply.rows = [[[row["name"], f"w:{row['id']}"]] for row in found[:_MOST]]
    else:
        reply.say("where_is.nobody", {"text": " ".join(words)[:30]})
    send(tx, reply, context.wording, now)


def pressed(tx: Tx, context: Context, person: Row, technician: int, now: Instant) -> None:
    """One of those whom a name may mean was chosen."""
    found = [row for row in team_of(tx, person, now) if row["id"] == technician]
    reply = Reply(person)
    if found:
        _say_where(tx, context, reply, found[0], now)
    else:
        reply.say("where_is.nobody", {"text": "-"})
    send(tx, reply, context.wording, now)


def _say_where(tx: Tx, context: Context, reply: Reply, technician: Row, now: Instant) -> None:
    today = days.local_day(now, days.zone_of(technician["timezone"])).isoformat()
    mine = [job for job in jobs.open_of(tx, technician["id"], today) if job["day"] <= today]
    who = {
        "technician": technician["name"],
        "technician_phone": phone_of(technician, "-"),
        "count": str(sum(not job["is_open"] for job in jobs.of_day(tx, technician["id"], today))),
    }
    is_out = technician["out_on"] == today
    if is_out:
        reply.say("where_is.out", who, must=True)
    held = next((job for job in mine if job["id"] == technician["in_hand"]), None)
    now_at = held or next(iter(mine), None)
    if now_at is None:
        reply.say("where_is.none", who, must=True)
    else:
        said = _values(tx, context, reply, technician, now_at, now)
        reply.say("where_is", said, must=True)
        if look_of(context, now_at, now) == "late" and not is_out:
            reply.say("where_is.late", said, must=True)
    if about := _alerts_about(tx, context, reply.person, technician):
        reply.say("where_is.alerts", {"alerts": about})
    rest = [job for job in mine if now_at is not None and job["id"] != now_at["id"]]
    for job in rest[:1]:
        reply.say("where_is.next", _values(tx, context, reply, technician, job, now), must=True)
    for job in days.helped(tx, technician["id"], today):
        reply.say("where_is.helps", helping_values(tx, context, job, reply.person, now))


def _alerts_about(tx: Tx, context: Context, person: Row, technician: Row) -> str:
    """The manager's open alerts about this technician: their codes and matters."""
    return ", ".join(
        f"{row['number']} {_matter(context, row)}"
        for row in alerts.open_of(tx, person["id"])
        if row["about_id"] == technician["id"]
    )


def _matter(context: Context, alert: Row) -> str:
    return context.wording.sentence(f"matter.{alert['kind']}").sms


def _values(
    tx: Tx, context: Context, reply: Reply, technician: Row, job: Row, now: Instant
) -> dict[str, str]:
    sms = reply.person["channel"] == "sms"
    talk = Talk.from_json(job["talk"])
    said = values_of(tx, context, job, technician, talk, now, sms=sms)
    return {
        **said,
        "since": clock(stands_since(job, now), job["timezone"], sms=True),
        "lateness": span(now - days.planned_arrival(job)),
    }


# ------------------------------------------------------------------------------- the day


@dataclass(frozen=True, slots=True)
class _Group:
    """One technician's day: their visits by time, whether one is late, when the next is due."""

    person: Row | None
    visits: list[Row]
    is_out: bool
    late: int
    first: Instant


def today(tx: Tx, context: Context, person: Row, now: Instant) -> None:
    """The day at one glance: who is late first, then by time; on a chat under its picture."""
    zone, sms = person["timezone"], person["channel"] == "sms"
    day = days.local_day(now, days.zone_of(zone)).isoformat()
    team = [row["id"] for row in team_of(tx, person, now)]
    rows = [*desk.left_before(tx, day, team), *desk.jobs_on(tx, day, team)]
    groups = _grouped(tx, context, rows, day, now)
    reply = Reply(person)
    values = {
        "day": day_figures(day, zone),
        "time": clock(now, zone, sms=True),
        "count": str(len(rows)),
        "reported": str(sum(look_of(context, job, now) == "done" for job in rows)),
        "late": str(sum(group.late for group in groups)),
    }
    reply.say("managers_day" if rows else "managers_day.none", values)
    names, length = _names(groups, sms=sms), 0
    for place, group in enumerate(groups):
        what = ("; " if sms else "\n").join(_said(tx, context, group, day, now, sms=sms))
        length += septets(f"{names[place]}: {what}\n") if sms else len(what) + len(names[place])
        if length > (_SHORT if sms else _LONG):
            reply.say("managers_day.more", {"count": str(len(groups) - place)})
            break
        key = "manager_today_out" if group.is_out else "manager_today"
        reply.say(key, {"technician": names[place], "what": what})
    reply.say("manager_open", {"count": str(len(alerts.open_of(tx, person["id"])))})
    if not sms:
        reply.rows = _buttons(groups)
    if not sms and length < _CAPTION - 100 and any(job["day"] == day for job in rows):
        digests.send_board(tx, context, reply, day, now)
    else:
        send(tx, reply, context.wording, now)


def _buttons(groups: Sequence[_Group]) -> list[list[list[str]]]:
    """For each of the first technicians a button that says where they are, two a row."""
    named = [group.person for group in groups if group.person is not None][:_PRESSED]
    buttons = [[f"📍 {person['name']}", f"w:{person['id']}"] for person in named]
    return [buttons[place : place + 2] for place in range(0, len(buttons), 2)]


def _grouped(tx: Tx, context: Context, rows: Sequence[Row], day: str, now: Instant) -> list[_Group]:
    who = desk.named(tx, {row["technician_id"] or 0 for row in rows})
    mine: dict[int, list[Row]] = {}
    for row in rows:
        mine.setdefault(row["technician_id"] or 0, []).append(row)
    found = []
    for number, visits in mine.items():
        person = who.get(number)
        is_out = person is not None and person["out_on"] == day
        looks = [look_of(context, job, now) for job in visits]
        found.append(
            _Group(
                person,
                sorted(visits, key=days.planned_arrival),
                is_out,
                0 if is_out else looks.count("late"),
                min(
                    (days.planned_arrival(job) for job in visits if job["is_open"]), default=1 << 60
                ),
            )
        )
    return sorted(found, key=lambda group: (not (group.late or group.is_out), group.first))


def _names(groups: Sequence[_Group], *, sms: bool) -> list[str]:
    """First names on SMS; with the last one's first letter where two have the same."""
    names = [group.person["name"] if group.person else "-" for group in groups]
    if not sms:
        return names
    firsts = [name.split()[0] for name in names]
    return [
        cut(first, 12) + (f" {name.split()[-1][0]}." if firsts.count(first) > 1 else "")
        for first, name in zip(firsts, names, strict=True)
    ]


def _said(
    tx: Tx, context: Context, group: _Group, day: str, now: Instant, *, sms: bool
) -> Iterator[str]:
    """A technician's visits in a few words each; what has ended only as its letters."""
    ended: dict[str, list[str]] = {}
    for job in group.visits:
        if not job["is_open"]:
            ended.setdefault(look_of(context, job, now), []).append(job["letter"])
    for look, letters in ended.items():
        yield _words(context, f"managers_day.{look}", {"letters": " ".join(letters)}, sms=sms)
    for job in group.visits:
        if not job["is_open"]:
            continue
        look = look_of(context, job, now)
        talk = Talk.from_json(job["talk"])
        named = values_of(tx, context, job, group.person, talk, now, sms=sms)
        values = {
            **named,
            "letter": job["letter"],
            "window": short_window(job["window_start"], job["window_end"], job["timezone"]),
            "lateness": span(now - days.planned_arrival(job)),
            "where": cut(_where(context, job, named), 26) if sms else _where(context, job, named),
            "day": day_figures(job["day"], job["timezone"]),
        }
        key = "since" if job["day"] < day else "ahead" if group.is_out else look
        yield _words(context, f"managers_day.{key}", values, sms=sms)


def _where(context: Context, job: Row, values: Mapping[str, str]) -> str:
    return _words(context, f"step.{job['state']}", values, sms=True)


def _words(context: Context, key: str, values: Mapping[str, str], *, sms: bool) -> str:
    return context.wording.sentence(key).fill(values)[0 if sms else 1]
