"""People files: who is read, who is refused and what is said about it."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sheets.people_file import PeopleReading, PersonRow, read_people

REGIONS = {"apollo": "US", "mila": "GB"}
HEADER = "name,role,phone,email,dm,dc,app,channel,timezone,language,program"
TINA = {"name": "Tina", "role": "technician", "phone": "212-555-0101"}


def read(data: bytes) -> PeopleReading:
    return read_people(
        data,
        "people.csv",
        default_zone=ZoneInfo("America/New_York"),
        default_region="US",
        regions=REGIONS,
    )


def csv_of(*rows: dict[str, str]) -> bytes:
    names = HEADER.split(",")
    lines = (",".join(f'"{row.get(name, "")}"' for name in names) for row in rows)
    return "\n".join([HEADER, *lines]).encode()


def person(**changes: str) -> PersonRow:
    reading = read(csv_of(TINA | changes))
    assert reading.problems == []
    (only,) = reading.rows
    return only


def test_a_row_is_read_whole() -> None:
    assert person(
        role="Technician; manager", email="tina@example.com", dm="Dana", dc="212-555-0199",
        app="None", channel="SMS", timezone="Central", language="ES", program="Apollo",
    ) == PersonRow(
        row=2,
        name="Tina",
        roles=("technician", "manager"),
        phone="+12125550101",
        email="tina@example.com",
        dm="Dana",
        dc="212-555-0199",
        app="none",
        channel="sms",
        timezone="America/Chicago",
        language="es",
        programs=("apollo",),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["Total", "TOTAL: 12", "Grand total", "Sum"])
def test_the_line_that_counts_the_list_is_nobody_and_is_said(name: str) -> None:
    reading = read(csv_of(TINA, {"name": name, "phone": "12"}))

    assert [] == reading.problems
    assert [2] == [each.row for each in reading.rows]
    assert [(3, "name")] == [(each.row, each.column) for each in reading.warnings]
    assert "technician" in person(name="Total Wine", role="technician").roles


def test_what_is_left_empty_has_a_default() -> None:
    tina = person()

    assert (tina.app, tina.channel, tina.language, tina.programs) == ("own", "", "en", ())
    assert (tina.timezone, tina.dm, tina.dc, tina.email) == ("America/New_York", "", "", "")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("technician", ("technician",)),
        ("Tech", ("technician",)),
        ("technician;manager;office;operator", ("technician", "manager", "office", "operator")),
        ("office, operator", ("office", "operator")),
        ("manager / technician", ("manager", "technician")),
        ("manager | operator;", ("manager", "operator")),
        ("DM; DC", ("manager",)),
    ],
)
def test_several_roles_are_read(typed: str, expected: tuple[str, ...]) -> None:
    assert person(role=typed).roles == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"phone": "2125550101.0"}, "+12125550101"),
        ({"phone": "2.125550101E+09"}, "+12125550101"),
        ({"phone": "+44 7400 123456"}, "+447400123456"),
        ({"phone": "07400 123456", "program": "mila"}, "+447400123456"),
        ({"phone": "", "email": "a@b.co"}, None),
    ],
)
def test_a_phone_is_read_in_the_country_of_the_program(
    changes: dict[str, str], expected: str | None
) -> None:
    assert person(**changes).phone == expected


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"role": ""}, "role"),
        ({"role": "wizard"}, "role"),
        ({"role": "technician; wizard"}, "role"),
        ({"phone": "555"}, "phone"),
        ({"phone": "07400 1234"}, "phone"),
        ({"phone": "7400123456"}, "phone"),
        ({"phone": "212-555-0101 ext. 12"}, "phone"),
        ({"phone": "2.1256E+09"}, "phone"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "", "channel": "sms"}, "phone"),
        ({"email": "tina"}, "email"),
        ({"email": "tina@example.com, b@c.de"}, "email"),
        ({"email": "tina@example"}, "email"),
        ({"app": "maybe"}, "app"),
        ({"channel": "pigeon"}, "channel"),
        ({"timezone": "Mars"}, "timezone"),
        ({"language": "English please"}, "language"),
        ({"program": "zeus"}, "program"),
    ],
)
def test_a_row_that_cannot_be_used_says_which_cell(changes: dict[str, str], column: str) -> None:
    reading = read(csv_of(TINA | changes))

    assert reading.rows == []
    assert [(each.row, each.column) for each in reading.problems] == [(2, column)]


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "020 7946 0018", "program": "mila"},
        {"phone": "800-484-0254"},
        {"phone": ""},
    ],
)
def test_a_phone_that_gets_no_texts_is_a_warning(changes: dict[str, str]) -> None:
    reading = read(csv_of(TINA | changes))

    assert len(reading.rows) == 1
    assert [(each.row, each.column) for each in reading.warnings] == [(2, "phone")]


def test_two_people_on_one_phone_are_a_problem_of_both() -> None:
    rob = {"name": "Rob", "role": "office", "email": "rob@example.com"}
    reading = read(csv_of(TINA, rob, TINA | {"name": "Tom", "phone": "+1 2125550101"}))

    assert [each.name for each in reading.rows] == ["Rob"]
    assert [(each.row, each.column) for each in reading.problems] == [(2, "phone"), (4, "phone")]
    assert all("rows 2 and 4" in each.message for each in reading.problems)


def test_a_phone_is_not_free_because_its_other_row_is_broken() -> None:
    reading = read(csv_of(TINA, TINA | {"name": "Tom", "role": "wizard"}))

    assert reading.rows == []
    assert [(each.row, each.column) for each in reading.problems] == [(2, "phone"), (3, "role")]


def test_the_same_row_twice_is_one_person() -> None:
    reading = read(csv_of(TINA, TINA))

    assert [each.row for each in reading.rows] == [2]
    assert [each.row for each in reading.warnings] == [3]
    assert reading.problems == []


def test_two_people_of_one_name_are_a_warning() -> None:
    reading = read(csv_of(TINA, TINA | {"phone": "212-555-0102"}))

    assert [each.row for each in reading.rows] == [2, 3]
    assert [(each.row, each.column) for each in reading.warnings] == [(3, "name")]


def test_headings_are_known_in_their_usual_spellings() -> None:
    data = b"Full Name;Roles;Cell Phone;E-mail;District Manager;Time Zone;Shoe\nAnn;tech;2125550101"

    reading = read(data + b";a@b.co;Dana;ET;9\n")

    (ann,) = reading.rows
    assert (ann.name, ann.roles, ann.phone) == ("Ann", ("technician",), "+12125550101")
    assert (ann.email, ann.dm, ann.timezone) == ("a@b.co", "Dana", "America/New_York")
    assert reading.unknown_columns == ("Shoe",)


def test_a_file_without_roles_names_the_column() -> None:
    (problem,) = read(b"name,phone\nTina,2125550101\n").problems

    assert (problem.row, problem.column) == (1, "role")


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"')) | st.sampled_from(
    ["technician", "dm", "212-555-0101", "a@b.co", "sms", "ET", "mila", "apollo;mila", "none"]
)


@given(st.lists(st.lists(CELLS, min_size=11, max_size=11), max_size=4))
def test_p10_no_cells_raise(grid: list[list[str]]) -> None:
    lines = [",".join(f'"{cell}"' for cell in line) for line in grid]

    reading = read("\n".join([HEADER, *lines]).encode())

    wrong = {each.row for each in reading.problems}
    assert wrong.isdisjoint(each.row for each in reading.rows)


@given(st.binary() | st.binary().map(lambda junk: csv_of(TINA) + b"\n" + junk))
def test_p10_no_bytes_raise(data: bytes) -> None:
    reading = read(data)

    assert reading.rows or reading.problems
