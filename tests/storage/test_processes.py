"""Several processes on one database: each has a writer of its own (P4, P5, P6)."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage import people
from storage.db import Store, Tx
from tests.storage.conftest import Rows

ROOT = Path(__file__).resolve().parents[2]

CLAIM = """
import sys
from storage import dispatch
from storage.db import Store, Writer

writer = Writer(Store(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
while rows := writer.submit(
    lambda tx: dispatch.claim(tx, "telegram", now=1, lease_until=9, limit=7)
).result(60):
    print(*(row["id"] for row in rows), flush=True)
writer.close()
"""

TAKE = """
import sys
from storage import timers
from storage.db import Store, Writer

writer = Writer(Store(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
while due := writer.submit(lambda tx: timers.due(tx, 1, 20)).result(60):
    takes = [writer.submit(lambda tx, row=row: timers.take(tx, row["id"])) for row in due]
    print(*(take.result(60)["id"] for take in takes if take.result(60)), flush=True)
writer.close()
"""

COUNT = """
import sys
from storage import people
from storage.db import Store, Writer


def turn(address):
    def work(tx):
        person = people.by_address(tx, "telegram", address)
        people.change(tx, person["id"], in_hand=(person["in_hand"] or 0) + 1)
    return work


writer = Writer(Store(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
turns = [writer.submit(turn(address)) for _ in range(50) for address in sys.argv[2:]]
for done in turns:
    done.result(60)
writer.close()
"""


def run_both(store: Store, code: str, *each: list[str]) -> list[list[int]]:
    """Start two processes, let both go at once, and give the numbers that each printed."""
    url = store.url
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, url, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for arguments in (each or ([], []))
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=90)[0] for process in processes]
    assert [0, 0] == [process.returncode for process in processes]
    return [[int(number) for number in text.split()] for text in printed]


def test_p5_two_processes_never_claim_the_same_message(store: Store, rows: Rows) -> None:
    def fill(tx: Tx) -> list[int]:
        return [rows.message(tx, address=f"{n % 400}") for n in range(800)]

    ids = store.transact(fill)

    one, two = run_both(store, CLAIM)

    # the second message to each address waits until the first one's outcome is known
    assert ids[:400] == sorted(one + two)


def test_p6_two_processes_never_take_the_same_timer(store: Store) -> None:
    def fill(tx: Tx) -> list[int]:
        return [tx.insert("timers", person_id=n, name="day_sheet", due_at=0) for n in range(300)]

    ids = store.transact(fill)

    one, two = run_both(store, TAKE)

    assert ids == sorted(one + two)


@pytest.mark.parametrize("second", [["7", "8", "9"], ["9", "8", "7"]])
def test_p4_one_turn_at_a_time_for_each_person(store: Store, rows: Rows, second: list[str]) -> None:
    """Also where the groups of the two take the same people in another order: a deadlock."""

    def fill(tx: Tx) -> None:
        for address in "789":
            people.bind(tx, rows.person(tx, address), "telegram", address, 0, "")

    store.transact(fill)

    run_both(store, COUNT, ["7", "8", "9"], second)

    counted = store.transact(lambda tx: tx.all("SELECT in_hand FROM people"))
    assert [{"in_hand": 100}] * 3 == counted
