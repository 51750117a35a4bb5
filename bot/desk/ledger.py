"""The ledger: what technicians are owed, decided here, and as lists that leave."""

import io
from decimal import Decimal, InvalidOperation

from bot.desk.asking import Ask, Page, Sent
from bot.desk.forms import number_of
from bot.operator.fee_lists import HEADER, document, line, workbook
from bot.sheets.writing import write_csv
from storage import desk
from storage.db import Row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATUSES = {
    "waiting": "To decide", "owed": "Owed", "to_check": "To check", "approved": "Approved",
    "refused": "Refused", "": "All",
}  # fmt: skip
MOST = 300
"""Fees on the page; the lists that leave have all."""


def show(ask: Ask) -> Page:
    """Fees of the visitor's scope, newest first; what waits for a decision if nothing is chosen."""
    wanted = ask.query.get("status", "waiting")
    found = _found(ask, wanted)
    return Page(
        "ledger.html",
        {
            "here": "ledger", "fees": found[:MOST], "count": len(found), "status": wanted,
            "statuses": STATUSES, "sum": _sum(found), "who": ask.query.get("who", ""),
            "technicians": sorted({(row["technician_id"], row["technician"] or "nobody")
                                   for row in desk.fees_listed(ask.tx, ask.visitor.scope)},
                                  key=lambda each: each[1]),
        },
    )  # fmt: skip


def _found(ask: Ask, wanted: str) -> list[Row]:
    who = ask.query.get("who", "")
    rows = desk.fees_listed(
        ask.tx, ask.visitor.scope, wanted if wanted in ("owed", "to_check", "approved", "refused")
        else "", number_of(who),
    )  # fmt: skip
    if wanted == "waiting":
        rows = [row for row in rows if row["status"] in ("owed", "to_check")]
    return rows


def _sum(rows: list[Row]) -> str:
    total = Decimal(0)
    for row in rows:
        try:
            total += Decimal(row["units"])
        except InvalidOperation:
            continue
    return str(total)


def as_csv(ask: Ask) -> Sent:
    """The same fees as CSV."""
    out = io.StringIO(newline="")
    write_csv(out, HEADER, _lines(ask))
    return Sent(out.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "ledger.csv")


def as_workbook(ask: Ask) -> Sent:
    """The same fees as a workbook."""
    out = io.BytesIO()
    workbook(_lines(ask)).save(out)
    return Sent(out.getvalue(), XLSX, "ledger.xlsx")


def _lines(ask: Ask) -> list[list[object]]:
    rows = _found(ask, ask.query.get("status", ""))
    return [line(document(row)) for row in reversed(rows)]
