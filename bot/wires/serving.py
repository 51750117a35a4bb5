"""The HTTP server inside the bot's own loop, its socket, and watching over the bot's tasks."""

import asyncio
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import uvicorn


class WillNotStart(Exception):
    """The start is refused; the message says what to do."""


class Server(uvicorn.Server):
    """Signals are the wiring's, not the web server's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; WillNotStart where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise WillNotStart(
            f"Port {port} on {host} is in use: stop the other program,"
            " or set HTTP_PORT to a free one."
        ) from None
    sock.listen(128)
    sock.setblocking(False)
    return sock


async def first_failure(
    tasks: Iterable[asyncio.Task[None]], stopping: asyncio.Task[bool]
) -> asyncio.Task[None] | None:
    """The first task that raised, or None once we are told to stop; one that ends by itself is no
    failure."""
    waiting = set(tasks)
    while not stopping.done():
        await asyncio.wait([*waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
        ended = {task for task in waiting if task.done()}
        for task in ended:
            if not task.cancelled() and task.exception() is not None:
                return task
        waiting -= ended
    return None
