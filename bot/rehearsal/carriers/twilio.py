"""A strict Twilio REST server for one account, with simulated phones on the other side."""

import base64
import binascii
import contextlib
import hmac
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.rehearsal.carriers import twilio_products as products
from bot.rehearsal.carriers.faults import Fault, Faults, gateway_page, play
from bot.rehearsal.carriers.serving import serve
from bot.rehearsal.carriers.twilio_calls import ApiError, Call
from bot.rehearsal.carriers.twilio_delivery import Callbacks, Delivery
from bot.rehearsal.carriers.twilio_inbound import Inbound
from bot.rehearsal.carriers.twilio_phone import SmsPhone
from bot.rehearsal.carriers.twilio_rest import Rest
from bot.rehearsal.carriers.twilio_webhooks import Sent, Webhooks
from bot.rehearsal.carriers.twilio_world import API, Account, Listener, PhoneNumber, SmsMessage

VERBS = ["GET", "POST", "DELETE", "PUT", "PATCH"]


@dataclass(frozen=True)
class Exchange:
    """One request as it came in and its answer (status 0: dropped or hung by a fault)."""

    verb: str
    path: str
    query: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    status: int
    content_type: str
    body: bytes


class TwilioApi:
    """The server; `async with api.running() as base_url:` serves it and its media storage.

    now: the clock behind all dates, UTC. numbers: the account's own, E.164. services: messaging
    services, `MG…` → numbers. inbound_url, fallback_url: where the numbers' texts go (also set
    through the API); without one a text is only listed. regions: where To numbers may be.
    pace: real seconds between two statuses. time_scale: real seconds per second of the webhooks'
    time-outs. start: where the ids begin. violations: what only a wrong program does.
    """

    def __init__(  # noqa: PLR0913 - by name only, each with a default
        self,
        account_sid: str,
        auth_token: str,
        now: Callable[[], datetime],
        *,
        numbers: Sequence[str] = ("+18885550100",),
        services: dict[str, list[str]] | None = None,
        inbound_url: str = "",
        fallback_url: str = "",
        regions: Sequence[str] = ("US", "PR"),
        pace: float = 0.0,
        time_scale: float = 1.0,
        start: int = 1,
        faults: Faults | None = None,
    ) -> None:
        self.faults = faults if faults is not None else Faults()
        self.account = Account(account_sid, auth_token, now, start, services=services or {})
        for number in numbers:
            settings = {"sms_url": inbound_url, "sms_fallback_url": fallback_url}
            sid = self.account.new_sid("PN")
            self.account.numbers[number] = PhoneNumber(sid, number, now(), settings)
        self.webhooks = Webhooks(self.account, time_scale)
        self.delivery = Delivery(self.account, self.webhooks, pace)
        self.inbound = Inbound(self.account, self.webhooks)
        self.exchanges: deque[Exchange] = deque(maxlen=20_000)
        self.observers: list[Callable[[Exchange], None]] = []
        self._rest = Rest(self.account, self.delivery, frozenset(regions))
        self.app = Starlette(
            routes=[Route("/{path:path}", self._serve, methods=VERBS)],
        )
        self.storage = Starlette(
            routes=[Route("/{account}/{message}/{media}", self._serve_stored, methods=["GET"])]
        )

    @contextlib.asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[str]:
        """Serve both on 127.0.0.1 until the block ends; yields the API's base address."""
        async with serve(self.app, port) as base_url, serve(self.storage) as storage_url:
            self.account.base_url, self.account.storage_url = base_url, storage_url
            try:
                yield base_url
            finally:
                await self.delivery.tasks.close()
                await self.inbound.tasks.close()
                await self.webhooks.close()

    @property
    def base_url(self) -> str:
        """Where the API is served; "" before `running`."""
        return self.account.base_url

    @property
    def violations(self) -> list[str]:
        """What the bot did that a correct bot never does."""
        return self.account.violations

    @property
    def listeners(self) -> list[Listener]:
        """Told of every event of every phone: (number, {"type": message, sent, status, …})."""
        return self.account.listeners

    @property
    def messages(self) -> list[SmsMessage]:
        """All messages of the account in order of creation, both directions."""
        return list(self.account.messages.values())

    @property
    def callbacks(self) -> Callbacks:
        """How status callbacks misbehave; set its fields."""
        return self.delivery.callbacks

    @property
    def webhook_log(self) -> list[Sent]:
        """Every request to the bot, with its reply."""
        return self.webhooks.log

    def phone(self, number: str, writes_to: str | None = None) -> SmsPhone:
        """The phone with this number; it texts to the account's first number unless told."""
        target = writes_to or next(iter(self.account.numbers))
        return SmsPhone(self.account, self.inbound, number, target)

    def set_urls(self, inbound_url: str, fallback_url: str = "") -> None:
        """Point every number's texts at these addresses."""
        for number in self.account.numbers.values():
            number.settings |= {"sms_url": inbound_url, "sms_fallback_url": fallback_url}

    def redeliver(self, message: SmsMessage) -> None:
        """Call the webhook for an inbound text once more."""
        self.inbound.deliver(message)

    def hold(self) -> None:
        """Keep inbound webhooks back; the texts are listed all the same."""
        self.inbound.withheld = True

    def release(self, order: str = "arrived") -> None:
        """Call the webhooks held back: in order of arrival, or `reversed`."""
        self.inbound.release(order)

    def stall(self) -> None:
        """Let outgoing texts wait in Twilio's queue; what outlives its ValidityPeriod fails."""
        self.delivery.going.clear()

    def resume(self) -> None:
        """Send what waits."""
        self.delivery.going.set()

    async def settle(self) -> None:
        """Wait until every text under way is final and every webhook was tried."""
        await self.inbound.tasks.settle()
        await self.delivery.tasks.settle()

    async def _serve(self, request: Request) -> Response:
        form = await _form(request)
        query = tuple(request.query_params.multi_items())
        path = request.url.path
        done = False

        async def handle() -> Response:
            nonlocal done
            response = await self._answer(request, form)
            done = True
            self._record(request, query, form, response)
            return response

        name = path.rsplit("/", 1)[-1]
        if "/Media/" in path and not path.endswith(".json"):
            name = "Media"
        values = dict(form) | dict(query)
        fault = self.faults.take("twilio", f"{request.method} {name}", values.get("To"))
        response = await play(fault, handle, _fault_page)
        if not done:
            self._record(request, query, form, response if fault and fault.status else None)
        return response

    async def _answer(self, request: Request, form: tuple[tuple[str, str], ...]) -> Response:
        if not self._authorized(request):
            response = ApiError(401, 20003, "Authenticate").response()
            response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
            return response
        root = f"{API}/{self.account.sid}"
        path = request.url.path
        elsewhere = products.answer(
            self.account, Call(request.method, path, _values(request, form))
        )
        if elsewhere is not None:
            return elsewhere
        if not path.startswith(root) or path[len(root) : len(root) + 1] not in (".", "/"):
            text = f"The requested resource {path} was not found"
            return ApiError(404, 20404, text).response()
        call = Call(request.method, path[len(root) :], _values(request, form))
        return await self._rest.answer(call)

    def _authorized(self, request: Request) -> bool:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            said = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        wanted = f"{self.account.sid}:{self.account.token}".encode()
        return scheme.lower() == "basic" and hmac.compare_digest(said, wanted)

    async def _serve_stored(self, request: Request) -> Response:
        """The signed storage: it refuses credentials, which must not leave their host."""
        parts: dict[str, Any] = request.path_params
        if "Authorization" in request.headers:
            self.violations.append("credentials were sent to the media storage")
            return Response("Only one auth mechanism allowed", 400)
        if request.query_params.get("Signature") != self.account.signature(request.url.path):
            return Response("SignatureDoesNotMatch", 403)
        media = self.account.media(parts["message"], parts["media"])
        if media is None:
            return Response("NoSuchKey", 404)
        found = media

        async def handle() -> Response:
            return Response(found.content, media_type=found.content_type)

        return await play(self.faults.take("storage", "GET Media"), handle, _fault_page)

    def _record(
        self,
        request: Request,
        query: tuple[tuple[str, str], ...],
        form: tuple[tuple[str, str], ...],
        response: Response | None,
    ) -> None:
        exchange = Exchange(
            request.method,
            request.url.path,
            query,
            form,
            response.status_code if response else 0,
            response.headers.get("Content-Type", "") if response else "",
            bytes(response.body) if response else b"",
        )
        self.exchanges.append(exchange)
        for observer in self.observers:
            observer(exchange)


def _values(request: Request, form: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for key, value in (*request.query_params.multi_items(), *form):
        values.setdefault(key, []).append(value)
    return values


async def _form(request: Request) -> tuple[tuple[str, str], ...]:
    body = (await request.body()).decode()
    return tuple(parse_qsl(body, keep_blank_values=True))


def _fault_page(fault: Fault) -> Response:
    status = fault.status or 500
    if status == 429:
        response = ApiError(429, 20429, "Too Many Requests").response()
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response
    if status >= 500:
        return gateway_page(status)
    return ApiError(status, 20001, "scripted fault").response()
