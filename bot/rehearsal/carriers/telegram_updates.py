"""The update queue of one bot: long polling with offsets, holding back, repeats and expiry."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Json = dict[str, Any]
MESSAGE_LIFE = timedelta(hours=24)
PRESS_LIFE = timedelta(seconds=150)
# Sent only to bots that ask for them by name.
_ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
TERMINATED = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)


@dataclass(eq=False)
class Queued:
    """One update that waits. `lane` is the webhook's queue: order holds within a lane only."""

    update_id: int
    body: Json
    lane: str
    expires: datetime
    again: bool = False  # a repeat: the offset does not confirm it before it was handed out
    handed: bool = False


class Terminated(Exception):
    """This long poll lost its place; the message is the 409's description."""


class UpdateQueue:
    """Updates in order of arrival. All methods belong to the loop that serves the API."""

    def __init__(self, now: Callable[[], datetime], first_id: int) -> None:
        self.now = now
        self.waiting: list[Queued] = []
        self.history: dict[int, Queued] = {}
        self.allowed: list[str] = []
        self.expired: list[int] = []
        self.raw: set[int] = set()  # ids of bodies that Telegram did not make
        self.on_arrival: Callable[[], None] = lambda: None
        self._next = first_id
        self._held: list[Queued] | None = None
        self._poller: asyncio.Future[str | None] | None = None
        self._last_call: tuple[int, float] = (0, float("-inf"))

    def wants(self, kind: str) -> bool:
        """Whether allowed_updates lets this kind through."""
        return kind in self.allowed if self.allowed else kind not in _ON_REQUEST

    def put(self, kind: str, content: Json, lane: str) -> int | None:
        """Queue an update; its id, or None where the bot did not ask for this kind."""
        if not self.wants(kind):
            return None
        return self._add({kind: content}, lane, PRESS_LIFE if kind == "callback_query" else None)

    def put_raw(self, body: Json, lane: str) -> int:
        """Queue any body (malformed ones too) under the next update id."""
        update_id = self._add(body, lane)
        self.raw.add(update_id)
        return update_id

    def _add(self, body: Json, lane: str, life: timedelta | None = None) -> int:
        update_id, self._next = self._next, self._next + 1
        expires = self.now() + (life or MESSAGE_LIFE)
        queued = Queued(update_id, {"update_id": update_id, **body}, lane, expires)
        self.history[update_id] = queued
        self._arrive([queued])
        return update_id

    def redeliver(self, update_id: int) -> None:
        """Deliver an update once more, as Telegram does after a lost acknowledgement."""
        old = self.history[update_id]
        again = Queued(update_id, old.body, old.lane, self.now() + MESSAGE_LIFE, again=True)
        self._arrive([again])

    def hold(self) -> None:
        """Keep new updates back until `release`."""
        self._held = self._held if self._held is not None else []

    def release(self, order: Literal["arrived", "reversed"] | Iterable[int] = "arrived") -> None:
        """Let the held updates go, in this order (or in the order of these update ids)."""
        held, self._held = self._held or [], None
        if order == "reversed":
            held.reverse()
        elif order != "arrived":
            rank = {update_id: place for place, update_id in enumerate(order)}
            held.sort(key=lambda queued: rank[int(queued.update_id)])
        for queued in held:
            queued.again = True  # out of order: a higher offset must not swallow it unseen
        self._arrive(held)

    def drop_all(self) -> None:
        """drop_pending_updates."""
        self.waiting.clear()

    def forget_expired(self) -> None:
        """Drop what is older than its life; `expired` keeps the ids."""
        now = self.now()
        for queued in [q for q in self.waiting if q.expires <= now]:
            self.waiting.remove(queued)
            self.expired.append(queued.update_id)

    def terminate(self, description: str) -> None:
        """End the long poll under way with a 409 of this description."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(description)

    async def poll(self, offset: int, limit: int, wait: float) -> list[Json]:
        """getUpdates: confirm below `offset`, wait up to `wait` seconds; Terminated on 409."""
        self.terminate(TERMINATED)
        last_offset, last_time = self._last_call
        now = time.monotonic()
        if offset == last_offset and now < last_time + 0.5:
            limit = 1  # as the real server answers a client that spins on one offset
        self._last_call = (offset, now)
        self._confirm(offset)
        self.forget_expired()
        deadline = now + wait
        while not self.waiting:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return []
            self._poller = poller = asyncio.get_running_loop().create_future()
            await asyncio.wait([poller], timeout=remaining)
            if poller.done() and (description := poller.result()) is not None:
                raise Terminated(description)
        batch = self.waiting[:limit]
        for queued in batch:
            queued.handed = True
        return [queued.body for queued in batch]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.waiting = self.waiting[offset:]
        elif offset > 0:
            self.waiting = [
                q for q in self.waiting if q.update_id >= offset or (q.again and not q.handed)
            ]

    def _arrive(self, updates: list[Queued]) -> None:
        if self._held is not None:
            self._held.extend(updates)
            return
        self.waiting.extend(updates)
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)
        self.on_arrival()
