"""What one bot's corner of Telegram holds: people, their chats, messages and button presses."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.rehearsal.carriers.telegram_files import FileCabinet, StoredFile

Json = dict[str, Any]
Listener = Callable[[str, Json], None]


@dataclass(frozen=True)
class Button:
    """One button of an inline keyboard as the phone shows it: text, and data or url."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass
class Message:
    """A message as it stands now on one phone; `date` is UTC."""

    message_id: int
    chat_id: int
    from_bot: bool
    sender: Json
    chat: Json
    date: datetime
    text: str | None = None
    entities: list[Json] = field(default_factory=list)
    caption: str | None = None
    markup: Json | None = None
    photo_sizes: list[StoredFile] = field(default_factory=list)
    document_file: StoredFile | None = None
    extra: Json = field(default_factory=dict)  # sticker, voice, location, contact, reply_to_message
    media_group_id: str | None = None
    edited: datetime | None = None

    @property
    def buttons(self) -> list[list[Button]]:
        """The inline keyboard, row by row; [] without one."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [
            [Button(b["text"], b.get("callback_data"), b.get("url")) for b in row] for row in rows
        ]

    @property
    def photo(self) -> bytes | None:
        """The JPEG in its largest size."""
        return self.photo_sizes[-1].content if self.photo_sizes else None

    @property
    def document(self) -> bytes | None:
        """The bytes of a file."""
        return self.document_file.content if self.document_file else None

    @property
    def filename(self) -> str | None:
        """The name of a file."""
        return self.document_file.about["file_name"] if self.document_file else None

    def to_json(self) -> Json:
        """The Bot API's Message object."""
        body: Json = {
            "message_id": self.message_id,
            "from": self.sender,
            "chat": self.chat,
            "date": int(self.date.timestamp()),
        }
        if self.edited is not None:
            body["edit_date"] = int(self.edited.timestamp())
        if self.media_group_id is not None:
            body["media_group_id"] = self.media_group_id
        if self.text is not None:
            body["text"] = self.text
            if self.entities:
                body["entities"] = self.entities
        if self.photo_sizes:
            body["photo"] = [size.facts() for size in self.photo_sizes]
        if self.document_file is not None:
            body["document"] = self.document_file.facts()
        if self.caption:
            body["caption"] = self.caption
            if self.entities:
                body["caption_entities"] = self.entities
        if "inline_keyboard" in (self.markup or {}):
            body["reply_markup"] = self.markup
        return body | self.extra


@dataclass
class Press:
    """One press of an inline button; `answered` once the bot answered it, with these words."""

    query_id: str
    user_id: int
    data: str
    pressed: float  # loop-independent monotonic seconds
    answered: bool = False
    answer: str | None = None
    alert: bool = False


@dataclass
class Person:
    """A Telegram account and its private chat with the bot."""

    user_id: int
    first_name: str
    last_name: str | None
    username: str | None
    language_code: str | None
    started: bool = False  # has ever written to the bot
    blocked: bool = False
    deactivated: bool = False
    messages: list[Message] = field(default_factory=list)
    inbox: list[Message] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    keyboard: list[list[Json]] = field(default_factory=list)

    def as_user(self) -> Json:
        """The Bot API's User object."""
        return {"id": self.user_id, "is_bot": False, **self._names(), **self._language()}

    def as_chat(self) -> Json:
        """The Bot API's Chat object of the private chat."""
        return {"id": self.user_id, "type": "private", **self._names()}

    def _names(self) -> Json:
        names = {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
        }
        return {key: value for key, value in names.items() if value}

    def _language(self) -> Json:
        return {"language_code": self.language_code} if self.language_code else {}

    def message(self, message_id: int) -> Message | None:
        """The message with this id that is still in the chat."""
        newest_first = reversed(self.messages)
        return next((m for m in newest_first if m.message_id == message_id), None)


@dataclass
class World:
    """Everything the two sides share; ids come from counters that begin at `start`."""

    bot: Json
    now: Callable[[], datetime]
    start: int = 1
    people: dict[int, Person] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files = FileCabinet(self.start)
        self._ids: dict[str, int] = {}

    def next_id(self, kind: str, first: int = 0) -> int:
        """The next number of this kind: `first + start`, then upward."""
        number = self._ids.get(kind, first + self.start)
        self._ids[kind] = number + 1
        return number

    def new_message(self, person: Person, *, from_bot: bool, **content: Any) -> Message:
        """Put a message into this person's chat and tell the listeners."""
        message = Message(
            message_id=self.next_id("message"),
            chat_id=person.user_id,
            from_bot=from_bot,
            sender=self.bot if from_bot else person.as_user(),
            chat=person.as_chat(),
            date=self.now(),
            **content,
        )
        person.messages.append(message)
        if from_bot:
            person.inbox.append(copy(message))
        self.tell(person, "message", message=message.to_json(), from_bot=from_bot)
        return message

    def tell(self, person: Person, kind: str, **details: Any) -> None:
        """Pass an event of this person's phone to every listener."""
        for listener in self.listeners:
            listener(str(person.user_id), {"type": kind, **details})
