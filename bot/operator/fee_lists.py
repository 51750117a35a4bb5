"""The ledger as documents, lists and a workbook that leave: no cell is a formula (S6)."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.operator.views import iso
from bot.sheets.writing import defuse
from storage.db import Row

if TYPE_CHECKING:
    from openpyxl import Workbook

COLUMNS = (
    "id", "work_order", "visit", "program", "technician", "units", "reason", "status", "rule", "at",
    "decided_by", "decided_at",
)  # fmt: skip
HEADER = (*COLUMNS, "evidence")
_WIDTHS = {
    "work_order": 24, "technician": 28, "reason": 14, "at": 27, "decided_by": 20, "decided_at": 27,
    "evidence": 60,
}  # fmt: skip


def document(row: Row) -> dict[str, Any]:
    """A fee as `--json` shows it; `row` is one of `bulk.all_fees`."""
    zone, evidence = row["timezone"], json.loads(row["evidence"])
    marks = evidence.get("marks", {})
    return {
        "id": row["id"], "work_order": row["number"], "visit": row["visit"],
        "program": row["program"],
        "technician": row["technician"], "units": row["units"], "reason": row["reason"],
        "status": row["status"], "rule": row["rule"], "at": iso(row["at"], zone),
        "decided_by": row["decided_by"] or None,
        "decided_at": iso(row["decided_at"], zone) if row["decided_at"] else None,
        "evidence": {**evidence, "marks": {name: iso(at, zone) for name, at in marks.items()}},
    }  # fmt: skip


def line(fee: Mapping[str, Any]) -> list[Any]:
    """A document as a line under `HEADER`."""
    return [*(fee[name] for name in COLUMNS), json.dumps(fee["evidence"], ensure_ascii=False)]


def workbook(rows: Sequence[Sequence[Any]]) -> "Workbook":
    """Units and counts as numbers, all else as text that no program takes for a formula (S6)."""
    from openpyxl import Workbook  # noqa: PLC0415 - 0.14 s that only a workbook needs

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Fees")
    sheet.freeze_panes = "A2"
    for place, name in enumerate(HEADER):
        sheet.column_dimensions["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]].width = _WIDTHS.get(name, 11)
    sheet.append(HEADER)
    units = HEADER.index("units")
    for row in rows:
        cells = [defuse(cell) if isinstance(cell, str) else cell for cell in row]
        cells[units] = Decimal(row[units])
        sheet.append(cells)
    return book
