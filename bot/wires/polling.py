"""The loops that ask Telegram and Twilio for what people sent; acknowledged once stored (P1)."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol

from bot.channels import telegram_updates
from bot.channels.base import SendError, TryLater
from bot.clock import Clock, real_now, to_instant
from bot.incoming import Incoming
from bot.wires.commit import commit
from bot.wires.leading import Leader
from bot.wires.outcomes import Door, report
from bot.wires.receiving import Health, Presses, Receiver
from flows.facts import HOUR, MINUTE, Instant
from storage import dispatch, kept
from storage.db import StorageBroken, StorageError, Store, Writer

_log = logging.getLogger(__name__)
OFFSET_LIVES: Instant = 24 * HOUR
"""Real time without updates after which the offset is forgotten: after a quiet week Telegram's
numbers start anew, and an offset above them would confirm them unseen (trap 40)."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
OVERLAP: Instant = 2 * MINUTE
"""Twilio lists by whole seconds and not at once: each look begins this much before the last one."""
TOO_YOUNG: Instant = MINUTE
"""The sweep leaves newer texts to the webhook that may be under way."""
RECENT, UNFINISHED = 30 * MINUTE, 12 * HOUR
LOOKS, SWEEPS = 5.0, 300.0
"""Real seconds between two looks at Twilio's list: where all comes from it, where webhooks help."""
_OFF = frozenset({"accepted", "queued", "sending", "sent"})


class TelegramApi(Protocol):
    """What the loop needs of the Telegram channel."""

    account: str

    async def updates(self, offset: int | None, wait: int = ...) -> list[Any]: ...

    async def receive_by_polling(self) -> None: ...

    def parse(self, update: object, clock: Clock, received_at: Instant) -> Incoming | None: ...


