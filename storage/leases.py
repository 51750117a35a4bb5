"""Leases: which process may do what only one may, until when in real time (kept under a key)."""

import json

from storage.db import Tx

_AHEAD = 60_000
"""Milliseconds by which a holder's clock may be ahead of ours."""


def take(tx: Tx, key: str, owner: str, *, until: int, now: int, dead: bool = False) -> str:
    """Take or renew the lease; whoever holds it afterwards, "" where that is not to be said.

    dead: whoever held it is gone. One that would end later than any that is taken now, by a clock
    that was set back since, counts as over.
    """
    tx.run(
        "INSERT INTO kept (key, value) VALUES (:key, '{}') ON CONFLICT (key) DO NOTHING",
        {"key": key},
    )
    row = tx.one(f"SELECT value FROM kept WHERE key = :key{tx.lock}", {"key": key})  # noqa: S608
    if row is None:  # given back in this very moment
        return ""
    held = json.loads(row["value"])
    holder = str(held.get("owner", ""))
    if holder not in ("", owner) and now < held.get("until", 0) <= until + _AHEAD and not dead:
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
