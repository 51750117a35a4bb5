"""What a manifest did, or would do: the lines that are shown to whoever imports it."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.manifest.rows import Skipped
from bot.sheets.reading import Problem


@dataclass(frozen=True, slots=True)
class Change:
    """An order that was taken from the file: `what` says what is different, "" for a new one."""

    row: int
    work_order: str
    technician: str
    day: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """An open visit of a day in the file that the file does not have."""

    work_order: str
    technician: str
    day: str
    state: str


@dataclass(slots=True)
class ManifestReport:
    """What a manifest did, or would do; nothing was written where `applied` is False."""

    applied: bool = False
    new: list[Change] = field(default_factory=list)
    next_visits: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    left: list[Skipped] = field(default_factory=list)
    """Orders that the file has and that stay as they are, and why."""
    skipped: list[Skipped] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    cancelled: list[Missing] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as plain values, for `--json`."""
        return asdict(self)
