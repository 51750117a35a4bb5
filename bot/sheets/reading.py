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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

from bot.sheets.grid import MOST_COLUMNS, NO_RESULT, Cell, Hole, Line, Unreadable, text, value
from bot.sheets.workbooks import workbook

LARGEST_FILE = 50 * 1024 * 1024
MOST_ROWS = 100_000
HEADER_WITHIN = 30
DELIMITERS = (",", ";", "\t", "|")


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
    (empty cells are absent), how many cells it fills, those of unknown columns included, and the
    columns where it has a formula whose result is not in the file (NO_RESULT says it)."""

    number: int
    cells: Mapping[str, Cell]
    filled: int
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file's first sheet that has the header, or the problems that prevent it."""

    header_row: int
    rows: list[Row] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class RowReader:
    """One row being read: its cells as text, and what is wrong with them, into the file's lists.

    Of a column whose formula has no result only that is said: what it would hold is not known.
    """

    def __init__(self, row: Row, problems: list[Problem], warnings: list[Problem]) -> None:
        self.row, self._problems, self._warnings = row, problems, warnings

    def text(self, column: str) -> str:
        """The cell of this column; "" where it is empty."""
        return text(self.row.cells.get(column))

    def wrong(self, column: str, message: str) -> None:
        """The row cannot be taken, and what to mend."""
        if column not in self.row.unknown:
            self._problems.append(Problem(self.row.number, column, message))

    def warn(self, column: str, message: str) -> None:
        """The row is taken nevertheless."""
        if column not in self.row.unknown:
            self._warnings.append(Problem(self.row.number, column, message))

    def holes(self, columns: Iterable[str]) -> None:
        """These columns have formulas without a result."""
        self._problems += [Problem(self.row.number, column, NO_RESULT) for column in columns]


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
            for grid in workbook(data) if data.startswith(b"PK\x03\x04") else _text(data, known):
                sheet = _sheet(grid, known, columns)
                if sheet and not sheet.problems:
                    return sheet
                first_try = first_try or sheet
    except Unreadable as error:
        return _unread(error)
    names = ", ".join(column.name for column in columns if column.required)
    return first_try or _unread(
        Unreadable(f"No row with column headings was found; it needs at least: {names}.")
    )


def _unread(error: Unreadable) -> Sheet:
    return Sheet(0, problems=(Problem(error.row, "", str(error)),))


def _too_large() -> Unreadable:
    return Unreadable(f"The file is larger than {LARGEST_FILE >> 20} MB: split it.")


_Known: TypeAlias = Mapping[str, tuple[str, int]]


def _plain(heading: object) -> str:
    """A heading without case, accents, spaces and punctuation."""
    decomposed = unicodedata.normalize("NFKD", str(heading)).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def _named(heading: Cell | Hole | None, known: _Known) -> tuple[str, int] | None:
    if not isinstance(heading, str):
        return None
    # "Date (MM/DD)" is Date
    return known.get(_plain(heading)) or known.get(_plain(re.sub(r"[(\[].*", "", heading)))


def _places(line: Sequence[Cell | Hole | None], known: _Known) -> dict[str, int]:
    """Where each known column stands in a row of headings; the better spelling, then the left."""
    best: dict[str, tuple[int, int]] = {}
    for place, heading in enumerate(line):
        if named := _named(heading, known):
            name, rank = named
            best[name] = min(best.get(name, (rank, place)), (rank, place))
    return {name: place for name, (_, place) in best.items()}


def _repeats(line: Sequence[Cell | Hole | None], places: Mapping[str, int], known: _Known) -> bool:
    """Whether a row is the row of headings once more; nearly always one look tells."""
    named = (place < len(line) and _named(line[place], known) for place in places.values())
    return all(named) and _places(line, known) == places


def _sheet(grid: Iterator[Line], known: _Known, columns: Sequence[Column]) -> Sheet | None:
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
        if cell is not None and not isinstance(cell, Hole) and place not in places.values()
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
        raise Unreadable("There is nothing below the column headings.", header[0])
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"There are more than {MOST_ROWS} rows: split the file.", rows[-1].number)
    return Sheet(header[0], rows, unknown)


def _quoted(column: Column) -> str:
    return ", ".join(f'"{each}"' for each in column.spellings or (column.name,))


def _row(number: int, line: Sequence[Cell | Hole | None], places: Mapping[str, int]) -> Row:
    cells: dict[str, Cell] = {}
    unknown = []
    for name, place in places.items():
        cell = line[place] if place < len(line) else None
        if isinstance(cell, Hole):
            unknown.append(name)
        elif cell is not None:
            cells[name] = cell
    return Row(number, cells, sum(cell is not None for cell in line), tuple(unknown))


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


def _text(data: bytes, known: _Known) -> Iterator[Iterator[Line]]:
    for magic, advice in _NOT_TEXT:
        if data.startswith(magic):
            raise Unreadable(advice)
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
        except Unreadable:
            return 0

    yield _records(f"{plain}\n{_LAST}\n", max(delimiters, key=recognised))


def _records(plain: str, delimiter: str) -> Iterator[Line]:
    number, width = 0, 6
    records = csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter)
    try:
        for number, record in enumerate(records, start=1):
            if record == [_LAST]:
                return
            # Rows that a stray quotation mark made into one cell would be lost without a word.
            if any("\n" in cell and _swallowed(cell, delimiter, width) for cell in record):
                raise Unreadable("A quotation mark opens here and is not closed.", number)
            width = max(width, len(record))
            yield number, [value(_unwrapped(cell)) for cell in record[:MOST_COLUMNS]]
    except csv.Error as error:
        raise Unreadable(
            f"This row cannot be read ({error}): is a quotation mark not closed?", number + 1
        ) from error


def _swallowed(cell: str, delimiter: str, width: int) -> bool:
    lines = cell.splitlines()
    return _LAST in cell or any(line.count(delimiter) >= width - 1 for line in lines)


def _unwrapped(cell: str) -> str:
    """="00123" is how some programs keep Excel from cutting zeros: the text between the quotes."""
    match = re.fullmatch(r'\s*="([^"]*)"\s*', cell)
    return match[1] if match else cell
