"""The people file (CSV or XLSX) read into rows: who they are and how they are reached.

Nothing here knows the database: `dm` and `dc` come back as typed, to be resolved against it later.
Nothing raises on what a file contains; a row with a problem is not among the rows.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.sheets.cells import Trouble, country_of, read_phone_of, read_zone
from bot.sheets.reading import Column, Problem, Row, RowReader, sheet_from_bytes

COLUMNS = (
    Column("name", ("Name", "Full Name", "Person", "Employee", "Technician Name"), required=True),
    Column("role", ("Role", "Roles", "Position", "Job Title", "Function"), required=True),
    Column(
        "phone",
        ("Phone", "Mobile", "Mobile Phone", "Cell", "Cell Phone", "Phone #", "Phone No",
         "Phone Number", "Mobile Number", "Tel", "Telephone"),
    ),
    Column("email", ("Email", "E-mail", "Mail", "Email Address", "E-mail Address")),
    Column("dm", ("DM", "District Manager", "Manager")),
    Column("dc", ("DC", "District Coordinator", "Coordinator")),
    Column("app", ("App", "Amazon App", "Device", "Smartphone")),
    Column("channel", ("Channel", "Preferred Channel", "Reached By")),
    Column("timezone", ("Time Zone", "TZ", "Zone")),
    Column("language", ("Language", "Lang")),
    Column("program", ("Program", "Programs", "Programme", "Programmes", "Account")),
)  # fmt: skip
"""Every column that counts, with its headings; other columns are left out and listed."""

ROLES = {
    "technician": "technician", "tech": "technician", "assembler": "technician",
    "manager": "manager", "dm": "manager", "dc": "manager", "district manager": "manager",
    "district coordinator": "manager", "office": "office", "csa": "office",
    "customer service": "office", "operator": "operator",
}  # fmt: skip
APPS = {"": "own", "own": "own", "other": "other", "none": "none"}
CHANNELS = {"": "", "telegram": "telegram", "sms": "sms", "text": "sms", "sms/mms": "sms"}

LONGEST_CELL = 200

_SEPARATORS = re.compile(r"[;,/|]")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\.]+(?:\.[^\s@<>,;:\"()\[\]\\.]+)+")
_SUM = re.compile(r"(?:(?:grand|sub)[ -]?)?total\b.*|sum|count", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as the file has them.

    `row` is the spreadsheet's number; `phone` E.164 or None; `email` "" where there is none; `dm`
    and `dc` a name or a phone as typed; `app` is own, other or none; `channel` telegram, sms or ""
    (no wish); `timezone` an IANA name; `programs` as named, none meaning the only one there is.
    """

    row: int
    name: str
    roles: tuple[str, ...]
    phone: str | None
    email: str
    dm: str
    dc: str
    app: str
    channel: str
    timezone: str
    language: str
    programs: tuple[str, ...]


