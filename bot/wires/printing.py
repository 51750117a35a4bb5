"""Papers on their way to a chat: a row names the paper, which is made when it is sent."""

import asyncio
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.channels.base import Channel, Outgoing, Picture, Refused, Sent
from bot.context import Context
from bot.papers.making import order, printed
from storage.db import Store


class Printing:
    """A channel that takes papers as files and pictures as photos, for rows that only name them."""

    def __init__(self, channel: Channel, store: Store, context: Context) -> None:
        self._channel, self._store, self._context = channel, store, context
        self.name = channel.name
        self.patience = channel.patience

    async def send(self, message: Outgoing) -> Sent:
        """Send one row; SendError. A paper that is not this person's any more is refused (S3)."""
        document = message.payload.get("document")
        if document is None:
            return await self._channel.send(message)
        data = await printed(partial(self._made, message))
        if document["name"].endswith(".png"):
            bare = {name: each for name, each in message.payload.items() if name != "document"}
            pictures = [Picture(document["name"], data, "image/png")]
            return await self._channel.send(replace(message, payload=bare, pictures=pictures))
        with tempfile.NamedTemporaryFile(suffix=".pdf", delete=False) as file:
            path = Path(file.name)
        try:
            await asyncio.to_thread(path.write_bytes, data)
            payload = {**message.payload, "document": {"path": str(path), "name": document["name"]}}
            return await self._channel.send(replace(message, payload=payload))
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def find(self, message: Outgoing, attempted_at: int) -> Sent | None:
        """Whether an earlier attempt left after all; SendError."""
        return await self._channel.find(message, attempted_at)

    def _made(self, message: Outgoing) -> bytes:
        now = self._context.clock.now()
        with self._store.reading() as tx:
            printed = order(tx, self._context, message.payload["document"], now)
        if printed is None:
            raise Refused("other", "this paper is no longer this person's")
        return printed()
