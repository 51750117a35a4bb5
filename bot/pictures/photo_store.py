"""Where photos' bytes lie: a folder or an S3 bucket, each under the hash of its bytes (P7).

A name says nothing of a person (S7). `put` returns when the bytes would survive a power cut.
"""

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/heif": ".heic",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
}
_PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}(\.\w{3,4})?")


class PhotoStore(Protocol):
    """Keeps bytes under a path relative to itself."""

    async def put(self, data: bytes, mime: str) -> tuple[str, str]:
        """Keep them durably; (path, SHA-256). OSError if that cannot be done now."""
        ...

    async def keep(self, data: bytes, path: str) -> None:
        """Keep bytes again under the path that `put` once gave them (a backup's)."""
        ...

    async def get(self, path: str) -> bytes:
        """The bytes; OSError (FileNotFoundError where there are none)."""
        ...

    async def delete(self, path: str) -> None:
        """Forget them; no error where there are none."""
        ...

    async def check(self) -> None:
        """Whether it can be written; OSError."""
        ...


def open_store(setting: str, endpoint: str = "") -> PhotoStore:
    """The store of PHOTO_STORE: `file:folder` or `s3://bucket/prefix` (at `endpoint`)."""
    if setting.startswith("file:"):
        return Folder(Path(setting.removeprefix("file:")))
    from bot.pictures.bucket import Bucket  # noqa: PLC0415 - 4 MB that only a bucket needs

    return Bucket(setting, endpoint)


def place(data: bytes, mime: str) -> tuple[str, str]:
    """The path and the SHA-256 of these bytes."""
    digest = hashlib.sha256(data).hexdigest()
    return f"{digest[:2]}/{digest}{SUFFIXES.get(mime, '')}", digest


def checked(path: str) -> str:
    """A path as `put` made it: nothing else is ever opened."""
    if not _PATH.fullmatch(path):
        raise FileNotFoundError("this is no path of the photo store")
    return path


class Folder:
    """A folder of this machine; files can be read by its owner only."""

    def __init__(self, root: Path) -> None:
        self.root = root

    async def put(self, data: bytes, mime: str) -> tuple[str, str]:
        """Write beside, flush, rename, flush the folder: a name never stands for half a photo."""
        path, digest = place(data, mime)
        await self.keep(data, path)
        return path, digest

    async def keep(self, data: bytes, path: str) -> None:
        """The same under a path that is known."""
        await asyncio.to_thread(self._write, self.root / checked(path), data)

    async def get(self, path: str) -> bytes:
        """The bytes; OSError."""
        return await asyncio.to_thread((self.root / checked(path)).read_bytes)

    async def delete(self, path: str) -> None:
        """Forget them."""
        await asyncio.to_thread((self.root / checked(path)).unlink, missing_ok=True)

    async def check(self) -> None:
        """Write a file and remove it; OSError."""
        await asyncio.to_thread(self._try)

    def _write(self, target: Path, data: bytes) -> None:
        if target.exists() and target.stat().st_size == len(data):
            flush(target.parent)  # the same bytes under their hash: whoever wrote them
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(target)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        for folder in (target.parent, target.parent.parent):
            flush(folder)

    def _try(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.root, prefix=".try-") as file:
            file.write(b"doorstep")
            file.flush()
            os.fsync(file.fileno())


def flush(path: Path) -> None:
    """Let a file's bytes, or a folder's names, be on the disk when this returns (P7)."""
    if os.name == "nt" and path.is_dir():
        return  # a folder cannot be opened there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
