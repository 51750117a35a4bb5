from storage import timers
from storage.db import Row, Tx
from tests.storage.conftest import Rows


def shown(found: list[Row]) -> list[tuple[str, int, str]]:
    return [(row["name"], row["due_at"], row["late"]) for row in found]


def test_p6_reminders_stand_until_they_are_set_anew_or_dropped(tx: Tx, rows: Rows) -> None:
    job, other = rows.job(tx, number="1"), rows.job(tx, number="2")
    timers.set_for_job(tx, job, [("eta", 20, "send"), ("start", 10, "drop")])
    timers.set_for_job(tx, other, [("eta", 5, "send")])
    timers.set_for_job(tx, job, [("eta", 30, "say")])
    assert [("start", 10, "drop"), ("eta", 30, "say")] == shown(timers.of_job(tx, job))

    timers.drop_for_job(tx, job, ["start", "never set"])

    assert [("eta", 30, "say")] == shown(timers.of_job(tx, job))
    assert [("eta", 5, "send")] == shown(timers.of_job(tx, other))


def test_p6_a_day_of_a_person_has_reminders_too(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    timers.set_for_person(tx, tina, "day_sheet", 10)
    timers.set_for_person(tx, tina, "day_sheet", 20, "drop")
    timers.set_for_person(tx, tina, "roll_call", 15)
    assert [("roll_call", 15, "send"), ("day_sheet", 20, "drop")] == shown(
        timers.of_person(tx, tina)
    )

    timers.drop_for_person(tx, tina, "roll_call")

    assert [("day_sheet", 20, "drop")] == shown(timers.of_person(tx, tina))


def test_p6_what_is_due_comes_oldest_first_and_is_taken_once(tx: Tx, rows: Rows) -> None:
    job = rows.job(tx)
    assert timers.next_due(tx) is None
    timers.set_for_job(tx, job, [("c", 30, "send"), ("b", 20, "send"), ("a", 10, "send")])

    assert timers.next_due(tx) == 10
    due = timers.due(tx, 20, 10)
    assert [("a", 10, "send"), ("b", 20, "send")] == shown(due)
    assert [("a", 10, "send")] == shown(timers.due(tx, 20, 1))

    taken = timers.take(tx, due[0]["id"])
    assert taken == due[0]
    assert timers.take(tx, due[0]["id"]) is None
    assert timers.next_due(tx) == 20
