import io
import re

import httpx
import pytest
from PIL import Image
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from bot.rehearsal.carriers.telegram_phone import NoSuchButton
from bot.rehearsal.carriers.telegram_world import Button
from tests.carriers.rigs import picture, telegram

DONE = InlineKeyboardMarkup([[InlineKeyboardButton("Done", callback_data="step:1")]])


async def test_a_prompt_its_button_and_the_answer() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.starts("code")
        sent = await rig.bot.send_message(
            tina.id,
            '<b>3/11</b> R&amp;D <a href="https://example.org">map</a>',
            parse_mode="HTML",
            reply_markup=DONE,
        )
        assert sent.text == "3/11 R&D map"
        assert [entity.type for entity in sent.entities] == ["bold", "text_link"]
        assert tina.messages[-1].buttons == [[Button("Done", "step:1")]]

        press = tina.presses("Done")
        await rig.bot.answer_callback_query(press.query_id, "noted", show_alert=True)
        await rig.bot.edit_message_text("Done.", tina.id, sent.message_id)

        assert (press.answered, press.answer, press.alert) == (True, "noted", True)
        assert [m.text for m in tina.messages if m.from_bot] == ["Done."]
        assert [m.text for m in tina.inbox] == ["3/11 R&D map"]


async def test_an_edit_without_reply_markup_removes_the_keyboard() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        sent = await rig.bot.send_message(tina.id, "x", reply_markup=DONE)

        await rig.bot.edit_message_text("y", tina.id, sent.message_id)

        with pytest.raises(NoSuchButton):
            tina.presses("Done")


async def test_a_keyboard_can_be_taken_away_alone() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        sent = await rig.bot.send_message(tina.id, "x", reply_markup=DONE)

        await rig.bot.edit_message_reply_markup(tina.id, sent.message_id)

        assert (tina.messages[-1].text, tina.messages[-1].buttons) == ("x", [])


async def test_a_photo_arrives_in_sizes_without_exif() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        original = picture(2000, 1000, gps=True)
        tina.sends_photo(original, caption="the door")
        (update,) = await rig.bot.get_updates()
        assert update.message is not None
        sizes = update.message.photo

        file = await sizes[-1].get_file()
        content = bytes(await file.download_as_bytearray())

        assert [(size.width, size.height) for size in sizes] == [
            (90, 45),
            (320, 160),
            (800, 400),
            (1280, 640),
        ]
        assert content == tina.messages[-1].photo
        assert len(content) == sizes[-1].file_size
        with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(content)) as after:
            assert len(before.getexif()) > 0
            assert len(after.getexif()) == 0
            assert after.format == "JPEG"


async def test_a_file_keeps_its_bytes() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        original = picture(gps=True)
        tina.sends_file(original, "IMG_1.JPG", "image/jpeg")
        (update,) = await rig.bot.get_updates()
        assert update.message is not None
        assert update.message.document is not None

        file = await update.message.document.get_file()

        assert bytes(await file.download_as_bytearray()) == original
        assert update.message.document.file_name == "IMG_1.JPG"


async def test_photos_files_albums_and_cards_from_the_bot() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        sent = await rig.bot.send_photo(tina.id, picture(), caption="<i>a</i>", parse_mode="HTML")
        await rig.bot.send_photo(tina.id, sent.photo[-1].file_id)
        await rig.bot.send_document(tina.id, b"%PDF", filename="form.pdf", reply_markup=DONE)
        await rig.bot.send_media_group(
            tina.id, [InputMediaPhoto(picture(), caption="1"), InputMediaPhoto(picture())]
        )
        await rig.bot.send_media_group(
            tina.id,
            [
                InputMediaDocument(b"a", filename="a.txt"),
                InputMediaDocument(b"b", filename="b.txt"),
            ],
        )
        await rig.bot.send_contact(tina.id, "+18558363483", "Customer service")

        inbox = tina.inbox
        assert [m.caption for m in inbox] == ["a", None, None, "1", None, None, None, None]
        assert [m.filename for m in inbox if m.document_file] == ["form.pdf", "a.txt", "b.txt"]
        assert [m.document for m in inbox if m.document_file] == [b"%PDF", b"a", b"b"]
        assert len({m.media_group_id for m in inbox}) == 3
        assert inbox[-1].extra["contact"]["phone_number"] == "+18558363483"


