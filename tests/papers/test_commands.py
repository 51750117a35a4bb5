"""`packet`, `form` and `ledger` on the command line: files, decisions, exports."""

import csv
import io
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from storage import fees, jobs
from storage.db import Tx
from tests.commands.conftest import Shell
from tests.papers.reading import Read


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    for name in os.environ:
        if name.startswith(("TELEGRAM_", "TWILIO_", "SMTP_", "MAIL_", "PUBLIC_", "APOLLO_")):
            monkeypatch.delenv(name)
    return Shell(tmp_path, f"sqlite:///{tmp_path}/data/doorstep.db", monkeypatch, capsys).usual()


def owe(shell: Shell, number: str = "114-7", **more: Any) -> int:
    """A fee of an order's latest visit; its id."""

    def work(tx: Tx) -> int:
        job = jobs.of_order(tx, number)[0]["id"]
        values: dict[str, Any] = {
            "slot": "visit",
            "reason": "failed_visit",
            "units": "1.2",
            "status": "owed",
            "rule": "A42",
            "at": 1_795_449_600_000,
            "evidence": {"photos": [1]},
        }
        assert fees.owe(tx, job=job, **(values | more))
        return int(fees.of_job(tx, job)[-1]["id"])

    return int(shell.store.transact(work))


def story(shell: Shell, number: str = "114-7") -> list[tuple[str, str, str]]:
    """(event, by, was) of what the timeline tells of fees."""
    lines = shell.run("jobs", "show", number, "--json").json["timeline"]
    return [
        (line["event"], line["by"], line["detail"].get("was", ""))
        for line in lines
        if "fee" in line["event"]
    ]


def status(shell: Shell) -> list[tuple[str, str | None]]:
    """(status, decided by) of every fee."""
    return [
        (fee["status"], fee["decided_by"]) for fee in shell.run("ledger", "list", "--json").json
    ]


# ----------------------------------------------------------------------------------------- papers


def test_a_packet_is_written(shell: Shell) -> None:
    said = shell.run("packet", "114-7", "-o", "proof.pdf").out

    assert "proof.pdf" in said
    assert "work order 114-7, visit 1" in Read((shell.folder / "proof.pdf").read_bytes()).text
    assert [] == [path.name for path in shell.folder.iterdir() if path.name.endswith(".new")]


def test_a_packet_whose_photos_are_gone_is_written_and_says_so(shell: Shell) -> None:
    def work(tx: Tx) -> None:
        job = jobs.of_order(tx, "114-7")[0]
        tx.insert(
            "photos",
            person_id=job["technician_id"],
            job_id=job["id"],
            channel="sms",
            source="{}",
            status="stored",
            path=f"aa/{'a' * 64}.jpg",
            sha256="a" * 64,
            announced_at=1,
            received_at=1,
            next_try_at=1,
        )

    shell.store.transact(work)

    said = shell.run("packet", "114-7", "-o", "proof.pdf", code=1).err

    assert "#1" in said
    assert "PHOTO_STORE" in said
    assert "cannot be read" in Read((shell.folder / "proof.pdf").read_bytes()).text


