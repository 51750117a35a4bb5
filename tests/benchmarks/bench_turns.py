"""F1, F2, F5: our whole turn against the raw floor of the same run, pair by pair.

python -m tests.benchmarks.bench_turns [technicians] [pairs]
"""

import asyncio
import sys
import tempfile
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median

from bot import days
from bot.clock import Clock, to_instant
from bot.context import Context
from bot.incoming import Incoming
from bot.speech.wording import Wording
from bot.turns.door import Door, Receipt
from bot.wires.settling import settle_down
from flows.book import PROGRAMS, build_engine
from flows.facts import Facts
from storage import people, timers
from storage.db import Store, Tx, Writer
from storage.migrations import upgrade
from tests.benchmarks.floor import floor

WORDS = (
    "sent",
    "there",
    "started",
    "signed_in",
    "built",
    "completed",
    "signed",
    "sent",
    "gone",
    "signed_out",
    "reported",
)


def context_of(start: str = "2026-11-23T07:30-05:00") -> Context:
    """The rules and words, with a clock that starts there."""
    clock = Clock.from_setting(start)
    return Context(build_engine(), PROGRAMS, Wording.shipped(), clock, lambda _p, _c: "", True)


def build(
    url: str, technicians: int, start: str = "2026-11-23T07:30-05:00"
) -> tuple[Store, Context]:
    """A morning: every technician with one job at `eta`, ETA asked; `start` is the clock's."""
    store = Store(url)
    upgrade(store)
    context = context_of(start)
    opens = to_instant(datetime.fromisoformat("2026-11-23T08:00-05:00"))
    closes = opens + 3 * 3_600_000
    starts, ends = days.day_span(opens, closes, opens, days.zone_of("America/New_York"))
    facts = Facts(opens, closes, opens, starts, ends, 60)

    def fill(tx: Tx) -> None:
        now = context.clock.now()
        dana = tx.insert("people", name="Dana Cole", roles="manager", created_at=now)
        people.bind(tx, dana, "telegram", "1", now, "")
        people.change(tx, dana, channel="telegram", address="1")
        for index in range(technicians):
            tina = tx.insert(
                "people",
                name=f"Tina {index}",
                dm=dana,
                created_at=now,
                channel="telegram",
                address=str(1000 + index),
            )
            tx.put("addresses", person_id=tina, channel="telegram", address=str(1000 + index))
            order = tx.insert(
                "work_orders",
                number=f"114-{index}",
                program="apollo",
                customer="Carla Montgomery",
                street="12 Elm St",
                city="Troy",
                state="NY",
                zip="12180",
                product="TV stand",
                created_at=now,
            )
            turn = context.engine.begin("apollo", facts, now)
            job = tx.insert(
                "jobs",
                work_order_id=order,
                technician_id=tina,
                day="2026-11-23",
                window_start=opens,
                window_end=closes,
                planned_arrival=opens,
                day_start=starts,
                day_end=ends,
                talk=turn.talk.to_json(),
                state="eta",
                created_at=now,
                changed_at=now,
            )
            turn.talk.frames = [("apollo", "eta")]
            tx.run(
                "UPDATE jobs SET talk = :talk WHERE id = :id",
                {"talk": turn.talk.to_json(), "id": job},
            )
            timers.set_for_job(
                tx,
                job,
                [(n, t.due, t.late) for n, t in context.engine.standing(turn.talk, facts).items()],
            )

    store.transact(fill)
    settle_down()  # as `serve` does once it is ready
    return store, context


def presses(technicians: int, clock: Clock) -> list[list[Incoming]]:
    """Each technician's eleven presses, step by step."""
    now = clock.now()
    return [
        [
            Incoming(
                "telegram",
                "bot",
                f"{step}-{index}",
                str(1000 + index),
                now,
                now,
                kind="button",
                button=f"{index + 1}:{step + 1}:{word}",
                payload='{"update_id": 1}',
            )
            for step, word in enumerate(WORDS)
        ]
        for index in range(technicians)
    ]


async def run(technicians: int, in_flight: int, folder: Path) -> tuple[float, float, float]:
    """Turns per second, p99 of a turn in ms, longest stall of the event loop in ms."""
    store, context = build(f"sqlite:///{folder}/turns.db", technicians)
    found = await take(store, context, presses(technicians, context.clock), in_flight)
    with store.reading() as tx:
        row = tx.one("SELECT count(*) AS n FROM jobs WHERE state = 'reported'")
        assert row is not None
        assert row["n"] == technicians
    return found


async def take(
    store: Store, context: Context, queue: list[list[Incoming]], in_flight: int
) -> tuple[float, float, float]:
    """Take each technician's presses in their order, so many technicians at a time."""
    writer, door = Writer(store), Door(context)
    took: list[float] = []
    stall, running = [0.0], [True]

    def received(incoming: Incoming, tx: Tx) -> Receipt:
        return door.receive(tx, incoming)

    async def technician(mine: list[list[Incoming]]) -> None:
        while mine:
            for incoming in mine.pop():
                began = time.perf_counter()
                receipt = await writer.do(partial(received, incoming))
                took.append(time.perf_counter() - began)
                assert receipt.status == "done"

    async def probe() -> None:
        then = time.perf_counter()
        while running[0]:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            stall[0] = max(stall[0], now - then - 0.001)
            then = now

    watching = asyncio.create_task(probe())
    began = time.perf_counter()
    await asyncio.gather(*(technician(queue) for _ in range(in_flight)))
    seconds = time.perf_counter() - began
    running[0] = False
    await watching
    writer.close()
    took.sort()
    return len(took) / seconds, took[int(len(took) * 0.99)] * 1000, stall[0] * 1000


def main(technicians: int = 300, pairs: int = 5) -> None:
    """Print the figures."""
    floors: list[float] = []
    results: dict[int, list[tuple[float, float, float]]] = {1: [], 64: []}
    for _ in range(pairs):
        with tempfile.TemporaryDirectory() as folder:
            floors.append(floor(Path(folder) / "floor.db", technicians))
        for in_flight, found in results.items():
            with tempfile.TemporaryDirectory() as folder:
                found.append(asyncio.run(run(technicians, in_flight, Path(folder))))
    print(f"raw floor, 1 commit a turn: {median(floors):.0f} turns/s (median of {pairs})")
    for (in_flight, found), name in zip(results.items(), ("F1", "F2"), strict=True):
        ratio = median(rate / base for (rate, _, _), base in zip(found, floors, strict=True))
        print(
            f"{name} whole turn, {in_flight} in flight: {median(r for r, _, _ in found):.0f} turns/s, {ratio:.2f} x floor, "
            f"p99 {median(p for _, p, _ in found):.1f} ms, longest stall {median(s for _, _, s in found):.1f} ms (F5)"
        )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
