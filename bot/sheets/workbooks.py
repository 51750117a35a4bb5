"""XLSX files as lines of cells, whatever harm is in them (S6)."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from bot.sheets.grid import MOST_COLUMNS, NO_RESULT, Cell, Hole, Line, Unreadable, value

LARGEST_UNPACKED = 128 * 1024 * 1024
# Honest workbooks shrink to a tenth; one this small for what it holds is a bomb.
LARGEST_RATIO = 100
HARMLESS = 16 * 1024 * 1024
# A sheet's last row in every spreadsheet program; a larger number is a forgery that costs time.
LAST_ROW = 1_048_576


def workbook(data: bytes) -> Iterator[Iterator[Line]]:
    """The visible sheets, each as its lines; Unreadable. No formula is evaluated (S6): the result
    stored with it counts, and where there is none the cell is a `Hole`."""
    import openpyxl  # noqa: PLC0415 - 0.14 s that only a workbook needs

    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        # The declared sizes bound what will be unpacked: zipfile stops reading there.
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_UNPACKED or unpacked > max(HARMLESS, LARGEST_RATIO * len(data)):
            sheets = None
        else:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except Exception as error:
        # A broken archive fails in many ways inside zipfile, the XML parser and openpyxl.
        raise _not_a_workbook() from error
    if sheets is None:
        raise Unreadable("The file unpacks to far more than a list of jobs: save it as CSV.")
    for sheet in sheets:
        yield _lines(archive, sheet)


def _not_a_workbook() -> Unreadable:
    return Unreadable("This is not a workbook that can be read: save it again as XLSX or CSV.")


def _lines(archive: zipfile.ZipFile, sheet: Any) -> Iterator[Line]:
    """The rows of a read-only sheet; a cell merged downwards stands in each row that it spans."""
    try:
        sheet.reset_dimensions()  # what a file says of its size is often wrong
        merged, holes = _left_out(archive, sheet)
        spread: dict[int, tuple[int, Cell | Hole | None]] = {}
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            if number > LAST_ROW:
                return
            unknown = holes.get(number, ())
            if cells.count(None) == len(cells) and not unknown:
                continue  # quickly: a forged row number can stand behind a million empty rows
            line: list[Cell | Hole | None] = [
                None if cell is None else value(cell) for cell in cells
            ]
            for place in unknown:
                line[place] = Hole.FORMULA
            if any(cell is not None for cell in line):
                spread = {place: each for place, each in spread.items() if each[0] >= number}
                for place, (_, above) in spread.items():
                    line[place] = above if line[place] is None else line[place]
            spread |= {place: (last, line[place]) for place, last in merged.get(number, ())}
            yield number, line
    except Unreadable:
        raise
    except Exception as error:
        raise _not_a_workbook() from error


_OVERLAP = 20_000
"""Bytes read twice at the edge of a piece: no formula, and no cell, is as long."""
_MOST_HOLES = _MOST_MERGED = 100_000
_NO_RESULT = re.compile(
    rb"<(?:\w+:)?c(\s[^<>]*)>\s*<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*+"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
# Each tag is looked through once: a file of 20 kB that repeats its name kept a process for minutes.
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_PLACE = re.compile(rb'\sr="([A-Z]{1,3}\d{1,7})"')


def _left_out(
    archive: zipfile.ZipFile, sheet: Any
) -> tuple[dict[int, list[tuple[int, int]]], dict[int, set[int]]]:
    """What openpyxl's read-only sheets do not tell, both by row (the first one):

    the place from the left, and the last row, of what is merged downwards; and the places of
    formulas without a result. Merged ranges stand behind the rows in the XML.
    """
    from openpyxl.utils.cell import range_boundaries  # noqa: PLC0415

    tail, closing = b"", None
    holes: dict[int, set[int]] = {}
    count = 0
    with archive.open(sheet._worksheet_path) as source:
        while chunk := source.read(1 << 20):
            tail += chunk
            if closing:
                continue
            closing = re.search(rb"</(?:\w+:)?sheetData>", tail)
            rows = tail[: closing.start()] if closing else tail
            for match in _NO_RESULT.finditer(rows) if b"f>" in rows or b"<f" in rows else ():
                place = _PLACE.search(match[1])
                # An empty text is a result: =IF(A2="";"";…) is full of them.
                if not place or b't="str"' in match[1] or (count := count + 1) > _MOST_HOLES:
                    continue
                left, row, _, _ = range_boundaries(place[1].decode())
                if left and row and left <= MOST_COLUMNS:
                    holes.setdefault(row, set()).add(left - 1)
            tail = tail[closing.end() :] if closing else tail[-_OVERLAP:]
    if count > _MOST_HOLES:
        raise Unreadable(NO_RESULT)
    found: dict[int, list[tuple[int, int]]] = {}
    for number, merged in enumerate(_MERGED.finditer(tail)):
        if number == _MOST_MERGED:
            raise Unreadable("More cells are merged here than a list has: save it as CSV.")
        left, top, _, bottom = range_boundaries(merged[1].decode())
        if left and top and bottom and bottom > top and left <= MOST_COLUMNS:
            found.setdefault(top, []).append((left - 1, bottom))
    return found, holes
