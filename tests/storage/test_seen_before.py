"""Finding a photo that looks like an earlier job's, and the one that awaits a better one."""

import random
from collections.abc import Mapping
from itertools import count
from typing import Any, cast

import pytest

from storage import photos
from storage.db import Row, Store, Tx
from tests.storage.conftest import Rows

_orders = count(1)
HASH = (0x131B, 0x1B1B, 0x00FF, 0xC0DE)


def new_job(tx: Tx, rows: Rows) -> int:
    return rows.job(tx, number=f"114-{next(_orders)}")


def stored(tx: Tx, person: int, job: int | None, dhash: Any = HASH, **more: Any) -> int:
    values: dict[str, Any] = {"status": "stored", "kind": "door", "channel": "sms", "source": "{}"}
    values |= {"announced_at": 5, "next_try_at": 5, "detail": "00" * 32}
    values |= dict(zip(photos.DHASH, dhash, strict=True)) if dhash else {}
    return photos.announce(tx, person_id=person, job_id=job, **(values | more))


def flipped(bits: list[int]) -> tuple[int, ...]:
    """HASH with these of its 64 bits changed."""
    parts = list(HASH)
    for bit in bits:
        parts[bit // 16] ^= 1 << bit % 16
    return tuple(parts)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_differs_in_seven_bits_is_found(tx: Tx, rows: Rows, seed: int) -> None:
    chance, tina = random.Random(seed), rows.person(tx)
    for differing in range(8):
        stored(tx, tina, new_job(tx, rows), flipped(chance.sample(range(64), differing)))
    job = new_job(tx, rows)

    found = photos.alike_elsewhere(tx, HASH, job, 1_000_000)

    assert 8 == len(found)
    assert sorted((row["id"] for row in found), reverse=True) == [row["id"] for row in found]


def test_what_is_far_away_is_not_found(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    stored(tx, tina, new_job(tx, rows), tuple(part ^ 0b1111 for part in HASH))
    stored(tx, tina, new_job(tx, rows), None)

    assert [] == photos.alike_elsewhere(tx, HASH, new_job(tx, rows), 1_000_000)


@pytest.mark.parametrize(
    "more",
    [{"kind": "selfie"}, {"status": "lost"}, {"job_id": None}],
    ids=["selfie", "lost", "none"],
)
def test_s8_selfies_and_what_is_no_evidence_are_not_compared(
    tx: Tx, rows: Rows, more: dict[str, Any]
) -> None:
    tina, job = rows.person(tx), new_job(tx, rows)
    number = stored(tx, tina, new_job(tx, rows), sha256="ab")
    found = [row["id"] for row in photos.alike_elsewhere(tx, HASH, job, number + 1)]
    assert [number] == found
    photos.change(tx, number, **more)

    assert [] == photos.alike_elsewhere(tx, HASH, job, number + 1)
    assert photos.copy_elsewhere(tx, "ab", job, number + 1) is None


def test_the_same_bytes_count_at_another_job_and_only_if_earlier(tx: Tx, rows: Rows) -> None:
    tina, first, second = rows.person(tx), new_job(tx, rows), new_job(tx, rows)
    number = stored(tx, tina, first, sha256="ab")
    stored(tx, tina, first, sha256="ab")

    copy = photos.copy_elsewhere(tx, "ab", second, number + 2)

    assert copy is not None
    assert copy["id"] == number
    assert photos.copy_elsewhere(tx, "ab", first, number + 2) is None
    assert photos.copy_elsewhere(tx, "ab", second, number) is None
    assert photos.copy_elsewhere(tx, "", second, number + 2) is None
    assert [] == photos.alike_elsewhere(tx, HASH, first, number + 2)
    assert [] == photos.alike_elsewhere(tx, HASH, second, number)


def test_a_photo_awaits_a_better_one_while_its_job_stands_where_it_was_asked(
    tx: Tx, rows: Rows
) -> None:
    tina, job = rows.person(tx), new_job(tx, rows)
    good = stored(tx, tina, job, step="no_show.door_photo")
    assert photos.doubtful(tx, job, 0) is None
    assert not photos.asked_at(tx, job, "no_show.door_photo")

    photos.change(tx, good, kind="", asked_again=4)

    found = photos.doubtful(tx, job, 4)
    assert found is not None
    assert found["id"] == good
    assert photos.doubtful(tx, job, 5) is None
    assert photos.asked_at(tx, job, "no_show.door_photo")
    assert not photos.asked_at(tx, job, "app_issue.form_photo")

    photos.change(tx, good, kind="door")

    assert photos.doubtful(tx, job, 4) is None
    assert photos.asked_at(tx, job, "no_show.door_photo")


class Explained:
    """Asks SQLite how it would read, instead of reading."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def all(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """The plan."""
        return self._tx.all(f"EXPLAIN QUERY PLAN {sql}", params)


def test_the_look_up_reads_only_what_shares_a_part(store: Store) -> None:
    if store.dialect != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole, and may")
    with store.reading() as tx:
        plan = photos.alike_elsewhere(cast("Tx", Explained(tx)), HASH, 1, 1_000_000)

    steps = " ".join(row["detail"] for row in plan)
    assert [1] * 4 == [steps.count(f"USING INDEX ix_photos_{name} ") for name in photos.DHASH]
    assert "SCAN photos" not in steps
