"""What the desk's pages and acts look at, and what they answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.context import Context
from bot.desk.rights import NotYours, Visitor
from bot.pictures.photo_store import PhotoStore
from bot.settings import Settings
from flows.facts import Instant
from storage.db import Row, Store, Tx, Writer


@dataclass(frozen=True, slots=True)
class Services:
    """What the desk needs of the running product."""

    settings: Settings
    store: Store
    writer: Writer
    context: Context
    clock: Clock
    photos: PhotoStore
    wake: Callable[[], None]
    bot_name: Callable[[], str]
    """The Telegram bot's username, "" where it is off or not known yet."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a page or an act may look at: who asks, about which thing, with which words."""

    tx: Tx
    services: Services
    visitor: Visitor
    now: Instant
    thing: Row | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    ready: Any = None
    """What was found before an act's transaction, where that takes its time."""

    @property
    def subject(self) -> Row:
        """The thing that the route is about."""
        if self.thing is None:
            raise NotYours
        return self.thing


@dataclass(frozen=True, slots=True)
class Page:
    """What to draw."""

    template: str
    values: Mapping[str, Any]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes that are no page: a picture, a paper, a list."""

    data: bytes
    kind: str
    name: str = ""
    """The name under which it is saved; "" where it is shown."""


@dataclass(frozen=True, slots=True)
class Went:
    """The act is done: where the browser goes now, and the sentence that it shows there."""

    to: str
    said: str = ""


class MovedOn(Exception):
    """What was looked at when the form was drawn stands otherwise now; nothing was done."""


Draw = Callable[[Ask], Page | Sent]
Act = Callable[[Ask], Went | Page]
Find = Callable[[Ask], Any]
