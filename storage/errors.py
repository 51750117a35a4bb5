"""What can go wrong with the database, and what a driver's error means."""

import sqlite3
from typing import Any

import psycopg


class StorageError(Exception):
    """The database could not do it.

    StorageError
    ├── StorageDown    it cannot be reached now; nothing was changed, try again
    └── StorageBroken  it can no longer be trusted (disk full, I/O error): stop, loudly
    """


class StorageDown(StorageError):
    """The database cannot be reached or had; nothing was changed, try again.

    If PostgreSQL went away in the very moment of a commit, nobody knows whether it took it: what
    is tried again must do no harm when done twice, as updates and timers do none (P2, P6).
    """


class StorageBroken(StorageError):
    """The database can no longer be trusted (disk full, I/O error): take no more messages."""


CLASHES = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.FeatureNotSupported,  # a prepared SELECT *, of a table that has grown since
)
"""Another process was in the way; the one that was stopped may do its work again. What it had
prepared the driver forgets with the transaction."""

_BROKEN = (
    "disk I/O error",
    "database or disk is full",
    "disk image is malformed",
    "readonly database",
    "file is not a database",
)
_BUSY = ("database is locked", "table is locked", "unable to open database file")
# Connection lost, no resources left, shutting down, system error, a stand-by that only reads.
_DOWN = ("08", "53", "57P", "58", "25006")


def meaning(error: BaseException, connection: Any = None) -> StorageError | None:
    """What `error` says about the database itself; None if only that one piece of work failed."""
    said = str(error).partition("\n")[0]
    if isinstance(error, sqlite3.Error):
        if any(sign in said for sign in _BROKEN):
            return StorageBroken(f"the database can no longer be trusted: {said}")
        if any(sign in said for sign in _BUSY):
            return StorageDown(f"the database cannot be had: {said}")
    elif getattr(connection, "closed", False):
        return StorageDown(f"the database went away: {said}")
    elif isinstance(error, psycopg.Error) and (error.sqlstate or "").startswith(_DOWN):
        return StorageDown(f"the database cannot go on: {said}")
    return None
