"""What a sentence may name: the values of a job and of a person, as texts for one kind of phone.

Names and streets are cut to what a text message has room for; a chat gets them whole. Times are
the wall clock's at the job.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from bot.speech.gsm import fold
from flows.book import PROGRAMS
from flows.facts import HOUR, MINUTE, Instant

CUSTOMER, STREET, TECHNICIAN, MANAGER, PRODUCT, CITY = 16, 24, 20, 12, 24, 16
"""The longest names on SMS (contract section 2: customer 16, street 24)."""
THIRTY = 30 * MINUTE
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IN = ("ivr_in", "arrive", "start", "no_show.opened", "other.opened")
"""When the technician came, for Mars: the first of these that is known (A44, A48)."""
_LEAVING = (
    "no_show", "not_delivered", "damaged", "missing_parts", "damaged_during", "other",
)  # fmt: skip
"""The cases through which a job may be left open: the last one opened is the report's reason."""
_SAID = {
    "said_which": ("nothing", "partly", "built_already"),
    "said_wish": ("leave_as_is", "box_it", "take_apart"),
    "said_amount": ("none_built", "some_built", "most_built"),
    "said_decision": (
        "revisit",
        "stop_here",
        "leave_open",
        "moved",
        "cancelled",
        "half_hour",
    ),
}
"""What was chosen in a case is a mark of it; a sentence names it in words (`which.nothing`)."""
_SHARED = frozenset({
    "told", "opened", "mailed", "expected", "what", "photo", "photos", "call_office",
})  # fmt: skip

PERSON_VALUES = frozenset({
    "technician", "first_name", "technician_phone", "dm", "manager_name", "dm_phone",
    "office_name", "office_email", "office_phone", "ivr_phone", "videos", "company",
})  # fmt: skip
"""What any sentence to or about a technician may name; contacts as the program has them."""
JOB_VALUES = PERSON_VALUES | {
    "letter", "order", "visit", "shift", "customer", "street", "city", "address", "map", "phone",
    "product", "units", "window", "window_start", "window_end", "planned", "eta_time", "day",
    "date",
    "in_time", "out_time", "thirty_end", "hold_end", "now", "at", "case", "where", "reason",
    "failed_visit_units", "trip_charge_units", "which", "wish", "amount", "decision",
}  # fmt: skip
"""What a sentence about a job may name, besides one `<step>_time` for each step that was done."""


def mark_value(mark: str) -> str:
    """The name under which a mark's time is given.

    `no_show.door_photo` is `door_photo_time`; what several flows have keeps its flow's name
    (`no_show.told` is `no_show_told_time`).
    """
    flow, _, name = mark.rpartition(".")
    return f"{flow}_{name}_time" if flow and name in _SHARED else f"{name}_time"


