"""Has the writer do something and waits for the commit, without a way to take it back."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from storage.db import Tx, Writer

T = TypeVar("T")


async def commit(writer: Writer, work: Callable[[Tx], T]) -> T:
    """The result of `work` once it is committed; whatever it raised, or StorageError.

    Who waits may be cancelled (a client that hangs up, a stop), the work may not: half of it may
    be done.
    """
    future = writer.do(work)
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.shield(future)
