import pytest

from storage import jobs
from storage.db import Row, Tx
from tests.storage.conftest import Rows


def read(tx: Tx, job: int) -> Row:
    row = jobs.get(tx, job)
    assert row is not None
    return row


def save(tx: Tx, row: Row, *, entered: bool, state: str = "arrive", is_open: bool = True) -> int:
    return jobs.save(
        tx,
        row,
        7,
        talk="[1]",
        state=state,
        under=None,
        entered=entered,
        planned_arrival=950,
        is_open=is_open,
    )


def test_a_job_comes_with_its_order(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    job = rows.job(tx, tina, "114-7")
    jobs.change_order(tx, read(tx, job)["work_order_id"], customer="Carla", state="NY")

    row = read(tx, job)
    assert (row["id"], row["number"], row["customer"]) == (job, "114-7", "Carla")
    assert (row["us_state"], row["state"]) == ("NY", "planned")


def test_every_saving_raises_the_version_and_entering_moves_since(tx: Tx, rows: Rows) -> None:
    job = rows.job(tx)

    assert save(tx, read(tx, job), entered=True) == 2
    assert save(tx, read(tx, job), entered=False) == 3

    row = read(tx, job)
    assert (row["version"], row["since"], row["changed_at"]) == (3, 2, 7)
    assert (row["talk"], row["state"], row["planned_arrival"]) == ("[1]", "arrive", 950)


def test_p3_who_read_an_old_version_writes_nothing(tx: Tx, rows: Rows) -> None:
    old = read(tx, rows.job(tx))
    jobs.change(tx, old["id"], 5, letter="B")

    with pytest.raises(jobs.Conflict, match="no longer at version 1"):
        save(tx, old, entered=True)

    row = read(tx, old["id"])
    assert (row["state"], row["version"], row["letter"]) == ("planned", 2, "B")


def test_open_jobs_come_in_the_order_of_the_day(tx: Tx, rows: Rows) -> None:
    tina, omar = rows.person(tx, "Tina"), rows.person(tx, "Omar")
    late = rows.job(tx, tina, "3", planned_arrival=990)
    early = rows.job(tx, tina, "2", window_start=940)
    yesterday = rows.job(tx, tina, "1", day="2026-11-22", window_start=999)
    rows.job(tx, tina, "4", day="2026-11-24")
    rows.job(tx, omar, "5")
    done = rows.job(tx, tina, "6")
    save(tx, read(tx, done), entered=True, state="reported", is_open=False)

    assert [yesterday, early, late] == [row["id"] for row in jobs.open_of(tx, tina, "2026-11-23")]


def test_the_day_shows_what_has_ended_too(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    b = rows.job(tx, tina, "2", letter="B", is_open=False)
    a = rows.job(tx, tina, "1", letter="A")
    rows.job(tx, tina, "3", day="2026-11-24")

    assert [a, b] == [row["id"] for row in jobs.of_day(tx, tina, "2026-11-23")]
    assert len(jobs.listed(tx)) == 3
    assert [a, b] == [row["id"] for row in jobs.listed(tx, "2026-11-23")]


def test_days_with_work(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    rows.job(tx, tina, "1")
    rows.job(tx, tina, "2")
    rows.job(tx, None, "3")
    rows.job(tx, tina, "4", day="2026-11-25", is_open=False)
    rows.job(tx, tina, "5", day="2026-11-22")

    assert [{"technician_id": tina, "day": "2026-11-23"}] == jobs.days_with_work(tx, "2026-11-23")


def test_visits_of_an_order_latest_first(tx: Tx, rows: Rows) -> None:
    first, second = rows.job(tx, number="1"), rows.job(tx, number="1", visit=2)

    assert [second, first] == [row["id"] for row in jobs.of_order(tx, "1")]
    assert [second, first] == [row["id"] for row in jobs.of_order(tx, "1", "apollo")]
    assert [] == jobs.of_order(tx, "1", "mila")


def test_an_order_is_known_by_number_and_program(tx: Tx, rows: Rows) -> None:
    job = read(tx, rows.job(tx, number="1"))

    found = jobs.order(tx, "1", "apollo")
    assert found is not None
    assert found["id"] == job["work_order_id"]
    assert jobs.order(tx, "1", "mila") is None


def test_a_change_of_nothing_still_raises_the_version(tx: Tx, rows: Rows) -> None:
    job = rows.job(tx)

    jobs.change(tx, job, 9)

    row = read(tx, job)
    assert (row["version"], row["changed_at"]) == (2, 9)
