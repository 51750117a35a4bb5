import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Engine, NullPool, create_engine, inspect

from storage import migrations
from storage.db import StorageDown, StorageError, Store
from storage.migrations import current, head, upgrade
from storage.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
UPGRADE = "import sys\nfrom storage.db import Store\nfrom storage.migrations import upgrade\n"


def engine_of(store: Store) -> Engine:
    return create_engine(store.url, poolclass=NullPool)


def python(code: str, *arguments: str, cwd: Path = ROOT) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=cwd)


def test_a_migrated_database_has_no_differences_to_the_tables(store: Store) -> None:
    with engine_of(store).connect() as connection:
        context = MigrationContext.configure(connection)
        assert [] == compare_metadata(context, TABLES)


def test_what_the_tables_leave_out_the_database_fills_in(store: Store) -> None:
    """Else a row written by hand would differ from one of ours."""
    wanted, found = {}, {}
    inspector = inspect(engine_of(store))
    for table in TABLES.tables.values():
        columns = {column["name"]: column for column in inspector.get_columns(table.name)}
        for column in table.columns:
            name, value = f"{table.name}.{column.name}", getattr(column.default, "arg", None)
            if value is not None:
                wanted[name] = str(int(value) if isinstance(column.type, Boolean) else value)
                default = str(columns[column.name]["default"]).partition("::")[0].strip("'")
                found[name] = {"true": "1", "false": "0"}.get(default, default)

    assert wanted == found


def test_partial_indexes_are_partial(store: Store) -> None:
    """Alembic does not compare their conditions."""
    kind = store.dialect
    partial = {
        index.name
        for table in TABLES.tables.values()
        for index in table.indexes
        if index.dialect_options[kind]["where"] is not None
    }
    inspector = inspect(engine_of(store))
    found = {
        index["name"]
        for table in TABLES.tables
        for index in inspector.get_indexes(table)
        if f"{kind}_where" in index.get("dialect_options", {})
    }

    assert partial == found


def test_p9_upgrading_goes_from_nothing_to_the_head_and_then_does_nothing(
    empty_database_url: str,
) -> None:
    store = Store(empty_database_url)
    assert current(store) is None

    upgrade(store)
    store.transact(lambda tx: tx.put("kept", key="a", value="b"))
    upgrade(store)

    assert current(store) == head()
    kept = store.transact(lambda tx: tx.all("SELECT * FROM kept"))
    assert [{"key": "a", "value": "b"}] == kept


def test_the_head_is_what_alembic_finds() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))

    assert [head()] == script.get_heads()


def test_migrations_only_go_forward() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))

    backwards = [s.path for s in script.walk_revisions() if hasattr(s.module, "downgrade")]
    assert [] == backwards


def test_alembic_is_not_loaded_when_there_is_nothing_to_do(store: Store) -> None:
    code = UPGRADE + "upgrade(Store(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    url = store.url

    assert python(code, url).wait(60) == 0


def test_p9_several_processes_may_upgrade_at_once(empty_database_url: str) -> None:
    code = UPGRADE + "upgrade(Store(sys.argv[1]))"
    processes = [python(code, empty_database_url) for _ in range(4)]

    assert [0, 0, 0, 0] == [process.wait(120) for process in processes]
    assert current(Store(empty_database_url)) == head()


def test_it_works_from_any_directory(empty_database_url: str, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{UPGRADE}upgrade(Store(sys.argv[1]))"

    assert python(code, empty_database_url, cwd=tmp_path).wait(60) == 0
    assert current(Store(empty_database_url)) == head()


def test_p9_a_database_of_a_newer_program_is_refused(store: Store) -> None:
    store.transact(lambda tx: tx.run("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StorageError, match="schema 9999, which is newer than this program's"):
        upgrade(store)


def test_a_database_of_something_else_is_refused_and_left_alone(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    store.transact(lambda tx: tx.run("CREATE TABLE jobs (something_else INTEGER)"))

    with pytest.raises(StorageError, match="nothing was changed"):
        upgrade(store)

    assert ["jobs"] == inspect(engine_of(store)).get_table_names()


def test_a_server_that_is_not_there_is_down(tmp_path: Path) -> None:
    store = Store(f"postgresql://postgres@/nowhere?host={tmp_path}")

    with pytest.raises(StorageDown):
        upgrade(store)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Dana, " * 500)

    with pytest.raises(StorageError, match="file is not a database"):
        upgrade(Store(f"sqlite:///{path}"))


def test_a_step_that_fails_leaves_nothing_behind(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(empty_database_url)

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(MigrationContext, "stamp", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        upgrade(store)

    assert [] == inspect(engine_of(store)).get_table_names()
    with closing(store.connect()) as connection:  # and no lock is left either
        connection.execute(store.begin())
