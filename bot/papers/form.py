"""The Manual Proof of Service form: one Letter page, filled in with what is known (A30, A31)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot import days
from bot.clock import to_datetime
from bot.context import Context
from bot.papers.paper import Paper, lacks
from bot.speech.naming import clock, day_words, window_words
from bot.speech.wording import Spoken
from flows.facts import Instant
from flows.shape import Program
from flows.talk import Talk

COPIES = 4
"""How many blank forms make a pad for the vehicle."""
_SMALL = 9.5
"""Points: what is longer than a line of these takes two."""
LEFT, WIDTH, RIGHT = 14.0, 188.0, 202.0
"""Millimetres of a Letter page (216 x 279) that any printer reaches."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What is printed into the fields of one form; a field that is absent is left for the pen."""

    company: str
    """Whose name stands on the form (A31)."""
    program: Program
    """Whose form it is: its words, times and reasons."""
    fields: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    zone: str = ""
    """Whose wall clock says when it was made."""


def filled(
    context: Context, job: Mapping[str, Any], technician: Mapping[str, Any] | None
) -> Filled:
    """A visit's form; `job` is a row of jobs with its order's columns. Times as on the wall."""
    zone, marks = job["timezone"], Talk.from_json(job["talk"]).marks
    times = {
        name: clock(at, zone, sms=False)
        for name, known in context.programs[job["program"]].form_times.items()
        if (at := next((marks[mark] for mark in known if mark in marks), None)) is not None
    }
    place = (job["street"], job["city"], f"{job['us_state']} {job['zip']}".strip())
    fields = {
        "work_order": job["number"], "shift": job["shift"], "visit": str(job["visit"]),
        "date": f"{day_words(job['day'], zone)}, {job['day'][:4]}", "customer": job["customer"],
        "window": window_words(job["window_start"], job["window_end"], zone, sms=False),
        "address": ", ".join(each for each in place if each), "product": job["product"],
        "technician": technician["name"] if technician else "", **times,
    }  # fmt: skip
    program = context.programs[job["program"]]
    company = context.contacts(program.name)["company"]
    return Filled(company, program, fields, technician["language"] if technician else "en", zone)


def blank(context: Context, program: str, language: str = "en") -> Filled:
    """A form for any job of this program."""
    company = context.contacts(program)["company"]
    return Filled(company, context.programs[program], {}, language)


def print_form(context: Context, form: Filled, now: Instant, *, copies: int = 1) -> bytes:
    """The form as a PDF, a page a copy."""
    return _Form(context, form, now).printed(copies)


