"""The HTTP side: webhooks of Telegram and Twilio, health and metrics; others mount their pages."""

import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.datastructures import ImmutableMultiDict, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.channels import sms_messages, telegram_updates
from bot.wires.commit import commit
from bot.wires.outcomes import Door, report
from bot.wires.receiving import Presses, Receiver
from storage.db import StorageError, Writer

_log = logging.getLogger(__name__)
MOST_BODY = 1024 * 1024
"""Bytes of a webhook's body; Telegram's largest update is far smaller."""
_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
Check = Callable[[], Awaitable[str]]
"""What is wrong, in a few words; "" if nothing is."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure of /metrics; `kind` is counter or gauge."""

    name: str
    help: str
    kind: str
    value: float
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TelegramHook:
    """Where Telegram posts: the bot's id, the secret of its header, what answers presses."""

    account: str
    secret: str
    presses: Presses


@dataclass(frozen=True, slots=True)
class TwilioHook:
    """Where Twilio posts: the token that signs, the public address, who hears of failures."""

    auth_token: str
    public_url: str
    door: Door


class TooLong(Exception):
    """The body is longer than any provider's."""


def build_web(  # noqa: PLR0913 - by name
    writer: Writer,
    receiver: Receiver,
    *,
    telegram: TelegramHook | None = None,
    twilio: TwilioHook | None = None,
    checks: Mapping[str, Check] | None = None,
    metrics: Callable[[], Awaitable[Iterable[Sample]]] | None = None,
    routes: Sequence[BaseRoute] = (),
    lifespan: Callable[[Any], AbstractAsyncContextManager[Any]] | None = None,
) -> ASGIApp:
    """The application; `routes` are the pages of others."""
    ours: list[BaseRoute] = [
        Route("/healthz", _alive, methods=["GET"]),
        Route("/readyz", _Ready(checks or {}).answer, methods=["GET"]),
        Route("/metrics", _Metrics(metrics).answer, methods=["GET"]),
    ]
    if telegram is not None:
        ours.append(_post("/telegram/webhook", _TelegramWebhook(receiver, telegram).answer))
    if twilio is not None:
        hooks = _TwilioWebhooks(writer, receiver, twilio)
        ours.append(_post("/twilio/inbound", hooks.inbound))
        ours.append(_post("/twilio/status", hooks.status))
    secure = twilio is not None and twilio.public_url.startswith("https:")
    app = Starlette(routes=[*ours, *routes], lifespan=lifespan)
    # It would send whoever typed one slash too many to the host that the request names.
    app.router.redirect_slashes = False
    return SecurityHeaders(app, secure=secure)


Endpoint = Callable[[Request], Awaitable[Response]]


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok\n")


def _post(path: str, endpoint: Endpoint) -> Route:
    """A webhook: a database that is down is answered 503, and the provider tries again."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except StorageError as error:
            _log.warning("%s: %s", path, error)
            return PlainTextResponse("try again\n", 503, headers={"Retry-After": "5"})
        except TooLong:
            return PlainTextResponse("too long\n", 413)

    return Route(path, guarded, methods=["POST"])


async def _body(request: Request) -> bytes:
    """The body, read no further than any provider's may be; TooLong."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            raise TooLong
    return bytes(body)


class _TelegramWebhook:
    """200 only after the update is stored (P1); what has the secret but no sense is kept (P10)."""

    def __init__(self, receiver: Receiver, hook: TelegramHook) -> None:
        self._receiver, self._hook = receiver, hook

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        said = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not secrets.compare_digest(said.encode(), self._hook.secret.encode()):
            return PlainTextResponse("forbidden\n", 403)
        body = await _body(request)
        receiver, account, key = self._receiver, self._hook.account, ""
        try:
            update = json.loads(body)
            if isinstance(update, dict):
                key = str(update.get("update_id", ""))
            now = receiver.clock.now()
            incoming = telegram_updates.parse(update, account, receiver.clock, now)
        except ValueError as error:
            payload = body.decode("utf-8", "replace")
            await receiver.quarantine("telegram", account, key, payload, str(error))
            return PlainTextResponse("kept\n")
        except RecursionError:
            await receiver.quarantine("telegram", account, "", repr(body[:1000]), "nested too deep")
            return PlainTextResponse("kept\n")
        if incoming is not None:
            receipt = await receiver.take(incoming)
            self._hook.presses.done(incoming, receipt)
        return PlainTextResponse("ok\n")


