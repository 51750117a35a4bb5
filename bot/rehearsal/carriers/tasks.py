"""A set of background tasks that can be waited for, or stopped."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Keeps its tasks alive until they end; an exception in one comes out of `settle`."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` in the current loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def settle(self) -> None:
        """Wait until all have ended, those too that start meanwhile."""
        while self._running:
            await asyncio.gather(*self._running)

    async def close(self) -> None:
        """Stop all."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
