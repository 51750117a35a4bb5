"""The sender's own queries on the outbox: claim in order, put back, and what left lately (P3, P5).

Every query names the condition of a partial index as it stands there, or SQLite would not use it
and each claim would read the whole outbox. A claim asks for each row in turn whether one is on its
way to its address, and which is the address's first: neither depends on how many wait there.
LIMIT 1 OFFSET 0 keeps PostgreSQL from joining a new backlog with itself, which it would before its
statistics know of the backlog.
"""

from collections.abc import Collection, Mapping
from typing import Any

from storage.db import Row, Tx
from storage.outbox import may_leave

_OPEN = "status in ('pending','sending')"


def claim(  # noqa: PLR0913 - by name
    tx: Tx,
    channel: str,
    *,
    now: int,
    lease_until: int,
    limit: int,
    only_alerts: bool = False,
    closed: Collection[str] = (),
) -> list[Row]:
    """Take due rows to send: urgent lanes first, one at a time for each address, in their order.

    A row that was tried and waits for its next try is not overtaken by later ones of its lane (P5).

    only_alerts: nothing but alerts may leave; closed: addresses of which that is true. `attempts`
    in the rows is what was tried before, `address_state` what is known of the address;
    `lease_until` is real time, and theirs.
    """
    names = {f"closed{place}": address for place, address in enumerate(closed)}
    params: dict[str, Any] = {"now": now, "channel": channel, "limit": limit, **names}
    if only_alerts:
        may = "{0}.kind = 'alert'"
    elif names:
        listed = ", ".join(f":{name}" for name in names)
        may = f"({{0}}.kind = 'alert' OR {{0}}.address NOT IN ({listed}))"
    else:
        may = "true"
    sql = f"""
    SELECT o.*, (SELECT a.state FROM addresses a
      WHERE a.channel = o.channel AND a.address = o.address) AS address_state
    FROM outbox o
    WHERE o.{_OPEN} AND o.status = 'pending' AND o.channel = :channel AND {may_leave("o")}
      AND {may.format("o")} AND NOT EXISTS (
        SELECT 1 FROM outbox l WHERE l.status = 'sending' AND l.channel = o.channel
          AND l.address = o.address LIMIT 1 OFFSET 0)
      AND o.id = (
        SELECT e.id FROM outbox e WHERE e.{_OPEN} AND e.channel = o.channel
          AND e.address = o.address AND ({may_leave("e")} OR e.attempts > 0)
          AND {may.format("e")} ORDER BY e.lane, e.id LIMIT 1)
    ORDER BY o.lane, o.id LIMIT :limit"""  # noqa: S608 - no value is in it
    rows = tx.all(sql + (" FOR UPDATE OF o SKIP LOCKED" if tx.postgres else ""), params)
    if rows:
        tx.many(
            "UPDATE outbox SET status = 'sending', attempts = attempts + 1, lease_until = :lease,"
            " claimed_at = coalesce(claimed_at, :now) WHERE id = :id",
            [{"lease": lease_until, "now": now, "id": row["id"]} for row in rows],
        )
    return [{**row, "lease_until": lease_until} for row in rows]


def put_back(
    tx: Tx, row: Mapping[str, Any], due_at: int, error: str, *, may_have_left: bool
) -> None:
    """Try once more at `due_at`; it keeps its place before what is later or can wait longer (P5).

    Where it surely did not leave, it also was no prompt that somebody could have answered.
    """
    claimed = "claimed_at" if may_have_left else "NULL"
    tx.run(
        f"UPDATE outbox SET status = 'pending', due_at = :due, lease_until = NULL, error = :error,"  # noqa: S608
        f" claimed_at = {claimed} WHERE id = :id AND status = 'sending'",
        {"due": due_at, "error": error, "id": row["id"]},
    )


def still_claimed(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Whether the claim that gave this row still stands; each claim counts one attempt more."""
    found = tx.one("SELECT status, attempts FROM outbox WHERE id = :id", {"id": row["id"]})
    return found is not None and (
        found["status"] == "sending" and found["attempts"] <= row["attempts"] + 1
    )


def expired(tx: Tx, channel: str, real_now: int) -> list[Row]:
    """Rows whose sender died between sending and saying so: nobody knows whether they left."""
    return tx.all(
        "SELECT * FROM outbox WHERE status = 'sending' AND channel = :channel"  # noqa: S608
        f" AND lease_until < :now{' FOR UPDATE SKIP LOCKED' if tx.postgres else ''}",
        {"channel": channel, "now": real_now},
    )


def sent_lately(tx: Tx, channel: str, since: int) -> list[tuple[int, str]]:
    """(when, to whom) of all that left or may have left on a channel since then."""
    rows = tx.all(
        "SELECT claimed_at, address FROM outbox WHERE channel = :channel AND claimed_at >= :since",
        {"channel": channel, "since": since},
    )
    return [(row["claimed_at"], row["address"]) for row in rows]


def ids_to(tx: Tx, channel: str, address: str, but: int, latest: int = 200) -> set[str]:
    """The provider's ids of the latest other rows to this address."""
    rows = tx.all(
        "SELECT provider_id FROM outbox WHERE channel = :channel AND address = :address"
        " AND provider_id <> '' AND id <> :but ORDER BY id DESC LIMIT :latest",
        {"channel": channel, "address": address, "but": but, "latest": latest},
    )
    return {row["provider_id"] for row in rows}


def unfinished_texts(tx: Tx, since: int, limit: int) -> list[Row]:
    """Texts that the provider took and of which it has not said what became, oldest first."""
    return tx.all(
        "SELECT * FROM outbox WHERE status = 'sent' AND channel = 'sms' AND sent_at >= :since"
        " ORDER BY sent_at, id LIMIT :limit",
        {"since": since, "limit": limit},
    )
