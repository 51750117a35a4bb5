"""The Bot API methods that change, delete or answer what is already in a chat."""

import time
from datetime import timedelta
from typing import Any

from bot.rehearsal.carriers.telegram_calls import (
    Json,
    Params,
    Refusal,
    bad_request,
    checked_markup,
    written_caption,
    written_text,
)
from bot.rehearsal.carriers.telegram_files import DOWNLOAD_LIMIT, as_json
from bot.rehearsal.carriers.telegram_sending import TARGET, Method, known, knows
from bot.rehearsal.carriers.telegram_text import units
from bot.rehearsal.carriers.telegram_world import Message, Person, World

DELETE_WITHIN = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class Editing:
    """editMessage…, deleteMessage, answerCallbackQuery, getFile.

    answer_within: real seconds in which a button press can be answered.
    """

    def __init__(self, world: World, answer_within: float) -> None:
        self.world = world
        self.answer_within = answer_within

    def methods(self) -> dict[str, Method]:
        """Name → (known parameters, handler)."""
        which = f"{TARGET} message_id inline_message_id reply_markup"
        return {
            "editMessageText": (
                knows(f"{which} text parse_mode entities link_preview_options"),
                self.edit_text,
            ),
            "editMessageCaption": (
                knows(f"{which} caption parse_mode caption_entities show_caption_above_media"),
                self.edit_caption,
            ),
            "editMessageReplyMarkup": (knows(which), self.edit_markup),
            "deleteMessage": (knows("chat_id message_id"), self.delete),
            "answerCallbackQuery": (
                knows("callback_query_id text show_alert url cache_time"),
                self.answer,
            ),
            "getFile": (knows("file_id"), self.get_file),
        }

    async def edit_text(self, p: Params) -> Json:
        """Another text; without reply_markup the keyboard goes."""
        person, message = self._message(p, "edit")
        text, entities = written_text(p)
        if message.text is None:
            raise bad_request("there is no text in the message to edit")
        return self._changed(p, person, message, text=text, entities=entities)

    async def edit_caption(self, p: Params) -> Json:
        """Another caption; without reply_markup the keyboard goes."""
        person, message = self._message(p, "edit")
        if not message.photo_sizes and message.document_file is None:
            raise bad_request("there is no caption in the message to edit")
        caption, entities = written_caption(p)
        return self._changed(p, person, message, caption=caption, entities=entities)

    async def edit_markup(self, p: Params) -> Json:
        """Another keyboard, or none."""
        person, message = self._message(p, "edit")
        return self._changed(p, person, message)

    async def delete(self, p: Params) -> bool:
        """Remove a message, of either side, younger than 48 hours."""
        person, message = self._message(p, "delete")
        if self.world.now() - message.date > DELETE_WITHIN:
            raise bad_request("message can't be deleted")
        person.messages.remove(message)
        self.world.tell(person, "deleted", message_id=message.message_id)
        return True

    async def answer(self, p: Params) -> bool:
        """End the spinner of a pressed button, with or without words."""
        press = self.world.presses.get(p.text("callback_query_id"))
        if press is None or time.monotonic() - press.pressed > self.answer_within:
            raise bad_request(TOO_OLD)
        if units(p.text("text")) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        press.answered = True
        press.answer = p.text("text") or None
        press.alert = p.boolean("show_alert")
        person = self.world.people[press.user_id]
        self.world.tell(person, "answer", text=press.answer, alert=press.alert)
        return True

    async def get_file(self, p: Params) -> Json:
        """Where a file can be fetched."""
        stored = self.world.files.get(p.text("file_id"))
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if len(stored.content) > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(stored.content),
            "file_path": stored.path,
        }

    def _message(self, p: Params, act: str) -> tuple[Person, Message]:
        person = known(self.world, p.text("chat_id"))
        if not p.text("message_id"):
            raise bad_request("message identifier is not specified")
        message = person.message(p.integer("message_id"))
        if message is None:
            raise bad_request(f"message to {act} not found")
        if act == "edit" and not message.from_bot:
            raise bad_request("message can't be edited")
        return person, message

    def _changed(self, p: Params, person: Person, message: Message, **content: Any) -> Json:
        markup = checked_markup(p.json("reply_markup"), inline_only=True)
        content["markup"] = markup
        if all(as_json(getattr(message, name)) == as_json(v) for name, v in content.items()):
            raise bad_request(NOT_MODIFIED)
        for name, value in content.items():
            setattr(message, name, value)
        message.edited = self.world.now()
        self.world.tell(person, "edited", message=message.to_json(), from_bot=True)
        return message.to_json()
