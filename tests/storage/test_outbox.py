from typing import Any

import pytest

from storage import dispatch, outbox
from storage.db import Row, Tx
from tests.storage.conftest import Rows

NOW, LEASE = 1000, 9_000


def claim(tx: Tx, limit: int = 10, **more: Any) -> list[int]:
    values = {"now": NOW, "lease_until": LEASE, "limit": limit} | more
    return [row["id"] for row in dispatch.claim(tx, "telegram", **values)]


def status(tx: Tx, row: int) -> str:
    return str(read(tx, row)["status"])


def read(tx: Tx, row: int) -> Row:
    found = outbox.get(tx, row)
    assert found is not None
    return found


def test_f7_urgent_lanes_leave_first_then_the_oldest(tx: Tx, rows: Rows) -> None:
    reminders = [rows.message(tx, address=f"{n}", lane=2) for n in range(3)]
    reply = rows.message(tx, address="8", lane=1)
    alert = rows.message(tx, address="9", lane=0)

    assert [alert, reply, *reminders] == claim(tx)
    assert [] == claim(tx)


def test_p3_one_at_a_time_to_each_address(tx: Tx, rows: Rows) -> None:
    first, second = rows.message(tx), rows.message(tx)
    other = rows.message(tx, address="8")

    assert [first, other] == claim(tx)
    assert [] == claim(tx)
    outbox.finish(tx, first, "sent", NOW)
    assert [second] == claim(tx)


def test_p3_an_urgent_one_overtakes_in_its_own_address(tx: Tx, rows: Rows) -> None:
    reminder, alert = rows.message(tx, lane=2), rows.message(tx, lane=0)

    assert [alert] == claim(tx)
    outbox.finish(tx, alert, "sent", NOW)
    assert [reminder] == claim(tx)


def test_only_what_is_due_leaves_on_its_channel(tx: Tx, rows: Rows) -> None:
    due = rows.message(tx, due_at=NOW)
    rows.message(tx, address="8", due_at=NOW + 1)
    rows.message(tx, address="9", status="held")
    rows.message(tx, channel="sms")

    assert [due] == claim(tx)
    assert outbox.next_due(tx, NOW) == NOW + 1


def test_no_more_than_the_limit_leaves(tx: Tx, rows: Rows) -> None:
    ids = [rows.message(tx, address=f"{n}") for n in range(5)]

    assert ids[:2] == claim(tx, 2)
    assert ids[2:4] == claim(tx, 2)


def test_p5_a_claim_notes_the_attempt_and_its_lease(tx: Tx, rows: Rows) -> None:
    row = rows.message(tx)

    claim(tx)

    found = read(tx, row)
    assert (found["status"], found["attempts"]) == ("sending", 1)
    assert (found["claimed_at"], found["lease_until"]) == (NOW, LEASE)


def test_p5_a_lease_that_expires_is_found(tx: Tx, rows: Rows) -> None:
    row = rows.message(tx)
    claim(tx)

    assert [] == dispatch.expired(tx, "telegram", LEASE)
    assert [row] == [found["id"] for found in dispatch.expired(tx, "telegram", LEASE + 1)]


@pytest.mark.parametrize(
    ("before", "later", "stays"),
    [
        ("delivered", "sent", "delivered"),
        ("sent", "unknown", "sent"),
        ("undelivered", "delivered", "undelivered"),
        ("failed", "sent", "failed"),
        ("delivered", "failed", "delivered"),
        ("dropped", "sent", "dropped"),
        ("sending", "unknown", "unknown"),
        ("unknown", "sent", "sent"),
        ("sent", "undelivered", "undelivered"),
    ],
)
def test_p5_a_status_never_goes_backwards(
    tx: Tx, rows: Rows, before: str, later: str, stays: str
) -> None:
    row = rows.message(tx, status=before, error="first", lease_until=5)

    outbox.finish(tx, row, later, NOW, provider_id="SM1", error="second")

    found = read(tx, row)
    assert (found["status"], found["provider_id"], found["lease_until"]) == (stays, "SM1", None)
    assert found["error"] == ("first" if stays == before else "second")


