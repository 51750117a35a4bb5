"""What a person at a door types as a time or a date, read into instants and dates.

A text is normalised to a handful of plain tokens (digits, am/pm, units), fillers such as "around"
or "pls" are dropped, and what is left must match one row of the tables below *as a whole*:
"9 boxes", "wo 114" and "8-11" are not times. A row yields either a clock face (which may have two
readings, 9:30 in the morning or in the evening) or a span from now. `_choose` decides between them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

Window: TypeAlias = tuple[datetime, datetime]
ClockStyle: TypeAlias = Literal["us", "us_short", "uk"]

# Nobody writes a longer time; what is longer is not worth reading.
LONGEST_TEXT = 100
# People round up: "930" said at 9:27 about an arrival is now, not last night.
ROUNDED_UP = timedelta(minutes=5)
# A plan just over ("915" sent at 9:20, or a text that was slow) is that time, not tonight.
JUST_OVER = timedelta(minutes=30)
# A reading without am/pm that falls into the night and is this far away is asked again.
FAR_OFF = timedelta(hours=6)
# Two readings are told apart by their distance only when the distances differ by this much.
CLEARLY_NEARER = timedelta(hours=2)
NIGHT_ENDS, NIGHT_BEGINS = 6, 22


@dataclass(frozen=True, slots=True)
class At:
    """The text means this one instant (aware, UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The text can mean either of these two instants (aware, UTC, earlier first): ask."""

    options: tuple[datetime, datetime]


ReadTime: TypeAlias = At | Ambiguous


@dataclass(frozen=True, slots=True)
class _Clock:
    """A clock face: the hours it may mean; `spare` ones only where no other fits `between`."""

    hours: tuple[int, ...]
    minute: int = 0
    spare: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    """Minutes from now; `direction` is 1 (in), -1 (ago) or 0 (not said)."""

    minutes: int
    direction: int = 0


# ---------------------------------------------------------------------------------------------
# Instants and clock faces


def instant_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which `zone`'s wall clocks show `clock` on `day`.

    A time that the clocks skip in spring becomes the first instant after the gap; of a time that
    they show twice in autumn, the first is meant.
    """
    wall = datetime.combine(day, clock.replace(tzinfo=None), tzinfo=zone)
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first <= second:
        return first
    # Only in a gap the order is reversed: the change of the clocks lies between the two.
    before, after = int(second.timestamp()) - 1, int(first.timestamp())
    old = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return datetime.fromtimestamp(after, UTC)


def _offset(seconds: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(seconds, zone).utcoffset()


def clock_words(at: datetime, zone: ZoneInfo, style: ClockStyle = "us") -> str:
    """`at` (aware) as the wall clock in `zone` shows it, in GSM-7 characters only.

    `us` is "9:30 AM", `us_short` is "9:30a" for texts where each character counts, `uk` is "09:30".
    """
    local = at.astimezone(zone)
    if style == "uk":
        return f"{local:%H:%M}"
    half = "a" if local.hour < 12 else "p"
    face = f"{local.hour % 12 or 12}:{local.minute:02}"
    return f"{face}{half}" if style == "us_short" else f"{face} {half.upper()}M"


# ---------------------------------------------------------------------------------------------
# From what was typed to plain tokens

_NUMBERS = {
    word: number
    for number, word in enumerate(
        (
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
            "eighteen", "nineteen",
        )
    )
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50}

_FILLERS = {
    "about", "abt", "almost", "approx", "approximately", "around", "roughly", "circa", "ca", "say",
    "maybe", "prob", "probably", "nearly", "by", "at", "eta", "time", "sharp", "exactly", "just",
    "right", "here", "there", "be", "been", "i", "ill", "im", "will", "was", "were", "its", "it",
    "is", "the", "arrive", "arrived", "arriving", "arrival", "got", "get", "getting", "come",
    "coming", "omw", "on", "my", "way", "pls", "please", "plz", "thx", "thanks", "thank", "you",
    "ty", "ok", "okay", "k", "yes", "yeah", "yep", "yup", "sir", "mam", "maam", "hi", "hey", "like",
    "think", "should", "hopefully", "|",
}  # fmt: skip

_DAY_WORDS = {
    "today": 0, "tomorrow": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "tmrw": 1, "tmw": 1,
    "tmr": 1, "tomo": 1, "yesterday": -1,
}  # fmt: skip

# (what to look for, what to put in its place), in this order
_REWRITES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<=[a-z])['’‘ʼ`](?=[a-z])"), ""),  # o'clock, I'll
    (re.compile(r"\bi am\b"), "im"),  # or its "am" would be the morning
    (re.compile(r"(?<![a-z])o(?=\d)|(?<=\d)o(?=:)"), "0"),  # the letter typed for the digit
    (re.compile(r"(?<=[\d:])o+(?![a-z])"), lambda m: "0" * len(m[0])),
    (re.compile(r"(?<![a-z])([ap])\s?\.?\s?m(?![a-z])\.?"), r" \1m "),
    (re.compile(r"(?<=\d)\s?([ap])(?![a-z])\.?"), r" \1m "),
    (re.compile(r"-?\s?ish\b"), " "),
    (re.compile(r"\b(?:in (?:the )?|this )?(?:morning|mornin)\b"), " am "),
    (re.compile(r"\b(?:in (?:the )?|this )?(?:afternoon|aft)\b"), " pm "),
    (re.compile(r"\b(?:in (?:the )?|this )?(?:evening|eve)\b|\btonight\b|\btonite\b"), " eve "),
    (re.compile(r"(?<=\d)[;,](?=\d)"), ":"),  # slips of the thumb for a colon
    (re.compile(r"(?<!\d)[.:;,]+|[.:;,]+(?!\s?\d)"), " "),
    (re.compile(r"[~@≈*\"“”()!?]"), " | "),
    (re.compile(r"\bor so\b"), " "),
    (re.compile(r"(?<=[a-z])-(?=[a-z])"), " "),  # forty-five
    (re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)"), " "),
)


def _characters(text: str) -> str:
    """Full-width and other scripts' digits, odd spaces, accents and pictures become plain ones."""
    plain: list[str] = []
    for char in unicodedata.normalize("NFKD", text.replace("½", " 1/2").replace("№", "#")):
        kind = unicodedata.category(char)
        if kind == "Nd":
            plain.append(str(unicodedata.decimal(char)))
        elif kind.startswith("Z") or kind in {"Cc", "So", "Sk"}:
            plain.append("`" if char == "`" else " ")
        elif kind == "Pd":
            plain.append("-")
        elif not kind.startswith("M") and kind != "Cf":
            plain.append({"∶": ":", "⁄": "/", "。": "."}.get(char, char))
    return "".join(plain).casefold()


def _numbers(words: list[str]) -> list[str]:
    """Number words as digits: "twenty five" is 25, "oh five" is 05."""
    out: list[str] = []
    rest = iter([*words, ""])
    word = next(rest)
    for after in rest:
        ones = _NUMBERS.get(after, 0)
        if word in _TENS and 1 <= ones <= 9:
            out.append(str(_TENS[word] + ones))
            word = ""
            continue
        if word in {"oh", "o", "zero"} and 1 <= ones <= 9:
            out.append(f"0{ones}")
            word = ""
            continue
        if word:
            out.append(str(_TENS.get(word, _NUMBERS.get(word, word))))
        word = after
    return out


def _tokens(text: str) -> list[str]:
    plain = " ".join(_characters(text).split())
    for pattern, replacement in _REWRITES:
        plain = pattern.sub(replacement, plain)
    kept: list[str] = []
    apart = False
    for word in _numbers(plain.split()):
        if word in _FILLERS:
            apart = True
            continue
        said = kept[-1] if kept else ""
        if apart and said.isdigit() and word.isdigit():
            kept.append("|")  # "10 maybe 11" is not 10:11
        if word != said or word.isdigit():  # "9 am this morning" says it twice
            kept.append(word)
        apart = False
    return kept


# ---------------------------------------------------------------------------------------------
# The forms of a time: one row each, matched against the whole normalised text


def _hours(hour: int, half: str | None) -> tuple[int, ...]:
    """The hours of the day that `hour` with am, pm, evening or nothing can mean, if any."""
    if hour > 24 or (hour > 12 and half == "am") or (hour in {0, 24} and half in {"pm", "eve"}):
        return ()
    if hour > 12 or hour == 0:
        return (hour % 24,)
    if half is None:
        return (hour % 12, hour % 12 + 12)
    if half == "eve":
        return (hour + 12,) if hour < 12 else ()
    return (hour % 12,) if half == "am" else (hour % 12 + 12,)


def _face(m: re.Match[str]) -> _Clock | None:
    typed, half = m["h"], m["half"]
    minute = int(m["m"] or 0)
    hours = _hours(int(typed), half)
    if minute > 59 or not hours or (typed == "24" and minute):
        return None
    if m["m"] is None and len(hours) == 1 and half is None:
        # A bare 20 is rather 20 minutes, and a bare 0 a choice, unless just that hour is asked for.
        return _Clock((), spare=hours)
    if typed.startswith("0") and len(hours) == 2:
        # 0930 is the morning, unless only the evening fits where it is asked.
        return _Clock(hours[:1], minute, spare=hours[1:])
    return _Clock(hours, minute)


_MINUTE_WORDS = {"quarter": 15, "half": 30}


def _relative_face(m: re.Match[str]) -> _Clock | None:
    """Half past 9, quarter to ten, 20 past 3, half 9."""
    minute = _MINUTE_WORDS.get(m["n"]) or int(m["n"])
    hour = int(m["h"])
    if not 1 <= minute <= 59 or not 1 <= hour <= 12:
        return None
    if m["side"] in {"to", "til", "till", "of", "before"}:
        hours = _hours(hour, m["half"])
        return _Clock(tuple(sorted((each - 1) % 24 for each in hours)), 60 - minute)
    return _Clock(_hours(hour, m["half"]), minute)


def _fixed(hour: int) -> Callable[[re.Match[str]], _Clock]:
    return lambda _: _Clock((hour,))


def _span(m: re.Match[str]) -> _Span | None:
    """Minutes, hours and their fractions, with a direction where one was said."""
    groups = m.groupdict()
    number = groups.get("n") or ""
    amount = _FRACTIONS[number] if number in _FRACTIONS else _mixed(number)
    minutes = round(amount * 60) if groups.get("hours") else round(amount)
    minutes += int(groups.get("plus") or 0) + (30 if groups.get("and_half") else 0)
    if minutes > 24 * 60 or (groups.get("bare") is not None and minutes > 180):
        return None
    if groups.get("ago") and not groups.get("into"):
        return _Span(minutes, -1)
    if groups.get("ago"):
        return None
    return _Span(minutes, 1 if groups.get("into") or groups.get("ahead") else 0)


def _mixed(number: str) -> float:
    whole, _, fraction = number.partition(" ")
    return float(whole) + (0.5 if fraction else 0)


_FRACTIONS: dict[str, float] = {
    "": 1, "a": 1, "an": 1, "half": 0.5, "half a": 0.5, "half an": 0.5, "a half": 0.5, "1/2": 0.5,
    "1/2 a": 0.5, "1/2 an": 0.5, "quarter": 0.25, "a quarter": 0.25, "quarter of an": 0.25,
    "a quarter of an": 0.25, "3 quarters of an": 0.75, "couple": 2, "a couple": 2,
    "couple of": 2, "a couple of": 2,
}  # fmt: skip

_HALF = r"(?: (?P<half>am|pm|eve))?"
_HOUR = r"(?P<h>\d{1,2})"
_INTO = r"(?P<into>(?:with)?in )?(?:another )?"
_AWAY = r"(?: more)?(?P<ahead> from now| away| out| more)?(?P<ago> ago| back)?"
_MINUTES = r"(?:m|min|mins|minute|minutes|minuts|mn|mns)"
_AN_HOUR = r"(?P<hours>h|hr|hrs|hour|hours)"
_FRACTION = "|".join(sorted(map(re.escape, filter(None, _FRACTIONS)), key=len, reverse=True))

_Reader: TypeAlias = Callable[[re.Match[str]], _Clock | _Span | None]
_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        # now
        (r"now|asap|immediately|rn|straight away|right away", lambda _: _Span(0)),
        # 9:30, 9.30, 9 30, 9:30:00, 9:30 am
        (rf"{_HOUR}(?: ?[:.]{{1,2}} ?| )(?P<m>\d\d)(?:[:.]00)?{_HALF}", _face),
        # 930, 0930, 1330 hrs
        (rf"{_HOUR}(?P<m>\d\d)(?: (?:h|hr|hrs|hours))?{_HALF}", _face),
        # 9, 9 am, nine o'clock
        (rf"{_HOUR}(?P<m>(?!))?(?: o ?clock)?{_HALF}", _face),
        # 14h30; 1h30 is a span
        (r"(?P<h>0?[6-9]|1\d|2[0-3]) h (?P<m>\d\d)(?P<half>(?!))?", _face),
        (r"(?:12 |high )?(?:noon|midday|mid day)", _fixed(12)),
        (r"(?:12 )?midnight", _fixed(0)),
        # half past nine, quarter to 10, half 9
        (rf"(?:a )?(?P<n>half|quarter) (?P<side>past|after) {_HOUR}(?: o ?clock)?{_HALF}",
         _relative_face),
        (rf"(?:a )?(?P<n>quarter) (?P<side>to|til|till|of|before) {_HOUR}(?: o ?clock)?{_HALF}",
         _relative_face),
        (rf"(?P<n>half) (?P<side>(?!))?{_HOUR}{_HALF}", _relative_face),
        # 20 past 9, 5 to 10; other figures need their "min", or 8 to 11 would be a time
        (rf"(?P<n>5|10|20|25) (?P<side>past|after|to|til|till|of|before) {_HOUR}{_HALF}",
         _relative_face),
        (rf"(?P<n>\d{{1,2}}) {_MINUTES} (?P<side>past|after|to|til|till|of|before) {_HOUR}{_HALF}",
         _relative_face),
        # in 20 min, 20 mins ago, a couple of minutes
        (rf"{_INTO}(?P<n>\d{{1,3}}|(?:a )?couple(?: of)?)(?: more)? {_MINUTES}{_AWAY}", _span),
        # in 20, 20 ago: without a unit these are minutes
        (r"(?P<into>(?:with)?in )(?P<n>\d{1,3})(?P<bare>)", _span),
        (r"(?P<n>\d{1,3})(?P<ahead> away| out)?(?P<ago>(?<!away)(?<!out) ago)?(?P<bare>(?<=[a-z]))",
         _span),
        # an hour, half an hour, 1.5 hrs, 1 1/2 hours
        (rf"{_INTO}(?:(?P<n>{_FRACTION}|\d{{1,2}}(?:\.\d{{1,2}})?(?: 1/2)?) )?{_AN_HOUR}{_AWAY}",
         _span),
        # 1 h 30, 1 hour and 20 min, 1 hr and a half, hour and half
        (rf"{_INTO}(?:(?P<n>an?|\d{{1,2}}) )?{_AN_HOUR}(?: and)?"
         rf"(?: (?P<plus>[0-5]?\d)(?: {_MINUTES})?|(?P<and_half> (?:a )?half)){_AWAY}", _span),
        # 1:30 hours
        (rf"{_INTO}(?P<n>\d{{1,2}})[:](?P<plus>[0-5]\d) {_AN_HOUR}{_AWAY}", _span),
    )
)  # fmt: skip


