"""Serves an ASGI app on the loopback inside the running loop, and can cut a connection short."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Any

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_quiet: ContextVar[bool] = ContextVar("carrier_server", default=False)
# Open connections by (client address, server address): the ASGI scope names no transport.
_open: dict[tuple[Any, Any], asyncio.Transport] = {}


def _wanted(record: logging.LogRecord) -> bool:
    """Only crashes of a carrier are worth a line; its comings and goings are not."""
    if not _quiet.get():
        return True
    return bool(record.exc_info) and not isinstance(
        record.exc_info[1] if isinstance(record.exc_info, tuple) else None, asyncio.CancelledError
    )


logging.getLogger("uvicorn.error").addFilter(_wanted)


class _Protocol(H11Protocol):
    """The stock HTTP/1.1 protocol, its transport kept where `cut` finds it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._key = (transport.get_extra_info("peername"), transport.get_extra_info("sockname"))
        _open[self._key] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _open.pop(self._key, None)
        super().connection_lost(exc)


class _Server(uvicorn.Server):
    """uvicorn, made to start and stop at once: tests do it hundreds of times."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the process that rehearses, not to a simulated carrier

    async def main_loop(self) -> None:
        """Wait for the end without polling for it."""
        await self.on_tick(0)
        self.up.set()
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut every connection and end every handler, long polls too."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Cut(Response):
    """Answers nothing: the connection is reset, or (`hang`) left open until the client gives up."""

    def __init__(self, *, hang: bool = False) -> None:
        super().__init__()
        self.hang = hang

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.hang:
            transport = _open.get((tuple(scope["client"]), tuple(scope["server"])))
            if transport is not None:
                transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


@contextlib.asynccontextmanager
async def serve(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` on 127.0.0.1 (`port` 0: any free one) until the block ends; yields `http://host:port`.

    On leaving, open connections (long polls too) are cut and the port is free again.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    address = sock.getsockname()
    server = _Server(
        uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
        )
    )
    token = _quiet.set(True)
    try:
        running = asyncio.create_task(server.serve(sockets=[sock]))
    finally:
        _quiet.reset(token)
    up = asyncio.create_task(server.up.wait())
    await asyncio.wait((up, running), return_when=asyncio.FIRST_COMPLETED)
    up.cancel()
    try:
        if running.done():
            await running
        yield f"http://127.0.0.1:{address[1]}"
    finally:
        server.stopping.set()
        await running
        sock.close()
