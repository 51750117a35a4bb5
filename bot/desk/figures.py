"""Figures of a stretch of days: who came on time, how long steps took, which cases there were, what
messages cost. Each is a table with bars, and can be taken along as CSV."""

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import groupby, pairwise
from statistics import median

from bot import days
from bot.desk import words
from bot.desk.asking import Ask, Page, Sent
from bot.sheets.writing import write_csv
from bot.speech.gsm import segments
from flows.book import PROGRAMS, SIDES
from flows.facts import MINUTE, Instant
from flows.shape import Program
from flows.talk import Talk
from storage import history
from storage.db import Row
from storage.history import Stretch

LONGEST = 92
"""Days: a quarter."""
_USUAL = 7
_BEFORE = frozenset({"eta"})
"""What is done on the way takes as long as the way."""
_COST = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a figure: its name, the cells, and its parts as (tone, share of the width in %)."""

    name: str
    cells: tuple[str, ...]
    parts: tuple[tuple[str, float], ...]

    def placed(self) -> list[tuple[str, float, float]]:
        """The parts with where each begins: (tone, x, width), in % of the width."""
        found, x = [], 0.0
        for tone, width in self.parts:
            found.append((tone, round(x, 2), round(width, 2)))
            x += width
        return found


@dataclass(frozen=True, slots=True)
class Figure:
    """A table with bars; `key` names its file, `empty` says why there is nothing."""

    key: str
    title: str
    says: str
    head: tuple[str, ...]
    bars: tuple[Bar, ...]
    empty: str


class Looked:
    """The days that are looked at, by whom; what several figures count is read once."""

    def __init__(self, ask: Ask) -> None:
        self.ask, self.stretch = ask, _stretch(ask)

    @cached_property
    def visits(self) -> list[Row]:
        """The visits of these days."""
        return history.visits(self.ask.tx, self.stretch)


def figures(ask: Ask) -> Page:
    """All of them for the days asked for; the last seven if none are."""
    looked, price = Looked(ask), _price(ask)
    return Page(
        "figures.html",
        {
            "here": "figures", "first": looked.stretch.first, "last": looked.stretch.last,
            "price": "" if price is None else str(price),
            "figures": [make(looked) for make in _FIGURES.values()],
            "longest": LONGEST,
        },
    )  # fmt: skip


def export(ask: Ask) -> Page | Sent:
    """One figure as CSV; all of them are shown where there is none of that name."""
    make = _FIGURES.get(ask.query.get("figure", ""))
    if make is None:
        return figures(ask)
    looked = Looked(ask)
    figure = make(looked)
    out = io.StringIO(newline="")
    write_csv(out, figure.head, [(bar.name, *bar.cells) for bar in figure.bars])
    name = f"{figure.key}-{looked.stretch.first}-{looked.stretch.last}.csv"
    return Sent(out.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", name)


def _stretch(ask: Ask) -> Stretch:
    today = days.local_day(ask.now, days.zone_of(ask.visitor.person["timezone"]))
    last = _within(ask.query.get("to", ""), today) or today
    first = _within(ask.query.get("from", ""), today) or last - timedelta(days=_USUAL - 1)
    first, last = min(first, last), max(first, last)
    first = max(first, last - timedelta(days=LONGEST - 1))
    return Stretch(first.isoformat(), last.isoformat(), ask.visitor.scope)


def _within(typed: str, today: date) -> date | None:
    """A date that was typed, if it is one in this product's life."""
    try:
        typed_day = date.fromisoformat(typed)
    except ValueError:
        return None
    return typed_day if abs(typed_day - today) < timedelta(days=3660) else None


def _price(ask: Ask) -> Decimal | None:
    """What a segment costs, as the visitor typed it."""
    try:
        typed = Decimal(ask.query.get("price", "").replace(",", ".").strip() or "NaN")
    except InvalidOperation:
        return None
    return typed if typed.is_finite() and 0 <= typed < 100 else None


# -- the figures ------------------------------------------------------------------------------


def _on_time(looked: Looked) -> Figure:
    bars, all_came, all_in_time = [], 0, 0
    for day, visits in groupby(looked.visits, key=lambda row: row["day"]):
        own = list(visits)
        arrivals = [(_marks(row).get("arrive"), row["window_end"]) for row in own]
        came = [(at, end) for at, end in arrivals if at is not None]
        in_time = sum(at <= end for at, end in came)
        all_came, all_in_time = all_came + len(came), all_in_time + in_time
        parts = _parts(
            [("good", in_time), ("bad", len(came) - in_time), ("", len(own) - len(came))]
        )
        cells = (str(in_time), str(len(came) - in_time), str(len(own) - len(came)),
                 _percent(in_time, len(came)))  # fmt: skip
        bars.append(Bar(day, cells, parts))
    says = f"{_percent(all_in_time, all_came)} of the arrivals lay within the window."
    return Figure(
        "on-time", "On time", says if all_came else "",
        ("Day", "In time", "Late", "Not there", "On time"), tuple(bars),
        "No visits in these days.",
    )  # fmt: skip


