"""Brings a database to this program's schema: forward only, and by itself at every start (P9).

Each file in `versions/` is one step; its number is what the database keeps in `alembic_version`.
The steps that are missing run in one transaction, under a lock that lets one process work and the
others find it done. Alembic is loaded only if there is something to do.
"""

import sqlite3
from pathlib import Path
from typing import Any

import psycopg

from storage.db import StorageError, Store

_VERSIONS = Path(__file__).parent / "versions"
_LOCK = 0x646F6F72_73746570
"""What processes that upgrade the same PostgreSQL database agree to lock."""


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
    from alembic.migration import MigrationContext  # noqa: PLC0415 - slow to load
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    script = ScriptDirectory(str(Path(__file__).parent))
    engine = _engine(store)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "BEGIN IMMEDIATE"
                if store.dialect == "sqlite"
                else f"SELECT pg_advisory_xact_lock({_LOCK})"
            )
            context = MigrationContext.configure(connection)
            stored = context.get_current_revision()
            _refuse_newer(stored)
            with Operations.context(context):
                for step in reversed(list(script.iterate_revisions("head", stored or "base"))):
                    step.module.upgrade()
                    context.stamp(script, step.revision)
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", error)).partition("\n")[0]
        raise StorageError(
            f"the database could not be brought to schema {head()}, nothing was changed: {said}"
        ) from error
    finally:
        engine.dispose()


def _engine(store: Store) -> Any:
    """Not the store's own connection: steps that rebuild a table need foreign keys unchecked."""
    from sqlalchemy import NullPool, create_engine, make_url  # noqa: PLC0415

    if store.dialect == "sqlite":
        options = {"timeout": 30, "isolation_level": None}
        return create_engine(store.url, poolclass=NullPool, connect_args=options)
    return create_engine(
        make_url(store.url).set(drivername="postgresql+psycopg"), poolclass=NullPool
    )
