"""Whom and which order somebody means who types a name, a phone or a number."""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.sheets.cells import Phone, read_phone
from storage import bulk, jobs, people
from storage.db import Row, Tx


class Refused(Exception):
    """It was not done; the text is one sentence that says what to do."""


def plain(name: str) -> str:
    """A name for comparing: any case, single spaces, with or without its accents."""
    parted = unicodedata.normalize("NFKD", name.casefold())
    letters = (each for each in parted if unicodedata.category(each) not in ("Mn", "Cf"))
    return " ".join("".join(letters).split())


@dataclass(slots=True)
class Directory:
    """Everybody, to be found by name or phone as typed; `regions` are the programs' countries."""

    regions: tuple[str, ...] = ("US",)
    by_id: dict[int, Row] = field(default_factory=dict)
    by_name: dict[str, list[Row]] = field(default_factory=dict)
    by_phone: dict[str, Row] = field(default_factory=dict)

    @staticmethod
    def of(rows: Iterable[Row], regions: Iterable[str]) -> "Directory":
        """The directory of these people."""
        book = Directory(tuple(dict.fromkeys(regions)) or ("US",))
        for row in rows:
            book.by_id[row["id"]] = row
            book.by_name.setdefault(plain(row["name"]), []).append(row)
            if row["phone"]:
                book.by_phone[row["phone"]] = row
        return book

    def find(self, typed: str) -> list[Row]:
        """Those whom a name or a phone may mean: none, one, or namesakes."""
        named = self.by_name.get(plain(typed), [])
        if named:
            # Where only the accents tell two apart, who typed them meant them.
            wanted = " ".join(typed.split())
            return [row for row in named if row["name"] == wanted] or named
        for region in self.regions:
            phone = read_phone(typed, region)
            if isinstance(phone, Phone) and phone.e164 in self.by_phone:
                return [self.by_phone[phone.e164]]
        return []

    def one(self, typed: str) -> Row:
        """The one person meant; Refused, with near matches."""
        found = self.find(typed)
        if len(found) == 1:
            return found[0]
        if found:
            phones = ", ".join(row["phone"] or "no phone" for row in found)
            raise Refused(f"{len(found)} people are called {typed} ({phones}): give the phone.")
        raise Refused(f'Nobody is called "{typed}" or has that phone.{self.near(typed)}')

    def near(self, typed: str) -> str:
        """ " Did you mean …?", or "" where no name is near."""
        return meant(typed, {key: rows[0]["name"] for key, rows in self.by_name.items()})


def meant(typed: str, names: Mapping[str, str]) -> str:
    """ " Did you mean …?" for what is near among `names` (as compared → as written), or ""."""
    wanted = plain(typed)
    near = difflib.get_close_matches(wanted, names, 3, 0.6)
    near += [key for key in names if wanted and wanted in key.split() and key not in near]
    return f" Did you mean {' or '.join(names[key] for key in near[:3])}?" if near else ""


def directory(tx: Tx, regions: Iterable[str]) -> Directory:
    """Everybody as stored."""
    return Directory.of(people.everybody(tx), regions)


def visit_of(tx: Tx, number: str, visit: int | None = None) -> Row:
    """A visit of a work order, the latest if none is named; Refused, with near matches."""
    wanted = number.strip().lstrip("#")
    visits = jobs.of_order(tx, wanted)
    if not visits:
        known = {plain(each): each for each in bulk.orders_like(tx, wanted)}
        if plain(wanted) in known:
            visits = jobs.of_order(tx, known[plain(wanted)])
        else:
            near = meant(wanted, known) or _containing(wanted, known)
            raise Refused(f'There is no work order "{wanted}".{near or " See jobs list."}')
    if visit is None:
        return visits[0]
    found = next((row for row in visits if row["visit"] == visit), None)
    if found is None:
        raise Refused(f"{wanted} has no visit {visit}: its latest is {visits[0]['visit']}.")
    return found


def _containing(typed: str, known: Mapping[str, str]) -> str:
    near = [name for key, name in known.items() if plain(typed) in key][:3]
    return f" Did you mean {' or '.join(near)}?" if near else ""
