"""A manager's day as a picture: technicians down, hours across, each visit in its window.

Made for a phone held upright. What a colour says, a sign and a word say too: the colours are Okabe
and Ito's, which nobody mixes up.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

from PIL import Image, ImageDraw, ImageFont

from bot import days
from bot.clock import to_datetime
from bot.overview import Day, Look, Visit
from bot.papers.paper import printable
from bot.speech.naming import clock, day_words
from flows.facts import HOUR, Instant

WIDE = 1080
MOST_ROWS = 36
"""A picture that is longer cannot be read on a phone; the rest is counted."""
_NAMES, _EDGE, _HEAD, _ROW, _FOOT = 236, 28, 190, 92, 44
_FIRST_HOUR, _LAST_HOUR = 8, 20
_PAPER, _INK, _FAINT, _LINE = "#ffffff", "#1b1f23", "#5f6870", "#dfe3e6"
_FACES = files("fontpkg_fira_sans") / "files"


@dataclass(frozen=True, slots=True)
class _Style:
    """How a visit looks: the window's fill and frame, its words, a sign, and the legend's word."""

    fill: str
    frame: str
    ink: str
    sign: str
    word: str


_STYLES: dict[Look, _Style] = {
    "late": _Style("#d55e00", "#8f3f00", "#ffffff", "!", "late"),
    "working": _Style("#cfe6f5", "#0072b2", "#003a5c", "›", "at door"),
    "ahead": _Style("#ffffff", "#8a949c", "#3c444b", "", "to come"),
    "done": _Style("#009e73", "#00634a", "#ffffff", "✓", "reported"),
    "left_open": _Style("#f0e442", "#8d8400", "#33300a", "–", "left open"),
    "off": _Style("#e6e8ea", "#a9b1b7", "#5f6870", "×", "off"),
}


def draw_board(seen: Day, now: Instant) -> bytes:
    """The day as a PNG, 1080 pixels wide; times on the manager's wall clock."""
    rows = list(_rows(seen.visits))
    more, rows = max(0, len(rows) - MOST_ROWS), rows[:MOST_ROWS]
    first, last = _hours(seen)
    high = _HEAD + _ROW * max(1, len(rows)) + _FOOT * (2 if more else 1)
    image = Image.new("RGB", (WIDE, high), _PAPER)
    board = _Board(ImageDraw.Draw(image), seen, now, first, last)
    board.head()
    bottom = high - _FOOT * (2 if more else 1)
    board.hours(bottom)
    board.line_of_now(bottom)  # behind the windows: their words have to be read
    for place, (name, visits) in enumerate(rows):
        board.row(_HEAD + place * _ROW, name, visits)
    if more:
        board.text(_EDGE, high - 2 * _FOOT + 8, f"and {more} more rows", 26, _FAINT)
    out = io.BytesIO()
    image.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()


def _rows(visits: Sequence[Visit]) -> Iterator[tuple[str, list[Visit]]]:
    """A technician's visits in as few rows as show them side by side; whoever is late first."""
    people = [(name, list(own)) for name, own in groupby(visits, key=lambda v: v.technician)]
    people.sort(key=lambda each: not any(visit.look == "late" for visit in each[1]))
    for name, own in people:
        rows: list[list[Visit]] = []
        for visit in own:
            free = next((row for row in rows if row[-1].end <= visit.start), None)
            if free is None:
                rows.append([visit])
            else:
                free.append(visit)
        for place, row in enumerate(rows):
            yield ("" if place else name), row


def _hours(seen: Day) -> tuple[int, int]:
    """The first and last hour shown, wide enough for every window; past midnight is cut."""
    zone = days.zone_of(seen.timezone)
    starts = [to_datetime(visit.start).astimezone(zone) for visit in seen.visits]
    ends = [to_datetime(visit.end - 1).astimezone(zone) for visit in seen.visits]
    latest = [
        end.hour + 1 if end.date() == start.date() else 24
        for start, end in zip(starts, ends, strict=True)
    ]
    return min([_FIRST_HOUR, *(start.hour for start in starts)]), max([_LAST_HOUR, *latest])


