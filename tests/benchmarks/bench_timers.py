"""F6: timers due all at once, their texts durable in the outbox, against APScheduler's own job
store, which only calls an empty function.

python -m tests.benchmarks.bench_timers [timers] [pairs]
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from statistics import median

import sqlalchemy
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import to_instant
from bot.clockwork.reminders import Reminders
from bot.turns.door import Door
from storage.db import Writer
from tests.benchmarks.bench_turns import build

_fired: list[float] = []


async def _fire() -> None:
    _fired.append(time.perf_counter())


def _durable(connection: object, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


async def theirs(timers: int, url: str) -> float:
    """Timers per second out of APScheduler's SQLAlchemyJobStore."""
    engine = sqlalchemy.create_engine(url)
    sqlalchemy.event.listen(engine, "connect", _durable)
    scheduler = AsyncIOScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine)},
        timezone=UTC,
        job_defaults={"misfire_grace_time": None},
    )
    scheduler.start(paused=True)
    due = datetime.now(UTC) - timedelta(seconds=5)
    for _ in range(timers):
        scheduler.add_job(_fire, "date", run_date=due)
    _fired.clear()
    began = time.perf_counter()
    scheduler.resume()
    while len(_fired) < timers:  # noqa: ASYNC110 - a bench may look
        await asyncio.sleep(0.01)
    scheduler.shutdown(wait=False)
    engine.dispose()
    return timers / (_fired[-1] - began)


async def ours(timers: int, url: str) -> float:
    """Timers per second, each a turn of its own that writes its text and its timeline."""
    store, context = build(url, timers, "2026-11-23T06:00-05:00")
    writer = Writer(store)
    reminders = Reminders(writer, Door(context), context.clock, "America/New_York")
    context.clock.set(to_instant(datetime.fromisoformat("2026-11-23T06:45:30-05:00")))
    began = time.perf_counter()
    rung = await reminders.ring_due()
    seconds = time.perf_counter() - began
    writer.close()
    with store.reading() as tx:
        row = tx.one("SELECT count(*) AS n FROM outbox WHERE kind = 'reminder'")
        assert row is not None
        assert rung >= row["n"] == timers
    return rung / seconds


def main(timers: int = 2000, pairs: int = 3) -> None:
    """Print the figure."""
    rates: list[tuple[float, float]] = []
    for _ in range(pairs):
        with tempfile.TemporaryDirectory() as folder:
            peer = asyncio.run(theirs(timers, f"sqlite:///{folder}/theirs.db"))
            rates.append((asyncio.run(ours(timers, f"sqlite:///{folder}/ours.db")), peer))
    print(
        f"F6 {timers} timers due at once: {median(a for a, _ in rates):.0f}/s with their texts, "
        f"APScheduler's job store {median(b for _, b in rates):.0f}/s with none, "
        f"{median(a / b for a, b in rates):.1f} x"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
