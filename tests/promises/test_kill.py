"""P1, P2, P5, P7: SIGKILL at random moments under load on both wires; the reckoning is without
fault."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.promises.load import Crowd
from tests.wire.running import Running, until

pytestmark = pytest.mark.slow
KILLS, TECHNICIANS, MOST = 5, 6, 50


async def test_p1_p2_kills_under_load_lose_nothing_and_double_nothing(
    tmp_path: Path, thorough: int
) -> None:
    chance = random.Random(7)
    made = Running(tmp_path, clock="2026-11-23T08:00-05:00", twilio_mode="polling")
    async with made.carriers() as running:
        crowd = Crowd(running, min(MOST, TECHNICIANS * thorough), seed=7)
        await crowd.set_up()
        await running.start()
        working = asyncio.create_task(crowd.work())
        for _ in range(KILLS * thorough):
            await asyncio.sleep(chance.uniform(0.05, 1.5))
            running.kill()
            assert running.process is not None
            await running.process.wait()
            await running.start()
        await asyncio.sleep(1)
        crowd.over.set()
        await working
        await until(crowd.settled, 120 + 10 * crowd.size)
        await running.stop()

        found = crowd.reckon()

        print(f"{KILLS * thorough} kills, {crowd.size} technicians: {found}")
        assert {} == {what: n for what, n in found.items() if n and not what.startswith("-")}
        assert found["- photos"] > 0
