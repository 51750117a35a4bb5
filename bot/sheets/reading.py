"""CSV and XLSX files read into rows of named cells; rows written as CSV that no spreadsheet runs.

Reading trusts neither name nor type of a file (S6): what it is shows in its bytes, sizes are
checked before anything is unpacked, and no formula is evaluated (the value stored with it counts).
Nothing here raises on what a file contains: what is wrong comes back as a `Problem`.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta

LARGEST_FILE = 50 * 1024 * 1024
LARGEST_UNPACKED = 128 * 1024 * 1024
# Honest workbooks shrink to a tenth; one this small for what it holds is a bomb.
LARGEST_RATIO = 100
HARMLESS = 16 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 100
# A sheet's last row in every spreadsheet program; a larger number is a forgery that costs time.
LAST_ROW = 1_048_576
HEADER_WITHIN = 30
DELIMITERS = (",", ";", "\t", "|")

# What spreadsheets show where a formula failed: nothing that anybody typed.
_ERROR_VALUES = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: row as a spreadsheet numbers it (0: the whole file), column by
    its canonical name ("" where no single one is meant), and a sentence that says what to do."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a reader wants: its name, and the headings it goes by, the best first.

    Headings are compared without case, spaces and punctuation ("W.O. No" is "wo no"), the name
    itself is always one of them. Where a file has two of them, the better one is taken.
    """

    name: str
    spellings: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: its number in the spreadsheet, its cells by canonical column name
    (empty cells are absent), and how many cells it fills, those of unknown columns included."""

    number: int
    cells: Mapping[str, Cell]
    filled: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file's first sheet that has the header, or the problems that prevent it."""

    header_row: int
    rows: list[Row] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Unreadable(Exception):
    """The file, or a row of it, cannot be read; the message is for the person who sent it."""

    def __init__(self, message: str, row: int = 0) -> None:
        super().__init__(message)
        self.row = row


# ---------------------------------------------------------------------------------------------
# Reading


def sheet_from_path(path: Path, columns: Sequence[Column]) -> Sheet:
    """`sheet_from_bytes` of a file whose size is looked at before it is read; may raise OSError."""
    if path.stat().st_size > LARGEST_FILE:
        return _unread(_too_large())
    return sheet_from_bytes(path.read_bytes(), columns)


def sheet_from_bytes(data: bytes, columns: Sequence[Column]) -> Sheet:
    """The rows under the header that names most of `columns`, within the first 30 rows.

    CSV may be UTF-8, UTF-16 or Windows-1252, with comma, semicolon, tab or bar. Of a workbook the
    first visible sheet with a header counts. Rows that repeat the header, and empty ones, are left
    out. A required column that is missing is one problem that names the headings it may have, and
    then there are no rows.
    """
    if len(data) > LARGEST_FILE:
        return _unread(_too_large())
    known = {
        _plain(each): (column.name, rank)
        for column in columns
        for rank, each in enumerate((column.name, *column.spellings))
    }
    first_try: Sheet | None = None
    try:
        # openpyxl warns of styles and extensions that it leaves out: nothing to us.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for grid in _workbook(data) if data.startswith(b"PK\x03\x04") else _text(data, known):
                sheet = _sheet(grid, known, columns)
                if sheet and not sheet.problems:
                    return sheet
                first_try = first_try or sheet
    except _Unreadable as error:
        return _unread(error)
    names = ", ".join(column.name for column in columns if column.required)
    return first_try or _unread(
        _Unreadable(f"No row with column headings was found; it needs at least: {names}.")
    )


def _unread(error: _Unreadable) -> Sheet:
    return Sheet(0, problems=(Problem(error.row, "", str(error)),))


def _too_large() -> _Unreadable:
    return _Unreadable(f"The file is larger than {LARGEST_FILE >> 20} MB: split it.")


# One row of a file: its number, and its cells from the left.
_Line: TypeAlias = tuple[int, Sequence[Cell | None]]
_Known: TypeAlias = Mapping[str, tuple[str, int]]


