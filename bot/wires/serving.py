"""The HTTP server inside the bot's own loop, its socket, and watching over the bot's tasks."""

import asyncio
import errno
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

_BACKLOG = 64
"""So often in a row the loop tries to accept where no file is left, with an error each time."""


class WillNotStart(Exception):
    """The start is refused; the message says what to do."""


class Connection(H11Protocol):
    """One that its client may not hold open for ever, as uvicorn by itself would let it.

    Whoever opens many and says nothing takes files from the database, the photos and the senders:
    beyond `MOST` a new one is closed at once; one whose request does not get whole is closed, too.
    """

    MOST = 200
    SILENCE = 20.0
    """Seconds without a byte of a request that is not whole."""
    LONGEST = 300.0
    """Seconds that a request may take to get whole: a photo by a bad line."""
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connects."""
        super().connection_made(transport)
        self._heard = self._began = self.loop.time()
        if len(self.connections) > self.MOST:
            transport.abort()
        else:
            self._timer = self.loop.call_later(self.SILENCE, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some of a request, or several."""
        self._heard, request = self.loop.time(), self.cycle
        super().data_received(data)
        if self.cycle is not request:
            self._began = self._heard

    def _look(self) -> None:
        now = self.loop.time()
        unwhole = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if unwhole and (now - self._heard >= self.SILENCE or now - self._began >= self.LONGEST):
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(self.SILENCE, self._look)


def settings_of(app: Any) -> uvicorn.Config:
    """How the web side is served."""
    return uvicorn.Config(
        app,
        http=Connection,
        access_log=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=3,
        ws="none",
        backlog=_BACKLOG,
    )


class Server(uvicorn.Server):
    """Signals are the wiring's, not the web server's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; WillNotStart where the port is taken, not ours or not of this host."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise WillNotStart(_cannot_listen(host, port, error)) from None
    sock.listen(_BACKLOG)
    sock.setblocking(False)
    return sock


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        stop = "stop the other program, or set HTTP_PORT to a free one."
        return f"Port {port} on {host} is in use: {stop}"
    if error.errno == errno.EACCES:
        return f"Port {port} may not be opened by this user: set HTTP_PORT to one above 1023."
    return (
        f"{host} is no address of this machine: set HTTP_HOST to 127.0.0.1, or to 0.0.0.0 for all."
    )


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