def _parse(tokens: list[str]) -> _Clock | _Span | None:
    said = " ".join(tokens)
    for pattern, reader in _FORMS:
        if (match := pattern.fullmatch(said)) and (read := reader(match)):
            return read
    return None


# ---------------------------------------------------------------------------------------------
# Reading a time


def read_time(
    text: str,
    *,
    now: datetime,
    zone: ZoneInfo,
    between: Window | None = None,
    past: bool | None = None,
) -> ReadTime | None:
    """What `text` means as a time, or None where it is not one.

    `now` and `between` (a window or a day's span, both ends included) are aware; results are UTC.
    `zone` is the job's, and the hours are read on its wall clocks (see `instant_of`). `past` says
    what was asked: True for something that happened, False for a plan, None for either.

    - A reading that lies in `between` wins: "2" asked for 14-17 is 14:00, whatever `past` says.
    - Else an explicit time ("9 pm") is returned though it lies outside: the caller compares.
      A bare one is the reading nearest to `between`, on its days.
    - Without `between`, `past=True` is the latest such time, never after `now` (one up to 5 minutes
      ahead is taken as `now`: people round up); `past=False` is the earliest that is not over for
      more than 30 minutes; None is the nearest.
    - Spans ("20 min") count from `now`: forward, or back with `past=True`; "in" and "ago" win.
    - A bare time that can only mean the middle of the night, far from `now`, or whose two readings
      are about as near, is `Ambiguous`.
    """
    if len(text) > LONGEST_TEXT:
        return None
    tokens = _tokens(text)
    if between is not None and _says_window(tokens, between, zone):
        return None
    shifts = [_DAY_WORDS[word] for word in tokens if word in _DAY_WORDS]
    read = _parse([word for word in tokens if word not in _DAY_WORDS])
    if read is None or len(shifts) > 1:
        return None
    if isinstance(read, _Span):
        return None if shifts else _from_now(read, now, past)
    return _choose(read, now, zone, between, past, shifts[0] if shifts else None)


