"""When an office can be called: "Mon-Fri 08:00-17:00" read into whether it is open now (M11)."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = re.compile(r"(\w{3})-(\w{3}) (\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")


def office_now(hours: str, now: datetime, zone: ZoneInfo) -> Mapping[str, str]:
    """Whether an office with these hours is open, and until when or from when it will be.

    `office_is` is open or closed, `office_closes` and `office_opens` are wall-clock times of the
    office's own `zone`; ValueError where `hours` are written otherwise than "Mon-Fri 08:00-17:00".
    """
    days, opens, closes = read_hours(hours)
    local = now.astimezone(zone)
    if local.weekday() in days and opens <= local.time() < closes:
        return {"office_is": "open", "office_closes": f"{closes:%H:%M}", "office_opens": ""}
    day = local.date() + timedelta(days=local.time() >= opens)
    while day.weekday() not in days:
        day += timedelta(days=1)
    when = "" if day == local.date() else f"{_DAYS[day.weekday()]} "
    return {"office_is": "closed", "office_closes": "", "office_opens": f"{when}{opens:%H:%M}"}


@lru_cache(maxsize=16)
def read_hours(hours: str) -> tuple[frozenset[int], time, time]:
    """The days of the week (Monday is 0), the first and the last time; ValueError."""
    match = _HOURS.fullmatch(hours)
    if match is None or match[1] not in _DAYS or match[2] not in _DAYS:
        raise ValueError(f'"{hours}" are no office hours: write them like Mon-Fri 08:00-17:00')
    first, last = _DAYS.index(match[1]), _DAYS.index(match[2])
    opens, closes = time(int(match[3]), int(match[4])), time(int(match[5]), int(match[6]))
    return frozenset(range(first, last + 1)), opens, closes
