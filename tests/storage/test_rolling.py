"""P9: two versions side by side: every step of the schema only adds, or finds things by another
index, and a program that knows nothing of the steps since goes on writing."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import MigrateOperation, Operations, ops
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, make_url

from storage import migrations
from storage.db import Row, Store, Tx, Writer
from storage.migrations import head, upgrade
from tests.databases import new_store

STEPS: list[Script] = list(
    reversed(
        list(
            ScriptDirectory(str(Path(migrations.__file__).parent)).iterate_revisions("head", "base")
        )
    )
)
ADDS = (ops.CreateTableOp, ops.CreateIndexOp, ops.DropIndexOp, ops.AddColumnOp)


def _engine(url: str) -> Engine:
    engine: Engine = migrations._engine(Store(url))
    return engine


def _go(engine: Engine, steps: list[Script]) -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for step in steps:
                step.module.upgrade()
                context.stamp(script, step.revision)


def test_p9_every_step_after_the_first_only_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added is empty or has a default of the database's, and is unique in nothing old.

    An index may go: no statement names one, and what rows are unique by are constraints.
    """
    done: list[MigrateOperation] = []

    def invoke(self: Operations, operation: MigrateOperation) -> Any:
        done.append(operation)

    monkeypatch.setattr(Operations, "invoke", invoke)
    engine = create_engine(make_url("sqlite://"))
    with engine.connect() as connection, Operations.context(MigrationContext.configure(connection)):
        for step in STEPS[1:]:
            step.module.upgrade()

    assert done
    new = {operation.table_name for operation in done if isinstance(operation, ops.CreateTableOp)}
    assert [] == [operation for operation in done if not isinstance(operation, ADDS)]
    columns = [operation.column for operation in done if isinstance(operation, ops.AddColumnOp)]
    assert [] == [c.name for c in columns if not (c.nullable or c.server_default is not None)]
    indexes = [operation for operation in done if isinstance(operation, ops.CreateIndexOp)]
    assert [] == [i.index_name for i in indexes if i.unique and i.table_name not in new]


@pytest.mark.parametrize("since", [step.revision for step in STEPS[:-1]])
def test_p9_a_program_of_an_older_schema_goes_on_writing(
    empty_database_url: str, since: str
) -> None:
    """It names the columns that it knows; so does every statement of ours that inserts."""
    engine = _engine(empty_database_url)
    _go(engine, [step for step in STEPS if step.revision <= since])
    known = MetaData()
    known.reflect(engine)

    upgrade(Store(empty_database_url))

    with engine.begin() as connection:
        for table in known.sorted_tables:
            if table.name == "alembic_version":
                continue
            values = {
                column.name: _value(column)
                for column in table.columns
                if not (column.primary_key and column.name == "id")
            }
            connection.execute(table.insert().values(values))
            assert connection.execute(table.select()).fetchall(), table.name
    engine.dispose()
    assert head() == migrations.current(Store(empty_database_url))


def test_p9_a_writer_at_work_reads_on_when_a_newer_program_adds_a_column(
    empty_database_url: str,
) -> None:
    """It knows its statements' columns by heart, and PostgreSQL has prepared them."""
    store = new_store(empty_database_url)
    store.transact(lambda tx: tx.put("kept", key="a", value="x"))
    writer = Writer(store)

    def read(tx: Tx) -> tuple[Row | None, list[Row]]:
        return tx.one("SELECT * FROM kept"), tx.all("SELECT k.*, 1 AS one FROM kept k")

    before = [writer.submit(read).result() for _ in range(8)]
    store.transact(lambda tx: tx.run("ALTER TABLE kept ADD COLUMN newer integer DEFAULT 7"))
    row, rows = writer.submit(read).result()
    writer.close()

    assert [({"key": "a", "value": "x"}, [{"key": "a", "value": "x", "one": 1}])] * 8 == before
    assert {"key": "a", "value": "x", "newer": 7} == row
    assert [{"key": "a", "value": "x", "newer": 7, "one": 1}] == rows


@pytest.mark.postgresql
def test_p9_a_step_waits_for_a_reader_by_turns_and_makes_no_turn_wait_long(
    postgres_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup reads every table for minutes, in one transaction."""
    store = Store(postgres_database_url)
    engine = _engine(postgres_database_url)
    _go(engine, [step for step in STEPS if step.revision <= "0007"])
    engine.dispose()
    monkeypatch.setattr(migrations, "_WAIT", 100)
    tries = 0

    def pause(seconds: float) -> None:
        nonlocal tries
        tries += 1
        store.transact(lambda tx: tx.run("UPDATE outbox SET error = ''"))  # a turn meanwhile
        if tries == 2:
            reader.execute("ROLLBACK")

    monkeypatch.setattr("storage.migrations.time.sleep", pause)
    with closing(store.connect()) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM outbox")
        upgrade(store)

    assert 2 == tries
    assert head() == migrations.current(store)


def _value(column: Any) -> Any:
    if column.foreign_keys:
        return None if column.nullable else 1
    return {str: "x", int: 1, bool: True, bytes: b"x"}[column.type.python_type]
