"""Where photos lie: durable before they are named, under their hash, in a folder or a bucket."""

import hashlib
import os
import stat
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from bot.pictures.bucket import Bucket
from bot.pictures.photo_store import Folder, PhotoStore, open_store

DATA = b"\xff\xd8 a picture"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    if request.param == "folder":
        return Folder(tmp_path)
    bucket = Bucket("s3://photos/doorstep", "http://127.0.0.1:9")
    bucket._store = MemoryStore()  # type: ignore[assignment]
    return bucket


async def test_what_is_put_can_be_had_under_the_hash_of_its_bytes(store: PhotoStore) -> None:
    path, digest = await store.put(DATA, "image/jpeg")
    again, _ = await store.put(DATA, "image/jpeg")

    assert (path, digest) == (f"{DIGEST[:2]}/{DIGEST}.jpg", DIGEST)
    assert again == path
    assert await store.get(path) == DATA
    await store.check()


async def test_what_is_deleted_is_gone(store: PhotoStore) -> None:
    path, _ = await store.put(DATA, "image/png")
    await store.delete(path)
    await store.delete(path)

    with pytest.raises(FileNotFoundError):
        await store.get(path)


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "ab/../../x", "", "ab/x.jpg"])
async def test_s6_no_other_file_is_ever_opened(store: PhotoStore, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        await store.get(path)


async def test_p7_bytes_are_flushed_before_the_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    flush, rename = os.fsync, Path.replace

    def fsync(handle: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        flush(handle)

    def replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    path, _ = await Folder(tmp_path).put(DATA, "image/jpeg")

    assert steps == ["file", "rename", "folder", "folder"]
    assert stat.S_IMODE((tmp_path / path).stat().st_mode) == 0o600


def test_a_setting_names_the_store(tmp_path: Path) -> None:
    folder = open_store(f"file:{tmp_path}")

    assert isinstance(folder, Folder)
    assert folder.root == tmp_path
    assert isinstance(open_store("s3://photos/x", "http://127.0.0.1:9"), Bucket)
