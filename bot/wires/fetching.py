"""Fetches announced photos from their provider until their bytes are durable (P7)."""

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import Protocol

from bot.channels.base import FetchError
from bot.clock import Clock
from bot.pictures import images, photo_quality
from bot.pictures.photo_quality import Quality
from bot.pictures.photo_store import PhotoStore
from bot.wires import forgetting
from bot.wires.commit import commit
from bot.wires.outcomes import backoff
from flows.facts import HOUR, Instant
from storage import photos
from storage.db import Row, StorageBroken, StorageError, Tx, Writer

_log = logging.getLogger(__name__)
AT_ONCE = 8
ROUND = 1.0
"""Real seconds after which the loop looks by itself."""
GIVE_UP_AFTER = HOUR
"""Business time: a photo that the provider did not give by then is lost, and that is said."""
PATIENCE = 90.0
"""Real seconds for one fetch."""


class Fetcher(Protocol):
    """A channel that photos can be fetched from."""

    name: str

    async def fetch(self, source: Mapping[str, object]) -> bytes:
        """A photo's bytes; FetchError."""
        ...


class Door(Protocol):
    """What the fetcher needs of the one door."""

    def photo_stored(  # noqa: PLR0913 - by name
        self,
        tx: Tx,
        photo: int,
        *,
        sha256: str,
        size: int,
        mime: str,
        path: str,
        quality: Quality | None = None,
    ) -> None:
        """Its bytes are durable: it is evidence from now on. `quality` None: not to be measured."""
        ...

    def photo_lost(self, tx: Tx, photo: int, why: str) -> None:
        """It is given up: why is too_big, unreadable or lost."""
        ...


class Fetching:
    """The loop; `wake` belongs to the loop that runs it.

    tidy: channels whose pictures are deleted at the provider once ours are durable.
    """

    def __init__(
        self,
        writer: Writer,
        door: Door,
        clock: Clock,
        store: PhotoStore,
        channels: Mapping[str, Fetcher],
        *,
        tidy: Collection[str] = (),
    ) -> None:
        self._writer, self._door, self._clock = writer, door, clock
        self._store, self._channels = store, channels
        self._tidy = tidy
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """A photo was announced."""
        self._awake.set()

    async def run(self) -> None:
        """Fetch until cancelled."""
        try:
            while True:
                self._awake.clear()
                try:
                    await self._start_due()
                except StorageBroken:
                    raise
                except StorageError as error:
                    _log.warning("photos wait: %s", error)
                with suppress(TimeoutError):
                    async with asyncio.timeout(ROUND):
                        await self._awake.wait()
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def attempt_all_due(self) -> None:
        """Return when every photo whose try is due at the clock's present was tried once."""
        while await self._start_due() or self._under_way:
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _start_due(self) -> int:
        """Begin as many tries as may run; how many were begun."""
        room = AT_ONCE - len(self._under_way)
        if room <= 0:
            return 0
        wanted = room + len(self._under_way)
        rows = await commit(self._writer, lambda tx: photos.to_fetch(tx, self._clock.now(), wanted))
        fresh = [row for row in rows if row["id"] not in self._under_way][:room]
        for row in fresh:
            task = asyncio.create_task(self._try(row))
            self._under_way[row["id"]] = task
            task.add_done_callback(partial(self._landed, row["id"]))
        return len(fresh)

    def _landed(self, photo: int, task: asyncio.Task[None]) -> None:
        del self._under_way[photo]
        self._awake.set()
        if not task.cancelled() and task.exception() is not None:
            _log.warning("photo %s waits: %s", photo, task.exception())

    async def _try(self, row: Row) -> None:
        """One try; whatever it meets, the next one is no sooner than after a while (P10)."""
        try:
            await self._attempt(row)
        except StorageError:
            raise
        except Exception as error:
            _log.exception("photo %s waits", row["id"])
            await self._later(row, type(error).__name__, self._clock.now() + backoff(row["tries"]))

    async def _attempt(self, row: Row) -> None:
        """Bytes, durable, then the row, in that order."""
        photo: int = row["id"]
        try:
            async with asyncio.timeout(PATIENCE):
                source = json.loads(row["source"])
                data = await self._bytes(row["channel"], source)
                facts = await images.inspect(data)
                path, digest = await self._store.put(data, facts.mime)
                quality = await photo_quality.look(data)
        except images.TooBig:
            await self._lose(photo, "too_big")
        except images.Unreadable:
            await self._lose(photo, "unreadable")
        except FetchError as error:
            await self._again(row, str(error), error.why)
        except (TimeoutError, OSError) as error:
            await self._again(row, type(error).__name__, "")
        except (KeyError, ValueError, TypeError) as error:
            _log.exception("photo %s cannot be fetched", photo)
            await self._again(row, type(error).__name__, "lost")
        else:
            size = len(data)

            def stored(tx: Tx) -> None:
                self._door.photo_stored(
                    tx,
                    photo,
                    sha256=digest,
                    size=size,
                    mime=facts.mime,
                    path=path,
                    quality=quality,
                )
                if row["channel"] in self._tidy and "url" in source:
                    forgetting.note(tx, photo, str(source["url"]))

            await self._record(photo, stored)

    async def _bytes(self, channel: str, source: Mapping[str, object]) -> bytes:
        """From the provider, or from our own store where the page put it."""
        if "stored" in source:
            return await self._store.get(str(source["stored"]))
        return await self._channels[channel].fetch(source)

    async def _again(self, row: Row, said: str, why: str) -> None:
        """Another try later, or no more: a failed fetch is said, never counted."""
        now = self._clock.now()
        _log.info("photo %s: %s", row["id"], said)
        if why or now - row["announced_at"] >= GIVE_UP_AFTER:
            await self._lose(row["id"], why or "lost")
            return
        due = min(now + backoff(row["tries"]), row["announced_at"] + GIVE_UP_AFTER)
        await self._later(row, said, due)

    async def _later(self, row: Row, said: str, due: Instant) -> None:
        await commit(
            self._writer,
            lambda tx: photos.change(
                tx, row["id"], next_try_at=due, tries=row["tries"] + 1, error=said
            ),
        )

    async def _lose(self, photo: int, why: str) -> None:
        await self._record(photo, lambda tx: self._door.photo_lost(tx, photo, why))

    async def _record(self, photo: int, turn: Callable[[Tx], None]) -> None:
        def once(tx: Tx) -> None:
            row = photos.get(tx, photo)
            if row is not None and row["status"] == "announced":
                turn(tx)

        await commit(self._writer, once)
