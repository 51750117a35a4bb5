"""What comes in over the Bot API by polling: stored before it is acknowledged, each for itself."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest

from bot.channels.base import Outgoing
from bot.channels.telegram import Telegram
from bot.incoming import Incoming
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.telegram_phone import Phone
from bot.wires.polling import TelegramPolling
from bot.wires.receiving import Health, Presses, Receiver
from bot.wires.redaction import keep_secrets
from storage import kept
from storage.db import StorageDown, Tx
from tests.wire.world import World, until


@pytest.fixture
async def polling(world: World, telegram: Telegram) -> AsyncIterator[TelegramPolling]:
    presses = Presses(telegram)
    receiver = Receiver(world.writer, world.door, world.clock)
    yield TelegramPolling(world.writer, receiver, telegram, presses, Health())
    await presses.close()


@pytest.fixture
def tina(botapi: BotApi) -> Phone:
    return botapi.user("Tina")


def said(world: World) -> list[str]:
    return [incoming.text for incoming in world.door.received]


async def poll(polling: TelegramPolling) -> None:
    """Take in all that waits, and acknowledge it by asking once more."""
    while await polling.once(0):
        pass


async def test_a_text_comes_in_with_who_and_when(
    world: World, polling: TelegramPolling, tina: Phone
) -> None:
    message = tina.says("/today@doorstep_bot please")

    await poll(polling)

    (incoming,) = world.door.received
    assert incoming.kind == "message"
    assert incoming.text == "/today please"
    assert incoming.sender == str(tina.id)
    assert incoming.account == "4839574812"
    assert incoming.message_id == str(message.message_id)
    assert incoming.sent_at == incoming.received_at == world.clock.now()


async def test_p1_nothing_is_acknowledged_before_it_is_stored(
    world: World, polling: TelegramPolling, tina: Phone, botapi: BotApi
) -> None:
    def down(tx: Tx, incoming: Incoming) -> None:
        raise StorageDown("gone")

    tina.says("one")
    world.door.turn = down
    with pytest.raises(StorageDown):
        await polling.once(0)
    assert len(botapi.undelivered) == 1
    world.door.turn = lambda tx, incoming: None

    await poll(polling)

    assert said(world) == ["one"]
    assert botapi.undelivered == []


async def test_p2_the_same_update_twice_has_one_effect(
    world: World, polling: TelegramPolling, tina: Phone, botapi: BotApi
) -> None:
    tina.says("one")
    await poll(polling)
    botapi.redeliver(botapi.update_ids[0])
    tina.says("two")

    await poll(polling)

    assert said(world) == ["one", "two"]


async def test_p10_a_malformed_update_harms_itself_only(
    world: World, polling: TelegramPolling, tina: Phone, botapi: BotApi
) -> None:
    tina.says("before")
    tina.raw({"message": {"message_id": 7, "date": 1795435200, "text": "no chat"}})
    tina.raw({"message": "a string"})
    tina.raw({"callback_query": {"id": "1"}})
    tina.raw({"poll": {"id": "1"}})
    tina.says("after")

    await poll(polling)

    assert said(world) == ["before", "after"]
    assert [row["status"] for row in world.inbox()].count("quarantined") == 3
    assert botapi.undelivered == []


async def test_p10_a_turn_that_raises_is_quarantined_with_its_payload(
    world: World, polling: TelegramPolling, tina: Phone
) -> None:
    def turn(tx: Tx, incoming: Incoming) -> None:
        if incoming.text == "poison":
            tx.run("INSERT INTO kept (key, value) VALUES ('half', 'a turn')")
            raise ZeroDivisionError

    world.door.turn = turn
    tina.says("poison")
    tina.says("fine")

    await poll(polling)

    poisoned, fine = sorted(world.inbox(), key=lambda row: row["status"], reverse=True)
    assert (poisoned["status"], poisoned["error"]) == ("quarantined", "ZeroDivisionError")
    assert json.loads(poisoned["payload"])["message"]["text"] == "poison"
    assert fine["status"] == "done"
    assert world.store.transact(lambda tx: kept.get(tx, "half")) is None


async def test_trap_18_a_press_is_answered_at_once_and_its_keyboard_taken_off(
    world: World, polling: TelegramPolling, tina: Phone, telegram: Telegram
) -> None:
    tina.starts()
    payload = {"text": "3/11", "buttons": [[["Done", "1:2:d"]]]}
    now = world.clock.datetime()
    await telegram.send(Outgoing(1, str(tina.id), "prompt", payload, now))
    world.door.toast = "Noted"
    press = tina.presses("Done")

    await poll(polling)
    await until(lambda: press.answered and not tina.messages[-1].buttons)

    assert press.answer == "Noted"
    pressed = world.door.received[-1]
    assert (pressed.kind, pressed.button, pressed.sender) == ("button", "1:2:d", str(tina.id))
    assert pressed.callback_id == press.query_id


@pytest.mark.parametrize(
    ("pressed", "left"),
    [
        ("1 🙋", ["1 📞", "2 🙋", "2 📞", "2 Go"]),  # taken: the rest of it, and the other one
        ("2 Go", ["1 🙋", "1 📞"]),  # decided: only the other one
        ("2 📞", ["1 🙋", "1 📞", "2 Go"]),
    ],
)
async def test_what_a_manager_has_not_answered_keeps_its_buttons(
    world: World,
    telegram: Telegram,
    polling: TelegramPolling,
    tina: Phone,
    pressed: str,
    left: list[str],
) -> None:
    """Several alerts in one message stay answerable one by one."""
    rows = [
        [["1 🙋", "a:1:a"], ["1 📞", "a:1:c"]],
        [["2 🙋", "a:2:a"], ["2 📞", "a:2:c"], ["2 Go", "a:2:y"]],
    ]
    tina.starts()
    payload = {"text": "2 × no ETA", "buttons": rows}
    now = world.clock.datetime()
    await telegram.send(Outgoing(7, str(tina.id), "alert", payload, now))
    tina.presses(pressed)
    await poll(polling)

    def shown() -> list[str]:
        return [each.text for row in tina.messages[-1].buttons for each in row]

    await until(lambda: shown() == left)


async def test_trap_20_an_answer_that_comes_too_late_harms_nothing(
    world: World, polling: TelegramPolling, tina: Phone, botapi: BotApi
) -> None:
    botapi.faults.add("answerCallbackQuery", status=400)
    tina.starts()
    tina.presses_data("9:9:old", None)
    tina.says("next")

    await poll(polling)

    assert said(world)[-1] == "next"
    assert world.door.received[1].message_id == ""


async def test_trap_17_an_edited_message_is_told_apart(
    world: World, polling: TelegramPolling, tina: Phone
) -> None:
    message = tina.says("1")
    tina.edits(message, "2")

    await poll(polling)

    assert [(i.kind, i.text) for i in world.door.received] == [("message", "1"), ("edited", "2")]


async def test_trap_22_pictures_are_taken_as_photo_and_as_file(
    world: World, polling: TelegramPolling, tina: Phone, jpeg: bytes
) -> None:
    tina.sends_photo(jpeg, "the door")
    tina.sends_file(jpeg, "IMG_1.HEIC", "application/octet-stream")
    tina.sends_file(jpeg, "scan", "image/heic")
    tina.sends_file(b"%PDF", "a.pdf", "application/pdf")

    await poll(polling)

    kinds = [(i.kind, i.text, len(i.photos)) for i in world.door.received]
    assert kinds == [
        ("message", "the door", 1),
        ("message", "", 1),
        ("message", "", 1),
        ("unsupported", "", 0),
    ]
    assert b"4839574812:" not in str(world.door.received).encode()


async def test_trap_21_an_album_is_one_album(
    world: World, polling: TelegramPolling, tina: Phone, jpeg: bytes
) -> None:
    tina.sends_album([jpeg, jpeg, jpeg], "parts")

    await poll(polling)

    assert len({i.album for i in world.door.received}) == 1
    assert world.door.received[0].album
    assert [i.text for i in world.door.received] == ["parts", "", ""]


async def test_trap_34_a_contact_card_of_somebody_else_has_no_number(
    world: World, polling: TelegramPolling, tina: Phone
) -> None:
    tina.shares_contact("+12125550101")
    tina.shares_contact("+12125550199", user_id=12345, first_name="Mallory")

    await poll(polling)

    assert [(i.kind, i.text) for i in world.door.received] == [
        ("contact", "+12125550101"),
        ("contact", ""),
    ]


async def test_stickers_voices_places_and_blocking(
    world: World, polling: TelegramPolling, tina: Phone
) -> None:
    tina.sends_sticker()
    tina.sends_voice()
    tina.sends_location()
    tina.blocks_bot()
    tina.unblocks_bot()

    await poll(polling)

    kinds = [i.kind for i in world.door.received]
    assert kinds == ["unsupported"] * 3 + ["blocked", "unblocked"]


async def test_groups_and_channels_are_none_of_our_business(
    world: World, polling: TelegramPolling, tina: Phone
) -> None:
    chat = {"id": -100123, "type": "supergroup", "title": "Crew"}
    sender = {"id": tina.id, "is_bot": False, "first_name": "Tina"}
    body = {"message_id": 1, "date": 1795435200, "chat": chat, "from": sender, "text": "hi"}
    tina.raw({"message": body})
    tina.raw(
        {
            "my_chat_member": {
                "chat": chat,
                "from": sender,
                "date": 1795435200,
                "new_chat_member": {"status": "member"},
            }
        }
    )

    await poll(polling)

    assert world.inbox() == []


async def test_trap_40_an_offset_is_forgotten_after_a_quiet_day(
    world: World, polling: TelegramPolling, tina: Phone, botapi: BotApi
) -> None:
    key = "telegram_offset:4839574812"
    stale = json.dumps({"offset": 900_000_000, "at": 1})
    world.store.transact(lambda tx: kept.put(tx, key, stale))
    tina.says("after the holidays")
    await polling._remember()

    await poll(polling)

    assert said(world) == ["after the holidays"]


async def test_the_loop_survives_errors_removes_a_webhook_and_goes_on(
    world: World, polling: TelegramPolling, tina: Phone, botapi: BotApi, telegram: Telegram
) -> None:
    await telegram.receive_by_webhook("https://bot.example.com/telegram/webhook", "s3cret")
    botapi.faults.add("getUpdates", status=502)
    botapi.faults.add("getUpdates", status=200, body="<html>not json</html>")
    running = asyncio.create_task(polling.run())
    tina.says("hello")

    await until(lambda: said(world) == ["hello"], 15)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert botapi.webhook is None


async def test_trap_41_a_second_process_stands_by(
    world: World, polling: TelegramPolling, tina: Phone, telegram: Telegram
) -> None:
    receiver = Receiver(world.writer, world.door, world.clock)
    second = TelegramPolling(world.writer, receiver, telegram, Presses(telegram), Health())
    running = [asyncio.create_task(loop.run()) for loop in (polling, second)]
    tina.says("one")
    await until(lambda: said(world) == ["one"])
    running[0].cancel()
    await asyncio.gather(running[0], return_exceptions=True)
    tina.says("two")

    await until(lambda: said(world) == ["one", "two"], 10)
    running[1].cancel()
    await asyncio.gather(running[1], return_exceptions=True)

    assert len(world.inbox()) == 2


async def test_the_commands_menu_is_set_by_scope_and_language(
    telegram: Telegram, botapi: BotApi
) -> None:
    await telegram.show_commands(
        [("private", "", [("today", "Today's jobs")]), ("private", "es", [("today", "Hoy")])]
    )

    calls = [call.params for call in botapi.calls if call.method == "setMyCommands"]
    assert [call.get("language_code") for call in calls] == [None, "es"]


async def test_s7_no_log_line_has_the_token(
    world: World,
    polling: TelegramPolling,
    tina: Phone,
    caplog: pytest.LogCaptureFixture,
    botapi: BotApi,
) -> None:
    factory = logging.getLogRecordFactory()
    keep_secrets(botapi.token)
    try:
        with caplog.at_level(logging.DEBUG):
            logging.getLogger("httpx").setLevel(logging.DEBUG)
            botapi.faults.add("getUpdates", status=500)
            tina.says("call me on +12125550101")
            with pytest.raises(Exception):  # noqa: B017, PT011
                await polling.once(0)
            logging.getLogger("x").error("to +12125550101: %s", botapi.token)
            await poll(polling)
    finally:
        logging.setLogRecordFactory(factory)

    assert "getUpdates" in caplog.text
    assert botapi.token.partition(":")[2] not in caplog.text
    assert "+12125550101" not in caplog.text
