"""`/u/<token>`: the page on which a photo is sent where texts carry none; any phone, no script.

The picture's bytes are durable before the link is used up, and it comes in through the one door as
any other photo does (P1, P7). Sizes are limited before anything is decoded (S6).
"""

import base64
import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Message

from bot.clock import Clock
from bot.incoming import Incoming, PhotoRef
from bot.pictures import images
from bot.pictures.photo_store import PhotoStore
from bot.turns import by_link
from bot.turns.door import Receipt
from bot.wires.commit import commit
from storage.db import Store, Tx, Writer

MOST_BODY = images.MOST_BYTES + 64 * 1024
"""Bytes of a form with one picture in it."""
ACCOUNT = "upload"
"""In the inbox, in place of a provider's account."""
_STYLE = (
    ":root{color-scheme:light dark}body{font:1.1em/1.5 sans-serif;max-width:30em;margin:2em auto;"
    "padding:0 1em}input,button{font:inherit;display:block;width:100%;box-sizing:border-box;"
    "margin:1em 0;padding:.8em}::file-selector-button{padding:.7em 1em}"
    "button{background:#0b57d0;color:#fff;border:0;border-radius:.4em}"
)
_ALLOWED = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_ALLOWED}';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex",
}


class _Refused(Exception):
    """The page says why and asks once more; the link stays good."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


class _TooLong(Exception):
    """More bytes than a form with one picture has."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """What the page needs; `receive` is the one door's, `committed` wakes who fetches photos."""

    store: Store
    writer: Writer
    clock: Clock
    photos: PhotoStore
    receive: Callable[[Tx, Incoming], Receipt]
    committed: Callable[[], None]

    def routes(self) -> list[Route]:
        """`GET` shows the form and uses nothing up: phones look at links by themselves."""
        return [
            Route(f"{by_link.PATH}{{token}}", self.form, methods=["GET"]),
            Route(f"{by_link.PATH}{{token}}", self.take, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The form, or that the link is over."""
        known = await self._known(request.path_params["token"])
        return _page("Send the photo", _FORM) if known else _over()

    async def take(self, request: Request) -> Response:
        """One picture: checked, durable, then in through the door; the link is used up."""
        token = request.path_params["token"]
        if not await self._known(token):
            return _over()
        try:
            ref = await self._kept(request)
        except _Refused as refused:
            return _page("Once more, please", f"<p>{refused}</p>{_FORM}", refused.status)
        if not await commit(self.writer, partial(self._arrived, token, ref)):
            return _over()
        self.committed()
        return _page("Thank you", "<p>The photo is here. Close this page: I text you.</p>")

    async def _kept(self, request: Request) -> PhotoRef:
        """The picture of a form, looked at and durable; _Refused."""
        try:
            data = await _picture(request)
            facts = await images.inspect(data)
            path, _ = await self.photos.put(data, facts.mime)
        except (_TooLong, images.TooBig):
            raise _Refused(413, "That photo is too big: 20 MB at most.") from None
        except images.Unreadable:
            raise _Refused(415, "That cannot be opened as a photo. Take one, then send.") from None
        except OSError:
            raise _Refused(503, "It cannot be kept just now. Try again in a minute.") from None
        return PhotoRef({"stored": path}, facts.mime, len(data))

    def _arrived(self, token: str, ref: PhotoRef, tx: Tx) -> bool:
        now = self.clock.now()
        number = by_link.use(tx, token, now)
        if number is None:
            return False
        key = hashlib.sha256(token.encode()).hexdigest()
        ref = replace(ref, source={**ref.source, by_link.JOB: number["job_id"]})
        incoming = Incoming("sms", ACCOUNT, key, number["address"], now, now, photos=(ref,))
        self.receive(tx, incoming)
        return True

    async def _known(self, token: str) -> bool:
        now = self.clock.now()
        return await commit(self.writer, lambda tx: by_link.opened(tx, token, now) is not None)


_FORM = (
    '<form method="post" enctype="multipart/form-data">'
    '<label>Take or choose one photo<input type="file" name="photo" accept="image/*" required>'
    "</label><button>Send the photo</button></form><p>The link works once.</p>"
)


async def _picture(request: Request) -> bytes:
    """The first file of the form, b"" where there is none; _TooLong."""
    read = 0

    async def receive() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > MOST_BODY:
            raise _TooLong
        return message

    try:
        form: Any
        async with Request(request.scope, receive).form(max_files=1, max_fields=5) as form:
            files = [each for each in form.values() if isinstance(each, UploadFile)]
            return await files[0].read() if files else b""
    except HTTPException:  # what starlette makes of a form that it cannot read
        return b""


def _page(title: str, body: str, status: int = 200) -> Response:
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style>"
        f"<main><h1>{html.escape(title)}</h1>{body}</main></html>"
    )
    return HTMLResponse(text, status, headers=_HEADERS)


def _over() -> Response:
    said = "This link was used or is over. Text WHERE and you get a new one."
    return _page("Not valid", f"<p>{said}</p>", 404)
