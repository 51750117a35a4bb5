"""A manifest at the desk: shown as what it would change, and taken in only then."""

import asyncio
import hashlib

from starlette.requests import Request
from starlette.responses import Response

from bot import days
from bot.desk.asking import Ask, MovedOn, Page, Went
from bot.desk.gate import Gate
from bot.desk.rights import Visitor
from bot.manifest.read import read_manifest
from bot.manifest.rows import ManifestReading
from bot.operator.orders import apply_manifest, rules_of
from bot.operator.report import ManifestReport
from bot.operator.who import Refused
from flows.facts import HOUR
from storage import desk
from storage.db import Row, Tx

LARGEST = 8 * 1024 * 1024
"""Bytes: larger files are for the command line."""
SHOWN = 200
_WAITS = HOUR


class _Tried(Exception):
    """Carries what an import would do through the rollback."""

    def __init__(self, report: ManifestReport) -> None:
        super().__init__()
        self.report = report


def ask_for(ask: Ask) -> Page:
    """The form for a file."""
    return Page("manifest.html", {"here": "manifest", "largest": LARGEST >> 20})


def keep(ask: Ask) -> Went:
    """A file came: it is kept for an hour, and shown before anything is written."""
    name, data = ask.files.get("file", ("", b""))
    if not data:
        raise Refused("Choose a CSV or XLSX file.")
    number = desk.keep_file(
        ask.tx, ask.visitor.person["id"], name[-120:], data, ask.now, ask.now - _WAITS
    )
    return Went(f"/desk/manifest/{number}")


class Previews:
    """What a file would change: read and tried beside the turns, and thrown away."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def show(self, request: Request) -> Response:
        """The page with every row's outcome."""
        visitor, file, found = await self._gate.allowed(request, "manifest.preview", _waiting)
        skip = request.query_params.get("skip") == "1"
        # With bad rows: what would come in once they are mended, or without them.
        report = await asyncio.to_thread(self._tried, visitor, found)
        stops = bool(report.problems) and not skip
        rows = _rows(report)
        return await self._gate.drawn(request, visitor, Page("preview.html", {
            "here": "manifest", "file": file, "report": report, "rows": rows[:SHOWN],
            "count": len(rows), "skip": skip, "stops": stops, "print": _print(report),
        }))  # fmt: skip

    def _tried(self, visitor: Visitor, found: ManifestReading) -> ManifestReport:
        services = self._gate.services

        def work(tx: Tx) -> None:
            now, by = services.clock.now(), visitor.name
            raise _Tried(apply_manifest(tx, services.context, found, now=now, by=by, skip_bad=True))

        try:
            services.store.transact(work)
        except _Tried as tried:
            return tried.report
        raise AssertionError("a try always ends in its report")


def _waiting(ask: Ask) -> tuple[Visitor, Row, ManifestReading]:
    return ask.visitor, ask.subject, read(ask)


def read(ask: Ask) -> ManifestReading:
    """The file as a manifest; it takes its time, so it is done before an act's transaction."""
    name, data = ask.subject["name"], bytes(ask.subject["data"])
    context, zone = ask.services.context, days.zone_of(ask.services.settings.timezone)
    return read_manifest(
        data, name, program_default=next(iter(context.programs)), default_zone=zone,
        today=days.local_day(ask.now, zone), programs=rules_of(context.programs),
    )  # fmt: skip


def take(ask: Ask) -> Went:
    """The file is taken in, if that does what was shown."""
    file = ask.subject
    skip = ask.form.get("skip") == "1"
    report = apply_manifest(
        ask.tx, ask.services.context, ask.ready, now=ask.now, by=ask.visitor.name, skip_bad=skip
    )
    if not report.applied:
        raise Refused("Nothing was imported: mend the file, or take its good rows.")
    if _print(report) != ask.form.get("print", ""):
        raise MovedOn("Meanwhile this file would change something else.")
    desk.drop_file(ask.tx, file["id"])
    done = len(report.new) + len(report.next_visits)
    return Went(
        "/desk/", f"The manifest is in: {done} new, {len(report.changed)} changed,"
        f" {report.unchanged} as before.",
    )  # fmt: skip


def _print(report: ManifestReport) -> str:
    """What a preview showed, to compare with what an import does."""
    return f"{len(_rows(report))}.{hashlib.sha256(repr(_rows(report)).encode()).hexdigest()[:24]}"


def _rows(report: ManifestReport) -> list[tuple[str, str, str, str, str]]:
    """What happens to each order, the file's rows first: (row, order, day, technician, what)."""
    rows = [
        (str(each.row), each.work_order, each.day, each.technician or "nobody", each.what or "new")
        for each in (*report.new, *report.next_visits, *report.changed)
    ]
    for left, what in ((report.skipped, "skipped"), (report.left, "left as it is")):
        rows += [(str(each.row), each.work_order, "", "", f"{what}: {each.why}") for each in left]
    rows += [
        ("", each.work_order, each.day, each.technician, "not in this file, stays")
        for each in report.missing
    ]
    return rows
