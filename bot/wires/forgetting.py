"""Deletes pictures at the provider once our own copy is durable (TWILIO_DELETE_MEDIA, S8).

Which ones is noted in the transaction that makes them evidence, so that none is forgotten; what the
provider does not delete now is asked for again.
"""

import asyncio
import logging
from functools import partial
from typing import Protocol

from bot.channels.base import SendError
from bot.wires.commit import commit
from storage import kept
from storage.db import StorageBroken, StorageError, Tx, Writer

_log = logging.getLogger(__name__)
EVERY = 30.0
"""Real seconds between two looks."""
AT_ONCE = 50
_PREFIX = "media:"


class Media(Protocol):
    """A channel whose provider keeps pictures until they are deleted."""

    async def delete_media(self, url: str) -> None:
        """Delete one; SendError. One that is gone is no error."""
        ...


def note(tx: Tx, photo: int, url: str) -> None:
    """This picture may go: called in the transaction that stores it."""
    kept.put(tx, f"{_PREFIX}{photo}", url)


class Forgetting:
    """The loop."""

    def __init__(self, writer: Writer, channel: Media) -> None:
        self._writer, self._channel = writer, channel

    async def run(self) -> None:
        """Delete until cancelled."""
        while True:
            try:
                await self.once()
            except StorageBroken:
                raise
            except (SendError, StorageError) as error:
                _log.info("pictures stay at the provider for now: %s", error)
            await asyncio.sleep(EVERY)

    async def once(self) -> int:
        """Delete what is noted; how many. SendError, StorageError: the rest stays noted."""
        noted = await commit(self._writer, lambda tx: kept.beginning(tx, _PREFIX, AT_ONCE))
        for row in noted:
            await self._channel.delete_media(row["value"])
            await commit(self._writer, partial(kept.drop, key=row["key"]))
        return len(noted)
