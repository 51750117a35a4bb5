"""What a person types as a date, read into a day."""

import re
from datetime import date, timedelta

from flows.spoken import DAY_WORDS, LONGEST_TEXT, characters

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
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", characters(text))
    plain = re.sub(r"[,\"()]|(?<=[a-z])[.']|\.\s*$", " ", plain)
    plain = re.sub(r"(?<=[a-z])-|-(?=[a-z])|(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", plain)
    words = [word for word in plain.split() if word not in _DATE_FILLERS]
    days = [_WEEKDAYS[word] for word in words if word in _WEEKDAYS]
    rest = " ".join(word for word in words if word not in _WEEKDAYS)
    if len(days) > 1:
        return None
    if days and rest in {"", "next", "last"}:
        return _weekday(days[0], today, rest)
    if rest in DAY_WORDS:
        found = [today + timedelta(days=DAY_WORDS[rest])]
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
