"""One transaction: SQL written once, with `:name` parameters, for SQLite and PostgreSQL alike."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

import psycopg

Row = Mapping[str, Any]


class _Cursor(Protocol):
    rowcount: int
    lastrowid: int
    description: Any

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


_NAME = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_Ordered = Callable[[Mapping[str, Any]], Any]


@lru_cache(maxsize=1024)
def _compiled(sql: str, dialect: str) -> tuple[str, _Ordered]:
    """The statement with its driver's own marks, and what makes its parameters the driver's.

    PostgreSQL's driver takes them by name; SQLite's by place: names cost it half as much again.
    """
    if dialect == "postgresql":
        return _NAME.sub(r"%(\1)s", sql.replace("%", "%%")), lambda params: params
    names = _NAME.findall(sql)
    sql = _NAME.sub("?", sql)
    if len(names) > 1:
        return sql, itemgetter(*names)
    return sql, lambda params: tuple(params[name] for name in names)


@lru_cache(maxsize=256)
def _insert(table: str, names: tuple[str, ...], rest: str = "") -> str:
    """The database fills in what is not named (storage.tables)."""
    values = ", ".join(f":{name}" for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values}){rest}"  # noqa: S608 - names are ours


def _storable(values: Any) -> Any:
    """Parameters without what no database keeps: NUL and halves of surrogate pairs (P10)."""
    if isinstance(values, str):
        return values.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(values, Mapping):
        return {name: _storable(value) for name, value in values.items()}
    return tuple(map(_storable, values)) if isinstance(values, tuple) else values


class Tx:
    """One transaction. Parameters are named; rows are dicts."""

    def __init__(
        self, connection: Any, dialect: str, columns: dict[str, tuple[str, ...]] | None = None
    ) -> None:
        self.dialect = dialect
        self.postgres = dialect == "postgresql"
        # Not FOR UPDATE: rows that only refer to a locked one need not wait for it.
        self.lock = " FOR NO KEY UPDATE" if self.postgres else ""
        """Ends a SELECT whose rows this transaction is going to change."""
        self._connection = connection
        self._execute = connection.execute
        self._columns = {} if columns is None else columns
        """The names of the columns of each statement, as this connection gives them."""
        self.outgoing: list[int] = []
        """Rows of the outbox that were made in it, so that an update can be followed (logs)."""

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> _Cursor:
        """Execute; returns the cursor (`rowcount`)."""
        compiled, ordered = _compiled(sql, self.dialect)
        values = ordered(params or {})
        try:
            return self._execute(compiled, values)  # type: ignore[no-any-return]
        except (psycopg.DataError, UnicodeEncodeError):
            # The driver refuses a text before it sends anything: the transaction is as it was.
            clean = _storable(values)
            if clean == values:
                raise
            return self._execute(compiled, clean)  # type: ignore[no-any-return]

    def many(self, sql: str, params: Iterable[Mapping[str, Any]]) -> int:
        """Execute once for each of `params`; returns how many rows it changed in all."""
        compiled, ordered = _compiled(sql, self.dialect)
        rows = [ordered(row) for row in params]
        try:
            return self._many(compiled, rows)
        except (psycopg.DataError, UnicodeEncodeError):
            clean = [_storable(row) for row in rows]
            if clean == rows:
                raise
        return sum(self._execute(compiled, row).rowcount for row in clean)

    def _many(self, compiled: str, rows: Sequence[Any]) -> int:
        if len(rows) <= 1:
            return sum(self._execute(compiled, row).rowcount for row in rows)
        if not self.postgres:
            return int(self._connection.executemany(compiled, rows).rowcount)
        with self._connection.cursor() as cursor:
            cursor.executemany(compiled, rows)
            return int(cursor.rowcount)

    def one(self, sql: str, params: Mapping[str, Any] | None = None) -> Row | None:
        """The first row or None."""
        cursor = self.run(sql, params)
        row = cursor.fetchone()
        return None if row is None else dict(zip(self._names(sql, cursor, row), row, strict=True))

    def all(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows."""
        cursor = self.run(sql, params)
        rows = cursor.fetchall()
        if not rows:
            return []
        names = self._names(sql, cursor, rows[0])
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _names(self, sql: str, cursor: _Cursor, row: Sequence[Any]) -> tuple[str, ...]:
        """The columns' names; asked of the driver once for each statement of a connection, and
        anew where a newer program has added some (P9)."""
        names = self._columns.get(sql)
        if names is None or len(names) != len(row):
            names = self._columns[sql] = tuple(column[0] for column in cursor.description)
        return names

    def insert(self, table: str, /, **values: Any) -> int:
        """A new row, the rest of its columns by their defaults; returns its id."""
        sql = _insert(table, tuple(values))
        if not self.postgres:
            return self.run(sql, values).lastrowid  # RETURNING costs SQLite half as much again
        return int(self.run(f"{sql} RETURNING id", values).fetchone()[0])

    def insert_new(self, table: str, unique: str, /, **values: Any) -> int | None:
        """The same, unless there is a row with the same `unique` columns already: then None."""
        sql = _insert(table, tuple(values), f" ON CONFLICT ({unique}) DO NOTHING")
        if not self.postgres:
            done = self.run(sql, values)
            return done.lastrowid if done.rowcount else None
        found = self.run(f"{sql} RETURNING id", values).fetchone()
        return int(found[0]) if found else None

    def put(self, table: str, /, **values: Any) -> None:
        """A new row where its id does not matter."""
        self.run(_insert(table, tuple(values)), values)

    def update(self, table: str, row: int, /, **values: Any) -> None:
        """Set columns of the row of this id."""
        if values:
            sets = ", ".join(f"{name} = :{name}" for name in values)
            self.run(f"UPDATE {table} SET {sets} WHERE id = :id", {**values, "id": row})  # noqa: S608

    def put_many(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Several new rows."""
        for names, alike in groupby(rows, key=tuple):
            self.many(_insert(table, names), list(alike))
