"""What is kept how long, and what stays of an erased person: the statements (S8).

A photo's row outlives its bytes: its hash belongs to the ledger. Bytes go in two steps, the row
first (`erased`) and its `path` last, so that a crash between them is seen and finished.
"""

import html
import json
import re
from collections.abc import Collection, Sequence
from typing import Any
from unicodedata import combining, normalize

from storage.db import Row, Tx

_GONE = "('sent','delivered','failed','undelivered','dropped','unknown')"
HOLD = "hold:"


def hold(tx: Tx, what: str, row: int, said: str) -> None:
    """Nothing about this order or person (`what`) is deleted from now on."""
    tx.run(
        "INSERT INTO kept (key, value) VALUES (:key, :value)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        {"key": f"{HOLD}{what}:{row}", "value": said},
    )


def release(tx: Tx, what: str, row: int) -> bool:
    """End a hold; whether there was one."""
    key = f"{HOLD}{what}:{row}"
    return tx.run("DELETE FROM kept WHERE key = :key", {"key": key}).rowcount > 0


def holds(tx: Tx) -> list[tuple[str, int, str]]:
    """All holds: (order or person, its id, what was said)."""
    rows = tx.all("SELECT key, value FROM kept WHERE key LIKE 'hold:%' ORDER BY key")
    found = []
    for row in rows:
        _, what, number = row["key"].split(":")
        found.append((what, int(number), row["value"]))
    return found


def name_of(tx: Tx, what: str, row: int) -> str:
    """The number of a held order, or the name of a held person."""
    column, rows = ("number", "work_orders") if what == "order" else ("name", "people")
    found = tx.one(f"SELECT {column} AS name FROM {rows} WHERE id = :id", {"id": row})  # noqa: S608
    return str(found["name"]) if found else "gone"


def _held(tx: Tx) -> tuple[str, str]:
    """The held orders' and people's ids as SQL lists (whole numbers only)."""
    lists: dict[str, list[int]] = {"order": [-1], "person": [-1]}
    for what, number, _ in holds(tx):
        lists[what].append(number)
    return _list(lists["order"]), _list(lists["person"])


def _list(numbers: Collection[int]) -> str:
    return f"({', '.join(str(int(number)) for number in numbers)})" if numbers else "(-1)"


def _closed_jobs(tx: Tx) -> str:
    """Which jobs a row may be about so that it may go: ended, and neither order nor people held."""
    orders, people = _held(tx)
    return (
        "SELECT id FROM jobs WHERE NOT is_open"  # noqa: S608 - whole numbers only
        f" AND work_order_id NOT IN {orders} AND coalesce(technician_id, 0) NOT IN {people}"
    )


# -- by class -------------------------------------------------------------------------------------


def old_photos(tx: Tx, before: int, limit: int) -> int:
    """Mark stored photos announced before that instant as erased; how many."""
    _, people = _held(tx)
    rows = tx.all(
        f"SELECT id FROM photos WHERE status = 'stored' AND announced_at < :before"  # noqa: S608
        f" AND person_id NOT IN {people} AND (job_id IS NULL OR job_id IN ({_closed_jobs(tx)}))"
        " ORDER BY id LIMIT :limit",
        {"before": before, "limit": limit},
    )
    return erase_photos(tx, [row["id"] for row in rows])


def erase_photos(tx: Tx, ids: Sequence[int]) -> int:
    """Mark these photos as erased: what they showed is forgotten, their hash is not."""
    if not ids:
        return 0
    return tx.run(
        "UPDATE photos SET status = 'erased', source = '{}', caption = '', detail = '',"  # noqa: S608
        " dhash_1 = NULL, dhash_2 = NULL, dhash_3 = NULL, dhash_4 = NULL"
        f" WHERE id IN {_list(ids)}"
    ).rowcount


def bytes_to_delete(tx: Tx, limit: int) -> list[str]:
    """Where bytes lie that only erased photos name."""
    rows = tx.all(
        "SELECT DISTINCT path FROM photos e WHERE e.status = 'erased' AND e.path <> ''"
        " AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.path = e.path AND p.status <> 'erased')"
        " ORDER BY path LIMIT :limit",
        {"limit": limit},
    )
    return [row["path"] for row in rows]


def bytes_deleted(tx: Tx, path: str) -> None:
    """The bytes are gone."""
    tx.run("UPDATE photos SET path = '' WHERE path = :path AND status = 'erased'", {"path": path})


