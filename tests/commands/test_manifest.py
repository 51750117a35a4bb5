"""`manifest import`: what it shows and what it leaves, on a terminal's behalf and for programs."""

import io

import openpyxl
import pytest

from tests.commands.conftest import MANIFEST, PEOPLE, Shell


@pytest.fixture
def staffed(either_shell: Shell) -> Shell:
    either_shell.run("people", "import", either_shell.file("people.csv", PEOPLE))
    return either_shell


def test_a01_amazon_orders_become_jobs_and_others_are_listed(staffed: Shell) -> None:
    ran = staffed.run("manifest", "import", staffed.file("m.csv", MANIFEST))

    assert [["2", "114-7", "2026-11-23", "Tina Abernathy", "new"],
            ["3", "114-9", "2026-11-23", "Tina Abernathy", "new"]] == ran.rows[1:3]  # fmt: skip
    assert ["4", "115-1"] == ran.rows[3][:2]
    assert "2 new, 1 skipped." in ran.out
    assert ["114-7", "114-9"] == [
        job["work_order"] for job in staffed.run("jobs", "list", "--json").json
    ]


def test_a_dry_run_shows_the_same_and_writes_nothing(staffed: Shell) -> None:
    file = staffed.file("m.csv", MANIFEST)
    ran = staffed.run("manifest", "import", file, "--dry-run")

    assert "Nothing is written; it would be: 2 new, 1 skipped." in ran.out
    assert [] == staffed.sql("SELECT * FROM work_orders")
    report = staffed.run("manifest", "import", file, "--dry-run", "--json").json
    assert (True, ["114-7", "114-9"]) == (
        report["dry_run"], [each["work_order"] for each in report["new"]],
    )  # fmt: skip
    assert [] == staffed.sql("SELECT * FROM jobs")


def test_a_bad_row_is_named_with_row_and_column_and_nothing_is_written(staffed: Shell) -> None:
    bad = MANIFEST.replace("11AM - 2PM // crib", "9-12 crib")
    ran = staffed.run("manifest", "import", staffed.file("m.csv", bad), code=1)

    assert "row 3, notes: " in ran.err
    assert "Nothing was imported" in ran.err
    assert [] == staffed.sql("SELECT * FROM work_orders")
    report = staffed.run("manifest", "import", "m.csv", "--json", code=1).json
    assert [(3, "notes")] == [(each["row"], each["column"]) for each in report["problems"]]


def test_skip_bad_takes_the_good_rows(staffed: Shell) -> None:
    bad = MANIFEST.replace("11AM - 2PM // crib", "9-12 crib")
    ran = staffed.run("manifest", "import", staffed.file("m.csv", bad), "--skip-bad")

    assert "row 3, notes: " in ran.err
    assert "1 new, 1 skipped, 1 bad row left out." == ran.out.splitlines()[-1]
    assert ["114-7"] == [row["number"] for row in staffed.sql("SELECT number FROM work_orders")]


def test_the_same_file_twice_changes_nothing(staffed: Shell) -> None:
    file = staffed.file("m.csv", MANIFEST)
    staffed.run("manifest", "import", file)
    before = staffed.sql("SELECT * FROM jobs"), staffed.sql("SELECT * FROM timeline")

    assert "2 as before, 1 skipped." in staffed.run("manifest", "import", file).out
    assert before == (staffed.sql("SELECT * FROM jobs"), staffed.sql("SELECT * FROM timeline"))


def test_whole_day_cancels_what_the_file_lacks_and_nothing_else_does(staffed: Shell) -> None:
    staffed.run("manifest", "import", staffed.file("m.csv", MANIFEST))
    less = "\n".join(line for line in MANIFEST.splitlines() if "114-9" not in line)
    ran = staffed.run("manifest", "import", staffed.file("less.csv", less))
    assert "not in this file, stays (was planned)" in ran.out

    ran = staffed.run(
        "manifest", "import", "less.csv", "--whole-day", "2026-11-23", "--by", "Olga Ops"
    )
    assert "1 cancelled" in ran.out
    shown = staffed.run("jobs", "show", "114-9", "--json").json
    assert ("cancelled", "Olga Ops") == (shown["state"], shown["timeline"][-1]["by"])
    assert [] == shown["timers"]


def test_a_workbook_is_read_as_well(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    book = openpyxl.Workbook()
    for line in MANIFEST.splitlines():
        assert book.active is not None
        book.active.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    (shell.folder / "m.xlsx").write_bytes(out.getvalue())

    assert "2 new, 1 skipped." in shell.run("manifest", "import", "m.xlsx").out


def test_long_work_says_how_far_it_is_in_plain_lines(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    head, first, *_ = MANIFEST.splitlines()
    many = [head, *(first.replace("114-7", f"9-{number}") for number in range(5_000))]
    ran = shell.run("manifest", "import", shell.file("many.csv", "\n".join(many)))

    assert ["Importing: 50 %", "Importing: 100 %"] == [
        line for line in ran.err.splitlines() if line in ("Importing: 50 %", "Importing: 100 %")
    ]
    assert "5000 new." in ran.out
    assert "… and 4800 more" in ran.out