def _plain(heading: object) -> str:
    """A heading without case, accents, spaces and punctuation."""
    decomposed = unicodedata.normalize("NFKD", str(heading)).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def _named(heading: Cell | None, known: _Known) -> tuple[str, int] | None:
    if not isinstance(heading, str):
        return None
    # "Date (MM/DD)" is Date
    return known.get(_plain(heading)) or known.get(_plain(re.sub(r"[(\[].*", "", heading)))


def _places(line: Sequence[Cell | None], known: _Known) -> dict[str, int]:
    """Where each known column stands in a row of headings; the better spelling, then the left."""
    best: dict[str, tuple[int, int]] = {}
    for place, heading in enumerate(line):
        if named := _named(heading, known):
            name, rank = named
            best[name] = min(best.get(name, (rank, place)), (rank, place))
    return {name: place for name, (_, place) in best.items()}


def _repeats(line: Sequence[Cell | None], places: Mapping[str, int], known: _Known) -> bool:
    """Whether a row is the row of headings once more; nearly always one look tells."""
    named = (place < len(line) and _named(line[place], known) for place in places.values())
    return all(named) and _places(line, known) == places


def _sheet(grid: Iterator[_Line], known: _Known, columns: Sequence[Column]) -> Sheet | None:
    written = (line for line in grid if any(cell is not None for cell in line[1]))
    head = list(islice(written, HEADER_WITHIN))
    if not head:
        return None
    header = max(head, key=lambda line: len(_places(line[1], known)))
    places = _places(header[1], known)
    if len(places) < 2:
        return None
    unknown = tuple(
        text(cell)
        for place, cell in enumerate(header[1])
        if cell is not None and place not in places.values()
    )
    missing = tuple(
        Problem(
            header[0], column.name, f"There is no such column; call it one of: {_quoted(column)}."
        )
        for column in columns
        if column.required and column.name not in places
    )
    if missing:
        return Sheet(header[0], [], unknown, missing)
    below = chain(head[head.index(header) + 1 :], written)
    rows = [
        _row(number, cells, places)
        for number, cells in islice(below, MOST_ROWS + 1)
        if not _repeats(cells, places, known)
    ]
    if not rows:
        raise _Unreadable("There is nothing below the column headings.", header[0])
    if len(rows) > MOST_ROWS:
        raise _Unreadable(f"There are more than {MOST_ROWS} rows: split the file.", rows[-1].number)
    return Sheet(header[0], rows, unknown)


def _quoted(column: Column) -> str:
    return ", ".join(f'"{each}"' for each in column.spellings or (column.name,))


def _row(number: int, line: Sequence[Cell | None], places: Mapping[str, int]) -> Row:
    cells: dict[str, Cell] = {}
    for name, place in places.items():
        cell = line[place] if place < len(line) else None
        if cell is not None:
            cells[name] = cell
    return Row(number, cells, sum(cell is not None for cell in line))


def _value(cell: object) -> Cell | None:
    """A cell's value, or None where it holds nothing that anybody wrote."""
    if isinstance(cell, str):
        bare = cell.strip()
        return None if not text(bare) or bare in _ERROR_VALUES else cell
    if isinstance(cell, int | float | datetime | date | time | timedelta):
        return cell
    return None


