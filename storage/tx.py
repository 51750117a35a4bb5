"""One transaction: SQL written once, with `:name` parameters, for SQLite and PostgreSQL alike."""

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import psycopg

from storage.tables import TABLES

Row = Mapping[str, Any]


class _Cursor(Protocol):
    rowcount: int

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


@lru_cache(maxsize=1024)
def _pyformat(sql: str) -> str:
    return re.sub(r"(?<![:\w]):([a-z_]\w*)", r"%(\1)s", sql.replace("%", "%%"))


@lru_cache(maxsize=64)
def _insert(table: str) -> tuple[str, dict[str, Any]]:
    columns = [c for c in TABLES.tables[table].columns if not (c.name == "id" and c.primary_key)]
    defaults = {c.name: getattr(c.default, "arg", None) for c in columns}
    names = ", ".join(defaults)
    values = ", ".join(f":{name}" for name in defaults)
    return f"INSERT INTO {table} ({names}) VALUES ({values})", defaults  # noqa: S608 - names are ours


def _filled(table: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    sql, defaults = _insert(table)
    row = {**defaults, **values}
    if len(row) != len(defaults):
        raise TypeError(f"{table} has no column {', '.join(sorted(row.keys() - defaults))}")
    return sql, row


def _storable(value: Any) -> Any:
    """Text without what no database keeps: NUL and halves of surrogate pairs (P10)."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return value


def as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    """Make SQLite's rows what psycopg's `dict_row` makes of PostgreSQL's."""
    return dict(zip([column[0] for column in cursor.description], row, strict=True))


class Tx:
    """One transaction. Parameters are named; rows are dicts."""

    def __init__(self, connection: Any, dialect: str) -> None:
        self.dialect = dialect
        self.postgres = dialect == "postgresql"
        # Not FOR UPDATE: rows that only refer to a locked one need not wait for it.
        self.lock = " FOR NO KEY UPDATE" if self.postgres else ""
        """Ends a SELECT whose rows this transaction is going to change."""
        self._connection = connection
        self._execute = connection.execute

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> _Cursor:
        """Execute; returns the cursor (`rowcount`)."""
        if self.postgres:
            sql = _pyformat(sql)
        try:
            return self._execute(sql, params or {})  # type: ignore[no-any-return]
        except (psycopg.DataError, UnicodeEncodeError):
            # The driver refuses a text before it sends anything: the transaction is as it was.
            clean = {name: _storable(value) for name, value in (params or {}).items()}
            if clean == params:
                raise
            return self._execute(sql, clean)  # type: ignore[no-any-return]

    def many(self, sql: str, params: Iterable[Mapping[str, Any]]) -> int:
        """Execute once for each of `params`; returns how many rows it changed in all."""
        rows = list(params)
        try:
            return self._many(sql, rows)
        except (psycopg.DataError, UnicodeEncodeError):
            clean = [{name: _storable(value) for name, value in row.items()} for row in rows]
            if clean == rows:
                raise
        return sum(self.run(sql, row).rowcount for row in clean)

    def _many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> int:
        if not self.postgres:
            return int(self._connection.executemany(sql, rows).rowcount) if rows else 0
        with self._connection.cursor() as cursor:
            cursor.executemany(_pyformat(sql), rows)
            return int(cursor.rowcount) if rows else 0

    def one(self, sql: str, params: Mapping[str, Any] | None = None) -> Row | None:
        """The first row or None."""
        return self.run(sql, params).fetchone()  # type: ignore[no-any-return]

    def all(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows."""
        return self.run(sql, params).fetchall()

    def insert(self, table: str, /, **values: Any) -> int:
        """A new row, the rest of its columns by their defaults; returns its id."""
        sql, row = _filled(table, values)
        return int(self.run(f"{sql} RETURNING id", row).fetchone()["id"])

    def put(self, table: str, /, **values: Any) -> None:
        """A new row where its id does not matter."""
        self.run(*_filled(table, values))

    def update(self, table: str, row: int, /, **values: Any) -> None:
        """Set columns of the row of this id."""
        if values:
            sets = ", ".join(f"{name} = :{name}" for name in values)
            self.run(f"UPDATE {table} SET {sets} WHERE id = :id", {**values, "id": row})  # noqa: S608

    def put_many(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Several new rows."""
        self.many(_insert(table)[0], [_filled(table, row)[1] for row in rows])
