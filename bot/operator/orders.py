"""A manifest as read becomes work orders, visits and what technicians are told (A01-A03).

All or nothing by default; the same content twice changes nothing. What a newer file says anew
counts; what was changed by hand since (another technician, another window) stays where the file
says the same as before.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.clock import to_instant
from bot.context import Context
from bot.manifest.rows import ManifestReading, ManifestRow, ProgramRules, Skipped
from bot.operator.planner import NewVisit, Planner
from bot.operator.report import Change, ManifestReport, Missing
from bot.operator.who import Directory, directory
from bot.sheets.reading import Problem
from bot.speech.naming import day_words, window_words
from bot.turns import alerts
from flows.facts import Instant
from flows.shape import Program
from storage import bulk, jobs, kept, people
from storage.db import Row, Tx

_REOPENS = frozenset({"left_open", "moved"})
"""Ends after which a further date in the manifest opens the order's next visit."""
_TOLD_ROWS = 3


Progress = Callable[[int, int], None]
"""Told (done, total) rows now and then."""


def rules_of(programs: Mapping[str, Program]) -> dict[str, ProgramRules]:
    """What reading a manifest depends on in each program."""
    return {
        name: ProgramRules(
            region=each.region, windows=each.windows, marked=bool(each.mark),
            day_first=each.day_first, zone=each.zone if each.one_zone else "",
        )
        for name, each in programs.items()
    }  # fmt: skip


def apply_manifest(  # noqa: PLR0913 - by name
    tx: Tx,
    context: Context,
    reading: ManifestReading,
    *,
    now: Instant,
    by: str = "system",
    skip_bad: bool = False,
    whole_day: date | None = None,
    progress: Progress = lambda done, total: None,
) -> ManifestReport:
    """Take the file's orders in; with problems nothing, or with `skip_bad` the good rows.

    An unknown technician is a problem. `whole_day`: open visits of that day that the file does not
    have are cancelled, unless the technician is already at the door.
    """
    bulk.lock_everybody(tx)
    regions = [program.region for program in context.programs.values()]
    taking = _Taking(tx, context, now, by, directory(tx, regions), _report(reading))
    good = taking.resolve(reading.rows)
    if whole_day is not None:
        taking.check_whole_day(good, whole_day)
    report = taking.report
    if report.problems and (not skip_bad or whole_day is not None):
        return report
    taking.take(good, progress)
    taking.compare(reading, good, whole_day)
    taking.planner.finish()
    if report.problems:
        taking.tell_skipped(good)
    report.applied = True
    return report