def _step_times(looked: Looked) -> Figure:
    took: dict[str, list[int]] = {}
    steps = {name: _steps(program) for name, program in PROGRAMS.items()}
    for row in looked.visits:
        marks = _marks(row)
        done = sorted((marks[step], step) for step in steps[row["program"]] if step in marks)
        for (before, _), (at, step) in pairwise(done):
            took.setdefault(step, []).append((at - before) // MINUTE)
    in_order = dict.fromkeys(step for line in steps.values() for step in line)
    shown = [(step, sorted(took[step])) for step in in_order if step in took]
    most = max((_high(minutes) for _, minutes in shown), default=1) or 1
    bars = [
        Bar(
            words.state(step),
            (f"{median(minutes):g}", f"{_high(minutes):g}", str(len(minutes))),
            (("calm", 100 * median(minutes) / most),
             ("faint", 100 * (_high(minutes) - median(minutes)) / most)),
        )
        for step, minutes in shown
    ]  # fmt: skip
    return Figure(
        "step-times", "Minutes per step",
        "From the step before: half of the visits took no longer than the first number, nine of"
        " ten than the second.",
        ("Step", "Half", "9 of 10", "Visits"), tuple(bars), "No steps were done in these days.",
    )  # fmt: skip


def _cases(looked: Looked) -> Figure:
    rows = history.cases(looked.ask.tx, looked.stretch, frozenset(SIDES))
    visits = len(looked.visits)
    bars = [
        Bar(words.event(row["kind"]), (str(row["visits"]), _percent(row["visits"], visits)),
            (("warn", 100 * row["visits"] / visits),))
        for row in rows
    ]  # fmt: skip
    return Figure(
        "cases", "Cases", f"Of {visits} visits.", ("Case", "Visits", "Of all"), tuple(bars),
        "Nothing went wrong in these days.",
    )  # fmt: skip


def _messages(looked: Looked) -> Figure:
    ask, stretch = looked.ask, looked.stretch
    zone = days.zone_of(ask.visitor.person["timezone"])
    since = days.at(date.fromisoformat(stretch.first), time.min, zone)
    until = days.at(date.fromisoformat(stretch.last) + timedelta(days=1), time.min, zone)
    texts: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    me = ask.visitor.person["id"]  # what a manager is sent themselves is the team's cost too
    team = None if stretch.team is None else {*stretch.team, me}
    for row in history.messages(ask.tx, since, until, team):
        name = f"{words.channel(row['channel'])}, {words.plain(row['kind'])}"
        texts[name] += 1
        failed[name] += row["status"] == "failed"
        if row["channel"] == "sms":
            parts[name] += segments(json.loads(row["payload"]).get("text", ""))
    price, most = _price(ask), max(texts.values(), default=1)
    bars = [
        Bar(name,
            (str(count), str(failed[name]), str(parts[name] or ""), _cost(parts[name], price)),
            (("calm", 100 * (count - failed[name]) / most), ("bad", 100 * failed[name] / most)))
        for name, count in texts.most_common()
    ]  # fmt: skip
    total = sum(parts.values())
    cost = f", {_cost(total, price)} at {price} a segment" if price is not None else ""
    capped = " Only the first of very many are counted." * (
        sum(texts.values()) >= history.MOST_MESSAGES
    )
    return Figure(
        "messages", "Messages", f"{sum(texts.values())} sent; {total} SMS segments{cost}.{capped}",
        ("What", "Sent", "Failed", "Segments", "Cost"), tuple(bars), "No messages in these days.",
    )  # fmt: skip


_FIGURES: dict[str, Callable[[Looked], Figure]] = {
    "on-time": _on_time, "step-times": _step_times, "cases": _cases, "messages": _messages,
}  # fmt: skip


def _steps(program: Program) -> list[str]:
    """A main line's steps from the arrival on, in their order."""
    return [step.name for step in program.line.steps if step.number and step.name not in _BEFORE]


def _marks(visit: Row) -> Mapping[str, Instant]:
    """When what was done: the truth after every BACK, told late or not."""
    return Talk.from_json(visit["talk"]).marks


def _high(minutes: Sequence[int]) -> int:
    """What nine of ten stay below; `minutes` are sorted."""
    return minutes[min(len(minutes) - 1, len(minutes) * 9 // 10)]


def _parts(counts: Sequence[tuple[str, int]]) -> tuple[tuple[str, float], ...]:
    whole = sum(count for _, count in counts) or 1
    return tuple((tone, 100 * count / whole) for tone, count in counts if count)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def _cost(parts: int, price: Decimal | None) -> str:
    return "" if price is None or not parts else f"{(parts * price).quantize(_COST).normalize():f}"
