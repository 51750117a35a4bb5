"""What every turn or heartbeat asks must not read whole tables (F8)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from storage import alerts, dispatch, inbox, jobs, kept, ladders, outbox, people, photos, timers
from storage.db import Store, Tx
from tests.databases import new_store
from tests.storage.conftest import Rows

ASKED: dict[str, Callable[[Tx], Any]] = {
    "who": lambda tx: people.by_address(tx, "sms", "+1"),
    "open jobs": lambda tx: jobs.open_of(tx, 1, "2026-11-23"),
    "a day's jobs": lambda tx: jobs.of_day(tx, 1, "2026-11-23"),
    "a day's letters": lambda tx: jobs.letters_of_day(tx, 1, "2026-11-23"),
    "known update": lambda tx: inbox.known(tx, "sms", "a", "SM1"),
    "who waits": inbox.people_waiting,
    "what waits": lambda tx: inbox.waiting_of(tx, 1),
    "prompt": lambda tx: outbox.standing_prompt(tx, 1, 5),
    "claim": lambda tx: dispatch.claim(tx, "sms", now=1, lease_until=9, limit=7),
    "leases": lambda tx: dispatch.expired(tx, "sms", 9),
    "due messages": lambda tx: outbox.due_count(tx, 5),
    "next message": lambda tx: outbox.next_due(tx, 5),
    "oldest message": outbox.oldest_unsent,
    "waited in an outage": lambda tx: outbox.has_waited(tx, "sms", 5, 9),
    "to be reached elsewhere": lambda tx: outbox.waited_elsewhere(tx, "sms", 5, 9),
    "waiting for an address": lambda tx: outbox.waiting_for(tx, "sms", "+1"),
    "is anything held": lambda tx: outbox.is_held(tx, "email"),
    "held without an address": lambda tx: outbox.without_address(tx, "email"),
    "held until now": lambda tx: outbox.release_held(tx, "email", 5),
    "media to forget": lambda tx: kept.beginning(tx, "media:", 9),
    "closed address": lambda tx: outbox.drop_waiting(tx, "sms", "+1", "opted_out"),
    "due timers": lambda tx: timers.due(tx, 5, 10),
    "next timer": timers.next_due,
    "a job's timers": lambda tx: timers.of_job(tx, 1),
    "a person's timers": lambda tx: timers.of_person(tx, 1),
    "photos coming": lambda tx: photos.announced(tx, 1),
    "slow photos": lambda tx: photos.slow(tx, 5),
    "doubtful photos": lambda tx: photos.left_doubtful(tx, 5),
    "texts of unknown end": lambda tx: dispatch.unfinished_texts(tx, 5, 200),
    "photos to fetch": lambda tx: photos.to_fetch(tx, 5, 10),
    "a manager's alerts": lambda tx: alerts.open_of(tx, 1),
    "an alert's number": lambda tx: alerts.by_number(tx, 1, 1),
    "an alert carried": lambda tx: alerts.carried(tx, 1, 1, 2),
    "alerts about somebody": lambda tx: alerts.open_about(tx, 1, ("opted_out",)),
    "a storm's alerts": lambda tx: alerts.lately(tx, 1, 5, 2),
    "a message's alerts": lambda tx: alerts.in_message(tx, 1, 1),
    "held alerts": lambda tx: alerts.held(tx, 1, 5),
    "ladders that climb": lambda tx: ladders.due(tx, 5, 1),
    "a ladder": lambda tx: ladders.get(tx, 1),
    "a job's alerts": lambda tx: alerts.open_of_job(tx, 1),
}


class Explained(Tx):
    """Collects how SQLite goes about each statement."""

    def __init__(self, tx: Tx) -> None:
        super().__init__(tx._connection, tx.dialect)
        self.plan: list[str] = []

    def run(self, sql: str, params: Any = None) -> Any:
        for row in super().run(f"EXPLAIN QUERY PLAN {sql}", params).fetchall():
            self.plan.append(row[-1])
        return super().run(sql, params)


@pytest.mark.parametrize("asked", ASKED)
def test_f8_no_whole_table_is_read(asked: str, tmp_path: Path) -> None:
    with new_store(f"sqlite:///{tmp_path}/empty.db").reading() as tx:
        explained = Explained(tx)
        ASKED[asked](explained)

    assert explained.plan
    assert [] == [
        step for step in explained.plan if step.startswith("SCAN") and " USING " not in step
    ]


def test_f7_a_new_backlog_is_not_joined_with_itself(postgres_store: Store) -> None:
    """Before PostgreSQL knows of a backlog it would: 7 s a claim at 5,000 waiting messages."""

    class Planned(Tx):
        def run(self, sql: str, params: Any = None) -> Any:
            plan = super().run(f"EXPLAIN {sql}", params).fetchall()
            plans.append("\n".join(row[0] for row in plan))
            return super().run(sql, params)

    plans: list[str] = []
    with postgres_store.reading() as tx:
        ASKED["claim"](Planned(tx._connection, tx.dialect))

    assert "outbox" in plans[0]
    assert "Join" not in plans[0]


def steps(tx: Tx, work: Callable[[Tx], Any]) -> int:
    """What it takes, counted in SQLite's own steps, which a busy machine does not change."""
    taken = 0

    def step() -> None:
        nonlocal taken
        taken += 1

    tx._connection.set_progress_handler(step, 1)
    work(tx)
    tx._connection.set_progress_handler(None, 1)
    return taken


def test_f7_a_claim_is_no_dearer_where_more_waits_for_one_address(tmp_path: Path) -> None:
    def claimed(waiting: int) -> int:
        store = new_store(f"sqlite:///{tmp_path}/{waiting}.db")
        rows = [
            {"channel": "sms", "address": "+1", "kind": "reminder", "lane": 2, "payload": "{}",
             "created_at": 1, "due_at": 1} for _ in range(waiting)
        ]  # fmt: skip
        store.transact(lambda tx: tx.put_many("outbox", rows))
        one = partial(dispatch.claim, channel="sms", now=1, lease_until=9, limit=1)
        return store.transact(lambda tx: steps(tx, one))

    assert claimed(10) == claimed(1000)


@pytest.mark.parametrize("asked", ["open jobs", "a day's jobs", "a day's letters"])
def test_f8_a_day_is_no_dearer_with_a_year_behind_it(
    asked: str, tmp_path: Path, rows: Rows
) -> None:
    def read(visits: int) -> int:
        store = new_store(f"sqlite:///{tmp_path}/{visits}.db")

        def fill(tx: Tx) -> None:
            tina = rows.person(tx)
            rows.job(tx, tina, day="2026-11-23")
            for visit in range(visits):
                rows.job(tx, tina, visit=visit + 2, day=f"2025-11-{visit % 30 + 1}", is_open=False)

        store.transact(fill)
        return store.transact(lambda tx: steps(tx, ASKED[asked]))

    assert read(10) == read(250)
