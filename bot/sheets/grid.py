"""What a file of lists is made of before anybody knows what it means: lines of cells."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta


class Hole(Enum):
    """A cell that somebody filled and whose value nobody knows."""

    FORMULA = "formula"
    """A formula, and the file holds no result of it: the program that wrote it never calculated."""


NO_RESULT = (
    "There is a formula here whose result is not in the file: open it in a spreadsheet program,"
    " save it there, and import it again."
)

Line: TypeAlias = tuple[int, Sequence[Cell | Hole | None]]
"""One row of a file: its number, and its cells from the left."""

MOST_COLUMNS = 100

# What spreadsheets show where a formula failed: nothing that anybody typed.
_ERROR_VALUES = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}


class Unreadable(Exception):
    """The file, or a row of it, cannot be read; the message is for the person who sent it."""

    def __init__(self, message: str, row: int = 0) -> None:
        super().__init__(message)
        self.row = row


def value(cell: object) -> Cell | None:
    """A cell's value, or None where it holds nothing that anybody wrote."""
    if isinstance(cell, str):
        bare = cell.strip()
        return None if not text(bare) or bare in _ERROR_VALUES else cell
    if isinstance(cell, int | float | datetime | date | time | timedelta):
        return cell
    return None


def text(cell: Cell | None) -> str:
    """A cell as somebody would have typed it: one line, single spaces, numbers without ".0"."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _cleaned(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e21:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    return str(cell)


def _cleaned(typed: str) -> str:
    if typed.isascii() and typed.isprintable() and "_x" not in typed:
        return " ".join(typed.split())  # nearly every cell, ten times as fast
    plain = unicodedata.normalize("NFC", typed.replace("_x000D_", " "))
    # Invisible characters (zero-width, direction marks) come along with copied text.
    kinds = ((char, unicodedata.category(char)) for char in plain)
    return " ".join(
        "".join(" " if k == "Cc" else c for c, k in kinds if k not in {"Cf", "Cs"}).split()
    )
