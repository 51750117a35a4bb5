"""An outbox of a million: what one claim of 64 rows costs, against a thousand, on both databases.

python -m tests.benchmarks.bench_outbox [rows] [rounds]
"""

import sys
import tempfile
import time
from statistics import median
from typing import Any

from storage import dispatch
from storage.db import Store, Tx
from storage.migrations import upgrade
from tests.conftest import postgres_server

CHUNK = 10_000
SMALL = 1_000
CHATS = 5_000


def row(number: int, status: str) -> dict[str, Any]:
    """A message that left, or one that is due."""
    left = status == "sent"
    return {
        "channel": "telegram", "address": str(number % CHATS), "kind": "reminder", "lane": 2,
        "payload": '{"text": "x"}', "created_at": number, "due_at": number, "status": status,
        "claimed_at": number if left else None, "sent_at": number if left else None,
        "provider_id": str(number) if left else "",
    }  # fmt: skip


def put(store: Store, numbers: range, status: str) -> None:
    """These rows."""
    rows = [row(number, status) for number in numbers]
    store.transact(lambda tx: tx.put_many("outbox", rows))


def claim(store: Store, rows: int, status: str, rounds: int) -> float:
    """Milliseconds of one claim, the median, with so many rows of that status there already."""
    store.transact(lambda tx: tx.run("DELETE FROM outbox"))
    for first in range(0, rows, CHUNK):
        put(store, range(first, min(first + CHUNK, rows)), status)
    if status == "sent":
        put(store, range(SMALL), "pending")
    spent = []

    def work(tx: Tx) -> list[Any]:
        began = time.perf_counter()
        found = dispatch.claim(tx, "telegram", now=2**41, lease_until=2**42, limit=64)
        spent.append((time.perf_counter() - began) * 1000)
        for each in found:
            tx.update("outbox", each["id"], status="sent")
        return found

    for _ in range(rounds):
        assert len(store.transact(work)) > 0
    return median(spent)


def measure(url: str, rows: int, rounds: int) -> None:
    """Print the figures of one database."""
    store = Store(url)
    upgrade(store)
    few = claim(store, SMALL, "pending", rounds)
    past = claim(store, rows, "sent", rounds)
    waiting = claim(store, rows, "pending", rounds)
    print(
        f"{store.dialect}: a claim of 64 takes {few:.1f} ms where {SMALL} wait, {past:.1f} ms where"
        f" {rows} have left besides, {waiting:.1f} ms where {rows} wait"
    )


def main(rows: int = 1_000_000, rounds: int = 9) -> None:
    """Both databases."""
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{folder}/outbox.db", rows, rounds)
    with postgres_server() as directory:
        measure(f"postgresql://postgres@/postgres?host={directory}", rows, rounds)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
