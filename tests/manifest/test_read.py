"""Manifests as they come: what becomes a job, what does not, and what is said about it."""

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.manifest.columns import COLUMNS
from bot.manifest.read import read_manifest
from bot.manifest.rows import ManifestReading, ManifestRow, ProgramRules
from bot.sheets.grid import NO_RESULT
from bot.sheets.reading import Problem, sheet_from_bytes

PROGRAMS = {
    "apollo": ProgramRules(
        region="US",
        windows=(
            (time(8), time(11)),
            (time(11), time(14)),
            (time(14), time(17)),
            (time(17), time(20)),
        ),
    ),
    "mila": ProgramRules(region="GB", marked=False, day_first=True),
}
TODAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
MARK = "Must Use the Amazon App"

GOOD = {
    "work_order": "114-1",
    "customer": f"{MARK} - Ann Lee",
    "street": "12 Elm St",
    "city": "Newark",
    "state": "NJ",
    "zip": "07102",
    "phone": "(212) 555-0101",
    "technician": "Tina",
    "date": "11/23/26",
    "notes": "8-11 TV stand",
}


def csv_of(*rows: dict[str, str]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    return "\n".join(quoted).encode()


def read(data: bytes, program: str = "apollo", zone: str = "America/New_York") -> ManifestReading:
    return read_manifest(
        data,
        "jobs.csv",
        program_default=program,
        default_zone=ZoneInfo(zone),
        today=TODAY,
        programs=PROGRAMS,
    )


def row(**changes: str) -> ManifestRow:
    reading = read(csv_of(GOOD | changes))
    assert reading.problems == []
    (only,) = reading.rows
    return only


def complaints(**changes: str) -> list[tuple[int, str]]:
    reading = read(csv_of(GOOD | changes))
    assert reading.rows == []
    return [(each.row, each.column) for each in reading.problems]


def warned(**changes: str) -> list[str]:
    return [each.column for each in read(csv_of(GOOD | changes)).warnings]


def test_a01_a02_a_row_is_read_whole() -> None:
    reading = read(
        csv_of(
            GOOD
            | {
                "shift": "S-9", "helpers": "Bob; Cid", "units": "1.2", "minutes": "90",
                "accepted": "2026-11-21T09:00:00+00:00", "color": "red",
            }
        )
    )  # fmt: skip

    assert reading.rows == [
        ManifestRow(
            row=2,
            work_order="114-1",
            shift="S-9",
            customer="Ann Lee",
            street="12 Elm St",
            city="Newark",
            state="NJ",
            zip="07102",
            phone="+12125550101",
            technician="Tina",
            helpers=("Bob", "Cid"),
            day=MONDAY,
            window_start=datetime(2026, 11, 23, 13, tzinfo=UTC),
            window_end=datetime(2026, 11, 23, 16, tzinfo=UTC),
            product="TV stand",
            notes="8-11 TV stand",
            units=Decimal("1.2"),
            minutes=90,
            timezone="America/New_York",
            program="apollo",
            accepted=datetime(2026, 11, 21, 9, tzinfo=UTC),
        )
    ]
    assert (reading.skipped, reading.problems, reading.warnings) == ([], [], [])
    assert reading.unknown_columns == ("color",)


def test_a01_a_row_without_the_mark_is_skipped_and_listed() -> None:
    reading = read(csv_of(GOOD, GOOD | {"work_order": "115", "customer": "Bob", "date": "soon"}))

    assert [each.work_order for each in reading.rows] == ["114-1"]
    (skipped,) = reading.skipped
    assert (skipped.row, skipped.work_order) == (3, "115")
    assert MARK in skipped.why
    assert reading.problems == []


def test_a01_a_mark_in_the_notes_is_no_mark_but_is_pointed_at() -> None:
    reading = read(csv_of(GOOD | {"customer": "Ann Lee", "notes": f"8-11 TV stand, {MARK}"}))

    assert (reading.rows, len(reading.skipped)) == ([], 1)
    assert ["notes"] == [each.column for each in reading.warnings]


def test_a02_a_window_in_a_column_of_its_own_is_read_with_the_notes() -> None:
    apart = row(notes="TV stand", **{"Time Window": "8am-11am"})

    assert (row().window_start, "TV stand") == (apart.window_start, apart.product)


def test_a01_a_mistyped_mark_is_skipped_with_a_warning() -> None:
    reading = read(csv_of(GOOD | {"customer": "Must Use the Amzn App Ann"}))

    assert (reading.rows, len(reading.skipped)) == ([], 1)
    assert [each.column for each in reading.warnings] == ["customer"]


def test_mila_is_known_by_its_program_column() -> None:
    mila = GOOD | {
        "customer": "Ann", "program": "Mila", "state": "", "zip": "N1 9GU", "date": "3/12/26",
        "phone": "020 7946 0018", "notes": "10:30 desk", "timezone": "UK", "city": "London",
    }  # fmt: skip
    reading = read(csv_of(mila, GOOD | {"customer": "Bob", "program": ""}))

    (order,) = reading.rows
    assert (order.program, order.customer, order.phone) == ("mila", "Ann", "+442079460018")
    assert order.window_start == datetime(2026, 12, 3, 10, 30, tzinfo=UTC)
    assert order.window_end == datetime(2026, 12, 3, 11, 30, tzinfo=UTC)
    assert [each.row for each in reading.skipped] == [3]


def test_mila_may_carry_its_time_in_the_date() -> None:
    mila = GOOD | {"customer": "Ann", "date": "23/11/2026 14:00", "notes": "desk", "state": ""}

    (order,) = read(csv_of(mila), program="mila", zone="Europe/London").rows

    assert order.window_start == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert (order.product, order.timezone) == ("desk", "Europe/London")


def test_an_unknown_program_is_a_problem() -> None:
    assert complaints(program="zeus") == [(2, "program")]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"work_order": ""}, "work_order"),
        ({"work_order": "#N/A"}, "work_order"),
        ({"work_order": "1.14884E+17"}, "work_order"),
        ({"work_order": "1" * 41}, "work_order"),
        ({"date": ""}, "date"),
        ({"date": "soon"}, "date"),
        ({"date": "23/11/26"}, "date"),
        ({"date": "Tue Nov 23"}, "date"),
        ({"notes": "TV stand"}, "notes"),
        ({"notes": "9-12 TV stand"}, "notes"),
        ({"notes": "8-11 or 11-2 TV stand"}, "notes"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"units": "many"}, "units"),
        ({"units": "-1"}, "units"),
        ({"units": "NaN"}, "units"),
        ({"units": "1e9"}, "units"),
        ({"accepted": "sometime"}, "accepted"),
        ({"accepted": "11/21/26"}, "accepted"),
        ({"street": "x" * 201}, "street"),
    ],
)
def test_a_row_that_cannot_be_a_job_says_which_cell(changes: dict[str, str], column: str) -> None:
    assert complaints(**changes) == [(2, column)]


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    found = complaints(work_order="", date="soon", notes="desk", units="many")

    assert sorted(column for _, column in found) == ["date", "notes", "units", "work_order"]