def _says_window(tokens: list[str], between: Window, zone: ZoneInfo) -> bool:
    """Whether "5 to 8" said of the window 17-20 names the window, not 7:55."""
    ends = [str(end.astimezone(zone).hour % 12 or 12) for end in between]
    return tokens[:3] == [ends[0], "to", ends[1]]


def _from_now(span: _Span, now: datetime, past: bool | None) -> At:
    way = span.direction or (-1 if past else 1)
    return At((now + way * timedelta(minutes=span.minutes)).astimezone(UTC))


def _choose(
    clock: _Clock,
    now: datetime,
    zone: ZoneInfo,
    between: Window | None,
    past: bool | None,
    shift: int | None,
) -> ReadTime | None:
    today = now.astimezone(zone).date()
    if shift is not None:
        days: list[date] = [today + timedelta(days=shift)]
    elif between is not None:
        days = _days(between, zone)
    else:
        days = [today + timedelta(days=each) for each in (-1, 0, 1)]
    found = _instants(days, clock.hours, clock.minute, zone)
    if between is None:
        if not found:
            return None
        return _near_now(clock, found, now, zone, past)
    start, end = between
    spare = _instants(days, clock.spare, clock.minute, zone)
    for readings in (found, spare):
        inside = _by_day(clock, [each for each in readings if start <= each <= end], zone)
        sides = _sides(inside, now, past)
        if past is not None and sides:
            return At(sides[-1] if past else sides[0])
        if inside:
            return _nearest(inside, (now, now))
    outside = _by_day(clock, found, zone)
    return _nearest(_sides(outside, now, past) or outside, between) if outside else None


