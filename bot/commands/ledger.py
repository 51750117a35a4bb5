"""`ledger`: the fees that are owed, their evidence, and what was decided about them."""

import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.opening import opened
from bot.commands.output import Stop, as_json, say, table
from bot.commands.people import Json
from bot.operator.fee_lists import COLUMNS, HEADER, document, line, workbook
from bot.operator.planner import CHANNEL
from bot.operator.views import iso
from bot.operator.who import visit_of
from bot.sheets.writing import write_csv
from bot.turns.pay import settle
from storage import bulk, fees
from storage.db import Row, Tx

app = typer.Typer(help="Fees owed to technicians, and their evidence.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """Every fee, oldest first."""
    found = _fees()
    if json:
        as_json(found)
    elif found:
        table(COLUMNS, [[fee[name] for name in COLUMNS] for fee in found])
    else:
        say("No fees.")


@app.command("approve")
def approve(
    which: Annotated[
        str,
        typer.Argument(
            metavar="ORDER-or-ID", help="A work order with one fee, or the id of ledger list."
        ),
    ],
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse it instead.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who decides, for the timeline.")] = "operator",
) -> None:
    """Decide about a fee; the last decision counts, and each one stays in the job's timeline."""
    office, status = opened(), "refused" if refuse else "approved"
    if not by.strip():
        raise Stop("Say who decides: --by NAME.")

    def work(tx: Tx) -> Row:
        fee = _meant(tx, which.strip(), status)
        if not settle(tx, office.context, fee, status, by.strip(), CHANNEL, office.now):
            raise Stop(
                f"{_named(fee)} is {fee['status']} already{_since(fee)}; nothing was changed."
            )
        return fee

    fee = office.store.transact(work)
    say(f"{_named(fee)} is {status} (was {fee['status']}).")


def _meant(tx: Tx, typed: str, status: str) -> Row:
    """The fee of an id (12 or F12), or the one of a work order that this decides."""
    bare = typed.removeprefix("F").removeprefix("f")
    by_id = (
        fees.get(tx, int(bare)) if bare.isascii() and bare.isdecimal() and len(bare) < 19 else None
    )
    mine = fees.of_order(tx, typed.lstrip("#"))
    if by_id is not None and mine and bare == typed and by_id["number"] != typed:
        raise Stop(f"{typed} is a work order and a fee: say F{typed} for the fee {_named(by_id)}.")
    if by_id is not None and not mine:
        return by_id
    if not mine:
        mine = fees.of_order(tx, visit_of(tx, typed)["number"])
        if not mine:
            raise Stop(f"{typed} has no fee: see ledger list.")
    waiting = [fee for fee in mine if fee["status"] in ("owed", "to_check")] or mine
    if len(waiting) > 1:
        listed = ", ".join(
            f"{fee['id']} (visit {fee['visit']}, {fee['reason']}, {fee['status']})"
            for fee in waiting
        )
        raise Stop(f"{typed} has {len(waiting)} fees, so name one by its id: {listed}.")
    return waiting[0]


def _named(fee: Row) -> str:
    what = f"{fee['reason']} of {fee['units']} units"
    return f"Fee {fee['id']}, {what} for {fee['number']} visit {fee['visit']},"


def _since(fee: Row) -> str:
    return (
        f" by {fee['decided_by']}, {iso(fee['decided_at'], fee['timezone'])}"
        if fee["decided_by"]
        else ""
    )


@app.command("export")
def export(
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write a workbook instead of CSV.")
    ] = None,
) -> None:
    """Every fee as CSV on standard output, or as a workbook; no cell is a formula."""
    rows = [line(fee) for fee in _fees()]
    if xlsx is None:
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
        write_csv(sys.stdout, HEADER, rows)
        return
    made = io.BytesIO()  # first in memory: a file that cannot be opened leaves openpyxl half done
    workbook(rows).save(made)
    try:
        xlsx.write_bytes(made.getvalue())
    except OSError as error:
        raise Stop(f"{xlsx} cannot be written ({error.strerror}): choose another place.") from None
    say(f"{xlsx}: {len(rows)} fees")


def _fees() -> list[dict[str, Any]]:
    office = opened()
    with office.store.reading() as tx:
        return [document(row) for row in bulk.all_fees(tx)]
