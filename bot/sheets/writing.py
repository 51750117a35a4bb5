"""Spreadsheets that leave: nothing in them is a formula to whoever opens them (S6)."""

import csv
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TextIO

_FORMULA = re.compile(r"(^|[;\t\r\n|])(\s*)(?=[=+\-@＝＋－＠])")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def defuse(value: str) -> str:
    """`value` so that no spreadsheet takes it for a formula (S6): such text gets an apostrophe.

    Plain numbers and phone numbers in E.164 are left as they are. A formula behind a semicolon, a
    bar, a tab or a line break is defused too: a program that splits there starts a cell with it.
    """
    if _PLAIN_NUMBER.fullmatch(value):
        return value
    return _FORMULA.sub(r"\1\2'", "".join(c for c in value if c >= " " or c in "\t\r\n"))


def write_csv(out: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a header and rows as CSV (every cell quoted and defused, None empty) to a text stream.

    The stream must leave line ends alone (`newline=""`); instants should come as ISO 8601 text.
    """
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in chain([header], rows):
        writer.writerow(["" if cell is None else defuse(str(cell)) for cell in row])