class TelegramPolling:
    """Our own getUpdates loop: store, commit, and only then ask for more (traps 1, 3).

    One process of several polls; a 409 from a bot elsewhere makes it stand by.
    """

    def __init__(
        self,
        writer: Writer,
        receiver: Receiver,
        telegram: TelegramApi,
        presses: Presses,
        health: Health,
    ) -> None:
        self._writer, self._receiver, self._telegram = writer, receiver, telegram
        self._presses, self._health = presses, health
        self._key = f"telegram_offset:{telegram.account}"
        self._offset: int | None = None
        self._moved_at: Instant = 0
        self._pause = FIRST_PAUSE

    async def run(self) -> None:
        """Poll until cancelled."""
        key = f"telegram_poller:{self._telegram.account}"
        await Leader(self._writer, key, lambda: self._health.well("telegram")).run(self._lead)

    async def _lead(self) -> None:
        await self._until_done(self._telegram.receive_by_polling)
        await self._until_done(self._remember)
        while True:
            await self._until_done(self.once)

    async def _until_done(self, step: Callable[[], Awaitable[object]]) -> None:
        """Do it, again and again with growing pauses, whatever goes wrong but the disk."""
        while True:
            try:
                await step()
            except StorageBroken:
                raise
            except (SendError, StorageError) as error:
                _log.warning("Telegram: %s: %s", type(error).__name__, error)
                pause = error.after if isinstance(error, TryLater) and error.after else self._pause
                if getattr(error, "webhook", False):
                    step = self._telegram.receive_by_polling
            except Exception:
                _log.exception("Telegram: a poll failed")
                pause = self._pause
            else:
                self._pause = FIRST_PAUSE
                return
            await asyncio.sleep(pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    async def _remember(self) -> None:
        stored = await commit(self._writer, lambda tx: kept.get(tx, self._key))
        if stored is not None:
            was = json.loads(stored)
            self._offset, self._moved_at = was["offset"], was["at"]

    async def once(self, wait: int | None = None) -> int:
        """One poll and the commit of all it brought; how many updates. SendError, StorageError."""
        if self._offset is not None and real_now() - self._moved_at > OFFSET_LIVES:
            self._offset = None
        more = {} if wait is None else {"wait": wait}
        updates = await self._telegram.updates(self._offset, **more)
        self._health.well("telegram")
        if updates:
            await asyncio.gather(*(self._take(update) for update in updates))
            await self._move_on(updates)
        return len(updates)

    async def _take(self, update: Any) -> None:
        now = self._receiver.clock.now()
        try:
            incoming = self._telegram.parse(update, self._receiver.clock, now)
        except telegram_updates.Unreadable as error:
            number = update.get("update_id") if isinstance(update, dict) else None
            await self._receiver.quarantine(
                "telegram",
                self._telegram.account,
                str(number or ""),
                json.dumps(update, separators=(",", ":")),
                str(error),
            )
            return
        if incoming is not None:
            receipt = await self._receiver.take(incoming)
            self._presses.done(incoming, receipt)

    async def _move_on(self, updates: Sequence[Any]) -> None:
        numbers = [u["update_id"] for u in updates if isinstance(u, dict) and "update_id" in u]
        offset, at = max(int(number) for number in numbers) + 1, real_now()
        value = json.dumps({"offset": offset, "at": at})
        await commit(self._writer, lambda tx: kept.put(tx, self._key, value))
        self._offset, self._moved_at = offset, at


class TwilioApi(Protocol):
    """What the loop needs of the SMS channel."""

    account: str

    async def listed(self, since: Instant, *, inbound: bool) -> list[Any]: ...

    async def read(
        self, message: Any, clock: Clock, received_at: Instant, *, recovered: bool
    ) -> Incoming: ...


class TwilioPolling:
    """Reads the Messages list: every text and status, or (`sweep`) what no webhook brought.

    A swept text is marked as recovered: it never moves a job.
    """

    def __init__(  # noqa: PLR0913 - built in one place
        self,
        store: Store,
        writer: Writer,
        receiver: Receiver,
        sms: TwilioApi,
        door: Door,
        health: Health,
        *,
        sweep: bool = False,
    ) -> None:
        self._store, self._writer, self._receiver = store, writer, receiver
        self._sms, self._door, self._health, self._sweep = sms, door, health, sweep
        self._key = f"twilio_seen:{sms.account}"
        self._every = SWEEPS if sweep else LOOKS
        self._handled: dict[str, Instant] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        key = f"twilio_poller:{self._sms.account}"
        await Leader(self._writer, key, lambda: self._health.well("twilio")).run(self._lead)

    async def _lead(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self.once()
            except StorageBroken:
                raise
            except (SendError, StorageError) as error:
                _log.warning("Twilio: %s: %s", type(error).__name__, error)
            except Exception:
                _log.exception("Twilio: a look at the list failed")
            else:
                pause = FIRST_PAUSE
                await asyncio.sleep(self._every)
                continue
            await asyncio.sleep(max(pause, min(self._every, 5.0)))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def once(self) -> int:
        """One look: how many texts came in. SendError, StorageError."""
        count = await self._inbound()
        await self._statuses()
        self._health.well("twilio")
        return count

    async def _inbound(self) -> int:
        clock = self._receiver.clock
        seen = await self._seen()
        newest, count = seen, 0
        for message in await self._sms.listed(seen - OVERLAP, inbound=True):
            stamp = to_instant(message.date_sent or message.date_created)
            if message.sid in self._handled:
                continue
            incoming = await self._sms.read(message, clock, clock.now(), recovered=self._sweep)
            if self._sweep and incoming.received_at - incoming.sent_at < TOO_YOUNG:
                continue
            await self._receiver.take(incoming)
            self._handled[message.sid] = stamp
            newest, count = max(newest, stamp), count + 1
        if newest > seen:
            await commit(self._writer, lambda tx: kept.put(tx, self._key, str(newest)))
        oldest = newest - 2 * OVERLAP
        self._handled = {sid: at for sid, at in self._handled.items() if at >= oldest}
        return count

    async def _seen(self) -> Instant:
        """The newest stamp handled, by Twilio's clock; at the very first start the present."""
        stored = await commit(self._writer, lambda tx: kept.get(tx, self._key))
        if stored is not None:
            return int(stored)
        first = min(self._receiver.clock.now(), real_now())
        await commit(self._writer, lambda tx: kept.put(tx, self._key, str(first)))
        return first

    async def _statuses(self) -> None:
        """What became of texts that we sent, where no callback has said so."""
        now = self._receiver.clock.now()
        span = UNFINISHED if self._sweep else RECENT
        rows = await asyncio.to_thread(self._unfinished, now - span)
        if not rows:
            return
        rows_of = {row["provider_id"]: row["id"] for row in rows}
        oldest = min(row["sent_at"] for row in rows)
        since = min(oldest, real_now() - (now - oldest)) - OVERLAP
        for message in await self._sms.listed(since, inbound=False):
            row = rows_of.get(message.sid)
            if row is not None and message.status not in _OFF:
                await commit(
                    self._writer,
                    partial(
                        report,
                        door=self._door,
                        row=row,
                        sid=message.sid,
                        status=message.status,
                        code=int(message.error_code or 0),
                        now=now,
                    ),
                )

    def _unfinished(self, since: Instant) -> list[Any]:
        with self._store.reading() as tx:
            return dispatch.unfinished_texts(tx, since, 200)