def test_a03_another_window_names_the_four_buckets() -> None:
    (problem,) = read(csv_of(GOOD | {"notes": "9-12 TV stand"})).problems

    assert "08:00-11:00, 11:00-14:00, 14:00-17:00, 17:00-20:00" in problem.message


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"phone": "555"}, "phone"),
        ({"phone": "212-555-0101 x12"}, "phone"),
        ({"phone": "2.1256E+09"}, "phone"),
        ({"date": "11/20/26"}, "date"),
        ({"date": "11/23/27"}, "date"),
        ({"technician": ""}, "technician"),
        ({"street": ""}, "street"),
        ({"customer": MARK}, "customer"),
        ({"notes": "8-11"}, "notes"),
        ({"notes": "8am-11am desk 1pm-4pm"}, "notes"),
        ({"minutes": "long"}, "minutes"),
        ({"minutes": "9 pm"}, "minutes"),
        ({"helpers": "Tina, Bob"}, "helpers"),
        ({"state": "TX"}, "timezone"),
    ],
)
def test_what_a_job_can_do_without_is_a_warning(changes: dict[str, str], column: str) -> None:
    reading = read(csv_of(GOOD | changes))

    assert len(reading.rows) == 1
    assert [(each.row, each.column) for each in reading.warnings] == [(2, column)]


