"""F8: a turn in a database of many jobs against one of 1,000.

python -m tests.benchmarks.bench_growth [jobs] [pairs] (1 000 000 jobs take two minutes to fill)
"""

import asyncio
import shutil
import sys
import tempfile
from statistics import median
from typing import Any

from storage.db import Store, Tx
from tests.benchmarks.bench_turns import build, presses, take

TECHNICIANS = 200
CHUNK = 10_000


def old_rows(number: int) -> dict[str, dict[str, Any]]:
    """A visit that is over, with its order, an update, a message that left and its history."""
    at, technician = 1_735_700_000_000 + number, 2 + number % TECHNICIANS
    return {
        "work_orders": {"number": f"old-{number}", "program": "apollo", "created_at": at},
        "jobs": {
            "work_order_id": number, "technician_id": technician, "day": "2025-01-01",
            "window_start": at, "window_end": at, "day_start": at, "day_end": at,
            "state": "reported", "talk": '{"frames":[["apollo","reported"]]}', "is_open": False,
            "created_at": at, "changed_at": at,
        },
        "inbox": {
            "channel": "telegram", "account": "bot", "key": f"old-{number}", "received_at": at,
            "person_id": technician, "payload": '{"update_id": 1}',
        },
        "outbox": {
            "channel": "telegram", "address": str(998 + technician), "person_id": technician,
            "job_id": number, "kind": "reply", "lane": 0, "asks": '{"kind":"step"}',
            "payload": '{"text": "Done."}', "created_at": at, "due_at": at, "status": "sent",
            "claimed_at": at, "sent_at": at, "provider_id": f"old-{number}",
        },
        "timeline": {
            "job_id": number, "at": at, "told_at": at, "event": "reported", "by": "Tina",
        },
    }  # fmt: skip


def grow(store: Store, jobs: int) -> None:
    """Old visits, until there are so many."""
    for first in range(TECHNICIANS + 1, jobs + 1, CHUNK):
        rows = [old_rows(number) for number in range(first, min(first + CHUNK, jobs + 1))]

        def fill(tx: Tx, rows: list[dict[str, dict[str, Any]]] = rows) -> None:
            for table in rows[0]:
                tx.put_many(table, [row[table] for row in rows])

        store.transact(fill)


def main(jobs: int = 100_000, pairs: int = 5) -> None:
    """Print the figure."""
    with tempfile.TemporaryDirectory() as folder:
        contexts = {}
        for size in (1_000, jobs):
            store, contexts[size] = build(f"sqlite:///{folder}/{size}.db", TECHNICIANS)
            grow(store, size)
        rates: dict[int, list[float]] = {1_000: [], jobs: []}
        for _ in range(pairs):
            for size, found in rates.items():
                shutil.copy(f"{folder}/{size}.db", f"{folder}/run.db")
                queue = presses(TECHNICIANS, contexts[size].clock)
                store = Store(f"sqlite:///{folder}/run.db")
                found.append(asyncio.run(take(store, contexts[size], queue, 64))[0])
    ratio = median(b / a for a, b in zip(rates[1_000], rates[jobs], strict=True))
    print(
        f"F8 turns at {jobs} jobs: {median(rates[jobs]):.0f}/s, at 1000 jobs:"
        f" {median(rates[1_000]):.0f}/s, {ratio:.2f}"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