# ---------------------------------------------------------------------------------------------
# CSV


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    # UTF-16 that lost its mark: every other byte of plain English is 0
    sample = data[:2000]
    if sample.count(0) * 3 > len(sample):
        odd = sample[1::2].count(0) >= sample[::2].count(0)
        return data.decode("utf-16-le" if odd else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


_NOT_TEXT = (
    (b"\xd0\xcf\x11\xe0", "This is an old or a password-protected Excel file: save it as XLSX."),
    (b"%PDF", "This is a PDF: export the list as CSV or XLSX."),
)
# A record that only comes out alone if every quotation mark before it was closed.
_LAST = "\x1fend of file\x1f"


def _text(data: bytes, known: _Known) -> Iterator[Iterator[_Line]]:
    for magic, advice in _NOT_TEXT:
        if data.startswith(magic):
            raise _Unreadable(advice)
    plain = _decode(data).replace("\x00", "")
    delimiters: Sequence[str] = DELIMITERS
    # Excel's own hint for itself, which it does not count as a row
    if hint := re.match(r"sep=([,;\t|])\r?\n", plain):
        plain, delimiters = plain[hint.end() :], hint[1]
    start = plain[:50_000]

    def recognised(delimiter: str) -> int:
        head = islice(_records(start, delimiter), HEADER_WITHIN)
        try:
            return max((len(_places(cells, known)) for _, cells in head), default=0)
        except _Unreadable:
            return 0

    yield _records(f"{plain}\n{_LAST}\n", max(delimiters, key=recognised))


def _records(plain: str, delimiter: str) -> Iterator[_Line]:
    number, width = 0, 6
    records = csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter)
    try:
        for number, record in enumerate(records, start=1):
            if record == [_LAST]:
                return
            # Rows that a stray quotation mark made into one cell would be lost without a word.
            if any("\n" in cell and _swallowed(cell, delimiter, width) for cell in record):
                raise _Unreadable("A quotation mark opens here and is not closed.", number)
            width = max(width, len(record))
            yield number, [_value(_unwrapped(cell)) for cell in record[:MOST_COLUMNS]]
    except csv.Error as error:
        raise _Unreadable(
            f"This row cannot be read ({error}): is a quotation mark not closed?", number + 1
        ) from error


def _swallowed(cell: str, delimiter: str, width: int) -> bool:
    lines = cell.splitlines()
    return _LAST in cell or any(line.count(delimiter) >= width - 1 for line in lines)


def _unwrapped(cell: str) -> str:
    """="00123" is how some programs keep Excel from cutting zeros: the text between the quotes."""
    match = re.fullmatch(r'\s*="([^"]*)"\s*', cell)
    return match[1] if match else cell


# ---------------------------------------------------------------------------------------------
# XLSX


def _workbook(data: bytes) -> Iterator[Iterator[_Line]]:
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
        raise _Unreadable("The file unpacks to far more than a list of jobs: save it as CSV.")
    for sheet in sheets:
        yield _lines(archive, sheet)


def _not_a_workbook() -> _Unreadable:
    return _Unreadable("This is not a workbook that can be read: save it again as XLSX or CSV.")


def _lines(archive: zipfile.ZipFile, sheet: Any) -> Iterator[_Line]:
    """The rows of a read-only sheet; a cell merged downwards stands in each row that it spans."""
    try:
        sheet.reset_dimensions()  # what a file says of its size is often wrong
        merged = _merged(archive, sheet)
        spread: list[tuple[int, int, Cell | None]] = []
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            if number > LAST_ROW:
                return
            if cells.count(None) == len(cells):
                continue  # quickly: a forged row number can stand behind a million empty rows
            line = [None if cell is None else _value(cell) for cell in cells]
            if any(cell is not None for cell in line):
                spread = [each for each in spread if each[1] >= number]
                for place, _, value in spread:
                    line[place] = value if line[place] is None else line[place]
            spread += [(place, last, line[place]) for place, last in merged.get(number, ())]
            yield number, line
    except Exception as error:
        raise _not_a_workbook() from error


def _merged(archive: zipfile.ZipFile, sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """By first row: the place from the left, and the last row, of what is merged downwards.

    openpyxl's read-only sheets leave merged ranges out; they stand behind the rows in the XML.
    """
    from openpyxl.utils.cell import range_boundaries  # noqa: PLC0415

    tail, closing = b"", None
    with archive.open(sheet._worksheet_path) as source:
        while chunk := source.read(1 << 20):
            tail += chunk
            if not closing:
                closing = re.search(rb"</(?:\w+:)?sheetData>", tail)
                tail = tail[closing.end() :] if closing else tail[-40:]
    found: dict[int, list[tuple[int, int]]] = {}
    for match in re.finditer(rb'mergeCell [^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"', tail):
        left, top, _, bottom = range_boundaries(match[1].decode())
        if left and top and bottom and bottom > top and left <= MOST_COLUMNS:
            found.setdefault(top, []).append((left - 1, bottom))
    return found


# ---------------------------------------------------------------------------------------------
# One cell


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