@pytest.mark.parametrize(
    ("words", "needle"),
    [
        (("packet", "999-9", "-o", "x.pdf"), 'no work order "999-9"'),
        (("packet", "114-7", "--visit", "3", "-o", "x.pdf"), "has no visit 3"),
        (("packet", "114-7", "-o", "no/where.pdf"), "cannot be written"),
        (("form", "-o", "x.pdf"), "Say for which job"),
        (("form", "114-7", "--blank", "-o", "x.pdf"), "Say for which job"),
        (("form", "999-9", "-o", "x.pdf"), 'no work order "999-9"'),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    shell: Shell, words: tuple[str, ...], needle: str
) -> None:
    said = shell.run(*words, code=1).err

    assert needle in said
    assert not (shell.folder / "x.pdf").exists()


def test_a_form_is_written_for_an_order(shell: Shell) -> None:
    shell.run("form", "114-9", "-o", "form.pdf")

    text = Read((shell.folder / "form.pdf").read_bytes()).text
    assert "114-9" in text
    assert "Ben Okafor" in text


@pytest.mark.parametrize(("more", "pages"), [((), 4), (("--copies", "10"), 10)])
def test_a31_a_pad_is_written_for_the_vehicle(
    shell: Shell, more: tuple[str, ...], pages: int
) -> None:
    shell.run("form", "--blank", *more, "-o", "pad.pdf")

    assert pages == len(Read((shell.folder / "pad.pdf").read_bytes()).pages)


# ----------------------------------------------------------------------------------------- ledger


def test_a_fee_is_approved_by_its_order_and_each_change_is_told(shell: Shell) -> None:
    owe(shell, status="to_check")

    said = shell.run("ledger", "approve", "114-7", "--by", "Dana Cole").out

    assert "Fee 1, failed_visit of 1.2 units for 114-7 visit 1, is approved (was to_check)." in said
    assert [("approved", "Dana Cole")] == status(shell)
    assert [("fee_owed", "system", ""), ("fee_approved", "Dana Cole", "to_check")] == story(shell)


def test_the_last_decision_counts_and_the_story_keeps_them_all(shell: Shell) -> None:
    owe(shell)

    shell.run("ledger", "approve", "114-7", "--by", "Dana Cole")
    shell.run("ledger", "approve", "1", "--refuse", "--by", "Carl Stone")

    assert [("refused", "Carl Stone")] == status(shell)
    assert [
        ("fee_approved", "Dana Cole", "owed"),
        ("fee_refused", "Carl Stone", "approved"),
    ] == story(shell)[1:]


def test_approving_twice_is_refused_and_changes_nothing(shell: Shell) -> None:
    owe(shell)
    shell.run("ledger", "approve", "114-7", "--by", "Dana Cole")

    said = shell.run("ledger", "approve", "114-7", "--by", "Carl Stone", code=1).err

    assert "is approved already by Dana Cole" in said
    assert [("approved", "Dana Cole")] == status(shell)
    assert 2 == len(story(shell))


def test_a42_a_visit_is_never_owed_twice(shell: Shell) -> None:
    owe(shell)

    with pytest.raises(AssertionError):
        owe(shell, reason="trip_charge", rule="A47")

    assert 1 == len(status(shell))
    assert [("fee_owed", "system", "")] == story(shell)


def test_an_order_with_two_fees_asks_for_an_id(shell: Shell) -> None:
    owe(shell)
    owe(shell, slot="extra_work", reason="extra_work")

    said = shell.run("ledger", "approve", "114-7", code=1).err

    assert (
        "name one by its id: 1 (visit 1, failed_visit, owed), 2 (visit 1, extra_work, owed)."
        in said
    )
    shell.run("ledger", "approve", "2")
    assert [("owed", None), ("approved", "operator")] == status(shell)
    shell.run("ledger", "approve", "114-7")
    assert [("approved", "operator")] * 2 == status(shell)


def test_a_number_that_is_an_order_and_a_fee_is_not_guessed(shell: Shell) -> None:
    owe(shell)
    owe(shell, "114-9")
    shell.store.transact(
        lambda tx: tx.run("UPDATE work_orders SET number = '1' WHERE number = '114-9'")
    )

    assert "say F1 for the fee" in shell.run("ledger", "approve", "1", code=1).err

    shell.run("ledger", "approve", "F1")
    assert [("approved", "operator"), ("owed", None)] == status(shell)


@pytest.mark.parametrize(
    ("words", "needle"),
    [
        (("99",), 'no work order "99"'),
        (("F99",), 'no work order "F99"'),
        (("114-9",), "has no fee"),
        (("114-7", "--by", " "), "Say who decides"),
        (("9" * 40,), "no work order"),
        (("١",), "no work order"),
    ],
)
def test_what_is_no_fee_is_one_sentence(shell: Shell, words: tuple[str, ...], needle: str) -> None:
    owe(shell)

    assert needle in shell.run("ledger", "approve", *words, code=1).err
    assert [("owed", None)] == status(shell)


def test_s6_a_workbook_has_numbers_as_numbers_and_no_formula(shell: Shell) -> None:
    owe(shell)
    owe(shell, "114-9", units="0.75")
    shell.store.transact(
        lambda tx: tx.run("UPDATE people SET name = '=HYPERLINK(1)' WHERE name LIKE 'Tina%'")
    )
    shell.run("ledger", "approve", "114-7", "--by", "+Dana")

    shell.run("ledger", "export", "--xlsx", "fees.xlsx")

    sheet = openpyxl.load_workbook(shell.folder / "fees.xlsx").active
    assert sheet is not None
    header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert [("114-7", "'=HYPERLINK(1)", "'+Dana"), ("114-9", "'=HYPERLINK(1)", None)] == [
        (row["work_order"], row["technician"], row["decided_by"]) for row in found
    ]
    assert Decimal("1.95") == sum(Decimal(str(row["units"])) for row in found)
    assert {"n", "s"} == {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_s6_the_csv_has_every_decision_and_no_formula(shell: Shell) -> None:
    owe(shell)
    shell.run("ledger", "approve", "114-7", "--refuse", "--by", "=1+1")

    (row,) = csv.DictReader(io.StringIO(shell.run("ledger", "export").out))

    assert ("refused", "'=1+1", "2026-11-23T05:00") == (
        row["status"],
        row["decided_by"],
        row["decided_at"][:16],
    )
    assert "Fees" not in shell.run("ledger", "list").out
