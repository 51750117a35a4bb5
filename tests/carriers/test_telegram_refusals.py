import pytest

from tests.carriers.rigs import TOKEN, Telegram, telegram

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
HTML = {"parse_mode": "HTML"}


def keyboard(*buttons: dict[str, str]) -> dict[str, object]:
    return {"reply_markup": {"inline_keyboard": [[button] for button in buttons]}}


async def refusal(rig: Telegram, method: str, **params: object) -> tuple[int, str]:
    answer = await rig.raw(method, **params)
    body = answer.json()
    assert body["ok"] is False
    assert body["error_code"] == answer.status_code
    return answer.status_code, body["description"]


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b> </b>", **HTML}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        (
            {"text": "<p>x</p>", **HTML},
            'can\'t parse entities: Unsupported start tag "p" at byte offset 0',
        ),
        (
            {"text": "é R&D <Tom>", **HTML},
            'can\'t parse entities: Unsupported start tag "tom" at byte offset 7',
        ),
        (
            {"text": "<b>x", **HTML},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ({"text": "x</b>", **HTML}, "can't parse entities: Unexpected end tag at byte offset 1"),
        (
            {"text": "<b>x</i>", **HTML},
            "can't parse entities: Unmatched end tag at byte offset 4, "
            'expected "</b>", found "</i>"',
        ),
        ({"text": "a < b", **HTML}, "can't parse entities: Unclosed start tag at byte offset 2"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        (
            {"text": "x", **keyboard({"text": "t", "callback_data": "é" * 33})},
            "BUTTON_DATA_INVALID",
        ),
        ({"text": "x", **keyboard({"text": "t", "callback_data": ""})}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", **keyboard(*[{"text": "t", "callback_data": "d"}] * 101)},
            "reply markup is too long",
        ),
        (
            {"text": "x", **keyboard({"callback_data": "d"})},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"text": "x", **keyboard({"text": "t"})},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", **keyboard({"text": "call", "url": "tel:+18558363483"})},
            "inline keyboard button URL 'tel:+18558363483' is invalid: Unsupported URL protocol",
        ),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
    ],
)
async def test_a_bad_message_is_refused(params: dict[str, object], description: str) -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")

        refused = await refusal(rig, "sendMessage", chat_id=tina.id, **params)

        assert refused == (400, f"Bad Request: {description}")
        assert tina.inbox == []


