import os
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from storage import alerts, people
from storage.db import Row, StorageDown, StorageError, Store, Tx
from storage.migrations import current, head, upgrade
from tests.storage.conftest import Rows


def kept(tx: Tx) -> dict[str, str]:
    return {row["key"]: row["value"] for row in tx.all("SELECT * FROM kept")}


def put(tx: Tx, key: str, value: str = "") -> None:
    tx.put("kept", key=key, value=value)


def test_rows_are_dicts_on_both_databases(tx: Tx, rows: Rows) -> None:
    person = rows.person(tx, "Tina", email="t@example.org")

    row = tx.one("SELECT id, name, email FROM people")
    assert row == {"id": person, "name": "Tina", "email": "t@example.org"}


def test_p3_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    def work(tx: Tx) -> None:
        put(tx, "a")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.transact(work)

    assert {} == store.transact(kept)


def test_what_was_written_while_reading_is_thrown_away(store: Store) -> None:
    with store.reading() as tx:
        put(tx, "a")
        assert {"a": ""} == kept(tx)

    assert {} == store.transact(kept)


def test_reading_sees_one_moment(store: Store) -> None:
    store.transact(lambda tx: put(tx, "before"))

    with store.reading() as tx:
        first = kept(tx)
        store.transact(lambda other: put(other, "meanwhile"))
        second = kept(tx)

    assert [{"before": ""}] * 2 == [first, second]
    assert {"before": "", "meanwhile": ""} == store.transact(kept)


def test_defaults_of_the_tables_are_filled_in(tx: Tx, rows: Rows) -> None:
    job = rows.job(tx)

    row = tx.one("SELECT state, version, is_open, under FROM jobs WHERE id = :id", {"id": job})
    assert row == {"state": "planned", "version": 1, "is_open": True, "under": None}


def test_a_column_that_is_not_there_is_said(tx: Tx) -> None:
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedColumn), match="vlaue"):
        tx.put("kept", key="a", value="", vlaue="b")


def test_booleans_are_conditions(tx: Tx, rows: Rows) -> None:
    shut, still_open = rows.job(tx, is_open=False), rows.job(tx, visit=2)

    assert tx.all("SELECT id FROM jobs j WHERE j.is_open") == [{"id": still_open}]
    assert tx.all("SELECT id FROM jobs j WHERE NOT j.is_open") == [{"id": shut}]
    tx.update("jobs", still_open, is_open=False)
    assert tx.all("SELECT id FROM jobs j WHERE j.is_open") == []


def test_an_update_of_no_columns_does_nothing(tx: Tx, rows: Rows) -> None:
    person = rows.person(tx, "Tina")

    tx.update("people", person)

    assert tx.one("SELECT name FROM people") == {"name": "Tina"}


def test_many_says_how_many_rows_changed(tx: Tx) -> None:
    tx.put_many("kept", [{"key": key, "value": ""} for key in "abc"])

    remove = "DELETE FROM kept WHERE key = :key"
    assert tx.many(remove, [{"key": key} for key in "abxy"]) == 2
    assert tx.many(remove, []) == 0
    assert {"c": ""} == kept(tx)


def test_percent_signs_and_colons_in_sql_stay_what_they_are(tx: Tx) -> None:
    put(tx, "half", "50 %")
    put(tx, "time", "12:30")

    found = tx.all(
        "SELECT key FROM kept WHERE (value LIKE '5%' OR value = '12:30') AND key <> :k"
        " ORDER BY key",
        {"k": "x"},
    )
    assert ["half", "time"] == [row["key"] for row in found]
    assert tx.one("SELECT 7 % 4 AS n") == {"n": 3}


def test_a_cast_is_no_parameter(postgres_store: Store) -> None:
    def work(tx: Tx) -> Row | None:
        return tx.one("SELECT :day::date::text AS day", {"day": "2026-11-23"})

    assert postgres_store.transact(work) == {"day": "2026-11-23"}


