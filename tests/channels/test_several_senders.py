"""P4, P5: several processes at one outbox: one of them sends, at the pace of one."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest

from bot.channels.base import Outgoing, Sent, TryLater
from bot.clock import Clock, real_now
from bot.wires import delivery as delivering
from bot.wires import leading, sending
from bot.wires.delivery import Delivery
from flows.facts import HOUR
from storage import kept, leases, outbox, signals
from storage.db import Store, Tx, Writer
from tests.channels.test_outcomes import Wire, nothing
from tests.databases import new_store
from tests.wire.world import START, RecordingDoor, until


@pytest.fixture
def shared(database_url: str) -> Store:
    return new_store(database_url)


def fill(tx: Tx) -> None:
    """Sixty texts to six chats."""
    for number in range(60):
        values = {"kind": "reply", "lane": 1, "payload": json.dumps({"text": f"{number}"})}
        values |= {"created_at": 1, "due_at": 1}
        outbox.add(tx, channel="telegram", address=str(number % 6), **values)


def by_chat(*wires: Wire) -> dict[str, list[int]]:
    """What each chat got, in its order."""
    sent = [each for wire in wires for each in wire.sent]
    return {str(chat): [int(t) for a, t in sent if a == str(chat)] for chat in range(6)}


IN_ORDER = {str(chat): list(range(chat, 60, 6)) for chat in range(6)}


class Process:
    """One process: a writer and a delivery of its own."""

    def __init__(self, store: Store, wire: Wire) -> None:
        self.writer, self.wire = Writer(store), wire
        self.clock, self.door = Clock.from_setting(f"{START}@0"), RecordingDoor()
        self.delivery = Delivery(store, self.writer, self.door, self.clock, [wire], read=nothing)
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.delivery.run())

    def sends(self) -> bool:
        return all(sender.leads for sender in self.delivery._senders)

    def down(self) -> bool:
        return all(sender._circuit.down for sender in self.delivery._senders)

    async def rest(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task

    async def stop(self) -> None:
        await self.rest()
        await asyncio.to_thread(self.writer.close)


@asynccontextmanager
async def two(store: Store) -> AsyncIterator[tuple[Process, Process]]:
    """Two that serve, of which the first sends."""
    first, second = Process(store, Wire()), Process(store, Wire())
    try:
        first.start()
        await until(lambda: store.transact(partial(leases.holder, key="telegram_sender")))
        second.start()
        yield first, second
    finally:
        await first.stop()
        await second.stop()


async def test_p4_of_two_processes_one_sends_and_the_other_goes_on_when_it_ends(
    shared: Store,
) -> None:
    async with two(shared) as (first, second):
        shared.transact(fill)
        first.delivery.wake()
        second.delivery.wake()
        await until(lambda: len(first.wire.sent) == 60)
        assert [] == second.wire.sent

        await first.stop()
        shared.transact(fill)
        await until(lambda: len(second.wire.sent) == 60)

    assert IN_ORDER == by_chat(first.wire) == by_chat(second.wire)


class Slow(Wire):
    """Answers once it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let_go = 0, asyncio.Event()

    async def send(self, message: Outgoing) -> Sent:
        self.begun += 1
        await self.let_go.wait()
        return await super().send(message)


async def test_p5_what_is_in_the_air_when_the_lease_is_lost_lands_and_is_recorded(
    shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "RENEW", 0.05)
    slow = Slow()
    first = Process(shared, slow)
    shared.transact(fill)
    first.start()
    await until(lambda: slow.begun == 6)

    held = json.dumps({"owner": "elsewhere|1|x|y", "until": real_now() + 8_000})
    shared.transact(lambda tx: kept.put(tx, "telegram_sender", held))
    await until(lambda: not first.sends())
    slow.let_go.set()
    await until(lambda: count(shared, "sent") == 6)
    await first.stop()

    assert 6 == slow.begun == len(slow.sent)
    assert 0 == count(shared, "sending")


def count(store: Store, status: str) -> int:
    """How many rows are in this state."""
    with store.reading() as tx:
        rows = tx.all("SELECT id FROM outbox WHERE status = :status", {"status": status})
    return len(rows)


async def test_p8_who_sends_again_believes_no_outage_of_an_earlier_time(
    shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(shared, Wire())
    monkeypatch.setattr(process.door, "channel_is_down", lambda tx, channel: True)
    process.wire.trouble = TryLater("gone", whole_channel=True)
    shared.transact(fill)
    process.start()
    await until(lambda: process.down() and count(shared, "pending") == 60)
    await process.rest()
    shared.transact(lambda tx: tx.run("UPDATE outbox SET due_at = 1"))
    process.wire.trouble = None
    process.clock.set(process.clock.now() + 5 * HOUR)
    process.start()
    await until(lambda: len(process.wire.sent) == 60)
    await process.stop()

    assert [] == process.door.stopped


@pytest.mark.postgresql
async def test_f2_what_one_process_commits_leaves_another_at_once(
    postgres_migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender that looked last would not look again for an hour."""
    for module in (delivering, sending):
        monkeypatch.setattr(module, "ROUND", 3600.0)
    store = new_store(postgres_migrated_url)
    async with two(store) as (first, second):
        store.transact(fill)
        second.delivery.wake()
        await until(lambda: len(first.wire.sent) == 60)

    assert IN_ORDER == by_chat(first.wire)


async def test_p4_two_processes_that_both_send_send_everything_once_and_in_order(
    shared: Store,
) -> None:
    """As at the moment when a lease is lost."""
    wire = Wire()
    both = [Process(shared, wire), Process(shared, wire)]
    shared.transact(fill)

    for _ in range(3):
        await asyncio.gather(*(each.delivery.attempt_all_due() for each in both))
    for each in both:
        await each.stop()

    assert IN_ORDER == by_chat(wire)


@pytest.mark.postgresql
async def test_p10_a_word_to_the_others_that_cannot_be_said_ends_nothing(
    postgres_migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ring(tx: Tx) -> None:
        raise LookupError("statement timeout")

    monkeypatch.setattr(signals, "ring", ring)
    store = new_store(postgres_migrated_url)
    async with two(store) as (first, second):
        store.transact(fill)
        second.delivery.wake()
        await until(lambda: len(first.wire.sent) == 60)
        assert second.task is not None
        assert not second.task.done()
