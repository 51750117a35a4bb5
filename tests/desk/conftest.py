from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.visiting import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The house on SQLite."""
    made = House(f"sqlite:///{tmp_path}/desk.sqlite3", tmp_path)
    yield made
    made.close()


@pytest.fixture
def any_house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """The house on SQLite and on PostgreSQL."""
    made = House(database_url, tmp_path)
    yield made
    made.close()
