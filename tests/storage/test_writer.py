import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from storage.db import GROUP, StorageBroken, StorageDown, StorageError, Store, Tx, Writer


def put(key: str) -> Callable[[Tx], str]:
    def work(tx: Tx) -> str:
        tx.put("kept", key=key, value="")
        return key

    return work


def keys(tx: Tx) -> list[str]:
    return [row["key"] for row in tx.all("SELECT key FROM kept ORDER BY key")]


@contextmanager
def held(writer: Writer) -> Iterator[None]:
    """Keep the writer busy, so that what is handed to it meanwhile becomes one group."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(_: Tx) -> None:
        begun.set()
        assert go_on.wait(10)

    first = writer.submit(wait)
    assert begun.wait(10)
    try:
        yield
    finally:
        go_on.set()
        first.result(10)


def database_of(store: Store) -> str:
    return str(conninfo_to_dict(store.url)["dbname"])


def kinds(futures: list[Future[Any]]) -> list[str]:
    return [type(future.exception(10) or future.result()).__name__ for future in futures]


class Counting(Store):
    """Counts transactions and commits, and can be made to fail at a statement."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.said: list[str] = []
        self.fails: dict[str, Exception] = {}

    def connect(self) -> Any:
        return Wire(super().connect(), self)


class Wire:
    """A connection that tells its store what is executed by hand."""

    def __init__(self, inner: Any, store: Counting) -> None:
        self._inner, self._store = inner, store

    def execute(self, sql: str, params: Any = ()) -> Any:
        self._store.said.append(sql)
        if sql in self._store.fails:
            raise self._store.fails[sql]
        return self._inner.execute(sql, params)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_the_result_is_there_after_the_commit(store: Store, writer: Writer) -> None:
    assert writer.submit(put("a")).result(10) == "a"
    assert ["a"] == store.transact(keys)


def test_what_waits_becomes_one_commit(store: Store) -> None:
    counting = Counting(store.url)
    writer = Writer(counting)
    with held(writer):
        futures = [writer.submit(put(f"{n:03}")) for n in range(2 * GROUP)]
    results = [future.result(10) for future in futures]
    writer.close()

    assert [f"{n:03}" for n in range(2 * GROUP)] == results == store.transact(keys)
    assert counting.said.count("COMMIT") == 3  # the one that held the writer, and two groups


def test_p10_one_that_raises_harms_itself_only(store: Store, writer: Writer) -> None:
    def bad(tx: Tx) -> None:
        put("never")(tx)
        raise ZeroDivisionError

    with held(writer):
        works = [put("a"), bad, put("b"), bad, put("c")]
        futures = [writer.submit(work) for work in works]

    assert ["str", "ZeroDivisionError", "str", "ZeroDivisionError", "str"] == kinds(futures)
    assert ["a", "b", "c"] == store.transact(keys)


def test_p10_an_error_of_the_database_harms_its_own_work_only(store: Store, writer: Writer) -> None:
    with held(writer):
        futures = [writer.submit(put(key)) for key in ("a", "b", "a", "c")]

    wrong = "IntegrityError" if store.dialect == "sqlite" else "UniqueViolation"
    assert ["str", "str", wrong, "str"] == kinds(futures)
    assert ["a", "b", "c"] == store.transact(keys)


@pytest.mark.parametrize("raised", [StopIteration, SystemExit, KeyboardInterrupt])
def test_p10_whatever_is_raised_the_writer_goes_on(
    store: Store, writer: Writer, raised: type[BaseException]
) -> None:
    def bad(_: Tx) -> None:
        raise raised

    future = writer.submit(bad)

    assert future.exception(10) is not None
    assert writer.submit(put("a")).result(10) == "a"


def test_p4_the_order_of_arrival_is_kept(store: Store, writer: Writer) -> None:
    order: list[int] = []

    def work(number: int) -> Callable[[Tx], None]:
        def append(_: Tx) -> None:
            order.append(number)

        return append

    with held(writer):
        futures = [writer.submit(work(n)) for n in range(3 * GROUP)]
    for future in futures:
        future.result(10)

    assert list(range(3 * GROUP)) == order


