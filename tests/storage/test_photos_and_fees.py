from typing import Any

import pytest

from storage import fees, photos
from storage.db import Tx
from tests.storage.conftest import Rows


def announce(tx: Tx, person: int, **more: Any) -> int:
    values: dict[str, Any] = {"channel": "telegram", "source": "{}", "announced_at": 5}
    return photos.announce(tx, person_id=person, **(values | {"next_try_at": 5} | more))


def test_p7_a_photo_is_announced_then_evidence(tx: Tx, rows: Rows) -> None:
    tina, job = rows.person(tx), rows.job(tx)
    first, second = announce(tx, tina, job_id=job), announce(tx, tina, job_id=job)
    assert [first, second] == [row["id"] for row in photos.announced(tx, tina)]
    assert [] == photos.of_job(tx, job)

    photos.change(tx, first, status="stored", sha256="ab", bytes=9)

    assert [second] == [row["id"] for row in photos.announced(tx, tina)]
    assert [(first, "ab")] == [(row["id"], row["sha256"]) for row in photos.of_job(tx, job)]


def test_p7_the_next_try_is_known(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    assert photos.next_try(tx) is None
    later, now = announce(tx, tina, next_try_at=20), announce(tx, tina, next_try_at=10)
    announce(tx, tina, next_try_at=1, status="lost")

    assert photos.next_try(tx) == 10
    assert [now] == [row["id"] for row in photos.to_fetch(tx, 19, 10)]
    assert [now, later] == [row["id"] for row in photos.to_fetch(tx, 20, 10)]
    assert [now] == [row["id"] for row in photos.to_fetch(tx, 20, 1)]


def test_a_photo_that_takes_long_is_said_once(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    slow = announce(tx, tina, announced_at=10)
    announce(tx, tina, announced_at=11)
    assert [slow] == [row["id"] for row in photos.slow(tx, 10)]

    photos.change(tx, slow, said_coming=True)

    assert [] == photos.slow(tx, 10)


def test_the_same_bytes_are_recognised(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    first = announce(tx, tina, status="stored", sha256="ab")
    second = announce(tx, tina, status="stored", sha256="ab")
    lost = announce(tx, tina, status="lost", sha256="cd")

    found = photos.same_bytes(tx, "ab", second)
    assert found is not None
    assert found["id"] == first
    assert photos.same_bytes(tx, "cd", second) is None
    assert photos.get(tx, lost + 1) is None


@pytest.mark.parametrize(("slot", "again"), [("visit", False), ("extra_work", True)])
def test_a42_a_visit_owes_one_fee_of_a_kind(tx: Tx, rows: Rows, slot: str, again: bool) -> None:
    job = rows.job(tx)

    def owe(slot: str, reason: str) -> bool:
        made = fees.owe(
            tx,
            job=job,
            slot=slot,
            reason=reason,
            units="1.2",
            status="owed",
            rule="A42",
            at=5,
            evidence={"photo": 3},
        )
        return made is not None

    assert owe("visit", "failed_visit")
    assert owe(slot, "trip_charge") is again

    found = [(row["reason"], row["units"], row["evidence"]) for row in fees.of_job(tx, job)]
    assert [("failed_visit", "1.2", '{"photo": 3}')] == found[:1]
    assert len(found) == 1 + again
