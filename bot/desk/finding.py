"""Search, and lists of jobs that leave."""

import io
import re
from collections.abc import Iterable

from bot import days
from bot.desk.asking import Ask, Page, Sent
from bot.desk.board import read_day
from bot.desk.rights import Visitor
from bot.operator.views import EXPORTED, exported
from bot.sheets.writing import write_csv
from storage import bulk, desk, people
from storage.db import Row

_LEAST_DIGITS = 4


def digits_of(typed: str) -> str:
    """What of a phone as people type it stands in every form of the number; "" where it is none.

    A country's code, and the zero that stands for it at home ("07400 …"), are left out.
    """
    digits = re.sub(r"\D", "", typed)
    if len(digits) < _LEAST_DIGITS or re.search(r"[A-Za-z]", typed):
        return ""
    return digits[-10:].lstrip("0")


def matching(visitor: Visitor, persons: Iterable[Row], typed: str) -> list[Row]:
    """Those whom the visitor reaches and whose name or phone has what is typed; "" all of them."""
    mine, name, digits = {visitor.person["id"]} | visitor.team, typed.casefold(), digits_of(typed)
    return [
        each for each in persons
        if (visitor.scope is None or each["id"] in mine)
        and (name in each["name"].casefold() or (digits and digits in each["phone"]))
    ]  # fmt: skip


def search(ask: Ask) -> Page:
    """Jobs and people by what is typed: an order, a shift, a customer, a technician, a phone."""
    said = "".join(sign if sign.isprintable() else " " for sign in ask.query.get("q", ""))
    typed = " ".join(said.split())[:80]
    digits = digits_of(typed)
    found = desk.search_jobs(ask.tx, typed, digits, ask.visitor.scope) if typed else []
    who = desk.named(ask.tx, {row["technician_id"] or 0 for row in found})
    persons = matching(ask.visitor, people.everybody(ask.tx), typed) if typed else []
    return Page(
        "search.html", {"here": "", "q": typed, "jobs": found, "who": who, "people": persons[:20]}
    )


def exports(ask: Ask) -> Page:
    """What can be taken along."""
    zone = days.zone_of(ask.visitor.person["timezone"])
    today = days.local_day(ask.now, zone).isoformat()
    return Page("exports.html", {"here": "exports", "today": today})


def jobs_csv(ask: Ask) -> Sent:
    """The jobs of the visitor's scope, of one day if it is named."""
    zone = days.zone_of(ask.visitor.person["timezone"])
    typed = ask.query.get("day", "")
    day = read_day(typed, days.local_day(ask.now, zone)).isoformat() if typed else ""
    who = {row["id"]: row for row in people.everybody(ask.tx)}
    scope = ask.visitor.scope
    rows = (
        exported(row, who)
        for row in bulk.each_job(ask.tx, day)
        if scope is None or row["technician_id"] in scope
    )
    out = io.StringIO(newline="")
    write_csv(out, EXPORTED, rows)
    name = f"jobs-{day}.csv" if day else "jobs.csv"
    return Sent(out.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", name)
