"""What a sentence may name: the values of a job and of a person, as texts for one kind of phone.

Names and streets are cut to what a text message has room for; a chat gets them whole. Times are
the wall clock's at the job.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any, ClassVar
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from bot.speech.gsm import fold
from bot.speech.phones import phone_of, phone_words
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
    "product", "units", "window", "window_start", "window_end", "planned", "eta_time", "eta_due",
    "day", "date",
    "in_time", "out_time", "thirty_end", "hold_end", "now", "at", "case", "where", "reason",
    "failed_visit_units", "trip_charge_units", "which", "wish", "amount", "decision",
}  # fmt: skip
"""What a sentence about a job may name, besides one `<step>_time` for each step that was done."""


_Person = Mapping[str, Any] | None


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


def chosen(marks: Mapping[str, Instant]) -> dict[str, str]:
    """The case that was opened last and what was chosen in it; "" where there is none."""
    opened = {case: at for case in _LEAVING if (at := marks.get(f"{case}.opened")) is not None}
    case = max(opened, key=lambda each: opened[each], default="")
    said = {
        name: next((word for word in words if f"{case}.{word}" in marks), "")
        for name, words in _SAID.items()
    }
    return {"case": case, **said}


def _chosen(name: str, values: "JobValues") -> str:
    return chosen(values.marks)[name]


def _address(street: str, city: str, state: str, postcode: str) -> str:
    return ", ".join(each for each in (street, city, f"{state} {postcode}".strip()) if each)


@lru_cache(maxsize=64)
def fees_of(program: str) -> dict[str, str]:
    """The units of each fee of a program, by the name that sentences have for them."""
    known = PROGRAMS.get(program)
    fees = known.fees if known else {}
    return {f"{reason}_units": str(units) for reason, units in fees.items() if units is not None}


@lru_cache(maxsize=1024)
def _map(address: str) -> str:
    return f"https://maps.google.com/?q={quote_plus(address)}"


class PersonValues(Mapping[str, str]):
    """`PERSON_VALUES` of a technician and their manager (rows of people); "" where unknown.

    Each is made when a sentence names it: a text names two or three of dozens, and nine of ten
    need no manager. `manager` and `contacts` may be what fetches them.
    """

    __slots__ = ("_contacts", "_manager", "sms", "technician")
    MADE: ClassVar[Mapping[str, Callable[[Any], str]]] = {
        "technician": lambda v: v.person(TECHNICIAN),
        "first_name": lambda v: v.first(v.person(0)),
        "technician_phone": lambda v: phone_of(v.technician),
        "dm": lambda v: v.first(v.manager["name"]) if v.manager else "",
        "manager_name": lambda v: v.short(v.manager["name"], TECHNICIAN) if v.manager else "",
        "dm_phone": lambda v: phone_of(v.manager, reader=v.technician),
    }

    def __init__(
        self,
        technician: Mapping[str, Any] | None,
        manager: _Person | Callable[[], _Person],
        contacts: Mapping[str, str] | Callable[[], Mapping[str, str]],
        *,
        sms: bool,
    ) -> None:
        self.technician, self._manager, self._contacts = technician, manager, contacts
        self.sms = sms

    @property
    def manager(self) -> _Person:
        """The manager's row."""
        if callable(self._manager):
            self._manager = self._manager()
        return self._manager

    @property
    def contacts(self) -> Mapping[str, str]:
        """The program's contacts."""
        if callable(self._contacts):
            self._contacts = self._contacts()
        return self._contacts

    def person(self, room: int) -> str:
        """The technician's name; on SMS within `room`, if there is any."""
        name: str = self.technician["name"] if self.technician else ""
        return self.short(name, room) if room else name

    def first(self, name: str) -> str:
        """A first name."""
        first = name.partition(" ")[0]
        return cut(first, MANAGER) if self.sms else first

    def short(self, name: str, room: int) -> str:
        """A name, on SMS within `room`."""
        return shortened(name, room) if self.sms else name

    def cut(self, text: str, room: int) -> str:
        """A text, on SMS within `room`."""
        return cut(text, room) if self.sms else text

    def __getitem__(self, name: str) -> str:
        make = self.MADE.get(name)
        return make(self) if make else self.contacts[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.contacts, **self.MADE})

    def __len__(self) -> int:
        return len({**self.contacts, **self.MADE})

    def __or__(self, more: Mapping[str, str]) -> dict[str, str]:
        return {**self, **more}


