"""P9: SIGKILL inside migration, backup, restore, move and import, at each named point of theirs:
what was there is whole or what was to be there is, and the same command once more does it."""

import hashlib
import json
import shutil
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from bot.pictures.photo_store import Folder
from storage import copying, migrations, photos
from storage.db import Store, Tx
from storage.migrations import current, head
from storage.tables import TABLES
from tests.commands.conftest import MANIFEST, PEOPLE
from tests.promises.points import UPKEEP
from tests.promises.warm import Warm, warm

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
FIRST = "0001"
PASSINGS = (1, 3)
Order = tuple[Mapping[str, str], Sequence[str]]
"""A command's environment and its words."""


class Office:
    """A folder with a database, a photo store and the files of a day."""

    def __init__(self, folder: Path, parent: Warm, url: str = "") -> None:
        self.folder, self.parent = folder, parent
        self.url = url or f"sqlite:///{folder}/office.db"
        (folder / "people.csv").write_text(PEOPLE)
        (folder / "manifest.csv").write_text(MANIFEST)

    @property
    def store(self) -> Store:
        """Its database."""
        return Store(self.url)

    @property
    def env(self) -> dict[str, str]:
        """What its commands are told."""
        return {
            "DATABASE_URL": self.url, "PHOTO_STORE": f"file:{self.folder}/photos",
            "CLOCK": "2026-11-23T05:00-05:00",
        }  # fmt: skip

    async def run(self, *words: str) -> None:
        """A command to its end."""
        await self.parent.command(self.env, *words, folder=self.folder)

    async def usual(self, which: int = 1) -> None:
        """People, jobs, photos, which of several offices as may be."""
        await self.run("people", "import", "people.csv")
        await self.run("manifest", "import", "manifest.csv")
        for n in range(3):
            await self._photo(f"photo {which} {n}".encode())

    async def _photo(self, data: bytes) -> None:
        path, digest = await Folder(self.folder / "photos").put(data, "image/jpeg")

        def work(tx: Tx) -> None:
            job = tx.one("SELECT id, technician_id FROM jobs LIMIT 1")
            assert job is not None
            photos.announce(
                tx, person_id=job["technician_id"], job_id=job["id"], channel="telegram",
                source="{}", announced_at=1, next_try_at=1, kind="door", status="stored",
                path=path, sha256=digest, bytes=len(data),
            )  # fmt: skip

        self.store.transact(work)

    async def killed(
        self, points: Sequence[str], order: Callable[[], Order], judge: Callable[[], None]
    ) -> None:
        """What is ordered, killed at each of these points at several passings; judged each time."""
        missed = set(points)
        for point in points:
            for passings in PASSINGS:
                env, words = order()
                life = self.parent.start(words, env, self.folder, points=[point], passings=passings)
                code = await life.ends()
                judge()
                if not life.point:
                    assert code == 0, (self.folder / "serve.log").read_text()
                    break
                assert (-9, point) == (code, life.point)
                missed.discard(point)
        assert set() == missed


def rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row, as both databases tell it, but for what a clock or a lease notes."""
    with store.reading() as tx:
        return {
            table.name: [
                {name: int(v) if isinstance(v, bool) else v for name, v in row.items()}
                for row in tx.all(f"SELECT * FROM {table.name} ORDER BY 1, 2")  # noqa: S608
            ]
            for table in TABLES.sorted_tables
            if table.name != "kept"
        }


def named(*commands: str) -> list[str]:
    """The points of these."""
    return [name for name in UPKEEP if name.partition(":")[0] in commands]


@pytest_asyncio.fixture(scope="module", loop_scope="module", name="parent")
async def fixture_parent(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Warm]:
    async with warm(tmp_path_factory.mktemp("warm")) as parent:
        yield parent


# -- migration ------------------------------------------------------------------------------------


def first_schema(store: Store) -> None:
    """The schema of the first release, with somebody in it."""
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    engine = migrations._engine(store)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            script.get_revision(FIRST).module.upgrade()
            context.stamp(script, FIRST)
        connection.exec_driver_sql(
            "INSERT INTO people (name, created_at) VALUES ('Tina Abernathy', 1)"
        )
    engine.dispose()


def shape(store: Store) -> dict[str, Any]:
    """Every table with its columns and indexes."""
    engine = migrations._engine(store)
    looks = inspect(engine)
    found = {
        table: (
            sorted(column["name"] for column in looks.get_columns(table)),
            sorted(str(index["name"]) for index in looks.get_indexes(table)),
        )
        for table in looks.get_table_names()
    }
    engine.dispose()
    return found


async def test_p9_a_kill_inside_a_migration_leaves_no_half_schema(
    parent: Warm, empty_database_url: str, tmp_path: Path
) -> None:
    office = Office(tmp_path, parent, empty_database_url)
    store = office.store

    def order() -> Order:
        _empty(store)
        first_schema(store)
        return office.env, ["jobs", "list"]

    order()
    before = shape(store)
    await office.run("jobs", "list")
    after = shape(store)
    assert (head(), True) == (current(store), before != after)

    def judge() -> None:
        stands = current(store)
        assert {FIRST: before, head(): after}[stands or ""] == shape(store)
        with store.reading() as tx:
            assert [{"name": "Tina Abernathy"}] == tx.all("SELECT name FROM people")

    await office.killed(named("migration"), order, judge)
    await office.run("jobs", "list")
    assert (head(), after) == (current(store), shape(store))


def _empty(store: Store) -> None:
    if store.dialect == "sqlite":
        for rest in ("", "-wal", "-shm"):
            Path(f"{store.path}{rest}").unlink(missing_ok=True)
        return
    with closing(store.connect()) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


# -- backup, restore, move, import ----------------------------------------------------------------


async def test_p9_a_killed_backup_is_never_taken_for_a_whole_one(
    parent: Warm, tmp_path: Path
) -> None:
    office = Office(tmp_path, parent)
    await office.usual()
    file, first = tmp_path / "office.zip", tmp_path / "first.zip"
    await office.run("backup", first.name)
    (tmp_path / "more.csv").write_text(PEOPLE.replace("Olga Ops", "Ida Ops"))
    await office.run("people", "import", "more.csv")
    await office.run("backup", file.name)
    wholes = {_listed(first), _listed(file)}
    assert len(wholes) == 2

    def order() -> Order:
        shutil.copy(first, file)
        return office.env, ["backup", file.name]

    def judge() -> None:
        assert _listed(file) in wholes

    await office.killed(named("backup"), order, judge)


def _listed(file: Path) -> str:
    """What a backup says that its database holds; each of its members is whole."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert 3 == sum(name.startswith("photos/") for name in archive.namelist())
        listed = json.loads(archive.read("doorstep.json"))
        database = archive.read("doorstep.db")
        assert listed["database_sha256"] == hashlib.sha256(database).hexdigest()
        return str(listed["rows"])


async def test_p9_a_killed_restore_or_move_leaves_everything_or_what_was_there(
    parent: Warm, empty_database_url: str, tmp_path: Path
) -> None:
    """Two sources by turns: what the target does not hold yet is brought into it."""
    sources = []
    for n in (1, 2):
        office = Office(tmp_path, parent, f"sqlite:///{tmp_path}/source{n}.db")
        await office.usual(n)
        await office.run("backup", f"{n}.zip")
        sources.append((office, rows(office.store)))
    target = Office(tmp_path, parent, empty_database_url)
    await target.run("restore", "1.zip")

    command = "restore"

    def order() -> Order:
        at = int(rows(target.store) == sources[0][1])
        while copying.others(target.store):
            time.sleep(0.01)  # PostgreSQL sees in a moment that the killed one is gone
        if command == "restore":
            return target.env, ["restore", f"{at + 1}.zip", "--replace"]
        return sources[at][0].env, ["move", target.url, "--replace"]

    def judge() -> None:
        assert rows(target.store) in [found for _, found in sources]

    for command in ("restore", "move"):
        await target.killed(named(command, "copy", "command"), order, judge)
        held = rows(target.store)
        env, words = order()
        await parent.command(env, *words, folder=tmp_path)
        judge()
        assert held != rows(target.store)


async def test_p9_a_killed_import_is_taken_in_whole_or_not_at_all(
    parent: Warm, tmp_path: Path
) -> None:
    office = Office(tmp_path, parent)
    await office.run("people", "import", "people.csv")
    words = ["manifest", "import", "manifest.csv"]
    found: list[int] = []

    def judge() -> None:
        with office.store.reading() as tx:
            jobs = tx.one("SELECT count(*) AS n FROM jobs")
        found.append(jobs["n"] if jobs else 0)

    await office.killed(named("command"), lambda: (office.env, words), judge)
    await office.run(*words)
    judge()
    assert found[-1] > 1
    assert [0, found[-1]] == sorted(set(found))
