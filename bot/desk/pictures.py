"""Photos as they may be shown: copies without anything but the picture (P7), small or large."""

import asyncio
import hashlib
import io

from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from bot.desk.asking import Ask
from bot.desk.gate import Gate
from bot.desk.rights import NotYours
from bot.pictures.images import PictureError, copy_for_sending

SMALL = 320
"""Pixels of the longer side."""
_HEADERS = {"Cache-Control": "private, no-cache", "Content-Disposition": "inline"}
"""A browser may keep it and asks each time whether it may show it still: whoever signs in there
next, or has lost a right, sees it no more (S3)."""


class Pictures:
    """Serves them to whoever may see the job."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def large(self, request: Request) -> Response:
        """The picture, upright, at most 2048 pixels a side."""
        return await self._answer(request, "photo")

    async def small(self, request: Request) -> Response:
        """A thumbnail."""
        return await self._answer(request, "photo.small")

    async def _answer(self, request: Request, route: str) -> Response:
        path = await self._gate.allowed(request, route, _path)
        tag = f'"{hashlib.sha256(f"{route} {path}".encode()).hexdigest()[:20]}"'
        headers = _HEADERS | {"ETag": tag}
        if request.headers.get("if-none-match", "") == tag:
            return Response(status_code=304, headers=headers)
        try:
            copy = await copy_for_sending(await self._gate.services.photos.get(path))
        except (OSError, PictureError):
            raise NotYours from None
        if route == "photo.small":
            copy = await asyncio.to_thread(_shrunk, copy)
        return Response(copy, media_type="image/jpeg", headers=headers)


def _path(ask: Ask) -> str:
    return str(ask.subject["path"])


def _shrunk(data: bytes) -> bytes:
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    image.draft("RGB", (SMALL, SMALL))
    image.thumbnail((SMALL, SMALL))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
