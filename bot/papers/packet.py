"""The proof packet: everything that is known of one visit as a PDF that a stranger can follow."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from bot import days
from bot.clock import to_datetime
from bot.context import Context
from bot.papers.paper import FONT, Paper, printable
from bot.papers.pictures import Exhibit
from bot.speech.naming import window_words
from flows.facts import MINUTE, Instant
from flows.texts import sentences
from storage import alerts, fees, outbox, people, photos, timeline
from storage.db import Row, Tx

LEFT, WIDTH, FOOT = 14.0, 188.0, 16.0
TOLD_LATE = 30 * MINUTE
"""What was told later than this after it happened is marked (contract section 2)."""
_FIRST_INSTANT = 10**11
"""A number in a detail or in evidence that is at least this is a moment in ms."""
WIDEST, MOST_LINES = 2.8, 64
"""Millimetres of a W in a table, and lines that a row may have: it stays on one page."""
_PICTURE_HIGH, _COLUMN = 90.0, 91.0
"""Millimetres: how high a picture may be, and how wide where two stand beside each other."""
_MAIL_LINE = 110
"""Letters of a mail's text that a line surely takes."""


@dataclass(frozen=True, slots=True)
class Packet:
    """The rows that a packet shows, as read in one transaction; each section oldest first."""

    job: Row
    company: str
    technician: str
    managers: str
    timeline: Sequence[Row]
    photos: Sequence[Row]
    mails: Sequence[Row]
    alerts: Sequence[Row]
    fees: Sequence[Row]
    steps: Mapping[str, str]
    """What each step is called in words."""


def gather(tx: Tx, context: Context, job: Row) -> Packet:
    """All that is known of a visit; `job` is a row of jobs with its order's columns."""
    technician = people.get(tx, job["technician_id"]) if job["technician_id"] else None
    above = [
        people.get(tx, technician[role]) for role in ("dm", "dc") if technician and technician[role]
    ]
    number = job["id"]
    return Packet(
        job, context.contacts(job["program"])["company"],
        technician["name"] if technician else "nobody",
        ", ".join(manager["name"] for manager in above if manager) or "nobody",
        timeline.of_job(tx, number), photos.of_job(tx, number),
        outbox.of_job(tx, number, "email"), alerts.of_job(tx, number), fees.of_job(tx, number),
        _steps(context, job["program"]),
    )  # fmt: skip


def _steps(context: Context, program: str) -> dict[str, str]:
    wording = context.wording
    named = (key for key in sentences("en") if key.startswith("step."))
    return {key.partition(".")[2]: wording.sentence(key, program=program).sms for key in named}


def print_packet(packet: Packet, exhibits: Mapping[int, Exhibit], now: Instant) -> bytes:
    """The packet as a PDF; `exhibits` are the photos' copies by id (`bot.papers.pictures`)."""
    return _Packet(packet, now).printed(exhibits)


class _Sheets(Paper):
    """Pages with a running head, their number and when they were made."""

    def __init__(self, title: str, made: str, now: Instant) -> None:
        super().__init__(title, now)
        self._running, self._made = title, made
        self.set_margins(LEFT, 20, 13.5)
        self.set_auto_page_break(auto=True, margin=FOOT)

    def header(self) -> None:
        """The running head, on every page but the first."""
        if self.page_no() > 1:
            self.line_of(LEFT, 10, WIDTH, self._running, 8)
            self.stroke(LEFT, 14.5, LEFT + WIDTH, 14.5)
            self.set_y(20)

    def footer(self) -> None:
        """Page n of m, and when it was made."""
        self.set_auto_page_break(auto=False)
        self.line_of(LEFT, 268, WIDTH - 30, self._made, 7.5)
        self.set_font(FONT, "", 7.5)
        self.set_xy(LEFT + WIDTH - 40, 266.6)
        self.cell(40, 4, f"page {self.page_no()} of {{nb}}", align="R")
        self.set_auto_page_break(auto=True, margin=FOOT)


