"""A migrated database, its writer, and rows that the storage tests need."""

from collections.abc import Iterator
from typing import Any

import pytest

from storage.db import Store, Tx, Writer


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


@pytest.fixture
def postgres_store(postgres_migrated_url: str) -> Store:
    """A PostgreSQL database with the newest schema and no rows."""
    return Store(postgres_migrated_url)


@pytest.fixture
def store(database_url: str) -> Store:
    """A database with the newest schema and no rows: once SQLite, once PostgreSQL."""
    return Store(database_url)


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