@pytest.mark.parametrize(
    "typed",
    ["11/23/26", "11/23/2026", "11-23-26", "2026-11-23", "Mon Nov 23", "Mon, Nov 23, 2026",
     "23 Nov 2026", "Nov 23rd", "46349", "46349.0", "11/23/26 8:00 AM", "2026-11-23T00:00:00",
     "2026-11-23 00:00:00", "Monday", "tomorrow", "20261123", "11/23/26 Mon"],
)  # fmt: skip
def test_the_date_is_read_however_it_is_written(typed: str) -> None:
    assert row(date=typed).day == MONDAY


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("114-1", "114-1"), ("WO 114-1", "114-1"), ("WO#114-1", "114-1"), ("#114-1", "114-1"),
        ("W.O. 114-1", "114-1"), ("Work Order: 114-1", "114-1"), ("'00114", "00114"),
        ("  114-1\u200b ", "114-1"), ("WOLF-1", "WOLF-1"), ("1.14E+02", "114"),
    ],
)  # fmt: skip
def test_the_work_order_is_kept_whole_without_its_label(typed: str, expected: str) -> None:
    assert row(work_order=typed).work_order == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("212-555-0101", "+12125550101"), ("2125550101.0", "+12125550101"),
        ("2.125550101E+09", "+12125550101"), ("+1 (212) 555.0101", "+12125550101"),
        ("1 212 555 0101", "+12125550101"), ("n/a / 212-555-0101", "+12125550101"),
        ("+44 20 7946 0018", "+442079460018"), ("", None),
    ],
)  # fmt: skip
def test_the_customers_phone_is_read_however_it_is_written(
    typed: str, expected: str | None
) -> None:
    assert row(phone=typed).phone == expected


@pytest.mark.parametrize(
    ("changes", "zone", "hour"),
    [
        ({}, "America/New_York", 13),
        ({"state": "CA"}, "America/Los_Angeles", 16),
        ({"state": "california"}, "America/Los_Angeles", 16),
        ({"state": "CA", "timezone": "Eastern"}, "America/New_York", 13),
        ({"timezone": "america/chicago"}, "America/Chicago", 14),
        ({"timezone": "MST"}, "America/Denver", 15),
        ({"timezone": "Pacific Time"}, "America/Los_Angeles", 16),
        ({"state": "TX", "timezone": "CT"}, "America/Chicago", 14),
        ({"state": "Ontario"}, "America/New_York", 13),
    ],
)
def test_a03_the_bucket_is_local_time_at_the_customer(
    changes: dict[str, str], zone: str, hour: int
) -> None:
    order = row(**changes)

    assert order.timezone == zone
    assert order.window_start == datetime(2026, 11, 23, hour, tzinfo=UTC)


def test_a03_est_in_summer_is_the_wall_clock_there() -> None:
    order = row(timezone="EST", date="6/1/27")

    assert order.window_start == datetime(2027, 6, 1, 12, tzinfo=UTC)


def test_a_bucket_over_a_change_of_the_clocks_keeps_its_hours_on_the_wall() -> None:
    order = row(date="3/14/27")

    assert order.window_end - order.window_start == timedelta(hours=3)
    assert order.window_start == datetime(2027, 3, 14, 12, tzinfo=UTC)