@pytest.mark.parametrize("text", ["a\0b", "half a smile \ud83d"])
def test_p10_text_that_a_database_cannot_keep_harms_nobody(store: Store, text: str) -> None:
    def work(tx: Tx) -> dict[str, str]:
        put(tx, "before")
        put(tx, "text", text)
        tx.put_many("kept", [{"key": key, "value": text} for key in "xy"])
        return kept(tx)

    found = store.transact(work)

    assert {"before", "text", "x", "y"} == found.keys()
    assert found["text"] == found["x"] == found["y"]
    assert found["text"].startswith(text[0])


def test_p1_sqlite_waits_for_the_disk(tmp_path: object) -> None:
    with closing(Store(f"sqlite:///{tmp_path}/a.sqlite3").connect()) as connection:
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
    }


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "u:secret@h", "", "sqlite3.db"])
def test_an_address_of_no_database_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with") as caught:
        Store(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("password", ["secret%zz", "secret/1", "secr@et/1", "sec/ret@1"])
def test_an_address_that_cannot_be_read_is_said_without_its_password(password: str) -> None:
    with pytest.raises(ValueError, match="must be like postgresql://") as caught:
        Store(f"postgresql://tina:{password}@localhost/doorstep")

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_password_may_have_any_letters() -> None:
    store = Store("postgresql://tina:a%40b%2Fc%25+d@localhost:1/doorstep?sslmode=disable")

    with pytest.raises(StorageDown, match="cannot be reached"):
        store.connect()


def test_p9_the_schema_is_made_where_the_store_looks(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/My%20Data?/doorstep.db")

    upgrade(store)

    assert head() == current(store)


def test_an_sqlite_file_that_cannot_be_opened_is_down(tmp_path: object) -> None:
    with pytest.raises(StorageDown, match="unable to open"):
        Store(f"sqlite:///{tmp_path}").transact(kept)


def test_an_error_that_was_passed_over_is_never_taken_for_success(
    postgres_store: Store,
) -> None:
    """PostgreSQL ends such a transaction by a rollback, and calls that no error."""

    def work(tx: Tx) -> None:
        put(tx, "a")
        with pytest.raises(psycopg.errors.UniqueViolation):
            put(tx, "a")

    with pytest.raises(StorageError, match="passed over"):
        postgres_store.transact(work)
    assert {} == postgres_store.transact(kept)


def test_referring_rows_need_not_wait_for_a_locked_person(
    postgres_store: Store, rows: Rows
) -> None:
    """An alert to a manager is written while the manager's own turn runs in another process."""
    dana = postgres_store.transact(lambda tx: rows.person(tx, "Dana"))

    def alert(tx: Tx) -> int:
        tx.run("SET LOCAL lock_timeout = '5s'")
        return alerts.add(tx, person_id=dana, kind="late", severity=1, number=1, created_at=0)

    with postgres_store.reading() as busy:
        people.locked(busy, dana)
        assert postgres_store.transact(alert) > 0


def test_sqlite_says_when_another_program_keeps_the_lock(tmp_path: object) -> None:
    store = Store(f"sqlite:///{tmp_path}/a.sqlite3")
    with closing(store.connect()) as other:
        other.execute("BEGIN IMMEDIATE")

        class Impatient(Store):
            def connect(self) -> sqlite3.Connection:
                connection: sqlite3.Connection = super().connect()
                connection.execute("PRAGMA busy_timeout = 1")
                return connection

        with pytest.raises(StorageDown, match="locked"):
            Impatient(f"sqlite:///{tmp_path}/a.sqlite3").transact(kept)


def test_s7_the_database_and_what_lies_beside_it_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        store = Store(f"sqlite:///{tmp_path}/house/doorstep.db")
        with closing(store.connect()) as connection:
            connection.execute("CREATE TABLE phones (number)")
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("house/*")}
    finally:
        os.umask(before)

    assert {"doorstep.db", "doorstep.db-wal", "doorstep.db-shm"} == set(modes)
    assert {0o600} == set(modes.values())
