"""One database, SQLite or PostgreSQL: connections, and the one writer that groups turns.

Everything that changes the database goes through a function `work(tx)`. In the server the writer
thread takes whatever functions wait, up to 64, into one transaction and one commit: the disk is
waited for once. A group in which one raises is rolled back and repeated one by one, so that a bad
turn harms itself only (P3, P10). Elsewhere (command line, tests) `Store.transact` runs one alone.
A work may therefore run more than once, and only its last run counts: all that it does, it does
with its `tx`.

SQLite runs in WAL mode with synchronous=FULL: what was committed survives a power cut.
"""

import asyncio
import logging
import os
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from storage.errors import CLASHES, StorageBroken, StorageDown, StorageError, meaning
from storage.tx import Row, Tx

__all__ = ["GROUP", "Row", "StorageBroken", "StorageDown", "StorageError", "Store", "Tx", "Writer"]

log = logging.getLogger(__name__)
T = TypeVar("T")
GROUP = 64
_TRIES = 5
_WAL_TRIES = 500
_STATEMENTS = 512
# A server that has vanished without a word is noticed within half a minute.
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "doorstep",
}
STALLED = 5_000
"""Milliseconds after which PostgreSQL ends a writer that fell silent inside a transaction (stopped,
cut off): what it has locked must not hold up whoever takes over (P4, F10)."""


