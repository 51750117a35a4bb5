"""What a person at a door types as a time, read into instants.

A text is normalised to a handful of plain tokens (digits, am/pm, units), fillers such as "around"
or "pls" are dropped, and what is left must match one row of the tables below *as a whole*:
"9 boxes", "wo 114" and "8-11" are not times. A row yields either a clock face (which may have two
readings, 9:30 in the morning or in the evening) or a span from now. `_choose` decides between them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from flows.spoken import DAY_WORDS, LONGEST_TEXT, Clock, Span, parse, tokens_of

Window: TypeAlias = tuple[datetime, datetime]
ClockStyle: TypeAlias = Literal["us", "us_short", "uk"]

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
    tokens = tokens_of(text)
    if between is not None and _says_window(tokens, between, zone):
        return None
    shifts = [DAY_WORDS[word] for word in tokens if word in DAY_WORDS]
    read = parse([word for word in tokens if word not in DAY_WORDS])
    if read is None or len(shifts) > 1:
        return None
    if isinstance(read, Span):
        return None if shifts else _from_now(read, now, past)
    return _choose(read, now, zone, between, past, shifts[0] if shifts else None)


def is_span(text: str) -> bool:
    """Whether `text` is a length of time alone, "20 min", without "in" or "ago"."""
    read = parse(tokens_of(text)) if len(text) <= LONGEST_TEXT else None
    return isinstance(read, Span) and not read.direction


def _says_window(tokens: list[str], between: Window, zone: ZoneInfo) -> bool:
    """Whether "5 to 8" said of the window 17-20 names the window, not 7:55."""
    ends = [str(end.astimezone(zone).hour % 12 or 12) for end in between]
    return tokens[:3] == [ends[0], "to", ends[1]]


def _from_now(span: Span, now: datetime, past: bool | None) -> At:
    way = span.direction or (-1 if past else 1)
    return At((now + way * timedelta(minutes=span.minutes)).astimezone(UTC))


def _choose(
    clock: Clock,
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
    clock: Clock, found: list[datetime], now: datetime, zone: ZoneInfo, past: bool | None
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


def _by_day(clock: Clock, found: list[datetime], zone: ZoneInfo) -> list[datetime]:
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
