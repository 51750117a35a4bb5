"""One process of several does what only one may; another takes over from one that is gone (F10)."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.clock import real_now
from bot.wires import leading
from bot.wires.commit import commit
from bot.wires.leading import Leader
from storage import kept, leases
from storage.db import StorageDown, Writer
from tests.databases import new_store
from tests.wire.world import until


@pytest.fixture
def writer(database_url: str) -> Iterator[Writer]:
    made = Writer(new_store(database_url))
    yield made
    made.close()


async def test_only_one_leads_and_the_next_takes_over(writer: Writer) -> None:
    led: list[str] = []

    async def work(name: str) -> None:
        led.append(name)
        await asyncio.sleep(3600)

    first = asyncio.create_task(Leader(writer, "poller").run(lambda: work("first")))
    await until(lambda: led)
    second = asyncio.create_task(Leader(writer, "poller").run(lambda: work("second")))
    await asyncio.sleep(0.2)
    assert led == ["first"]
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    await until(lambda: led == ["first", "second"], 10)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)


@pytest.mark.parametrize("number", [999_999_999, os.getpid()], ids=["another", "its own"])
async def test_a_process_of_this_machine_that_was_killed_is_not_waited_for(
    writer: Writer, number: int
) -> None:
    """In a container whoever is started again has the number of whoever was killed."""
    held = {"owner": f"{leading.place()}|{number}|x|y", "until": real_now() + 60_000}
    await asyncio.wrap_future(writer.submit(lambda tx: kept.put(tx, "poller", json.dumps(held))))
    led = asyncio.Event()

    async def work() -> None:
        led.set()

    await asyncio.wait_for(Leader(writer, "poller").run(work), 2)

    assert led.is_set()


async def test_a_process_of_another_container_is_waited_for_though_the_machine_has_its_name(
    writer: Writer,
) -> None:
    elsewhere = f"{socket.gethostname()} pid:[1]|{os.getpid()}|x|y"
    held = {"owner": elsewhere, "until": real_now() + 60_000}
    await asyncio.wrap_future(writer.submit(lambda tx: kept.put(tx, "poller", json.dumps(held))))
    stands_by = asyncio.Event()

    async def work() -> None:
        pytest.fail("two lead")

    leader = asyncio.create_task(Leader(writer, "poller", stands_by.set).run(work))
    await asyncio.wait_for(stands_by.wait(), 5)
    leader.cancel()
    await asyncio.gather(leader, return_exceptions=True)


async def test_a_lease_that_somebody_else_took_ends_the_work(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "RENEW", 0.05)
    running = asyncio.Event()
    ended = asyncio.Event()

    async def work() -> None:
        running.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    leader = asyncio.create_task(Leader(writer, "poller").run(work))
    await running.wait()
    until_then = real_now() + 60_000
    other = json.dumps({"owner": "elsewhere|1|x", "until": until_then})
    await asyncio.wrap_future(writer.submit(lambda tx: kept.put(tx, "poller", other)))

    await asyncio.wait_for(ended.wait(), 5)
    leader.cancel()
    await asyncio.gather(leader, return_exceptions=True)

    holder = await asyncio.wrap_future(writer.submit(lambda tx: leases.holder(tx, "poller")))
    assert holder == "elsewhere|1|x"


@pytest.mark.parametrize(("away", "keeps"), [(0.4, True), (60.0, False)])
async def test_p4_a_database_that_is_away_takes_no_lease_away_before_it_ends(
    writer: Writer, monkeypatch: pytest.MonkeyPatch, away: float, keeps: bool
) -> None:
    for name, value in {"LEASE": 1_500, "MARGIN": 500, "RENEW": 0.05, "AGAIN": 0.05}.items():
        monkeypatch.setattr(leading, name, value)
    ended, back = asyncio.Event(), 0.0

    async def reach(*what: Any) -> Any:
        if time.monotonic() < back:
            raise StorageDown("away")
        return await commit(*what)

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    monkeypatch.setattr(leading, "commit", reach)
    leader = asyncio.create_task(Leader(writer, "poller").run(work))
    await until(lambda: writer.submit(lambda tx: leases.holder(tx, "poller")).result())
    gone = time.monotonic()
    back = gone + away
    await asyncio.wait({asyncio.ensure_future(ended.wait())}, timeout=1.6)
    took = time.monotonic() - gone
    leader.cancel()
    await asyncio.gather(leader, return_exceptions=True)

    assert keeps == (took >= 1.5), took