class Store:
    """The database at `url` (`sqlite:///path` or `postgresql://…`); ValueError where it is none."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.dialect, _, rest = url.partition("://")
        self.path = rest[1:].partition("?")[0] if self.dialect == "sqlite" else ""
        """SQLite's file."""
        if self.dialect == "postgresql":
            self._server = _server(url)
        elif not url.startswith("sqlite:///"):
            raise ValueError("must begin with sqlite:/// or postgresql://")

    def connect(self) -> Any:
        """A new driver connection that commits only when told to.

        StorageDown if there is none to be had, StorageBroken if the file is no database.
        """
        try:
            return self._sqlite() if self.dialect == "sqlite" else self._postgresql()
        except (sqlite3.Error, psycopg.Error, OSError) as error:
            said = str(error).partition("\n")[0]
            down = StorageDown(f"the database cannot be reached: {said}")
            raise meaning(error) or down from error

    def _sqlite(self) -> sqlite3.Connection:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        # Everybody's phones are in it: its owner's alone, and so are SQLite's files beside it. Only
        # where it is new: to close an open file of SQLite lets go of the locks of this process.
        with suppress(OSError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(
            self.path, isolation_level=None, timeout=30, check_same_thread=False,
            cached_statements=_STATEMENTS,
        )  # fmt: skip
        try:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            _use_wal(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _postgresql(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(**self.arguments(), autocommit=True)
        connection.prepared_max = _STATEMENTS
        return connection

    def arguments(self) -> dict[str, Any]:
        """What PostgreSQL's driver connects with."""
        return {**_PATIENCE, **self._server}

    def begin(self) -> str:
        """What opens a transaction that writes: SQLite must take its lock before it reads."""
        return "BEGIN IMMEDIATE" if self.dialect == "sqlite" else "BEGIN"

    def transact(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction of its own on a connection of its own."""
        connection = self.connect()
        try:

            def run() -> list[T]:
                _begin(connection, self)
                return _together(connection, self, [work])

            return _alone(run)
        finally:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A consistent view for pages and lists; what is written in it is thrown away."""
        connection = self.connect()
        try:
            snapshot = "" if self.dialect == "sqlite" else " ISOLATION LEVEL REPEATABLE READ"
            connection.execute(f"BEGIN{snapshot}")
            yield Tx(connection, self.dialect)
        except (sqlite3.Error, psycopg.Error) as error:
            if fault := meaning(error, connection):
                raise fault from error
            raise
        finally:
            connection.close()


def _server(url: str) -> dict[str, Any]:
    """What the address of a PostgreSQL server says; ValueError where a password is read as a port
    or as a name, for a sign that has to be written otherwise in it."""
    wrong = ValueError(
        "must be like postgresql://user:password@host/name, a password with %40 for @, %2F for /"
        " and %25 for %"
    )
    try:
        server = conninfo_to_dict(url)
    except psycopg.Error:  # its text would show the password
        raise wrong from None
    ports = str(server.get("port", "5432")).split(",")
    if "@" in str(server.get("dbname", "")) or not all(port.isdigit() for port in ports):
        raise wrong
    return dict(server)


def _use_wal(connection: sqlite3.Connection) -> None:
    """The first connection ever changes the file; SQLite makes no other wait for that."""
    for _ in range(_WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.01)
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _begin(connection: Any, store: Store) -> None:
    try:
        connection.execute(store.begin())
    except (sqlite3.Error, psycopg.Error) as error:
        if fault := meaning(error, connection):
            raise fault from error
        raise


def _together(
    connection: Any,
    store: Store,
    works: Sequence[Callable[[Tx], T]],
    columns: dict[str, tuple[str, ...]] | None = None,
) -> list[T]:
    """Run all of them in the transaction that was begun, and commit: all or nothing."""
    try:
        tx = Tx(connection, store.dialect, columns)
        results = [work(tx) for work in works]
        _commit(connection)
    except BaseException as error:
        fault = meaning(error, connection)
        with suppress(Exception):
            connection.execute("ROLLBACK")
        if fault:
            raise fault from error
        raise
    return results


def _commit(connection: Any) -> None:
    done = connection.execute("COMMIT")
    # PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and raises nothing.
    if getattr(done, "statusmessage", "COMMIT") != "COMMIT":
        raise StorageError("an error of the database was passed over: nothing was stored")


def _alone(run: Callable[[], list[T]]) -> T:
    """Its one result; tried again where another process was in the way."""
    for _ in range(_TRIES - 1):
        with suppress(*CLASHES):
            return run()[0]
    return run()[0]


class _Waiting:
    """A work that waits for the writer, and the future of whoever waits for it."""

    __slots__ = ("future", "loop", "work")

    def __init__(
        self, work: Callable[[Tx], Any], future: Any, loop: asyncio.AbstractEventLoop | None
    ) -> None:
        self.work, self.future, self.loop = work, future, loop

    def wanted(self) -> bool:
        """Whether it was not cancelled before it began; later it cannot be stopped."""
        if self.loop is None:
            return bool(self.future.set_running_or_notify_cancel())
        return not self.future.cancelled()


def _set(future: Any, result: Any, error: BaseException | None) -> None:
    if future.done():  # cancelled while its work was under way
        return
    if error is None:
        future.set_result(result)
    elif isinstance(error, StopIteration):  # futures do not take it
        future.set_exception(RuntimeError(f"the work raised {error!r}"))
    else:
        future.set_exception(error)


def _set_all(outcomes: list[tuple[Any, Any, BaseException | None]]) -> None:
    for outcome in outcomes:
        _set(*outcome)


def _tell(
    batch: Iterable[_Waiting], results: Iterable[Any], error: BaseException | None = None
) -> None:
    """Settle the futures; an event loop is woken once for all of its own."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[Any, Any, BaseException | None]]] = {}
    for waiting, result in zip(batch, results, strict=True):
        if waiting.loop is None:
            _set(waiting.future, result, error)
        else:
            loops.setdefault(waiting.loop, []).append((waiting.future, result, error))
    for loop, outcomes in loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_set_all, outcomes)


class Writer:
    """The one thread that writes: whatever waits, up to 64 functions, becomes one commit.

    `on_broken` is called once, from the writer's thread, when the database can no longer be
    trusted; after that every function is refused with StorageBroken.
    """

    def __init__(
        self, store: Store, on_broken: Callable[[StorageBroken], None] = lambda _: None
    ) -> None:
        self._store = store
        self._on_broken = on_broken
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._connection: Any = None
        self._columns: dict[str, tuple[str, ...]] = {}
        self._broken = ""
        self._closed = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """Have `work` done; the future is done once it is committed.

        Cancelled before its turn comes, the work is not done; later it cannot be stopped.
        """
        future: Future[T] = Future()
        self._put(_Waiting(work, future, None))
        return future

    def do(self, work: Callable[[Tx], T]) -> asyncio.Future[T]:
        """The same for coroutines: `await writer.do(work)`; one commit wakes their loop once."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Waiting(work, future, loop))
        return future

    def close(self) -> None:
        """Finish what waits, then stop; whatever comes later is refused with StorageError."""
        with self._gate:
            self._closed = True
            self._queue.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _put(self, waiting: _Waiting) -> None:
        with self._gate:
            if not self._closed:
                self._queue.put(waiting)
                return
        _set(waiting.future, None, StorageError("the writer is closed"))

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch: deque[_Waiting] = deque()
            item = self._queue.get()
            while item is not None:
                if item.wanted():
                    batch.append(item)
                if len(batch) == GROUP:
                    break
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            stopping = item is None
            if batch:
                self._serve(batch)
        self._forget()

    def _serve(self, batch: deque[_Waiting]) -> None:
        """Commit the batch together; if one of them raises, each for itself."""
        if self._broken:
            _tell(batch, [None] * len(batch), StorageBroken(self._broken))
            return
        try:
            if len(batch) == 1 or not self._serve_all(batch):
                while batch:
                    self._serve_one(batch[0])
                    batch.popleft()
        except (StorageDown, StorageBroken) as error:
            _tell(batch, [None] * len(batch), error)

    def _serve_all(self, batch: deque[_Waiting]) -> bool:
        try:
            results = self._attempt([waiting.work for waiting in batch])
        except (StorageDown, StorageBroken):
            raise
        except BaseException as error:
            log.debug("a group of %s is repeated one by one: %r", len(batch), error)
            return False
        _tell(batch, results)
        return True

    def _serve_one(self, waiting: _Waiting) -> None:
        try:
            result = _alone(lambda: self._attempt([waiting.work]))
        except (StorageDown, StorageBroken):
            raise
        except BaseException as error:  # whatever one turn raised belongs to that turn
            _tell([waiting], [None], error)
        else:
            _tell([waiting], [result])

    def _attempt(self, works: list[Callable[[Tx], Any]]) -> list[Any]:
        try:
            self._begin()
            return _together(self._connection, self._store, works, self._columns)
        except StorageBroken as error:
            self._break(error)
            raise
        finally:
            if not self._idle():
                self._forget()

    def _begin(self) -> None:
        if self._connection is not None:
            try:
                _begin(self._connection, self._store)
            except StorageDown:
                if self._store.dialect == "sqlite":
                    raise
                self._forget()  # the server gave it up while it was idle: nothing is lost yet
            else:
                return
        self._connection = self._store.connect()
        if self._store.dialect == "postgresql":
            self._connection.execute(f"SET idle_in_transaction_session_timeout = {STALLED}")
        _begin(self._connection, self._store)

    def _idle(self) -> bool:
        if self._connection is None:
            return True
        if self._store.dialect == "sqlite":
            return not self._connection.in_transaction
        return bool(self._connection.info.transaction_status == TransactionStatus.IDLE)

    def _forget(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None
            self._columns = {}

    def _break(self, error: StorageBroken) -> None:
        self._broken = str(error)
        try:
            self._on_broken(error)
        except Exception:
            log.exception("what should hear of the broken database failed itself")