def test_what_is_cancelled_in_time_is_not_done(store: Store, writer: Writer) -> None:
    with held(writer):
        kept, cancelled = writer.submit(put("a")), writer.submit(put("b"))
        assert cancelled.cancel()

    assert kept.result(10) == "a"
    assert writer.submit(keys).result(10) == ["a"]


async def test_coroutines_wait_for_the_commit(store: Store, writer: Writer) -> None:
    results = await asyncio.gather(*(writer.do(put(key)) for key in "abc"))

    assert ["a", "b", "c"] == results == store.transact(keys)


async def test_coroutines_get_the_error(store: Store, writer: Writer) -> None:
    def stop(_: Tx) -> None:
        raise StopIteration("no more")

    with pytest.raises(RuntimeError, match="no more"):
        await writer.do(stop)


async def test_a_commit_wakes_the_loop_once(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, woken = asyncio.get_running_loop(), []
    wake = loop.call_soon_threadsafe

    def count(callback: Any, *args: Any, **more: Any) -> Any:
        woken.append(callback)
        return wake(callback, *args, **more)

    with held(writer):
        futures = [writer.do(put(f"{n}")) for n in range(GROUP)]
        monkeypatch.setattr(loop, "call_soon_threadsafe", count)
    await asyncio.gather(*futures)

    assert len(woken) == 1


async def test_a_coroutine_that_gave_up_harms_nobody(store: Store, writer: Writer) -> None:
    with held(writer):
        gone, there = writer.do(put("gone")), writer.do(put("there"))
        gone.cancel()

    assert await writer.do(keys) == ["there"]
    assert await there == "there"


async def test_a_coroutine_that_gave_up_too_late_harms_nobody(store: Store, writer: Writer) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        begun.set()
        assert go_on.wait(10)
        put("done")(tx)

    late = writer.do(slow)
    assert await asyncio.to_thread(begun.wait, 10)
    late.cancel()
    go_on.set()

    assert await writer.do(keys) == ["done"]


def test_a_loop_that_has_ended_harms_nobody(store: Store, writer: Writer) -> None:
    with held(writer):
        loop = asyncio.new_event_loop()

        async def ask() -> None:
            writer.do(put("a"))

        loop.run_until_complete(ask())
        loop.close()

    assert writer.submit(keys).result(10) == ["a"]


def test_closing_finishes_what_waits(store: Store) -> None:
    writer = Writer(store)
    futures = [writer.submit(put(f"{n:03}")) for n in range(200)]
    writer.close()

    assert all(future.done() for future in futures)
    assert len(store.transact(keys)) == 200


async def test_a_closed_writer_refuses(store: Store) -> None:
    writer = Writer(store)
    writer.close()
    writer.close()

    with pytest.raises(StorageError, match="closed"):
        writer.submit(put("a")).result(10)
    with pytest.raises(StorageError, match="closed"):
        await writer.do(put("a"))


@pytest.mark.parametrize("where", ["BEGIN IMMEDIATE", "COMMIT"])
def test_a_broken_database_is_told_once_and_never_used_again(tmp_path: object, where: str) -> None:
    told: list[StorageBroken] = []

    def hear(error: StorageBroken) -> None:
        told.append(error)
        raise RuntimeError("what hears of it may fail itself")

    store = Counting(f"sqlite:///{tmp_path}/a.sqlite3")
    store.transact(lambda tx: tx.run("CREATE TABLE kept (key, value)"))
    writer = Writer(store, hear)
    assert writer.submit(put("before")).result(10) == "before"

    store.fails[where] = sqlite3.OperationalError("database or disk is full")
    futures = [writer.submit(put(key)) for key in "abc"]

    assert ["StorageBroken"] * 3 == kinds(futures)
    said = len(store.said)
    refused = [writer.submit(put(key)) for key in "xyz"]
    assert ["StorageBroken"] * 3 == kinds(refused)
    assert said == len(store.said)
    assert ["the database can no longer be trusted: database or disk is full"] == [
        str(error) for error in told
    ]
    writer.close()


def test_p8_the_server_ended_the_connection_while_it_was_idle(
    postgres_store: Store, postgres_url: str
) -> None:
    writer = Writer(postgres_store)
    writer.submit(put("a")).result(10)
    end_connections(postgres_url, database_of(postgres_store))

    assert writer.submit(put("b")).result(10) == "b"
    writer.close()


def test_p8_the_server_ended_the_connection_in_the_middle(
    postgres_store: Store, postgres_url: str
) -> None:
    writer = Writer(postgres_store)

    def work(tx: Tx) -> None:
        put("never")(tx)
        end_connections(postgres_url, database_of(postgres_store))
        put("nor this")(tx)

    with held(writer):
        futures = [writer.submit(work) for work in (put("a"), work, put("b"))]

    assert ["StorageDown"] * 3 == kinds(futures)
    assert writer.submit(put("c")).result(10) == "c"
    assert ["c"] == postgres_store.transact(keys)
    writer.close()


def end_connections(maintenance_url: str, database: str) -> None:
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [database],
        )


