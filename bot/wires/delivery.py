"""Empties the outbox: claims due rows, sends them at the channels' pace, records the truth (P5).

One loop a channel: of several processes in the one that holds the channel's lease, since two would
send at twice the pace that the provider allows. Each round is one transaction: outcomes of earlier
sends go in, as many rows as may leave now come out, urgent lanes first. Nothing is claimed before
its turn, so that an urgent row waits for one free slot and never behind a backlog (F7). A sender
that dies leaves leases behind, whose rows count as of unknown outcome.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack

from bot.channels.base import Channel
from bot.clock import Clock
from bot.wires.commit import commit
from bot.wires.leading import Leader
from bot.wires.limits import Budget, Pace
from bot.wires.outcomes import Door
from bot.wires.sending import ROUND, Sender
from storage import signals
from storage.db import StorageError, Store, Writer

_log = logging.getLogger(__name__)


class Delivery:
    """All channels' senders.

    paces: by channel's name, none is no limit. budget: how many texts may leave. read: the bytes
    of a stored photo. `wake` belongs to the loop that runs it.
    """

    def __init__(  # noqa: PLR0913 - by name only
        self,
        store: Store,
        writer: Writer,
        door: Door,
        clock: Clock,
        channels: Sequence[Channel],
        *,
        read: Callable[[str], Awaitable[bytes]],
        paces: Mapping[str, Pace] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._store, self._writer = store, writer
        self._woken = asyncio.Event()
        paces = paces or {}
        self._senders = [
            Sender(
                store,
                writer,
                door,
                clock,
                channel,
                read,
                paces.get(channel.name) or Pace(None),
                budget if channel.name == "sms" else None,
            )
            for channel in channels
        ]

    def wake(self) -> None:
        """Something was committed or has become due."""
        self._wake_own()
        self._woken.set()

    def _wake_own(self) -> None:
        for sender in self._senders:
            sender.awake.set()

    async def run(self) -> None:
        """Send what is this process' to send, until cancelled; then what is under way is given a
        moment to end."""
        async with AsyncExitStack() as stack:
            for sender in self._senders:
                await stack.enter_async_context(sender.running())
            works = [self._lead(sender) for sender in self._senders]
            works += [sender.ended() for sender in self._senders]
            if self._store.dialect == "postgresql":
                works += [self._tell_others(), self._hear_others()]
            tasks = [asyncio.ensure_future(work) for work in works]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _lead(self, sender: Sender) -> None:
        await Leader(self._writer, f"{sender.channel}_sender").run(sender.lead)

    async def _tell_others(self) -> None:
        """What is committed here may be another process' to send."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if not all(sender.leads for sender in self._senders):
                try:
                    await commit(self._writer, signals.ring)
                except StorageError:
                    pass  # whoever sends looks each second
                except Exception:
                    _log.exception("the other processes could not be told")

    async def _hear_others(self) -> None:
        """Where nothing can be heard, a sender looks by itself each second."""
        deaf = False
        while True:
            try:
                async for _ in signals.rings(self._store):
                    deaf = False
                    self._wake_own()
            except StorageError as error:
                if not deaf:
                    _log.info("%s: each sender looks by itself", error)
                deaf = True
            await asyncio.sleep(ROUND)

    async def attempt_all_due(self) -> None:
        """Return when every row that is due at the clock's present was attempted once, here: for
        a clock that is pushed, whoever else may be sending.

        Rows of a channel that is closed by an outage, or over its budget, wait on.
        """
        async with AsyncExitStack() as stack:
            for sender in self._senders:
                await stack.enter_async_context(sender.running())
            await asyncio.gather(*(sender.nothing_due() for sender in self._senders))
