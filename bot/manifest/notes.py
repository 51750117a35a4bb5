"""Schedule notes, as people write them, read into the time bucket and the product (A02, A03).

A stretch of time is a *range* ("8-11", "11AM - 2PM", "0800-1100"). It is explicit where am, pm, a
colon or minutes show that it is a time; a bare "2-5" is only one where nothing explicit stands in
the notes and no word behind it counts something ("2-5 shelves").
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import TypeAlias

Bucket: TypeAlias = tuple[time, time]

LONGEST_NOTES = 2000
# An exact time of a program without buckets opens a window of one hour.
EXACT_TIME_HOURS = 1


@dataclass(frozen=True, slots=True)
class Notes:
    """What notes say: the bucket (local time), the product; `trouble` is why there is no bucket,
    `remark` something about the bucket that a person should look at. Both are sentences or ""."""

    bucket: Bucket | None
    product: str
    trouble: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Range:
    """A stretch of time in the notes: where it stands, what it can mean, and how it was written."""

    start: int
    end: int
    said: str
    readings: frozenset[Bucket]
    explicit: bool


_LABEL = (
    r"(?P<label>(?:\b(?:amz|amzn|amazon|time|bucket|window|slot|arrival|between|btwn|from|appt|"
    r"appointment|sched(?:uled?)?)\b[\s:=#*-]*)+)?"
)
# "8-11 EST", "8-11 window:", but not the window in "8-11 window bench"
_TAIL = (
    r"(?:\s?[ecmp][sd]t\b)?(?:\s*\b(?:time\s*)?(?:bucket|window|slot)\b(?=\s*(?:$|[-:;,./|)\]])))?"
)
_CLOCK = (
    r"(?:(?P<h{n}>\d{{1,2}})(?:(?P<sep{n}>\s?:\s?|[.h])?(?P<m{n}>[0-5]\d))?(?:\s?(?:h|hrs|hours)\b)?"
    r"(?:\s?(?P<half{n}>[ap])(?:\s?\.?\s?m\b\.?|\b\.?))?|(?P<noon{n}>(?:12\s)?(?:noon|midday)))"
)
# Not in the middle of a number, a date, a price or a model ("114-88", "11/23-11/24", "$8-11").
_BEFORE, _AFTER = r"(?<![\w$£#./:])(?<!\d-)", r"(?![\w$£/%]|[.:-]\d)"
_RANGE = re.compile(
    rf"{_LABEL}{_BEFORE}{_CLOCK.format(n=1)}\s?(?P<join>-{{1,2}}|to|until|till?|thru|through|and|&)\s?"
    rf"{_CLOCK.format(n=2)}{_AFTER}{_TAIL}",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    rf"{_LABEL}(?P<at>@|\bat\b)?\s?{_BEFORE}{_CLOCK.format(n=1)}{_AFTER}{_TAIL}", re.I
)
_BETWEEN = re.compile(r"between|btwn", re.IGNORECASE)
_COUNTED = re.compile(
    r"\s?-?\s?(?:x\b|box|boxes|pcs?|pieces?|parts?|packs?|pallets?|units?|items?|shel|tier|drawer|"
    r"door|seat|chairs?|people|persons?|man|men|techs?|hours?|hrs?|min|days?|weeks?|months?|years?|"
    r"in\b|inch|ft\b|feet|foot|cm\b|mm\b|lbs?\b|kg|flights?|floors?|stairs?|stor(?:e?y|ies)|sets?|"
    r"beds\b|desks\b|tables\b|cabinets\b|bookcases\b)",
    re.IGNORECASE,
)


def read_notes(notes: str, windows: Sequence[Bucket]) -> Notes:
    """The bucket and the product in `notes`.

    With `windows` (apollo's four) the bucket is one of them; without, any range of at most 12 hours
    counts, and an exact time ("10:30", "10am", "at 10") opens a window of one hour. Two different
    buckets are a trouble.
    """
    plain = _plain(notes)
    seen = list(_ranges(plain))
    if not windows:
        seen = [each for each in seen if each.readings] or list(_moments(plain))
    explicit = [each for each in seen if each.explicit]
    fitting = _fitting(explicit or seen, windows)
    buckets = {_bucket(each, windows): each.said for each in fitting}
    if len(buckets) != 1:
        return Notes(None, "", _trouble(seen, list(buckets.values()), windows))
    bucket = next(iter(buckets))
    taken = [each for each in seen if bucket in each.readings]
    others = [each.said for each in seen if each not in taken]
    remark = f"The notes name another time too ({', '.join(others)}): {_said(bucket)} was taken."
    return Notes(bucket, _product(plain, taken), "", remark if others else "")


_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("‘’", "'") | dict.fromkeys("“”", '"')
)


def _plain(notes: str) -> str:
    plain = unicodedata.normalize("NFKC", notes[:LONGEST_NOTES]).translate(_TYPOGRAPHY)
    return " ".join(plain.split())


def _said(bucket: Bucket) -> str:
    return f"{bucket[0]:%H:%M}-{bucket[1]:%H:%M}"


def _trouble(seen: Sequence[_Range], found: Sequence[str], windows: Sequence[Bucket]) -> str:
    if found:
        said = ", ".join(f'"{each}"' for each in found)
        return f"The notes name different time buckets ({said}): leave one."
    if not windows:
        return 'The notes name no time: write one such as "10:30" or "9-12".'
    allowed = ", ".join(map(_said, windows))
    if seen:
        return f'"{seen[0].said}" is not one of the time buckets: {allowed}.'
    return f"The notes name no time bucket: write one of {allowed}."


# ---------------------------------------------------------------------------------------------
# Times


def _ranges(plain: str) -> Iterable[_Range]:
    for match in _RANGE.finditer(plain):
        explicit = _explicit(match)
        if not explicit and not match["label"] and _counts(plain, match):
            continue
        if match["join"].lower() in {"and", "&"} and not _BETWEEN.search(match["label"] or ""):
            continue
        readings = frozenset(
            (start, end)
            for start in _readings(match, 1)
            for end in _readings(match, 2)
            if start < end and _hours(end) - _hours(start) <= 12
        )
        yield _range(match, readings, explicit)


def _range(match: re.Match[str], readings: frozenset[Bucket], explicit: bool) -> _Range:
    first = match.end("label") if match["label"] else match.start()
    said = match.string[first : match.end()].strip()
    return _Range(match.start(), match.end(), said, readings, explicit)


def _counts(plain: str, match: re.Match[str]) -> bool:
    """Whether a bare range counts or measures something: "2-5 shelves", but not a quoted "8-11"."""
    before, behind = plain[: match.start()][-1:], plain[match.end() :][:1]
    inches = behind in {'"', "'"} and before != behind
    return inches or _COUNTED.match(plain, match.end()) is not None


def _explicit(match: re.Match[str]) -> bool:
    marks = [match[f"{name}{n}"] for name in ("half", "sep", "noon") for n in (1, 2)]
    return any(marks) or bool(match["m1"] and match["m2"])


def _readings(match: re.Match[str], n: int) -> list[time]:
    """The times of the day that a clock in the notes can mean."""
    if match[f"noon{n}"]:
        return [time(12)]
    typed, minute, half = (
        match[f"h{n}"],
        int(match[f"m{n}"] or 0),
        (match[f"half{n}"] or "").lower(),
    )
    hour = int(typed)
    if hour > 23:
        return []
    if hour > 12 or typed.startswith("0"):
        hours = [hour]
    else:
        hours = [hour % 12 + extra for extra, of in ((0, "a"), (12, "p")) if half in {"", of}]
    return [time(each, minute) for each in hours]


def _moments(plain: str) -> Iterable[_Range]:
    """Exact times, for a program without buckets: an hour from then on."""
    for match in _MOMENT.finditer(plain):
        if not (match["at"] or match["label"] or match["half1"] or match["sep1"] or match["noon1"]):
            continue
        starts = [each for each in _readings(match, 1) if each.hour + EXACT_TIME_HOURS < 24]
        readings = frozenset(
            (each, each.replace(hour=each.hour + EXACT_TIME_HOURS)) for each in starts
        )
        yield _range(match, readings, True)


def _hours(clock: time) -> float:
    return clock.hour + clock.minute / 60


def _fitting(ranges: Iterable[_Range], windows: Sequence[Bucket]) -> list[_Range]:
    return [each for each in ranges if each.readings & set(windows or each.readings)]


def _bucket(each: _Range, windows: Sequence[Bucket]) -> Bucket:
    """The window that a range names; of a free one the reading within the working day."""
    if windows:
        return min(each.readings & set(windows))
    # Nobody works before seven where the afternoon will do; then the shorter one is meant.
    return min(each.readings, key=lambda b: (b[0] < time(7), _hours(b[1]) - _hours(b[0]), b))


# ---------------------------------------------------------------------------------------------
# The product

_VERBS = re.compile(
    r"(?:(?:amz|amzn)\b|amazon\s*(?=[:;,/|-])|assemble\b|assembly(?: of\b|\s*:|$)|build\b|"
    r"(?:products?|items?)\s*:)",
    re.IGNORECASE,
)
_EDGES = " -:;,*/|_~#!=.&@"


def _product(plain: str, taken: Sequence[_Range]) -> str:
    """The notes without the bucket and without the words that announce either."""
    parts: list[str] = []
    at = 0
    for each in sorted(taken, key=lambda one: one.start):
        before, behind = plain[at : each.start].rstrip(), plain[each.end :].lstrip()
        at = each.end
        if before[-1:] + behind[:1] in {"()", "[]", "{}", '""', "''"}:
            before, at = before[:-1], len(plain) - len(behind) + 1
        parts.append(before)
    parts.append(plain[at:])
    return ", ".join(name for name in map(_named, parts) if name)


def _named(part: str) -> str:
    part = part.strip(_EDGES)
    while match := _VERBS.match(part):
        part = part[match.end() :].strip(_EDGES)
    return part
