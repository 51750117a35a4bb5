"""Messages as a phone draws them: Telegram's entities become markup, everything else is escaped."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.clock import to_instant
from bot.rehearsal.carriers.sms_text import encoding
from bot.rehearsal.carriers.telegram_text import units
from bot.rehearsal.carriers.telegram_world import Message
from bot.rehearsal.phones import Device, Phones, Text
from bot.speech.naming import clock as wall_clock
from bot.speech.naming import european

_TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "code",
    "blockquote": "q",
    "expandable_blockquote": "q",
    "phone_number": "b",
}
_ADDRESS = re.compile(r"(https?://[^\s<>\"']+[^\s<>\"'.,;:!?)])")
_SAFE_LINK = re.compile(r"(https?|tg|mailto|tel):", re.I)


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: what it says and what a press sends; `link` opens instead."""

    label: str
    data: str
    link: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on a screen; `pictures` are addresses, `note` stands small beneath."""

    key: str
    mine: bool
    body: Markup
    clock: str
    note: str = ""
    pictures: tuple[str, ...] = ()
    rows: tuple[tuple[Button, ...], ...] = ()
    message: int = 0
    day: str = ""
    card: tuple[str, str] | None = None
    file: tuple[str, str] | None = None
    """A document: its name and its address."""


def bubbles(phones: Phones, device: Device, zone: ZoneInfo, most: int = 120) -> list[Bubble]:
    """What this phone shows, oldest first; times in `zone`."""
    if device.channel == "telegram":
        drawn = [
            (message.date, _of_message(device, message, zone))
            for message in phones.messages(device)[-most:]
        ]
    else:
        drawn = [(text.at, _of_text(device, text, zone)) for text in phones.texts(device)[-most:]]
    return list(_with_days(drawn, zone))


def _with_days(drawn: list[tuple[datetime, Bubble]], zone: ZoneInfo) -> Iterable[Bubble]:
    last = ""
    for at, bubble in drawn:
        local = at.astimezone(zone)
        date = f"{local.day} {local:%B}" if european(zone.key) else f"{local:%B} {local.day}"
        day = f"{local:%A}, {date}"
        yield bubble if day == last else replace(bubble, day=day)
        last = day


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return wall_clock(to_instant(at), zone.key, sms=False)


def _of_text(device: Device, text: Text, zone: ZoneInfo) -> Bubble:
    if text.carrier:
        note = "from the phone company"
    elif text.pictures:
        note = "MMS"
    else:
        size = len(text.text)
        coded = "" if encoding(text.text) == "GSM-7" else ", Unicode"
        note = (
            f"{size} characters{coded}, {text.segments} segment{'s' if text.segments != 1 else ''}"
        )
    pictures = tuple(
        f"/rehearsal/picture/{device.id}/{text.key}/{place}" for place in range(len(text.pictures))
    )
    return Bubble(text.key, text.mine, linked(text.text), _clock(text.at, zone), note, pictures)


def linked(text: str) -> Markup:
    """A plain text as a phone shows it: web addresses can be opened, the rest is escaped."""
    link = Markup('<a href="{0}" target="_blank" rel="noreferrer noopener">{0}</a>')
    pieces = _ADDRESS.split(text)  # every second one is an address
    return Markup("").join(
        link.format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )


def _of_message(device: Device, message: Message, zone: ZoneInfo) -> Bubble:
    pictures: tuple[str, ...] = ()
    if message.photo_sizes:
        pictures = (f"/rehearsal/picture/{device.id}/{message.message_id}/0",)
    words = message.text if message.text is not None else message.caption or ""
    body = formatted(words, message.entities)
    file: tuple[str, str] | None = None
    if message.document_file is not None:
        address = f"/rehearsal/file/{device.id}/{message.message_id}"
        file = (message.filename or "file", address)
    if not words and not pictures and not file:
        body = Markup("<em>{}</em>").format(_other(message))
    contact = message.extra.get("contact")
    rows = tuple(
        tuple(
            Button(b.text, b.data or "", b.url if b.url and _SAFE_LINK.match(b.url) else "")
            for b in row
        )
        for row in message.buttons
    )
    return Bubble(
        f"m{message.message_id}",
        not message.from_bot,
        Markup("") if contact else body,
        _clock(message.date, zone),
        "edited" if message.edited is not None and not message.from_bot else "",
        pictures,
        rows,
        message.message_id,
        card=(contact["first_name"], contact["phone_number"]) if contact else None,
        file=file,
    )


def _other(message: Message) -> str:
    return next(
        (kind.capitalize() for kind in message.extra if kind != "reply_to_message"), "Message"
    )


def formatted(text: str, entities: list[dict[str, Any]]) -> Markup:
    """Text with Telegram's entities (offsets in UTF-16 units) as escaped markup."""
    raw = text.encode("utf-16-le", "surrogatepass")
    edges = {0, units(text)}
    for entity in entities:
        edges |= {entity["offset"], entity["offset"] + entity["length"]}
    made = Markup("")
    for start, end in pairwise(sorted(edges)):
        piece: Markup = escape(raw[2 * start : 2 * end].decode("utf-16-le", "replace"))
        around = [e for e in entities if e["offset"] <= start and end <= e["offset"] + e["length"]]
        for entity in sorted(around, key=lambda e: (e["length"], -e["offset"])):
            piece = _wrapped(piece, entity, raw)
        made += piece
    return made


def _wrapped(piece: Markup, entity: dict[str, Any], raw: bytes) -> Markup:
    kind = entity["type"]
    if kind in ("text_link", "url"):
        whole = raw[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode(
            "utf-16-le", "replace"
        )
        link = entity.get("url") or whole
        if not _SAFE_LINK.match(link):
            return piece
        return Markup('<a href="{}" target="_blank" rel="noreferrer noopener">{}</a>').format(
            link, piece
        )
    if kind == "bot_command":
        return Markup('<button type="button" class="command" data-say="{}">{}</button>').format(
            piece.unescape(), piece
        )
    if kind == "spoiler":
        return Markup('<span class="spoiler">{}</span>').format(piece)
    tag = _TAGS.get(kind)
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), piece) if tag else piece  # noqa: S704 - from our own table
