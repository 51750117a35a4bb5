"""The manifest file read into rows: the Amazon orders, when, where, what and by whom (A01-A03).

Nothing here knows the database, and nothing raises on what a file contains. A row ends in exactly
one of three places: `rows` (a job can be made of it), `skipped` (it makes none, and why) or
`problems` (it should have, and what to mend). `warnings` speak of rows that are taken nevertheless.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from bot.manifest.columns import COLUMNS
from bot.manifest.doubles import keep_single, order_key
from bot.manifest.mark import MARK, nearly_marked, without_mark
from bot.manifest.notes import EXACT_TIME_HOURS, LONGEST_NOTES, Bucket, read_notes
from bot.manifest.rows import ManifestReading, ManifestRow, ProgramRules, Skipped
from bot.sheets.cells import (
    STATE_ZONES,
    Trouble,
    read_day,
    read_moment,
    read_names,
    read_phone,
    read_zone,
    whole_digits,
)
from bot.sheets.grid import Cell, text
from bot.sheets.reading import Row, RowReader, sheet_from_bytes
from flows.times import At, instant_of, read_time

LONGEST_ORDER = 40
LONGEST_CELL = 200
FAR_AHEAD = timedelta(days=180)
MOST_UNITS = Decimal(100)


def read_manifest(
    data: bytes,
    filename: str,
    *,
    program_default: str,
    default_zone: ZoneInfo,
    today: date,
    programs: Mapping[str, ProgramRules],
) -> ManifestReading:
    """Reads a manifest (CSV or XLSX, whatever its name says; `filename` only appears in messages).

    `programs` are those that a row may name; one without a name is of `program_default`. A row's
    zone is its `timezone` column, else that of a US state that lies in one zone as a whole, else
    `default_zone`; an area code says nothing. `today` is the caller's, for past dates and dates
    without a year. The same order twice with equal content is one row; with different content it is
    a problem, and neither is taken.
    """
    sheet = sheet_from_bytes(data, COLUMNS)
    reading = ManifestReading(unknown_columns=sheet.unknown_columns)
    reading.problems += [
        replace(each, message=f"{filename}: {each.message}") for each in sheet.problems
    ]
    good: list[ManifestRow] = []
    bad: list[tuple[int, str]] = []
    for row in sheet.rows:
        reader = _RowReader(row, reading, default_zone, today)
        rules = reader.rules(programs, program_default)
        if rules is None:
            continue
        before = len(reading.problems)
        made = reader.order(rules)
        if made and len(reading.problems) == before:
            good.append(made)
        elif len(reading.problems) > before:
            bad.append((row.number, order_key(reader.work_order)))
    keep_single(good, bad, reading)
    reading.problems.sort(key=lambda each: each.row)
    return reading


class _RowReader(RowReader):
    """Reads one row, putting what is wrong into the reading."""

    def __init__(
        self, row: Row, reading: ManifestReading, default_zone: ZoneInfo, today: date
    ) -> None:
        super().__init__(row, reading.problems, reading.warnings)
        self.reading, self.default_zone, self.today = reading, default_zone, today
        self.program = ""
        self.work_order = ""

    def skip(self, why: str) -> None:
        self.reading.skipped.append(Skipped(self.row.number, self.work_order, why))

    def rules(self, programs: Mapping[str, ProgramRules], default: str) -> ProgramRules | None:
        """The rules of the row's program, if it is an order of one."""
        self.work_order = _bare_order(self.text("work_order"))
        customer = self.text("customer")
        marked = without_mark(customer) is not None
        if self.row.filled < 2 and not marked:
            self.skip("it is no order, only one cell is filled")
            return None
        if hidden := [each for each in self.row.unknown if each in ("customer", "program")]:
            self.holes(hidden)  # whether it is an order at all stands there
            return None
        typed = self.text("program")
        self.program = typed.casefold() or default
        rules = programs.get(self.program)
        if rules is None:
            self.wrong("program", f'"{typed}" is not a program: use {", ".join(sorted(programs))}.')
            return None
        if rules.marked and not marked:
            self.skip(f'no "{MARK}" at the customer\'s name')
            if nearly_marked(customer):
                self.warn(
                    "customer", f'"{customer[:60]}" looks like "{MARK}" but is not: left out.'
                )
            elif without_mark(self.text("notes")) is not None:
                self.warn(
                    "notes", f'"{MARK}" stands here and not before the customer\'s name: left out.'
                )
            return None
        return rules

    def order(self, rules: ProgramRules) -> ManifestRow | None:
        """The row as an order; None where something that it cannot do without is missing."""
        self.holes(self.row.unknown)
        street, city, state, postal = self.address(rules)
        zone, day = self.zone(rules, state), self.day(rules)
        bucket, product = self.bucket(rules)
        technician = self.text("technician")
        if not technician:
            self.warn("technician", "Nobody is named: assign the job to somebody.")
        customer, phone, helpers = self.customer(), self.phone(rules), self.helpers(technician)
        units, minutes, accepted = self.units(), self.minutes(), self.accepted(zone, rules)
        self.check_order()
        for column in self.row.cells:
            if column != "notes" and len(self.text(column)) > LONGEST_CELL:
                self.wrong(column, f"It is longer than {LONGEST_CELL} characters.")
        if zone is None or day is None or bucket is None:
            return None
        return ManifestRow(
            row=self.row.number,
            work_order=self.work_order,
            shift=_bare_number(self.text("shift")),
            customer=customer,
            street=street,
            city=city,
            state=state,
            zip=postal,
            phone=phone,
            technician=technician,
            helpers=helpers,
            day=day,
            window_start=instant_of(day, bucket[0], zone),
            window_end=instant_of(day, bucket[1], zone),
            product=product,
            notes=self.text("notes"),
            units=units,
            minutes=minutes,
            timezone=zone.key,
            program=self.program,
            accepted=accepted,
        )

    def check_order(self) -> None:
        cell = self.row.cells.get("work_order")
        whole = whole_digits(self.work_order)
        if not self.work_order:
            self.wrong("work_order", "The work order is missing.")
        elif isinstance(whole, Trouble):
            self.wrong("work_order", f'"{self.work_order}": {whole.why}.')
        elif isinstance(cell, int | float) and abs(cell) >= 10**15:
            self.wrong(
                "work_order",
                "A number this long was rounded by the spreadsheet: format the column as text.",
            )
        elif len(self.work_order) > LONGEST_ORDER:
            self.wrong("work_order", f"A work order has at most {LONGEST_ORDER} characters.")
        else:
            self.work_order = whole

    def zone(self, rules: ProgramRules, state: str) -> ZoneInfo | None:
        if typed := self.text("timezone"):
            zone = read_zone(typed)
            if zone is None:
                self.wrong("timezone", f'"{typed}" is no time zone: write one such as {_ZONES}.')
            return zone
        known = state.casefold().replace(".", "")
        name = STATE_ZONES.get(known) if rules.region == "US" else None
        if name == "":
            self.warn(
                "timezone",
                f"{state} has more than one time zone; {self.default_zone.key} was "
                "taken: fill the timezone column.",
            )
        name = name or rules.zone
        return ZoneInfo(name) if name else self.default_zone

    def day(self, rules: ProgramRules) -> date | None:
        cell = self.row.cells.get("date")
        day = read_day(cell, self.today, day_first=rules.day_first)
        if day is None:
            typed = text(cell)
            order = "23/11/2026" if rules.day_first else "11/23/2026"
            missing = f'"{typed}" is no date' if typed else "The date is missing"
            self.wrong("date", f"{missing}: write it like {order} or 2026-11-23.")
        elif day < self.today:
            self.warn("date", f"{day} is past.")
        elif day > self.today + FAR_AHEAD:
            self.warn("date", f"{day} is far ahead: is the year right?")
        return day

    def bucket(self, rules: ProgramRules) -> tuple[Bucket | None, str]:
        """The bucket and the product; of a program without buckets the date's clock may be it."""
        # A sheet with a window column of its own: read as if it opened the notes.
        typed = "; ".join(filter(None, (self.text("window"), self.text("notes"))))
        if len(typed) > LONGEST_NOTES:
            self.warn("notes", f"Only the first {LONGEST_NOTES} characters were read.")
        notes = read_notes(typed, rules.windows)
        bucket, product = notes.bucket, notes.product
        if bucket is None and not rules.windows:
            bucket, product = self.clock_of_date(rules), typed
        if bucket is None:
            self.wrong("notes", notes.trouble)
        elif notes.remark:
            self.warn("notes", notes.remark)
        if bucket and not product:
            self.warn("notes", "The notes name no product.")
        return bucket, product

    def clock_of_date(self, rules: ProgramRules) -> Bucket | None:
        moment = read_moment(self.row.cells.get("date"), self.today, day_first=rules.day_first)
        clock = moment[1] if moment else None
        if clock is None or clock.hour + EXACT_TIME_HOURS > 23:
            return None
        return clock, clock.replace(hour=clock.hour + EXACT_TIME_HOURS)

    def customer(self) -> str:
        typed = self.text("customer")
        bare = without_mark(typed)
        name = typed if bare is None else bare
        if not name:
            self.warn("customer", "The customer's name is missing.")
        return name

    def address(self, rules: ProgramRules) -> tuple[str, str, str, str]:
        """Street, city, state and ZIP; a US address that stands in one cell is taken apart."""
        street, city = self.text("street"), self.text("city")
        state, postal = self.text("state"), self.text("zip")
        if rules.region == "US":
            whole = _WHOLE_ADDRESS.fullmatch(street)
            if whole and not city and not postal:
                street, city, state, postal = whole.groups()
            postal = _us_zip(postal)
        if second := self.text("street2"):
            street = f"{street}, {second}" if street else second
        if not street:
            self.warn("street", "The street is missing.")
        return street, city, state, postal

    def phone(self, rules: ProgramRules) -> str | None:
        """The first number of the cell that is one; a job can be done without it."""
        typed = self.text("phone")
        if not typed:
            return None
        tried = [read_phone(part, rules.region) for part in _PHONES.split(typed) if part.strip()]
        for each in tried:
            if not isinstance(each, Trouble):
                return each.e164
        why = tried[0].why if tried and isinstance(tried[0], Trouble) else "it is empty"
        self.warn("phone", f'"{typed[:40]}" was left out: {why}.')
        return None

    def helpers(self, technician: str) -> tuple[str, ...]:
        names = read_names(self.text("helpers"))
        others = tuple(name for name in names if name.casefold() != technician.casefold())
        if len(others) < len(names):
            self.warn("helpers", f"{technician} leads the job and was not taken as a helper.")
        return others

    def units(self) -> Decimal | None:
        typed = self.text("units")
        if not typed:
            return None
        bare = re.sub(r"\s*units?\.?$", "", typed.casefold()).replace(",", ".")
        try:
            units = Decimal(bare)
        except InvalidOperation:
            units = Decimal(-1)
        if not (units.is_finite() and 0 <= units <= MOST_UNITS):
            self.wrong("units", f'"{typed[:40]}" is no number of units (0 to {MOST_UNITS}).')
            return None
        return units

    def minutes(self) -> int | None:
        cell = self.row.cells.get("minutes")
        if cell is None:
            return None
        minutes = _minutes(cell)
        if minutes is None or not 0 < minutes <= 24 * 60:
            self.warn("minutes", f'"{text(cell)[:40]}" was left out: it is no length in minutes.')
            return None
        return minutes

    def accepted(self, zone: ZoneInfo | None, rules: ProgramRules) -> datetime | None:
        """When the order was accepted: an ISO instant, or a day and a clock at the customer's."""
        cell = self.row.cells.get("accepted")
        if cell is None or zone is None:
            return None
        if isinstance(cell, str):
            try:
                instant = datetime.fromisoformat(text(cell))
            except ValueError:
                instant = None
            if instant and instant.tzinfo and 2000 <= instant.year <= 2099:
                return instant.astimezone(UTC)
        moment = read_moment(cell, self.today, day_first=rules.day_first)
        if moment is None or not 2000 <= moment[0].year <= 2099 or moment[1] is None:
            self.wrong("accepted", f'"{text(cell)[:40]}" is no day and time.')
            return None
        return instant_of(moment[0], moment[1], zone)


