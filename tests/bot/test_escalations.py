"""What the escalations owe and write: one fee a visit, the words that were typed, the photos."""

import json
from decimal import Decimal
from typing import Any

import pytest

from storage import fees, jobs, outbox
from storage.db import Row, Tx
from tests.stage import Stage

AT_WORK = ("06:42 1", "07:50 1", "08:05 1", "08:06 1", "08:07 1")
"""To the step assemble."""
DAMAGED = ("08:20 issue", "08:20 4", "08:21 side panel", "08:22 [photo]", "08:23 1")
LEFT = ("08:26 7", "08:27 1", "08:28 1", "08:29 1", "08:30 6")
EXTRA = ("08:30 issue", "08:30 7", "08:31 2 nightstands", "08:33 1")


@pytest.fixture
def stage(database_url: str) -> Stage:
    return Stage(database_url, "sms").usual()


def owed(stage: Stage) -> list[tuple[str, str, str, str]]:
    """Reason, units, status and rule of the order's fees."""

    def work(tx: Tx) -> list[Row]:
        return fees.of_job(tx, jobs.of_order(tx, "114-7")[0]["id"])

    rows = stage.store.transact(work)
    return [(row["reason"], row["units"], row["status"], row["rule"]) for row in rows]


def mails(stage: Stage) -> list[dict[str, Any]]:
    """The order's mails, oldest first."""

    def work(tx: Tx) -> list[Row]:
        return outbox.of_job(tx, jobs.of_order(tx, "114-7")[0]["id"], "email")

    return [json.loads(row["payload"]) for row in stage.store.transact(work)]


def fields(mail: dict[str, Any]) -> dict[str, str]:
    """The lines of a mail that a machine reads."""
    lines: str = mail["text"].strip().rpartition("\n\n")[2]
    return dict(line.split(": ", 1) for line in lines.splitlines())


def test_a54_damage_owes_the_trip_charge(stage: Stage) -> None:
    stage.plays(*AT_WORK, *DAMAGED, *LEFT)

    assert [("trip_charge", "1.2", "owed", "A54")] == owed(stage)


def test_a47_nothing_to_build_owes_the_trip_charge(stage: Stage) -> None:
    stage.plays(*AT_WORK, "08:20 issue", "08:20 3", "08:21 5", "08:22 4", "08:30 1")

    assert [("trip_charge", "1.2", "owed", "A47")] == owed(stage)


def test_one_fee_a_visit_whatever_the_cases(stage: Stage) -> None:
    """Damaged, left open, and then something else on top at the report: still one."""
    stage.plays(*AT_WORK, *DAMAGED, *LEFT, "08:40 1", "08:41 issue", "08:41 9", "08:42 wrong size")
    stage.plays("08:43 4", "09:20 1", "09:21 1")

    assert "left_open" == stage.state("114-7")
    assert [("trip_charge", "1.2", "owed", "A54")] == owed(stage)


def test_a56_what_broke_while_building_owes_nothing_by_itself(stage: Stage) -> None:
    stage.plays(*AT_WORK, "08:40 issue", "08:40 6", "08:41 [photo]", "08:41 1")
    stage.plays("08:42 Sauder 413815", "08:43 1", "08:50 5", "08:51 1", "08:52 1")

    assert "left_open" == stage.state("114-7")
    assert [] == owed(stage)


def test_a60_the_units_of_more_work_are_what_the_office_told_and_are_checked(stage: Stage) -> None:
    stage.plays(*AT_WORK, *EXTRA, "08:34 $45.50, 1.5 units", "08:40 1", "08:41 2", "08:59 1")

    assert [("extra_work", "1.5", "to_check", "A60")] == owed(stage)
    assert Decimal("1.5") == Decimal(owed(stage)[0][1])


def test_a60_no_units_are_made_up_where_none_were_told(stage: Stage) -> None:
    stage.plays(*AT_WORK, *EXTRA, "08:34 forty dollars", "08:40 1", "08:41 2", "08:59 1")

    assert "complete" == stage.state("114-7")
    assert [] == owed(stage)
    assert "forty dollars. Units in Mars?" in stage.last("dana")


def test_a60_the_subject_is_exactly_this(stage: Stage) -> None:
    stage.plays(*AT_WORK, *EXTRA, "08:34 $45, 1.5 units", "08:40 1", "08:41 2", "08:59 1")
    asked, built = mails(stage)

    assert "More Work than Scoped" == asked["subject"]
    assert "2 nightstands" == fields(asked)["Wanted on top"]
    assert "$45, 1.5 units" == fields(built)["Price and units told"]


def test_a50_the_mail_has_the_words_the_shift_the_order_and_the_photos(stage: Stage) -> None:
    stage.plays(*AT_WORK, *DAMAGED)
    (mail,) = mails(stage)

    assert "Damaged product: WO 114-7, shift S-9" == mail["subject"]
    assert ("side panel", "1") == (fields(mail)["Damage"], fields(mail)["Photos"])
    assert 1 == len(mail["photos"])
    assert ["dana@example.org", "carl@example.org"] == mail["cc"]


@pytest.mark.parametrize(
    ("said", "wish"), [("7", "put it back in the box"), ("into the garage", "into the garage")]
)
def test_a52_a54_the_last_mail_says_what_becomes_of_it_and_how_much_was_built(
    stage: Stage, said: str, wish: str
) -> None:
    stage.plays(*AT_WORK, *DAMAGED, f"08:26 {said}", *LEFT[1:])
    last = fields(mails(stage)[-1])

    assert (wish, "some", "1.2") == (last["Customer wishes"], last["Built"], last["Fee units"])
    assert ("8:07 AM", "8:30 AM") == (last["On site"], last["Left"])


def test_photos_stay_when_the_case_is_changed(stage: Stage) -> None:
    stage.plays(*AT_WORK, *DAMAGED, "08:30 issue", "08:30 5", "08:31 4 dowels", "08:32 4")
    subjects = [mail["subject"].partition(":")[0] for mail in mails(stage)]

    assert ["Damaged product", "Correction", "Missing parts"] == subjects
    assert "4 dowels" == fields(mails(stage)[-1])["Missing"]
    assert 1 == len(mails(stage)[-1]["photos"])
