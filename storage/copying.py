"""Copies a whole database: into a file while others write, and into another database (P9).

The same rows go from SQLite to PostgreSQL and back, table by table in the order of their
references, in one transaction of the target: it then holds everything or what it held before.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Table

from storage.db import StorageError, Store, Tx
from storage.errors import meaning
from storage.migrations import current, head, upgrade
from storage.tables import TABLES

Tell = Callable[[int, int], None]
"""Hears (done, total)."""
_BATCH = 2_000
_PAGES = 2_000
_HANGING_UP, _LOOK_AGAIN = 3.0, 0.05
"""Seconds that PostgreSQL may go on listing who has hung up, and between two looks at its list."""
_SERVED = "something is serving that database: stop it first"
_TRIFLES = frozenset({"strangers", "kept"})
"""Tables whose rows alone do not make a database one that holds something."""


class InUse(StorageError):
    """The database may not be overwritten as it is."""


def snapshot(store: Store, path: Path, tell: Tell) -> dict[str, int]:
    """Write all rows, as of one moment, into a new SQLite file; rows by table.

    Nobody waits for it: SQLite's own online backup inside one read transaction, PostgreSQL's
    REPEATABLE READ.
    """
    if store.dialect == "sqlite":
        _online(store, path, tell)
    else:
        with store.reading() as tx:
            target = Store(f"sqlite:///{path}")
            upgrade(target)
            target.transact(lambda into: _pour(tx, into, tell))
    _settle(path)
    return counts(Store(f"sqlite:///{path}"))


def _online(store: Store, path: Path, tell: Tell) -> None:
    with closing(store.connect()) as source, closing(sqlite3.connect(path)) as target:
        try:
            # Inside a read transaction the copy is of one moment and never begins anew.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(
                target, pages=_PAGES, progress=lambda _, left, total: tell(total - left, total)
            )
        except sqlite3.Error as error:
            raise meaning(error) or StorageError(f"the copy failed: {error}") from error


def _settle(path: Path) -> None:
    """One file without its log beside it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    for rest in ("-wal", "-shm"):
        Path(f"{path}{rest}").unlink(missing_ok=True)


def verify(path: Path) -> str:
    """What is wrong with a copied SQLite file, "" if nothing is."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                return str(said)
            if stray := connection.execute("PRAGMA foreign_key_check").fetchone():
                return f"a row of {stray[0]} refers to nothing"
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return ""


def counts(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with store.reading() as tx:
        return {table.name: _count(tx, table) for table in TABLES.sorted_tables}


def others(store: Store) -> int:
    """How many other connections of Doorstep are open on this database: somebody serves it."""
    if store.dialect == "postgresql":
        return _staying(store)
    with closing(store.connect()) as connection:
        connection.execute("PRAGMA busy_timeout=200")
        try:
            connection.execute("PRAGMA journal_mode=DELETE")  # only the last one may leave WAL
        except sqlite3.OperationalError:
            return 1
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
    return 0


def _staying(store: Store) -> int:
    """Connections to PostgreSQL that are there and stay. It ends a session in its own time after
    its client has closed: on a busy machine our own last one, or that of a server which has just
    been stopped, is still listed."""
    until = time.monotonic() + _HANGING_UP
    while True:
        with store.reading() as tx:
            row = tx.one(
                "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'doorstep' AND pid <> pg_backend_pid()"
            )
        found = int(row["n"]) if row else 0
        if not found or time.monotonic() > until:
            return found
        time.sleep(_LOOK_AGAIN)


def copy(source: Store, target: Store, tell: Tell, *, replace: bool = False) -> dict[str, int]:
    """Let `target` hold what `source` holds; rows by table.

    InUse if somebody serves the target, or it has rows and `replace` is not set. Both are brought
    to this program's schema first.
    """
    upgrade(source)
    may_overwrite(target, replace=replace)
    with source.reading() as tx:
        target.transact(lambda into: _take_over(tx, into, tell, replace=replace))
    return counts(target)


def may_overwrite(target: Store, *, replace: bool) -> None:
    """Bring the target to this program's schema; InUse if it may not be overwritten as it is."""
    upgrade(target)
    if others(target):
        raise InUse(_SERVED)
    with target.reading() as tx:
        _refuse_used(tx, replace=replace)


def newer(store: Store) -> str:
    """The schema of a database that a newer program wrote; "" of any other. StorageDown."""
    found = current(store) or ""
    return found if found > head() else ""


