"""Texts by Twilio's own client, in threads: sending, looking up, listing and fetching media."""

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
from requests import exceptions
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]
from urllib3.exceptions import NewConnectionError

from bot.channels import sms_errors, sms_messages
from bot.channels.base import (
    FetchError,
    Misconfigured,
    Outgoing,
    SendError,
    Sent,
    TryLater,
    UnknownOutcome,
)
from bot.clock import Clock, real_now, to_instant
from bot.incoming import Incoming, PhotoRef
from flows.facts import MINUTE, Instant

T = TypeVar("T")
VALIDITY: Mapping[str, int] = {"prompt": 900, "reminder": 900, "reply": 900, "alert": 3600}
"""Seconds that Twilio may keep a text before it is void: a prompt of an hour ago misleads."""
_DEFAULT_VALIDITY = 4 * 3600
MEDIA_LIMIT = 20 * 1024 * 1024
_MEDIA = re.compile(r"/Messages/(\w+)/Media/(\w+)")
_HOPS = 5
_WORKERS = 8


class Sms:
    """One Twilio account; `close` ends its threads.

    senders: program → number or messaging service, "" for any other program. status_url: where
    Twilio reports what became of a text, "" where it cannot reach us. timeout: real seconds.
    """

    name = "sms"
    patience = 25.0

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        api_url: str,
        *,
        senders: Mapping[str, str],
        status_url: str = "",
        timeout: float = 10.0,
    ) -> None:
        self.account = account_sid
        self.senders = dict(senders)
        self._auth = (account_sid, auth_token)
        self._api_url = api_url
        self._status_url = status_url
        self._timeout = timeout
        http = TwilioHttpClient(timeout=timeout)
        # These adapters retry nothing: a POST that is repeated blindly is a second text.
        http.session.mount("http://", HTTPAdapter(pool_maxsize=_WORKERS))
        http.session.mount("https://", HTTPAdapter(pool_maxsize=_WORKERS))
        # An empty environment: TWILIO_REGION and TWILIO_EDGE would rewrite the address.
        self._client = Client(account_sid, auth_token, http_client=http, environment={"TWILIO": ""})
        self._client.api.base_url = api_url
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="twilio")

    async def close(self) -> None:
        """Let go of its threads; a request under way ends by its own time-out."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    # -- sending --------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> Sent:
        """Send one row; SendError."""
        payload = message.payload
        sender = self.senders.get(payload.get("program", "")) or self.senders.get("", "")
        if not sender:
            raise Misconfigured("no number or messaging service sends for this program")
        more: dict[str, Any] = {}
        more["messaging_service_sid" if sender.startswith("MG") else "from_"] = sender
        if payload.get("media"):
            more["media_url"] = list(payload["media"])
        if self._status_url:
            more["status_callback"] = f"{self._status_url}?{urlencode({'row': message.row})}"
        created = await self._ask(
            lambda: self._client.messages.create(
                to=message.address,
                body=payload["text"],
                smart_encoded=True,
                validity_period=VALIDITY.get(message.kind, _DEFAULT_VALIDITY),
                **more,
            )
        )
        return Sent(str(created.sid))

    async def find(self, message: Outgoing, attempted_at: int) -> Sent | None:
        """The text among the latest to this number, by its words; SendError if Twilio is silent.

        None: it never left. Twilio's stamps are real time or, where simulated, business time.
        """
        listed = await self._ask(lambda: self._client.messages.list(to=message.address, limit=50))
        now = to_instant(message.at)
        words = _bare(message.payload["text"])
        for candidate in listed:
            age = _age(candidate.date_created, now)
            young = age <= now - attempted_at + 2 * MINUTE
            ours = candidate.direction != "inbound" and str(candidate.sid) not in message.siblings
            if young and ours and _bare(candidate.body or "") == words:
                return Sent(str(candidate.sid))
        return None

    # -- receiving ------------------------------------------------------------------------------

    def parse(self, params: Mapping[str, str], received_at: Instant) -> Incoming | None:
        """The form of an inbound webhook; see `sms_messages.parse_webhook`."""
        return sms_messages.parse_webhook(params, received_at)

    async def listed(self, since: Instant, *, inbound: bool) -> list[Any]:
        """Messages to our numbers (or from them) that were sent since then, oldest first.

        `since` is by Twilio's clock. SendError.
        """
        after = datetime.fromtimestamp(since / 1000, UTC)  # Twilio takes any time for UTC
        found: dict[str, Any] = {}
        for sender in sorted(set(self.senders.values())):
            where: dict[str, Any] = {}
            if not sender.startswith("MG"):
                where = {"to": sender} if inbound else {"from_": sender}
            page = await self._ask(
                partial(
                    self._client.messages.list,
                    date_sent_after=after,
                    limit=1000,
                    page_size=200,
                    **where,
                )
            )
            # Newest first, and stamps have whole seconds: turned round before they are sorted.
            found |= {m.sid: m for m in reversed(page) if (m.direction == "inbound") is inbound}
        return sorted(found.values(), key=lambda m: m.date_sent or m.date_created)

    async def read(
        self, message: Any, clock: Clock, received_at: Instant, *, recovered: bool
    ) -> Incoming:
        """A listed message with its media; SendError."""
        media: list[PhotoRef] = []
        if str(message.num_media or "0") != "0":
            resources = await self._ask(
                lambda: self._client.messages(message.sid).media.list(limit=sms_messages.MOST_MEDIA)
            )
            media = [
                PhotoRef({"url": self._media_url(part.uri)}, str(part.content_type or ""))
                for part in resources
            ]
        return sms_messages.parse_listed(message, media, clock, received_at, recovered=recovered)

    async def fetch(self, source: Mapping[str, object]) -> bytes:
        """A picture's bytes; `source` is `{"url": …}`. FetchError.

        The account's credentials go to the API's own host and to no other: the storage that it
        redirects to wants none, and nobody else gets them.
        """
        path = urlsplit(str(source["url"])).path
        if not path.startswith(f"/2010-04-01/Accounts/{self.account}/"):
            raise FetchError("this is no picture of our account", "lost")
        url = self._api_url + path
        home = _origin(url)
        try:
            async with httpx.AsyncClient(timeout=self._timeout) as client:
                for _ in range(_HOPS):
                    auth = self._auth if _origin(url) == home else None
                    async with client.stream("GET", url, auth=auth) as answer:
                        if answer.has_redirect_location:
                            url = urljoin(url, answer.headers["Location"])
                            continue
                        if answer.status_code != 200:
                            raise FetchError(f"the provider answered {answer.status_code}")
                        return await _limited(answer)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise FetchError(type(error).__name__) from error
        raise FetchError("too many redirects")

    async def delete_media(self, url: str) -> None:
        """Delete a picture of our account at Twilio; SendError. One that is gone is no error."""
        match = _MEDIA.search(url)
        if match is None or f"/{self.account}/" not in url:
            return
        message, media = match.groups()
        try:
            await self._ask(lambda: self._client.messages(message).media(media).delete())
        except SendError as error:
            if "20404: " not in str(error):
                raise

    # -------------------------------------------------------------------------------------------

    def _media_url(self, uri: str) -> str:
        return urljoin(self._api_url + "/", uri.removesuffix(".json"))

    async def _ask(self, call: Callable[[], T]) -> T:
        """Have the client do it in a thread, and say what its errors mean."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except exceptions.RequestException as error:
            raise _lost(error) from error
        except TwilioException as error:
            status = int(getattr(error, "status", 0) or 0)
            code = int(getattr(error, "code", 0) or status)
            said = str(getattr(error, "msg", "") or getattr(error, "title", "") or "refused")
            raise sms_errors.refused(status, code, said.partition("\n")[0][:200]) from error


def _lost(error: exceptions.RequestException) -> SendError:
    """A connection that never stood sent nothing; any other trouble may have."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    never = isinstance(error, exceptions.ConnectTimeout | exceptions.SSLError)
    if never or isinstance(reason, NewConnectionError):
        return TryLater(type(error).__name__, whole_channel=True)
    return UnknownOutcome(type(error).__name__)


async def _limited(answer: httpx.Response) -> bytes:
    data = bytearray()
    async for chunk in answer.aiter_bytes():
        data += chunk
        if len(data) > MEDIA_LIMIT:
            raise FetchError("bigger than 20 MB", "too_big")
    return bytes(data)


def _age(stamp: datetime | None, now: Instant) -> Instant:
    """How old it is by whichever clock made the stamp, real or business."""
    if stamp is None:
        return 0
    at = to_instant(stamp)
    return min((age for age in (now - at, real_now() - at) if age > -MINUTE), default=0)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _bare(text: str) -> str:
    """Only letters and digits: Twilio's smart encoding swaps signs, never these."""
    return "".join(sign for sign in text if sign.isalnum())
