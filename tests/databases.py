"""Databases with the newest schema, made once a process by the real migrations and then copied."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from storage.db import Store
from storage.migrations import current, head, upgrade

KEPT = "alembic_version"
"""The table that is not emptied: it says which schema this is."""


@cache
def _migrated() -> bytes:
    """The file of an SQLite database with the newest schema and no rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.sqlite3"
        store = Store(f"sqlite:///{path}")
        upgrade(store)
        connection = store.connect()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return path.read_bytes()


def new_store(url: str) -> Store:
    """The database at `url`; with the newest schema, whether or not it was there."""
    kind, _, path = url.partition(":///")
    if kind == "sqlite" and not Path(path).exists():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(_migrated())
    store = Store(url)
    upgrade(store)
    return store


class Pool:
    """PostgreSQL databases with the newest schema; one that was used is emptied and used again.

    Making and dropping one costs five times as much as emptying one.
    """

    def __init__(self, server: str) -> None:
        self._server, self._free = server, list[str]()

    def _url(self, name: str) -> str:
        return self._server.replace("/postgres?", f"/{name}?")

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of one, for a test. Whoever is connected at its end is thrown out."""
        name = self._free.pop() if self._free else self._make()
        yield self._url(name)
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
        with psycopg.connect(self._url(name), autocommit=True) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> %s",
                [KEPT],
            ).fetchall()
            names = sql.SQL(", ").join(sql.Identifier(table) for (table,) in tables)
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))
        if current(Store(self._url(name))) == head():  # else a test has played a newer program
            self._free.append(name)

    def _make(self) -> str:
        name = f"pooled_{uuid.uuid4().hex}"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        upgrade(Store(self._url(name)))
        return name
