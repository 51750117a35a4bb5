"""A scripted day on a disk that may fail: after each commit the content is noted, to be compared."""

import hashlib
import random
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from storage.db import StorageBroken, Store, Tx, Writer
from storage.tables import TABLES
from tests.promises.disk import LOSSES, Connection, Disk
from tests.stage import Stage, play

T = TypeVar("T")
_ALL = [f"SELECT * FROM {table.name} ORDER BY 1, 2" for table in TABLES.sorted_tables]  # noqa: S608


def content(connection: Any) -> str:
    """A digest of every row of every table."""
    digest = hashlib.sha256()
    for sql in _ALL:
        digest.update(repr(connection.execute(sql).fetchall()).encode())
    return digest.hexdigest()


@dataclass
class Found:
    """What the next start found after the power had gone before this write or sync."""

    op: int
    loss: str
    acknowledged: int
    sound: bool
    holds: str


class Day:
    """A stage whose every transaction goes through the one writer onto the disk of a test."""

    def __init__(
        self,
        folder: Path,
        patch: pytest.MonkeyPatch,
        channel: str = "sms",
        *,
        synchronous: str = "",
    ) -> None:
        url = f"sqlite:///{folder}/doorstep.db"
        self.stage = Stage(url, channel).usual()
        with sqlite3.connect(folder / "doorstep.db") as rows:
            rows.execute("PRAGMA journal_mode=DELETE")
        rows.close()
        self.disk = Disk({"doorstep.db": (folder / "doorstep.db").read_bytes()})
        self.broken: list[StorageBroken] = []
        self.states: list[str] = []
        """The content after each commit that was acknowledged; the first is before any."""
        self._connection: Connection | None = None

        def connect(*_: Any, **__: Any) -> Connection:
            self._connection = Connection(self.disk, synchronous=synchronous)
            return self._connection

        patch.setattr(sqlite3, "connect", connect)
        self.writer = Writer(Store(url), self.broken.append)
        self.stage.store = self  # type: ignore[assignment]

    def transact(self, work: Callable[[Tx], T]) -> T:
        """As the server does it; remembers what is promised from now on."""
        result = self.writer.submit(work).result(60)
        self.note()
        return result

    def note(self) -> None:
        """Remember the content."""
        assert self._connection is not None
        watched, self.disk.before = self.disk.before, lambda _n, _kind: None
        ops = self.disk.ops
        self.states.append(content(self._connection))
        self.disk.ops, self.disk.before = ops, watched

    def begin(self) -> None:
        """Let the writer open the database, and note what it holds."""
        self.writer.submit(lambda tx: tx.one("SELECT 1 AS x")).result(60)
        self.note()

    def play(self, script: str) -> None:
        """Live through it."""
        play(self.stage, script)


def after_cut(disk: Disk, loss: str, chance: random.Random) -> tuple[bool, str]:
    """Start again on what a cut left: (is it sound, its content)."""
    again = Connection(disk.after_cut(loss, chance))
    (said,) = again.execute("PRAGMA integrity_check").fetchone()
    holds = content(again)
    again.close()
    return said == "ok", holds


@dataclass
class Cuts:
    """Cuts the power before some of the writes and syncs of a day that goes on unharmed."""

    day: Day
    every: int
    seed: int = 1
    found: list[Found] = field(default_factory=list)

    def watch(self) -> None:
        """From now on."""
        chance = random.Random(self.seed)
        busy = threading.Lock()

        def before(op: int, _kind: str) -> None:
            if op % self.every or not busy.acquire(blocking=False):
                return
            try:
                for loss in LOSSES:
                    sound, holds = after_cut(self.day.disk, loss, chance)
                    acknowledged = len(self.day.states) - 1
                    self.found.append(Found(op, loss, acknowledged, sound, holds))
            finally:
                busy.release()

        self.day.disk.before = before

    def lost(self) -> list[Found]:
        """Cuts after which something acknowledged was gone, or half a turn was there.

        A turn whose commit was under way may be there, but then as a whole.
        """
        states = self.day.states
        return [each for each in self.found if each.holds not in states[each.acknowledged :][:2]]