def test_p8_a_server_that_is_away_is_down_and_tried_again(tmp_path: object) -> None:
    writer = Writer(Store(f"postgresql://postgres@/nowhere?host={tmp_path}"))
    with pytest.raises(StorageDown):
        writer.submit(keys).result(10)
    with pytest.raises(StorageDown):
        writer.submit(keys).result(10)
    writer.close()


def test_an_error_that_was_passed_over_fails_its_own_work_only(
    postgres_store: Store,
) -> None:
    writer = Writer(postgres_store)

    def hides(tx: Tx) -> None:
        put("a")(tx)
        with pytest.raises(psycopg.errors.UniqueViolation):
            put("a")(tx)

    with held(writer):
        futures = [writer.submit(work) for work in (put("b"), hides, put("c"))]

    assert ["str", "StorageError", "str"] == kinds(futures)
    assert ["b", "c"] == postgres_store.transact(keys)
    writer.close()


def test_p4_two_that_wait_for_each_other_both_come_through(postgres_store: Store) -> None:
    """A deadlock between two processes: the one that the server stops does its work again."""
    postgres_store.transact(lambda tx: tx.put_many("kept", [{"key": k, "value": ""} for k in "ab"]))
    meet = threading.Barrier(2)

    def take(first: str, second: str) -> Callable[[Tx], str]:
        tries: list[int] = []

        def work(tx: Tx) -> str:
            add = "UPDATE kept SET value = value || :who WHERE key = :key"
            tx.run(add, {"key": first, "who": first})
            if not tries:
                tries.append(1)
                meet.wait(10)
            tx.run(add, {"key": second, "who": first})
            return first

        return work

    one, two = Writer(postgres_store), Writer(postgres_store)
    futures = [one.submit(take("a", "b")), two.submit(take("b", "a"))]

    assert ["a", "b"] == [future.result(20) for future in futures]
    values = postgres_store.transact(lambda tx: tx.all("SELECT value FROM kept"))
    assert [["a", "b"]] * 2 == [sorted(row["value"]) for row in values]
    one.close()
    two.close()


def test_p1_a_disk_that_is_read_only_from_now_on_stops_the_writer(tmp_path: object) -> None:
    """What a file system does to itself after an error of its disk."""
    stopped: list[str] = []
    store = Store(f"sqlite:///{tmp_path}/kept.db")
    store.transact(lambda tx: tx.run("CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT)"))
    writer = Writer(store, lambda error: stopped.append(str(error)))
    writer.submit(put("a")).result(20)
    writer.submit(lambda tx: tx.run("PRAGMA query_only = ON")).result(20)

    with pytest.raises(StorageBroken, match="readonly"):
        writer.submit(put("b")).result(20)

    assert 1 == len(stopped)
    assert ["a"] == store.transact(keys)
    writer.close()
