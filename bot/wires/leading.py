"""Lets one process of several do what only one may: a lease in the database, renewed meanwhile."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from bot.clock import real_now
from bot.wires.commit import commit
from flows.facts import Instant
from storage import leases
from storage.db import StorageBroken, StorageError, Tx, Writer

_log = logging.getLogger(__name__)
LEASE: Instant = 8_000
"""Real time after which another process takes over from one that is gone (F10)."""
RENEW = 2.5
AGAIN = 0.5
"""Real seconds between the tries of a renewal."""
LOOK = 1.0
"""Real seconds between the looks of one that stands by: with LEASE less than ten."""
MARGIN: Instant = 1_500
"""Real time before its end at which a lease that could not be renewed is given up."""
LAST_MOMENT = 2.0
"""Real seconds for giving it back at the end; else it runs out by itself."""
_LIFE = secrets.token_hex(4)
"""This process and no other, also not one that had its number before."""


class Leader:
    """Does `work` while this process holds the lease `key`, else stands by.

    standing_by: called while another process, alive, does it.
    """

    def __init__(
        self, writer: Writer, key: str, standing_by: Callable[[], None] = lambda: None
    ) -> None:
        self._writer = writer
        self._key = key
        self._owner = f"{place()}|{os.getpid()}|{_LIFE}|{secrets.token_hex(4)}"
        self._standing_by = standing_by
        self._stood_by = False

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Work or stand by until cancelled, or until the work ends."""
        try:
            while True:
                holder, until = await self._take()
                if holder == self._owner:
                    self._stood_by = False
                    if await self._lead(work, until):
                        return
                elif holder:
                    self._standing_by()
                    if not self._stood_by:
                        self._stood_by = True
                        _log.info("%s: another process does this; standing by", self._key)
                await asyncio.sleep(LOOK)
        finally:
            with suppress(StorageError, TimeoutError):
                async with asyncio.timeout(LAST_MOMENT):
                    await commit(
                        self._writer, lambda tx: leases.release(tx, self._key, self._owner)
                    )

    async def _lead(self, work: Callable[[], Awaitable[None]], until: Instant) -> bool:
        """Work while the lease is ours; whether the work came to an end by itself.

        A database that does not answer takes nothing away before the lease ends.
        """
        task = asyncio.ensure_future(work())
        pause = RENEW
        try:
            while True:
                await asyncio.wait({task}, timeout=pause)
                if task.done():
                    await task
                    return True
                holder, renewed = await self._renewed(until)
                if holder == self._owner:
                    until, pause = renewed, RENEW
                elif holder or real_now() + AGAIN * 1000 >= until - MARGIN:
                    _log.warning("%s: the lease was lost; standing by", self._key)
                    return False
                else:
                    pause = AGAIN
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _renewed(self, until: Instant) -> tuple[str, Instant]:
        """The same while the lease stands: a silent database cannot say that it is ours."""
        with suppress(TimeoutError):
            async with asyncio.timeout((until - MARGIN - real_now()) / 1000):
                return await self._take()
        return "", 0

    async def _take(self) -> tuple[str, Instant]:
        """Take or renew the lease; who holds it, "" where the database does not say, and until
        when if it is ours."""
        now = real_now()

        def work(tx: Tx) -> str:
            dead = _is_gone(leases.holder(tx, self._key))
            return leases.take(tx, self._key, self._owner, until=now + LEASE, now=now, dead=dead)

        try:
            return await commit(self._writer, work), now + LEASE
        except StorageBroken:
            raise
        except StorageError:
            return "", 0
        except Exception:
            _log.exception("%s: nobody can say who does this", self._key)
            return "", 0


def place() -> str:
    """Where a process number names one process: this start of this machine and, on Linux, its
    namespace of numbers, since two machines or containers may have one name."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def _is_gone(owner: str) -> bool:
    """Whether the owner was a process of this place that no longer runs: no need to wait then."""
    where, _, rest = owner.partition("|")
    pid, _, tokens = rest.partition("|")
    if os.name == "nt" or where != place() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return not tokens.startswith(_LIFE)
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
