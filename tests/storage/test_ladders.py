"""How far a matter has climbed, as rows: the rungs, the next moment, what the desk reads of it."""

from storage import alerts, ladders, timers
from storage.db import Tx
from tests.storage.conftest import Rows


def raised(tx: Tx, rows: Rows, **more: object) -> tuple[int, int]:
    """Dana and an alert of hers with its ladder."""
    dana = rows.person(tx, "Dana", roles="manager")
    alert = alerts.add(
        tx, person_id=dana, kind="silent", severity=2, number=1, created_at=100, **more
    )
    alerts.change(tx, alert, case_id=alert)
    ladders.add(tx, case=alert, rungs=[[dana], [7, 8]], rung=0, seen=3, detail={"order": "114-7"})
    return dana, alert


def test_a_ladder_keeps_its_rungs_and_wakes_at_its_moment(tx: Tx, rows: Rows) -> None:
    dana, alert = raised(tx, rows)
    ladders.look_at(tx, alert, 900)
    row = ladders.get(tx, alert)

    assert row is not None
    assert (f"[[{dana}, [7, 8]]".replace(", [7", "], [7"), 0, 900, 3) == (
        row["rungs"], row["rung"], row["next_at"], row["seen"],
    )  # fmt: skip
    assert [f"ladder {alert}"] == [timer["name"] for timer in timers.due(tx, 900, 9)]


def test_what_is_open_is_listed_with_what_is_next(tx: Tx, rows: Rows) -> None:
    dana, alert = raised(tx, rows, held_until=500)
    ladders.look_at(tx, alert, 900)
    other = rows.person(tx, "Carl", roles="manager")

    assert [("Dana", 900, 500)] == [
        (row["to_name"], row["next_at"], row["held_until"]) for row in ladders.standing(tx, dana)
    ]
    assert [] == ladders.standing(tx, other)
    assert 1 == len(ladders.standing(tx))


def test_what_was_held_is_found_when_its_time_has_come(tx: Tx, rows: Rows) -> None:
    dana, alert = raised(tx, rows, held_until=500)

    assert [] == alerts.held(tx, dana, 499)
    assert [alert] == [row["id"] for row in alerts.held(tx, dana, 500)]
