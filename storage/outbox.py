"""What must leave and what became of it, never backwards (P5); `dispatch` is the sender's part.

Queries repeat the condition of the partial indexes word for word, or SQLite would not use them.
"""

from typing import Any

from storage.causes import cause
from storage.db import Row, Tx

RANK = {
    "held": 0,
    "pending": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "delivered": 4,
    "undelivered": 4,
    "failed": 4,
    "dropped": 4,
}
FINAL = 4

_PROMPT = """
SELECT id, asks, claimed_at, job_id FROM outbox
WHERE person_id = :person AND asks <> '' AND claimed_at <= :at
  AND status NOT IN ('dropped', 'failed', 'undelivered')
ORDER BY claimed_at DESC, id DESC LIMIT 1"""


def add(tx: Tx, **values: Any) -> int:
    """A new row to send; it goes on with the cause of the work that writes it."""
    row = tx.insert("outbox", cause=cause(), **values)
    tx.outgoing.append(row)
    return row


def may_leave(row: str) -> str:
    """The SQL condition that a row's time has come by `:now`.

    What was to leave at once when it was written may, though the clock was set back since: else
    what is written after the change would overtake it (P5).
    """
    return f"({row}.due_at <= :now OR ({row}.attempts = 0 AND {row}.due_at <= {row}.created_at))"


def standing_prompt(tx: Tx, person: int, at: int) -> Row | None:
    """The prompt that stood for this person at that instant: the last one that had left by then.

    One that is known never to have arrived does not count: nobody can have answered it.
    """
    return tx.one(_PROMPT, {"person": person, "at": at})


def _finish(status: str) -> str:
    above = [each for each, rank in RANK.items() if rank > RANK[status] or rank == FINAL]
    stays = "status IN (" + ", ".join(f"'{each}'" for each in above) + ")"
    return (
        f"UPDATE outbox SET status = CASE WHEN {stays} THEN status ELSE '{status}' END,"  # noqa: S608
        f" error = CASE WHEN {stays} THEN error ELSE :error END, provider_id ="
        " CASE WHEN :provider_id = '' THEN provider_id ELSE :provider_id END,"
        " sent_at = coalesce(sent_at, :sent_at), lease_until = NULL WHERE id = :id"
        # Its carrier said meanwhile that this very attempt did not arrive: it waits for another.
        " AND NOT (status = 'pending' AND provider_id <> '' AND provider_id = :provider_id)"
    )


_FINISH = {status: _finish(status) for status in RANK}


def finish(
    tx: Tx, row: int, status: str, now: int, *, provider_id: str = "", error: str = ""
) -> None:
    """The attempt's outcome; a status that ranks higher or is final stays."""
    sent_at = now if status in ("sent", "delivered") else None
    tx.run(
        _FINISH[status],
        {"provider_id": provider_id, "error": error, "sent_at": sent_at, "id": row},
    )


def again(tx: Tx, row: int, due_at: int, error: str) -> None:
    """Try once more at `due_at`, unless its end is known."""
    tx.run(
        "UPDATE outbox SET status = 'pending', due_at = :due, lease_until = NULL, error = :error"
        " WHERE id = :id AND status NOT IN ('delivered', 'undelivered', 'failed', 'dropped')",
        {"due": due_at, "error": error, "id": row},
    )


def drop(tx: Tx, row: int, why: str) -> None:
    """It is not sent any more, by a stated rule; what has left stays as it is."""
    tx.run(
        "UPDATE outbox SET status = 'dropped', lease_until = NULL, error = :why"
        " WHERE id = :id AND status IN ('held', 'pending', 'sending', 'unknown')",
        {"why": why, "id": row},
    )


def rewrite(tx: Tx, row: int, payload: str, lane: int | None = None) -> None:
    """Another content for a row that has not left yet; and another lane, if one is given."""
    tx.run(
        "UPDATE outbox SET payload = :payload, lane = coalesce(:lane, lane)"
        " WHERE id = :id AND status IN ('pending', 'held')",
        {"payload": payload, "lane": lane, "id": row},
    )


def get(tx: Tx, row: int) -> Row | None:
    """One row."""
    return tx.one("SELECT * FROM outbox WHERE id = :id", {"id": row})


def by_provider_id(tx: Tx, channel: str, provider_id: str) -> Row | None:
    """The row that the provider knows by this id."""
    return tx.one(
        "SELECT * FROM outbox WHERE channel = :c AND provider_id = :p",
        {"c": channel, "p": provider_id},
    )


def due_count(tx: Tx, now: int) -> int:
    """How many rows could leave now or are leaving; not those behind one that is to be retried."""
    row = tx.one(
        "SELECT count(*) AS n FROM outbox o WHERE o.status in ('pending','sending')"  # noqa: S608
        f" AND (o.status = 'sending' OR ({may_leave('o')} AND NOT EXISTS ("
        "SELECT 1 FROM outbox e WHERE e.status in ('pending','sending') AND e.status = 'pending'"
        " AND e.channel = o.channel AND e.address = o.address AND e.attempts > 0"
        " AND e.due_at > :now AND (e.lane < o.lane OR (e.lane = o.lane AND e.id < o.id)))))",
        {"now": now},
    )
    return int(row["n"]) if row else 0


