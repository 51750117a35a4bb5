"""A backup is one ZIP file: the database of one moment as SQLite, the photos it names, and a list.

Whatever database it was made from, it goes back into SQLite or PostgreSQL (P9). Photos lie under
the hash of their bytes, so that each is checked by its own name.
"""

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from bot.clock import real_now
from bot.pictures.photo_store import PhotoStore, flush
from flows.facts import HOUR, Instant
from storage import copying, photos
from storage.db import StorageError, Store

FORMAT = 1
_LIST, _DATABASE = "doorstep.json", "doorstep.db"
_WORK = ".doorstep-backup-work-"
_NEW = "new.zip"
_FILES = {_NEW} | {f"{_DATABASE}{end}" for end in ("", "-journal", "-wal", "-shm")}
_PIECE = 1024 * 1024
_NEWER = "This backup was made by a newer Doorstep: restore it with that one."
Tell = Callable[[int, int], None]
"""Hears (done, total), of the rows and then of the photos."""


class BadBackup(Exception):
    """The file is no whole backup; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a backup holds: rows by table, photos, and photos whose bytes were not to be had."""

    made_at: Instant
    schema: str
    rows: Mapping[str, int]
    photos: int
    missing: list[str] = field(default_factory=list)
    bytes: int = 0
    aside: str = ""
    """Where the database of a newer program is kept, of which this took the place."""

    def as_json(self) -> dict[str, Any]:
        """As the list in the file, and the commands' --json."""
        return {
            "made_at": self.made_at, "schema": self.schema, "rows": dict(self.rows),
            "photos": self.photos, "photos_missing": self.missing, "bytes": self.bytes,
        }  # fmt: skip


def make(store: Store, pictures: PhotoStore, file: Path, now: Instant, tell: Tell) -> Held:
    """Write the backup beside, check it, then give it its name: OSError, StorageError."""
    with _folder(file.parent) as folder:
        copy, new = Path(folder) / _DATABASE, Path(folder) / _NEW
        rows = copying.snapshot(store, copy, tell)
        if wrong := copying.verify(copy):
            raise StorageError(f"the copy is not sound ({wrong})")
        with zipfile.ZipFile(_created(new), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(copy, _DATABASE)
            found, missing = asyncio.run(_pack(archive, Store(f"sqlite:///{copy}"), pictures, tell))
            held = Held(now, copying.schema_of(copy), rows, found, missing)
            digest = _digest(copy)
            listed = {"doorstep": FORMAT, "database_sha256": digest, **held.as_json()}
            archive.writestr(_LIST, json.dumps(listed, indent=2))
        flush(new)
        new.replace(file)
    flush(file.parent)
    size = file.stat().st_size
    return Held(held.made_at, held.schema, held.rows, held.photos, held.missing, size)


def _folder(where: Path | None) -> tempfile.TemporaryDirectory[str]:
    """A folder to work in; what a killed one left there a day ago goes: everybody's phones."""
    if where is not None:
        for left in where.glob(f"{_WORK}*"):
            with suppress(OSError):
                ours = {each.name for each in left.iterdir()} <= _FILES
                if ours and left.stat().st_mtime * 1000 < real_now() - 24 * HOUR:
                    shutil.rmtree(left)
    return tempfile.TemporaryDirectory(dir=where, prefix=_WORK)


def _created(path: Path) -> Path:
    """An empty file that only its owner may read: it will hold everybody's phones."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


async def _pack(
    archive: zipfile.ZipFile, copy: Store, pictures: PhotoStore, tell: Tell
) -> tuple[int, list[str]]:
    with copy.reading() as tx:
        paths = photos.paths(tx)
    missing = []
    for number, path in enumerate(paths, 1):
        try:
            data = await pictures.get(path)
        except FileNotFoundError:
            missing.append(path)
        else:
            archive.writestr(zipfile.ZipInfo(f"photos/{path}"), data)  # a photo is compressed
        tell(number, len(paths))
    return len(paths) - len(missing), missing


def restore(file: Path, target: Store, pictures: PhotoStore, tell: Tell, *, replace: bool) -> Held:
    """Bring a backup back: the whole file is checked first, photos go in before the rows (P7).

    Over what a newer program wrote it goes back as well, which keeps that beside it. BadBackup,
    StorageError; copying.InUse where the database may not be overwritten.
    """
    folder_of = file.parent if os.access(file.parent, os.W_OK) else None
    with _folder(folder_of) as folder:
        copy = Path(folder) / _DATABASE
        try:
            with zipfile.ZipFile(file) as archive:
                held = _listed(archive)
                _unpack(archive, copy)
                if _digest(copy) != held["database_sha256"] or copying.verify(copy):
                    raise BadBackup(f"{file} is damaged: take another backup.")
                _known_schema(copy)
                newer = replace and copying.newer(target)
                if newer:
                    copying.may_exchange(target)
                else:
                    copying.may_overwrite(target, replace=replace)
                count = asyncio.run(_unpack_photos(archive, pictures, tell))
        except (zipfile.BadZipFile, KeyError, ValueError, EOFError, NotImplementedError) as error:
            raise BadBackup(f"{file} is no whole backup ({error}): take another one.") from error
        source, aside = Store(f"sqlite:///{copy}"), ""
        if newer:
            rows, kept = copying.exchange(source, target, tell)
            aside = str(kept)
        else:
            rows = copying.copy(source, target, tell, replace=replace)
    missing = [str(path) for path in held["photos_missing"]]
    size = file.stat().st_size
    return Held(held["made_at"], held["schema"], rows, count, missing, size, aside)


def _known_schema(copy: Path) -> None:
    try:
        copying.schema_of(copy)
    except StorageError:
        raise BadBackup(_NEWER) from None


def _listed(archive: zipfile.ZipFile) -> dict[str, Any]:
    listed = json.loads(archive.read(_LIST))
    if not isinstance(listed, dict) or listed["doorstep"] != FORMAT:
        raise BadBackup(_NEWER)
    return listed


def _unpack(archive: zipfile.ZipFile, copy: Path) -> None:
    with archive.open(_DATABASE) as source, _created(copy).open("wb") as into:
        while piece := source.read(_PIECE):
            into.write(piece)


async def _unpack_photos(archive: zipfile.ZipFile, pictures: PhotoStore, tell: Tell) -> int:
    names = [name for name in archive.namelist() if name.startswith("photos/")]
    for number, name in enumerate(names, 1):
        data, path = archive.read(name), PurePosixPath(name)
        if hashlib.sha256(data).hexdigest() != path.stem:
            raise BadBackup(f"{name} in the backup is not what it was: take another backup.")
        await pictures.keep(data, "/".join(path.parts[1:]))
        tell(number, len(names))
    return len(names)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