def old_messages(tx: Tx, before: int, limit: int) -> int:
    """Delete updates and texts of chats from before that instant; mails belong to the ledger."""
    _, people = _held(tx)
    jobs = _closed_jobs(tx)
    gone = 0
    for table, since, more in (
        ("inbox", "received_at", "status <> 'waiting'"),
        ("outbox", "created_at", f"channel <> 'email' AND status IN {_GONE}"
         f" AND (job_id IS NULL OR job_id IN ({jobs}))"),
    ):  # fmt: skip
        gone += tx.run(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table}"  # noqa: S608 - our own words
            f" WHERE {since} < :before AND {more} AND coalesce(person_id, 0) NOT IN {people}"
            " ORDER BY id LIMIT :limit)",
            {"before": before, "limit": limit},
        ).rowcount
    return gone


def old_positions(tx: Tx, before: int, limit: int) -> int:
    """Forget where somebody was: updates that carried a position keep no content."""
    _, people = _held(tx)
    return tx.run(
        "UPDATE inbox SET payload = '' WHERE id IN (SELECT id FROM inbox"  # noqa: S608
        " WHERE received_at < :before AND status <> 'waiting' AND payload LIKE '%atitude%'"
        f" AND coalesce(person_id, 0) NOT IN {people} ORDER BY id LIMIT :limit)",
        {"before": before, "limit": limit},
    ).rowcount


def old_orders(tx: Tx, before_day: str, limit: int) -> int:
    """Delete whole work orders that ended before that day, with all that hangs on their visits."""
    orders = tx.all(
        "SELECT w.id FROM work_orders w WHERE NOT EXISTS (SELECT 1 FROM jobs j"  # noqa: S608
        f" WHERE j.work_order_id = w.id AND (j.day >= :day OR j.id NOT IN ({_closed_jobs(tx)})"
        " OR EXISTS (SELECT 1 FROM photos p WHERE p.job_id = j.id AND p.path <> '')))"
        " AND EXISTS (SELECT 1 FROM jobs j WHERE j.work_order_id = w.id)"
        " ORDER BY w.id LIMIT :limit",
        {"day": before_day, "limit": limit},
    )
    ids = _list([row["id"] for row in orders])
    mine = f"SELECT id FROM jobs WHERE work_order_id IN {ids}"  # noqa: S608
    cases = f"SELECT case_id FROM alerts WHERE job_id IN ({mine})"  # noqa: S608
    tx.run(f"DELETE FROM ladders WHERE case_id IN ({cases})")  # noqa: S608
    for table in ("timeline", "outbox", "timers", "photos", "fees", "alerts"):
        tx.run(f"DELETE FROM {table} WHERE job_id IN ({mine})")  # noqa: S608
    tx.run(f"UPDATE people SET in_hand = NULL WHERE in_hand IN ({mine})")  # noqa: S608
    tx.run(f"DELETE FROM jobs WHERE work_order_id IN {ids}")  # noqa: S608
    tx.run(f"DELETE FROM work_orders WHERE id IN {ids}")  # noqa: S608
    return len(orders)


# -- one person -----------------------------------------------------------------------------------


def open_jobs(tx: Tx, person: int) -> int:
    """Visits without an end that are this person's."""
    row = tx.one(
        "SELECT count(*) AS n FROM jobs WHERE is_open AND technician_id = :id", {"id": person}
    )
    return int(row["n"]) if row else 0


def team(tx: Tx, person: int) -> list[str]:
    """Names of those whose DM or DC this is."""
    rows = tx.all(
        "SELECT name FROM people WHERE erased_at IS NULL AND (dm = :id OR dc = :id) ORDER BY name",
        {"id": person},
    )
    return [row["name"] for row in rows]


