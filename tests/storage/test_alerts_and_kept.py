from typing import Any

from storage import alerts, kept, leases, timeline
from storage.db import Tx
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
