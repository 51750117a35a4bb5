"""The rules for rows that waited, with a channel that records."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Outgoing, SendError, Sent, TryLater, UnknownOutcome
from bot.wires.commit import commit
from bot.wires.delivery import Delivery
from bot.wires.limits import Budget
from bot.wires.outcomes import Outcome, backoff, report, settle
from storage import dispatch
from storage.db import Tx
from tests.wire.world import World, world

MINUTE = 60_000


class Wire:
    """A channel that only writes down; `trouble` is raised where it is set."""

    patience = 5.0

    def __init__(self, name: str = "telegram") -> None:
        self.name = name
        self.sent: list[tuple[str, str]] = []
        self.trouble: SendError | None = None

    async def send(self, message: Outgoing) -> Sent:
        await asyncio.sleep(0)
        if self.trouble is not None:
            raise self.trouble
        self.sent.append((message.address, message.payload["text"]))
        return Sent(f"{message.row}")

    async def find(self, message: Outgoing, attempted_at: int) -> Sent | None:
        return None


async def nothing(path: str) -> bytes:
    raise FileNotFoundError(path)


@pytest.fixture(name="world")
def fixture_world(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def delivery(world: World, wire: Wire) -> Delivery:
    return Delivery(world.store, world.writer, world.door, world.clock, [wire], read=nothing)


def job_at(world: World, since: int) -> int:
    """A job that came to stand where it stands at this version."""

    def make(tx: Tx) -> int:
        order = tx.insert("work_orders", number="114-7", program="apollo", created_at=1)
        times = dict.fromkeys(
            ("window_start", "window_end", "day_start", "day_end", "created_at", "changed_at"), 1
        )
        return tx.insert(
            "jobs", work_order_id=order, day="2026-11-23", talk="{}", since=since, **times
        )

    return world.store.transact(make)


def prompt(world: World, job: int, since: int, kind: str = "prompt") -> int:
    asks = json.dumps({"job": job, "since": since})
    return world.queue("telegram", "1", '{"text": "Arrived?"}', kind=kind, asks=asks)


@pytest.mark.parametrize(
    ("kind", "waited", "now_at", "leaves"),
    [
        ("prompt", 0, 4, True),  # a turn's own prompt, overtaken by the next: both are read
        ("prompt", 2, 3, True),  # it waited, and still is what is asked
        ("prompt", 2, 4, False),
        ("reminder", 2, 4, False),
        ("reply", 2, 4, True),  # it also answers what somebody said
        ("reply", 16, 4, False),
        ("alert", 600, 4, True),
    ],
)
async def test_trap_31_what_waited_is_dropped_where_the_job_has_moved_on(  # noqa: PLR0917
    world: World, wire: Wire, delivery: Delivery, kind: str, waited: int, now_at: int, leaves: bool
) -> None:
    row = prompt(world, job_at(world, now_at), 3, kind)
    world.advance(waited * MINUTE)

    await delivery.attempt_all_due()

    assert wire.sent == ([("1", "Arrived?")] if leaves else [])
    assert world.row(row)["status"] == ("sent" if leaves else "dropped")


async def test_p5_a_prompt_of_unknown_outcome_is_not_repeated_once_its_job_moved(
    world: World, wire: Wire, delivery: Delivery
) -> None:
    wire.trouble = UnknownOutcome("no answer")
    row = prompt(world, job_at(world, 4), 3)
    await delivery.attempt_all_due()
    wire.trouble = None
    world.advance(MINUTE)

    await delivery.attempt_all_due()

    assert wire.sent == []
    assert world.row(row)["status"] == "unknown"


async def test_p8_retries_wait_five_seconds_doubling_to_five_minutes() -> None:
    assert [backoff(attempts) // 1000 for attempts in range(8)] == [
        5,
        10,
        20,
        40,
        80,
        160,
        300,
        300,
    ]


async def test_p3_a_row_that_waits_holds_those_behind_it_and_no_other_address(
    world: World, wire: Wire, delivery: Delivery
) -> None:
    wire.trouble = TryLater("busy")
    world.queue("telegram", "1", '{"text": "first"}')
    await delivery.attempt_all_due()
    wire.trouble = None
    world.queue("telegram", "1", '{"text": "second"}')
    world.queue("telegram", "2", '{"text": "other"}')
    world.advance(10_000)

    await delivery.attempt_all_due()

    assert sorted(wire.sent) == [("1", "first"), ("1", "second"), ("2", "other")]
    assert wire.sent.index(("1", "first")) < wire.sent.index(("1", "second"))


def test_trap_29_reports_are_taken_by_their_own_attempt_only(world: World) -> None:
    row = world.queue("sms", "+12125550101", '{"text": "x"}')

    def said(sid: str, status: str, code: int = 0, at: int | None = row) -> str:
        now = world.clock.now()
        world.store.transact(
            lambda tx: report(tx, world.door, row=at, sid=sid, status=status, code=code, now=now)
        )
        return str(world.row(row)["status"])

    assert said("SM1", "queued") == "sent"
    assert said("SM1", "undelivered", 30003) == "pending", "once more after a while"
    assert said("SM1", "undelivered", 30003) == "pending", "said twice"
    assert said("SM2", "sent") == "sent", "the second attempt"
    assert said("SM1", "delivered") == "sent", "too late: it is about the first"
    assert said("SM2", "delivered", at=None) == "delivered", "found by its id"
    assert said("SM2", "failed", 30008) == "delivered", "never backwards"
    assert world.door.failed == []


def test_a_report_about_nothing_of_ours_is_ignored(world: World) -> None:
    telegram = world.queue("telegram", "1", '{"text": "x"}')
    for row in (None, 99, telegram):
        world.store.transact(
            lambda tx, row=row: report(  # type: ignore[misc]
                tx, world.door, row=row, sid="SM1", status="failed", code=30008, now=1
            )
        )

    assert world.row(telegram)["status"] == "pending"


def test_p5_an_answer_that_is_recorded_after_its_callback_turns_nothing_back(world: World) -> None:
    """Out of coverage, told before the sender could store that the text was taken: it waits for
    its second try."""
    number = world.queue("sms", "+12125550101", '{"text": "x"}')

    def work(tx: Tx) -> None:
        (row,) = dispatch.claim(tx, "sms", now=world.clock.now(), lease_until=1, limit=1)
        now = world.clock.now()
        report(tx, world.door, row=number, sid="SM1", status="undelivered", code=30003, now=now)
        settle(tx, world.door, Outcome(row, sent=Sent("SM1")), now)

    world.store.transact(work)

    row = world.row(number)
    assert ("pending", "SM1") == (row["status"], row["provider_id"])
    assert row["due_at"] > world.clock.now() + 4 * MINUTE


async def test_who_waits_for_a_commit_may_go_and_the_work_is_done_all_the_same(
    world: World,
) -> None:
    def work(name: str) -> Callable[[Tx], Any]:
        return lambda tx: tx.put("kept", key=name, value="x")

    waiting = asyncio.create_task(commit(world.writer, work("a")))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await commit(world.writer, work("b"))

    with world.store.reading() as tx:
        assert [row["key"] for row in tx.all("SELECT key FROM kept ORDER BY key")] == ["a", "b"]


async def test_p8_an_outage_is_told_once_it_lasts_and_asks_who_can_be_reached_elsewhere(
    world: World, wire: Wire, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def lasts(tx: Tx, channel: str) -> bool:
        asked.append(channel)
        return True

    monkeypatch.setattr(world.door, "channel_is_down", lasts)
    monkeypatch.setattr("bot.wires.sending.ROUND", 0.001)
    world.queue("telegram", "7", '{"text":"x"}', kind="alert")
    await delivery.attempt_all_due()
    assert asked == [], "while it works nobody is asked"
    wire.trouble = TryLater("gone", whole_channel=True)
    for number in range(4):
        world.queue("telegram", f"{number}", '{"text":"x"}', kind="alert")
        await delivery.attempt_all_due()
        world.advance(MINUTE)
    await delivery.attempt_all_due()
    assert asked == [], "a short one is nobody's business"
    world.advance(10 * MINUTE)
    for _ in range(3):
        await delivery.attempt_all_due()

    assert set(asked) == {"telegram"}
    assert world.door.stopped == [("telegram", "outage")]


async def test_s11_what_surely_did_not_leave_is_not_counted(world: World) -> None:
    wire = Wire("sms")
    wire.trouble = TryLater("busy")
    budget = Budget(3)
    delivery = Delivery(
        world.store, world.writer, world.door, world.clock, [wire], read=nothing, budget=budget
    )
    row = world.queue("sms", "+12125550101", '{"text": "x"}')
    serving = asyncio.create_task(delivery.run())
    for _ in range(4):
        await delivery.attempt_all_due()
        world.advance(5 * MINUTE)
    wire.trouble = None
    await delivery.attempt_all_due()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)

    assert (5, "sent") == (world.row(row)["attempts"], world.row(row)["status"])
    assert [] == world.door.stopped
