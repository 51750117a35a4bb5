"""Photos for a paper: proved against their hash, stripped, small enough for all to be mailed."""

import asyncio
import hashlib
import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from bot.pictures import images
from storage.db import Row

ROOM = 8_000_000
"""Bytes that all photos of a packet may take together; the paper itself is far below 1 MB."""
LARGEST = 700_000
SMALLEST = 20_000
_SIDES = (1600, 1200, 900, 640, 400, 240)
_QUALITY = 72
_PROVED = "The stored bytes match this hash."
_FORGED = "The stored bytes DO NOT MATCH this hash."
_GONE = "The stored bytes cannot be read now: no copy can be shown."
_NO_PICTURE = "They cannot be shown as a picture."


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A photo as shown: a JPEG copy or None; `genuine` says that the bytes are those received."""

    copy: bytes | None
    genuine: bool
    verdict: str


async def exhibits(
    rows: Sequence[Row], read: Callable[[str], Awaitable[bytes]]
) -> dict[int, Exhibit]:
    """The photos of these rows by id; one that cannot be read is said, never left out."""
    budget = max(SMALLEST, min(LARGEST, ROOM // max(1, len(rows))))
    return {row["id"]: await _exhibit(row, read, budget) for row in rows}


async def _exhibit(row: Row, read: Callable[[str], Awaitable[bytes]], budget: int) -> Exhibit:
    try:
        data = await read(row["path"])
    except OSError:
        return Exhibit(None, genuine=False, verdict=_GONE)
    genuine = hashlib.sha256(data).hexdigest() == row["sha256"]
    proved = _PROVED if genuine else _FORGED
    try:
        stripped = await images.copy_for_sending(data)
        return Exhibit(await asyncio.to_thread(_within, stripped, budget), genuine, proved)
    except images.PictureError:
        return Exhibit(None, genuine, f"{proved} {_NO_PICTURE}")


def _within(jpeg: bytes, budget: int) -> bytes:
    """The picture in at most so many bytes, as large as that allows."""
    with Image.open(io.BytesIO(jpeg)) as image:
        image.load()
        copies = (_smaller(image, side) for side in _SIDES)
        return next((copy for copy in copies if len(copy) <= budget), None) or _smaller(image, 160)


def _smaller(image: Image.Image, side: int) -> bytes:
    small, out = image.copy(), io.BytesIO()
    small.thumbnail((side, side))
    small.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
