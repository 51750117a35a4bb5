"""Empties the outbox: claims due rows, sends them at the channels' pace, records the truth (P5).

One loop a channel. Each round is one transaction: outcomes of earlier sends go in, as many rows as
may leave now come out, urgent lanes first. Nothing is claimed before its turn, so that an urgent
row waits for one free slot and never behind a backlog (F7). A sender that dies leaves leases
behind, whose rows count as of unknown outcome.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack

from bot.channels.base import Channel
from bot.clock import Clock
from bot.wires.limits import Budget, Pace
from bot.wires.outcomes import Door
from bot.wires.sending import Sender
from storage.db import Store, Writer


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
        for sender in self._senders:
            sender.awake.set()

    async def run(self) -> None:
        """Send until cancelled; then what is under way is given a moment to end."""
        async with AsyncExitStack() as stack:
            for sender in self._senders:
                await stack.enter_async_context(sender.running())
            await asyncio.gather(*(sender.ended() for sender in self._senders))

    async def attempt_all_due(self) -> None:
        """Return when every row that is due at the clock's present was attempted once.

        Rows of a channel that is closed by an outage, or over its budget, wait on.
        """
        async with AsyncExitStack() as stack:
            for sender in self._senders:
                await stack.enter_async_context(sender.running())
            await asyncio.gather(*(sender.nothing_due() for sender in self._senders))
