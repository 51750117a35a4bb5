import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.visiting import House


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, Path]:
    """A house on SQLite in which everybody lives already, and its file, to be copied."""
    file = tmp_path_factory.mktemp("furnished") / "desk.sqlite3"
    made = House(f"sqlite:///{file}", file.parent)
    made.close()
    connection = made.stage.store.connect()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return made, file


@pytest.fixture
def house(furnished: tuple[House, Path], tmp_path: Path) -> Iterator[House]:
    """The house on SQLite."""
    like, file = furnished
    copied = tmp_path / "desk.sqlite3"
    shutil.copyfile(file, copied)
    made = House(f"sqlite:///{copied}", tmp_path, like=like)
    yield made
    made.close()


@pytest.fixture
def any_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """The house on SQLite and on PostgreSQL."""
    made = House(database_url, tmp_path)
    yield made
    made.close()
