"""P9, S8: backup and restore, the move to another database, retention, erasure."""

import asyncio
import hashlib
import json
import os
import sqlite3
import threading
import time
import zipfile
from functools import partial
from pathlib import Path

import pytest

from bot.pictures.photo_store import Folder
from storage import copying, photos
from storage.db import Store, Tx, Writer
from storage.tables import TABLES
from tests.commands.conftest import Shell

LONG_AGO = 1_600_000_000_000
"""September 2020, ms."""


def _with_photo(shell: Shell, *, kind: str = "door", order: str = "114-7", at: int = 1) -> str:
    """A stored photo of a job, with its bytes; its path."""
    data = f"{kind} {order} {at}".encode()
    path, digest = asyncio.run(Folder(shell.folder / "data/photos").put(data, "image/jpeg"))

    def work(tx: Tx) -> None:
        job = tx.one(
            "SELECT j.id, j.technician_id FROM jobs j JOIN work_orders w ON w.id = j.work_order_id"
            " WHERE w.number = :number",
            {"number": order},
        )
        assert job is not None
        photos.announce(
            tx, person_id=job["technician_id"], job_id=job["id"], channel="telegram", source="{}",
            announced_at=at, next_try_at=at, kind=kind, status="stored", path=path, sha256=digest,
            bytes=len(data),
        )  # fmt: skip

    shell.store.transact(work)
    return path


def test_s8_what_a_killed_backup_left_a_day_ago_goes_with_the_next(shell: Shell) -> None:
    """It holds everybody's phones. One of an hour ago may be at work; what holds more is not ours."""
    left = {hours: shell.folder / f".doorstep-backup-work-{hours}" for hours in (1, 25, 26)}
    for hours, folder in left.items():
        folder.mkdir()
        (folder / "doorstep.db").write_text("phones")
        if hours == 26:
            (folder / "mine.txt").write_text("not ours")
        ago = time.time() - hours * 3600
        os.utime(folder, (ago, ago))

    shell.run("backup", "b.zip")

    assert [1, 26] == [hours for hours, folder in left.items() if folder.exists()]


def _all(store: Store) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, as both databases tell it."""
    with store.reading() as tx:
        return {
            table.name: [
                {
                    name: int(value) if isinstance(value, bool) else value
                    for name, value in row.items()
                }
                for row in tx.all(f"SELECT * FROM {table.name} ORDER BY 1, 2")  # noqa: S608
            ]
            for table in TABLES.sorted_tables
            if table.name != "kept"
        }


def test_p9_a_backup_brings_back_every_row_and_photo(either_shell: Shell, tmp_path: Path) -> None:
    shell = either_shell.usual()
    path = _with_photo(shell)
    before = _all(shell.store)

    made = shell.run("backup", "office.zip", "--json").json

    shell.store.transact(lambda tx: tx.run("UPDATE people SET name = 'Somebody else'"))
    shell.store.transact(lambda tx: tx.put("kept", key="later", value="x"))
    (tmp_path / "data/photos" / path).unlink()
    back = shell.run("restore", "office.zip", "--replace", "--json").json

    assert back == made
    assert made["made_at"].startswith("2026-11-23T05:00:")
    assert made["made_at"].endswith("-05:00")
    assert 1 == made["photos"]
    assert [] == made["photos_missing"]
    assert before == _all(shell.store)
    assert b"door 114-7 1" == (tmp_path / "data/photos" / path).read_bytes()
    assert 0o600 == (tmp_path / "office.zip").stat().st_mode & 0o777
    invited = shell.run("people", "invite", "Tina Abernathy", "--json").json
    assert invited["code"]  # ids go on behind the restored ones


def test_p9_a_backup_while_writing_is_of_one_moment(either_shell: Shell, tmp_path: Path) -> None:
    """Two rows are only ever written together: whoever copies finds both or neither."""
    shell = either_shell.usual()
    writer, stop = Writer(shell.store), threading.Event()

    def write(n: int, tx: Tx) -> None:
        tx.put("kept", key=f"a{n}", value="x" * 3000)
        tx.insert("people", name=f"p{n}", created_at=n)

    def busy() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            writer.submit(partial(write, n)).result(30)

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        for number in range(3):
            shell.run("backup", f"{number}.zip")
    finally:
        stop.set()
        thread.join()
        writer.close()
    for number in range(3):
        with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
            archive.extract("doorstep.db", tmp_path / str(number))
        rows = sqlite3.connect(tmp_path / str(number) / "doorstep.db")
        kept = {k for (k,) in rows.execute("SELECT substr(key, 2) FROM kept WHERE key LIKE 'a%'")}
        made = {
            k
            for (k,) in rows.execute("SELECT substr(name, 2) FROM people WHERE name GLOB 'p[0-9]*'")
        }
        rows.close()
        assert kept == made


def test_p9_restore_overwrites_nothing_unasked(shell: Shell) -> None:
    shell.usual()
    shell.run("backup", "office.zip")

    said = shell.run("restore", "office.zip", code=1).err

    assert "That database holds" in said
    assert "--replace overwrites it; nothing was changed." in said


def test_p9_restore_does_not_touch_a_database_that_is_served(either_shell: Shell) -> None:
    shell = either_shell.usual()
    shell.run("backup", "office.zip")
    writer = Writer(shell.store)
    writer.submit(lambda tx: tx.put("kept", key="still", value="here")).result(10)

    said = shell.run("restore", "office.zip", "--replace", code=1).err

    assert "Something is serving that database: stop it first" in said
    assert [{"value": "here"}] == shell.sql("SELECT value FROM kept WHERE key = 'still'")
    writer.close()
    shell.run("restore", "office.zip", "--replace")
    assert [] == shell.sql("SELECT value FROM kept WHERE key = 'still'")


@pytest.mark.postgresql
def test_p9_who_is_just_hanging_up_serves_nothing(
    postgres_migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL lists a session for a while after its client has gone, the longer the busier."""
    store = Store(postgres_migrated_url)
    going = store.connect()
    monkeypatch.setattr("time.sleep", lambda _: going.close())

    assert 0 == copying.others(store)
    assert going.closed


