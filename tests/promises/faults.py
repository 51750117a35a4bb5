"""A database whose n-th call fails, before or after it was done."""

import hashlib
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from storage.db import StorageError, Store, Tx
from storage.tables import TABLES

T = TypeVar("T")
_ALL = [f"SELECT * FROM {table.name} ORDER BY 1, 2" for table in TABLES.sorted_tables]  # noqa: S608


class Calls:
    """Counts the calls of one transaction and lets one of them fail."""

    def __init__(self) -> None:
        self.count = self.fail = 0
        self.after = self.fired = False
        self.sql = ""

    def arm(self, fail: int, *, after: bool) -> None:
        """The next transaction's call of this number fails; 0 for none."""
        self.count, self.fail, self.after, self.fired, self.sql = 0, fail, after, False, ""

    def around(self, call: Callable[..., T], error: Exception, sql: Any, *more: Any) -> T:
        self.count += 1
        now = self.count == self.fail
        if now:
            self.fired, self.sql = True, str(sql)
            if not self.after:
                raise error
        result = call(sql, *more)
        if now:
            raise error
        return result


class _Connection:
    """A driver's connection with a fault in it; what it does not know it hands on."""

    def __init__(self, real: Any, calls: Calls, *, postgres: bool) -> None:
        self._real, self._calls, self._postgres = real, calls, postgres

    def _error(self) -> Exception:
        said = "a fault of the test"
        return psycopg.OperationalError(said) if self._postgres else sqlite3.OperationalError(said)

    def execute(self, sql: Any, *more: Any) -> Any:
        if str(sql) == "ROLLBACK":
            return self._real.execute(sql)
        return self._calls.around(self._real.execute, self._error(), sql, *more)

    def executemany(self, sql: Any, *more: Any) -> Any:
        return self._calls.around(self._real.executemany, self._error(), sql, *more)

    def cursor(self, *more: Any, **named: Any) -> Any:
        return _Cursor(self._real.cursor(*more, **named), self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Cursor:
    def __init__(self, real: Any, connection: _Connection) -> None:
        self._real, self._connection = real, connection

    def __enter__(self) -> "_Cursor":
        return self

    def __exit__(self, *_: object) -> None:
        self._real.close()

    def _around(self, call: Callable[..., Any], *more: Any) -> Any:
        connection = self._connection
        return connection._calls.around(call, connection._error(), *more)

    def execute(self, *more: Any) -> Any:
        return self._around(self._real.execute, *more)

    def executemany(self, *more: Any) -> Any:
        return self._around(self._real.executemany, *more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class FaultyStore(Store):
    """Every transaction is tried with a fault at each of its calls, and then for real.

    whole: works for which this is done, by a word in their name. stride: only every so many calls.
    """

    def __init__(self, url: str, *, whole: tuple[str, ...], stride: int = 1) -> None:
        super().__init__(url)
        self.calls, self.tried, self.works = Calls(), 0, 0
        self._whole, self._stride = whole, stride

    def connect(self) -> Any:
        real = super().connect()
        return _Connection(real, self.calls, postgres=self.dialect == "postgresql")

    def transact(self, work: Callable[[Tx], T]) -> T:
        name = getattr(getattr(work, "func", work), "__qualname__", "")
        if not any(word in name for word in self._whole):
            self.calls.arm(0, after=False)
            return super().transact(work)
        self.works += 1
        before = self.content()
        number = 1 + self.works % self._stride
        while True:
            for after in (False, True):
                self.calls.arm(number, after=after)
                try:
                    result = super().transact(work)
                except (StorageError, sqlite3.Error, psycopg.Error):
                    assert self.calls.fired
                    self.tried += 1
                    if after and self.calls.sql == "COMMIT":
                        return self._said_twice(work, before)
                    assert before == self.content(), f"half a turn after call {number} of {name}"
                else:
                    assert not self.calls.fired
                    return result
            number += self._stride

    def _said_twice(self, work: Callable[[Tx], T], before: str) -> T:
        """It was committed and nobody was told: it comes again, and has no second effect (P2)."""
        done = self.content()
        self.calls.arm(0, after=False)
        result = super().transact(work)
        assert done == self.content()
        return result

    def content(self) -> str:
        """A digest of every row of every table."""
        self.calls.arm(0, after=False)
        with self.reading() as tx:
            return hashlib.sha256(repr([tx.all(sql) for sql in _ALL]).encode()).hexdigest()
