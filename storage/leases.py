"""Leases: which process may do what only one may, until when in real time (kept under a key)."""

import json

from storage.db import Tx


def take(tx: Tx, key: str, owner: str, *, until: int, now: int, dead: bool = False) -> str:
    """Take or renew the lease; whoever holds it afterwards. `dead`: whoever held it is gone."""
    tx.run(
        "INSERT INTO kept (key, value) VALUES (:key, '{}') ON CONFLICT (key) DO NOTHING",
        {"key": key},
    )
    row = tx.one(f"SELECT value FROM kept WHERE key = :key{tx.lock}", {"key": key})  # noqa: S608
    held = json.loads(row["value"]) if row else {}
    holder = str(held.get("owner", ""))
    if holder not in ("", owner) and held.get("until", 0) > now and not dead:
        return holder
    tx.run(
        "UPDATE kept SET value = :value WHERE key = :key",
        {"key": key, "value": json.dumps({"owner": owner, "until": until})},
    )
    return owner


def holder(tx: Tx, key: str) -> str:
    """Who holds it, or held it last."""
    row = tx.one("SELECT value FROM kept WHERE key = :key", {"key": key})
    return str(json.loads(row["value"]).get("owner", "")) if row else ""


def release(tx: Tx, key: str, owner: str) -> None:
    """Give it up, if it is still ours."""
    if holder(tx, key) == owner:
        tx.run("DELETE FROM kept WHERE key = :key", {"key": key})
