"""What the carriers' tests share: a clock to push, pictures, each server with its real client."""

import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot
from telegram.request import HTTPXRequest
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.calling import http_client, tls
from bot.rehearsal.carriers.serving import serve
from bot.rehearsal.carriers.twilio import TwilioApi
from tests.carriers.judges import BotApiJudge, TwilioJudge, judge_botapi, judge_twilio

TOKEN = "4242:test-token"
SID, SECRET = "AC" + "a" * 32, "test-secret"
OURS, THEIRS = "+18885550100", "+12125550101"


@dataclass
class Clock:
    """Business time that a test pushes by hand."""

    at: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def push(self, **span: float) -> None:
        """Move on by a timedelta's words."""
        self.at += timedelta(**span)


def picture(width: int = 64, height: int = 48, *, gps: bool = False) -> bytes:
    """A JPEG, with a position in its EXIF when `gps`."""
    out = io.BytesIO()
    exif = Image.Exif()
    if gps:
        exif.get_ifd(0x8825)[1] = "N"
        exif[0x010F] = "maker"
    Image.new("RGB", (width, height), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


@dataclass
class Telegram:
    """A Bot API server, its clock, its judge and python-telegram-bot's Bot."""

    api: BotApi
    bot: Bot
    clock: Clock
    judge: BotApiJudge
    http: httpx.AsyncClient

    async def raw(self, method: str, **params: Any) -> httpx.Response:
        """A call as JSON without a library, to see the answer as it is."""
        return await self.http.post(f"{self.api.base_url}/bot{TOKEN}/{method}", json=params)


@contextlib.asynccontextmanager
async def telegram(**options: Any) -> AsyncIterator[Telegram]:
    """The server with the real client; the judge must be content at the end, unless `judged`."""
    judged = options.pop("judged", True)
    clock = Clock()
    api = BotApi(TOKEN, "doorstep_bot", clock, **options)
    judge = judge_botapi(api)
    async with api.running() as base_url:
        bot = Bot(
            TOKEN,
            base_url=f"{base_url}/bot",
            base_file_url=f"{base_url}/file/bot",
            request=HTTPXRequest(httpx_kwargs={"verify": tls()}),
            get_updates_request=HTTPXRequest(httpx_kwargs={"verify": tls()}),
        )
        async with bot, http_client() as http:
            yield Telegram(api, bot, clock, judge, http)
    if judged:
        judge.assert_clean()


@dataclass
class Twilio:
    """A Twilio server, its clock, its judge and Twilio's own client (synchronous)."""

    api: TwilioApi
    client: Client
    clock: Clock
    judge: TwilioJudge


@contextlib.asynccontextmanager
async def twilio(**options: Any) -> AsyncIterator[Twilio]:
    """The server with the real client; the judge must be content at the end, unless `judged`."""
    judged = options.pop("judged", True)
    clock = Clock()
    api = TwilioApi(SID, SECRET, clock, numbers=(OURS,), **options)
    judge = judge_twilio(api)
    async with api.running() as base_url:
        http = TwilioHttpClient(timeout=5, pool_connections=False)
        client = Client(SID, SECRET, http_client=http)
        client.api.base_url = base_url
        yield Twilio(api, client, clock, judge)
    if judged:
        judge.assert_clean()


@dataclass
class Hook:
    """A web server that receives webhooks: what came, and what it answers (the last repeats)."""

    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=lambda: [Response()])
    paths: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        """Keep the request, give the next answer."""
        self.requests.append((dict(request.headers), await request.body()))
        self.paths.append(str(request.url))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextlib.asynccontextmanager
async def hook() -> AsyncIterator[Hook]:
    """A webhook receiver on the loopback."""
    receiver = Hook()
    app = Starlette(routes=[Route("/{path:path}", receiver.answer, methods=["POST", "GET"])])
    async with serve(app) as receiver.url:
        yield receiver
