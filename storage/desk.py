"""The desk's sign-in links, sessions and waiting files, and what its lists show of jobs and people.

`team` limits a list to the jobs of these technicians (S3); None is everybody's.
"""

from collections.abc import Collection
from typing import Any

from storage.db import Row, Tx
from storage.jobs import JOB

Team = Collection[int] | None

# -- signing in ---------------------------------------------------------------------------------


def add_link(tx: Tx, person: int, token_hash: str, now: int, expires_at: int) -> None:
    """A new way in for this person; earlier ones that were not used are void."""
    tx.run(
        "DELETE FROM desk_links WHERE expires_at <= :now OR (person_id = :person"
        " AND used_at IS NULL)",
        {"now": now, "person": person},
    )
    tx.put(
        "desk_links", person_id=person, token_hash=token_hash, created_at=now, expires_at=expires_at
    )


def link_opens(tx: Tx, token_hash: str, now: int) -> Row | None:
    """The link of that hash while it can still be used."""
    return tx.one(
        "SELECT * FROM desk_links WHERE token_hash = :hash AND used_at IS NULL"
        " AND expires_at > :now",
        {"hash": token_hash, "now": now},
    )


def use_link(tx: Tx, token_hash: str, now: int) -> int | None:
    """Whom it lets in; it works once and until it expires."""
    row = tx.one(
        "UPDATE desk_links SET used_at = :now WHERE token_hash = :hash AND used_at IS NULL"
        " AND expires_at > :now RETURNING person_id",
        {"hash": token_hash, "now": now},
    )
    return row["person_id"] if row else None


def begin_session(tx: Tx, person: int, key_hash: str, agent: str, now: int) -> int:
    """A browser is signed in; its id."""
    return tx.insert(
        "desk_sessions", person_id=person, key_hash=key_hash, agent=agent, started_at=now,
        seen_at=now,
    )  # fmt: skip


def session(tx: Tx, key_hash: str) -> Row | None:
    """The session of that key, unless it was ended."""
    return tx.one(
        "SELECT * FROM desk_sessions WHERE key_hash = :hash AND ended_at IS NULL",
        {"hash": key_hash},
    )


def get_session(tx: Tx, session: int) -> Row | None:
    """One session."""
    return tx.one("SELECT * FROM desk_sessions WHERE id = :id", {"id": session})


def sessions_of(tx: Tx, person: int, seen_after: int, started_after: int) -> list[Row]:
    """The person's sessions that still count, last used first."""
    return tx.all(
        "SELECT * FROM desk_sessions WHERE person_id = :person AND ended_at IS NULL"
        " AND seen_at > :seen AND started_at > :started ORDER BY seen_at DESC, id DESC",
        {"person": person, "seen": seen_after, "started": started_after},
    )


def seen(tx: Tx, session: int, now: int) -> None:
    """It was used just now."""
    tx.run(
        "UPDATE desk_sessions SET seen_at = :now WHERE id = :id AND seen_at < :now",
        {"now": now, "id": session},
    )


def end_session(tx: Tx, session: int, now: int) -> None:
    """It counts no more."""
    tx.update("desk_sessions", session, ended_at=now)


def end_sessions(tx: Tx, person: int, now: int) -> int:
    """None of the person's sessions and links counts any more; how many sessions there were."""
    tx.run(
        "DELETE FROM desk_links WHERE person_id = :person AND used_at IS NULL", {"person": person}
    )
    return tx.run(
        "UPDATE desk_sessions SET ended_at = :now WHERE person_id = :person AND ended_at IS NULL",
        {"now": now, "person": person},
    ).rowcount


def sweep(tx: Tx, before: int) -> None:
    """Forget sessions that were not used since then."""
    tx.run("DELETE FROM desk_sessions WHERE seen_at < :before", {"before": before})


# -- files that wait ----------------------------------------------------------------------------


def keep_file(tx: Tx, person: int, name: str, data: bytes, now: int, before: int) -> int:
    """Keep a file until it is confirmed; older ones, and this person's others, go."""
    tx.run(
        "DELETE FROM desk_files WHERE created_at < :before OR person_id = :person",
        {"before": before, "person": person},
    )
    return tx.insert("desk_files", person_id=person, name=name, data=data, created_at=now)


def file(tx: Tx, number: int) -> Row | None:
    """A file that waits."""
    return tx.one("SELECT * FROM desk_files WHERE id = :id", {"id": number})


