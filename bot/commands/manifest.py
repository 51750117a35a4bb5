"""`manifest import`: the day's file becomes jobs."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.opening import Opened, opened
from bot.commands.output import SHOWN, Stop, as_json, note, problems, progress, say, table
from bot.commands.people import Json, file_bytes, read_day_option
from bot.manifest.read import read_manifest
from bot.manifest.rows import ManifestReading
from bot.operator.orders import Progress, apply_manifest, rules_of
from bot.operator.report import ManifestReport
from storage.db import Tx

app = typer.Typer(help="The day's orders, as the program sends them.", no_args_is_help=True)

LARGE = 1 << 20
"""Bytes of a file whose reading takes long enough to be announced."""


class _Tried(Exception):
    """Carries what an import would do through the rollback."""

    def __init__(self, report: ManifestReport) -> None:
        super().__init__()
        self.report = report


@app.callback()
def _group() -> None:
    """The day's orders, as the program sends them."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    skip_bad: Annotated[
        bool,
        typer.Option("--skip-bad", help="Take the good rows; the managers are told of the others."),
    ] = False,
    whole_day: Annotated[
        str, typer.Option("--whole-day", help="Cancel the orders of this day that the file lacks.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Who does this, for the timeline.")] = "system",
    json: Json = False,
) -> None:
    """Take in a manifest: all of it or nothing, the same file twice changes nothing."""
    data = file_bytes(file)
    office = opened()
    day = read_day_option(office, whole_day) if whole_day else None
    if len(data) > LARGE:
        note(f"Reading {file.name} …")
    reading = _read(office, data, file.name)
    with progress("Importing") as tell:

        def work(tx: Tx, tell: Progress) -> ManifestReport:
            return apply_manifest(
                tx, office.context, reading, now=office.now, by=by, skip_bad=skip_bad,
                whole_day=day, progress=tell,
            )  # fmt: skip

        report = (
            _try(office, work, tell)
            if dry_run
            else office.store.transact(lambda tx: work(tx, tell))
        )
    if json:
        as_json({"dry_run": dry_run, **report.as_json()})
    else:
        _show(report, dry_run=dry_run)
    if not report.applied:
        raise Stop("Nothing was imported: mend the file, or take its good rows with --skip-bad.")


def _read(office: Opened, data: bytes, name: str) -> ManifestReading:
    programs = office.context.programs
    return read_manifest(
        data, name, program_default=next(iter(programs)), default_zone=office.zone,
        today=office.today, programs=rules_of(programs),
    )  # fmt: skip


def _try(
    office: Opened, work: Callable[[Tx, Progress], ManifestReport], tell: Progress
) -> ManifestReport:
    def undone(tx: Tx) -> None:
        raise _Tried(work(tx, tell))

    try:
        office.store.transact(undone)
    except _Tried as tried:
        return tried.report
    raise AssertionError("a try always ends in its report")


def _show(report: ManifestReport, *, dry_run: bool) -> None:
    problems(report.warnings, "Please look at these:")
    problems(report.problems, "These cannot be taken as they are:")
    if report.unknown_columns:
        note(f"Left out, no such column here: {', '.join(report.unknown_columns)}.")
    if not report.applied:
        return
    rows = _rows(report)
    if rows:
        table(("row", "work order", "day", "technician", "change"), rows[:SHOWN])
    if len(rows) > SHOWN:
        say(f"… and {len(rows) - SHOWN} more")
    bad = len({each.row for each in report.problems})  # applied all the same: --skip-bad
    counts = (
        (len(report.new), "new"), (len(report.next_visits), "next visits"),
        (len(report.changed), "changed"), (report.unchanged, "as before"),
        (len(report.skipped), "skipped"), (len(report.left), "left as they are"),
        (len(report.cancelled), "cancelled"), (len(report.missing), "not in this file"),
        (bad, "bad row left out" if bad == 1 else "bad rows left out"),
    )  # fmt: skip
    said = ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to do"
    say(f"{'Nothing is written; it would be: ' if dry_run else ''}{said}.")


def _rows(report: ManifestReport) -> list[tuple[object, ...]]:
    """What happens to each order, the file's rows first."""
    rows: list[tuple[object, ...]] = [
        (each.row, each.work_order, each.day, each.technician or "nobody", each.what or "new")
        for each in (*report.new, *report.next_visits, *report.changed)
    ]
    for left, what in ((report.skipped, "skipped"), (report.left, "left as it is")):
        rows += [(each.row, each.work_order, "", "", f"{what}: {each.why}") for each in left]
    for absent, what in (
        (report.cancelled, "cancelled"), (report.missing, "not in this file, stays"),
    ):  # fmt: skip
        rows += [("", a.work_order, a.day, a.technician, f"{what} (was {a.state})") for a in absent]
    return rows
