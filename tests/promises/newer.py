"""The next version of the program: the same with one step of the schema more, which adds to every
table."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from storage.migrations import head

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = f"{int(head()) + 1:04}"
STEP = f'''"""A column more in each table, and a table more."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "{SCHEMA}", "{head()}"


def upgrade() -> None:
    for table in sorted(sa.inspect(op.get_bind()).get_table_names()):
        if table != "alembic_version":
            op.add_column(table, sa.Column("newer", sa.Text, server_default="n", nullable=False))
    op.create_table("newer", sa.Column("id", sa.Integer, primary_key=True))
'''


class Newer:
    """A checkout of it, and its one server."""

    def __init__(self, code: Path, folder: Path) -> None:
        for room in ("bot", "flows", "storage"):
            shutil.copytree(ROOT / room, code / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", code)
        (code / "storage/migrations/versions" / f"{SCHEMA}_newer.py").write_text(STEP)
        self._code, self._folder = code, folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, env: Mapping[str, str]) -> int:
        """Start it and wait until it is ready; its process number."""
        with (self._folder / "newer.log").open("ab") as log:
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "bot.commands", "serve",
                cwd=self._folder, stdout=log, stderr=log,
                env={**os.environ, **env, "PYTHONPATH": str(self._code)},
            )  # fmt: skip
        url = f"http://127.0.0.1:{env['HTTP_PORT']}/readyz"
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while True:
                assert process.returncode is None, (self._folder / "newer.log").read_text()
                try:
                    if (await client.get(url)).status_code == httpx.codes.OK:
                        return process.pid
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._process is not None
        self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), 20)
