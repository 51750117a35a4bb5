"""Reads one raw Telegram update into an Incoming; what it does not know it leaves alone.

The update is read as plain JSON and not by a library's classes: one update that lacks a field
must not cost the others of its batch (P10), and fields that we do not use cannot break it.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.channels.text import clean
from bot.clock import Clock, sent_at
from bot.documents import write
from bot.incoming import Incoming, PhotoRef
from flows.facts import Instant

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update that we ask for, by name each time: without names an older choice stays."""
_PICTURE_NAME = re.compile(r"\.(jpe?g|png|heic|heif|webp|gif|bmp|tiff?)$", re.IGNORECASE)
_SERVICE = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "chat_background_set",
        "users_shared",
        "chat_shared",
        "write_access_allowed",
        "connected_website",
        "proximity_alert_triggered",
        "successful_payment",
        "refunded_payment",
        "boost_added",
        "gift",
        "unique_gift",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
    }
)
"""Notices of the chat itself: nobody said anything."""

Json = Mapping[str, Any]


class Unreadable(ValueError):
    """The update lacks what every update has; it is stored as it came, and the next one is read."""


def parse(update: object, account: str, clock: Clock, received_at: Instant) -> Incoming | None:
    """What a person did, or None where it is none of our business (groups, channels, other bots).

    `account` is the bot's id, `received_at` business time. Unreadable.
    """
    if not isinstance(update, Mapping) or not isinstance(update.get("update_id"), int):
        raise Unreadable("no update_id")
    common = {
        "channel": "telegram",
        "account": account,
        "key": str(update["update_id"]),
        "received_at": received_at,
        "payload": write(update),
    }
    try:
        if "message" in update:
            return _message(update["message"], common, clock)
        if "edited_message" in update:
            return _edited(update["edited_message"], common, clock)
        if "callback_query" in update:
            return _button(update["callback_query"], common)
        if "my_chat_member" in update:
            return _membership(update["my_chat_member"], common, clock)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error
    return None


def _private(message: Json) -> str:
    """The chat's id, "" unless it is a private chat with a person."""
    chat = message["chat"]
    if chat["type"] != "private" or message.get("from", {}).get("is_bot"):
        return ""
    return str(int(chat["id"]))


def _stamp(seconds: object, common: Json, clock: Clock) -> Instant:
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise TypeError("a date is a whole number of seconds")
    return sent_at(clock, seconds * 1000, common["received_at"])


def _message(message: Json, common: Json, clock: Clock) -> Incoming | None:
    sender = _private(message)
    if not sender or _SERVICE & message.keys():
        return None
    known: dict[str, Any] = {
        **common,
        "sender": sender,
        "sent_at": _stamp(message["date"], common, clock),
        "message_id": str(message.get("message_id", "")),
        "album": clean(message.get("media_group_id")),
    }
    if "text" in message:
        return Incoming(**known, text=_typed(message["text"]))
    if "contact" in message:
        return Incoming(**known, kind="contact", text=_own_number(message))
    photos = _pictures(message)
    if photos:
        return Incoming(**known, text=clean(message.get("caption")), photos=photos)
    return Incoming(**known, kind="unsupported", text=clean(message.get("caption")))


def _typed(text: object) -> str:
    """The text; a command loses the bot's name that some clients add (`/today@bot`)."""
    return re.sub(r"^/(\w+)@\w+", r"/\1", clean(text))


def _own_number(message: Json) -> str:
    """The number of a shared card, only where it is the sender's own: any card can be shared."""
    contact = message["contact"]
    if contact.get("user_id") != message.get("from", {}).get("id"):
        return ""
    return clean(contact.get("phone_number"))


def _pictures(message: Json) -> tuple[PhotoRef, ...]:
    """A photo in its largest size, or a picture that was sent as a file."""
    if message.get("photo"):
        largest = max(message["photo"], key=lambda size: size["width"] * size["height"])
        return (_ref(largest, "image/jpeg"),)
    document = message.get("document")
    if document:
        mime = clean(document.get("mime_type"), 100)
        if mime.startswith("image/") or _PICTURE_NAME.search(clean(document.get("file_name"))):
            return (_ref(document, mime),)
    return ()


def _ref(file: Json, mime: str) -> PhotoRef:
    source = {"file_id": file["file_id"], "unique": file.get("file_unique_id", "")}
    return PhotoRef(source, mime, int(file.get("file_size") or 0))


def _edited(message: Json, common: Json, clock: Clock) -> Incoming | None:
    sender = _private(message)
    if not sender:
        return None
    return Incoming(
        **common,
        sender=sender,
        sent_at=_stamp(message.get("edit_date", message["date"]), common, clock),
        kind="edited",
        text=clean(message.get("text") or message.get("caption")),
        message_id=str(message.get("message_id", "")),
    )


def _button(query: Json, common: Json) -> Incoming | None:
    """A press. It has no time of its own: it counts as sent when it came (it lives 150 s)."""
    message = query.get("message") or {}
    chat = message.get("chat", {"type": "private", "id": query["from"]["id"]})
    if chat["type"] != "private" or "data" not in query:
        return None
    gone = not message.get("date")  # a message that the bot can no longer see has date 0
    return Incoming(
        **common,
        sender=str(int(query["from"]["id"])),
        sent_at=common["received_at"],
        kind="button",
        button=clean(query["data"], 64),
        callback_id=str(query["id"]),
        message_id="" if gone else str(message["message_id"]),
        keyboard=_keyboard(message),
    )


def _keyboard(message: Json) -> list[list[tuple[str, str]]]:
    """The buttons under a message that a press would send again."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return [
        [(str(each["text"]), str(each["callback_data"])) for each in row if "callback_data" in each]
        for row in rows
    ]


def _membership(change: Json, common: Json, clock: Clock) -> Incoming | None:
    sender = _private(change)
    status = change["new_chat_member"]["status"]
    if not sender or status not in ("kicked", "member"):
        return None
    kind = "blocked" if status == "kicked" else "unblocked"
    at = _stamp(change["date"], common, clock)
    return Incoming(**common, sender=sender, sent_at=at, kind=kind)