def _near_now(
    clock: _Clock, found: list[datetime], now: datetime, zone: ZoneInfo, past: bool | None
) -> ReadTime:
    sides = _sides(found, now, past)
    if past is None or not sides:
        return _nearest(found, (now, now))
    at = sides[-1] if past else sides[0]
    others = [each for each in found if (each > at if past else each < at)]
    at_night = len(clock.hours) > 1 and _is_night(at, zone) and abs(at - now) > FAR_OFF
    if at_night and others:
        other = others[0] if past else others[-1]
        return Ambiguous((min(at, other), max(at, other)))
    return At(min(at, now.astimezone(UTC)) if past else at)


def _days(between: Window, zone: ZoneInfo) -> list[date]:
    first, last = (end.astimezone(zone).date() for end in between)
    return [first + timedelta(days=each) for each in range(min(max((last - first).days, 0), 7) + 1)]


def _instants(
    days: Iterable[date], hours: Iterable[int], minute: int, zone: ZoneInfo
) -> list[datetime]:
    return sorted({instant_of(day, time(hour, minute), zone) for day in days for hour in hours})


def _is_night(at: datetime, zone: ZoneInfo) -> bool:
    return not NIGHT_ENDS <= at.astimezone(zone).hour < NIGHT_BEGINS


def _by_day(clock: _Clock, found: list[datetime], zone: ZoneInfo) -> list[datetime]:
    """Where am/pm was not said, nobody means the night if the day will do."""
    by_day = [each for each in found if not _is_night(each, zone)]
    return by_day if by_day and len(clock.hours) > 1 else found