class _Board:
    """The pen: knows where an instant lies on the picture."""

    def __init__(
        self, pen: ImageDraw.ImageDraw, seen: Day, now: Instant, first: int, last: int
    ) -> None:
        self.pen, self.seen, self.now = pen, seen, now
        self.first, self.last = first, last
        day = to_datetime(seen.visits[0].start).astimezone(days.zone_of(seen.timezone))
        # By the wall clock: where summer time begins, eight is seven hours after midnight.
        opens = day.replace(hour=first, minute=0, second=0, microsecond=0)
        self.opens = round(opens.timestamp() * 1000)
        self.scale = (WIDE - _EDGE - _NAMES) / ((last - first) * HOUR)

    def x(self, at: Instant) -> float:
        """Where an instant lies, within the picture."""
        return min(max(_NAMES + (at - self.opens) * self.scale, _NAMES), WIDE - _EDGE)

    def text(  # noqa: PLR0913, PLR0917 - a place, words, and their looks
        self, x: float, y: float, words: str, size: int, ink: str = _INK, bold: bool = False,
        anchor: str = "la",
    ) -> None:  # fmt: skip
        """Words at a place; a sign that the typeface lacks is replaced."""
        self.pen.text((x, y), printable(words), ink, _font(size, bold=bold), anchor=anchor)

    def fitting(self, words: str, size: int, room: float, *, bold: bool = False) -> str:
        """As much of `words` as has room."""
        words, face = printable(words), _font(size, bold=bold)
        if face.getlength(words) <= room:
            return words
        while words and face.getlength(words + "…") > room:
            words = words[:-1].rstrip()
        return words + "…" if words else ""

    def head(self) -> None:
        """The date, the hour of the picture, and what the looks mean with how many there are."""
        zone = self.seen.timezone
        self.text(_EDGE, 24, day_words(self.seen.day, zone), 46, bold=True)
        self.text(WIDE - _EDGE, 34, clock(self.now, zone, sms=False), 36, _FAINT, anchor="ra")
        x = float(_EDGE)
        for look, style in _STYLES.items():
            if not (count := self.seen.counted(look)):
                continue
            self.box(x, 98, x + 34, 130, style)
            self.sign(x + 17, 114, style, 26)
            words = f"{count} {style.word}"
            self.text(x + 42, 100, words, 26)
            x += 42 + _font(26, bold=False).getlength(words) + 22

    def hours(self, bottom: float) -> None:
        """The lines of the hours."""
        zone, step = days.zone_of(self.seen.timezone), 2 if self.last - self.first <= 15 else 3
        for hour in range(self.first, self.last + 1):
            at = self.opens + (hour - self.first) * HOUR
            self.pen.line([(self.x(at), _HEAD - 8), (self.x(at), bottom)], _LINE, 2)
            if (hour - self.first) % step == 0 and hour < self.last:
                wall = clock(at, str(zone), sms=False).replace(":00", "")
                self.text(self.x(at) + 4, _HEAD - 44, wall, 25, _FAINT)

    def row(self, y: float, name: str, visits: Sequence[Visit]) -> None:
        """One technician's visits, or those that overlap the ones above."""
        if name:
            self.pen.line([(_EDGE, y), (WIDE - _EDGE, y)], _LINE, 2)
            given, _, family = name.rpartition(" ")
            room = _NAMES - _EDGE - 12
            self.text(
                _EDGE, y + 14, self.fitting(given or family, 30, room, bold=True), 30, bold=True
            )
            if given:
                self.text(_EDGE, y + 50, self.fitting(family, 26, room), 26, _FAINT)
        for visit in visits:
            self.visit(y, visit)

    def visit(self, y: float, visit: Visit) -> None:
        """One window, when the technician is due in it, and how long they were there."""
        style = _STYLES[visit.look]
        left, right = self.x(visit.start) + 3, self.x(visit.end) - 3
        top, bottom = y + 12, y + _ROW - 12
        self.box(left, top, right, bottom, style)
        if visit.came is not None:
            until = visit.left or (self.now if visit.look == "working" else visit.came)
            bar = self.x(visit.came), self.x(max(visit.came, until))
            self.pen.rectangle(
                [bar[0], bottom - 9, max(bar[1], bar[0] + 5), bottom - 3], style.frame
            )
        elif not visit.unplanned and visit.look in ("ahead", "late"):
            due = self.x(visit.due)  # below the window: its words have to be read
            self.pen.polygon(
                [(due - 9, bottom + 11), (due + 9, bottom + 11), (due, bottom - 2)], style.frame
            )
        sign = 30 if style.sign else 6
        if style.sign:
            self.sign(left + 19, top + 22, style, 28)
        room = right - left - sign - 12
        head = self.fitting(f"{visit.letter} {visit.customer.split(' ')[-1]}", 25, room, bold=True)
        self.text(left + sign + 6, top + 6, head, 25, style.ink, bold=True)
        self.text(left + sign + 6, top + 34, self.fitting(visit.where, 23, room), 23, style.ink)

    def box(self, left: float, top: float, right: float, bottom: float, style: _Style) -> None:
        """A window."""
        self.pen.rounded_rectangle([left, top, right, bottom], 8, style.fill, style.frame, 3)

    def sign(self, x: float, y: float, style: _Style, size: int) -> None:
        """The sign of a look, drawn where the typeface lacks it."""
        if style.sign == "✓":
            points = [(x - 9, y), (x - 2, y + 8), (x + 10, y - 8)]
            self.pen.line(points, style.ink, 4, joint="curve")
        elif style.sign:
            self.pen.text((x, y), style.sign, style.ink, _font(size, bold=True), anchor="mm")

    def line_of_now(self, bottom: float) -> None:
        """Where the day is."""
        x = self.x(self.now)
        if _NAMES < x < WIDE - _EDGE:
            self.pen.line([(x, _HEAD - 8), (x, bottom)], _INK, 3)
            self.pen.polygon([(x - 9, _HEAD - 8), (x + 9, _HEAD - 8), (x, _HEAD + 6)], _INK)


@lru_cache(maxsize=32)
def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    face = "FiraSans-Bold.ttf" if bold else "FiraSans-Regular.ttf"
    return ImageFont.truetype(str(_FACES / face), size)