def drop_file(tx: Tx, number: int) -> None:
    """It was taken in."""
    tx.run("DELETE FROM desk_files WHERE id = :id", {"id": number})


# -- what the pages list ------------------------------------------------------------------------


def stands_in_for(tx: Tx, manager: int) -> list[Row]:
    """The managers whose deputy this is; whether they are away is in their rows."""
    return tx.all(
        "SELECT * FROM people WHERE deputy = :id AND erased_at IS NULL ORDER BY id", {"id": manager}
    )


def team_of(tx: Tx, managers: Collection[int]) -> frozenset[int]:
    """The people whose DM or DC one of these is."""
    dm, dc = among("dm", managers), among("dc", managers)
    rows = tx.all(f"SELECT id FROM people WHERE ({dm} OR {dc}) AND erased_at IS NULL")  # noqa: S608 - whole numbers
    return frozenset(row["id"] for row in rows)


def among(column: str, team: Team) -> str:
    """A condition on ids; they are whole numbers of our own."""
    if team is None:
        return "1 = 1"
    return f"{column} IN ({', '.join(str(int(each)) for each in sorted(team)) or 'NULL'})"


def jobs_on(tx: Tx, day: str, team: Team) -> list[Row]:
    """The visits of a day, and open ones that earlier days left, by technician and hour."""
    return tx.all(
        JOB + f"WHERE j.day = :day AND {among('j.technician_id', team)}"
        " ORDER BY j.technician_id, coalesce(j.planned_arrival, j.window_start), j.id",
        {"day": day},
    )


def left_before(tx: Tx, day: str, team: Team) -> list[Row]:
    """Open visits of earlier days."""
    return tx.all(
        JOB + f"WHERE j.is_open AND j.day < :day AND {among('j.technician_id', team)}"
        " ORDER BY j.day, j.technician_id, j.id LIMIT 200",
        {"day": day},
    )


def alerts_open(tx: Tx, manager: int, team: Team, limit: int = 200) -> list[Row]:
    """Alerts that nobody decided or closed: to this manager, or about the team; newest first."""
    return tx.all(
        "SELECT a.*, p.name AS to_name, t.name AS about_name, t.phone AS about_phone,"  # noqa: S608 - whole numbers
        " w.number AS order_number, w.timezone AS order_zone, w.customer, j.state AS job_state,"
        " l.next_at, l.detail AS raised_with, l.photo_id"
        " FROM alerts a LEFT JOIN people p ON p.id = a.person_id"
        " LEFT JOIN ladders l ON l.case_id = a.case_id"
        " LEFT JOIN people t ON t.id = a.about_id LEFT JOIN jobs j ON j.id = a.job_id"
        " LEFT JOIN work_orders w ON w.id = j.work_order_id"
        " WHERE a.status IN ('open', 'acknowledged')"
        f" AND (a.person_id = :manager OR {among('a.about_id', team)})"
        " ORDER BY a.id DESC LIMIT :limit",
        {"manager": manager, "limit": limit},
    )


def not_told(tx: Tx, since: int, team: Team) -> list[Row]:
    """What nobody could be told since then, about the team: newest first."""
    return tx.all(
        "SELECT n.*, w.number AS order_number, w.timezone AS order_zone, p.name AS about_name"  # noqa: S608 - whole numbers
        " FROM timeline n LEFT JOIN jobs j ON j.id = n.job_id"
        " LEFT JOIN work_orders w ON w.id = j.work_order_id"
        " LEFT JOIN people p ON p.id = n.person_id"
        " WHERE n.event = 'no_one_told' AND n.told_at >= :since"
        f" AND {among('coalesce(n.person_id, j.technician_id)', team)} ORDER BY n.id DESC LIMIT 20",
        {"since": since},
    )


def mails_held(tx: Tx, team: Team) -> int:
    """How many mails about the team's jobs wait for somebody to set something up."""
    row = tx.one(
        "SELECT count(*) AS n FROM outbox o LEFT JOIN jobs j ON j.id = o.job_id"  # noqa: S608 - whole numbers
        f" WHERE o.channel = 'email' AND o.status = 'held' AND {among('j.technician_id', team)}"
    )
    return int(row["n"]) if row else 0


