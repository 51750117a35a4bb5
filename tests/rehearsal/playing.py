"""The rehearsal as it is started without any setting: the whole product, in the test's own loop."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from pydantic import SecretStr

from bot.app import App
from bot.clock import Clock
from bot.rehearsal.stage import Stage
from bot.settings import Settings
from bot.wires.serving import listen
from storage import jobs
from storage.db import Row

MORNING = "2026-11-23T06:45-05:00"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def bare_settings(folder: Path, **more: Any) -> Settings:
    """Nothing configured but where things lie, whatever the test machine's environment says."""
    return Settings.model_construct(
        **{name: field.default for name, field in Settings.model_fields.items()}
        | {
            "database_url": SecretStr(f"sqlite:///{folder}/rehearsal.sqlite3"),
            "photo_store": f"file:{folder}/photos",
            "http_port": free_port(),
        }
        | more
    )


@dataclass
class Playing:
    """A running rehearsal, and a client that sends what its page would send."""

    app: App
    stage: Stage
    url: str
    client: httpx.AsyncClient

    async def post(
        self, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """A change, as the page asks for it."""
        sent = {"X-Rehearsal-Token": self.stage.token} | (headers or {})
        return await self.client.post(f"/rehearsal/{path}", headers=sent, **more)

    async def act(self, path: str, **form: str) -> None:
        """A change that has to succeed."""
        answer = await self.post(path, data=form)
        assert {"done": True} == answer.json(), answer.text

    async def pane(self, name: str, **query: str) -> str:
        """A pane's words now, tags and runs of blanks taken out."""
        answer = await self.client.get("/rehearsal/feed", params={"wait": "0", **query})
        markup: str = answer.json()["panes"][name]["html"]
        return " ".join(re.sub(r"<[^>]+>", " ", markup).split())

    async def shows(self, name: str, words: str, **query: str) -> str:
        """Wait until a pane has these words, at most 10 s."""
        shown = ""
        for _ in range(200):
            shown = await self.pane(name, **query)
            if words in shown:
                return shown
            await asyncio.sleep(0.05)
        raise AssertionError(f"{name} never showed {words!r}: {shown}")

    def job(self, number: str) -> Row:
        """The latest visit of an order."""
        with self.app.store.reading() as tx:
            return jobs.of_order(tx, number)[0]

    def wall_clock(self) -> str:
        """The business time in the samples' zone."""
        return f"{self.app.clock.datetime().astimezone(ZoneInfo('America/New_York')):%a %H:%M}"


@contextlib.asynccontextmanager
async def playing(settings: Settings, clock: str = MORNING) -> AsyncIterator[Playing]:
    """Run the rehearsal until the block ends; it has to end well."""
    business = Clock.from_setting(clock)
    async with Stage(settings, business) as stage:
        app = App(
            stage.settings,
            business,
            listen(stage.settings.http_host, stage.settings.http_port),
            stage,
        )
        running = asyncio.create_task(app.run())
        url = f"http://127.0.0.1:{settings.http_port}"
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            for _ in range(200):
                assert not running.done(), running.result()
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get("/healthz")).is_success:
                        break
                await asyncio.sleep(0.05)
            try:
                yield Playing(app, stage, url, client)
            finally:
                app.stop()
                code = await asyncio.wait_for(running, 20)
    assert 0 == code
    for carrier in (stage.carriers.telegram, stage.carriers.twilio):
        assert carrier is None or [] == carrier.violations
