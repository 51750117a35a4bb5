"""F10: our turns on PostgreSQL with 1, 2 and 4 processes, 64 in flight altogether.

python -m tests.benchmarks.bench_postgres [technicians] [pairs]

The server is the tests' own and does not wait for the disk: what is asked is whether processes add
up. Client and server share this machine's processors.
"""

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import psycopg

from storage.db import Store
from tests.benchmarks.bench_turns import build, context_of, presses, take
from tests.conftest import postgres_server

PROCESSES = (1, 2, 4)


def _share(url: str, technicians: int, part: int, parts: int, ready: Any, go: Any) -> None:
    context = context_of()
    mine = presses(technicians, context.clock)[part::parts]
    ready.release()
    go.wait()
    asyncio.run(take(Store(url), context, mine, 64 // parts))


def rate(url: str, technicians: int, parts: int, start: Callable[..., Any]) -> float:
    """Turns per second of so many processes together."""
    turns = sum(map(len, presses(technicians, build(url, technicians)[1].clock)))
    ready, go = multiprocessing.Semaphore(0), multiprocessing.Event()
    workers = [
        start(target=_share, args=(url, technicians, part, parts, ready, go))
        for part in range(parts)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    began = time.perf_counter()
    go.set()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return turns / (time.perf_counter() - began)


def main(technicians: int = 100, pairs: int = 3) -> None:
    """Print the figures."""
    rates: dict[int, list[float]] = {parts: [] for parts in PROCESSES}
    with postgres_server() as directory:
        home = f"postgresql://postgres@/postgres?host={directory}"
        for number in range(pairs):
            for parts, found in rates.items():
                name = f"bench_{number}_{parts}"
                with psycopg.connect(home, autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {name}")
                url = home.replace("/postgres?", f"/{name}?")
                found.append(rate(url, technicians, parts, multiprocessing.Process))
    alone = rates[1]
    for parts, found in rates.items():
        ratio = median(b / a for a, b in zip(alone, found, strict=True))
        print(f"F10 {parts} processes: {median(found):.0f} turns/s, {ratio:.2f} x one process")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
