"""Pushing business time: every due instant is passed in its order, and all that came due is
attempted once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from bot.clock import Clock
from flows.facts import Instant
from storage import outbox, photos, timers
from storage.db import Tx, Writer

Attempt = Callable[[], Awaitable[object]]
ROUNDS = 50
"""What is set off by what came due comes due too; more rounds than this at one instant is a
loop."""


class Passing:
    """Moves a movable clock forward through everything that becomes due on the way."""

    def __init__(self, clock: Clock, writer: Writer, attempts: Iterable[Attempt]) -> None:
        self._clock, self._writer, self._attempts = clock, writer, tuple(attempts)
        self._turn = asyncio.Lock()

    async def pass_time(self, to: Instant) -> Instant:
        """Let business time be `to`; returns where the clock stands then. ValueError if it lies
        behind."""
        async with self._turn:
            if to < self._clock.now() - 1000:
                raise ValueError("time only goes forward")
            await self._settle()
            while (due := await self._writer.do(self._next)) is not None and due <= to:
                self._clock.set(max(due, self._clock.now()))
                await self._settle()
            self._clock.set(max(to, self._clock.now()))
            await self._settle()
            await self._writer.do(self._clock.store)
            return self._clock.now()

    async def _settle(self) -> None:
        """Attempt all that is due at this instant once, and what that brings about."""
        for _ in range(ROUNDS):
            for attempt in self._attempts:
                await attempt()
            if not await self._writer.do(self._is_anything_new):
                return

    def _is_anything_new(self, tx: Tx) -> bool:
        now = self._clock.now()
        due = timers.next_due(tx)
        fetch = photos.next_try(tx)
        return (
            (due is not None and due <= now)
            or outbox.due_count(tx, now) > 0
            or (fetch is not None and fetch <= now)
        )

    def _next(self, tx: Tx) -> Instant | None:
        now = self._clock.now()
        found = [timers.next_due(tx), outbox.next_due(tx, now), photos.next_try(tx)]
        return min((due for due in found if due is not None and due > now), default=None)