def test_when_it_was_sent_is_kept(tx: Tx, rows: Rows) -> None:
    row = rows.message(tx, status="sending")
    outbox.finish(tx, row, "sent", 5, provider_id="SM1")
    outbox.finish(tx, row, "delivered", 9)
    outbox.finish(tx, 999, "sent", 5)

    found = read(tx, row)
    assert (found["status"], found["sent_at"], found["provider_id"]) == ("delivered", 5, "SM1")
    by_id = outbox.by_provider_id(tx, "telegram", "SM1")
    assert by_id is not None
    assert by_id["id"] == row


@pytest.mark.parametrize("final", ["delivered", "undelivered", "failed", "dropped"])
def test_p5_what_has_come_to_an_end_is_not_sent_again(tx: Tx, rows: Rows, final: str) -> None:
    row = rows.message(tx, status=final)

    outbox.again(tx, row, NOW, "once more")
    outbox.rewrite(tx, row, '{"text": "new"}')

    assert (status(tx, row), read(tx, row)["payload"]) == (final, "{}")


def test_once_more_later(tx: Tx, rows: Rows) -> None:
    row = rows.message(tx)
    claim(tx)
    outbox.again(tx, row, NOW + 5, "502")

    assert [] == claim(tx)
    assert [row] == claim(tx, now=NOW + 5)
    assert read(tx, row)["attempts"] == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [("pending", "dropped"), ("held", "dropped"), ("sending", "dropped"), ("sent", "sent")],
)
def test_only_what_has_not_left_can_be_dropped(tx: Tx, rows: Rows, before: str, after: str) -> None:
    row = rows.message(tx, status=before)

    outbox.drop(tx, row, "stale")

    assert status(tx, row) == after


def test_what_waits_for_a_closed_address_is_dropped(tx: Tx, rows: Rows) -> None:
    here, there = rows.message(tx), rows.message(tx, address="8")
    on_its_way = rows.message(tx, status="sending")

    outbox.drop_waiting(tx, "telegram", "7", "opted_out")

    assert ["dropped", "pending", "sending"] == [
        status(tx, row) for row in (here, there, on_its_way)
    ]


def test_what_was_held_may_leave_when_it_is_released(tx: Tx, rows: Rows) -> None:
    row = rows.message(tx, status="held", error="contacts unconfirmed")
    rows.message(tx, status="held", channel="email")

    assert outbox.release_held(tx, "telegram", NOW) == 1
    assert [row] == claim(tx)
    assert read(tx, row)["error"] == ""


def test_what_waits_is_counted(tx: Tx, rows: Rows) -> None:
    assert outbox.oldest_unsent(tx) is None
    for due, state in ((5, "pending"), (3, "sending"), (NOW + 1, "pending"), (1, "sent")):
        rows.message(tx, due_at=due, status=state)

    assert outbox.due_count(tx, NOW) == 2
    assert outbox.oldest_unsent(tx) == 3


def test_the_standing_prompt_is_the_last_that_had_left(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    first = rows.message(tx, person_id=tina, asks='{"n": 1}', claimed_at=10, status="sent")
    rows.message(tx, person_id=tina, claimed_at=15, status="sent")  # asks nothing
    second = rows.message(tx, person_id=tina, asks='{"n": 2}', claimed_at=20, status="sending")
    rows.message(tx, person_id=tina, asks='{"n": 3}')  # has not left
    for gone in ("dropped", "failed", "undelivered"):
        rows.message(tx, person_id=tina, asks='{"n": 4}', claimed_at=25, status=gone)
    rows.message(tx, person_id=rows.person(tx, "Omar"), asks='{"n": 5}', claimed_at=25)

    def stood(at: int) -> int | None:
        row = outbox.standing_prompt(tx, tina, at)
        return row["id"] if row else None

    assert [None, first, first, second, second] == [stood(at) for at in (9, 10, 19, 20, 99)]


def test_what_was_sent_about_a_job(tx: Tx, rows: Rows) -> None:
    job = rows.job(tx)
    chat, mail = rows.message(tx, job_id=job), rows.message(tx, job_id=job, channel="email")
    rows.message(tx)

    assert [chat, mail] == [row["id"] for row in outbox.of_job(tx, job)]
    assert [mail] == [row["id"] for row in outbox.of_job(tx, job, "email")]
