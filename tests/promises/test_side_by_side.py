"""P2, P4, P5, P9, F10: two servers on one PostgreSQL, each taking webhooks, one of them polling and
sending: it is cut off, stopped, killed, or makes way for a newer version, and what everybody said and
heard is without fault."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage import leases, migrations
from storage.db import Store
from tests.promises.load import Crowd
from tests.promises.newer import SCHEMA, Newer
from tests.promises.reckoning import Books, faults, reckon
from tests.promises.relay import Relay
from tests.promises.test_kill import HALF_AN_HOUR, PATIENCE, settled_in
from tests.promises.warm import Life, Warm, warm
from tests.wire.running import Running, free_port

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
TECHNICIANS = 8
LIMIT = 10.0
"""Seconds in which another has taken over (F10)."""
LEASES = ("telegram_poller:4242", "telegram_sender", "sms_sender", "email_sender")


class Pair:
    """Two servers, the first maybe behind a relay that can cut it off, and a crowd that never
    waits."""

    def __init__(self, crowd: Crowd, parent: Warm, relayed: str = "") -> None:
        self.crowd, self.parent, self.running = crowd, parent, crowd.running
        self._direct = crowd.running.env["DATABASE_URL"]
        self._databases = (relayed or self._direct, self._direct)
        self._ports = (crowd.running.port, free_port())
        self._turn = 0
        crowd.running.twilio.webhooks.time_scale = 0.1

    def env(self, which: int) -> dict[str, str]:
        """The environment of the first or the second server."""
        port = self._ports[which]
        return {
            **self.crowd.env(), "DATABASE_URL": self._databases[which], "HTTP_PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
        }  # fmt: skip

    async def start(self, which: int) -> Life:
        """The first or the second server."""
        life = self.parent.start(["serve"], self.env(which), patience=PATIENCE)
        await life.serves_or_ends()
        assert life.code is None
        return life

    def leader(self) -> int:
        """The process that polls Telegram and sends on every channel, 0 while none does all."""
        with Store(self._direct).reading() as tx:
            numbers = {(leases.holder(tx, key) or "|0").split("|")[1] for key in LEASES}
        return int(numbers.pop()) if len(numbers) == 1 else 0

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Everybody does what they are asked; texts go to one server and, failing it, the other."""

        async def work() -> None:
            while True:
                self.crowd.act()
                self._turn += 1
                one, other = self._ports[:: (-1) ** self._turn]
                urls = [f"http://127.0.0.1:{port}/twilio/inbound" for port in (one, other)]
                self.running.twilio.set_urls(*urls)
                await asyncio.sleep(0.7)

        task = asyncio.create_task(work())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def schema(self) -> str | None:
        """The schema of their database."""
        return migrations.current(Store(self._direct))

    async def hears(self, more: int) -> None:
        """Until so many updates more have come in."""
        async with asyncio.timeout(60):
            enough = more + await asyncio.to_thread(self._heard)
            while await asyncio.to_thread(self._heard) < enough:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.2)

    def _heard(self) -> int:
        return len(Books(self.crowd).inbox)

    async def handed_over(self, to: Life, how: Callable[[], None]) -> tuple[float, float]:
        """Do it to the one that leads; seconds until the other does, and has answered somebody."""
        phone = self.crowd.managers[0]
        how()
        began, heard, led = time.monotonic(), len(phone.inbox), 0.0
        phone.says("today")
        while not led or len(phone.inbox) == heard:
            await asyncio.sleep(0.05)
            passed = time.monotonic() - began
            assert passed < 3 * LIMIT, "nobody took over"
            if not led and await asyncio.to_thread(self.leader) == to.pid:
                led = passed
        return led, time.monotonic() - began

    async def to_the_end(self, *, settled: bool) -> None:
        """Until every job has come to its end, and nothing is on its way."""
        deadline, waited = time.monotonic() + 120, False
        while True:
            await asyncio.sleep(0.5)
            books = await asyncio.to_thread(Books, self.crowd)
            if not books.open() and (books.settled() or not settled):
                return
            assert time.monotonic() < deadline, books.open()
            if not waited and {"no_show.waiting"} == set(books.open()):
                waited = True
                self.running.url = f"http://127.0.0.1:{self._ports[1]}"
                await self.running.forward(f"{self.crowd.now() + HALF_AN_HOUR:%H:%M}")


async def test_p2_p4_p5_of_two_servers_one_is_cut_off_stopped_and_killed(
    tmp_path: Path, postgres_database_url: str
) -> None:
    server = postgres_database_url.partition("host=")[2]
    made = Running(tmp_path, database=postgres_database_url)
    with tempfile.TemporaryDirectory(prefix="relay-") as folder:
        relay = Relay(Path(server), Path(folder))
        async with made.carriers() as running, warm(tmp_path) as parent:
            crowd = await settled_in(running, parent, TECHNICIANS, seed=7)
            pair = Pair(crowd, parent, postgres_database_url.replace(server, folder))
            first = await pair.start(0)
            second = await pair.start(1)
            took = {}
            async with pair.at_work():
                await _leads(pair, first.pid)
                took["cut off"] = await pair.handed_over(second, relay.partition)
                relay.heal()
                await _stays(pair, second)
                took["stopped"] = await pair.handed_over(
                    first, lambda: os.kill(second.pid, signal.SIGSTOP)
                )
                os.kill(second.pid, signal.SIGCONT)
                await _stays(pair, first)
                took["killed"] = await pair.handed_over(second, first.kill)
                await pair.to_the_end(settled=False)
            await pair.to_the_end(settled=True)
            second.kill()
            await second.ends()
            found = reckon(crowd, Books(crowd))
        relay.close()
    for how, (led, answered) in took.items():
        print(f"{how}: taken over after {led:.1f} s, somebody answered after {answered:.1f} s")
    print(found)
    assert {} == faults(found)
    assert [] == [how for how, (led, _) in took.items() if led > LIMIT]


async def test_p9_a_newer_version_serves_beside_this_one_and_takes_its_place(
    tmp_path: Path, postgres_database_url: str
) -> None:
    """It makes the schema newer under this one, is taken back, and comes again to stay."""
    made = Running(tmp_path, database=postgres_database_url)
    async with made.carriers() as running, warm(tmp_path) as parent:
        crowd = await settled_in(running, parent, TECHNICIANS, seed=7)
        pair, new = Pair(crowd, parent), Newer(tmp_path / "newer", tmp_path)
        this = await pair.start(0)
        async with pair.at_work():
            await pair.hears(TECHNICIANS)
            await new.start(pair.env(1))
            assert SCHEMA == pair.schema()
            await pair.hears(2 * TECHNICIANS)
            assert 0 == await new.stop()
            await pair.hears(TECHNICIANS)
            stays = await new.start(pair.env(1))
            await pair.hears(TECHNICIANS)
            os.kill(this.pid, signal.SIGTERM)
            assert 0 == await this.ends()
            await _leads(pair, stays)
            await pair.to_the_end(settled=False)
        await pair.to_the_end(settled=True)
        assert 0 == await new.stop()
        found = reckon(crowd, Books(crowd))
    print(found)
    assert {} == faults(found)


async def _leads(pair: Pair, process: int) -> None:
    async with asyncio.timeout(LIMIT):
        while pair.leader() != process:  # noqa: ASYNC110 - it is the database that tells
            await asyncio.sleep(0.05)


async def _stays(pair: Pair, leader: Life) -> None:
    """Whoever comes back stands by."""
    for _ in range(10):
        await asyncio.sleep(0.3)
        assert leader.pid == await asyncio.to_thread(pair.leader)
