"""Named fault points in our own code: where a process may be made to end as if by SIGKILL.

A point is the moment before or after one of our own functions, found by its name from outside: the
product has no line for it, and a function that is renamed fails the test that names it."""

import importlib
import inspect
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from functools import partial, reduce
from typing import Any, Literal

Place = tuple[Literal["before", "after"], str]

SERVING: Mapping[str, Place] = {
    "start: the schema is looked at": ("before", "bot.app:upgrade"),
    "start: the clock goes on": ("after", "bot.clock:Clock.resume"),
    "writer: a group ran, not committed": ("before", "storage.db:_commit"),
    "writer: committed, nobody told": ("after", "storage.db:_commit"),
    "inbox: an update is read, not stored": ("before", "bot.wires.receiving:Receiver.take"),
    "inbox: stored, its sender not answered": ("after", "bot.wires.receiving:Receiver.take"),
    "telegram: a batch is stored, not acknowledged": (
        "before", "bot.wires.polling:TelegramPolling._move_on",
    ),
    "telegram: acknowledged": ("after", "bot.wires.polling:TelegramPolling._move_on"),
    "telegram: a press is committed, its spinner turns": (
        "before", "bot.channels.telegram:Telegram.acknowledge",
    ),
    "telegram: claimed, not sent": ("before", "bot.channels.telegram:Telegram.send"),
    "telegram: sent, not recorded": ("after", "bot.channels.telegram:Telegram.send"),
    "sms: the list is read, nothing stored": ("after", "bot.channels.sms:Sms.listed"),
    "sms: claimed, not sent": ("before", "bot.channels.sms:Sms.send"),
    "sms: sent, not recorded": ("after", "bot.channels.sms:Sms.send"),
    "sms: looked up whether it had left": ("after", "bot.channels.sms:Sms.find"),
    "mail: claimed, not connected": ("before", "bot.channels.email:Email.send"),
    "mail: recipients named, no data": ("before", "aiosmtplib:SMTP.data"),
    "mail: accepted, not taken leave": ("after", "aiosmtplib:SMTP.data"),
    "mail: sent, not recorded": ("after", "bot.channels.email:Email.send"),
    "outbox: outcomes are being recorded": ("before", "bot.wires.sending:settle"),
    "outbox: a dead sender's rows are found": ("after", "storage.dispatch:expired"),
    "photo: fetched, not written": ("before", "bot.pictures.photo_store:Folder._write"),
    "photo: written, not flushed": ("before", "os:fsync"),
    "photo: under its name, the folder not flushed": (
        "before", "bot.pictures.photo_store:flush",
    ),
    "photo: durable, no row says so": ("after", "bot.pictures.photo_store:Folder.put"),
    "reminder: due, not rung": ("before", "bot.turns.door:Door.ring"),
    "reminder: rung, not committed": ("after", "bot.turns.door:Door.ring"),
    "clock: stored by the beat": ("after", "bot.clock:Clock.store"),
}  # fmt: skip
"""What a serving process passes."""


UPKEEP: Mapping[str, Place] = {
    "migration: between two statements": ("before", "alembic.operations:Operations.invoke"),
    "migration: a step is made, not noted": (
        "before", "alembic.runtime.migration:MigrationContext.stamp",
    ),
    "migration: all steps are noted, not committed": (
        "before", "sqlalchemy.engine.default:DefaultDialect.do_commit",
    ),
    "migration: committed": ("after", "sqlalchemy.engine.default:DefaultDialect.do_commit"),
    "backup: the copy is made, not checked": ("before", "storage.copying:verify"),
    "backup: a photo is packed": ("after", "zipfile:ZipFile.writestr"),
    "backup: packed, not flushed": ("before", "bot.operator.backing_up:flush"),
    "backup: flushed, no name yet": ("before", "pathlib:Path.replace"),
    "backup: under its name, the folder not flushed": ("after", "pathlib:Path.replace"),
    "restore: the database is unpacked, not checked": ("before", "bot.operator.backing_up:_digest"),
    "restore: a photo is back": ("after", "bot.pictures.photo_store:Folder.keep"),
    "copy: a table's rows go in": ("before", "storage.copying:_refer"),
    "command: done, not committed": ("before", "storage.db:_commit"),
    "command: committed, nobody told": ("after", "storage.db:_commit"),
}  # fmt: skip
"""What commands pass that bring the database or a file from one whole state to another."""


def found(where: str) -> Any:
    """What is called so: `module:Class.method`."""
    module, _, path = where.partition(":")
    return reduce(getattr, path.split("."), importlib.import_module(module))


def arm(names: Iterable[str], passings: int, tell: Callable[[str], object]) -> None:
    """Let this process be killed at the n-th passing of any of these points; `tell` hears where."""
    left = passings

    def passed(name: str) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            tell(name)
            os.kill(os.getpid(), signal.SIGKILL)

    for name in names:
        _wrap(*{**SERVING, **UPKEEP}[name], partial(passed, name))


def _wrap(when: str, where: str, passed: Callable[[], None]) -> None:
    module, _, path = where.partition(":")
    within, _, last = path.rpartition(".")
    owner = found(f"{module}:{within}") if within else importlib.import_module(module)
    inner = getattr(owner, last)
    before, after = when == "before", when == "after"

    def outer(*args: Any, **more: Any) -> Any:
        if before:
            passed()
        result = inner(*args, **more)
        if after:
            passed()
        return result

    async def coroutine(*args: Any, **more: Any) -> Any:
        if before:
            passed()
        result = await inner(*args, **more)
        if after:
            passed()
        return result

    setattr(owner, last, coroutine if inspect.iscoroutinefunction(inner) else outer)
