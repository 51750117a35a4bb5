import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from tests.carriers.rigs import Hook, hook, telegram

DONE = InlineKeyboardMarkup([[InlineKeyboardButton("Done", callback_data="d")]])


async def until(happened: Callable[[], Any]) -> None:
    """Wait, at most five seconds, for what the network brings."""
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110 - the network has no event for us
            await asyncio.sleep(0.01)


def texts(receiver: Hook) -> list[str]:
    return [json.loads(body)["message"]["text"] for _headers, body in receiver.requests]


async def test_updates_come_with_the_secret() -> None:
    async with telegram() as rig, hook() as receiver:
        tina = rig.api.user("Tina")
        tina.says("before")
        await rig.bot.set_webhook(receiver.url + "/telegram/webhook", secret_token="s3-cret_")
        tina.says("after")

        await until(lambda: not rig.api.undelivered)

        assert texts(receiver) == ["before", "after"]
        headers = receiver.requests[0][0]
        assert headers["x-telegram-bot-api-secret-token"] == "s3-cret_"
        assert headers["content-type"] == "application/json"
        info = await rig.bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (receiver.url + "/telegram/webhook", 0)


async def test_a_failing_update_blocks_its_chat_only_and_is_tried_again() -> None:
    async with telegram(retry_scale=0.01) as rig, hook() as receiver:
        receiver.answers = [Response(status_code=500)] * 3 + [Response()]
        await rig.bot.set_webhook(receiver.url)
        tina = rig.api.user("Tina")
        tina.says("1")
        tina.says("2")

        await until(lambda: not rig.api.undelivered)

        assert texts(receiver) == ["1", "1", "1", "1", "2"]
        info = await rig.bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500"


async def test_the_first_retry_comes_at_once_the_second_after_two_seconds() -> None:
    async with telegram(retry_scale=1000.0) as rig, hook() as receiver:
        receiver.answers = [Response(status_code=500)]
        await rig.bot.set_webhook(receiver.url)
        rig.api.user("Tina").says("1")

        await until(lambda: len(receiver.requests) == 2)
        await asyncio.sleep(0.1)

        assert len(receiver.requests) == 2


async def test_retry_after_is_honoured() -> None:
    async with telegram(retry_scale=0.1) as rig, hook() as receiver:
        wait = Response(status_code=503, headers={"Retry-After": "3"})
        receiver.answers = [wait, Response()]
        await rig.bot.set_webhook(receiver.url)
        rig.api.user("Tina").says("1")

        await until(lambda: len(receiver.requests) == 1)
        await asyncio.sleep(0.1)
        assert len(receiver.requests) == 1

        await until(lambda: not rig.api.undelivered)
        assert texts(receiver) == ["1", "1"]


async def test_one_chat_does_not_wait_for_another() -> None:
    async with telegram(retry_scale=1000.0) as rig, hook() as receiver:
        receiver.answers = [Response(status_code=500)] * 2 + [Response()]
        await rig.bot.set_webhook(receiver.url)
        rig.api.user("Tina").says("blocked")
        await until(lambda: len(receiver.requests) == 2)

        rig.api.user("Omar").says("passes")

        await until(lambda: len(rig.api.undelivered) == 1)
        assert texts(receiver) == ["blocked", "blocked", "passes"]


async def test_what_expires_between_retries_is_dropped() -> None:
    async with telegram(retry_scale=0.01) as rig, hook() as receiver:
        receiver.answers = [Response(status_code=500)]
        await rig.bot.set_webhook(receiver.url)
        tina = rig.api.user("Tina")
        tina.says("/start")
        await rig.bot.send_message(tina.id, "x", reply_markup=DONE)
        tina.presses("Done")
        await until(lambda: len(receiver.requests) >= 3)

        rig.clock.push(seconds=150)

        await until(lambda: len(rig.api.undelivered) == 1)
        rig.clock.push(hours=24)
        await until(lambda: not rig.api.undelivered)


async def test_a_webhook_may_answer_with_one_call() -> None:
    async with telegram() as rig, hook() as receiver:
        tina = rig.api.user("Tina")
        call = {"method": "sendMessage", "chat_id": tina.id, "text": "pong"}
        receiver.answers = [JSONResponse(call)]
        await rig.bot.set_webhook(receiver.url)

        tina.says("ping")

        await until(lambda: tina.inbox)
        assert [m.text for m in tina.inbox] == ["pong"]


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("http://example.invalid/x", None, "HTTPS URL must be provided"),
        ("ftp://127.0.0.1/x", None, "HTTPS URL must be provided"),
        ("https://example.invalid/x", "not base64url!", "unallowed characters"),
        ("https://example.invalid/x", "x" * 257, "unallowed characters"),
    ],
)
async def test_webhooks_that_are_refused(url: str, secret: str | None, words: str) -> None:
    async with telegram() as rig:
        with pytest.raises(BadRequest, match=f"(?i){words}"):
            await rig.bot.set_webhook(url, secret_token=secret)


async def test_pending_updates_can_be_dropped() -> None:
    async with telegram() as rig:
        rig.api.user("Tina").says("old")

        await rig.bot.delete_webhook(drop_pending_updates=True)

        assert rig.api.undelivered == []