async def test_captions_can_be_edited() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        sent = await rig.bot.send_photo(tina.id, picture(), caption="a", reply_markup=DONE)

        await rig.bot.edit_message_caption(tina.id, sent.message_id, caption="b")

        assert (tina.messages[-1].caption, tina.messages[-1].buttons) == ("b", [])


async def test_a_reply_keyboard_comes_and_goes() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        own = tina.says("/start")
        share = ReplyKeyboardMarkup([[KeyboardButton("Share my number", request_contact=True)]])
        await rig.bot.send_message(
            tina.id, "x", reply_markup=share, reply_parameters=ReplyParameters(own.message_id)
        )
        assert tina.keyboard == [[{"text": "Share my number", "request_contact": True}]]

        await rig.bot.send_message(tina.id, "y", reply_markup=ReplyKeyboardRemove())

        assert tina.keyboard == []


async def test_listeners_hear_both_sides() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        heard: list[tuple[str, str]] = []
        rig.api.listeners.append(lambda chat, event: heard.append((chat, event["type"])))

        tina.says("/start")
        await rig.bot.send_chat_action(tina.id, "typing")
        sent = await rig.bot.send_message(tina.id, "x")
        await sent.edit_text("y")
        await sent.delete()

        kinds = ["message", "action", "message", "edited", "deleted"]
        assert heard == [(str(tina.id), kind) for kind in kinds]
        assert [m.text for m in tina.messages] == ["/start"]


async def test_commands_are_kept_per_scope_and_language() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        scope = BotCommandScopeChat(tina.id)
        await rig.bot.set_my_commands([BotCommand("today", "Jobs")])
        await rig.bot.set_my_commands([BotCommand("today", "Hoy")], language_code="es")
        await rig.bot.set_my_commands([BotCommand("where", "Here")], scope=scope)
        await rig.bot.delete_my_commands(language_code="es")

        assert [c.description for c in await rig.bot.get_my_commands()] == ["Jobs"]
        assert await rig.bot.get_my_commands(language_code="es") == ()
        assert [c.command for c in await rig.bot.get_my_commands(scope=scope)] == ["where"]


async def test_the_bot_describes_itself() -> None:
    async with telegram() as rig:
        await rig.bot.set_my_name("Doorstep")
        await rig.bot.set_my_description("Guides you through the job.")
        await rig.bot.set_my_short_description("Job guide")
        await rig.bot.set_chat_menu_button(menu_button=MenuButtonCommands())

        assert (await rig.bot.get_my_name()).name == "Doorstep"
        assert (await rig.bot.get_my_description()).description == "Guides you through the job."
        assert (await rig.bot.get_my_short_description()).short_description == "Job guide"
        assert (await rig.bot.get_chat_menu_button()).type == "commands"
        assert re.fullmatch("[A-Za-z_]{5,32}", (await rig.bot.get_me()).username or "")


async def test_calls_work_by_get_form_and_json() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        url = f"{rig.api.base_url}/bot{rig.api.token}/sendMessage"
        async with httpx.AsyncClient() as client:
            for words in (
                {"params": {"chat_id": tina.id, "text": "get"}},
                {"data": {"chat_id": tina.id, "text": "form"}},
                {"json": {"chat_id": tina.id, "text": "json"}},
                {"data": {"chat_id": tina.id, "text": "parts"}, "files": {}},
            ):
                method = "GET" if "params" in words else "POST"
                answer = await client.request(method, url, **words)  # type: ignore[arg-type]
                assert answer.status_code == 200

        assert [m.text for m in tina.inbox] == ["get", "form", "json", "parts"]
