"""A disk in memory under SQLite (a VFS of apsw): it can lose its power or fail at any write or sync.

What is written is in the page cache until it is synced. apsw gives a custom VFS no shared memory,
so the log runs with locking_mode=EXCLUSIVE: the same writes and syncs, one connection.
"""

import random
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import apsw

Op = tuple[str, int, bytes]
LOSSES = ("all", "none", "some")
"""What becomes of unsynced writes: all are lost, none is, or a part in any order, one of them torn."""
_names = count(1)


def _apply(content: bytearray, op: Op) -> None:
    kind, offset, data = op
    if kind == "cut":
        del content[offset:]
    if len(content) < offset:
        content.extend(b"\0" * (offset - len(content)))
    if kind == "write":
        content[offset : offset + len(data)] = data


class Disk:
    """`files` would survive a power cut; `pending` is what only the page cache holds.

    `before` is called ahead of each write, truncation and sync, with its number and kind.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files, self.pending = dict(files), dict[str, list[Op]]()
        self.ops = 0
        self.before: Callable[[int, str], None] = lambda _n, _kind: None

    def step(self, kind: str) -> None:
        self.ops += 1
        self.before(self.ops, kind)

    def after_cut(self, loss: str, chance: random.Random) -> "Disk":
        """The disk as the next start would find it."""
        left = dict(self.files)
        for name, ops in self.pending.items():
            content = bytearray(left.get(name, b""))
            torn = chance.randrange(len(ops)) if ops else -1
            for number, op in enumerate(ops):
                if loss == "none" or (loss == "some" and chance.random() < 0.5):
                    _apply(content, op)
                elif loss == "some" and number == torn:
                    kind, offset, data = op
                    _apply(content, (kind, offset, data[: len(data) // 2 // 512 * 512]))
            left[name] = bytes(content)
        return Disk(left)


class _File:
    """An open file; what apsw needs of one."""

    def __init__(self, vfs: "_Vfs", name: str) -> None:
        self._vfs, self._name = vfs, name
        disk = self._disk = vfs.disk
        self._now = bytearray(disk.files.get(name, b""))
        for op in disk.pending.get(name, []):
            _apply(self._now, op)

    def _note(self, kind: str, op: Op) -> None:
        if self._vfs.gone:
            return
        self._disk.step(kind)
        self._disk.pending.setdefault(self._name, []).append(op)
        _apply(self._now, op)

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._now[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._note("write", ("write", offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._note("write", ("cut", size, b""))

    def xSync(self, flags: int) -> None:
        if self._vfs.gone:
            return
        self._disk.step("sync")
        content = bytearray(self._disk.files.get(self._name, b""))
        for op in self._disk.pending.pop(self._name, []):
            _apply(content, op)
        self._disk.files[self._name] = bytes(content)

    def xFileSize(self) -> int:
        return len(self._now)

    def xClose(self) -> None: ...

    def xLock(self, level: int) -> None: ...

    def xUnlock(self, level: int) -> None: ...

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 512

    def xDeviceCharacteristics(self) -> int:
        return 0


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk, self.name, self.gone = disk, f"disk{next(_names)}", False
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        path = name.filename() if isinstance(name, apsw.URIFilename) else (name or "temporary")
        self.disk.files.setdefault(Path(path).name, b"")
        flags[1] = flags[0]
        return _File(self, Path(path).name)

    def xDelete(self, name: str, syncdir: bool) -> None:
        if self.gone:
            return
        self.disk.files.pop(Path(name).name, None)
        self.disk.pending.pop(Path(name).name, None)

    def xAccess(self, name: str, flags: int) -> bool:
        return Path(name).name in self.disk.files

    def xFullPathname(self, name: str) -> str:
        return name

    def xRandomness(self, amount: int) -> bytes:
        return random.randbytes(amount)

    def xSleep(self, microseconds: int) -> int:
        return microseconds

    def xCurrentTime(self) -> float:
        return 2_461_000.5

    def xGetLastError(self) -> tuple[int, str]:
        return 0, ""


class _Cursor:
    """sqlite3's cursor, as far as storage uses it."""

    def __init__(
        self, rows: list[Any], rowcount: int, lastrowid: int = 0, description: Any = ()
    ) -> None:
        self._rows, self.rowcount, self.lastrowid = rows, rowcount, lastrowid
        self.description = description

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows


class Connection:
    """What `sqlite3.connect` would give, on a disk of ours; the log is checkpointed often."""

    def __init__(self, disk: Disk, name: str = "doorstep.db", *, synchronous: str = "") -> None:
        self._synchronous = synchronous
        self._vfs = _Vfs(disk)
        self._open = apsw.Connection(name, vfs=self._vfs.name)
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "wal_autocheckpoint=60"):
            self._open.execute(f"PRAGMA {pragma}").fetchall()

    @property
    def in_transaction(self) -> bool:
        return self._open.in_transaction

    def execute(self, sql: str, params: Any = ()) -> _Cursor:
        if self._synchronous and sql.startswith("PRAGMA synchronous"):
            sql = f"PRAGMA synchronous={self._synchronous}"
        names: Any = ()

        def trace(cursor: Any, row: Any) -> Any:
            nonlocal names
            names = names or cursor.get_description()
            return row

        self._open.row_trace = trace
        try:
            before = self._open.total_changes()
            rows = list(self._open.execute(sql, params))
            changed = self._open.total_changes() - before
            return _Cursor(rows, changed, self._open.last_insert_rowid(), names)
        except apsw.Error as error:
            raise sqlite3.OperationalError(_plain(error)) from error

    def executemany(self, sql: str, rows: Iterable[Any]) -> _Cursor:
        try:
            before = self._open.total_changes()
            for row in rows:
                self._open.execute(sql, row).fetchall()
            return _Cursor([], self._open.total_changes() - before)
        except apsw.Error as error:
            raise sqlite3.OperationalError(_plain(error)) from error

    def close(self) -> None:
        """Let the disk be as it is from now on: closing in earnest would write."""
        self._vfs.gone = True


def _plain(error: apsw.Error) -> str:
    """SQLite's own words, which the sqlite3 module gives."""
    return {
        apsw.FullError: "database or disk is full",
        apsw.IOError: "disk I/O error",
        apsw.ReadOnlyError: "attempt to write a readonly database",
    }.get(type(error), str(error))
