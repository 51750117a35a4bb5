"""P1, P2, P5, P6, P7: SIGKILL at random moments and at every named point of our own code, with
fifty technicians at work on both wires; the carriers' record agrees with the database."""

import asyncio
import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.promises.load import Crowd
from tests.promises.points import SERVING
from tests.promises.reckoning import Books, faults, reckon
from tests.promises.warm import Life, Warm, warm
from tests.wire.running import Running

pytestmark = pytest.mark.slow
KILLS, TECHNICIANS = 300, 50
PATIENCE = 1.5
"""Real seconds that a send may take here, and its lease little more: a kill each quarter second
would else find everything waiting for the half minute of a real lease."""
HALF_AN_HOUR = timedelta(minutes=31)
SET_UP = (
    ("people", "import", "people.csv"),
    ("doctor", "--confirm-contacts"),
    ("manifest", "import", "manifest.csv"),
)


class Killer:
    """Starts the bot and kills it, again and again, as a seed says."""

    def __init__(self, crowd: Crowd, parent: Warm, seed: int) -> None:
        self.crowd, self.parent = crowd, parent
        self.chance = random.Random(seed)
        self.hits = Counter(dict.fromkeys(SERVING, 0))
        self.kills = 0

    def start(self, *points: str, passings: int = 1) -> Life:
        """One life of the bot, with these fault points armed."""
        return self.parent.start(
            ["serve"], self.crowd.env(), patience=PATIENCE, points=points, passings=passings
        )

    async def kill(self) -> None:
        """One life, ended at a fault point or at a moment."""
        chance = self.chance
        missed = [name for name in SERVING if not self.hits[name]]
        if missed:
            life = self.start(*missed)
        elif chance.random() < 0.4:
            rare = sorted(SERVING, key=lambda name: (self.hits[name], chance.random()))
            life = self.start(*rare[:8], passings=chance.choice((1, 1, 2, 3)))
        else:
            life = self.start()
        if chance.random() < 0.12:
            await _within(life, chance.uniform(0, 0.1))  # while it starts
        else:
            began = time.monotonic()
            await life.serves_or_ends()
            self.crowd.act(self.kills)
            # By how fast this machine is: it lives for up to twice, or ten times, as long; for ten
            # times where a point was never reached, so that it comes to it.
            start = time.monotonic() - began
            longer = chance.random() < 0.1
            await _within(life, start * (10 if missed else chance.uniform(0, 10 if longer else 2)))
        life.kill()
        assert -9 == await life.ends(), "it ended by itself"
        self.hits[life.point] += 1
        self.kills += 1

    async def finish(self) -> Books:
        """Everybody goes on to the end of their job, and nobody kills."""
        life = self.start()
        await life.serves_or_ends()
        deadline = time.monotonic() + 240
        waited = False
        while True:
            await asyncio.sleep(0.5)
            books = await asyncio.to_thread(Books, self.crowd)
            where = books.open()
            if not where and books.settled():
                break
            assert time.monotonic() < deadline, f"open: {where}"
            if not waited and {"no_show.waiting"} == set(where):
                waited = True
                await self.crowd.running.forward(f"{self.crowd.now() + HALF_AN_HOUR:%H:%M}")
            elif where:
                self.crowd.act()
        life.kill()
        await life.ends()
        return Books(self.crowd)


async def settled_in(
    running: Running, parent: Warm, technicians: int, seed: int, kills: int = 1
) -> Crowd:
    """A crowd whose people and jobs are taken in."""
    crowd = Crowd(running, technicians, seed)
    crowd.files()
    for words in SET_UP:
        await parent.command(crowd.env(), *words)
    crowd.bind(kills)
    return crowd


async def _within(life: Life, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await life.ended.wait()
    except TimeoutError:
        pass


async def test_p1_p2_p5_kills_under_load_lose_nothing_and_double_nothing(
    tmp_path: Path, thorough: int
) -> None:
    hits = Counter[str]()
    for seed in range(7, 7 + thorough):
        home = tmp_path / str(seed)
        home.mkdir()
        hits += await _a_day_of_kills(home, seed, KILLS, TECHNICIANS)
    assert [] == [name for name in SERVING if not hits[name]]


@pytest.mark.postgresql
async def test_p1_p2_p5_kills_under_load_on_postgresql(
    tmp_path: Path, postgres_database_url: str, thorough: int
) -> None:
    few = min(6 * thorough, TECHNICIANS)
    await _a_day_of_kills(tmp_path, 7, 40 * thorough, few, postgres_database_url)


async def _a_day_of_kills(
    home: Path, seed: int, kills: int, technicians: int, database: str = ""
) -> Counter[str]:
    """A day on which nothing must go wrong; how often it was killed at each fault point."""
    made = Running(home, database=database, twilio_mode="polling")
    async with made.carriers() as running, warm(home) as parent:
        crowd = await settled_in(running, parent, technicians, seed, kills)
        killer = Killer(crowd, parent, seed)
        began = time.monotonic()
        while killer.kills < kills:
            await killer.kill()
        took = time.monotonic() - began
        found = reckon(crowd, await killer.finish())
        print(f"seed {seed}: {kills} kills in {took:.0f} s, {technicians} technicians: {found}")
        assert {} == faults(found)
        return killer.hits
