"""What the providers brought: stored before it is acknowledged, applied once (P1, P2)."""

from storage.db import Row, Tx

WINDOW = 48 * 3_600_000
"""Telegram's update ids start anew after a quiet week: an id counts as known for 48 hours."""
_UNIQUE = "channel, account, key"


def add(  # noqa: PLR0913 - by name
    tx: Tx,
    *,
    channel: str,
    account: str,
    key: str,
    person_id: int | None,
    received_at: int,
    payload: str,
    status: str = "done",
) -> int | None:
    """The new row's id; None if this update is known already."""
    values = {
        "channel": channel,
        "account": account,
        "key": key,
        "person_id": person_id,
        "received_at": received_at,
        "payload": payload,
        "status": status,
    }
    row = tx.insert_new("inbox", _UNIQUE, **values)
    if row is None and channel == "telegram":
        renamed = tx.run(
            "UPDATE inbox SET key = key || '/' || received_at"
            " WHERE channel = :channel AND account = :account AND key = :key"
            " AND received_at < :before",
            {"channel": channel, "account": account, "key": key, "before": received_at - WINDOW},
        )
        row = tx.insert_new("inbox", _UNIQUE, **values) if renamed.rowcount else None
    return row


def cause_of(tx: Tx, row: int | None) -> str:
    """The update's name as `storage.causes` has it; "" where there is none."""
    found = tx.one("SELECT channel, key FROM inbox WHERE id = :id", {"id": row}) if row else None
    return f"{found['channel']}/{found['key']}" if found else ""


def known(tx: Tx, channel: str, account: str, key: str) -> bool:
    """Whether this update was stored before."""
    return (
        tx.one(
            "SELECT 1 AS x FROM inbox WHERE channel = :c AND account = :a AND key = :k",
            {"c": channel, "a": account, "k": key},
        )
        is not None
    )


def waiting_of(tx: Tx, person: int) -> list[Row]:
    """The person's updates that wait for a photo, in the order in which they came."""
    return tx.all(
        "SELECT * FROM inbox WHERE person_id = :person AND status = 'waiting' ORDER BY id",
        {"person": person},
    )


def people_waiting(tx: Tx) -> list[int]:
    """Those who have updates waiting."""
    return [
        row["person_id"]
        for row in tx.all("SELECT DISTINCT person_id FROM inbox WHERE status = 'waiting'")
    ]


def set_status(tx: Tx, row: int, status: str, error: str = "") -> None:
    """done, waiting, quarantined or ignored."""
    tx.run(
        "UPDATE inbox SET status = :status, error = :error WHERE id = :id",
        {"status": status, "error": error, "id": row},
    )


def newest_key(tx: Tx, channel: str, account: str) -> str | None:
    """The key stored last for this account."""
    row = tx.one(
        "SELECT key FROM inbox WHERE channel = :c AND account = :a ORDER BY id DESC LIMIT 1",
        {"c": channel, "a": account},
    )
    return row["key"] if row else None


def quarantined(tx: Tx) -> list[Row]:
    """Updates that could not be applied, latest first."""
    return tx.all("SELECT * FROM inbox WHERE status = 'quarantined' ORDER BY id DESC LIMIT 100")
