"""A sheet to print on: one typeface for most of the world's names, black on white, in mm."""

import unicodedata
from collections.abc import Collection
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import Align

from bot.clock import to_datetime
from bot.speech.gsm import fold
from flows.facts import Instant

FONT = "Fira Sans"
_FILES = files("fontpkg_fira_sans") / "files"
_FACES = {"": "FiraSans-Regular.ttf", "B": "FiraSans-Bold.ttf"}
SMALLEST = 6.0
"""Points: smaller print is no use on a doorstep."""
POINT = 25.4 / 72
"""Millimetres."""
LEADING = 1.25
Side = Literal["L", "C", "R"]


@lru_cache(maxsize=1)
def _letters() -> Collection[int]:
    """The code points that the typeface has: Latin, Greek and Cyrillic with their accents."""
    with TTFont(str(_FILES / _FACES[""])) as font:
        return frozenset(font.getBestCmap())


def printable(text: str, *, lines: bool = False) -> str:
    """`text` as the typeface can show it: what it lacks by its likeness, else as "?".

    Control signs and marks of direction are dropped; line ends stay with `lines`.
    """
    known, shown = _letters(), []
    for sign in unicodedata.normalize("NFC", text):
        if sign == "\n" and lines:
            shown.append(sign)
        elif sign.isspace():
            shown.append(" ")
        elif ord(sign) in known:
            shown.append(sign)
        elif unicodedata.category(sign)[0] != "C":
            shown.append(fold(sign) or ("?" if not unicodedata.combining(sign) else ""))
    return "".join(shown)


def lacks(text: str) -> bool:
    """Whether printing loses a letter of `text`."""
    return printable(text).count("?") > text.count("?")


class Paper(FPDF):
    """US Letter, upright; `made_at` stands in its properties.

    Nothing is printed by itself, and no page breaks by itself unless a paper asks for it.
    """

    def __init__(self, title: str, made_at: Instant) -> None:
        super().__init__(unit="mm", format="letter")
        for style, name in _FACES.items():
            self.add_font(FONT, style, str(_FILES / name))
        self.set_auto_page_break(auto=False)
        self.set_margin(0)
        self.c_margin = 0
        self.set_creation_date(to_datetime(made_at))
        self.set_title(printable(title))
        self.set_creator("Doorstep")
        self.set_lang("en-US")
        self.set_font(FONT, "", 10)

    def line_of(  # noqa: PLR0913 - by place
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        side: Side = "L",
    ) -> None:
        """One line, its capitals' top at `y`; made smaller, then cut, where it is too long."""
        text = " ".join(printable(text).split())
        self.set_font(FONT, "B" if bold else "", size)
        while size > SMALLEST and self.get_string_width(text) > width:
            size -= 0.25
            self.set_font_size(size)
        if self.get_string_width(text) > width:
            while text and self.get_string_width(f"{text}…") > width:
                text = text[:-1]
            text = f"{text.rstrip()}…"
        free = width - self.get_string_width(text)
        self.text(x + free * {"L": 0, "C": 0.5, "R": 1}[side], y + size * POINT * 0.69, text)

    def halves(self, text: str, width: float, size: float) -> tuple[str, str]:
        """`text` in bold, broken between two words where one line of that size is too short."""
        words = printable(text).split()
        self.set_font(FONT, "B", size)
        fitting = [
            n
            for n in range(1, len(words) + 1)
            if self.get_string_width(" ".join(words[:n])) <= width
        ]
        cut = max(fitting, default=len(words))
        return " ".join(words[:cut]), " ".join(words[cut:])

    def lines_of(self, x: float, y: float, width: float, text: str, size: float) -> float:
        """Several lines, wrapped; returns the height that they take."""
        self.set_font(FONT, "", size)
        height = size * POINT * LEADING
        self.set_xy(x, y)
        self.multi_cell(width, height, printable(text, lines=True), align=Align.L)
        return self.get_y() - y

    def box(self, x: float, y: float, width: float, height: float, *, line: float = 0.25) -> None:
        """An empty rectangle."""
        self.set_line_width(line)
        self.rect(x, y, width, height)

    def tick(self, x: float, y: float, size: float = 4.0) -> None:
        """A box to tick with a pen."""
        self.box(x, y, size, size, line=0.35)

    def stroke(self, x: float, y: float, to_x: float, to_y: float, *, line: float = 0.25) -> None:
        """A line."""
        self.set_line_width(line)
        self.line(x, y, to_x, to_y)

    def made(self) -> bytes:
        """The finished PDF."""
        return bytes(self.output())