def exchange(source: Store, target: Store, tell: Tell) -> tuple[dict[str, int], Path]:
    """Put `source` in the place of what a newer program wrote; rows by table, and where that is.

    The way back to an older program: the newer database is kept beside under another name, and
    there is one at the address throughout. InUse if somebody serves it; StorageError on PostgreSQL.
    """
    may_exchange(target)
    here = Path(target.path)
    schema, beside = newer(target), here.with_name(f"{here.name}.restoring")
    for rest in ("", "-wal", "-shm"):
        Path(f"{beside}{rest}").unlink(missing_ok=True)
    rows = copy(source, Store(f"sqlite:///{beside}"), tell)
    _settle(beside)
    _settle(here)
    names = (here.with_name(f"{here.name}.schema-{schema}{n}") for n in ("", *map(str, range(99))))
    aside = next(name for name in names if not name.exists())
    aside.hardlink_to(here)
    beside.replace(here)
    return rows, aside


def may_exchange(target: Store) -> None:
    """StorageError where `exchange` cannot be: PostgreSQL keeps no two databases at one address."""
    if target.dialect != "sqlite":
        raise StorageError(
            f"that database has schema {newer(target)}, which is newer than this program's"
            f" {head()}: make an empty database and restore into that"
        )
    if others(target):
        raise InUse(_SERVED)


def _refuse_used(target: Tx, *, replace: bool) -> None:
    used = sum(
        _count(target, table) for table in TABLES.sorted_tables if table.name not in _TRIFLES
    )
    if used and not replace:
        raise InUse(f"that database holds {used} rows already")


def _take_over(source: Tx, target: Tx, tell: Tell, *, replace: bool) -> None:
    tables = TABLES.sorted_tables
    if target.postgres:
        target.run(f"LOCK TABLE {', '.join(t.name for t in tables)} IN ACCESS EXCLUSIVE MODE")
    _refuse_used(target, replace=replace)
    target.run("UPDATE people SET dm = NULL, dc = NULL")
    for table in reversed(tables):
        target.run(f"DELETE FROM {table.name}")  # noqa: S608 - our own names
    _pour(source, target, tell)


def _pour(source: Tx, target: Tx, tell: Tell) -> None:
    tables = TABLES.sorted_tables
    total = sum(_count(source, table) for table in tables)
    done = 0
    for table in tables:
        for batch in _rows(source, table):
            target.many(_insert(table), batch)
            done += len(batch)
            tell(done, total)
        _refer(source, target, table)
    if target.postgres:
        for table in tables:
            _count_on(target, table)


def _insert(table: Table) -> str:
    later = _own_references(table)
    names = [column.name for column in table.columns if column.name not in later]
    values = ", ".join(f":{name}" for name in names)
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values})"  # noqa: S608


def _rows(source: Tx, table: Table) -> Iterator[list[dict[str, Any]]]:
    """All rows in batches; what refers to the same table comes later (`_refer`)."""
    booleans = {column.name for column in table.columns if isinstance(column.type, Boolean)}
    later = _own_references(table)
    keys = [column.name for column in table.primary_key]
    order, after = ", ".join(keys), ""
    last: Mapping[str, Any] = {}
    while True:
        rows = source.all(
            f"SELECT * FROM {table.name} {after} ORDER BY {order} LIMIT {_BATCH}",  # noqa: S608
            last,
        )
        if not rows:
            return
        yield [
            {
                name: _fit(value, boolean=name in booleans)
                for name, value in row.items()
                if name not in later
            }
            for row in rows
        ]
        last = {key: rows[-1][key] for key in keys}
        after = f"WHERE ({order}) > ({', '.join(f':{key}' for key in keys)})"


def _fit(value: Any, *, boolean: bool) -> Any:
    """A value as both databases take it; PostgreSQL keeps no NUL."""
    if boolean and value is not None:
        return bool(value)
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _own_references(table: Table) -> list[str]:
    return [
        column.name
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table is table
    ]


def _refer(source: Tx, target: Tx, table: Table) -> None:
    for name in _own_references(table):
        rows = source.all(
            f"SELECT id, {name} AS other FROM {table.name} WHERE {name} IS NOT NULL"  # noqa: S608
        )
        target.many(f"UPDATE {table.name} SET {name} = :other WHERE id = :id", rows)  # noqa: S608


def _count(tx: Tx, table: Table) -> int:
    row = tx.one(f"SELECT count(*) AS n FROM {table.name}")  # noqa: S608 - our own names
    return int(row["n"]) if row else 0


def _count_on(tx: Tx, table: Table) -> None:
    """Let PostgreSQL give ids after the copied ones."""
    if "id" in table.columns:
        tx.run(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"  # noqa: S608
            f" greatest(coalesce((SELECT max(id) FROM {table.name}), 0), 1))"
        )


def schema_of(path: Path) -> str:
    """The schema of a copied file; StorageError where it is newer than this program's."""
    with Store(f"sqlite:///{path}").reading() as tx:
        row = tx.one("SELECT version_num FROM alembic_version")
    found = str(row["version_num"]) if row else ""
    if not found or found > head():
        raise StorageError(f"it has schema {found}, which this program ({head()}) does not know")
    return found
