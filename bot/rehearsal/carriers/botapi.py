"""A strict Telegram Bot API server for one bot, with simulated users on the other side."""

import contextlib
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rehearsal.carriers.faults import Fault, Faults, gateway_page, play
from bot.rehearsal.carriers.serving import serve
from bot.rehearsal.carriers.telegram_calls import Json, Params, Refusal, bad_request
from bot.rehearsal.carriers.telegram_editing import Editing
from bot.rehearsal.carriers.telegram_phone import Phone
from bot.rehearsal.carriers.telegram_sending import Method, Sending, knows
from bot.rehearsal.carriers.telegram_settings import Settings
from bot.rehearsal.carriers.telegram_updates import Terminated, UpdateQueue
from bot.rehearsal.carriers.telegram_webhook import Webhook, WebhookSender
from bot.rehearsal.carriers.telegram_world import Listener, Person, World

WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
MAX_POLL = 50  # seconds


@dataclass(frozen=True)
class Call:
    """One call as it came in and what it was answered (status 0: dropped or hung by a fault)."""

    method: str
    params: Json
    status: int
    answer: Json


class BotApi:
    """The server; `async with api.running() as base_url:` serves it on the loopback.

    token: `<digits>:<secret>`; the digits are the bot's id. username: without @.
    now: the clock behind dates and the expiry of updates, UTC. start: where all counters begin;
    a rehearsal whose database outlives it passes a higher one each time.
    retry_scale: real seconds per second between webhook tries. answer_within: real seconds in
    which a button press can be answered. violations: what a real server would ignore or refuse
    in ways that hide a mistake; tests assert that it is empty.
    """

    def __init__(  # noqa: PLR0913 - by name only, each with a default
        self,
        token: str,
        username: str,
        now: Callable[[], datetime],
        *,
        name: str = "Doorstep",
        start: int = 1,
        faults: Faults | None = None,
        retry_scale: float = 1.0,
        answer_within: float = 15.0,
    ) -> None:
        self.token = token
        self.username = username
        self.now = now
        self.faults = faults if faults is not None else Faults()
        self.base_url = ""
        bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.world = World(bot, now, start)
        self.queue = UpdateQueue(now, 100_000 + start)
        self.settings = Settings(self.world)
        self.calls: deque[Call] = deque(maxlen=20_000)
        self.observers: list[Callable[[Call], None]] = []
        self.webhook_observers: list[Callable[[Json, int], None]] = []
        self.sender = WebhookSender(self.queue, retry_scale, self._call_in_reply, self._sent)
        editing = Editing(self.world, answer_within)
        methods = Sending(self.world).methods() | editing.methods() | self.settings.methods()
        methods |= self._update_methods()
        self._methods = {name.lower(): (name, *method) for name, method in methods.items()}
        verbs = ["GET", "POST"]
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._serve_call, methods=verbs),
                Route("/file/bot{token}/{path:path}", self._serve_file, methods=["GET"]),
            ]
        )

    @contextlib.asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[str]:
        """Serve on 127.0.0.1 until the block ends; yields the base address without /bot."""
        async with serve(self.app, port) as self.base_url:
            try:
                yield self.base_url
            finally:
                await self.sender.close()

    # The other side: people and the network between them and the bot.

    @property
    def violations(self) -> list[str]:
        """What the bot did that a correct bot never does."""
        return self.world.violations

    @property
    def listeners(self) -> list[Listener]:
        """Told of every event of every phone: (chat id, {"type": message, edited, …})."""
        return self.world.listeners

    @property
    def bot_id(self) -> int:
        """The bot's user id."""
        return int(self.world.bot["id"])

    def user(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "en",
        user_id: int | None = None,
    ) -> Phone:
        """A new account (by default the next id) and its phone."""
        number = user_id or self.world.next_id("user", 500_000_000)
        person = Person(number, first_name, last_name, username, language_code)
        self.world.people[number] = person
        return Phone(self.world, self.queue, person)

    def phone(self, user_id: int) -> Phone:
        """The phone of an account made before."""
        return Phone(self.world, self.queue, self.world.people[user_id])

    def redeliver(self, update_id: int) -> None:
        """Deliver this update again under the same id."""
        self.queue.redeliver(update_id)

    def hold(self) -> None:
        """Keep new updates back, as a network that is down."""
        self.queue.hold()

    def release(self, order: Literal["arrived", "reversed"] | Iterable[int] = "arrived") -> None:
        """Let held updates go, in this order."""
        self.queue.release(order)

    @property
    def update_ids(self) -> list[int]:
        """Ids of all updates ever made, in order."""
        return list(self.queue.history)

    @property
    def raw_update_ids(self) -> set[int]:
        """Ids of updates that were made by `Phone.raw`."""
        return self.queue.raw

    @property
    def undelivered(self) -> list[int]:
        """Ids of updates that the bot has not acknowledged."""
        return [queued.update_id for queued in self.queue.waiting]

    @property
    def webhook(self) -> Webhook | None:
        """The webhook in force."""
        return self.sender.webhook

    # The bot's side.

    def _update_methods(self) -> dict[str, Method]:
        return {
            "getUpdates": (knows("offset limit timeout allowed_updates"), self._get_updates),
            "setWebhook": (
                knows(
                    "url certificate ip_address max_connections allowed_updates "
                    "drop_pending_updates secret_token"
                ),
                self._set_webhook,
            ),
            "deleteWebhook": (knows("drop_pending_updates"), self._delete_webhook),
            "getWebhookInfo": (knows(""), self._get_webhook_info),
        }

    async def _get_updates(self, p: Params) -> list[Json]:
        if self.sender.webhook is not None:
            raise Refusal(409, WEBHOOK_ACTIVE)
        self._allow(p)
        limit = p.integer("limit", 100)
        try:
            return await self.queue.poll(
                p.integer("offset"),
                limit if 1 <= limit <= 100 else 100,
                min(max(p.integer("timeout"), 0), MAX_POLL),
            )
        except Terminated as reason:
            raise Refusal(409, str(reason)) from reason

    async def _set_webhook(self, p: Params) -> bool:
        url = p.text("url")
        if not url:
            return await self._delete_webhook(p)
        address = urlsplit(url)
        loopback = address.hostname in ("127.0.0.1", "localhost", "::1")
        if address.scheme != "https" and not (loopback and address.scheme == "http"):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        secret = p.text("secret_token")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        self._allow(p)
        if p.boolean("drop_pending_updates"):
            self.queue.drop_all()
        self.queue.terminate("Conflict: terminated by setWebhook request")
        connections = min(max(p.integer("max_connections", 40), 1), 100)
        await self.sender.set(Webhook(url, secret or None, connections))
        return True

    async def _delete_webhook(self, p: Params) -> bool:
        if p.boolean("drop_pending_updates"):
            self.queue.drop_all()
        await self.sender.set(None)
        return True

    async def _get_webhook_info(self, p: Params) -> Json:
        webhook = self.sender.webhook
        self.queue.forget_expired()
        info: Json = {
            "url": webhook.url if webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.queue.waiting),
        }
        if webhook is not None:
            info["max_connections"] = webhook.max_connections
            if webhook.last_error is not None:
                info["last_error_message"] = webhook.last_error
                info["last_error_date"] = webhook.last_error_date
        if self.queue.allowed:
            info["allowed_updates"] = self.queue.allowed
        return info

    def _allow(self, p: Params) -> None:
        allowed = p.json("allowed_updates")
        if isinstance(allowed, list):  # absent: the previous setting stays
            self.queue.allowed = [str(kind) for kind in allowed]

    async def _call_in_reply(self, method: str, values: Json) -> None:
        status, answer = await self._answer(method, Params(values))
        self._record(method, Params(values), status, answer)

    def _sent(self, body: Json, status: int) -> None:
        for observer in self.webhook_observers:
            observer(body, status)

    async def _serve_call(self, request: Request) -> Response:
        token, method = request.path_params["token"], request.path_params["method"]
        params = None
        refused = self._token_refusal(token)
        if refused is None:
            try:
                params = await Params.read(request)
            except Refusal as refusal:
                refused = refusal
        if refused is not None or params is None:
            return self._error(refused or Refusal(404, "Not Found"))
        name = self._methods.get(method.lower(), (method,))[0]
        found = params
        done = False

        async def handle() -> Response:
            nonlocal done
            status, answer = await self._answer(method, found)
            done = True
            self._record(name, found, status, answer)
            return JSONResponse(answer, status)

        fault = self.faults.take("telegram", name, self._target(params))
        response = await play(fault, handle, self._fault_page)
        if not done:
            self._record(name, params, response.status_code if fault and fault.status else 0, {})
        return response

    async def _serve_file(self, request: Request) -> Response:
        refused = self._token_refusal(request.path_params["token"])
        if refused is not None:
            return self._error(refused)

        async def handle() -> Response:
            stored = self.world.files.at(request.path_params["path"])
            if stored is None:
                return self._error(Refusal(404, "Not Found"))
            return Response(stored.content, media_type="application/octet-stream")

        return await play(self.faults.take("telegram", "file"), handle, self._fault_page)

    async def _answer(self, method: str, params: Params) -> tuple[int, Json]:
        found = self._methods.get(method.lower())
        if found is None:
            self.violations.append(f"{method}: no such method here")
            return 404, {
                "ok": False,
                "error_code": 404,
                "description": "Not Found: method not found",
            }
        name, names, handler = found
        for unknown in sorted(params.names - names):
            self.violations.append(f"{name}: unknown parameter {unknown}")
        try:
            return 200, {"ok": True, "result": await handler(params)}
        except Refusal as refusal:
            return refusal.code, _error_body(refusal)

    def _target(self, params: Params) -> str | None:
        chat = params.text("chat_id")
        if chat:
            return chat
        press = self.world.presses.get(params.text("callback_query_id"))
        return str(press.user_id) if press else None

    def _token_refusal(self, token: str) -> Refusal | None:
        if token == self.token:
            return None
        if re.fullmatch(r"\d+:[\w-]+", token):
            return Refusal(401, "Unauthorized")
        return Refusal(404, "Not Found")

    def _fault_page(self, fault: Fault) -> Response:
        status = fault.status or 500
        if status == 429:
            wait = fault.retry_after or 1
            text = f"Too Many Requests: retry after {wait}"
            return self._error(Refusal(429, text, {"retry_after": wait}))
        if status >= 500:
            return gateway_page(status)
        return self._error(Refusal(status, "Bad Request: scripted fault"))

    def _error(self, refusal: Refusal) -> Response:
        return JSONResponse(_error_body(refusal), refusal.code)

    def _record(self, method: str, params: Params, status: int, answer: Json) -> None:
        files = params.names - set(params.values)
        values: dict[str, Any] = {**params.values, **dict.fromkeys(files, "(file)")}
        call = Call(method, values, status, answer)
        self.calls.append(call)
        for observer in self.observers:
            observer(call)


def _error_body(refusal: Refusal) -> Json:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return body
