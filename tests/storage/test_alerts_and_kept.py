from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from storage import alerts, kept, leases, timeline
from storage.db import Row, Tx
from tests.databases import new_store
from tests.storage.conftest import Rows


def alert(tx: Tx, manager: int | None, **more: Any) -> int:
    number = alerts.next_number(tx, manager) if manager else 1
    values: dict[str, Any] = {"kind": "late", "severity": 2, "number": number, "created_at": 0}
    return alerts.add(tx, person_id=manager, **(values | more))


def number(tx: Tx, row: int) -> int:
    found = alerts.get(tx, row)
    assert found is not None
    return int(found["number"])


def test_every_manager_has_numbers_of_their_own(tx: Tx, rows: Rows) -> None:
    dana, carl = rows.person(tx, "Dana"), rows.person(tx, "Carl")

    given = [number(tx, alert(tx, who)) for who in (dana, dana, carl)]

    assert [1, 2, 1] == given


def test_a_number_is_not_given_again_at_once(tx: Tx, rows: Rows) -> None:
    """An answer that crosses a new alert would be taken for an answer to that one."""
    dana = rows.person(tx)
    first = alert(tx, dana)
    alerts.change(tx, first, status="decided", decision="go on")

    assert alerts.next_number(tx, dana) == 2


def test_numbers_begin_again_after_99_and_leave_out_open_ones(tx: Tx, rows: Rows) -> None:
    dana = rows.person(tx)
    alert(tx, dana, number=1)
    alert(tx, dana, number=2, status="closed")
    alert(tx, dana, number=99, status="acknowledged")

    assert alerts.next_number(tx, dana) == 2


def test_more_than_99_open_alerts_still_get_numbers(tx: Tx, rows: Rows) -> None:
    dana = rows.person(tx)
    for n in range(1, 101):
        alert(tx, dana, number=n)

    assert alerts.next_number(tx, dana) == 101


def test_a_number_means_the_latest_alert_that_had_it(tx: Tx, rows: Rows) -> None:
    dana = rows.person(tx)
    alert(tx, dana, number=1, status="closed")
    latest = alert(tx, dana, number=1)

    found = alerts.by_number(tx, dana, 1)
    assert found is not None
    assert found["id"] == latest
    assert alerts.by_number(tx, dana, 2) is None


def test_alerts_of_a_job_a_manager_and_a_case(tx: Tx, rows: Rows) -> None:
    dana, job = rows.person(tx, "Dana"), rows.job(tx)
    first = alert(tx, dana, job_id=job)
    alerts.change(tx, first, case_id=first)
    second = alert(tx, None, job_id=job, case_id=first)
    alerts.change(tx, second, status="closed")

    assert [first] == [row["id"] for row in alerts.open_of_job(tx, job)]
    assert [first] == [row["id"] for row in alerts.open_of(tx, dana)]
    assert [first, second] == [row["id"] for row in alerts.of_case(tx, first)]
    assert ["Dana", None] == [row["to_name"] for row in alerts.of_job(tx, job)]


def test_what_is_kept(tx: Tx) -> None:
    assert kept.get(tx, "offset") is None

    kept.put(tx, "offset", "1")
    kept.put(tx, "offset", "2")
    assert kept.get(tx, "offset") == "2"

    kept.drop(tx, "offset")
    assert kept.get(tx, "offset") is None


def test_a_lease_has_one_holder_until_it_ends(tx: Tx) -> None:
    def take(owner: str, now: int) -> str:
        return leases.take(tx, "poller", owner, until=now + 10, now=now)

    assert ["a", "a", "a", "b"] == [take("a", 0), take("b", 9), take("a", 9), take("b", 19)]

    leases.release(tx, "poller", "a")
    assert leases.holder(tx, "poller") == "b"
    leases.release(tx, "poller", "b")
    assert leases.holder(tx, "poller") == ""


def test_history_keeps_the_order_in_which_it_was_told(tx: Tx, rows: Rows) -> None:
    job = rows.job(tx)

    for at, step in ((20, "arrive"), (10, "eta")):
        timeline.add(
            tx,
            job=job,
            at=at,
            told_at=30,
            event="said",
            step=step,
            by="Tina",
            channel="sms",
            detail={"at": at} if at == 20 else None,
        )

    found = [(row["at"], row["step"], row["detail"]) for row in timeline.of_job(tx, job)]
    assert [(20, "arrive", '{"at":20}'), (10, "eta", "{}")] == found


def test_p4_a_lease_from_a_clock_that_was_an_hour_ahead_is_not_believed(
    database_url: str,
) -> None:
    store = new_store(database_url)

    def take(owner: str, now: int, tx: Tx) -> str:
        return leases.take(tx, "sender", owner, until=now + 8_000, now=now)

    assert store.transact(partial(take, "a", 3_600_000)) == "a"
    assert store.transact(partial(take, "b", 3_599_000)) == "a"
    assert store.transact(partial(take, "b", 1)) == "b"


@pytest.mark.postgresql
def test_p4_a_lease_that_is_given_back_in_this_moment_is_nobodys(
    postgres_migrated_url: str,
) -> None:
    """Between the look whether there is one and the look who has it."""
    store = new_store(postgres_migrated_url)
    store.transact(lambda tx: leases.take(tx, "sender", "a", until=9, now=1))

    class Between(Tx):
        def one(self, sql: str, params: Mapping[str, Any] | None = None) -> Row | None:
            store.transact(lambda tx: leases.release(tx, "sender", "a"))
            return super().one(sql, params)

    def take(tx: Tx) -> str:
        between = Between(tx._connection, tx.dialect)
        return leases.take(between, "sender", "b", until=9, now=1)

    assert store.transact(take) == ""
    assert store.transact(lambda tx: leases.take(tx, "sender", "c", until=9, now=1)) == "c"
