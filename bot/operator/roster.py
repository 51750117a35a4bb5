"""A people file as read becomes people: matched by phone, else by name; all or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.operator.who import Directory, Refused, directory, plain
from bot.sheets.people_file import PeopleReading, PersonRow
from bot.sheets.reading import Problem
from flows.facts import Instant
from flows.shape import Program
from storage import people
from storage.db import Row, Tx

_KEPT_IF_EMPTY = frozenset({"phone", "email", "preferred", "dm", "dc", "program"})
"""An empty cell of these says nothing: what is stored stays."""


@dataclass(frozen=True, slots=True)
class PersonChange:
    """Somebody new, or what is different about somebody known."""

    row: int
    name: str
    what: str = ""


@dataclass(slots=True)
class RosterReport:
    """What a people file did; nothing was written where there are problems."""

    applied: bool = False
    new: list[PersonChange] = field(default_factory=list)
    changed: list[PersonChange] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as plain values, for `--json`."""
        return asdict(self)


def import_people(
    tx: Tx, reading: PeopleReading, programs: Mapping[str, Program], *, now: Instant
) -> RosterReport:
    """Insert or change the file's people; the same file twice changes nothing."""
    report = RosterReport(
        problems=list(reading.problems), warnings=list(reading.warnings),
        unknown_columns=reading.unknown_columns,
    )  # fmt: skip
    regions = [program.region for program in programs.values()]
    known = directory(tx, regions)
    matches = _Matching(known, report).match(reading.rows)
    values = {row.row: _values(row, matches[row.row], next(iter(programs))) for row in reading.rows}
    after = _as_it_will_be(known, matches, values, regions)
    managers = {row.row: _managers(row, after, report) for row in reading.rows}
    if report.problems:
        report.problems.sort(key=lambda each: each.row)
        return report
    ids = {number: was["id"] for number, was in matches.items() if was is not None}
    for row in reading.rows:
        if row.row not in ids:
            ids[row.row] = tx.insert("people", **values[row.row], created_at=now)
    for row in reading.rows:
        # Somebody new in the file stands there under the row's number, negative.
        named = {
            column: person if person > 0 else ids[-person]
            for column, person in managers[row.row].items()
        }
        _store(tx, row, ids[row.row], matches[row.row], values[row.row] | named, report)
    report.applied = True
    return report


def _store(
    tx: Tx, row: PersonRow, person: int, was: Row | None, values: Mapping[str, Any],
    report: RosterReport,
) -> None:  # fmt: skip
    stored = dict(was) if was is not None else {**values, "dm": None, "dc": None}
    changed = {name: new for name, new in values.items() if stored[name] != new}
    if changed:
        people.change(tx, person, **changed)
    if was is None:
        report.new.append(PersonChange(row.row, row.name))
    elif changed:
        report.changed.append(PersonChange(row.row, row.name, ", ".join(changed)))
    else:
        report.unchanged += 1


def _as_it_will_be(
    known: Directory, matches: Mapping[int, Row | None], values: Mapping[int, Mapping[str, Any]],
    regions: Iterable[str],
) -> Directory:  # fmt: skip
    """Everybody once the file is in; those who are new have their row's number, negative, as id."""
    everybody = {person: dict(row) for person, row in known.by_id.items()}
    for number, was in matches.items():
        person = was["id"] if was is not None else -number
        everybody[person] = {**everybody.get(person, {}), **values[number], "id": person}
    return Directory.of(everybody.values(), regions)


def _values(row: PersonRow, was: Row | None, default_program: str) -> dict[str, Any]:
    values = {
        "name": row.name, "roles": ";".join(row.roles), "phone": row.phone or "",
        "email": row.email, "app": row.app, "preferred": row.channel, "timezone": row.timezone,
        "language": row.language, "program": row.programs[0] if row.programs else "",
    }  # fmt: skip
    if was is not None:
        return {
            name: was[name] if not value and name in _KEPT_IF_EMPTY else value
            for name, value in values.items()
        }
    return values | {"program": values["program"] or default_program}


class _Matching:
    """Which stored person each row is: by phone, else by a name that only one has."""

    def __init__(self, known: Directory, report: RosterReport) -> None:
        self.known, self.report = known, report

    def match(self, rows: Iterable[PersonRow]) -> dict[int, Row | None]:
        """Row's number → the stored person, None for somebody new."""
        found: dict[int, Row | None] = {}
        taken: dict[int, int] = {}
        rows = list(rows)
        for row in rows:
            owner = self.known.by_phone.get(row.phone or "")
            if owner is not None:
                found[row.row] = owner
                taken[owner["id"]] = row.row
                self._check_owner(row, owner)
        for row in rows:
            if row.row not in found:
                found[row.row] = self._by_name(row, taken)
        return found

    def _check_owner(self, row: PersonRow, owner: Row) -> None:
        if plain(row.name) == plain(owner["name"]):
            return
        if plain(row.name) in self.known.by_name:
            why = f"{row.phone} is {owner['name']}'s already: a phone belongs to one person."
            self.report.problems.append(Problem(row.row, "phone", why))
        else:
            why = f"{owner['name']} has this phone and is called {row.name} from now on."
            self.report.warnings.append(Problem(row.row, "name", why))

    def _by_name(self, row: PersonRow, taken: dict[int, int]) -> Row | None:
        namesakes = [
            person for person in self.known.by_name.get(plain(row.name), ())
            if person["id"] not in taken
        ]  # fmt: skip
        if len(namesakes) > 1:
            why = f"{len(namesakes)} people are called {row.name}: give the phone of this one."
            self.report.problems.append(Problem(row.row, "phone", why))
            return None
        if not namesakes:
            return None
        taken[namesakes[0]["id"]] = row.row
        return namesakes[0]


def _managers(row: PersonRow, book: Directory, report: RosterReport) -> dict[str, int]:
    """Dm and dc, by name or phone, among the file's people and those known before."""
    named: dict[str, int] = {}
    for column, typed in (("dm", row.dm), ("dc", row.dc)):
        if not typed:
            continue
        found = book.find(typed)
        able = [each for each in found if each["roles"] != "technician"]
        if len(able) == 1:
            named[column] = able[0]["id"]
            continue
        if able:
            why = f'{len(able)} people are called "{typed}": name this one by phone.'
        elif found:
            why = f"{typed} is only a technician: give them the role manager as well."
        else:
            why = f'Nobody is called "{typed}" or has that phone.{book.near(typed)}'
        report.problems.append(Problem(row.row, column, why))
    return named


def mark_absent(tx: Tx, person: Row, first: str, last: str) -> None:
    """Somebody is away from one ISO date to another, both included; two empty ones: here again."""
    if first > last:
        raise Refused(f"{last} is before {first}: give the first day, then the last.")
    people.change(tx, person["id"], absent_from=first, absent_to=last)