class _Packet:
    """One packet in the making."""

    def __init__(self, packet: Packet, now: Instant) -> None:
        self.packet, self.job = packet, packet.job
        self.zone = days.zone_of(packet.job["timezone"])
        self.title = f"Proof packet, work order {self.job['number']}, visit {self.job['visit']}"
        self.paper = _Sheets(self.title, f"Doorstep, generated at {self._at(now)}", now)

    def _at(self, instant: Instant | None) -> str:
        """A moment as it stood on the wall at the customer, to the second."""
        if instant is None:
            return ""
        return to_datetime(instant).astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S %Z")

    def printed(self, exhibits: Mapping[int, Exhibit]) -> bytes:
        """All sections."""
        self.paper.add_page()
        self._summary()
        self._timeline()
        self._fees()
        self._alerts()
        self._mails()
        self._photos(exhibits)
        return self.paper.made()

    def _heading(self, text: str, room: float = 40) -> None:
        paper = self.paper
        if paper.get_y() + room > paper.h - FOOT:
            paper.add_page()
        y = paper.get_y() + (5 if paper.get_y() > 21 else 0)
        paper.line_of(LEFT, y, WIDTH, text, 12, bold=True)
        paper.set_y(y + 7)

    def _summary(self) -> None:
        paper, job = self.paper, self.job
        paper.line_of(LEFT, 14, WIDTH, self.packet.company, 11)
        paper.line_of(LEFT, 21, WIDTH, self.title, 17, bold=True)
        paper.set_y(31)
        place = (job["street"], job["city"], f"{job['us_state']} {job['zip']}".strip())
        under = f" under {job['under']}" if job["under"] else ""
        window = window_words(job["window_start"], job["window_end"], job["timezone"], sms=False)
        rows = (
            ("Customer", job["customer"]), ("Address", ", ".join(each for each in place if each)),
            ("Product", job["product"]),
            ("Day and window", f"{job['day']}, {window} ({job['timezone']})"),
            ("Program, shift", ", ".join(each for each in (job["program"], job["shift"]) if each)),
            ("Units", job["units"]), ("Technician", self.packet.technician),
            ("Managers", self.packet.managers),
            ("State", f"{job['state']}{under}, version {job['version']}"),
        )  # fmt: skip
        self._table((34, 154), (), rows)
        paper.set_y(paper.get_y() + 2)
        note = (
            "Times are those on the wall at the customer. Photos are copies: upright, made smaller,"
            " without place or device; each SHA-256 is of the bytes as received, which are kept."
        )
        paper.set_y(paper.get_y() + paper.lines_of(LEFT, paper.get_y(), WIDTH, note, 8))

    def _table(
        self,
        widths: Sequence[float],
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        size: float = 8,
    ) -> None:
        """Rows that wrap and break between pages; the head stands on each."""
        paper = self.paper
        paper.set_font(FONT, "", size)
        paper.set_line_width(0.15)
        with paper.table(
            col_widths=tuple(widths), width=sum(widths), align="LEFT", text_align="LEFT",
            v_align="TOP", line_height=size * 0.47, padding=(0.9, 1.5, 0.9, 0.5),
            first_row_as_headings=bool(head), headings_style=FontFace(emphasis="BOLD"),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        ) as table:  # fmt: skip
            for row in ([head] if head else []) + list(rows):
                cells = table.row()
                for place, cell in enumerate(row):
                    style = FontFace(emphasis="BOLD") if not head and place == 0 else None
                    cells.cell(_bounded(printable(cell, lines=True), widths[place]), style=style)

    def _timeline(self) -> None:
        self._heading(f"Timeline ({len(self.packet.timeline)})")
        if not self.packet.timeline:
            self._nothing()
            return
        rows = []
        for row in self.packet.timeline:
            told = self._at(row["told_at"])
            if row["told_at"] - row["at"] > TOLD_LATE:
                told += "\n(told late)"
            step = self.packet.steps.get(row["step"], row["step"])
            what = row["event"].replace("_", " ") + (f"\nat: {step}" if step else "")
            by = row["by"] + (f"\n{row['channel']}" if row["channel"] else "")
            rows.append(
                (self._at(row["at"]), told, what, by, self._detail(json.loads(row["detail"])))
            )
        self._table(
            (31, 31, 40, 34, 52),
            ("happened at", "told at", "what", "by, channel", "detail"),
            rows,
            7.5,
        )

    def _detail(self, detail: Mapping[str, Any]) -> str:
        return "\n".join(f"{name}: {self._value(value)}" for name, value in detail.items())

    def _value(self, value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and value >= _FIRST_INSTANT:
            return self._at(value)
        if isinstance(value, list):
            return ", ".join(self._value(each) for each in value) or "none"
        if isinstance(value, dict):
            return "".join(f"\n- {name}: {self._value(each)}" for name, each in value.items())
        return "" if value is None else str(value)

    def _fees(self) -> None:
        self._heading(f"Fees ({len(self.packet.fees)})")
        if not self.packet.fees:
            self._nothing()
            return
        rows = []
        for row in self.packet.fees:
            decided = (
                f"\nby {row['decided_by']}\n{self._at(row['decided_at'])}"
                if row["decided_by"]
                else ""
            )
            evidence = self._detail(json.loads(row["evidence"]))
            what = f"{row['reason']}\nrule {row['rule']}"
            rows.append(
                (row["units"], what, self._at(row["at"]), f"{row['status']}{decided}", evidence)
            )
        head = ("units", "reason", "since", "status", "evidence")
        self._table((14, 30, 31, 35, 78), head, rows, 7.5)

    def _alerts(self) -> None:
        self._heading(f"Alerts ({len(self.packet.alerts)})")
        if not self.packet.alerts:
            self._nothing()
            return
        rows = []
        for row in self.packet.alerts:
            taken = (
                f"{row['acknowledged_by']}\n{self._at(row['acknowledged_at'])}"
                if row["acknowledged_by"]
                else "nobody"
            )
            status = row["status"] + (f"\n{row['decision']}" if row["decision"] else "")
            what = f"{row['kind']}\nseverity {row['severity']}"
            rows.append(
                (
                    self._at(row["created_at"]),
                    row["to_name"] or "",
                    what,
                    str(row["number"]),
                    status,
                    taken,
                )
            )
        head = ("raised at", "to", "what", "code", "status", "acknowledged by")
        self._table((31, 34, 38, 12, 28, 45), head, rows, 7.5)

    def _mails(self) -> None:
        paper = self.paper
        self._heading(f"E-mails ({len(self.packet.mails)})")
        if not self.packet.mails:
            self._nothing()
        for row in self.packet.mails:
            mail = json.loads(row["payload"])
            sent = self._at(row["sent_at"]) or f"not sent: {row['error'] or 'it waits'}"
            listed = ", ".join(f"#{photo}" for photo in mail["photos"]) or "none"
            rows = (
                ("To", ", ".join(mail["to"])), ("Copy", ", ".join(mail["cc"]) or "none"),
                ("Subject", mail["subject"]),
                ("Status", f"{row['status']}, {sent}"),
                ("Photos", listed), ("Message-ID", mail.get("message_id", "")),
                ("Text", mail["text"].strip()),
            )  # fmt: skip
            lines = sum(
                1 + len(line) // _MAIL_LINE for _, text in rows for line in text.split("\n")
            )
            high = 3.6 * lines + 2 * len(rows)
            if paper.get_y() + high > paper.h - FOOT > high + 20:
                paper.add_page()  # a mail stays together where a page has room for it
            self._table((24, 164), (), rows, 7.5)
            paper.set_y(paper.get_y() + 3)

    def _photos(self, exhibits: Mapping[int, Exhibit]) -> None:
        """Two beside each other, four to a page, as they came."""
        paper = self.paper
        room = _PICTURE_HIGH + 34 if any(each.copy for each in exhibits.values()) else 40
        self._heading(f"Photos ({len(self.packet.photos)})", room)
        if not self.packet.photos:
            self._nothing()
        rows = self.packet.photos
        for pair in (rows[place : place + 2] for place in range(0, len(rows), 2)):
            shown = any(exhibits[row["id"]].copy for row in pair)
            high = _PICTURE_HIGH + 24 if shown else 26
            if paper.get_y() + high > paper.h - FOOT:
                paper.add_page()
            y = paper.get_y()
            for column, row in enumerate(pair):
                self._photo(LEFT + column * (_COLUMN + 6), y, row, exhibits[row["id"]])
            paper.set_y(y + high)

    def _photo(self, x: float, y: float, row: Row, exhibit: Exhibit) -> None:
        paper = self.paper
        title = f"#{row['id']}  {row['kind'] or 'other'}"
        paper.line_of(x, y, _COLUMN, title, 10, bold=True)
        came = f"received {self._at(row['received_at'])} by {row['channel']}"
        where = self.packet.steps.get(row["step"], row["step"]) or "no step"
        paper.line_of(x, y + 4.8, _COLUMN, f"{came}, {row['bytes']:,} bytes", 8)
        paper.line_of(x, y + 8.4, _COLUMN, f"at: {where}", 8)
        paper.line_of(x, y + 12, _COLUMN, exhibit.verdict, 8, bold=not exhibit.genuine)
        paper.line_of(x, y + 15.6, _COLUMN, f"SHA-256 {row['sha256']}", 8)
        if exhibit.copy:
            paper.image(exhibit.copy, x, y + 19.6, _COLUMN, _PICTURE_HIGH, keep_aspect_ratio=True)

    def _nothing(self) -> None:
        self.paper.line_of(LEFT, self.paper.get_y(), WIDTH, "None.", 8)
        self.paper.set_y(self.paper.get_y() + 4)


def _bounded(text: str, width: float) -> str:
    """`text` as far as one row of a table takes it, however wide; what is cut is said."""
    a_line = max(1.0, (width - 2) / WIDEST)
    room = MOST_LINES * a_line
    for place, sign in enumerate(text):
        room -= a_line if sign == "\n" else 1
        if room < 0:
            return f"{text[:place]}… ({len(text) - place} more)"
    return text or " "  # a row without any text has no height