def _sides(found: list[datetime], now: datetime, past: bool | None) -> list[datetime]:
    """Those on the side of `now` that was asked for, with what rounding and delay allow."""
    if past is None:
        return found
    if past:
        return [each for each in found if each <= now + ROUNDED_UP]
    return [each for each in found if each >= now - JUST_OVER]


def _nearest(found: list[datetime], aim: Window) -> ReadTime:
    """The one of `found` that is nearest to `aim`, if it is clearly so."""

    def distance(at: datetime) -> timedelta:
        return max(aim[0] - at, at - aim[1], timedelta(0))

    ranked = sorted(found, key=distance)
    if len(ranked) > 1 and distance(ranked[1]) - distance(ranked[0]) < CLEARLY_NEARER:
        return Ambiguous((min(ranked[:2]), max(ranked[:2])))
    return At(ranked[0])


# ---------------------------------------------------------------------------------------------
# Reading a date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb febr february", "mar march", "apr april", "may", "jun june",
            "jul july", "aug august", "sep sept september", "oct october", "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "mon monday", "tue tues tuesday", "wed weds wednesday", "thu thur thurs thursday",
            "fri friday", "sat saturday", "sun sunday",
        )
    )
    for name in names.split()
}  # fmt: skip
_DATE_FILLERS = {"on", "the", "of", "this", "for", "date", "day", "pls", "please", "by"}

