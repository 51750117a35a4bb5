"""A warm parent: it has imported the product once, and forks processes of it in milliseconds.

`Warm` starts one (`python -m tests.promises.warm`) and gives its processes as `Life`s. The parent
has no thread, no event loop and no connection that a fork could break. It reaps what ended before
it says so: a killed process that is still a zombie counts as alive to whoever looks for it."""

import asyncio
import gc
import importlib
import json
import os
import random
import select
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import certifi

_ONE = "one.pem"
ROOT = Path(__file__).resolve().parents[2]


class Life:
    """One process from its fork to its end."""

    def __init__(self, warm: "Warm", number: int) -> None:
        self._warm, self.number = warm, number
        self.ready, self.ended = asyncio.Event(), asyncio.Event()
        self.pid = 0
        self.code: int | None = None
        self.point = ""
        """The fault point at which it ended, if at one."""

    def kill(self) -> None:
        """SIGKILL, unless it has ended by itself."""
        self._warm.tell({"kill": self.number})

    async def ends(self) -> int:
        """Wait for its end; its exit code, negative where a signal ended it."""
        await self.ended.wait()
        assert self.code is not None
        return self.code

    async def serves_or_ends(self) -> None:
        """Wait until its web server listens, or it has ended before."""
        either = [asyncio.ensure_future(each.wait()) for each in (self.ready, self.ended)]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        for each in either:
            each.cancel()


class Warm:
    """The parent; `async with warm(folder) as parent`."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process, self._folder = process, folder
        self._lives: list[Life] = []

    def tell(self, order: Mapping[str, Any]) -> None:
        """One line for the parent."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    def start(
        self, words: Sequence[str], env: Mapping[str, str], folder: Path | None = None, **more: Any
    ) -> Life:
        """A new process of the command line in a folder; `more` as in `_prepare`."""
        life = Life(self, len(self._lives))
        self._lives.append(life)
        work = folder or self._folder
        self.tell(
            {
                "start": life.number, "words": list(words), "folder": str(work),
                "env": {**env, "SSL_CERT_FILE": str(self._folder / _ONE)},
                "log": str(work / "serve.log"), **more,
            }
        )  # fmt: skip
        return life

    async def command(self, env: Mapping[str, str], *words: str, folder: Path | None = None) -> str:
        """Run a command to its end; what it wrote."""
        log = self._folder / f"command-{len(self._lives)}.log"
        code = await self.start(words, env, folder, log=str(log)).ends()
        written = await asyncio.to_thread(log.read_text)
        assert code == 0, f"{words}: {code}\n{written}"
        return written

    async def listen(self) -> None:
        """Hear what became of them."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            news = json.loads(line)
            life = self._lives[news["life"]]
            life.pid = news.get("pid", life.pid)
            if news.get("ready"):
                life.ready.set()
            if "code" in news:
                life.code, life.point = news["code"], news["point"]
                life.ended.set()


@asynccontextmanager
async def warm(folder: Path) -> AsyncIterator[Warm]:
    """A parent whose processes work in this folder; with it they end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "tests.promises.warm",
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    (folder / _ONE).write_text(_one_certificate())
    made = Warm(process, folder)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


def _one_certificate() -> str:
    """To read a hundred of them takes a process longer than all the rest of its start."""
    end = "-----END CERTIFICATE-----\n"
    head, found, _ = Path(certifi.where()).read_text().partition(end)
    return head[head.index("-----BEGIN") :] + found


# -- the parent itself ----------------------------------------------------------------------------


class _Parent:
    """Reads orders, forks, reaps; ends its children when its standard input ends."""

    def __init__(self) -> None:
        self._children: dict[int, tuple[int, int]] = {}
        """The end of the pipe of each: its number, its pid."""
        self._said: dict[int, bytes] = {}

    def serve(self) -> None:
        """Until standard input ends."""
        orders = b""
        while True:
            for source in select.select([0, *self._children], [], [])[0]:
                piece = os.read(source, 65536)
                if source:
                    self._hear(source, piece)
                    continue
                if not piece:
                    self._end()
                    return
                *lines, orders = (orders + piece).split(b"\n")
                for line in lines:
                    self._obey(json.loads(line))

    def _obey(self, order: dict[str, Any]) -> None:
        if "kill" in order:
            for number, pid in self._children.values():
                if number == order["kill"]:
                    os.kill(pid, signal.SIGKILL)  # not reaped yet: the number is still its own
            return
        news, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(news)
            for other in self._children:
                os.close(other)
            _be(order, tell)
        os.close(tell)
        self._children[news] = (order["start"], pid)
        self._said[news] = b""
        _say(life=order["start"], pid=pid)

    def _hear(self, source: int, piece: bytes) -> None:
        number, pid = self._children[source]
        if piece == b"ready":
            _say(life=number, ready=True)
            return
        if piece:
            self._said[source] += piece.removeprefix(b"ready")
            return
        os.close(source)
        del self._children[source]
        _, status = os.waitpid(pid, 0)
        point = self._said.pop(source).decode()
        _say(life=number, code=os.waitstatus_to_exitcode(status), point=point)

    def _end(self) -> None:
        for _, pid in self._children.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _say(**news: Any) -> None:
    print(json.dumps(news), flush=True)


_LATE = (
    "alembic.operations", "alembic.runtime.migration", "alembic.script",
    "anyio._backends._asyncio", "httpcore", "sqlalchemy.dialects.postgresql.psycopg", "twilio.rest.api",
    "uvicorn.lifespan.off", "uvicorn.protocols.http.auto", "bot.app",
    "tests.promises.points",
)  # fmt: skip
"""What a server imports only once it runs."""


def _warm_up() -> None:
    from PIL import Image  # noqa: PLC0415

    import bot.app  # noqa: PLC0415
    from bot.commands.__main__ import COMMANDS, commands  # noqa: PLC0415

    for word in COMMANDS:
        commands(word)
    for module in _LATE:
        importlib.import_module(module)
    Image.preinit()
    bot.app.refuse_broken_tables()


def _be(order: dict[str, Any], tell: int) -> None:
    """The child: become the command that was ordered, with these fault points armed."""
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["env"])
        random.seed()
        _prepare(order, tell)
        from bot.commands.__main__ import main  # noqa: PLC0415

        code = main(order["words"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
        code = 1
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _prepare(order: dict[str, Any], tell: int) -> None:
    from bot import app  # noqa: PLC0415
    from bot.wires import polling, sending, serving  # noqa: PLC0415
    from tests.promises import points  # noqa: PLC0415

    if "patience" in order:  # for a life of tenths of a second: short leases, quick beats
        app.HEARTBEAT, polling.LOOKS = 0.1, 0.3
        for place in ("email:Email", "sms:Sms", "telegram:Telegram"):
            points.found(f"bot.channels.{place}").patience = order["patience"]
        sending.GRACE = 500
    startup = serving.Server.startup

    async def started(self: Any, sockets: Any = None) -> None:
        await startup(self, sockets)
        os.write(tell, b"ready")

    serving.Server.startup = started  # type: ignore[method-assign]
    points.arm(
        order.get("points", ()),
        order.get("passings", 1),
        lambda name: os.write(tell, name.encode()),
    )


if __name__ == "__main__":
    _warm_up()
    gc.freeze()
    _Parent().serve()
