"""A shell in a folder of its own, with a database and a clock; commands run in it."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.commands.__main__ import main
from storage.db import Store

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = """name,role,phone,email,dm,dc
Tina Abernathy,technician,212-555-0101,tina@example.org,Dana Cole,+1 212 555 0111
Bob Okafor,technician,212-555-0102,,dana cole,
Dana Cole,manager,212-555-0110,dana@example.org,,
Carl Stone,manager;office,212-555-0111,,,
Olga Ops,operator,,olga@example.org,,
"""
_WHERE = "Troy,NY,12180"
MANIFEST = f"""Work Order,Customer,Address,City,State,Zip,Technician,Date,Schedule Notes,Units
114-7,MUST USE THE AMAZON APP Carla Montgomery,12 Elm St,{_WHERE},Tina Abernathy,11/23/2026,8-11 TV stand,2.5
114-9,Must use the Amazon App: Ben Okafor,88 Oak Ave,{_WHERE},Tina Abernathy,11/23/2026,11AM - 2PM // crib,1
115-1,Walter Other,90 Oak Ave,{_WHERE},Bob Okafor,11/23/2026,8-11 chair,1
"""


@dataclass(frozen=True)
class Ran:
    """What a command left: exit code, standard output, and what stood beside it."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output, which is one JSON document."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """The cells of its tables: lines with tabs."""
        return [line.split("\t") for line in self.out.splitlines() if "\t" in line]


class Shell:
    """Runs commands in `folder`; on the early morning of 23 November 2026 in New York."""

    def __init__(
        self, folder: Path, url: str, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.folder, self.url, self._patch, self._capture = folder, url, patch, capture
        patch.chdir(folder)
        self.set(DATABASE_URL=url, CLOCK="2026-11-23T05:00-05:00")

    @property
    def store(self) -> Store:
        """The database that the commands use."""
        return Store(self.url)

    def set(self, **settings: str) -> None:
        """Put settings into the environment."""
        for name, value in settings.items():
            self._patch.setenv(name, value)

    def file(self, name: str, content: str) -> str:
        """A file in the folder; its name."""
        (self.folder / name).write_text(content)
        return name

    def run(self, *words: str, code: int = 0) -> Ran:
        """A command, in this process; its exit code must be `code`."""
        self._capture.readouterr()
        found = main(list(words))
        out, err = self._capture.readouterr()
        assert code == found, f"{words}: {out}{err}"
        assert "Traceback" not in err
        return Ran(found, out, err)

    def start(self, *words: str) -> Ran:
        """A command, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "bot.commands", *words],
            cwd=self.folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
            text=True, check=False, timeout=60,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    async def start_async(self, *words: str) -> Ran:
        """The same while this process serves what the command looks at."""
        return await asyncio.to_thread(self.start, *words)

    def sql(self, sql: str) -> list[dict[str, Any]]:
        """What the database holds."""
        with self.store.reading() as tx:
            return [dict(row) for row in tx.all(sql)]

    def usual(self) -> "Shell":
        """The people and the day's manifest are in."""
        self.run("people", "import", self.file("people.csv", PEOPLE))
        self.run("manifest", "import", self.file("manifest.csv", MANIFEST))
        return self


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("TELEGRAM_", "TWILIO_", "SMTP_", "MAIL_", "PUBLIC_", "APOLLO_")):
            monkeypatch.delenv(name)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """A shell on an empty SQLite database."""
    return Shell(tmp_path, f"sqlite:///{tmp_path}/data/doorstep.db", monkeypatch, capsys)


@pytest.fixture
def either_shell(
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    """A shell on an empty database: once SQLite, once PostgreSQL."""
    return Shell(tmp_path, database_url, monkeypatch, capsys)