@dataclass(slots=True)
class PeopleReading:
    """What a people file says: good rows in the file's order, problems, and warnings about rows."""

    rows: list[PersonRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()


def read_people(
    data: bytes,
    filename: str,
    *,
    default_zone: ZoneInfo,
    default_region: str,
    regions: Mapping[str, str],
    zones: Mapping[str, str] = MappingProxyType({}),
) -> PeopleReading:
    """Reads a people file (CSV or XLSX by its content; `filename` only appears in messages).

    `regions` has every program's country for phone numbers without a country code ("apollo": "US"),
    `zones` the time zone of those whose country has only one. Who names no program is where their
    zone or their number is; who names no zone is in that of their program, or of their number's
    country, else in `default_zone`. A phone belongs to one person: rows that share one are all
    problems, unless they are equal, which is one person.
    """
    sheet = sheet_from_bytes(data, COLUMNS)
    reading = PeopleReading(unknown_columns=sheet.unknown_columns)
    reading.problems += [
        replace(each, message=f"{filename}: {each.message}") for each in sheet.problems
    ]
    good: list[PersonRow] = []
    # Phones of all rows: a number is not free because the other row has a problem of its own.
    owners: dict[str, list[int]] = {}
    for row in sheet.rows:
        reader = _RowReader(row, reading, default_zone, regions, zones)
        if reader.is_sum():
            reader.warn("name", "It looks like a sum of the list: left out.")
            continue
        before = len(reading.problems)
        person = reader.person(default_region)
        if person.phone:
            owners.setdefault(person.phone, []).append(person.row)
        if len(reading.problems) == before:
            good.append(person)
    _keep_single(good, owners, reading)
    reading.problems.sort(key=lambda each: each.row)
    return reading


class _RowReader(RowReader):
    """Reads one row, putting what is wrong into the reading."""

    def __init__(
        self,
        row: Row,
        reading: PeopleReading,
        default_zone: ZoneInfo,
        regions: Mapping[str, str],
        zones: Mapping[str, str],
    ) -> None:
        super().__init__(row, reading.problems, reading.warnings)
        self.default_zone, self.regions, self.zones = default_zone, regions, zones

    def is_sum(self) -> bool:
        """Whether this is the line below a list that counts it, and nobody."""
        return bool(_SUM.fullmatch(self.text("name"))) and not self.text("role")

    def person(self, default_region: str) -> PersonRow:
        self.holes(self.row.unknown)
        name = self.text("name")
        if not name:
            self.wrong("name", "The name is missing.")
        for column in self.row.cells:
            if len(self.text(column)) > LONGEST_CELL:
                self.wrong(column, f"It is longer than {LONGEST_CELL} characters.")
        programs = self.programs()
        phone = self.phone(self.region(programs) or default_region)
        email = self.email()
        channel = self.one_of("channel", CHANNELS)
        if channel == "sms" and not self.text("phone"):
            self.wrong("phone", "Somebody reached by SMS needs a phone.")
        elif not self.text("phone") and not email:
            self.warn("phone", "Without phone and e-mail an invitation must be handed over.")
        return PersonRow(
            row=self.row.number,
            name=name,
            roles=self.roles(),
            phone=phone,
            email=email,
            dm=self.text("dm"),
            dc=self.text("dc"),
            app=self.one_of("app", APPS),
            channel=channel,
            timezone=self.timezone(self.zone(programs, phone)),
            language=self.language(),
            programs=programs,
        )

    def several(self, column: str) -> tuple[str, ...]:
        parts = (part.strip().casefold() for part in _SEPARATORS.split(self.text(column)))
        return tuple(dict.fromkeys(part for part in parts if part))

    def roles(self) -> tuple[str, ...]:
        typed = self.several("role")
        if not typed:
            self.wrong("role", f"The role is missing: {_either(ROLES.values())}.")
        for each in typed:
            if each not in ROLES:
                self.wrong("role", f'"{each}" is no role: use {_either(ROLES.values())}.')
        return tuple(dict.fromkeys(ROLES[each] for each in typed if each in ROLES))

    def programs(self) -> tuple[str, ...]:
        typed = self.several("program")
        for each in typed:
            if each not in self.regions:
                self.wrong("program", f'"{each}" is no program: use {_either(self.regions)}.')
        return tuple(each for each in typed if each in self.regions)

    def region(self, programs: Sequence[str]) -> str:
        """The country of their program, or of the time zone that stands there; "" for neither."""
        if programs:
            return self.regions[programs[0]]
        zone = read_zone(typed) if (typed := self.text("timezone")) else None
        named = (self.regions[name] for name, own in self.zones.items() if zone and own == zone.key)
        return next(named, "")

    def zone(self, programs: Sequence[str], phone: str | None) -> str:
        """The zone of who names none: that of their program, else of their number's country."""
        if programs:
            return self.zones.get(programs[0], self.default_zone.key)
        country = country_of(phone) if phone else ""
        own = (zone for name, zone in self.zones.items() if self.regions[name] == country)
        return next(own, self.default_zone.key)

    def phone(self, region: str) -> str | None:
        typed = self.text("phone")
        if not typed:
            return None
        read = read_phone_of(typed, [region, *self.regions.values()])
        if isinstance(read, Trouble):
            self.wrong("phone", f'"{typed[:40]}" is of no use: {read.why}.')
            return None
        if not read.texts:
            self.warn("phone", f"{read.e164} is no mobile: texts will not arrive there.")
        return read.e164

    def email(self) -> str:
        typed = self.text("email").removeprefix("mailto:")
        if typed and (len(typed) > 254 or not _EMAIL.fullmatch(typed)):
            self.wrong("email", f'"{typed[:60]}" is no e-mail address.')
            return ""
        return typed

    def one_of(self, column: str, words: Mapping[str, str]) -> str:
        typed = self.text(column).casefold()
        if typed not in words:
            self.wrong(column, f'"{typed[:40]}" is unknown here: use {_either(words.values())}.')
        return words.get(typed, words[""])

    def timezone(self, otherwise: str) -> str:
        typed = self.text("timezone")
        zone = read_zone(typed) if typed else ZoneInfo(otherwise)
        if zone is None:
            self.wrong(
                "timezone", f'"{typed[:40]}" is no time zone: write one such as America/Chicago.'
            )
            return self.default_zone.key
        return zone.key

    def language(self) -> str:
        typed = self.text("language")
        if typed and not _LANGUAGE.fullmatch(typed):
            self.wrong(
                "language", f'"{typed[:40]}" is no language code: write one such as en or es.'
            )
        return typed.casefold() or "en"


def _compared(name: str) -> str:
    """A name without case and accents: who types it in a manifest may leave them out."""
    parted = unicodedata.normalize("NFKD", name.casefold())
    return "".join(each for each in parted if unicodedata.category(each) != "Mn")


def _either(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(word for word in words if word))


def _keep_single(
    good: list[PersonRow], owners: Mapping[str, list[int]], reading: PeopleReading
) -> None:
    """Keeps each person once; a phone that two people share is a problem of both."""
    kept: dict[tuple[object, ...], PersonRow] = {}
    alike: dict[int, int] = {}
    for person in good:
        same = kept.setdefault((replace(person, row=0),), person)
        alike[person.row] = same.row
        if same is not person:
            reading.warnings.append(
                Problem(person.row, "", f"The same as row {same.row}: left out.")
            )
    names: dict[str, int] = {}
    for person in kept.values():
        rows = {alike.get(row, row) for row in owners.get(person.phone or "", ())}
        if len(rows) > 1:
            said = " and ".join(map(str, sorted(rows)))
            reading.problems.append(
                Problem(
                    person.row,
                    "phone",
                    f"{person.phone} stands in rows {said}: a phone belongs to one person.",
                )
            )
            continue
        namesake = names.setdefault(_compared(person.name), person.row)
        if namesake != person.row:
            reading.warnings.append(
                Problem(
                    person.row,
                    "name",
                    f"Row {namesake} has the same name: as a dm or dc, name them by phone.",
                )
            )
        reading.rows.append(person)