def _report(reading: ManifestReading) -> ManifestReport:
    return ManifestReport(
        skipped=list(reading.skipped), problems=list(reading.problems),
        warnings=list(reading.warnings), unknown_columns=reading.unknown_columns,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with the people that it names."""

    row: ManifestRow
    technician: Row | None
    helpers: str

    @property
    def content(self) -> str:
        """Three hashes: when, who, and the rest, so that only what is new in a file counts."""
        row = self.row
        parts: tuple[tuple[object, ...], ...] = (
            (row.day, row.window_start, row.window_end, row.timezone),
            (row.technician.casefold(), row.helpers),
            (row.shift, row.customer, row.street, row.city, row.state, row.zip, row.phone,
             row.product, row.notes, row.units, row.minutes, row.accepted),
        )  # fmt: skip
        return ".".join(hashlib.sha256(repr(part).encode()).hexdigest()[:16] for part in parts)

    def columns(self, now: Instant, content: str) -> dict[str, Any]:
        """The work order's columns."""
        row = self.row
        return {
            "number": row.work_order, "program": row.program, "shift": row.shift,
            "customer": row.customer, "street": row.street, "city": row.city, "state": row.state,
            "zip": row.zip, "phone": row.phone or "", "product": row.product, "notes": row.notes,
            "units": "" if row.units is None else str(row.units), "minutes": row.minutes,
            "timezone": row.timezone, "content": content, "created_at": now,
        }  # fmt: skip

    def visit(self, now: Instant, before: Sequence[str] = ()) -> NewVisit:
        """The visit that this row asks for; of the steps `before` it the first is done."""
        row = self.row
        accepted = to_instant(row.accepted) if row.accepted else now
        return NewVisit(
            program=row.program, number=row.work_order, technician=self.technician,
            helpers=self.helpers, day=row.day.isoformat(), start=to_instant(row.window_start),
            end=to_instant(row.window_end), timezone=row.timezone, minutes=row.minutes,
            order=self.columns(now, self.content), done=dict.fromkeys(before[:1], accepted),
        )  # fmt: skip

    def change(self, what: str = "") -> Change:
        """The row as a line of the report."""
        name = self.technician["name"] if self.technician else ""
        return Change(self.row.row, self.row.work_order, name, self.row.day.isoformat(), what)


class _Taking:
    """One file being taken in."""

    def __init__(
        self, tx: Tx, context: Context, now: Instant, by: str, book: Directory,
        report: ManifestReport,
    ) -> None:  # fmt: skip
        self.tx, self.context, self.now = tx, context, now
        self.book, self.report = book, report
        self.planner = Planner(tx, context, now, by)
        self._resolved: dict[str, Row | str] = {}

    # -- who ------------------------------------------------------------------------------------

    def resolve(self, rows: Sequence[ManifestRow]) -> list[_Line]:
        """Rows with their technicians; an unknown one is a problem of its row."""
        good = []
        for row in rows:
            before = len(self.report.problems)
            technician = self._technician(row.row, "technician", row.technician)
            helpers = [self._technician(row.row, "helpers", name) for name in row.helpers]
            if len(self.report.problems) == before:
                ids = ";".join(str(helper["id"]) for helper in helpers if helper is not None)
                good.append(_Line(row, technician, ids))
        self.report.problems.sort(key=lambda each: each.row)
        return good

    def _technician(self, row: int, column: str, typed: str) -> Row | None:
        if not typed:
            return None
        found = self._resolved.get(typed)
        if found is None:
            found = self._resolved[typed] = self._look_up(typed)
        if isinstance(found, str):
            self.report.problems.append(Problem(row, column, found))
            return None
        return found

    def _look_up(self, typed: str) -> Row | str:
        found = self.book.find(typed)
        working = [person for person in found if people.has_role(person, "technician")]
        if len(working) == 1:
            return working[0]
        if working:
            return f'{len(working)} technicians are called "{typed}": name this one by phone.'
        if found:
            return f"{typed} is no technician: give them that role with people import."
        near = self.book.near(typed)
        return f'Nobody is called "{typed}" or has that phone: add them with people import.{near}'

    # -- what -----------------------------------------------------------------------------------

    def take(self, lines: Sequence[_Line], progress: Progress) -> None:
        """New orders are opened, known ones compared."""
        fresh: list[_Line] = []
        total, done = len(lines), 0
        self.planner.know_letters({line.row.day.isoformat() for line in lines})
        for program in dict.fromkeys(line.row.program for line in lines):
            for some in bulk.chunks([line for line in lines if line.row.program == program]):
                known = bulk.latest_visits(self.tx, program, [each.row.work_order for each in some])
                for line in some:
                    if job := known.get(line.row.work_order):
                        self._meet(line, job)
                        done += 1
                    else:
                        fresh.append(line)
                progress(done, total)
        fresh.sort(key=lambda line: (line.row.window_start, line.row.row))
        for some in bulk.chunks(fresh):
            self.planner.open_new([line.visit(self.now, self._before(line)) for line in some])
            done += len(some)
            progress(done, total)
        self.report.new = sorted((line.change() for line in fresh), key=lambda each: each.row)

    def _meet(self, line: _Line, job: Row) -> None:
        """An order that is known: unchanged, changed, due for its next visit, or left alone."""
        day = line.row.day.isoformat()
        if not job["is_open"]:
            self._meet_ended(line, job, day)
            return
        content = line.content
        if content == job["content"]:
            self.report.unchanged += 1
            return
        new, old = content.split("."), [*job["content"].split("."), "", "", ""][:3]
        visit = line.visit(self.now, self._before(line))
        technician = self._kept_technician(line, job, same=new[1] == old[1])
        when = (job["day"], job["window_start"], job["window_end"])
        wanted = when if new[0] == old[0] else (visit.day, visit.start, visit.end)
        who = technician["id"] if technician else None
        moves = wanted != when or who != job["technician_id"]
        refused = moves and not self.context.not_begun(job)
        if refused:
            new[:2] = old[:2]
            how = "jobs move" if wanted != when else "jobs assign"
            self._leave(
                line, f"it has begun ({job['state']}): {how} ends this visit and opens the next"
            )
            if new[2] == old[2]:
                return
        what = self._store(line, job, ".".join(new))
        helpers = job["helpers"] if new[1] == old[1] else line.helpers
        if moves and not refused:
            self.planner.replan(
                {**job, "minutes": line.row.minutes, "helpers": helpers}, technician=technician,
                day=wanted[0], start=wanted[1], end=wanted[2], event="changed",
            )  # fmt: skip
            what = [*_when_words(when, wanted, line.row.timezone), *what]
        else:
            self.planner.change_helpers(job, helpers)
            self.planner.retime({**job, "minutes": line.row.minutes}, job)
            self.planner.log(job, "changed", {"what": ", ".join(what)})
        if what and who == job["technician_id"]:
            self.planner.tell_changed(job["id"], ", ".join(what))
        said = what if who == job["technician_id"] or refused else ["technician", *what]
        self.report.changed.append(line.change(", ".join(said) or "details"))

    def _kept_technician(self, line: _Line, job: Row, *, same: bool) -> Row | None:
        """Whose the visit is to be: the file's, unless it says the same as before or nothing."""
        if same or line.technician is None:
            return self.book.by_id.get(job["technician_id"])
        return line.technician

    def _store(self, line: _Line, job: Row, content: str) -> list[str]:
        """The order's columns anew; returns what is different for the technician's eye."""
        columns = line.columns(job["created_at"], content)
        del columns["created_at"]
        jobs.change_order(self.tx, job["work_order_id"], **columns)
        seen = []
        for name, stored in (("customer", "customer"), ("product", "product"), ("phone", "phone")):
            if columns[name] != job[stored] and columns[name]:
                seen.append(str(columns[name]))
        address = [str(columns[name]) for name in ("street", "city", "state", "zip")]
        if address != [job["street"], job["city"], job["us_state"], job["zip"]]:
            seen.append(", ".join(each for each in address if each))
        return seen

    def _meet_ended(self, line: _Line, job: Row, day: str) -> None:
        later = day > job["day"] or (job["state"] == "moved" and day != job["day"])
        if job["state"] in _REOPENS and later:
            visit = line.visit(self.now, self._before(line))
            self._store(line, job, line.content)
            self.planner.open_next(job, visit)
            self.report.next_visits.append(line.change(f"visit {job['visit'] + 1}"))
        elif job["state"] in _REOPENS:
            self._leave(
                line,
                f"it ended as {job['state']} on {job['day']}: a later date opens its next visit",
            )
        elif line.content == job["content"]:
            self.report.unchanged += 1
        else:
            self._leave(line, f"it has ended: {job['state']}")

    def _before(self, line: _Line) -> Sequence[str]:
        return self.context.programs[line.row.program].before

    def _leave(self, line: _Line, why: str) -> None:
        self.report.left.append(Skipped(line.row.row, line.row.work_order, why))

    # -- what is not there ----------------------------------------------------------------------

    def check_whole_day(self, lines: Sequence[_Line], day: date) -> None:
        """A day may only be cleared by a file that is whole and has that day."""
        if self.report.problems:
            why = "--whole-day needs a file without bad rows: mend them first."
        elif not any(line.row.day == day for line in lines):
            why = f"The file has no order on {day}: nothing can be cancelled by it."
        else:
            return
        self.report.problems.append(Problem(0, "date", why))

    def compare(
        self, reading: ManifestReading, lines: Sequence[_Line], whole_day: date | None
    ) -> None:
        """Open visits of the file's days that it does not have are listed, or cancelled."""
        there = {(row.program, row.work_order) for row in reading.rows}
        programs = {program for program, _ in there}
        skipped = {each.work_order for each in reading.skipped}
        for job in bulk.open_on(self.tx, {line.row.day.isoformat() for line in lines}):
            if job["program"] not in programs or job["number"] in skipped:
                continue
            if (job["program"], job["number"]) in there:
                continue
            person = self.book.by_id.get(job["technician_id"])
            name = person["name"] if person else ""
            absent = Missing(job["number"], name, job["day"], job["state"])
            if (
                whole_day is not None
                and job["day"] == whole_day.isoformat()
                and self.context.not_begun(job)
            ):
                self.planner.end(job, "cancelled")
                self.report.cancelled.append(absent)
            else:
                self.report.missing.append(absent)

    def tell_skipped(self, lines: Sequence[_Line]) -> None:
        """The managers of the file's technicians hear that rows were left out; once a file."""
        problems = self.report.problems
        rows = sorted({problem.row for problem in problems})
        mark = hashlib.sha256(repr(problems).encode()).hexdigest()[:16]
        if kept.get(self.tx, "skipped_rows") == mark:
            return
        kept.put(self.tx, "skipped_rows", mark)
        technicians = {line.technician["id"]: line.technician for line in lines if line.technician}
        told: dict[int, Row] = {}
        for technician in technicians.values() or [None]:
            told |= {p["id"]: p for p in alerts.managers_of(self.tx, technician, self.now)}
        what = "; ".join(f"row {each.row}: {each.message}" for each in problems[:_TOLD_ROWS])
        first = min((line.row.day for line in lines), default=None)
        day = day_words(first.isoformat()) if first else "-"
        alerts.tell_managers(
            self.tx, self.context.wording, self.now, kind="skipped_rows", severity=2,
            technician=None, to=told.values(),
            values={"day": day, "count": str(len(rows)), "what": what},
        )  # fmt: skip


def _when_words(
    was: tuple[str, Instant, Instant], now: tuple[str, Instant, Instant], zone: str
) -> list[str]:
    if was == now:
        return []
    window = window_words(now[1], now[2], zone, sms=True)
    return [f"{day_words(now[0], zone)} {window}" if was[0] != now[0] else window]
