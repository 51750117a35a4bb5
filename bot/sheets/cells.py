"""What one cell of a list means: a phone number, a time zone, a day, a moment, several names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.sheets.grid import Cell, text
from flows.dates import read_date
from flows.times import At, instant_of, read_time


@dataclass(frozen=True, slots=True)
class Phone:
    """A valid number in E.164; `texts` is False where it gets none (a landline, toll-free)."""

    e164: str
    texts: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a cell cannot be read, as the end of a sentence for the person who filled it."""

    why: str


_CUT = Trouble("the spreadsheet has cut its digits: format the column as text and fill it again")


def whole_digits(typed: str) -> str | Trouble:
    """Undoes "2.125550101E+09" and "2125550101.0", as spreadsheets save them, if none is lost."""
    typed = re.sub(r"(?<=\d)\.0+$", "", typed)
    match = re.fullmatch(r"(\d)[.,]?(\d*)[eE]\+?(\d{1,2})", typed)
    if not match:
        return typed
    return f"{int(Decimal(typed.replace(',', '.')))}" if len(match[2]) == int(match[3]) else _CUT


_FICTION = re.compile(r"\+44(?:7700900|1632960)\d{3}")
"""Numbers that Ofcom keeps free for films and examples: nobody has them, people try with them."""


def read_phone_of(typed: str, regions: Sequence[str]) -> Phone | Trouble:
    """A phone number as typed in the first of `regions`.

    One that is none there and has the zero with which other countries' numbers begin at home
    ("07400 123456") may be from the others.
    """
    read = read_phone(typed, regions[0])
    if isinstance(read, Phone) or not re.match(r"\D*0", typed):
        return read
    others = (read_phone(typed, region) for region in regions[1:])
    return next((each for each in others if isinstance(each, Phone)), read)


def read_phone(typed: str, region: str) -> Phone | Trouble:
    """A phone number as typed in `region` ("US", "GB"); an extension is refused."""
    digits = whole_digits(typed)
    if isinstance(digits, Trouble):
        return digits
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return Trouble("it is not a phone number")
    if number.extension:
        return Trouble("a number with an extension cannot be called or texted directly")
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not phonenumbers.is_valid_number(number) and not _FICTION.fullmatch(e164):
        return Trouble(f"there is no such number ({region})")
    # North American numbers do not tell a mobile from a landline: those may text.
    texts = phonenumbers.number_type(number) in {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.UNKNOWN,
    }
    return Phone(e164, texts)


def country_of(e164: str) -> str:
    """The main country of a number's code: "US" for +1, "GB" for +44."""
    return phonenumbers.region_code_for_country_code(phonenumbers.parse(e164).country_code or 0)


# ---------------------------------------------------------------------------------------------
# Time zones

_EASTERN, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"

# What people write; "EST" would else be the zone of that name, which has no summer time.
_ZONE_WORDS = {
    word: zone
    for words, zone in (
        ("eastern et est edt us/eastern new_york", _EASTERN),
        ("central ct cst cdt us/central chicago", _CENTRAL),
        ("mountain mt mst mdt us/mountain denver", _MOUNTAIN),
        ("pacific pt pst pdt us/pacific los_angeles", _PACIFIC),
        ("arizona us/arizona phoenix", "America/Phoenix"),
        ("alaska akst akdt us/alaska", "America/Anchorage"),
        ("hawaii hst us/hawaii", "Pacific/Honolulu"),
        ("uk gb gmt bst london", "Europe/London"),
    )
    for word in words.split()
}

