"""Updates by webhook: the secret first, 200 only after the update is stored."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.channels.telegram import Telegram
from bot.incoming import Incoming
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.serving import serve
from bot.wires.receiving import Presses, Receiver
from bot.wires.web import Sample, TelegramHook, build_web
from storage.db import StorageDown, Tx
from tests.wire.world import World, until

SECRET = "a-Secret_1"
UPDATE = {
    "update_id": 5,
    "message": {
        "message_id": 1,
        "date": 1795435200,
        "chat": {"id": 42, "type": "private", "first_name": "T"},
        "from": {"id": 42, "is_bot": False, "first_name": "T"},
        "text": "hi",
    },
}


@pytest.fixture
async def web(world: World, telegram: Telegram) -> AsyncIterator[str]:
    async def wrong() -> str:
        return "no poll for 90 s"

    async def fine() -> str:
        return ""

    async def figures() -> list[Sample]:
        return [Sample("doorstep_outbox", "Rows that wait.", "gauge", 3, {"channel": 'a"b'})]

    presses = Presses(telegram)
    receiver = Receiver(world.writer, world.door, world.clock)
    hook = TelegramHook(telegram.account, SECRET, presses)
    app = build_web(
        world.writer,
        receiver,
        telegram=hook,
        checks={"database": fine, "telegram": wrong},
        metrics=figures,
    )
    async with serve(app) as url:
        yield url
    await presses.close()


async def post(web: str, body: object, secret: str | None = SECRET, **more: str) -> httpx.Response:
    headers = {name.encode(): value.encode() for name, value in more.items()}
    if secret is not None:
        headers[b"X-Telegram-Bot-Api-Secret-Token"] = secret.encode("latin-1")
    content = body if isinstance(body, bytes) else None
    async with httpx.AsyncClient() as client:
        return await client.post(
            f"{web}/telegram/webhook",
            content=content,
            headers=headers,
            json=None if isinstance(body, bytes) else body,
        )


async def test_updates_come_in_by_webhook(
    world: World, web: str, telegram: Telegram, botapi: BotApi
) -> None:
    await telegram.receive_by_webhook(f"{web}/telegram/webhook", SECRET)
    tina = botapi.user("Tina")
    tina.says("one")
    press = tina.presses_data("1:2:d", None)

    await until(lambda: press.answered)

    assert {i.kind for i in world.door.received} == {"message", "button"}
    await until(lambda: botapi.undelivered == [])


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "\xe9"])
async def test_s1_without_the_secret_403_and_no_row(
    world: World, web: str, secret: str | None
) -> None:
    answer = await post(web, UPDATE, secret)

    assert answer.status_code == 403
    assert world.inbox() == []


async def test_trap_42_a_charset_in_the_content_type_is_no_offence(world: World, web: str) -> None:
    answer = await post(web, UPDATE, **{"Content-Type": "application/json; charset=utf-8"})

    assert answer.status_code == 200
    assert [i.text for i in world.door.received] == ["hi"]


@pytest.mark.parametrize(
    "body", [b"no json", b"", b"[1]", b'{"update_id": 6, "message": {}}', b"[" * 200_000]
)
async def test_trap_42_what_cannot_be_read_is_kept_and_answered_200(
    world: World, web: str, body: bytes
) -> None:
    answers = [await post(web, body), await post(web, body)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [row["status"] for row in world.inbox()] == ["quarantined"]


async def test_p1_a_database_that_is_down_is_answered_503(world: World, web: str) -> None:
    def down(tx: Tx, incoming: Incoming) -> None:
        raise StorageDown("gone")

    world.door.turn = down

    answer = await post(web, UPDATE)

    assert answer.status_code == 503
    assert world.inbox() == []


async def test_s6_an_endless_body_is_cut_off(web: str) -> None:
    assert (await post(web, b"a" * 2_000_000)).status_code == 413


async def test_health_readiness_and_figures(web: str) -> None:
    async with httpx.AsyncClient() as client:
        health = await client.get(f"{web}/healthz")
        ready = await client.get(f"{web}/readyz")
        figures = await client.get(f"{web}/metrics")

    assert health.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": "ok", "telegram": "no poll for 90 s"}
    assert 'doorstep_outbox{channel="a\\"b"} 3\n' in figures.text
    assert health.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in health.headers["Content-Security-Policy"]
