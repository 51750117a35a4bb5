"""A simulated Telegram user: what their phone shows, and everything a thumb can do to it."""

import io
import time
from collections.abc import Sequence
from typing import Any

from PIL import Image

from bot.rehearsal.carriers.telegram_files import StoredFile
from bot.rehearsal.carriers.telegram_text import found_entities
from bot.rehearsal.carriers.telegram_updates import UpdateQueue
from bot.rehearsal.carriers.telegram_world import Button, Json, Message, Person, Press, World


class NoSuchButton(AssertionError):
    """No message on the phone shows that button."""


class Phone:
    """One person's Telegram. Every action queues the update that Telegram would send."""

    def __init__(self, world: World, queue: UpdateQueue, person: Person) -> None:
        self._world = world
        self._queue = queue
        self._person = person

    @property
    def id(self) -> int:
        """The user id, which is also the id of the private chat."""
        return self._person.user_id

    @property
    def messages(self) -> list[Message]:
        """What the chat shows now, both sides, after edits and deletions."""
        return list(self._person.messages)

    @property
    def inbox(self) -> list[Message]:
        """Every message from the bot in order of arrival, as it looked then."""
        return self._person.inbox

    @property
    def keyboard(self) -> list[list[Json]]:
        """The reply keyboard below the input field; [] without one."""
        return self._person.keyboard

    def says(self, text: str, reply_to: Message | None = None) -> Message:
        """Type and send a text."""
        extra = {"reply_to_message": reply_to.to_json()} if reply_to else {}
        return self._send(text=text, entities=found_entities(text), extra=extra)

    def starts(self, code: str = "") -> Message:
        """Open the chat by a deep link (or by the start button)."""
        return self.says(f"/start {code}".strip())

    def presses(self, button: str, message: Message | None = None) -> Press:
        """Press the inline button with this text or data, on `message` or the newest that has it.

        NoSuchButton when there is none; with `message` even an old keyboard can be pressed.
        """
        found = self._find(button, message)
        if found is None:
            raise NoSuchButton(f"{self._person.first_name}'s phone shows no button {button!r}")
        shown, pressed = found
        if pressed.data is None:
            raise NoSuchButton(f"{button!r} opens {pressed.url}: nothing reaches the bot")
        return self.presses_data(pressed.data, shown)

    def presses_data(self, data: str, message: Message | None) -> Press:
        """Send a press with any data, forged or from an ancient keyboard (message None: gone)."""
        query_id = str(self._world.next_id("query", 4_000_000_000_000))
        press = Press(query_id, self.id, data, time.monotonic())
        self._person.presses.append(press)
        self._world.presses[query_id] = press
        if message is not None and self._person.message(message.message_id):
            body: Json = message.to_json()
        else:
            gone = message.message_id if message is not None else 0
            body = {"message_id": gone, "chat": self._person.as_chat(), "date": 0}
        query = {
            "id": query_id,
            "from": self._person.as_user(),
            "chat_instance": str(self.id * 7919),
            "message": body,
            "data": data,
        }
        self._queue.put("callback_query", query, f"press:{self.id}")
        return press

    def sends_photo(self, content: bytes, caption: str | None = None) -> Message:
        """Send a picture as a photo: re-encoded and without EXIF."""
        return self._send(
            photo_sizes=self._world.files.keep_photo(content),
            caption=caption,
            entities=found_entities(caption or ""),
        )

    def sends_album(self, pictures: Sequence[bytes], caption: str | None = None) -> list[Message]:
        """Send several photos as one album: as many updates, the caption on the first."""
        album = str(self._world.next_id("album", 13_000_000_000_000_000))
        return [
            self._send(
                photo_sizes=self._world.files.keep_photo(content),
                caption=caption if place == 0 else None,
                entities=found_entities(caption or "") if place == 0 else [],
                media_group_id=album,
            )
            for place, content in enumerate(pictures)
        ]

    def sends_file(
        self, content: bytes, filename: str, mime: str, caption: str | None = None
    ) -> Message:
        """Send a file as a file: bytes, name and type stay as they are."""
        stored = self._world.files.keep_document(content, filename, mime)
        return self._send(
            document_file=stored, caption=caption, entities=found_entities(caption or "")
        )

    def sends_sticker(self, emoji: str = "\N{THUMBS UP SIGN}") -> Message:
        """Send a sticker."""
        out = io.BytesIO()
        Image.new("RGBA", (64, 64), "gold").save(out, "WEBP")
        about = {
            "width": 512,
            "height": 512,
            "emoji": emoji,
            "type": "regular",
            "is_animated": False,
            "is_video": False,
        }
        return self._send_extra("sticker", self._keep(out.getvalue(), "stickers", ".webp", about))

    def sends_voice(self, content: bytes = b"OggS", seconds: int = 3) -> Message:
        """Send a voice note of so many seconds."""
        about = {"duration": seconds, "mime_type": "audio/ogg"}
        return self._send_extra("voice", self._keep(content, "voice", ".oga", about))

    def sends_location(self, latitude: float = 40.7128, longitude: float = -74.006) -> Message:
        """Send a position in degrees."""
        return self._send(extra={"location": {"latitude": latitude, "longitude": longitude}})

    def shares_contact(
        self, phone_number: str, *, user_id: int | None = None, first_name: str | None = None
    ) -> Message:
        """Share a contact card: the person's own unless `user_id` or `first_name` say otherwise."""
        contact: Json = {
            "phone_number": phone_number,
            "first_name": first_name or self._person.first_name,
        }
        if user_id is not None or first_name is None:
            contact["user_id"] = user_id or self.id
        return self._send(extra={"contact": contact})

    def edits(self, message: Message, text: str) -> None:
        """Change an own message; the bot gets edited_message."""
        message.text, message.edited = text, self._world.now()
        message.entities = found_entities(text)
        self._world.tell(self._person, "edited", message=message.to_json(), from_bot=False)
        self._queue.put("edited_message", message.to_json(), str(self.id))

    def blocks_bot(self) -> None:
        """Stop and block: sends are refused from now on; the bot gets my_chat_member."""
        self._membership("member", "kicked")
        self._person.blocked = True

    def unblocks_bot(self) -> None:
        """Unblock; the bot gets my_chat_member."""
        self._membership("kicked", "member")
        self._person.blocked = False

    def deletes_account(self) -> None:
        """The account is gone: sends are refused as to a deactivated user."""
        self._person.deactivated = True

    def raw(self, update: Json) -> int:
        """Send any update, malformed ones too (without update_id); its id."""
        return self._queue.put_raw(update, str(self.id))

    def _send(self, **content: Any) -> Message:
        if self._person.blocked:  # a phone offers nothing else before one can write again
            self.unblocks_bot()
        self._person.started = True
        message = self._world.new_message(self._person, from_bot=False, **content)
        self._queue.put("message", message.to_json(), str(self.id))
        return message

    def _send_extra(self, kind: str, stored: StoredFile) -> Message:
        return self._send(extra={kind: stored.facts()})

    def _keep(self, content: bytes, folder: str, suffix: str, about: Json) -> StoredFile:
        return self._world.files.keep(content, folder, suffix, about)

    def _find(self, wanted: str, message: Message | None) -> tuple[Message, Button] | None:
        shown = [message] if message is not None else list(reversed(self._person.messages))
        for candidate in shown:
            for row in candidate.buttons:
                for button in row:
                    if wanted in (button.text, button.data):
                        return candidate, button
        return None

    def _membership(self, old: str, new: str) -> None:
        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self._world.bot, "status": status, **until}

        change = {
            "chat": self._person.as_chat(),
            "from": self._person.as_user(),
            "date": int(self._world.now().timestamp()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        self._queue.put("my_chat_member", change, str(self.id))