def timers_on(tx: Tx, day: str, team: Team) -> list[Row]:
    """The next reminder of each open visit of a day: (job_id, name, due_at)."""
    return tx.all(
        "SELECT t.job_id, t.name, t.due_at FROM timers t JOIN jobs j ON j.id = t.job_id"  # noqa: S608 - whole numbers
        f" WHERE j.day = :day AND j.is_open AND {among('j.technician_id', team)}"
        " ORDER BY t.due_at DESC, t.id DESC",
        {"day": day},
    )


def fees_on(tx: Tx, day: str, team: Team) -> list[Row]:
    """The fees of a day's visits: (job_id, units, status)."""
    return tx.all(
        "SELECT f.job_id, f.units, f.reason, f.status"  # noqa: S608 - whole numbers
        " FROM fees f JOIN jobs j ON j.id = f.job_id"
        f" WHERE j.day = :day AND {among('j.technician_id', team)} ORDER BY f.id",
        {"day": day},
    )


def named(tx: Tx, ids: Collection[int]) -> dict[int, Row]:
    """People by id."""
    rows = tx.all(f"SELECT * FROM people WHERE {among('id', ids)}")  # noqa: S608 - whole numbers
    return {row["id"]: row for row in rows}


def written(tx: Tx, person: int, since: int, until: int) -> list[Row]:
    """What left for this person in that time, oldest first, at most the last 300."""
    rows = tx.all(
        "SELECT * FROM outbox WHERE person_id = :person AND created_at >= :since"
        " AND created_at < :until AND channel <> 'email' ORDER BY id DESC LIMIT 300",
        {"person": person, "since": since, "until": until},
    )
    return rows[::-1]


def heard(tx: Tx, person: int, since: int, until: int) -> list[Row]:
    """What came from this person in that time, oldest first, at most the last 300."""
    rows = tx.all(
        "SELECT * FROM inbox WHERE person_id = :person AND received_at >= :since"
        " AND received_at < :until AND channel <> 'desk' ORDER BY id DESC LIMIT 300",
        {"person": person, "since": since, "until": until},
    )
    return rows[::-1]


def fees_listed(tx: Tx, team: Team, status: str = "", technician: int | None = None) -> list[Row]:
    """Fees with their order, visit and technician, newest first."""
    more = " AND f.status = :status" if status else ""
    more += " AND j.technician_id = :technician" if technician is not None else ""
    return tx.all(
        "SELECT f.*, w.number, w.program, w.timezone, w.customer,"  # noqa: S608 - whole numbers
        " j.visit, j.day, j.technician_id, p.name AS technician"
        " FROM fees f JOIN jobs j ON j.id = f.job_id JOIN work_orders w ON w.id = j.work_order_id"
        " LEFT JOIN people p ON p.id = j.technician_id"
        f" WHERE {among('j.technician_id', team)}{more} ORDER BY f.id DESC",
        {"status": status, "technician": technician},
    )


def search_jobs(tx: Tx, words: str, digits: str, team: Team, limit: int = 50) -> list[Row]:
    """Visits whose order, shift, customer, street or technician contains it, or with that phone."""
    part = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").lower()
    like = "LIKE :part ESCAPE '\\'"
    fields = ("w.number", "w.shift", "w.customer", "w.street", "p.name")
    found = " OR ".join(f"lower({field}) {like}" for field in fields)
    phone = " OR w.phone LIKE :digits OR p.phone LIKE :digits" if digits else ""
    return tx.all(
        JOB + "LEFT JOIN people p ON p.id = j.technician_id"
        f" WHERE ({found}{phone}) AND {among('j.technician_id', team)}"
        " ORDER BY j.day DESC, j.id DESC LIMIT :limit",
        {"part": f"%{part}%", "digits": f"%{digits}%", "limit": limit},
    )


def put_off(tx: Tx, job: int, names: Collection[str], until: int) -> int:
    """Let these reminders of a job ring no earlier than that; how many were put off."""
    return tx.many(
        "UPDATE timers SET due_at = :until WHERE job_id = :job AND name = :name"
        " AND due_at < :until",
        [{"job": job, "name": name, "until": until} for name in names],
    )


def unbind(tx: Tx, person: int) -> int:
    """None of their chats and numbers is theirs any more, no invitation can be used."""
    params: dict[str, Any] = {"person": person}
    tx.run("DELETE FROM invitations WHERE person_id = :person AND used_at IS NULL", params)
    gone = tx.run("DELETE FROM addresses WHERE person_id = :person", params).rowcount
    tx.run("UPDATE people SET channel = '', address = '' WHERE id = :person", params)
    return gone