def test_an_address_in_one_cell_is_taken_apart() -> None:
    order = row(street="12 Elm St, Apt 4, Los Angeles, CA 90012", city="", state="", zip="")

    assert (order.street, order.city, order.state, order.zip) == (
        "12 Elm St, Apt 4", "Los Angeles", "CA", "90012",
    )  # fmt: skip
    assert order.timezone == "America/Los_Angeles"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("7102", "07102"), ("7102.0", "07102"), ("71021234", "07102-1234"), ("90012", "90012")],
)
def test_the_zip_gets_its_zeros_back(typed: str, expected: str) -> None:
    assert row(zip=typed).zip == expected


def test_a_second_address_line_is_kept() -> None:
    assert row(**{"Apt #": "4B"}).street == "12 Elm St, 4B"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("90", 90), ("90.0", 90), ("90 min", 90), ("1:30", 90), ("1h30", 90), ("1.5 hrs", 90),
     ("2 hours", 120), ("01:30:00", 90), ("", None)],
)  # fmt: skip
def test_the_length_is_read_however_it_is_written(typed: str, expected: int | None) -> None:
    assert row(minutes=typed).minutes == expected


@pytest.mark.parametrize(
    ("typed", "expected"), [("1.2", "1.2"), ("1,2", "1.2"), ("3 units", "3"), ("0", "0")]
)
def test_units_are_decimals(typed: str, expected: str) -> None:
    assert row(units=typed).units == Decimal(expected)


@pytest.mark.parametrize(
    "typed", ["Bob; Cid", "Bob, Cid", "Bob & Cid", "Bob / Cid", "Bob and Cid", "Bob;Cid;Bob;"]
)
def test_helpers_are_a_list(typed: str) -> None:
    assert row(helpers=typed).helpers == ("Bob", "Cid")


def test_helpers_with_commas_in_their_names_are_parted_by_semicolons() -> None:
    assert row(helpers="Ray, Bob; Roy, Cid").helpers == ("Ray, Bob", "Roy, Cid")


def test_acceptance_without_an_offset_is_local_time() -> None:
    assert row(accepted="11/21/26 2:00 PM").accepted == datetime(2026, 11, 21, 19, tzinfo=UTC)


def test_the_same_order_twice_alike_is_one_row() -> None:
    reading = read(csv_of(GOOD, GOOD | {"work_order": "WO 114-1"}))

    assert [each.row for each in reading.rows] == [2]
    assert [(each.row, each.why) for each in reading.skipped] == [(3, "it repeats row 2")]


def test_the_same_order_twice_with_different_content_is_a_problem_of_both() -> None:
    reading = read(csv_of(GOOD, GOOD | {"notes": "11-2 TV stand"}, GOOD | {"work_order": "115"}))

    assert [each.work_order for each in reading.rows] == ["115"]
    assert [(each.row, each.column) for each in reading.problems] == [
        (2, "work_order"),
        (3, "work_order"),
    ]
    assert "rows 2 and 3" in reading.problems[0].message
    assert "window_start" in reading.problems[0].message


def test_an_order_whose_other_row_is_broken_is_not_taken() -> None:
    reading = read(csv_of(GOOD, GOOD | {"date": "soon"}))

    assert reading.rows == []
    assert [(each.row, each.column) for each in reading.problems] == [
        (2, "work_order"),
        (3, "date"),
    ]


def test_a_manifest_without_a_column_that_it_needs_is_one_problem() -> None:
    reading = read(b"WO,Customer,Address,Sched Date\n1,Ann,x,11/23\n")

    (problem,) = reading.problems
    assert (problem.row, problem.column) == (1, "notes")
    assert '"Schedule Notes"' in problem.message


