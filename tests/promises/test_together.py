"""P4: one turn at a time for a person, whichever process and channel it comes through; one leader
of several processes, replaced within ten seconds and fenced when it comes back."""

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from bot.channels.base import Refused, Sent, TryLater, UnknownOutcome
from bot.incoming import Incoming
from bot.turns.door import Door, Receipt
from bot.wires.outcomes import Outcome, settle
from storage import db, dispatch, leases, outbox, people
from storage.db import Row, StorageDown, Store, Tx, Writer
from tests.databases import new_store
from tests.promises.reckoning import MAIN_LINE
from tests.promises.relay import Relay
from tests.stage import Stage
from tests.wire.world import RecordingDoor

ROOT = Path(__file__).resolve().parents[2]
STEPS = 11


def _receive(door: Door, incoming: Incoming, tx: Tx) -> Receipt:
    return door.receive(tx, incoming)


def test_p2_p4_everything_twice_at_once_through_two_processes_counts_once(
    database_url: str, thorough: int
) -> None:
    """Each update reaches both writers at the same moment, now by Telegram, now by SMS."""
    stage = Stage(database_url, "telegram")
    crowd = 8 * min(thorough, 12)
    for n in range(crowd):
        person = stage.enrol(f"T{n} Tech")
        stage.order(f"300-{n}", "08:00", "11:00", who=f"t{n}")
        number = f"+1212557{n:04d}"
        stage.store.transact(partial(_second_phone, person, number))
        stage.phones[f"t{n}"] = (number, stage.phones[f"t{n}"][1])
    stage.forward("07:50")
    writers = [Writer(Store(database_url)) for _ in range(2)]
    door = stage.door

    def live(n: int) -> list[str]:
        chance, found = random.Random(n), []
        number, chat = stage.phones[f"t{n}"]
        for step in range(STEPS + 1):
            channel, sender = chance.choice([("sms", number), ("telegram", chat)])
            now = stage.clock.now()
            incoming = Incoming(
                channel, "account", f"{n}/{step}", sender, now, now, text="1" if step else "where"
            )
            both: list[Future[Receipt]] = [
                writer.submit(partial(_receive, door, incoming)) for writer in writers
            ]
            found += sorted(each.result(60).status for each in both)
            _leave(stage.store, sender)
        return found

    with ThreadPoolExecutor(crowd) as pool:
        answers = list(pool.map(live, range(crowd)))
    for writer in writers:
        writer.close()

    assert [["done", "duplicate"] * (STEPS + 1)] * crowd == answers
    with stage.store.reading() as tx:
        states = [row["state"] for row in tx.all("SELECT state FROM jobs")]
        rows = tx.all("SELECT job_id, event FROM timeline WHERE job_id IS NOT NULL ORDER BY id")
    assert ["reported"] * crowd == states
    counted = Counter((row["job_id"], row["event"]) for row in rows if row["event"] in MAIN_LINE)
    assert len(MAIN_LINE) * crowd == len(counted)
    assert {1} == set(counted.values())
    order = [row["event"] for row in rows if row["job_id"] == rows[0]["job_id"]]
    assert list(MAIN_LINE) == [event for event in order if event in MAIN_LINE]


def _second_phone(person: int, number: str, tx: Tx) -> None:
    people.bind(tx, person, "sms", number, 1, "agreed")


def _leave(store: Store, sender: str) -> None:
    """What was said to this phone has left, so that the next answer belongs to it."""
    sql = "UPDATE outbox SET status = 'sent', claimed_at = due_at WHERE address = :a AND status = 'pending'"
    store.transact(lambda tx: tx.run(sql, {"a": sender}))


# -- a sender that was away -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["reply", "money"])
def test_p5_what_a_sender_says_that_was_away_does_not_touch_what_another_took_over(
    database_url: str, kind: str
) -> None:
    """It was stopped while it sent; meanwhile its lease ran out, and the row was taken again."""
    store, door = new_store(database_url), RecordingDoor()
    values = {"kind": kind, "lane": 0, "created_at": 1, "due_at": 1, "channel": "telegram"}
    number = store.transact(lambda tx: outbox.add(tx, address="7", payload="{}", **values))

    def claim(now: int, tx: Tx) -> list[Row]:
        return dispatch.claim(tx, "telegram", now=now, lease_until=now + 10, limit=1)

    def row(tx: Tx) -> Row:
        found = outbox.get(tx, number)
        assert found is not None
        return found

    (away,) = store.transact(partial(claim, 1))
    (expired,) = store.transact(lambda tx: dispatch.expired(tx, "telegram", 100))
    lost = UnknownOutcome("no answer in time")
    store.transact(lambda tx: settle(tx, door, Outcome(expired, error=lost), 100))
    store.transact(partial(claim, 1_000_000))
    before = store.transact(row)

    for error in (lost, TryLater("no connection"), Refused("other", "a bug")):
        store.transact(partial(_settled, door, Outcome(away, error=error)))

    assert before == store.transact(row)
    assert len(door.failed) == (kind == "money")
    sent = Outcome(away, sent=Sent("88"))
    store.transact(partial(_settled, door, sent))
    assert ("sent", "88") == (store.transact(row)["status"], store.transact(row)["provider_id"])