def erase(tx: Tx, person: Row, now: int, phone_forms: Sequence[str] = ()) -> str:
    """Forget who somebody was; what they did stays under the name that is returned.

    Orders, timeline, fees and the hashes of photos stay; chats, addresses, selfies and every
    phone and address go, also out of mails that were sent. `phone_forms` are the ways in which
    texts write the phone.
    """
    number, called = person["id"], f"erased person {person['id']}"
    who = {"id": number}
    photos = tx.all(
        "SELECT id FROM photos WHERE person_id = :id AND (kind = 'selfie' OR job_id IS NULL)", who
    )
    erase_photos(tx, [row["id"] for row in photos])
    tx.run("UPDATE photos SET source = '{}', caption = '' WHERE person_id = :id", who)
    for statement in (
        "UPDATE inbox SET payload = '', error = '' WHERE person_id = :id",
        "UPDATE inbox SET status = 'ignored' WHERE person_id = :id AND status = 'waiting'",
        "DELETE FROM outbox WHERE person_id = :id AND channel <> 'email'",
        "DELETE FROM addresses WHERE person_id = :id",
        "DELETE FROM invitations WHERE person_id = :id",
        "DELETE FROM timers WHERE person_id = :id",
        "DELETE FROM onboardings WHERE person_id = :id",
        "DELETE FROM desk_links WHERE person_id = :id",
        "DELETE FROM desk_sessions WHERE person_id = :id",
        "DELETE FROM desk_files WHERE person_id = :id",
        "DELETE FROM ladders WHERE case_id IN (SELECT case_id FROM alerts WHERE about_id = :id)",
        "UPDATE people SET deputy = NULL WHERE deputy = :id",
    ):
        tx.run(statement, who)
    _rename(tx, person, called, phone_forms)
    tx.update(
        "people", number, name=called, phone="", email="", channel="", address="", preferred="",
        in_hand=None, out_on="", absent_from="", absent_to="", heard_at=None, erased_at=now,
    )  # fmt: skip
    return called


def _rename(tx: Tx, person: Row, called: str, phone_forms: Sequence[str]) -> None:
    """Another name wherever the person's own was written down."""
    name, params = person["name"], {"id": person["id"], "name": person["name"], "called": called}
    namesakes = tx.one("SELECT count(*) AS n FROM people WHERE name = :name", params)
    alone = namesakes is not None and namesakes["n"] == 1
    mine = "job_id IN (SELECT id FROM jobs WHERE technician_id = :id)"
    for table, column in (
        ("timeline", "by"),
        ("alerts", "acknowledged_by"),
        ("fees", "decided_by"),
    ):
        where = "" if alone else f" AND {mine}"
        tx.run(f"UPDATE {table} SET {column} = :called WHERE {column} = :name{where}", params)  # noqa: S608
    phones = [person["phone"], *phone_forms] if person["phone"] else []
    secrets = [each for each in (name, *phones, person["email"]) if each]
    # What others were told about them, too: chats of no job, jobs that have another lead by now.
    theirs = [each for each in secrets if each in phone_forms or _is_only(tx, each)]
    likes = {
        f"like_{place}": f"%{_literal(written)}%"
        for place, written in enumerate(_all_forms(theirs))
    }
    for table, key, column, about in (
        ("outbox", "id", "payload", mine),
        ("timeline", "id", "detail", mine),
        ("fees", "id", "evidence", mine),
        ("ladders", "case_id", "detail", "1 = 0"),
    ):
        where = " OR ".join((about, *(f"{column} LIKE :{like} ESCAPE '!'" for like in likes)))
        found = tx.all(
            f"SELECT {key} AS id, {column} AS text FROM {table} WHERE {where}",  # noqa: S608
            {"id": person["id"], **likes},
        )
        for row in found:
            clean = _without(row["text"], secrets, called)
            if clean != row["text"]:
                tx.run(
                    f"UPDATE {table} SET {column} = :text WHERE {key} = :id",  # noqa: S608
                    {"text": clean, "id": row["id"]},
                )


def _is_only(tx: Tx, secret: str) -> bool:
    """Whether a name, phone or address is one person's and no other's."""
    found = tx.one(
        "SELECT count(*) AS n FROM people WHERE name = :it OR phone = :it OR email = :it",
        {"it": secret},
    )
    return found is not None and found["n"] == 1


def _literal(text: str) -> str:
    """A text as LIKE takes it by the letter, with ! as the escape."""
    return re.sub(r"([!%_])", r"!\1", text)


def _without(text: str, secrets: Sequence[str], called: str) -> str:
    for written in _all_forms(secrets):
        text = text.replace(written, called)
    return text


def _all_forms(secrets: Sequence[str]) -> list[str]:
    """Each as it may stand in a row: as it is, in a chat's markup, folded for a text, in JSON."""
    plain = [form for secret in secrets for form in (secret, html.escape(secret), _folded(secret))]
    return list(dict.fromkeys(
        written
        for form in plain
        for written in (form, _inside_json(form), _inside_json(form, ascii_only=False))
    ))  # fmt: skip


def _folded(text: str) -> str:
    return "".join(each for each in normalize("NFKD", text) if not combining(each))


def _inside_json(text: Any, *, ascii_only: bool = True) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]
