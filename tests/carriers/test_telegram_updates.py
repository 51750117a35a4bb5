import asyncio
import time

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import Conflict

from tests.carriers.rigs import picture, telegram

DONE = InlineKeyboardMarkup([[InlineKeyboardButton("Done", callback_data="step:1")]])


async def test_a_long_poll_ends_when_something_arrives() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina", language_code="es")
        polling = asyncio.create_task(rig.bot.get_updates(timeout=20))
        await asyncio.sleep(0.05)
        assert not polling.done()

        tina.says("/start abc😀 https://example.org/a.")

        (update,) = await asyncio.wait_for(polling, 5)
        assert update.message is not None
        assert update.message.text == "/start abc😀 https://example.org/a."
        assert update.message.date == rig.clock.at
        assert update.message.from_user is not None
        assert update.message.from_user.language_code == "es"
        found = update.message.parse_entities()
        assert list(found.values()) == ["/start", "https://example.org/a"]


async def test_an_empty_poll_takes_its_time() -> None:
    async with telegram() as rig:
        start = time.monotonic()

        assert await rig.bot.get_updates(timeout=1) == ()
        assert time.monotonic() - start >= 1


async def test_updates_come_again_until_a_higher_offset_confirms_them() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        for text in ("1", "2", "3"):
            tina.says(text)

        first = await rig.bot.get_updates(limit=2)
        again = await rig.bot.get_updates(offset=first[0].update_id)
        rest = await rig.bot.get_updates(offset=first[1].update_id + 1)

        assert [texts(first), texts(again), texts(rest)] == [["1", "2"], ["1", "2", "3"], ["3"]]
        assert rig.api.undelivered == [rest[0].update_id]


async def test_a_negative_offset_forgets_what_is_older() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        for text in ("1", "2", "3"):
            tina.says(text)

        assert texts(await rig.bot.get_updates(offset=-1)) == ["3"]


async def test_a_second_poller_ends_the_first() -> None:
    async with telegram() as rig:
        first = asyncio.create_task(rig.bot.get_updates(timeout=20))
        await asyncio.sleep(0.05)

        await rig.raw("getUpdates")

        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first


async def test_polling_is_refused_while_a_webhook_is_set() -> None:
    async with telegram() as rig:
        await rig.bot.set_webhook("https://example.invalid/hook")

        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await rig.bot.get_updates()

        await rig.bot.delete_webhook()
        assert await rig.bot.get_updates() == ()


async def test_only_the_kinds_asked_for_arrive() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        await rig.bot.get_updates(allowed_updates=[Update.CALLBACK_QUERY])
        tina.says("unheard")
        await rig.bot.send_message(tina.id, "x", reply_markup=DONE)
        tina.presses("Done")

        updates = await rig.bot.get_updates()

        assert [list(update.to_dict()) for update in updates] == [["callback_query", "update_id"]]


async def test_an_album_is_as_many_updates_with_one_group() -> None:
    async with telegram() as rig:
        rig.api.user("Tina").sends_album([picture(), picture(), picture()], caption="the door")

        updates = await rig.bot.get_updates()

        messages = [update.message for update in updates if update.message]
        assert len(messages) == 3
        assert len({message.media_group_id for message in messages}) == 1
        assert [message.caption for message in messages] == ["the door", None, None]


async def test_everything_else_that_a_thumb_can_send() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        message = tina.says("frist")
        tina.edits(message, "first")
        tina.sends_sticker()
        tina.sends_voice()
        tina.sends_location()
        tina.shares_contact("12125550101")
        tina.shares_contact("+12125550102", first_name="Somebody")
        tina.sends_file(b"x", "IMG.HEIC", "image/heic", caption="/done")
        tina.blocks_bot()
        tina.unblocks_bot()

        updates = await rig.bot.get_updates()

        messages = [update.message for update in updates]
        assert [update.update_id - updates[0].update_id for update in updates] == list(range(10))
        assert updates[1].edited_message is not None
        assert updates[1].edited_message.text == "first"
        assert messages[2] is not None
        assert messages[2].sticker is not None
        assert messages[3] is not None
        assert messages[3].voice is not None
        assert messages[4] is not None
        assert messages[4].location is not None
        assert [m.contact.user_id for m in messages[5:7] if m and m.contact] == [tina.id, None]
        assert messages[7] is not None
        assert messages[7].document is not None
        assert messages[7].document.mime_type == "image/heic"
        blocked, unblocked = (update.my_chat_member for update in updates[8:])
        assert blocked is not None
        assert unblocked is not None
        assert [blocked.new_chat_member.status, unblocked.new_chat_member.status] == [
            "kicked",
            "member",
        ]


async def test_a_press_on_a_message_that_is_gone() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        await rig.bot.send_message(tina.id, "x", reply_markup=DONE)
        old = tina.messages[-1]
        await rig.bot.delete_message(tina.id, old.message_id)
        tina.presses("Done", old)

        update = (await rig.bot.get_updates())[-1]

        assert update.callback_query is not None
        assert update.callback_query.message is not None
        assert not update.callback_query.message.is_accessible
        assert update.callback_query.data == "step:1"


async def test_p2_the_same_update_can_come_twice() -> None:
    async with telegram() as rig:
        rig.api.user("Tina").says("hello")
        (update,) = await rig.bot.get_updates()
        await rig.bot.get_updates(offset=update.update_id + 1)

        rig.api.redeliver(update.update_id)

        (again,) = await rig.bot.get_updates(offset=update.update_id + 1)
        assert again.to_dict() == update.to_dict()


async def test_held_updates_come_in_the_order_of_release() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        rig.api.hold()
        for text in ("1", "2", "3"):
            tina.says(text)
        assert await rig.bot.get_updates() == ()

        rig.api.release("reversed")

        await asyncio.sleep(0.5)  # an earlier repeat of the same offset is answered one by one
        assert texts(await rig.bot.get_updates()) == ["3", "2", "1"]


async def test_presses_live_150_seconds_and_messages_a_day() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("hello")
        await rig.bot.send_message(tina.id, "x", reply_markup=DONE)
        tina.presses("Done")
        rig.clock.push(seconds=151)

        assert texts(await rig.bot.get_updates()) == ["hello"]

        rig.clock.push(hours=24)
        assert await rig.bot.get_updates(offset=1) == ()


async def test_p10_a_malformed_update_arrives_as_it_is() -> None:
    async with telegram() as rig:
        update_id = rig.api.user("Tina").raw({"message": {"text": "no chat"}})

        answer = await rig.raw("getUpdates")

        assert answer.json()["result"] == [{"update_id": update_id, "message": {"text": "no chat"}}]


async def test_ids_begin_where_they_are_told() -> None:
    async with telegram(start=5000) as rig:
        rig.api.user("Tina").says("hello")

        (update,) = await rig.bot.get_updates()

        assert update.update_id == 105_000
        assert update.message is not None
        assert update.message.message_id == 5000


def texts(updates: tuple[Update, ...]) -> list[str | None]:
    return [update.message.text for update in updates if update.message]
