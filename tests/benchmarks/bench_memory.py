"""F9: the memory of a real `serve` process over days of work on both wires, hour by hour.

Half the technicians write on Telegram, half by SMS; each has a visit a day, every other one finds
nobody home at first, pictures and alerts included. The clock is pushed half an hour at a time.

python -m tests.benchmarks.bench_memory [technicians] [days] (Linux: memory is read from /proc)
"""

import asyncio
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from storage.db import Store
from tests.benchmarks.bench_start import memory
from tests.promises.load import START, Crowd
from tests.wire.running import Running

WAKES, SLEEPS = timedelta(hours=6, minutes=30), timedelta(hours=19, minutes=30)
STEP = timedelta(minutes=30)


class Days:
    """The crowd, day after day, and what the process that serves it weighs."""

    def __init__(self, running: Running, technicians: int) -> None:
        self.running = running
        self.crowd = Crowd(running, technicians, seed=7)
        self.day = datetime.fromisoformat(START).replace(hour=0)

    async def begin(self) -> None:
        """People with phones that have consented, and the server."""
        self.crowd.files()
        await self.running.command("people", "import", "people.csv")
        await self.running.command("doctor", "--confirm-contacts")
        self.crowd.bind(1)
        await self.running.start()

    async def live(self) -> None:
        """One day: its manifest, then answers every half hour; prints each full hour."""
        await self._manifest()
        at = WAKES
        while at <= SLEEPS:
            now = self.day + at
            await self.running.forward(f"{now:%H:%M}", f"{now:%Y-%m-%d}")
            await self._quiet()
            self.crowd.act()
            await self._quiet()
            if now.minute == 0:
                await self.running.shown()
                self.tell(now)
            at += STEP
        self.day += timedelta(days=1)

    async def _manifest(self) -> None:
        path = self.running.folder / "manifest.csv"
        rows = path.read_text().replace("2026-11-23", f"{self.day:%Y-%m-%d}")
        (self.running.folder / "today.csv").write_text(rows.replace("200-", f"{self.day:%m%d}-"))
        await self.running.command("manifest", "import", "today.csv")

    def _heard(self) -> int:
        phones = [*(each.phone for each in self.crowd.technicians), *self.crowd.managers]
        return sum(len(phone.inbox) for phone in phones)

    async def _quiet(self) -> None:
        """Until no phone has heard anything for a while."""
        heard = -1
        while heard != self._heard():
            heard = self._heard()
            await asyncio.sleep(0.5)

    def tell(self, now: datetime) -> None:
        """The weight at this hour, and after how many updates and messages."""
        assert self.running.process is not None
        with Store(self.running.env["DATABASE_URL"]).reading() as tx:
            found = tx.one(
                "SELECT (SELECT count(*) FROM inbox) AS updates, (SELECT count(*) FROM outbox) AS"
                " messages, (SELECT count(*) FROM jobs WHERE NOT is_open) AS over"
            )
        assert found is not None
        print(
            f"{now:%a %H:%M}  {memory(self.running.process.pid):6.1f} MB  {found['updates']} updates,"
            f" {found['messages']} messages, {found['over']} visits over",
            flush=True,
        )


async def run(technicians: int, days: int) -> None:
    """So many days."""
    with tempfile.TemporaryDirectory() as folder:
        running = Running(Path(folder))
        running.env["CLOCK"] = START.replace("08:00", "06:00")
        async with running.carriers():
            crowd = Days(running, technicians)
            await crowd.begin()
            crowd.tell(datetime.fromisoformat(START))
            for _ in range(days):
                await crowd.live()


def main(technicians: int = 40, days: int = 3) -> None:
    """Print the hours."""
    asyncio.run(run(technicians, days))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
