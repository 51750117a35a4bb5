"""Small facts about the running whole, by key."""

from storage.db import Row, Tx


def get(tx: Tx, key: str) -> str | None:
    """What was kept under `key`."""
    row = tx.one("SELECT value FROM kept WHERE key = :key", {"key": key})
    return row["value"] if row else None


def put(tx: Tx, key: str, value: str) -> None:
    """Keep `value` under `key`."""
    tx.run(
        "INSERT INTO kept (key, value) VALUES (:key, :value)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        {"key": key, "value": value},
    )


def drop(tx: Tx, key: str) -> None:
    """Forget it."""
    tx.run("DELETE FROM kept WHERE key = :key", {"key": key})


def beginning(tx: Tx, prefix: str, limit: int) -> list[Row]:
    """Rows whose key begins so, by key; `prefix` ends with a character below "~"."""
    return tx.all(
        "SELECT key, value FROM kept WHERE key >= :first AND key < :last ORDER BY key LIMIT :n",
        {"first": prefix, "last": f"{prefix[:-1]}{chr(ord(prefix[-1]) + 1)}", "n": limit},
    )
