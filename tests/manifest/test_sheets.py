"""Files as people send them: any encoding, any delimiter, broken, huge or hostile."""

import csv
import io
import zipfile
from datetime import datetime, time
from time import process_time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sheets import reading as sheets
from bot.sheets.grid import text
from bot.sheets.reading import Column, Problem, sheet_from_bytes, sheet_from_path
from bot.sheets.writing import defuse, write_csv

COLUMNS = (
    Column("order", ("Work Order #", "WO"), required=True),
    Column("name", ("Customer Name", "Cust Name")),
    Column("notes", ("Sched. Notes", "Notes")),
)
PLAIN = "WO,Cust Name,Sched. Notes\n1,José Müller,“8–11” desk\n2,Ann,\n"


def read(data: bytes) -> list[list[str]]:
    sheet = sheet_from_bytes(data, COLUMNS)
    assert sheet.problems == ()
    return [
        [str(row.number), *(text(row.cells.get(c.name)) for c in COLUMNS)] for row in sheet.rows
    ]


def complaint(data: bytes) -> Problem:
    (problem,) = sheet_from_bytes(data, COLUMNS).problems
    return problem


def workbook(*grids: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for number, grid in enumerate(grids):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        for row in grid:
            sheet.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_read_in_any_usual_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    data = PLAIN.replace(",", delimiter).encode(encoding)

    assert read(data) == [["2", "1", "José Müller", "“8–11” desk"], ["3", "2", "Ann", ""]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_is_read_with_any_line_end(end: str) -> None:
    assert len(read(PLAIN.replace("\n", end).encode())) == 2


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    data = b'Manifest for Monday\n\nWO,Cust Name\n\n7,"Ann\nB."\n,\n8,Bob,x,y,z\n9\n'

    assert read(data) == [["5", "7", "Ann B.", ""], ["7", "8", "Bob", ""], ["8", "9", "", ""]]


def test_excels_separator_line_is_no_row() -> None:
    assert read(b"sep=;\r\nWO;Cust Name\r\n7;Ann, B.\r\n") == [["2", "7", "Ann, B.", ""]]


def test_text_that_was_protected_as_a_formula_is_text() -> None:
    assert read(b'WO,Cust Name\n="00123",Ann\n') == [["2", "00123", "Ann", ""]]


def test_a_better_heading_wins_and_the_other_is_listed() -> None:
    sheet = sheet_from_bytes(b"WO,Notes,Color,Sched. Notes\n1,a,red,b\n", COLUMNS)

    assert sheet.unknown_columns == ("Notes", "Color")
    assert text(sheet.rows[0].cells["notes"]) == "b"


@pytest.mark.parametrize("heading", ["WO", "w.o.", " Work  Order # ", "WORK_ORDER", "wo (number)"])
def test_headings_are_compared_without_case_and_punctuation(heading: str) -> None:
    columns = (Column("order", ("Work Order", "WO")), COLUMNS[1])

    sheet = sheet_from_bytes(f'"{heading}",Cust Name\n7,Ann\n'.encode(), columns)

    assert sheet.rows[0].cells["order"] == "7"


def test_a_missing_required_column_is_one_problem_that_names_its_headings() -> None:
    problem = complaint(b"Customer Name,Notes\nAnn,x\n")

    assert (problem.row, problem.column) == (1, "order")
    assert '"Work Order #", "WO"' in problem.message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "column headings"),
        (b"\x00\x01\x02 garbage \xff", "column headings"),
        (b"just,some,text\n1,2,3\n", "column headings"),
        (b"WO,Cust Name\n\n", "nothing below"),
        (b"PK\x03\x04 broken", "not a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password"),
        (b"%PDF-1.7", "PDF"),
        (b'WO,Cust Name\n1,Ann\n2,"Bob\n3,Cid\n', "quotation mark"),
        (b'WO,Cust Name,a,b,c,d,e\n1,"Ann\n2,Bob,,,,,\n3,Cid",,,,,\n', "quotation mark"),
        (b'WO,Cust Name\n1,"' + b"x" * 200_000 + b'"\n', "field larger"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(data: bytes, words: str) -> None:
    assert words in complaint(data).message


def test_a_workbook_is_read_from_its_first_visible_sheet_with_the_header() -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.append(["Hello"])
    hidden = book.create_sheet("Old")
    hidden.append(["WO", "Cust Name"])
    hidden.append([1, "Hidden"])
    hidden.sheet_state = "hidden"
    summary = book.create_sheet("Summary")
    summary.append(["Customer Name", "Notes"])
    jobs = book.create_sheet("Jobs")
    jobs.append(["Northwest"])
    jobs.append([])
    jobs.append(["WO", "Cust Name", "Sched. Notes"])
    jobs.append([114.0, "Ann", datetime(2026, 11, 23, 8, 30)])  # noqa: DTZ001 - spreadsheets are naive
    jobs.append(["WO", "Cust Name", "Sched. Notes"])
    jobs.append([2.5, "#N/A", time(8, 30)])

    assert read(saved(book)) == [
        ["4", "114", "Ann", "2026-11-23 08:30"],
        ["6", "2.5", "", "08:30:00"],
    ]


def test_a_cell_merged_downwards_stands_in_each_of_its_rows() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows: list[list[object]] = [["WO", "Cust Name"], [1, "Ann"], [2], [3], [], [5, "Bob"]]
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("B2:B5")

    assert [row[2] for row in read(saved(book))] == ["Ann", "Ann", "Ann", "Bob"]


def test_a_formula_is_not_evaluated() -> None:
    data = workbook([["WO", "Cust Name"], ["=1+1", '=HYPERLINK("http://x")'], [2, "Ann"]])

    assert read(data) == [["2", "", "", ""], ["3", "2", "Ann", ""]]


def test_a_size_that_the_workbook_lies_about_is_not_believed() -> None:
    data = rewritten(workbook([["WO", "Cust Name"], [1, "Ann"]]), b"A1:B2", b"A1:A1")

    assert len(read(data)) == 1


def rewritten(data: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new))
    return out.getvalue()


def test_a_forged_row_number_ends_the_sheet() -> None:
    data = rewritten(workbook([["WO", "Cust Name"], [1, "Ann"]]), b'r="2"', b'r="99999999"')

    assert "nothing below" in complaint(data).message


def test_a_zip_bomb_is_refused_unopened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b" " * (20 * 1024 * 1024))

    assert "unpacks to far more" in complaint(out.getvalue()).message


