"""What /readyz and the heartbeat look at: is the bot able to work; a few words where not."""

from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.wires.commit import commit
from bot.wires.receiving import Health
from flows.facts import MINUTE
from storage import outbox
from storage.db import Row, StorageError, Tx, Writer

DEAF = 90.0
"""Seconds without a successful poll after which the bot is not ready."""
STILL = 30.0
"""Seconds without a look at the reminders: the scheduler is dead though the process lives."""
WAITING = 15 * MINUTE
"""Business time that the oldest message may wait to leave."""

Check = Callable[[], Awaitable[str]]


def checks(writer: Writer, clock: Clock, health: Health, *, polls: bool) -> dict[str, Check]:
    """Each check by its name; `polls`: whether Telegram is asked for updates."""

    async def database() -> str:
        def look(tx: Tx) -> Row | None:
            return tx.one("SELECT 1 AS x")

        return await _said(commit(writer, look))

    async def telegram() -> str:
        age = health.age("telegram")
        return f"no answer from Telegram for {age:.0f} s" if polls and age > DEAF else ""

    async def reminders() -> str:
        age = health.age("reminders")
        return f"no look at the reminders for {age:.0f} s" if age > STILL else ""

    async def waiting() -> str:
        try:
            since = await commit(writer, outbox.oldest_unsent)
        except StorageError as error:
            return str(error)
        late = clock.now() - since if since is not None else 0
        return f"a message has waited for {late // MINUTE} min" if late > WAITING else ""

    return {"database": database, "telegram": telegram, "reminders": reminders, "outbox": waiting}


async def _said(work: Awaitable[object]) -> str:
    try:
        await work
    except StorageError as error:
        return str(error)
    return ""
