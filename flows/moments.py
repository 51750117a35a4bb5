"""What a person types as an appointment, a day and a time, read into an instant."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flows.dates import read_date
from flows.spoken import LONGEST_TEXT
from flows.times import At, ReadTime, instant_of, read_time

_FROM, _TO = time(7), time(20)
"""Nobody means the night where the day will do."""


def read_moment(text: str, *, now: datetime, zone: ZoneInfo, day_first: bool) -> ReadTime | None:
    """What `text` means as a day with a time ("tomorrow 14:00", "9.30 on 3/12"), or None.

    Without a day it is the next such time. `now` is aware, the result UTC; a time that could be two
    is `Ambiguous`. `day_first`: 3/12 is in December.
    """
    if len(text) > LONGEST_TEXT:
        return None
    words = text.replace(",", " ").split()
    today = now.astimezone(zone).date()
    for cut in range(len(words) - 1, 0, -1):
        for day, clock in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
            found = read_date(" ".join(day), today, day_first=day_first)
            if found is not None and (at := _on(found, " ".join(clock), now, zone)):
                return at
    return read_time(text, now=now, zone=zone, past=False)


def opening(text: str, *, now: datetime, zone: ZoneInfo, day_first: bool) -> tuple[At, str] | None:
    """The appointment that opens `text`, and the rest; the longest one that can be read."""
    words = text.split()
    for cut in range(min(len(words), 6), 0, -1):
        head = " ".join(words[:cut])
        if cut > 1 and words[cut - 1].isdigit() and words[cut - 2].isdigit():
            continue  # "10 12 High St" is at ten
        found = read_moment(head, now=now, zone=zone, day_first=day_first)
        if isinstance(found, At):
            return found, " ".join(words[cut:]).strip(" ,;-")
    return None


def _on(day: date, clock: str, now: datetime, zone: ZoneInfo) -> ReadTime | None:
    if not any(sign.isdigit() for sign in clock) and clock.casefold() not in ("noon", "midday"):
        return None
    between = (instant_of(day, _FROM, zone), instant_of(day, _TO, zone))
    return read_time(clock, now=now, zone=zone, between=between)
