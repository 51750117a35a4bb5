"""Brings a database to this program's schema: forward only, and by itself at every start (P9).

Each file in `versions/` is one step; its number is what the database keeps in `alembic_version`.
The steps that are missing run in one transaction, under a lock that lets one process work and the
others find it done. Alembic is loaded only if there is something to do.
"""

import sqlite3
import time
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from storage.db import StorageError, Store

_VERSIONS = Path(__file__).parent / "versions"
_LOCK = 0x646F6F72_73746570
"""What processes that upgrade the same PostgreSQL database agree to lock."""
_WAIT = 2_000
"""Milliseconds that a step waits for somebody who reads a table (a backup does so for minutes):
every turn of a version that serves waits behind it."""
_PAUSE, _TRIES = 1.0, 100
"""Real seconds between the tries, and how many there are: five minutes."""
_IN_THE_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


def head() -> str:
    """The schema that this program is made for, as "0001"."""
    return _known()[-1]


def current(store: Store) -> str | None:
    """The schema that the database has; None if it has none yet. StorageDown if it is not there."""
    with store.reading() as tx:
        try:
            row = tx.one("SELECT version_num FROM alembic_version")
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return None
        except psycopg.errors.UndefinedTable:
            return None
    return str(row["version_num"]) if row else None


def upgrade(store: Store) -> None:
    """Run the steps that this database has not seen.

    StorageError if it was written by a newer program, or is not ours.
    """
    stored = current(store)
    _refuse_newer(stored)
    if stored != head():
        _upgrade(store)


def _known() -> list[str]:
    return sorted(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))


def _refuse_newer(stored: str | None) -> None:
    if stored is not None and stored not in _known():
        raise StorageError(
            f"the database has schema {stored}, which is newer than this program's {head()}:"
            " start the newer program again, or restore a backup from before it with --replace"
        )


def _upgrade(store: Store) -> None:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - slow to load

    engine = _engine(store)
    try:
        for tries in count(1):
            try:
                _run_steps(store, engine)
            except SQLAlchemyError as error:
                said = getattr(error, "orig", error)
                if tries < _TRIES and isinstance(said, _IN_THE_WAY):
                    time.sleep(_PAUSE)
                    continue
                line = str(said).partition("\n")[0]
                raise StorageError(
                    f"the database could not be brought to schema {head()}, nothing was changed:"
                    f" {line}"
                ) from error
            return
    finally:
        engine.dispose()


def _run_steps(store: Store, engine: Any) -> None:
    from alembic.migration import MigrationContext  # noqa: PLC0415 - slow to load
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    script = ScriptDirectory(str(Path(__file__).parent))
    with engine.begin() as connection:
        if store.dialect == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_WAIT}")
        context = MigrationContext.configure(connection)
        stored = context.get_current_revision()
        _refuse_newer(stored)
        with Operations.context(context):
            for step in reversed(list(script.iterate_revisions("head", stored or "base"))):
                step.module.upgrade()
                context.stamp(script, step.revision)


def _engine(store: Store) -> Any:
    """Not the store's own connection: steps that rebuild a table need foreign keys unchecked."""
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415

    if store.dialect == "sqlite":

        def connect() -> Any:
            return sqlite3.connect(store.path, timeout=30, isolation_level=None)
    else:

        def connect() -> Any:
            return psycopg.connect(**store.arguments())

    scheme = "sqlite://" if store.dialect == "sqlite" else "postgresql+psycopg://"
    return create_engine(scheme, creator=connect, poolclass=NullPool)
