"""Due timers ring, one turn each; the scheduler library only wakes this up (P6)."""

import asyncio
import logging
from functools import partial

from bot.clock import Clock
from bot.turns import roll_call
from bot.turns.door import PHOTO_WAIT, Door
from flows.facts import MINUTE
from storage import inbox, photos, timers
from storage.db import StorageError, Tx, Writer

log = logging.getLogger(__name__)
BATCH = 256


class Reminders:
    """Rings what is due; safe to be called at any time and from any process."""

    def __init__(self, writer: Writer, door: Door, clock: Clock, zone: str) -> None:
        self._writer, self._door, self._clock, self._zone = writer, door, clock, zone
        self._turn = asyncio.Lock()
        self._failed: set[int] = set()

    async def ring_due(self) -> int:
        """Ring every timer that is due, in the order of their times; returns how many rang."""
        async with self._turn:
            rung = 0
            while due := await self._due():
                rings = [self._writer.do(partial(self._ring, timer)) for timer in due]
                for timer, outcome in zip(
                    due, await asyncio.gather(*rings, return_exceptions=True), strict=True
                ):
                    if isinstance(outcome, StorageError):
                        raise outcome
                    if isinstance(outcome, BaseException):
                        # A timer whose turn raises harms itself only: it stays, visible, and is not
                        # tried again by this process.
                        self._failed.add(timer)
                        log.error("timer %s could not ring", timer, exc_info=outcome)
                    else:
                        rung += 1
            await self._writer.do(self._look_around)
            return rung

    def _ring(self, timer: int, tx: Tx) -> None:
        self._door.ring(tx, timer, self._clock.now())

    async def _due(self) -> list[int]:
        def work(tx: Tx) -> list[int]:
            rows = timers.due(tx, self._clock.now(), BATCH + len(self._failed))
            return [row["id"] for row in rows if row["id"] not in self._failed]

        return await self._writer.do(work)

    def _look_around(self, tx: Tx) -> None:
        """What depends on time and is no timer: slow photos, who waits for them, tomorrow's
        manifest."""
        now = self._clock.now()
        for photo in photos.slow(tx, now - PHOTO_WAIT):
            self._door.photo_slow(tx, photo["id"])
        for photo in photos.left_doubtful(tx, now - MINUTE):
            self._door.photo_left(tx, photo["id"])
        for person in inbox.people_waiting(tx):
            self._door.release(tx, person, now)
        roll_call.watch_for_manifest(tx, self._zone, now)