@lru_cache(maxsize=8192)
def clock(at: Instant, zone: str, *, sms: bool) -> str:
    """The wall clock in `zone`: "9:05" where each character counts, else "9:05 AM".

    In Europe, where people count to 24, it is "09:05" in both.
    """
    faces = _TO_24 if european(zone) else _SHORT if sms else _LONG
    return faces[(at // MINUTE + _offset(at // (15 * MINUTE), zone)) % 1440]


def window_words(start: Instant, end: Instant, zone: str, *, sms: bool) -> str:
    """A window: "9:00-12:00", or "9 AM – 12 PM" (A03)."""
    if sms or european(zone):
        return f"{clock(start, zone, sms=True)}-{clock(end, zone, sms=True)}"
    first, last = (clock(each, zone, sms=False).replace(":00", "") for each in (start, end))
    return f"{first} – {last}"


@lru_cache(maxsize=1024)
def day_words(day: str, zone: str = "") -> str:
    """An ISO date as "Mon Nov 23", in Europe as "Mon 23 Nov"."""
    read = date.fromisoformat(day)
    weekday, month = _DAYS[read.weekday()], _MONTHS[read.month - 1]
    if european(zone):
        return f"{weekday} {read.day} {month}"
    return f"{weekday} {month} {read.day}"


@lru_cache(maxsize=1024)
def day_figures(day: str, zone: str) -> str:
    """An ISO date as short as can be: "Mon 11/23", in Europe "Mon 23/11"."""
    read = date.fromisoformat(day)
    first, second = (read.day, read.month) if european(zone) else (read.month, read.day)
    return f"{_DAYS[read.weekday()]} {first}/{second}"


@lru_cache(maxsize=256)
def european(zone: str) -> bool:
    """Whether people of this time zone count the hours to 24 and write the day first."""
    return zone.startswith("Europe/")


@lru_cache(maxsize=4096)
def shortened(name: str, room: int) -> str:
    """A person's name in GSM-7 within `room`: the last name counts most, C. Montgomery-He."""
    name = " ".join(fold(name).split())
    if len(name) <= room:
        return name
    *first, last = name.split(" ")
    return f"{first[0][0]}. {last}"[:room].rstrip() if first else name[:room]


@lru_cache(maxsize=4096)
def cut(text: str, room: int) -> str:
    """`text` in GSM-7 within `room`, at the end of a word where that leaves at least half of it."""
    text = " ".join(fold(text).split())
    if len(text) <= room:
        return text
    words = text[: room + 1].rpartition(" ")[0].rstrip(" ,;-")
    return words if len(words) >= room // 2 else text[:room].rstrip()


def person_values(
    technician: Mapping[str, Any] | None,
    manager: Mapping[str, Any] | None,
    contacts: Mapping[str, str],
    *,
    sms: bool,
) -> dict[str, str]:
    """`PERSON_VALUES` of a technician and their manager (rows of people); "" where unknown."""
    name = technician["name"] if technician else ""
    boss = manager["name"] if manager else ""
    first = name.partition(" ")[0]
    dm = boss.partition(" ")[0]
    return {
        **contacts,
        "technician": shortened(name, TECHNICIAN) if sms else name,
        "first_name": cut(first, MANAGER) if sms else first,
        "technician_phone": technician["phone"] if technician else "",
        "dm": cut(dm, MANAGER) if sms else dm,
        "manager_name": shortened(boss, TECHNICIAN) if sms else boss,
        "dm_phone": manager["phone"] if manager else "",
    }


def job_values(  # noqa: PLR0913 - the rows that a text may name
    job: Mapping[str, Any],
    technician: Mapping[str, Any] | None,
    manager: Mapping[str, Any] | None,
    contacts: Mapping[str, str],
    marks: Mapping[str, Instant],
    now: Instant,
    *,
    sms: bool,
) -> dict[str, str]:
    """`JOB_VALUES` of a visit, and a `<step>_time` for each mark; "" for what is not known.

    `job` is a row of jobs with its work order's columns (`storage.jobs`: `number`, `us_state`,
    `zip`, ...), `marks` are those of its talk. Instants are ms since the epoch; texts are in the
    job's own zone.
    """
    zone = job["timezone"]
    start, end = job["window_start"], job["window_end"]
    planned = job["planned_arrival"] or start
    customer, street = job["customer"], job["street"]
    values = person_values(technician, manager, contacts, sms=sms) | _fees(job["program"])
    values["program"] = job["program"]
    for mark, at in marks.items():
        values[mark_value(mark)] = clock(at, zone, sms=sms)
    address = _address(street, job["city"], job["us_state"], job["zip"])
    photo, asked = marks.get("no_show.door_photo"), marks.get("other.photo")
    came = next((marks[mark] for mark in _IN if mark in marks), now)
    left = marks.get("ivr_out") or (marks.get("done") if "unfinished" in marks else None) or now
    values |= {
        "letter": job["letter"],
        "order": job["number"],
        "visit": str(job["visit"]),
        "shift": job["shift"],
        "customer": shortened(customer, CUSTOMER) if sms else customer,
        "street": cut(street, STREET) if sms else street,
        "city": cut(job["city"], CITY) if sms else job["city"],
        "address": address,
        "map": _map(address),
        "phone": job["phone"],
        "product": cut(job["product"], PRODUCT) if sms else job["product"],
        "units": job["units"],
        "window": window_words(start, end, zone, sms=sms),
        "window_start": clock(start, zone, sms=sms),
        "window_end": clock(end, zone, sms=sms),
        "planned": clock(planned, zone, sms=sms),
        "eta_time": clock(planned - HOUR, zone, sms=sms),
        "day": day_words(job["day"], zone),
        "date": job["day"],
        "in_time": clock(came, zone, sms=sms),
        "out_time": clock(left, zone, sms=sms),
        "thirty_end": clock(max(photo or now, start) + THIRTY, zone, sms=sms),
        "hold_end": clock((asked or now) + THIRTY, zone, sms=sms),
        "now": clock(now, zone, sms=sms),
        "at": job["state"],
    }
    return values | chosen(marks)


def told_words(words: Mapping[str, str], marks: Mapping[str, Instant], flow: str) -> dict[str, str]:
    """What was typed in the branch `flow`, for its alerts and mails; "" for what was not.

    `text` is what it is about, `price` what customer service said, `wish` what the customer wants
    done, where that was typed rather than chosen.
    """
    chosen = any(f"{flow}.{wish}" in marks for wish in _SAID["said_wish"])
    return {
        "text": words.get(f"{flow}.what") or words.get(f"{flow}.maker_model", ""),
        "price": words.get(f"{flow}.price", ""),
        "wish": "" if chosen else words.get(f"{flow}.customer_wish", ""),
    }


def chosen(marks: Mapping[str, Instant]) -> dict[str, str]:
    """The case that was opened last and what was chosen in it; "" where there is none."""
    opened = {case: at for case in _LEAVING if (at := marks.get(f"{case}.opened")) is not None}
    case = max(opened, key=lambda each: opened[each], default="")
    said = {
        name: next((word for word in words if f"{case}.{word}" in marks), "")
        for name, words in _SAID.items()
    }
    return {"case": case, **said}


def _address(street: str, city: str, state: str, postcode: str) -> str:
    return ", ".join(each for each in (street, city, f"{state} {postcode}".strip()) if each)


@lru_cache(maxsize=64)
def _fees(program: str) -> dict[str, str]:
    known = PROGRAMS.get(program)
    fees = known.fees if known else {}
    return {f"{reason}_units": str(units) for reason, units in fees.items() if units is not None}


@lru_cache(maxsize=1024)
def _map(address: str) -> str:
    return f"https://maps.google.com/?q={quote_plus(address)}"


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def _offset(quarter: int, zone: str) -> int:
    """Minutes that `zone` is ahead of UTC; that only changes at a quarter of an hour."""
    offset = datetime.fromtimestamp(quarter * 900, UTC).astimezone(_zone(zone)).utcoffset()
    return int(offset.total_seconds()) // 60 if offset else 0


_SHORT = tuple(f"{minute // 60 % 12 or 12}:{minute % 60:02}" for minute in range(1440))
_TO_24 = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440))
_LONG = tuple(f"{face} {'AM' if minute < 720 else 'PM'}" for minute, face in enumerate(_SHORT))