def test_entities_are_not_expanded_into_memory() -> None:
    lol = b"<!DOCTYPE a [<!ENTITY a '0'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(9)
    )
    data = rewritten(
        workbook([["WO", "Cust Name"], [1, "Ann"]]), b"<worksheet", lol + b"]><worksheet"
    )
    data = rewritten(data, b"<v>1</v>", b"<v>&j;</v>")

    assert "not a workbook" in complaint(data).message


@pytest.mark.parametrize(
    "behind",
    [
        b"<mergeCells>" + b"mergeCell " * 30_000 + b"</mergeCells>",
        b"<mergeCells>" + b"<mergeCell " * 30_000 + b"</mergeCells>",
        b"<mergeCells>" + b'<mergeCell ref="A2:A1048576"/>' * 30_000 + b"</mergeCells>",
        b"<c r=" * 50_000,
        b'<c r="A9"><f>1</f>' + b" " * 30_000 + b"</row>",
    ],
    ids=["names", "open tags", "merged", "cells", "gap"],
)
def test_s6_a_workbook_made_to_take_time_takes_none(behind: bytes) -> None:
    line: list[object] = ["1", "Ann"]
    data = workbook([["Order", "Name"], *([line] * 300)])
    made = rewritten(data, b"</sheetData>", b"</sheetData>" + behind)
    if behind.startswith(b"<c"):
        made = rewritten(data, b"</sheetData>", behind + b"</sheetData>")
    began = process_time()

    sheet_from_bytes(made, COLUMNS)

    assert process_time() - began < 3  # minutes it was, from a file of 20 kB


def test_too_many_rows_and_too_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    assert complaint(PLAIN.encode() + b"3,x,\n").row == 4
    monkeypatch.setattr(sheets, "LARGEST_FILE", 20)
    assert "larger than" in complaint(PLAIN.encode()).message


