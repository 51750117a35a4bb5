"""The Bot API methods that put messages into a chat."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from PIL import Image

from bot.rehearsal.carriers.telegram_calls import (
    Json,
    Params,
    Refusal,
    Upload,
    bad_request,
    checked_markup,
    written_caption,
    written_text,
)
from bot.rehearsal.carriers.telegram_files import NotAPicture, StoredFile
from bot.rehearsal.carriers.telegram_world import Message, Person, World

Method = tuple[frozenset[str], Callable[[Params], Awaitable[Any]]]
TARGET = "chat_id message_thread_id"
MANNER = "disable_notification protect_content allow_paid_broadcast reply_parameters reply_markup"
PHOTO_LIMIT, FILE_LIMIT = 10 << 20, 50 << 20  # bytes that a bot may upload


def knows(names: str) -> frozenset[str]:
    """Parameter names from one line."""
    return frozenset(names.split())


ACTIONS = knows(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note"
)


def reachable(world: World, chat_id: str) -> Person:
    """The person of this private chat whom the bot may write to; Refusal otherwise."""
    person = known(world, chat_id)
    if person.deactivated:
        raise Refusal(403, "Forbidden: user is deactivated")
    if person.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    if not person.started:
        raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    return person


def known(world: World, chat_id: str) -> Person:
    """The person of this private chat; 400 for an id that the bot has never met."""
    if not chat_id:
        raise bad_request("chat_id is empty")
    person = world.people.get(int(chat_id)) if re.fullmatch(r"-?\d+", chat_id) else None
    if person is None:
        raise bad_request("chat not found")
    return person


class Sending:
    """sendMessage, sendPhoto, sendDocument, sendMediaGroup, sendContact, sendChatAction."""

    def __init__(self, world: World) -> None:
        self.world = world

    def methods(self) -> dict[str, Method]:
        """Name → (known parameters, handler)."""
        written = f"{TARGET} {MANNER}"
        caption = "caption parse_mode caption_entities"
        return {
            "sendMessage": (
                knows(f"{written} text parse_mode entities link_preview_options"),
                self.send_message,
            ),
            "sendPhoto": (
                knows(f"{written} {caption} photo has_spoiler show_caption_above_media"),
                self.send_photo,
            ),
            "sendDocument": (
                knows(f"{written} {caption} document disable_content_type_detection thumbnail"),
                self.send_document,
            ),
            "sendMediaGroup": (knows(f"{written} media"), self.send_media_group),
            "sendContact": (
                knows(f"{written} phone_number first_name last_name vcard"),
                self.send_contact,
            ),
            "sendChatAction": (knows(f"{TARGET} action"), self.send_chat_action),
        }

    async def send_message(self, p: Params) -> Json:
        """A text."""
        person = reachable(self.world, p.text("chat_id"))
        text, entities = written_text(p)
        return self._sent(p, person, text=text, entities=entities)

    async def send_photo(self, p: Params) -> Json:
        """A picture: uploaded or by file_id."""
        person = reachable(self.world, p.text("chat_id"))
        sizes = self._photo(p.upload("photo"))
        return self._sent(p, person, photo_sizes=sizes, **self._caption(p))

    async def send_document(self, p: Params) -> Json:
        """A file: uploaded or by file_id."""
        person = reachable(self.world, p.text("chat_id"))
        stored = self._document(p.upload("document"))
        return self._sent(p, person, document_file=stored, **self._caption(p))

    async def send_media_group(self, p: Params) -> list[Json]:
        """An album of photos, or of documents."""
        person = reachable(self.world, p.text("chat_id"))
        media = p.json("media")
        if not isinstance(media, list) or not media:
            raise bad_request("there are no messages to send")
        if len(media) > 10:
            raise bad_request("too many messages to send as an album")
        if len({item.get("type") for item in media}) > 1:
            raise bad_request("document can't be mixed with other media types")
        contents: list[Json] = []
        for item in media:
            source = p.attached(str(item.get("media", "")))
            caption = self._caption(Params(item))
            if item.get("type") == "photo":
                contents.append({"photo_sizes": self._photo(source), **caption})
            elif item.get("type") == "document":
                contents.append({"document_file": self._document(source), **caption})
            else:
                raise bad_request("media type is not simulated")
        album = str(self.world.next_id("album", 13_000_000_000_000_000))
        return [self._sent(p, person, media_group_id=album, **content) for content in contents]

    async def send_contact(self, p: Params) -> Json:
        """A contact card."""
        person = reachable(self.world, p.text("chat_id"))
        if not p.text("phone_number"):
            raise bad_request("phone number is empty")
        if not p.text("first_name"):
            raise bad_request("first name is empty")
        names = ("phone_number", "first_name", "last_name", "vcard")
        card = {name: p.text(name) for name in names if p.text(name)}
        return self._sent(p, person, extra={"contact": card})

    async def send_chat_action(self, p: Params) -> bool:
        """Show that the bot is typing, or the like."""
        person = reachable(self.world, p.text("chat_id"))
        if p.text("action") not in ACTIONS:
            raise bad_request("wrong parameter action in request")
        self.world.tell(person, "action", action=p.text("action"))
        return True

    def _caption(self, p: Params) -> Json:
        caption, entities = written_caption(p)
        return {"caption": caption, "entities": entities}

    def _photo(self, source: Upload | str) -> list[StoredFile]:
        if isinstance(source, str):
            return [self._stored(source)]
        if len(source.content) > PHOTO_LIMIT:
            raise Refusal(413, "Request Entity Too Large")
        try:
            return self.world.files.keep_photo(source.content)
        except (NotAPicture, Image.DecompressionBombError) as error:
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED") from error

    def _document(self, source: Upload | str) -> StoredFile:
        if isinstance(source, str):
            return self._stored(source)
        if len(source.content) > FILE_LIMIT:
            raise Refusal(413, "Request Entity Too Large")
        if not source.content:
            raise bad_request("file must be non-empty")
        return self.world.files.keep_document(source.content, source.filename, source.mime)

    def _stored(self, file_id: str) -> StoredFile:
        if "://" in file_id:
            self.world.violations.append("a file sent by address: this server fetches none")
        stored = self.world.files.get(file_id)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return stored

    def _sent(self, p: Params, person: Person, **content: Any) -> Json:
        markup = checked_markup(p.json("reply_markup"))
        reply = self._replied(p, person)
        if reply is not None:
            content["extra"] = {**content.get("extra", {}), "reply_to_message": reply.to_json()}
        if markup and "keyboard" in markup:
            person.keyboard = markup["keyboard"]
        elif markup and markup.get("remove_keyboard"):
            person.keyboard = []
        message = self.world.new_message(person, from_bot=True, markup=markup, **content)
        return message.to_json()

    def _replied(self, p: Params, person: Person) -> Message | None:
        wanted = p.json("reply_parameters")
        if not isinstance(wanted, dict):
            return None
        reply = person.message(int(wanted.get("message_id", 0)))
        if reply is None and not wanted.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        return reply
