"""Signed links to a form, for texts: 24 hours, nothing personal in them, nothing kept (S3, S7)."""

import hashlib
import hmac
import json
import logging
import secrets
import struct
from base64 import b32decode, b32encode
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.context import Context
from bot.papers.making import order, printed
from flows.facts import HOUR, MINUTE, Instant
from storage import kept
from storage.db import StorageError, Store, Tx

VALID_FOR = 24 * HOUR
PATH = "/f/"
_TICK = 10 * MINUTE
"""A link ends at a full ten minutes: its end takes three bytes."""
_FACTS = ">IIBH"
_KEY = "form_links"
_SEAL = 9
"""Bytes of the signature, 72 bits; with the facts they are 32 letters without padding."""
_log = logging.getLogger(__name__)


class Grant(NamedTuple):
    """What a link opens: the form of a visit for its technician; job 0 is the blank pad."""

    job: int
    person: int


def prepare(tx: Tx, public_url: str) -> None:
    """At the start: keep where links lead ("" for nowhere); once, make the secret that signs."""
    stored = json.loads(kept.get(tx, _KEY) or "{}")
    secret = stored.get("secret") or secrets.token_hex(32)
    fresh = {"secret": secret, "base": public_url}
    if stored != fresh:
        kept.put(tx, _KEY, json.dumps(fresh))


def public_url(tx: Tx) -> str:
    """Where people reach our pages; "" for nowhere (no PUBLIC_URL)."""
    return str(json.loads(kept.get(tx, _KEY) or "{}").get("base", ""))


def link(tx: Tx, grant: Grant, now: Instant) -> str:
    """An address that opens this for 24 hours; "" where nobody can reach us (no PUBLIC_URL)."""
    stored = json.loads(kept.get(tx, _KEY) or "{}")
    if not stored.get("base"):
        return ""
    end = (now + VALID_FOR) // _TICK
    facts = struct.pack(_FACTS, grant.job, grant.person, end >> 16, end & 0xFFFF)
    token = b32encode(facts + _seal(stored["secret"], facts)).decode().lower()
    return f"{stored['base']}{PATH}{token}"


def opened(tx: Tx, token: str, now: Instant) -> Grant | None:
    """What a link's last part opens; None for a wrong, an altered and an old one alike."""
    stored = json.loads(kept.get(tx, _KEY) or "{}")
    size = struct.calcsize(_FACTS) + _SEAL
    if not stored or len(token) != size * 8 // 5:
        return None
    try:
        raw = b32decode(token.upper())
    except ValueError:
        return None
    facts, seal = raw[:-_SEAL], raw[-_SEAL:]
    if not hmac.compare_digest(seal, _seal(stored["secret"], facts)):
        return None
    job, person, high, low = struct.unpack(_FACTS, facts)
    return Grant(job, person) if now < (high << 16 | low) * _TICK else None


def _seal(secret: str, facts: bytes) -> bytes:
    return hmac.digest(bytes.fromhex(secret), b"form" + facts, hashlib.sha256)[:_SEAL]


def form_routes(store: Store, context: Context, clock: Clock) -> list[Route]:
    """`GET /f/<token>`: the PDF; whatever is wrong, the answer of a page that is not there."""

    def found(token: str) -> Callable[[], bytes] | None:
        now = clock.now()
        with store.reading() as tx:
            grant = opened(tx, token, now)
            if grant is None:
                return None
            document = {"paper": "form" if grant.job else "pad", **grant._asdict()}
            return order(tx, context, document, now)

    def made(token: str) -> bytes | None:
        printed = found(token)
        return printed() if printed else None

    async def answer(request: Request) -> Response:
        try:
            data = await printed(partial(made, request.path_params["token"]))
        except StorageError as error:
            _log.warning("a form: %s", error)
            return PlainTextResponse("try again\n", 503, headers={"Retry-After": "5"})
        if data is None:
            raise HTTPException(404)
        headers = {"X-Robots-Tag": "noindex"}
        headers["Content-Disposition"] = 'inline; filename="manual-pos.pdf"'
        return Response(data, media_type="application/pdf", headers=headers)

    return [Route(f"{PATH}{{token}}", answer, methods=["GET"])]