class JobValues(PersonValues):
    """`JOB_VALUES` of a visit, and a `<step>_time` for each mark; "" for what is not known."""

    __slots__ = ("_times", "job", "marks", "now", "zone")
    MADE: ClassVar[Mapping[str, Callable[[Any], str]]] = {
        **PersonValues.MADE,
        "letter": lambda v: v.job["letter"],
        "order": lambda v: v.job["number"],
        "visit": lambda v: str(v.job["visit"]),
        "shift": lambda v: v.job["shift"],
        "customer": lambda v: v.short(v.job["customer"], CUSTOMER),
        "street": lambda v: v.cut(v.job["street"], STREET),
        "city": lambda v: v.cut(v.job["city"], CITY),
        "address": lambda v: v.address(),
        "map": lambda v: _map(v.address()),
        "phone": lambda v: phone_words(v.job["phone"], v.zone),
        "product": lambda v: v.cut(v.job["product"], PRODUCT),
        "units": lambda v: v.job["units"],
        "window": lambda v: window_words(
            v.job["window_start"], v.job["window_end"], v.zone, sms=v.sms
        ),
        "window_start": lambda v: v.clock(v.job["window_start"]),
        "window_end": lambda v: v.clock(v.job["window_end"]),
        "planned": lambda v: v.clock(v.planned()),
        "eta_time": lambda v: v.clock(v.planned() - HOUR),
        "eta_due": lambda v: "now" if v.planned() - HOUR < v.now else v.clock(v.planned() - HOUR),
        "day": lambda v: day_words(v.job["day"], v.zone),
        "date": lambda v: v.job["day"],
        "in_time": lambda v: v.clock(
            next((v.marks[mark] for mark in _IN if mark in v.marks), v.now)
        ),
        "out_time": lambda v: v.clock(
            v.marks.get("ivr_out")
            or (v.marks.get("done") if "unfinished" in v.marks else None)
            or v.now
        ),
        "thirty_end": lambda v: v.clock(
            max(v.marks.get("no_show.door_photo") or v.now, v.job["window_start"]) + THIRTY
        ),
        "hold_end": lambda v: v.clock((v.marks.get("other.photo") or v.now) + THIRTY),
        "now": lambda v: v.clock(v.now),
        "at": lambda v: v.job["state"],
        "program": lambda v: v.job["program"],
        **{name: partial(_chosen, name) for name in ("case", *_SAID)},
    }

    def __init__(  # noqa: PLR0913 - the rows that a text may name
        self,
        job: Mapping[str, Any],
        technician: Mapping[str, Any] | None,
        manager: _Person | Callable[[], _Person],
        contacts: Mapping[str, str] | Callable[[], Mapping[str, str]],
        marks: Mapping[str, Instant],
        now: Instant,
        *,
        sms: bool,
    ) -> None:
        super().__init__(technician, manager, contacts, sms=sms)
        self.job, self.marks, self.now, self.zone = job, marks, now, job["timezone"]
        self._times: Mapping[str, Instant] | None = None

    @property
    def times(self) -> Mapping[str, Instant]:
        """The moment of each mark under the name of its time."""
        if self._times is None:
            unseen = "no_show.door_photo" if "no_show.no_photo" in self.marks else ""
            self._times = {
                mark_value(mark): at for mark, at in self.marks.items() if mark != unseen
            }
        return self._times

    def clock(self, at: Instant) -> str:
        """The wall clock at the job."""
        return clock(at, self.zone, sms=self.sms)

    def planned(self) -> Instant:
        """The planned arrival, the window's start where there is none."""
        planned: Instant = self.job["planned_arrival"] or self.job["window_start"]
        return planned

    def address(self) -> str:
        """Street, city, state and zip."""
        job = self.job
        return _address(job["street"], job["city"], job["us_state"], job["zip"])

    def __getitem__(self, name: str) -> str:
        make = self.MADE.get(name)
        if make:
            return make(self)
        if name in self.times:
            return self.clock(self.times[name])
        fees = fees_of(self.job["program"])
        return fees[name] if name in fees else self.contacts[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.contacts, **fees_of(self.job["program"]), **self.times, **self.MADE})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def person_values(
    technician: Mapping[str, Any] | None,
    manager: _Person,
    contacts: Mapping[str, str],
    *,
    sms: bool,
) -> dict[str, str]:
    """All `PERSON_VALUES` at once."""
    return dict(PersonValues(technician, manager, contacts, sms=sms))


def job_values(  # noqa: PLR0913 - the rows that a text may name
    job: Mapping[str, Any],
    technician: Mapping[str, Any] | None,
    manager: _Person,
    contacts: Mapping[str, str],
    marks: Mapping[str, Instant],
    now: Instant,
    *,
    sms: bool,
) -> dict[str, str]:
    """All `JOB_VALUES` at once.

    `job` is a row of jobs with its work order's columns (`storage.jobs`: `number`, `us_state`,
    `zip`, ...), `marks` are those of its talk. Instants are ms since the epoch; texts are in the
    job's own zone.
    """
    return dict(JobValues(job, technician, manager, contacts, marks, now, sms=sms))


def told_words(words: Mapping[str, str], marks: Mapping[str, Instant], flow: str) -> dict[str, str]:
    """What was typed in the branch `flow`, for its alerts and mails; "" for what was not.

    `text` is what it is about, `price` what customer service said, `wish` what the customer wants
    done, where that was typed rather than chosen.
    """
    if not words:
        return {"text": "", "price": "", "wish": ""}
    about = ("what", "why", "maker_model")
    chosen = any(f"{flow}.{wish}" in marks for wish in _SAID["said_wish"])
    return {
        "text": next((words[each] for name in about if (each := f"{flow}.{name}") in words), ""),
        "price": words.get(f"{flow}.price", ""),
        "wish": "" if chosen else words.get(f"{flow}.customer_wish", ""),
    }


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