HEADINGS = [
    "Work Order #,Cust Name,Addr,Sched. Notes,Sched Date,Tech,ZIP,Phone #",
    "WO,Customer,Address,Schedule Notes,Date,Technician,Postal code,Tel",
    "W.O. No,CUSTOMER NAME,Street Address,Notes,Scheduled Date,Tech Name,zip_code,Cell Phone",
    "wo number,client,address line 1,SCHED NOTES,service date,assigned to,Zip/Postal Code,Mobile",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_headings_are_known_in_their_usual_spellings(heading: str) -> None:
    line = f"7,{MARK} Ann,12 Elm St,8-11 desk,11/23,Tina,07102,2125550101"

    (order,) = read(f"{heading}\n{line}\n".encode()).rows

    assert (order.work_order, order.customer, order.street) == ("7", "Ann", "12 Elm St")
    assert (order.technician, order.zip, order.phone) == ("Tina", "07102", "+12125550101")


# ---------------------------------------------------------------------------------------------
# A day's manifest with all that can happen to one


def naive(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour)  # noqa: DTZ001 - spreadsheets are naive


DATES: list[object] = [
    naive(23), naive(23).date(), naive(23, 8), 46349, 46349.0, "11/23/26", "2026-11-23",
    "Mon Nov 23", "11/23", "Nov 23rd",
]  # fmt: skip
PHONES: list[object] = [
    2.125550101e9, 2125550101, "(212) 555-0101", "+1 212 555 0101", "212.555.0101 cell",
    "'2125550101", None, "#N/A",
]  # fmt: skip
WRITTEN = [
    "8-11 TV stand, 2 boxes", "AMZ 11AM - 2PM // IKEA Malm", "bucket: 2pm to 5pm; assemble: crib",
    "5-8p desk", "14:00–17:00 gaming desk", "0800-1100\nbookcase", "“8–11” crib",
    "8:00 AM — 11:00 AM\u00a0Bed",
]  # fmt: skip
MARKS = [
    "Must Use the Amazon App - {}", "MUST USE THE AMAZON APP: {}", "*must-use the Amazon app* {}",
    "{} (Must Use Amazon App)", "MustUseTheAmazonApp {}", "Must\u00a0Use  the\nAmazon App / {}",
]  # fmt: skip


def test_a_formula_without_a_result_is_a_problem_with_its_cell() -> None:
    """Else units would be lost without a word, and a marked order taken for another client's."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*GOOD, "units"])
    sheet.append([*(GOOD | {"date": "=TODAY()"}).values(), "=1+1"])
    sheet.append(["114-2", "=A2", *list(GOOD.values())[2:], 1])
    sheet.append(["", "", "", "", "", "", "", "Total", "", "", "=SUM(K2:K3)"])
    out = io.BytesIO()
    book.save(out)

    reading = read(out.getvalue())

    assert [] == reading.rows
    assert [(2, "date"), (2, "units"), (3, "customer")] == [
        (each.row, each.column) for each in reading.problems
    ]
    assert {NO_RESULT} == {each.message for each in reading.problems}
    assert [4] == [each.row for each in reading.skipped]


def messy_workbook() -> bytes:
    """Sixty rows: 40 good orders, 8 of other customers, 8 broken, and rows that are no orders."""
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "Read me"
    cover["A1"] = "Amazon manifest, printed 11/22"
    sheet = book.create_sheet("Mon 23")
    heading: list[object] = [
        "W.O. No", "Shift #", "Cust Name", "Addr", "City", "ST", "ZIP", "Cust Phone", "Tech",
        "Helper", "Sched. Date", "Sched. Notes (bucket + product)", "Unit Value", "Est. Time",
        "Store Color",
    ]  # fmt: skip
    sheet.append(["NORTHWEST — manifest"])
    sheet.merge_cells("A1:O1")
    sheet.append([])
    sheet.append(heading)
    for n in range(40):
        sheet.append([
            [114000.0 + n, f"WO {114000 + n}", f"'{114000 + n}"][n % 3], 900.0 + n,
            MARKS[n % len(MARKS)].format(f"José García {n}"), f"{n + 1} Elm St", "Newark", "NJ",
            [7102.0, "07102", "07102-1234"][n % 3], PHONES[n % len(PHONES)],
            "Tina" if n % 4 == 0 else None, "Bob & Cid" if n % 5 == 0 else None,
            DATES[n % len(DATES)], WRITTEN[n % len(WRITTEN)], [1.2, "1,2", 2, None][n % 4],
            [90, "1h30", time(1, 30), None][n % 4], "red",
        ])  # fmt: skip
        if n % 4 == 0:
            # One technician's four orders stand under one merged cell.
            sheet.merge_cells(start_row=4 + n, end_row=7 + n, start_column=9, end_column=9)
    sheet.append(heading)
    good: list[object] = [
        115000, 1, f"{MARK} Zoe", "1 Oak St", "Newark", "NJ", "07102", None, "Tina", None,
        naive(23), "8-11 desk", 1, 60,
    ]  # fmt: skip
    for n in range(8):
        sheet.append([116000 + n, 1, f"Customer {n}", *good[3:]])
    broken: list[tuple[int, object]] = [
        (0, None), (0, 1.14883726529e17), (10, "TBD"), (10, None), (11, "9-12 desk"), (11, None),
        (11, "8-11 / 11-2 desk"), (12, "lots"),
    ]  # fmt: skip
    for n, (place, value) in enumerate(broken):
        sheet.append([*[117000 + n, *good[1:]][:place], value, *good[place + 1 :]])
    sheet.append(["Total: 57 orders"])
    sheet.append([None, None, " "])
    sheet.append(["=COUNTA(A4:A60)"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_messy_workbook_is_read_row_by_row() -> None:
    reading = read(messy_workbook())

    assert [each.work_order for each in reading.rows] == [str(114000 + n) for n in range(40)]
    assert [each.customer for each in reading.rows] == [f"José García {n}" for n in range(40)]
    assert {each.row - int(each.work_order) for each in reading.rows} == {4 - 114000}
    assert {each.technician for each in reading.rows} == {"Tina"}
    assert {each.day for each in reading.rows} == {MONDAY}
    assert {each.zip for each in reading.rows} == {"07102", "07102-1234"}
    assert {each.phone for each in reading.rows} == {"+12125550101", None}
    assert {each.units for each in reading.rows} == {Decimal("1.2"), Decimal(2), None}
    assert {each.minutes for each in reading.rows} == {90, None}
    assert {each.product for each in reading.rows} == {
        "TV stand, 2 boxes", "IKEA Malm", "crib", "desk", "gaming desk", "bookcase", "Bed",
    }  # fmt: skip
    assert [each.row for each in reading.skipped] == [*range(45, 53), 61, 63]
    assert [(each.row, each.column) for each in reading.problems] == [
        (53, "work_order"), (54, "work_order"), (55, "date"), (56, "date"), (57, "notes"),
        (58, "notes"), (59, "notes"), (60, "units"),
    ]  # fmt: skip
    assert reading.unknown_columns == ("Store Color",)


# ---------------------------------------------------------------------------------------------
# Whatever stands in it

CELLS = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0xFFFF), max_size=30)
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.times()
    | st.datetimes(datetime(1900, 3, 1), datetime(2200, 1, 1))  # noqa: DTZ001
    | st.sampled_from(
        [MARK, f"{MARK} Ann", "8-11 desk", "11/23/26", "mila", "apollo", "1.5E+9", "TX"]
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=13, max_size=13), max_size=4))
def test_p10_no_cells_raise_and_each_row_is_accounted_for(grid: list[list[object]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(
        ["WO", "Customer", "Address", "Notes", "Date", "Phone", "Tech", "Helpers", "Units",
         "Minutes", "TZ", "Program", "Accepted"]
    )  # fmt: skip
    for line in grid:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)

    reading = read(out.getvalue())

    taken = {each.row for each in reading.rows}
    skipped = {each.row for each in reading.skipped}
    wrong = {each.row for each in reading.problems if each.row > 1}
    written = {each.number for each in sheet_from_bytes(out.getvalue(), COLUMNS).rows}
    assert taken | skipped | wrong == written
    assert taken & skipped == taken & wrong == skipped & wrong == set()


@given(st.binary() | st.binary().map(lambda junk: csv_of(GOOD) + b"\n" + junk))
def test_p10_no_bytes_raise(data: bytes) -> None:
    reading = read(data)

    assert all(isinstance(each, Problem) for each in reading.problems)
    assert reading.rows or reading.skipped or reading.problems