class _Form:
    """One form in the making."""

    def __init__(self, context: Context, form: Filled, now: Instant) -> None:
        self.wording, self.form, self.now = context.wording, form, now
        self.labels = self._sentence("paper.form").choices
        number = form.fields.get("work_order", "")
        self.paper = Paper(f"{self._sentence('paper.form').sms} {number}".strip(), now)

    def _sentence(self, key: str) -> Spoken:
        return self.wording.sentence(key, self.form.language, self.form.program.name)

    def printed(self, copies: int) -> bytes:
        """All copies."""
        for _ in range(copies):
            self.paper.add_page()
            self._head()
            self._providers()
            self._customers()
            self._foot()
        return self.paper.made()

    def _head(self) -> None:
        paper, words = self.paper, self._sentence("paper.form")
        paper.line_of(LEFT, 13, 90, self.form.company, 22, bold=True)
        paper.line_of(LEFT + 90, 14.6, WIDTH - 90, words.sms, 16, side="R")
        paper.line_of(LEFT, 23.5, WIDTH, words.chat, 8.5)

    def _part(self, y: float, letter: str, key: str) -> None:
        """A half's heading: readable on a bad copier, without a field of ink."""
        paper = self.paper
        paper.stroke(LEFT, y, RIGHT, y, line=0.9)
        paper.line_of(LEFT, y + 2.4, WIDTH, f"{letter}. {self._sentence(key).sms}", 12.5, bold=True)

    def _row(self, y: float, height: float, *cells: tuple[str, float]) -> None:
        """Boxes side by side, (name, share of the width); what is known stands in them, large."""
        x, whole = LEFT, sum(share for _, share in cells)
        for name, share in cells:
            width = WIDTH * share / whole
            self._cell(x, y, width, height, name)
            x += width

    def _cell(self, x: float, y: float, width: float, height: float, name: str) -> None:
        paper = self.paper
        paper.box(x, y, width, height)
        paper.line_of(x + 1.6, y + 1.5, width - 3, self.labels[name], 7.5)
        value = self.form.fields.get(name, "")
        first, second = paper.halves(value, width - 3, _SMALL)
        if second:  # two lines rather than small print
            paper.line_of(x + 1.6, y + 4.9, width - 3, first, _SMALL, bold=True)
            paper.line_of(x + 1.6, y + 8.9, width - 3, second, _SMALL, bold=True)
        elif value:
            paper.line_of(x + 1.6, y + height - 6.2, width - 3, value, 13, bold=True)

    def _providers(self) -> None:
        """Part A: the technician's half."""
        paper = self.paper
        self._part(31, "A", "paper.form.provider")
        self._row(40, 12.5, ("work_order", 62), ("shift", 38), ("visit", 16), ("date", 46))
        self._row(52.5, 12.5, ("customer", 116), ("window", 46))
        self._row(65, 12.5, ("address", 162))
        self._row(77.5, 12.5, ("product", 92), ("technician", 70))
        self._row(90, 13.5, *((name, 1) for name in self.form.program.form_times))
        paper.box(LEFT, 103.5, WIDTH, 17)
        paper.line_of(LEFT + 1.6, 105, 60, self.labels["why"], 7.5)
        x = LEFT + 2
        for name in self.form.program.form_reasons:
            paper.tick(x, 111.5)
            paper.line_of(x + 5.6, 112.2, 60, self.labels[name], 9.5)
            x += 12 + paper.get_string_width(self.labels[name])
        paper.stroke(x - 5, 116, RIGHT - 3, 116)
        self._signature(120.5, 21, self._sentence("paper.form.provider").chat)

    def _customers(self) -> None:
        """Part B: the customer's half, with room for a real signature (A30)."""
        paper = self.paper
        self._part(148, "B", "paper.form.customer")
        for y, name in ((159, "as_ordered"), (167.5, "not_as_ordered")):
            paper.tick(LEFT + 2, y, 4.6)
            paper.line_of(LEFT + 9, y + 0.7, WIDTH - 12, self.labels[name], 11)
        paper.stroke(LEFT + 9, 181, RIGHT - 2, 181)
        paper.line_of(LEFT + 2, 186.4, 30, self.labels["remarks"], 7.5)
        for y in (193, 201.5):
            paper.stroke(LEFT + 2, y, RIGHT - 2, y)
        self._row(206.5, 15, ("print_name", 1))
        self._signature(221.5, 36, self._sentence("paper.form.customer").chat)
        paper.box(LEFT, 156, WIDTH, 50.5)

    def _signature(self, y: float, height: float, says: str) -> None:
        """Where to sign: a wide box with a line, and beside it the day and the hour."""
        paper, signs = self.paper, WIDTH - 62
        paper.box(LEFT, y, signs, height, line=0.5)
        paper.line_of(LEFT + 1.6, y + 1.5, signs - 3, f"{self.labels['signature']}. {says}", 7.5)
        paper.line_of(LEFT + 3, y + height - 9, 6, "X", 13, bold=True)
        paper.stroke(LEFT + 9, y + height - 4.5, LEFT + signs - 5, y + height - 4.5)
        for x, width, name in ((LEFT + signs, 34, "date"), (LEFT + signs + 34, 28, "time")):
            paper.box(x, y, width, height)
            paper.line_of(x + 1.6, y + 1.5, width - 3, self.labels[name], 7.5)

    def _foot(self) -> None:
        paper, known = self.paper, self.form.fields
        if any(lacks(value) for value in known.values()):
            paper.line_of(LEFT, 260.5, WIDTH, self._sentence("paper.form.unprintable").sms, 7.5)
        if known:
            made = to_datetime(self.now).astimezone(days.zone_of(self.form.zone))
            shown = f"Doorstep {made:%Y-%m-%d %H:%M %Z}, {known['work_order']} / {known['visit']}"
            paper.line_of(LEFT, 265, WIDTH / 2, shown, 7)
        paper.line_of(LEFT + WIDTH / 2, 265, WIDTH / 2, self.form.company, 7, side="R")