# States and districts that lie in one time zone as a whole, and those that do not.
_STATES_BY_ZONE = (
    (
        _EASTERN,
        "CT Connecticut,DE Delaware,DC District of Columbia,GA Georgia,ME Maine,MD Maryland,"
        "MA Massachusetts,NH New Hampshire,NJ New Jersey,NY New York,NC North Carolina,OH Ohio,"
        "PA Pennsylvania,RI Rhode Island,SC South Carolina,VT Vermont,VA Virginia,WV West Virginia",
    ),
    (
        _CENTRAL,
        "AL Alabama,AR Arkansas,IL Illinois,IA Iowa,LA Louisiana,MN Minnesota,MS Mississippi,"
        "MO Missouri,OK Oklahoma,WI Wisconsin",
    ),
    (_MOUNTAIN, "CO Colorado,MT Montana,NM New Mexico,UT Utah,WY Wyoming"),
    (_PACIFIC, "CA California,WA Washington"),
    ("Pacific/Honolulu", "HI Hawaii"),
    ("America/Puerto_Rico", "PR Puerto Rico"),
    (
        "",
        "AK Alaska,AZ Arizona,FL Florida,ID Idaho,IN Indiana,KS Kansas,KY Kentucky,MI Michigan,"
        "NE Nebraska,NV Nevada,ND North Dakota,OR Oregon,SD South Dakota,TN Tennessee,TX Texas",
    ),
)
STATE_ZONES: Mapping[str, str] = MappingProxyType(
    {
        name.casefold(): zone
        for zone, states in _STATES_BY_ZONE
        for state in states.split(",")
        for name in state.split(" ", 1)
    }
)
"""US states, by code and by name in lower case: their one time zone, "" where they have several."""


@cache
def _zone_names() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def read_zone(typed: str) -> ZoneInfo | None:
    """A time zone by its IANA name in any case, or as people call it ("Eastern", "ET", "UK")."""
    plain = re.sub(r"[ _]?(?:standard |daylight )?time$", "", typed.casefold().strip())
    plain = plain.replace(" ", "_")
    name = _ZONE_WORDS.get(plain) or _zone_names().get(plain)
    return ZoneInfo(name) if name else None


# ---------------------------------------------------------------------------------------------
# Days and moments

# A spreadsheet's day 1 is 31 December 1899; these are the serials of 2000 to 2099.
_SERIAL_DAYS = range(36526, 73051)
_EPOCH = date(1899, 12, 30)
# "11/23/26 8:00 AM", "2026-11-23T08:00:00": the day and the clock behind it
_DAY_AND_CLOCK = re.compile(
    r"(.*?\d)(?:\s*[T,]\s*|\s+)(\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*[ap]?\.?m?\.?)", re.I
)


def read_day(cell: Cell | None, today: date, *, day_first: bool) -> date | None:
    """The day that a cell names: a date, a spreadsheet's serial, or text (see `read_date`)."""
    moment = read_moment(cell, today, day_first=day_first)
    return moment[0] if moment else None


def read_moment(
    cell: Cell | None, today: date, *, day_first: bool
) -> tuple[date, time | None] | None:
    """The day and, where a time stands beside it, the wall clock that a cell names."""
    if isinstance(cell, datetime):
        at = cell.time().replace(tzinfo=None)
        return cell.date(), at if at != time(0) else None
    if isinstance(cell, date):
        return cell, None
    typed = text(cell)
    if re.fullmatch(r"\d{5}(\.\d+)?", typed) and int(float(typed)) in _SERIAL_DAYS:
        minutes = round(float(typed) % 1 * 1440) % 1440
        clock = time(*divmod(minutes, 60)) if minutes else None
        return _EPOCH + timedelta(days=int(float(typed))), clock
    match = _DAY_AND_CLOCK.fullmatch(typed)
    day = read_date(match[1] if match else typed, today, day_first=day_first)
    if day is None:
        return None
    return day, _clock(match[2], day) if match else None


def _clock(typed: str, day: date) -> time | None:
    """A clock beside a date: 24 hours unless am or pm stands with it."""
    utc = ZoneInfo("UTC")
    noon = instant_of(day, time(12), utc)
    typed = typed.strip()
    if re.match(r"\d:", typed) and typed[-1].isdigit():
        typed = f"0{typed}"
    span = (noon - timedelta(hours=12), noon + timedelta(hours=11, minutes=59))
    read = read_time(typed, now=noon.astimezone(UTC), zone=utc, between=span)
    return read.at.time() if isinstance(read, At) else None


def read_names(typed: str) -> tuple[str, ...]:
    """Several names in one cell, each once: separated by semicolons, else by , / & + | or "and"."""
    parts = typed.split(";") if ";" in typed else re.split(r"[,/&+|]|\band\b", typed)
    names = (part.strip() for part in parts)
    return tuple(dict.fromkeys(name for name in names if name))