_ZONES = "America/Chicago or Eastern"
_WHOLE_ADDRESS = re.compile(
    r"(.+), *([^,\d]+), *([A-Za-z]{2})\.?,? +(\d{5}(?:-\d{4})?)(?:, *USA?)?"
)
_PHONES = re.compile(r"[/;|]|\bor\b")
_ORDER_LABEL = re.compile(
    r"(?:(?:wo|w\.o\.|work order)(?=[\s#:.\d])[\s#:.]*(?:no\.?\s*|number\s*)?|#\s*)", re.I
)


def _bare_number(typed: str) -> str:
    # An apostrophe is how spreadsheets are told that a number is text.
    return typed.lstrip("'#").strip()


def _bare_order(typed: str) -> str:
    bare = _bare_number(typed)
    match = _ORDER_LABEL.match(bare)
    return bare[match.end() :].strip() if match else bare


def _us_zip(typed: str) -> str:
    """A US ZIP with the zeros that the spreadsheet took from its head."""
    typed = typed.removesuffix(".0")
    if re.fullmatch(r"\d{3,4}", typed):
        return typed.zfill(5)
    if re.fullmatch(r"\d{8,9}", typed):
        full = typed.zfill(9)
        return f"{full[:5]}-{full[5:]}"
    return typed


def _minutes(cell: Cell) -> int | None:
    """A length: a number of minutes, "90 min", "1:30", "1h30", "1.5 hrs", or a time's cell."""
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, timedelta):
        return round(cell.total_seconds() / 60)
    typed = text(cell)
    if match := re.fullmatch(r"(\d{1,4})(?:\.\d{1,4})?", typed):
        return int(match[1])
    if match := re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::00)?", typed):
        return int(match[1]) * 60 + int(match[2])
    # What is left are the spans that people type.
    noon = datetime(2000, 1, 1, 12, tzinfo=UTC)
    read = read_time(typed, now=noon, zone=ZoneInfo("UTC"), past=False)
    if (
        re.search(r"[hm]", typed.casefold())
        and isinstance(read, At)
        and "pm" not in typed.casefold()
    ):
        return round((read.at - noon).total_seconds() / 60)
    return None


# ---------------------------------------------------------------------------------------------
# The same order twice
