"""Takes what people did through the one door, each in a transaction of its own (P1, P10).

Whoever brings an update acknowledges it to the provider only after `take` has returned. A turn that
raises is rolled back; the update is then stored as it came, quarantined and visible, and the next
one is handled.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, Protocol

from bot.clock import Clock
from bot.incoming import Incoming, Keyboard
from bot.turns.alert_cards import buttons_left
from bot.turns.door import Receipt
from bot.wires.commit import commit
from storage import inbox
from storage.causes import caused_by
from storage.db import StorageError, Tx, Writer

_log = logging.getLogger(__name__)
MOST_KEPT = 64 * 1024
"""Characters of a body that are kept with a quarantined update."""


class Door(Protocol):
    """What receiving needs of the one door."""

    def receive(self, tx: Tx, incoming: Incoming) -> Receipt:
        """One update, stored and applied once."""
        ...


class Health:
    """When each loop last succeeded, in real time: a loop that runs may still be deaf (trap 3)."""

    def __init__(self) -> None:
        self._since = monotonic()
        self._last: dict[str, float] = {}

    def well(self, name: str) -> None:
        """The loop of this name has just succeeded."""
        self._last[name] = monotonic()

    def age(self, name: str) -> float:
        """Seconds since it last succeeded, or since the start if it never did."""
        return monotonic() - self._last.get(name, self._since)


class Receiver:
    """The way in for every channel; `committed` is called after each commit and wakes others."""

    def __init__(
        self, writer: Writer, door: Door, clock: Clock, committed: Callable[[], None] = lambda: None
    ) -> None:
        self._writer, self._door = writer, door
        self._committed = committed
        self.clock = clock

    async def take(self, incoming: Incoming) -> Receipt:
        """Store and apply one update; once this returns it is durable. StorageError: it is not."""
        with caused_by(incoming.cause):
            return await self._take(incoming)

    async def _take(self, incoming: Incoming) -> Receipt:
        def turn(tx: Tx) -> tuple[Receipt, list[int]]:
            before = len(tx.outgoing)
            return self._door.receive(tx, incoming), tx.outgoing[before:]

        try:
            receipt, replies = await commit(self._writer, turn)
        except StorageError:
            raise
        except Exception as error:
            _log.exception("update %s of %s is quarantined", incoming.key, incoming.channel)
            payload, said = incoming.payload, type(error).__name__
            await self.quarantine(incoming.channel, incoming.account, incoming.key, payload, said)
            receipt, replies = Receipt("quarantined"), []
        _log.info(
            "%s outbox=%s", receipt.status, ",".join(map(str, replies)) or "-",
            extra={"status": receipt.status, "outbox": replies},
        )  # fmt: skip
        self._committed()
        return receipt

    async def quarantine(
        self, channel: str, account: str, key: str, payload: str, error: str
    ) -> None:
        """Keep an update that cannot be read or applied, as it came; StorageError."""
        kept = payload[:MOST_KEPT].replace("\x00", "")
        kept = kept.encode("utf-8", "replace").decode()
        name = key or "raw:" + hashlib.sha256(payload.encode("utf-8", "replace")).hexdigest()
        now = self.clock.now()

        def store(tx: Tx) -> None:
            row = inbox.add(
                tx,
                channel=channel,
                account=account,
                key=name,
                person_id=None,
                received_at=now,
                payload=kept,
                status="quarantined",
            )
            if row is not None:
                inbox.set_status(tx, row, "quarantined", error)

        await commit(self._writer, store)


class Background:
    """Small work after a commit that nobody waits for; `close` ends what still runs."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.warning("work after a commit failed: %s", type(task.exception()).__name__)

    async def close(self) -> None:
        """End it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Buttons(Protocol):
    """What a channel with buttons does after a press was committed."""

    account: str

    async def acknowledge(self, callback_id: str, toast: str = "") -> None:
        """End the button's spinner."""
        ...

    async def remove_keyboard(self, chat: str, message_id: str, left: Keyboard = ()) -> None:
        """Take the buttons off, but those `left`."""
        ...


class Presses:
    """Answers button presses at once, before any slow work, and takes used keyboards off."""

    def __init__(self, channel: Buttons) -> None:
        self._channel = channel
        self._background = Background()

    def done(self, incoming: Incoming, receipt: Receipt) -> None:
        """The press was committed."""
        if incoming.callback_id:
            self._background.start(self._answer(incoming, receipt))

    async def close(self) -> None:
        """End what still runs."""
        await self._background.close()

    async def _answer(self, incoming: Incoming, receipt: Receipt) -> None:
        await self._channel.acknowledge(incoming.callback_id, receipt.toast)
        if receipt.status in ("done", "waiting") and incoming.message_id:
            left = buttons_left(incoming.button, incoming.keyboard)
            if not left or left != incoming.keyboard:
                await self._channel.remove_keyboard(incoming.sender, incoming.message_id, left)