class _TwilioWebhooks:
    """Signed forms only, checked against the public address and never against the request's own."""

    def __init__(self, writer: Writer, receiver: Receiver, hook: TwilioHook) -> None:
        self._writer, self._receiver, self._hook = writer, receiver, hook
        self._validator = RequestValidator(hook.auth_token)
        # Twilio signs the address without the user and password that it calls it with.
        self._public_url = re.sub(r"^(https?://)[^/@]*@", r"\1", hook.public_url)

    async def inbound(self, request: Request) -> Response:
        """A text or MMS."""
        form = await self._signed_form(request)
        if form is None:
            return PlainTextResponse("forbidden\n", 403)
        incoming = sms_messages.parse_webhook(dict(form), self._receiver.clock.now())
        if incoming is None:
            payload = json.dumps(dict(form), separators=(",", ":"))
            account = form.get("AccountSid", "")
            await self._receiver.quarantine("sms", account, "", payload, "no message")
        else:
            await self._receiver.take(incoming)
        # Any other type of answer would be texted to the person (trap 6).
        return Response(_EMPTY_TWIML, media_type="text/xml")

    async def status(self, request: Request) -> Response:
        """What became of a text of ours."""
        form = await self._signed_form(request)
        if form is None:
            return PlainTextResponse("forbidden\n", 403)
        row, code = request.query_params.get("row", ""), form.get("ErrorCode", "")
        door, now = self._hook.door, self._receiver.clock.now()
        await commit(
            self._writer,
            lambda tx: report(
                tx,
                door,
                row=int(row) if row.isdecimal() else None,
                sid=form.get("MessageSid", ""),
                status=form.get("MessageStatus", ""),
                code=int(code) if code.isdecimal() else 0,
                now=now,
            ),
        )
        return Response(_EMPTY_TWIML, media_type="text/xml")

    async def _signed_form(self, request: Request) -> ImmutableMultiDict[str, str] | None:
        """The form with its empty values (a photo alone has an empty Body), or None."""
        signature = request.headers.get("X-Twilio-Signature")
        if not signature:
            return None
        body = await _body(request)
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=500)
        except ValueError:
            return None
        form = ImmutableMultiDict(pairs)
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"{self._public_url}{request.url.path}{query}"
        return form if self._validator.validate(url, form, signature) else None


class _Ready:
    """Whether the bot is able to work: each check by name, 200 or 503."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        found: dict[str, str] = {}
        for name, check in self._checks.items():
            try:
                found[name] = await check()
            except Exception as error:
                _log.warning("the check %s failed", name, exc_info=True)
                found[name] = type(error).__name__
        wrong = any(found.values())
        report_ = {"ready": not wrong, "checks": {n: said or "ok" for n, said in found.items()}}
        return JSONResponse(report_, 503 if wrong else 200)


class _Metrics:
    """Prometheus text."""

    def __init__(self, metrics: Callable[[], Awaitable[Iterable[Sample]]] | None) -> None:
        self._metrics = metrics

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        samples = list(await self._metrics()) if self._metrics else []
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(prometheus(samples), media_type=kind)


def prometheus(samples: Iterable[Sample]) -> str:
    """Samples in Prometheus' text format; samples of one name together."""
    families: dict[str, list[Sample]] = {}
    for sample in samples:
        families.setdefault(sample.name, []).append(sample)
    lines = []
    for name, family in families.items():
        lines += [f"# HELP {name} {family[0].help}", f"# TYPE {name} {family[0].kind}"]
        for sample in family:
            labels = ",".join(f'{key}="{_escaped(value)}"' for key, value in sample.labels.items())
            shown = f"{name}{{{labels}}}" if labels else name
            lines.append(f"{shown} {sample.value:g}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


OWN_PAGE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What a page with scripts and pictures of our own sets besides `SecurityHeaders`."""


class SecurityHeaders:
    """Strict headers on every answer, where the page has not set its own."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        }
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