def test_a_file_is_measured_before_it_is_read(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path_factory.mktemp("lists") / "any.name"
    path.write_text(PLAIN, encoding="utf-8")
    assert len(sheet_from_path(path, COLUMNS).rows) == 2

    monkeypatch.setattr(sheets, "LARGEST_FILE", 20)
    assert "larger than" in sheet_from_path(path, COLUMNS).problems[0].message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+cmd", "'+cmd"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "\t'=1"),
        ("  =1", "  '=1"),
        ("＝1+1", "'＝1+1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\n=1", "a\n'=1"),
        ("a\x00b", "ab"),
        ("a\ufffe\uffffb", "ab"),
        ("\u200b=1", "\u200b'=1"),
        ("\ufeff \x7f@a", "\ufeff \x7f'@a"),
        ("a\u2028=1", "a\u2028'=1"),
        ("a \t =1", "a \t '=1"),
        ("a  =1", "a  =1"),
        ("﹦1+1", "'﹦1+1"),
        ("\x00=1", "'=1"),
        ("-1.2", "-1.2"),
        ("+12125550101", "+12125550101"),
        ("Ann = Bob", "Ann = Bob"),
        ("", ""),
    ],
)
def test_s6_what_a_spreadsheet_would_run_is_defused(value: str, expected: str) -> None:
    assert defuse(value) == expected


@pytest.mark.parametrize("sign", ["\t", "\n ", " ", ";", "\u200b", "\t="])
def test_s6_a_long_cell_is_defused_in_no_time(sign: str) -> None:
    cell, began = (sign * 32_000)[:32_000], process_time()

    defuse(cell)

    assert process_time() - began < 1  # eleven seconds it was, of tabs


def test_s6_written_csv_is_defused_and_quoted() -> None:
    out = io.StringIO(newline="")

    write_csv(out, ["name", "units"], [['=A1+"x"', -1.2], [None, "a,b"]])

    assert out.getvalue() == '"name","units"\r\n"\'=A1+""x""","-1.2"\r\n"","a,b"\r\n'


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=5))
def test_s6_no_written_cell_begins_a_formula(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    write_csv(out, ["a"], rows)

    cells = [cell for row in csv.reader(io.StringIO(out.getvalue(), newline="")) for cell in row]

    for cell in cells:
        bare = cell.strip()
        assert bare[:1] not in set("=@＝＠") or bare == ""
        assert bare[:1] not in set("+-") or bare[1:].replace(".", "").isdigit()


@given(st.binary() | st.binary().map(lambda tail: PLAIN.encode() + tail))
def test_p10_no_bytes_raise(data: bytes) -> None:
    sheet = sheet_from_bytes(data, COLUMNS)

    assert sheet.problems or sheet.header_row >= 1


def test_a_formula_without_a_result_is_not_taken_for_an_empty_cell() -> None:
    """Programs that write a workbook leave it to Excel to calculate; an empty text is a result."""
    data = workbook([["WO", "Cust Name", "Notes"], [1, '=A2&""', "=1+1"], ["=A2+1", "Bob", "=X1"]])
    found = zipfile.ZipFile(io.BytesIO(data))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as into:
        for name in found.namelist():
            part = found.read(name).replace(b'<c r="C3">', b'<c r="C3" t="str">')
            into.writestr(name, part)

    sheet = sheet_from_bytes(out.getvalue(), COLUMNS)

    assert [(2, ("name", "notes"), 3), (3, ("order",), 2)] == [
        (row.number, row.unknown, row.filled) for row in sheet.rows
    ]
    assert {"name": "Bob"} == sheet.rows[1].cells


WORKBOOK = workbook([["WO", "Cust Name"], [1, "Ann"], [2, "Bob"]])


@settings(max_examples=60)
@given(st.integers(4, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=8))
def test_p10_no_damaged_workbook_raises(at: int, junk: bytes) -> None:
    sheet = sheet_from_bytes(WORKBOOK[:at] + junk + WORKBOOK[at + len(junk) :], COLUMNS)

    assert sheet.problems or sheet.header_row >= 1
