"""F9: from starting `serve` to ready, with many open jobs; and its memory once it is idle.

python -m tests.benchmarks.bench_start [jobs] [rounds] (Linux: memory is read from /proc)
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from storage.db import Tx
from tests.benchmarks.bench_growth import old_rows
from tests.benchmarks.bench_turns import build
from tests.wire.running import Running

TECHNICIANS = 1_000


async def run(jobs: int, folder: Path) -> tuple[float, float]:
    """Seconds until it was ready, and MB a few seconds later."""
    store, _ = build(f"sqlite:///{folder}/doorstep.db", TECHNICIANS)
    numbers = range(TECHNICIANS + 1, jobs + 1)

    def fill(tx: Tx) -> None:
        rows = [old_rows(number) for number in numbers]
        tx.put_many("work_orders", [row["work_orders"] for row in rows])
        waits = {"is_open": True, "state": "planned", "day": "2026-12-01"}
        tx.put_many("jobs", [row["jobs"] | waits for row in rows])
        far = {"name": "apollo.eta_75", "due_at": 1_796_000_000_000}
        tx.put_many("timers", [{"job_id": number, **far} for number in numbers])

    store.transact(fill)
    async with Running(folder).carriers() as server:
        began = time.perf_counter()
        await server.start()
        ready = time.perf_counter() - began
        await asyncio.sleep(3)
        assert server.process is not None
        return ready, memory(server.process.pid)


def memory(process: int) -> float:
    """Resident megabytes."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if "VmRSS" in line)
    return int(kilobytes) / 1024


def main(jobs: int = 20_000, rounds: int = 3) -> None:
    """Print the figures."""
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(asyncio.run(run(jobs, Path(folder))))
    print(
        f"F9 with {jobs} open jobs: ready after {median(s for s, _ in found):.1f} s, "
        f"idle at {median(m for _, m in found):.0f} MB"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