def next_due(tx: Tx, after: int) -> int | None:
    """When the next row becomes due after that instant."""
    row = tx.one(
        "SELECT min(due_at) AS due FROM outbox WHERE status in ('pending','sending')"
        " AND status = 'pending' AND due_at > :after",
        {"after": after},
    )
    return row["due"] if row else None


def release_held(tx: Tx, channel: str, now: int) -> int:
    """Rows that were held (contacts unconfirmed, no mail server) may leave now."""
    return tx.run(
        "UPDATE outbox SET status = 'pending', due_at = :now, error = ''"
        " WHERE status = 'held' AND channel = :c AND address <> ''",
        {"now": now, "c": channel},
    ).rowcount


def without_address(tx: Tx, channel: str) -> list[Row]:
    """Rows that are held because nobody has said where they go."""
    return tx.all(
        "SELECT * FROM outbox WHERE status = 'held' AND channel = :c AND address = '' ORDER BY id",
        {"c": channel},
    )


def give_address(tx: Tx, row: int, address: str, payload: str, why: str) -> None:
    """Where a row goes is known now; it may leave unless there is still a reason (`why`)."""
    tx.run(
        "UPDATE outbox SET address = :address, payload = :payload, error = :why, status = :status"
        " WHERE id = :id AND status = 'held'",
        {"address": address, "payload": payload, "why": why, "id": row,
         "status": "held" if why else "pending"},
    )  # fmt: skip


def is_held(tx: Tx, channel: str) -> bool:
    """Whether anything waits on this channel for the operator."""
    found = tx.one(
        "SELECT 1 AS held FROM outbox WHERE channel = :channel AND status = 'held' LIMIT 1",
        {"channel": channel},
    )
    return found is not None


def of_job(tx: Tx, job: int, channel: str = "") -> list[Row]:
    """What was sent about a job, oldest first."""
    return tx.all(
        "SELECT * FROM outbox WHERE job_id = :job AND :channel IN ('', channel) ORDER BY id",
        {"job": job, "channel": channel},
    )


def mails_of_order(tx: Tx, work_order: int) -> list[Row]:
    """The office's mails about a work order, over all its visits, oldest first."""
    return tx.all(
        "SELECT o.payload FROM outbox o JOIN jobs j ON j.id = o.job_id"
        " WHERE j.work_order_id = :order AND o.channel = 'email' ORDER BY o.id",
        {"order": work_order},
    )


def oldest_unsent(tx: Tx) -> int | None:
    """When the oldest row that still waits became due."""
    row = tx.one("SELECT min(due_at) AS due FROM outbox WHERE status in ('pending','sending')")
    return row["due"] if row else None


def waiting_for(tx: Tx, channel: str, address: str) -> list[Row]:
    """What waits for an address and has not left, in its order."""
    return tx.all(
        "SELECT * FROM outbox WHERE status in ('pending','sending') AND status = 'pending'"
        " AND channel = :c AND address = :a ORDER BY lane, id",
        {"c": channel, "a": address},
    )


_WAITED = """status in ('pending','sending') AND o.status = 'pending' AND o.channel = :c
  AND o.created_at <= :before AND o.claimed_at IS NULL AND o.due_at <= :soon"""


def has_waited(tx: Tx, channel: str, before: int, soon: int) -> bool:
    """Whether anything surely has not left though it was written before that instant.

    `soon`: what is due later was never meant to have left yet.
    """
    row = tx.one(
        f"SELECT 1 AS x FROM outbox o WHERE o.{_WAITED} LIMIT 1",  # noqa: S608 - our own words
        {"c": channel, "before": before, "soon": soon},
    )
    return row is not None


def waited_elsewhere(tx: Tx, channel: str, before: int, soon: int, limit: int = 200) -> list[Row]:
    """The same, in its order, of people who have a working address on another channel."""
    return tx.all(
        f"SELECT o.* FROM outbox o WHERE o.{_WAITED} AND EXISTS ("  # noqa: S608 - our own words
        "SELECT 1 FROM addresses a WHERE a.person_id = o.person_id AND a.channel <> o.channel"
        " AND a.state = 'active' AND a.consent_at IS NOT NULL)"
        " ORDER BY o.lane, o.id LIMIT :limit",
        {"c": channel, "before": before, "soon": soon, "limit": limit},
    )


def drop_waiting(tx: Tx, channel: str, address: str, why: str) -> None:
    """What waits for an address that no longer takes messages is not sent."""
    tx.run(
        "UPDATE outbox SET status = 'dropped', error = :why"
        " WHERE status in ('pending','sending') AND status = 'pending'"
        " AND channel = :c AND address = :a",
        {"why": why, "c": channel, "a": address},
    )
