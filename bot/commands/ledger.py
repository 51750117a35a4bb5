"""`ledger`: the fees that are owed, with their evidence."""

import json as documents
import sys
from typing import Any

import typer

from bot.commands.opening import opened
from bot.commands.output import as_json, say, table
from bot.commands.people import Json
from bot.commands.views import iso
from bot.sheets import write_csv
from storage import bulk
from storage.db import Row

app = typer.Typer(help="Fees owed to technicians, and their evidence.", no_args_is_help=True)
COLUMNS = (
    "work_order",
    "visit",
    "program",
    "technician",
    "units",
    "reason",
    "status",
    "rule",
    "at",
)


@app.command("list")
def list_(json: Json = False) -> None:
    """Every fee, oldest first."""
    fees = _fees()
    if json:
        as_json(fees)
    elif fees:
        table(COLUMNS, [[fee[name] for name in COLUMNS] for fee in fees])
    else:
        say("No fees.")


@app.command("export")
def export() -> None:
    """Every fee as CSV on standard output; no cell is a formula."""
    rows = [[*(fee[name] for name in COLUMNS), documents.dumps(fee["evidence"])] for fee in _fees()]
    sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
    write_csv(sys.stdout, (*COLUMNS, "evidence"), rows)


def _fees() -> list[dict[str, Any]]:
    office = opened()
    with office.store.reading() as tx:
        return [_document(row) for row in bulk.all_fees(tx)]


def _document(row: Row) -> dict[str, Any]:
    evidence = documents.loads(row["evidence"])
    marks = evidence.get("marks", {})
    return {
        "work_order": row["number"], "visit": row["visit"], "program": row["program"],
        "technician": row["technician"], "units": row["units"], "reason": row["reason"],
        "status": row["status"], "rule": row["rule"], "at": iso(row["at"], row["timezone"]),
        "evidence": {
            **evidence, "marks": {name: iso(at, row["timezone"]) for name, at in marks.items()}
        },
    }  # fmt: skip
