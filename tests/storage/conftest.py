"""A migrated database, its writer, and rows that the storage tests need."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.db import Store, Tx, Writer
from storage.migrations import upgrade


class Rows:
    """Makes rows whose other columns do not matter to the test."""

    def person(self, tx: Tx, name: str = "Tina", **more: Any) -> int:
        return tx.insert("people", name=name, created_at=0, **more)

    def job(self, tx: Tx, technician: int | None = None, number: str = "114-7", **more: Any) -> int:
        order = tx.one("SELECT id FROM work_orders WHERE number = :number", {"number": number})
        order_id = (
            order["id"]
            if order
            else tx.insert("work_orders", number=number, program="apollo", created_at=0)
        )
        values: dict[str, Any] = {"day": "2026-11-23", "window_start": 900, "window_end": 1100}
        values |= {"day_start": 0, "day_end": 2000, "talk": "[]", "created_at": 0, "changed_at": 0}
        return tx.insert(
            "jobs", work_order_id=order_id, technician_id=technician, **(values | more)
        )

    def message(self, tx: Tx, **more: Any) -> int:
        values: dict[str, Any] = {"channel": "telegram", "address": "7", "kind": "reply", "lane": 1}
        values |= {"payload": "{}", "created_at": 0, "due_at": 0}
        return tx.insert("outbox", **(values | more))


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "doorstep.sqlite3"
    upgrade(Store(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> str:
    """The name of a PostgreSQL database with the newest schema, to be copied."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    upgrade(Store(postgres_url.replace("/postgres?", "/migrated?")))
    return "migrated"


@pytest.fixture
def postgres_store(postgres_url: str, migrated_template: str) -> Iterator[Store]:
    """An empty PostgreSQL database with the newest schema."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated_template}"')
        yield Store(postgres_url.replace("/postgres?", f"/{name}?"))
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty database with the newest schema: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path)
        return Store(f"sqlite:///{path}")
    store: Store = request.getfixturevalue("postgres_store")
    return store


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    """One open transaction; thrown away."""
    with store.reading() as tx:
        yield tx


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    writer = Writer(store)
    yield writer
    writer.close()