def _settled(door: RecordingDoor, outcome: Outcome, tx: Tx) -> None:
    settle(tx, door, outcome, 1_000_001)


# -- one that falls silent ------------------------------------------------------------------------


@pytest.mark.postgresql
def test_p4_a_process_that_falls_silent_inside_a_transaction_holds_nobody_up(
    postgres_migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL does not see that its machine is gone: it would keep the lease's row locked."""
    monkeypatch.setattr(db, "STALLED", 500)
    store = Store(postgres_migrated_url)
    first, second = Writer(store), Writer(store)
    locked, back = Event(), Event()

    def take(owner: str, tx: Tx) -> str:
        return leases.take(tx, "poller", owner, until=2, now=1)

    def silent(tx: Tx) -> None:
        take("first", tx)
        locked.set()
        back.wait(20)

    away = first.submit(silent)
    assert locked.wait(10)
    assert second.submit(partial(take, "second")).result(10) == "second"
    back.set()
    with pytest.raises(StorageDown):
        away.result(10)
    assert first.submit(lambda tx: leases.holder(tx, "poller")).result(10) == "second"
    first.close()
    second.close()


# -- one leader -----------------------------------------------------------------------------------

LEAD = """
import asyncio, sys, time
from bot.wires.leading import Leader
from storage.db import Store, Writer

async def work():
    while True:
        print(time.monotonic(), flush=True)
        await asyncio.sleep(0.1)

asyncio.run(Leader(Writer(Store(sys.argv[1])), "poller").run(work))
"""


class Process:
    """A process that leads or stands by; `led` is when it worked, on the clock of all processes."""

    def __init__(self, url: str) -> None:
        self.led: list[float] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", LEAD, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.led.append(float(line))

    def leads(self) -> bool:
        """Whether it did so just now."""
        return bool(self.led) and time.monotonic() - self.led[-1] < 0.5

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def two(url: str, other: str = "") -> Iterator[tuple[Process, Process]]:
    """One that leads, and one that stands by."""
    first = Process(url)
    second: Process | None = None
    try:
        assert _until(first.leads, 30)
        second = Process(other or url)
        time.sleep(1.5)
        assert not second.led
        yield first, second
    finally:
        first.end()
        if second is not None:
            second.end()


def _until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_p4_another_process_takes_over_within_ten_seconds_and_the_old_one_is_fenced(
    postgres_migrated_url: str, how: str
) -> None:
    with two(postgres_migrated_url) as (first, second):
        first.process.send_signal(signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        gone = time.monotonic()
        assert _until(second.leads, 15)
        took = second.led[0] - gone
        if how == "stopped":
            back = time.monotonic()
            first.process.send_signal(signal.SIGCONT)
            time.sleep(3)
            assert not first.leads()
            assert second.leads()
            assert [] == [at for at in first.led if at > back + 1]
        print(f"{how}: taken over after {took:.1f} s")
        assert took < 10


@pytest.mark.slow
@pytest.mark.postgresql
def test_p4_a_process_cut_off_from_the_database_stops_before_another_takes_over(
    postgres_migrated_url: str,
) -> None:
    server = Path(postgres_migrated_url.partition("host=")[2])
    with tempfile.TemporaryDirectory(prefix="relay-") as folder:
        relay = Relay(server, Path(folder))
        cut_off = postgres_migrated_url.replace(str(server), folder)
        try:
            with two(cut_off, postgres_migrated_url) as (first, second):
                relay.partition()
                gone = time.monotonic()
                assert _until(second.leads, 15)
                took = second.led[0] - gone
                time.sleep(1)
                last = first.led[-1] - gone
                relay.heal()
                time.sleep(3)
                assert second.leads()
                assert not first.leads()
                assert first.led[-1] < second.led[0]
                print(f"partition: silent after {last:.1f} s, taken over after {took:.1f} s")
                assert took < 10
        finally:
            relay.close()