async def test_the_longest_text_is_counted_after_parsing() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")

        await rig.bot.send_message(tina.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")

        assert len(tina.inbox[0].text or "") == 4096


async def test_a_caption_has_1024_units() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        photo = tina.sends_file(b"x", "a.txt", "text/plain").document_file
        assert photo is not None
        call = {"chat_id": tina.id, "document": photo.file_id}

        refused = await refusal(rig, "sendDocument", caption="x" * 1025, **call)

        assert refused == (400, "Bad Request: message caption is too long")
        assert (await rig.raw("sendDocument", caption="x" * 1024, **call)).status_code == 200


@pytest.mark.parametrize("method", ["sendMessage", "sendContact", "sendChatAction"])
async def test_whom_a_bot_cannot_write_to(method: str) -> None:
    async with telegram() as rig:
        stranger, tina, gone = (rig.api.user(name) for name in ("Sam", "Tina", "Gus"))
        tina.says("/start")
        tina.blocks_bot()
        gone.says("/start")
        gone.deletes_account()
        content = {"text": "x", "phone_number": "1", "first_name": "x", "action": "typing"}
        content = {name: content[name] for name in NEEDS[method]}

        answers = [
            await refusal(rig, method, chat_id=chat, **content)
            for chat in (17, "", "@nobody", stranger.id, tina.id, gone.id)
        ]

        assert answers == [
            (400, "Bad Request: chat not found"),
            (400, "Bad Request: chat_id is empty"),
            (400, "Bad Request: chat not found"),
            (403, "Forbidden: bot can't initiate conversation with a user"),
            (403, "Forbidden: bot was blocked by the user"),
            (403, "Forbidden: user is deactivated"),
        ]


NEEDS = {
    "sendMessage": ["text"],
    "sendContact": ["phone_number", "first_name"],
    "sendChatAction": ["action"],
}


async def test_unblocking_lets_the_bot_write_again() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        tina.blocks_bot()
        tina.unblocks_bot()

        await rig.bot.send_message(tina.id, "back")

        assert [message.text for message in tina.inbox] == ["back"]


async def test_writing_to_a_blocked_bot_unblocks_it() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        tina.blocks_bot()

        tina.says("hello")

        updates = await rig.bot.get_updates()
        assert [update.my_chat_member is not None for update in updates] == [
            False,
            True,
            True,
            False,
        ]
        await rig.bot.send_message(tina.id, "back")


async def test_edits_and_deletions_that_are_refused() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        own = tina.says("/start")
        sent = await rig.bot.send_message(tina.id, "one")
        photo = await rig.bot.send_document(tina.id, b"x", filename="a.txt", caption="c")
        edit, delete = "editMessageText", "deleteMessage"
        chat = {"chat_id": tina.id}

        assert [
            await refusal(rig, edit, message_id=sent.message_id, text="one", **chat),
            await refusal(rig, edit, message_id=999, text="x", **chat),
            await refusal(rig, edit, text="x", **chat),
            await refusal(rig, edit, message_id=own.message_id, text="x", **chat),
            await refusal(rig, edit, message_id=photo.message_id, text="x", **chat),
            await refusal(rig, "editMessageCaption", message_id=sent.message_id, **chat),
            await refusal(rig, "editMessageReplyMarkup", message_id=sent.message_id, **chat),
            await refusal(rig, delete, message_id=999, **chat),
        ] == [
            (400, NOT_MODIFIED),
            (400, "Bad Request: message to edit not found"),
            (400, "Bad Request: message identifier is not specified"),
            (400, "Bad Request: message can't be edited"),
            (400, "Bad Request: there is no text in the message to edit"),
            (400, "Bad Request: there is no caption in the message to edit"),
            (400, NOT_MODIFIED),
            (400, "Bad Request: message to delete not found"),
        ]


async def test_a_message_older_than_48_hours_stays() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        sent = await rig.bot.send_message(tina.id, "one")
        rig.clock.push(hours=48, seconds=1)

        refused = await refusal(rig, "deleteMessage", chat_id=tina.id, message_id=sent.message_id)

        assert refused == (400, "Bad Request: message can't be deleted")


async def test_a_press_answered_too_late_or_never_made() -> None:
    async with telegram(answer_within=0.0) as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        await rig.raw("sendMessage", chat_id=tina.id, text="x", **keyboard(BUTTON))
        press = tina.presses("Done")

        late = await refusal(rig, "answerCallbackQuery", callback_query_id=press.query_id)
        forged = await refusal(rig, "answerCallbackQuery", callback_query_id="123")

        assert late == forged == (400, TOO_OLD)
        assert not press.answered


BUTTON = {"text": "Done", "callback_data": "d"}


async def test_files_that_cannot_be_had() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        big = tina.sends_file(bytes((20 << 20) + 1), "a.bin", "application/octet-stream")
        fits = tina.sends_file(bytes(20 << 20), "a.bin", "application/octet-stream")
        assert big.document_file is not None
        assert fits.document_file is not None

        assert [
            await refusal(rig, "getFile", file_id=big.document_file.file_id),
            await refusal(rig, "getFile", file_id="nonsense"),
        ] == [
            (400, "Bad Request: file is too big"),
            (400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
        ]
        assert (await rig.raw("getFile", file_id=fits.document_file.file_id)).status_code == 200


async def test_a_picture_that_is_none() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")

        with pytest.raises(Exception, match="Image_process_failed"):
            await rig.bot.send_photo(tina.id, b"not a picture")


async def test_wrong_tokens_and_methods() -> None:
    async with telegram(judged=False) as rig:
        rig.api.token = "1:other"
        assert await refusal(rig, "getMe") == (401, "Unauthorized")
        rig.api.token = TOKEN
        assert await refusal(rig, "sendFax") == (404, "Not Found: method not found")
        assert rig.api.violations == ["sendFax: no such method here"]


async def test_an_unknown_parameter_is_a_violation() -> None:
    async with telegram(judged=False) as rig:
        await rig.raw("getMe", colour="red")

        assert rig.api.violations == ["getMe: unknown parameter colour"]
        assert rig.judge.complaints == ["getMe: unknown parameters ['colour']"]
