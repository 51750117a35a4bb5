"""A form as it comes, and what goes back: acted on once, with a sentence for the next page."""

import json
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk.asking import MovedOn, Sent, Went
from bot.desk.rights import Visitor
from bot.turns import signing_in
from flows.facts import Instant
from storage import inbox
from storage.db import Tx

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
SAID = "desk-said"
"""The cookie that carries a sentence to the next page."""
LONGEST = 400
"""Characters of that sentence: a cookie has little room."""


def number_of(typed: str) -> int | None:
    """A row's id as a form or an address has it; None where it is none."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None


class Again(Exception):
    """This very form was sent before."""


def once(
    tx: Tx, request: Request, visitor: Visitor, route: str, form: Mapping[str, str], now: Instant
) -> None:  # fmt: skip
    """Keep the act like any update from outside; Again if it is known (P2)."""
    key = form.get("key", "")
    if not _KEY.fullmatch(key):
        raise MovedOn("This form is not complete. Nothing was done.")
    kept = {name: text for name, text in form.items() if name not in ("csrf", "key")}
    payload = json.dumps({"route": route, "path": request.url.path, "form": kept})
    row = inbox.add(
        tx, channel="desk", account=str(visitor.person["id"]), key=key,
        person_id=visitor.person["id"], received_at=now, payload=payload,
    )  # fmt: skip
    if row is None:
        raise Again


async def parts_of(form: FormData) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """Its texts, and its files as (name, bytes)."""
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    uploads = {
        name: (value.filename or "", await value.read())
        for name, value in form.items()
        if isinstance(value, UploadFile)
    }
    return texts, uploads


def path_of(request: Request) -> dict[str, int]:
    """The numbers in the path."""
    return {name: value for name, value in request.path_params.items() if isinstance(value, int)}


def is_short(request: Request, most: int) -> bool:
    """Whether the body says that it is no longer than that."""
    length = request.headers.get("content-length", "")
    return length.isdecimal() and int(length) <= most


def client_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def back_to(request: Request) -> str:
    """The page that the form stood on, if it was one of ours."""
    try:
        parts = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/desk/"
    if not parts.path.startswith("/desk/") or parts.path.startswith(signing_in.PATH):
        return "/desk/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def redirect(went: Went, wrong: str = "", *, secure: bool) -> Response:
    """On to the next page, with what it says there; `secure`: the desk is behind https (S4)."""
    response = RedirectResponse(went.to, 303)
    if went.said or wrong:
        words = quote(json.dumps([went.said[:LONGEST], wrong[:LONGEST]]))
        response.set_cookie(
            SAID, words, max_age=60, path="/desk", secure=secure, httponly=True, samesite="lax"
        )
    return response


def unpacked(cookie: str) -> tuple[str, str]:
    """(what was done, what went wrong) of the cookie."""
    try:
        said, wrong = json.loads(unquote(cookie)) if cookie else ("", "")
    except (ValueError, TypeError, RecursionError):
        return "", ""
    return str(said)[:LONGEST], str(wrong)[:LONGEST]


def bytes_of(sent: Sent) -> Response:
    """Bytes to look at or to save."""
    headers = {}
    if sent.name:
        headers["Content-Disposition"] = f'attachment; filename="{sent.name}"'
    return Response(sent.data, media_type=sent.kind, headers=headers)
