"""What a manifest's reading brings: orders, rows that make no job, and what to mend."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bot.manifest.notes import Bucket
from bot.sheets.reading import Problem


@dataclass(frozen=True, slots=True)
class ProgramRules:
    """What reading a row depends on in a program.

    `region` is the country of its phone numbers ("US", "GB"). `windows` are the only time buckets,
    in local time (A03); none: any range or exact time. `marked`: an Amazon order is known by the
    mark at the customer's name (A01), else by its program column. `day_first`: 3/12 is in December.
    `zone` is the only one of its country; "": rows may lie in several.
    """

    region: str
    windows: Sequence[Bucket] = ()
    marked: bool = True
    day_first: bool = False
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One Amazon order as the manifest has it.

    `row` is the spreadsheet's number. `customer` is without the mark; `phone` E.164 or None;
    `technician` and `helpers` as typed. `day`, the window and `timezone` (IANA) are those of the
    customer's place; `window_start`, `window_end` and `accepted` are instants in UTC. `units` are
    Apollo's units of pay, `minutes` the expected length of the work.
    """

    row: int
    work_order: str
    shift: str
    customer: str
    street: str
    city: str
    state: str
    zip: str
    phone: str | None
    technician: str
    helpers: tuple[str, ...]
    day: date
    window_start: datetime
    window_end: datetime
    product: str
    notes: str
    units: Decimal | None
    minutes: int | None
    timezone: str
    program: str
    accepted: datetime | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that makes no job, and why."""

    row: int
    work_order: str
    why: str


@dataclass(slots=True)
class ManifestReading:
    """What a manifest says: good rows in the file's order, and what is to be told about others."""

    rows: list[ManifestRow] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()
