"""P10: whoever holds connections open, by the hundred or until no file is left, keeps nobody out of
the web side for long; uvicorn and asyncio by themselves would wait, and log, without end."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from bot.wires.serving import Connection, Server, listen, settings_of

HALF = b"POST /telegram/webhook HTTP/1.1\r\nHost: x\r\n"
FEW_FILES = """
import asyncio, resource
from bot.wires.serving import Server, listen, settings_of
from tests.wire.test_open_files import answers
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
sock = listen("127.0.0.1", 0)
print(sock.getsockname()[1], flush=True)
asyncio.run(Server(settings_of(answers)).serve(sockets=[sock]))
"""


async def answers(_scope: object, _receive: object, send: object) -> None:
    """Takes its time over 204."""
    await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body"})  # type: ignore[operator]


@contextlib.contextmanager
def held(port: int, count: int) -> Iterator[None]:
    """So many connections that say half a request and wait."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            sock = stack.enter_context(socket.socket())
            sock.settimeout(2)
            sock.connect(("127.0.0.1", port))
            sock.send(HALF)
        yield


@pytest.mark.skipif(sys.platform == "win32", reason="files are limited otherwise there")
def test_p10_without_a_file_left_it_waits_a_little_and_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "-c", FEW_FILES], stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with held(port, 60):
                for _ in range(1_000):
                    if "out of system resource" in log.read_text():
                        break
                    time.sleep(0.02)  # it is another process that gets there
            assert 204 == httpx.get(f"http://127.0.0.1:{port}/", timeout=30).status_code
        finally:
            process.kill()
    said = log.read_text()
    assert "out of system resource" in said
    assert said.count("\n") < 10_000


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A server that waits a tenth of a second for a whole request, with room for three."""
    monkeypatch.setattr(Connection, "SILENCE", 0.1)
    monkeypatch.setattr(Connection, "MOST", 3)
    sock = listen("127.0.0.1", 0)
    server = Server(settings_of(answers))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    yield sock.getsockname()[1]
    server.should_exit = True
    await task


async def test_p10_half_a_request_is_not_waited_for_and_a_slow_answer_is(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HALF)

    assert b"" == await asyncio.wait_for(reader.read(), 5)
    writer.close()
    async with httpx.AsyncClient() as client:
        assert 204 == (await client.get(f"http://127.0.0.1:{port}/")).status_code


async def test_p10_beyond_the_most_a_connection_is_closed_at_once(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "SILENCE", 60)
    kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    with contextlib.suppress(ConnectionResetError):
        assert b"" == await asyncio.wait_for(reader.read(), 5)
    for each in (writer, *(writer for _, writer in kept)):
        each.close()
