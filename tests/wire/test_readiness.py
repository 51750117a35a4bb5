"""`/readyz` and the heartbeat: a bot that is deaf, stuck or without its database does not look well."""

import threading
import time

import pytest

from bot.wires import readiness
from bot.wires.metrics import Metrics
from bot.wires.readiness import checks
from bot.wires.receiving import Health
from storage import db, figures
from storage.db import StorageDown, Tx
from tests.wire.world import World


async def said(world: World, health: Health, *, polls: bool = True) -> dict[str, str]:
    found = checks(world.writer, world.clock, health, polls=polls)
    return {name: words for name, check in found.items() if (words := await check())}


async def test_all_is_well(world: World) -> None:
    assert {} == await said(world, Health())


async def test_a_loop_that_is_deaf_or_dead_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health()
    monkeypatch.setattr(health, "_since", time.monotonic() - 200)

    assert {"telegram", "reminders"} == set(await said(world, health))
    assert {"reminders"} == set(await said(world, health, polls=False))
    health.well("telegram")
    health.well("reminders")
    assert {} == await said(world, health)


async def test_a_message_that_waits_too_long_is_named(world: World) -> None:
    world.queue("sms", "+12125550101", "{}")
    assert {} == await said(world, Health())

    world.advance(readiness.WAITING + 60_000)

    assert {"outbox": "a message has waited for 16 min"} == await said(world, Health())


async def test_a_database_that_is_down_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(connection: object, store: object) -> None:
        raise StorageDown("it cannot be reached")

    monkeypatch.setattr(db, "_begin", down)

    assert {"database", "outbox"} == set(await said(world, Health()))


async def test_the_turns_wait_for_no_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year's messages take seconds to count: `/metrics` does that beside the one that writes."""
    counts, counted = [], figures.counted

    def count(tx: Tx) -> figures.Counted:
        counts.append(threading.current_thread().name)
        return counted(tx)

    monkeypatch.setattr(figures, "counted", count)
    world.queue("sms", "+12125550101", "{}")
    samples = list(await Metrics(world.store, world.clock, Health()).samples())

    assert [1] == [each.value for each in samples if each.labels.get("status") == "pending"]
    assert counts
    assert "writer" not in counts