_FULL_DATE = re.compile(r"(?P<y>\d{4})[-/. ](?P<m>\d{1,2})[-/. ](?P<d>\d{1,2})")
_SOLID_DATE = re.compile(r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)")
_SHORT_DATE = re.compile(r"(?P<a>\d{1,2})[-/. ](?P<b>\d{1,2})(?:[-/. ](?P<y>\d{4}|\d\d))?\.?")
_NAMED_DATE = re.compile(
    r"(?:(?P<d1>\d{1,2}) (?P<m1>[a-z]+)|(?P<m2>[a-z]+) (?P<d2>\d{1,2}))(?: (?P<y>\d{4}|\d\d))?"
)


def read_date(text: str, today: date, *, day_first: bool = False) -> date | None:
    """The day that `text` means ("tomorrow", "mon", "12/3", "3 Dec", "2026-12-03"), or None.

    "12/3" is month first unless `day_first`; an order that gives no date is not turned round, since
    a file in the other order would then be misread in silence. A missing year is the one that
    brings the date nearest to `today`. A weekday is the next such day, today included; "next mon"
    is after today, "last mon" before. A weekday that contradicts its date makes the text no date.
    """
    if len(text) > LONGEST_TEXT:
        return None
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", _characters(text))
    plain = re.sub(r"[,\"()]|(?<=[a-z])[.']|\.\s*$", " ", plain)
    plain = re.sub(r"(?<=[a-z])-|-(?=[a-z])|(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", plain)
    words = [word for word in plain.split() if word not in _DATE_FILLERS]
    days = [_WEEKDAYS[word] for word in words if word in _WEEKDAYS]
    rest = " ".join(word for word in words if word not in _WEEKDAYS)
    if len(days) > 1:
        return None
    if days and rest in {"", "next", "last"}:
        return _weekday(days[0], today, rest)
    if rest in _DAY_WORDS:
        found = [today + timedelta(days=_DAY_WORDS[rest])]
    else:
        found = _dates(rest, today, day_first)
    nearest = min(found, key=lambda each: (abs(each - today), -each.toordinal()), default=None)
    return None if nearest and days and nearest.weekday() != days[0] else nearest


def _weekday(day: int, today: date, which: str) -> date:
    ahead = (day - today.weekday()) % 7
    if which == "last":
        return today + timedelta(days=ahead - 7)
    return today + timedelta(days=7 if which == "next" and ahead == 0 else ahead)


def _dates(plain: str, today: date, day_first: bool) -> list[date]:
    """Every date that `plain` can be: one, or the same day of three years where it names none."""
    if match := _FULL_DATE.fullmatch(plain) or _SOLID_DATE.fullmatch(plain):
        return _valid([int(match["y"])], int(match["m"]), int(match["d"]))
    if match := _SHORT_DATE.fullmatch(plain):
        first, second = int(match["a"]), int(match["b"])
        month, day = (second, first) if day_first else (first, second)
        return _valid(_years(match["y"], today), month, day)
    if match := _NAMED_DATE.fullmatch(plain):
        month = _MONTHS.get(match["m1"] or match["m2"], 0)
        return _valid(_years(match["y"], today), month, int(match["d1"] or match["d2"]))
    return []


def _years(typed: str | None, today: date) -> list[int]:
    if typed is None:
        # Four years either way, so that 29 February finds its year.
        return list(range(today.year - 4, today.year + 5))
    return [int(typed) if len(typed) == 4 else 2000 + int(typed)]


def _valid(years: list[int], month: int, day: int) -> list[date]:
    found = []
    for year in years:
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    return [each for each in found if 2000 <= each.year <= 2099]
