"""Photos as they may be shown: copies without anything but the picture (P7), small or large."""

import asyncio
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
_HEADERS = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}


class Pictures:
    """Serves them to whoever may see the job."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def large(self, request: Request) -> Response:
        """The picture, upright, at most 2048 pixels a side."""
        return await self._answer(request, "photo")

    async def small(self, request: Request) -> Response:
        """A thumbnail."""
        copy = await self._copy(request, "photo.small")
        return _jpeg(await asyncio.to_thread(_shrunk, copy))

    async def _answer(self, request: Request, route: str) -> Response:
        return _jpeg(await self._copy(request, route))

    async def _copy(self, request: Request, route: str) -> bytes:
        path = await self._gate.allowed(request, route, _path)
        try:
            return await copy_for_sending(await self._gate.services.photos.get(path))
        except (OSError, PictureError):
            raise NotYours from None


def _path(ask: Ask) -> str:
    return str(ask.subject["path"])


def _shrunk(data: bytes) -> bytes:
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    image.draft("RGB", (SMALL, SMALL))
    image.thumbnail((SMALL, SMALL))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _jpeg(data: bytes) -> Response:
    return Response(data, media_type="image/jpeg", headers=_HEADERS)
