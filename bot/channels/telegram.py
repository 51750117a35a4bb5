"""Telegram: python-telegram-bot as codec and client; what it answers becomes one of our errors."""

import asyncio
import html
import json
import logging
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import httpx
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest, RequestData

from bot.channels import telegram_updates
from bot.channels.base import (
    FetchError,
    Misconfigured,
    Outgoing,
    Refused,
    SendError,
    Sent,
    TryLater,
    UnknownOutcome,
)
from bot.clock import Clock
from bot.documents import write
from bot.incoming import Incoming, Keyboard
from flows.facts import Instant

POLL_SECONDS = 25
"""How long a poll without news stays open; the server allows 50."""
DOWNLOAD_LIMIT = 20 * 1024 * 1024
MAX_TEXT, MAX_CAPTION = 4096, 1024
Menu = Sequence[tuple[str, str, Sequence[tuple[str, str]]]]
"""(scope, language, [(command, description), …]); scope: default, private or a chat's id."""

# The library's waits become timedeltas; without this it warns at every 429.
os.environ.setdefault("PTB_TIMEDELTA", "1")  # noqa: TID251 - tells a library, reads no setting
_log = logging.getLogger(__name__)
_NO_PREVIEW = json.dumps({"is_disabled": True})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class AnotherPoller(SendError):
    """Somebody else receives this bot's updates (409); `webhook` where that is a webhook."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.webhook = "webhook" in reason


class _Form:
    """A call's values as they go over the wire: what a request reads of the library's own class."""

    contains_files = False
    multipart_data: Mapping[str, object] = {}

    def __init__(self, values: dict[str, str]) -> None:
        self.json_parameters = values


class Telegram:
    """The bot's connection; `close` ends it.

    `api_url` is the base of a Bot API server. Time-outs are our own, in real seconds.
    """

    name = "telegram"
    patience = 25.0

    def __init__(self, token: str, api_url: str, *, timeout: float = 10.0) -> None:
        self.account = token.partition(":")[0]
        self.username = ""
        """The bot's name in links, once `learn_name` has asked for it."""
        self._base = f"{api_url}/bot{token}"
        self._requests = HTTPXRequest(
            connection_pool_size=64,
            connect_timeout=min(timeout, 5.0),
            read_timeout=timeout,
            write_timeout=timeout,
            pool_timeout=timeout,
            media_write_timeout=timeout,
        )
        self._polling = HTTPXRequest(connection_pool_size=2, connect_timeout=min(timeout, 5.0))
        self._bot = Bot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=self._requests,
            get_updates_request=self._polling,
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._requests.shutdown()
        await self._polling.shutdown()

    # -- receiving ------------------------------------------------------------------------------

    def parse(self, update: object, clock: Clock, received_at: Instant) -> Incoming | None:
        """One raw update; see `telegram_updates.parse`."""
        return telegram_updates.parse(update, self.account, clock, received_at)

    async def updates(self, offset: int | None, wait: int = POLL_SECONDS) -> list[Any]:
        """The raw updates from `offset` on, waiting up to `wait` seconds for the first.

        Raw, so that a malformed one cannot spoil its batch. Asking with a higher offset is what
        acknowledges: the caller commits first (P1). SendError.
        """
        query: dict[str, Any] = {
            "timeout": wait,
            "limit": 100,
            "allowed_updates": json.dumps(telegram_updates.ALLOWED),
        }
        if offset is not None:
            query["offset"] = offset
        url = f"{self._base}/getUpdates?{urlencode(query)}"
        try:
            payload = await self._polling.retrieve(url, read_timeout=wait + 10)
            result = json.loads(payload)["result"]
        except Conflict as error:
            raise AnotherPoller(error.message) from error
        except TelegramError as error:
            raise _translated(error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise TryLater("the answer to getUpdates cannot be read") from error
        return result if isinstance(result, list) else []

    async def receive_by_polling(self) -> None:
        """Remove a webhook: it would keep every update from us. SendError."""
        await self._call(self._bot.delete_webhook())

    async def receive_by_webhook(self, url: str, secret: str) -> None:
        """Have updates posted to `url`. SendError."""
        await self._call(
            self._bot.set_webhook(
                url, secret_token=secret, allowed_updates=list(telegram_updates.ALLOWED)
            )
        )

    async def learn_name(self) -> None:
        """Ask Telegram what this bot is called. SendError."""
        self.username = (await self._call(self._bot.get_me())).username or ""

    async def show_commands(self, menu: Menu) -> None:
        """Set the commands menu of each scope and language. SendError."""
        for scope, language, commands in menu:
            await self._call(
                self._bot.set_my_commands(
                    [BotCommand(name, words) for name, words in commands],
                    scope=_scope(scope),
                    language_code=language or None,
                )
            )

    async def acknowledge(self, callback_id: str, toast: str = "") -> None:
        """End a button's spinner. An answer that comes too late is no harm."""
        try:
            await self._bot.answer_callback_query(callback_id, text=toast[:200] or None)
        except TelegramError as error:
            _log.info("a button press was not answered: %s", error.message)

    async def remove_keyboard(self, chat: str, message_id: str, left: Keyboard = ()) -> None:
        """Take the buttons off a message that was answered, but those `left`, if that can be
        done."""
        try:
            await self._bot.edit_message_reply_markup(
                int(chat), int(message_id), reply_markup=_keyboard(left)
            )
        except TelegramError as error:
            _log.info("a keyboard was not removed: %s", error.message)

    async def fetch(self, source: Mapping[str, object]) -> bytes:
        """A photo's bytes; `source` is `{"file_id": …}`. FetchError.

        The address that getFile answers has the token in it: it never leaves this function (S7).
        """
        try:
            file = await self._bot.get_file(str(source["file_id"]))
            if (file.file_size or 0) > DOWNLOAD_LIMIT:
                raise FetchError("bigger than 20 MB", "too_big")
            data = await self._requests.retrieve(file.file_path or "", read_timeout=60)
        except BadRequest as error:
            too_big = "file is too big" in error.message.lower()
            raise FetchError(error.message, "too_big" if too_big else "") from error
        except TelegramError as error:
            raise FetchError(type(error).__name__) from error
        if len(data) > DOWNLOAD_LIMIT:
            raise FetchError("bigger than 20 MB", "too_big")
        return data

    # -- sending --------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> Sent:
        """Send one row; SendError. A text that Telegram cannot format leaves as plain text."""
        try:
            return await self._send(message, plain=False)
        except BadRequest as error:
            said = error.message.lower()
            if "can't parse" in said or "too long" in said:
                try:
                    return await self._send(message, plain=True)
                except TelegramError as second:
                    raise _translated(second) from second
            raise _translated(error) from error
        except TelegramError as error:
            raise _translated(error) from error

    async def find(self, message: Outgoing, attempted_at: int) -> Sent | None:
        """Telegram cannot be asked what it sent."""
        return None

    async def _send(self, message: Outgoing, *, plain: bool) -> Sent:
        payload, chat = message.payload, int(message.address)
        text = str(payload.get("text", ""))
        mode = None if plain else ParseMode.HTML
        if plain:
            caption = bool(message.pictures) or "document" in payload
            text = _plain(text, MAX_CAPTION if caption else MAX_TEXT)
        if not (message.pictures or "contact" in payload or "document" in payload):
            return await self._send_text(chat, text, payload.get("buttons"), plain=plain)
        keyboard = _keyboard(payload.get("buttons"))
        if "contact" in payload:
            card = payload["contact"]
            sent = await self._bot.send_contact(chat, card["phone"], card["name"])
        elif message.pictures:
            picture = message.pictures[0]
            sent = await self._bot.send_photo(
                chat,
                picture.data,
                text or None,
                parse_mode=mode,
                reply_markup=keyboard,
                filename=picture.name,
            )
        else:
            sent = await self._bot.send_document(
                chat,
                await asyncio.to_thread(_read, payload["document"]["path"]),
                text or None,
                parse_mode=mode,
                filename=payload["document"]["name"],
                reply_markup=keyboard,
            )
        return Sent(str(sent.message_id), "sent as plain text" if plain else "")

    async def _send_text(self, chat: int, text: str, buttons: Any, *, plain: bool) -> Sent:
        """Send a text, which nearly all messages are, without building the library's objects.

        They would cost more than the whole turn, and an answer that they cannot read would make a
        message that was sent look like one that was not.
        """
        form = {"chat_id": str(chat), "text": text, "link_preview_options": _NO_PREVIEW}
        if not plain:
            form["parse_mode"] = "HTML"
        if buttons:
            rows = [[{"text": label, "callback_data": data} for label, data in r] for r in buttons]
            form["reply_markup"] = write({"inline_keyboard": rows})
        data = cast(RequestData, _Form(form))
        try:
            answer: Any = await self._requests.post(f"{self._base}/sendMessage", data)
            number = str(answer["message_id"])
        except (KeyError, TypeError) as error:
            raise UnknownOutcome("the answer cannot be read") from error
        return Sent(number, "sent as plain text" if plain else "")

    async def _call(self, call: Any) -> Any:
        try:
            return await call
        except TelegramError as error:
            raise _translated(error) from error


def _translated(error: TelegramError) -> SendError:  # noqa: PLR0911 - one class, one answer
    """What to do about it. BadRequest and TimedOut are NetworkErrors too: they are asked first."""
    said = error.message
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return TryLater(said, wait if isinstance(wait, int) else wait.total_seconds())
    if isinstance(error, Forbidden):
        return Refused("blocked", said)
    if isinstance(error, InvalidToken):
        return Misconfigured(f"Telegram refuses the bot's token: {said}")
    if isinstance(error, ChatMigrated):
        return Refused("invalid", said)
    if isinstance(error, BadRequest):
        gone = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty")
        return Refused("invalid" if any(sign in said.lower() for sign in gone) else "other", said)
    if isinstance(error, TimedOut | NetworkError):
        return _network(error)
    return UnknownOutcome(said)  # an answer that is none, as a stranger's server may give


def _network(error: NetworkError) -> SendError:
    cause = error.__cause__
    if isinstance(cause, _NEVER_SENT):
        return TryLater(type(cause).__name__, whole_channel=True)
    if isinstance(cause, httpx.HTTPError):
        return UnknownOutcome(type(cause).__name__)
    return TryLater(_first_line(error.message), whole_channel=True)  # it answered with 5xx


def _first_line(text: str) -> str:
    return text.partition(". Parsing")[0][:200]


def _scope(name: str) -> BotCommandScope:
    if name == "default":
        return BotCommandScopeDefault()
    if name == "private":
        return BotCommandScopeAllPrivateChats()
    return BotCommandScopeChat(int(name))


def _keyboard(rows: Any) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


def _plain(markup: str, longest: int) -> str:
    """The text without its formatting, cut to what Telegram takes (UTF-16 units)."""
    text = html.unescape(re.sub(r"</?[a-z][^>]*>", "", markup))
    units = text.encode("utf-16-le")
    if len(units) <= longest * 2:
        return text
    return units[: (longest - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Refused("other", f"the document is gone: {type(error).__name__}") from error
