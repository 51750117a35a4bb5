"""People, the chats and numbers that are theirs, and the invitations that bind the two."""

from typing import Any

from storage.db import Row, Tx

_BY_ADDRESS = """
SELECT p.*, a.id AS address_id, a.state AS address_state
FROM addresses a JOIN people p ON p.id = a.person_id
WHERE a.channel = :channel AND a.address = :address"""


def by_address(tx: Tx, channel: str, address: str) -> Row | None:
    """Whose chat or number this is, with `address_id` and `address_state`; locked (P4)."""
    sql = _BY_ADDRESS + (f"{tx.lock} OF p" if tx.postgres else "")
    return tx.one(sql, {"channel": channel, "address": address})


def get(tx: Tx, person: int) -> Row | None:
    """The person of this id."""
    return tx.one("SELECT * FROM people WHERE id = :id", {"id": person})


def locked(tx: Tx, person: int) -> Row | None:
    """The person of this id, locked for this turn (P4)."""
    return tx.one(f"SELECT * FROM people WHERE id = :id{tx.lock}", {"id": person})  # noqa: S608


def everybody(tx: Tx) -> list[Row]:
    """Everyone who was not erased, by name."""
    return tx.all("SELECT * FROM people WHERE erased_at IS NULL ORDER BY name, id")


def chats_of_office(tx: Tx) -> list[str]:
    """The Telegram chats of managers and the office who are no technicians."""
    rows = tx.all(
        "SELECT a.address FROM people p JOIN addresses a ON a.person_id = p.id"
        " WHERE p.erased_at IS NULL AND p.roles NOT LIKE '%technician%' AND p.roles <> 'operator'"
        " AND a.channel = 'telegram' AND a.state = 'active' ORDER BY p.name, p.id, a.id"
    )
    return [row["address"] for row in rows]


def of_role(tx: Tx, role: str) -> list[Row]:
    """Everyone with this role, by id."""
    return [
        p
        for p in tx.all(
            "SELECT * FROM people WHERE erased_at IS NULL AND roles LIKE :like ORDER BY id",
            {"like": f"%{role}%"},
        )
        if has_role(p, role)
    ]


def has_role(person: Row, role: str) -> bool:
    """Whether this is one of the person's roles."""
    return role in person["roles"].split(";")


def find(tx: Tx, who: str) -> list[Row]:
    """Those whose name or phone is `who` (any case)."""
    name = who.casefold()  # SQLite's own lower() knows no letter beyond ASCII
    people = tx.all("SELECT * FROM people WHERE erased_at IS NULL ORDER BY id")
    return [row for row in people if who == row["phone"] or name == row["name"].casefold()]


def change(tx: Tx, person: int, **values: Any) -> None:
    """Set columns of one person."""
    tx.update("people", person, **values)


def addresses(tx: Tx, person: int) -> list[Row]:
    """The person's chats and numbers, last used first."""
    return tx.all(
        "SELECT * FROM addresses WHERE person_id = :id ORDER BY coalesce(heard_at, 0) DESC, id",
        {"id": person},
    )


def bind(tx: Tx, person: int, channel: str, address: str, now: int, words: str) -> int:
    """Give this chat or number to the person, with the consent's wording and time."""
    tx.run(
        "DELETE FROM addresses WHERE channel = :channel AND address = :address",
        {"channel": channel, "address": address},
    )
    return tx.insert(
        "addresses",
        person_id=person,
        channel=channel,
        address=address,
        consent_at=now,
        consent_words=words,
        heard_at=now,
    )


def set_address_state(tx: Tx, channel: str, address: str, state: str) -> None:
    """active, blocked, opted_out, invalid or unreachable."""
    tx.run(
        "UPDATE addresses SET state = :state WHERE channel = :channel AND address = :address",
        {"state": state, "channel": channel, "address": address},
    )


def doubtful_numbers(tx: Tx, limit: int = 50) -> list[str]:
    """Numbers at which texts fail."""
    rows = tx.all(
        "SELECT address FROM addresses WHERE channel = 'sms'"
        " AND state IN ('invalid', 'unreachable') ORDER BY id LIMIT :limit",
        {"limit": limit},
    )
    return [row["address"] for row in rows]


def was_reached(tx: Tx, channel: str, address: str) -> None:
    """Something arrived there: it is not unreachable any more."""
    tx.run(
        "UPDATE addresses SET state = 'active'"
        " WHERE channel = :channel AND address = :address AND state = 'unreachable'",
        {"channel": channel, "address": address},
    )


def heard_from(tx: Tx, address_id: int, now: int) -> None:
    """The address was used just now."""
    tx.run("UPDATE addresses SET heard_at = :now WHERE id = :id", {"now": now, "id": address_id})


def invite(tx: Tx, person: int, code_hash: str, now: int, expires_at: int) -> None:
    """Keep an invitation; only the hash of its code (S2)."""
    tx.put(
        "invitations", person_id=person, code_hash=code_hash, created_at=now, expires_at=expires_at
    )


def use_invitation(tx: Tx, code_hash: str, now: int) -> int | None:
    """The person whose code this is; it can be used once and until it expires."""
    row = tx.one(
        "UPDATE invitations SET used_at = :now"
        " WHERE code_hash = :hash AND used_at IS NULL AND expires_at > :now"
        " RETURNING person_id",
        {"now": now, "hash": code_hash},
    )
    return row["person_id"] if row else None


def renew_invitation(tx: Tx, code_hash: str) -> None:
    """A code that was refused here may still be used by whom it is for."""
    tx.run("UPDATE invitations SET used_at = NULL WHERE code_hash = :hash", {"hash": code_hash})


def count_stranger(
    tx: Tx, channel: str, address: str, day: str, *, answers: int = 0, tries: int = 0
) -> tuple[int, int]:
    """How many answers this unknown address has had today, and how many codes it has tried, with
    these."""
    row = tx.one(
        "INSERT INTO strangers (channel, address, day, answers, tries)"
        " VALUES (:channel, :address, :day, :answers, :tries)"
        " ON CONFLICT (channel, address) DO UPDATE SET"
        " answers = CASE WHEN strangers.day = excluded.day THEN strangers.answers ELSE 0 END"
        " + excluded.answers,"
        " tries = CASE WHEN strangers.day = excluded.day THEN strangers.tries ELSE 0 END"
        " + excluded.tries,"
        " day = excluded.day"
        " RETURNING answers, tries",
        {
            "channel": channel, "address": address, "day": day, "answers": answers,
            "tries": tries,
        },
    )  # fmt: skip
    return (int(row["answers"]), int(row["tries"])) if row else (0, 0)


def answers_to_strangers(tx: Tx, channel: str) -> int:
    """How many answers unknown addresses have had since the last `sweep_strangers`."""
    row = tx.one(
        "SELECT sum(answers) AS answers FROM strangers WHERE channel = :channel",
        {"channel": channel},
    )
    return int(row["answers"] or 0) if row else 0


def sweep_strangers(tx: Tx, today: str) -> None:
    """Forget unknown addresses of earlier days: they are no rows that grow without bound."""
    tx.run("DELETE FROM strangers WHERE day < :today", {"today": today})