@pytest.mark.parametrize("harm", ["cut", "turned", "a letter", "empty"])
def test_p9_a_damaged_backup_changes_nothing(shell: Shell, tmp_path: Path, harm: str) -> None:
    shell.usual()
    shell.run("backup", "office.zip")
    file = tmp_path / "office.zip"
    data = bytearray(file.read_bytes())
    if harm == "cut":
        del data[len(data) // 2 :]
    elif harm == "turned":
        data[len(data) // 2] ^= 0x55
    else:
        data = bytearray(b"Dear Dana" if harm == "a letter" else b"")
    file.write_bytes(data)
    before = _all(shell.store)

    said = shell.run("restore", "office.zip", "--replace", code=1).err

    assert "backup" in said
    assert before == _all(shell.store)


def test_p9_a_backup_goes_back_over_what_a_newer_program_wrote(
    shell: Shell, tmp_path: Path
) -> None:
    """The way back to an older program: its database is no other's, and nothing is thrown away."""
    shell.usual()
    shell.run("backup", "before.zip")
    before = _all(shell.store)
    shell.store.transact(lambda tx: tx.run("UPDATE alembic_version SET version_num = '9999'"))
    shell.store.transact(lambda tx: tx.run("ALTER TABLE people ADD COLUMN later INTEGER"))

    refused = shell.run("restore", "before.zip", code=1).err
    said = shell.run("restore", "before.zip", "--replace").err

    assert "restore a backup from before it with --replace" in refused
    assert before == _all(shell.store)
    aside = tmp_path / "data" / "doorstep.db.schema-9999"
    assert str(aside) in said
    with Store(f"sqlite:///{aside}").reading() as tx:
        assert {"version_num": "9999"} == dict(tx.one("SELECT * FROM alembic_version") or {})
        assert "later" in (tx.one("SELECT * FROM people") or {})
    assert ["before.zip", "data"] == sorted(
        path.name for path in tmp_path.iterdir() if not path.name.endswith(".csv")
    )


@pytest.mark.postgresql
def test_p9_over_a_newer_database_of_a_server_it_says_what_to_do(
    postgres_database_url: str, shell: Shell
) -> None:
    shell.usual()
    shell.run("backup", "before.zip")
    shell.set(DATABASE_URL=postgres_database_url)
    shell.run("jobs", "list")
    there = Store(postgres_database_url)
    there.transact(lambda tx: tx.run("UPDATE alembic_version SET version_num = '9999'"))

    said = shell.run("restore", "before.zip", "--replace", code=1).err

    assert "make an empty database and restore into that" in said


def test_p9_a_backup_of_a_newer_program_is_said_to_be_one(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.usual()
    shell.run("backup", "office.zip")
    monkeypatch.setattr(copying, "head", lambda: "0000")

    said = shell.run("restore", "office.zip", "--replace", code=1).err

    assert "This backup was made by a newer Doorstep: restore it with that one." == said.strip()


def test_p9_a_photo_that_is_gone_is_said(shell: Shell, tmp_path: Path) -> None:
    shell.usual()
    path = _with_photo(shell)
    (tmp_path / "data/photos" / path).unlink()

    said = shell.run("backup", "office.zip", code=1).err

    assert "whole but for 1 photos" in said
    assert (tmp_path / "office.zip").exists()


def test_a_backup_makes_no_folder_where_a_disk_should_be(shell: Shell, tmp_path: Path) -> None:
    said = shell.run("backup", f"{tmp_path}/nas/daily/office.zip", code=1).err

    assert f"There is no folder {tmp_path}/nas/daily: make it, or mount its disk" in said
    assert not (tmp_path / "nas").exists()


@pytest.mark.postgresql
def test_move_copies_everything_to_postgresql_and_back(
    shell: Shell, postgres_database_url: str, tmp_path: Path
) -> None:
    shell.usual()
    before = _all(shell.store)

    shell.run("move", postgres_database_url)

    there = Store(postgres_database_url)
    assert before == _all(there)
    assert there.transact(lambda tx: tx.insert("people", name="New", created_at=1)) > len(
        before["people"]
    )
    again = shell.run("move", postgres_database_url, code=1).err
    assert "holds" in again
    assert postgres_database_url not in again
    shell.set(DATABASE_URL=postgres_database_url)
    shell.run("move", f"sqlite:///{tmp_path}/back.db")
    assert before["jobs"] == _all(Store(f"sqlite:///{tmp_path}/back.db"))["jobs"]


def test_move_refuses_what_is_no_address(shell: Shell) -> None:
    said = shell.run("move", "mysql://root:geheim@host/x", code=1).err

    assert "postgresql://user:password@host/name" in said
    assert "geheim" not in said


@pytest.mark.parametrize(
    "url", ["postgresql://doorstep:geheim@127.0.0.1:1/x", "sqlite:///{folder}"]
)
def test_move_names_the_address_it_was_given_not_the_setting(
    shell: Shell, tmp_path: Path, url: str
) -> None:
    shell.usual()

    said = shell.run("move", url.format(folder=tmp_path), code=1).err

    assert "The new database cannot take it" in said
    assert "check the address given to move" in said
    assert "DATABASE_URL" not in said
    assert "geheim" not in said
    assert 1 == len(said.splitlines())


# -- retention ------------------------------------------------------------------------------------


def _end(shell: Shell, order: str, day: str = "2020-09-13") -> None:
    """Let a job have ended on that day."""
    sql = (
        "UPDATE jobs SET is_open = false, state = 'reported', day = :day"
        " WHERE work_order_id = (SELECT id FROM work_orders WHERE number = :order)"
    )
    shell.store.transact(lambda tx: tx.run(sql, {"day": day, "order": order}))


def test_s8_each_class_goes_in_its_time(either_shell: Shell, tmp_path: Path) -> None:
    shell = either_shell.usual()
    old = _with_photo(shell, at=LONG_AGO)
    open_ = _with_photo(shell, order="114-9", at=LONG_AGO)
    _end(shell, "114-7")

    def work(tx: Tx) -> None:
        for key, at, payload in (
            ("old", LONG_AGO, "hello"),
            ("new", 1_795_000_000_000, "hello"),
            ("where", 1_790_000_000_000, '{"location": {"latitude": 42.7}}'),
        ):
            tx.put(
                "inbox", channel="telegram", account="a", key=key, received_at=at, payload=payload
            )

    shell.store.transact(work)

    gone = shell.run("retention", "run", "--ledger", "0", "--json").json["gone"]

    assert {"photos": 1, "messages": 1, "positions": 1, "ledger": 0} == gone
    assert not (tmp_path / "data/photos" / old).exists()
    assert (tmp_path / "data/photos" / open_).exists()
    digest = hashlib.sha256(f"door 114-7 {LONG_AGO}".encode()).hexdigest()
    assert [{"sha256": digest, "path": ""}] == shell.sql(
        "SELECT sha256, path FROM photos WHERE status = 'erased'"
    )
    assert [("new", "hello"), ("where", "")] == [
        (row["key"], row["payload"])
        for row in shell.sql("SELECT key, payload FROM inbox ORDER BY key")
    ]
    shell.run("retention", "run", "--ledger", "365")
    assert ["114-9"] == [
        row["number"] for row in shell.sql("SELECT number FROM work_orders ORDER BY number")
    ]


def test_s8_a_legal_hold_stops_every_class(shell: Shell, tmp_path: Path) -> None:
    shell.usual()
    old = _with_photo(shell, at=LONG_AGO)
    _end(shell, "114-7")
    shell.run("retention", "hold", "114-7", "--why", "claim 88")

    gone = shell.run("retention", "run", "--ledger", "365", "--json").json["gone"]

    assert {"photos": 0, "messages": 0, "positions": 0, "ledger": 0} == gone
    assert (tmp_path / "data/photos" / old).exists()
    assert "claim 88" in shell.run("retention", "holds").out
    shell.run("retention", "release", "114-7")
    assert 1 == shell.run("retention", "run", "--ledger", "365", "--json").json["gone"]["ledger"]
    assert "was not on hold" in shell.run("retention", "release", "114-9", code=1).err


def test_s8_bytes_two_photos_share_stay_while_one_needs_them(shell: Shell, tmp_path: Path) -> None:
    shell.usual()
    path = _with_photo(shell, at=LONG_AGO)
    sql = (
        "INSERT INTO photos (person_id, job_id, channel, source, status, path, sha256, announced_at, next_try_at)"
        " SELECT p.person_id, (SELECT max(id) FROM jobs), 'sms', '{}', 'stored', p.path, p.sha256, 1, 1 FROM photos p"
    )
    shell.store.transact(lambda tx: tx.run(sql))
    _end(shell, "114-7")

    shell.run("retention", "run", "--ledger", "0")

    assert (tmp_path / "data/photos" / path).exists()


# -- erasure --------------------------------------------------------------------------------------


def test_s8_an_erased_person_is_nowhere_but_the_ledger_stands(
    either_shell: Shell, tmp_path: Path
) -> None:
    shell = either_shell.usual()
    selfie = _with_photo(shell, kind="selfie")
    door = _with_photo(shell)

    def work(tx: Tx) -> None:
        tina = tx.one("SELECT id FROM people WHERE name = 'Tina Abernathy'")
        job = tx.one("SELECT id FROM jobs ORDER BY id LIMIT 1")
        assert tina is not None
        assert job is not None
        tx.put("addresses", person_id=tina["id"], channel="sms", address="+12125550101")
        tx.put(
            "inbox",
            channel="sms",
            account="a",
            key="SM1",
            person_id=tina["id"],
            received_at=1,
            payload="From=+12125550101",
        )
        mail = json.dumps({"subject": "114-7 Tina Abernathy", "text": "call +12125550101"})
        tx.put(
            "outbox",
            channel="email",
            address="office",
            job_id=job["id"],
            kind="mail",
            lane=1,
            payload=mail,
            created_at=1,
            due_at=1,
            status="sent",
        )
        tx.put(
            "outbox",
            channel="sms",
            address="+12125550101",
            person_id=tina["id"],
            kind="reply",
            lane=1,
            payload="{}",
            created_at=1,
            due_at=1,
        )
        tx.put("timeline", job_id=job["id"], at=1, told_at=1, event="arrived", by="Tina Abernathy")
        tx.put(
            "fees",
            job_id=job["id"],
            slot="visit",
            reason="trip_charge",
            units="1",
            status="owed",
            rule="A47",
            at=1,
        )

    shell.store.transact(work)
    said = shell.run("erase", "Tina Abernathy", "--yes", code=1).err
    assert "has 2 open jobs" in said
    for order in ("114-7", "114-9"):
        _end(shell, order)

    shell.run("erase", "Tina Abernathy", "--yes")

    everything = json.dumps(_all(shell.store))
    for trace in ("Tina", "5550101", "tina@example.org"):
        assert trace not in everything
    assert not (tmp_path / "data/photos" / selfie).exists()
    assert (tmp_path / "data/photos" / door).exists()
    assert 2 == len([row for row in shell.sql("SELECT sha256 FROM photos") if row["sha256"]])
    assert [{"units": "1"}] == shell.sql("SELECT units FROM fees")
    assert "Nobody is called" in shell.run("erase", "Tina Abernathy", "--yes", code=1).err


def test_s8_what_others_were_told_about_an_erased_person_names_them_no_more(
    either_shell: Shell,
) -> None:
    """An alert of no job on a manager's phone; the history of a job that has another lead now."""
    shell = either_shell.usual()

    def work(tx: Tx) -> None:
        job = tx.one("SELECT id, technician_id FROM jobs ORDER BY id LIMIT 1") or {}
        tx.put(
            "outbox", channel="telegram", address="102", kind="alert", lane=1, status="sent",
            payload=json.dumps({"text": "<b>Tina Abernathy writes</b> +12125550101"}),
            created_at=1, due_at=1,
        )  # fmt: skip
        lead = json.dumps({"lead": "Tina Abernathy"})
        tx.put(
            "timeline", job_id=job["id"], at=1, told_at=1, event="took_over", by="Bob", detail=lead
        )
        tx.put("ladders", case_id=77, rungs="[]", detail=lead)
        tx.run("UPDATE jobs SET technician_id = NULL, is_open = :no", {"no": False})

    shell.store.transact(work)
    shell.run("erase", "Tina Abernathy", "--yes")

    everything = json.dumps(_all(shell.store))
    assert [] == [trace for trace in ("Tina", "5550101") if trace in everything]


def test_s8_a_manager_or_a_held_person_is_not_erased(shell: Shell) -> None:
    shell.usual()
    shell.run("retention", "hold", "Bob Okafor")

    manager = shell.run("erase", "Dana Cole", "--yes", code=1).err
    held = shell.run("erase", "Bob Okafor", "--yes", code=1).err

    assert "Dana Cole manages Bob Okafor, Tina Abernathy" in manager
    assert 'retention release "Bob Okafor" ends it' in held
