"""Twilio's signed requests to the bot: connection overrides, retries, fallback, reply checks."""

import asyncio
import base64
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit, urlunsplit
from xml.etree import ElementTree

import httpx
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.rehearsal.carriers.calling import http_client
from bot.rehearsal.carriers.twilio_world import Account

Form = dict[str, str]
CONNECT, READ, TOTAL = 5.0, 15.0, 15.0  # seconds
RETRIES = 1
XML_TYPES = frozenset({"text/xml", "application/xml"})


@dataclass(frozen=True)
class Reply:
    """What a webhook answered; `error` is Twilio's error code when it failed."""

    status: int
    content_type: str
    body: str
    error: int | None = None


@dataclass(frozen=True)
class Sent:
    """A log line: one request as it left, and its outcome."""

    url: str
    form: Form
    reply: Reply


@dataclass(frozen=True)
class Overrides:
    """The `#rc=…&rp=…` part of a webhook address; times in seconds."""

    retries: int = RETRIES
    policies: frozenset[str] = frozenset({"ct"})
    connect: float = CONNECT
    read: float = READ
    total: float = TOTAL

    @classmethod
    def of(cls, fragment: str) -> "Overrides":
        """Read the fragment; milliseconds become seconds."""
        said = {name: values[0] for name, values in parse_qs(fragment).items()}
        return cls(
            retries=min(max(int(said.get("rc", RETRIES)), 0), 5),
            policies=frozenset(said.get("rp", "ct").split(",")),
            connect=int(said.get("ct", CONNECT * 1000)) / 1000,
            read=int(said.get("rt", READ * 1000)) / 1000,
            total=min(int(said.get("tt", TOTAL * 1000)) / 1000, TOTAL),
        )


class Webhooks:
    """Posts signed forms and keeps a log; `time_scale` is real seconds per second of time-outs."""

    def __init__(self, account: Account, time_scale: float = 1.0) -> None:
        self.account = account
        self.time_scale = time_scale
        self.log: list[Sent] = []
        self._client: httpx.AsyncClient | None = None

    @property
    def client(self) -> httpx.AsyncClient:
        """One client for all requests; it knows no proxies."""
        if self._client is None:
            self._client = http_client()
        return self._client

    async def close(self) -> None:
        """Close the client's connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def post(self, url: str, form: Form) -> Reply:
        """POST a form to one address with its retries; never raises."""
        address = urlsplit(url)
        overrides = Overrides.of(address.fragment)
        # Twilio signs and calls the address without fragment, user and password; the port stays.
        plain = urlunsplit(
            (address.scheme, address.netloc.rpartition("@")[2], address.path, address.query, "")
        )
        signature = RequestValidator(self.account.token).compute_signature(plain, form)
        headers = {
            "X-Twilio-Signature": signature,
            "I-Twilio-Idempotency-Token": self.account.new_sid(""),
            "User-Agent": "TwilioProxy/1.1",
        }
        if address.username:
            said = f"{address.username}:{address.password or ''}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(said).decode()}"
        until = time.monotonic() + overrides.total * self.time_scale
        reply = Reply(0, "", "", 11200)
        for _attempt in range(overrides.retries + 1):
            reply, kind = await self._once(plain, form, headers, overrides, until)
            self.log.append(Sent(plain, form, reply))
            again = kind is not None and ({kind, "all"} & overrides.policies)
            if not again or time.monotonic() >= until:
                break
        return reply

    async def _once(
        self,
        url: str,
        form: Form,
        headers: dict[str, str],
        overrides: Overrides,
        until: float,
    ) -> tuple[Reply, str | None]:
        """The reply, and the kind of failure as the retry policies name it."""
        limits = httpx.Timeout(
            overrides.read * self.time_scale, connect=overrides.connect * self.time_scale
        )
        try:
            async with asyncio.timeout(max(until - time.monotonic(), 0.001)):
                answer = await self.client.post(url, data=form, headers=headers, timeout=limits)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Reply(0, "", "", 11205), "ct"
        except (TimeoutError, httpx.HTTPError):
            return Reply(0, "", "", 11200), "rt"
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if answer.is_success:
            return Reply(answer.status_code, kind, answer.text), None
        policy = "4xx" if answer.status_code < 500 else "5xx"
        return Reply(answer.status_code, kind, answer.text, 11200), policy


def twiml_texts(reply: Reply) -> tuple[list[str], str | None]:
    """The texts that a webhook's answer sends to the phone, and what is wrong with it."""
    if not reply.body.strip():
        return [], None
    if reply.content_type in XML_TYPES:
        try:
            root = ElementTree.fromstring(reply.body)  # noqa: S314 - our own bot, on the loopback
        except ElementTree.ParseError:
            return [], "12100: the reply is no XML"
        if root.tag != "Response":
            return [], f"12100: the reply's root is <{root.tag}>, not <Response>"
        strange = sorted({verb.tag for verb in root if verb.tag not in ("Message", "Redirect")})
        wrong = f"12200: unknown verbs {strange}" if strange else None
        return list(_messages(root)), wrong
    if reply.content_type == "text/plain":
        return [reply.body], "a text/plain reply is sent to the phone as an SMS"
    return [], f"12300: content type {reply.content_type or 'missing'} in the reply"


def _messages(root: ElementTree.Element) -> Iterable[str]:
    for verb in root.iter("Message"):
        yield "".join(verb.itertext()).strip()
