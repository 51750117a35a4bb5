"""People at the desk: the real routes on a real database, a browser's cookies, a pushed clock."""

import asyncio
import contextlib
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from pydantic import SecretStr
from starlette.types import ASGIApp

from bot.desk.asking import Services
from bot.desk.routes import desk_routes
from bot.pictures.photo_store import Folder
from bot.settings import Settings
from bot.turns import signing_in
from bot.wires.receiving import Receiver
from bot.wires.web import build_web
from storage import jobs, people, timeline
from storage.db import Row, Tx, Writer
from tests.stage import Stage

HOST = "desk.test"


class House:
    """A stage with its desk: Tina is Dana's, Bob is Eve's; Olive is the office, Otto the operator.

    Carl is DC of both; Max has no team; Zed is a technician and has no desk.
    """

    def __init__(
        self, url: str, folder: Path, *, public_url: str = f"http://{HOST}",
        like: "House | None" = None,
    ) -> None:  # fmt: skip
        """`like`: a house whose database was copied to `url`, so that nobody moves in again."""
        self.stage = Stage(url, "telegram")
        self.jobs: dict[str, int] = {}
        if like is None:
            self._move_in()
        else:
            self.stage.people, self.stage.phones = dict(like.stage.people), dict(like.stage.phones)
            self.jobs = dict(like.jobs)
        self.writer = Writer(self.stage.store)
        self.photos = Folder(folder / "photos")
        self.settings = Settings.model_construct(
            **{name: field.default for name, field in Settings.model_fields.items()}
            | {"database_url": SecretStr(url), "public_url": public_url}
        )
        self.woken = 0
        self.app = self._app(self.settings)

    def _move_in(self) -> None:
        enrol = self.stage.enrol
        dana, eve = enrol("Dana Cole", "manager"), enrol("Eve Stone", "manager")
        carl = enrol("Carl Weber", "manager")
        enrol("Max Alone", "manager")
        enrol("Olive Park", "office")
        enrol("Otto Reyes", "operator")
        enrol("Tina Abernathy", dm=dana, dc=carl)
        enrol("Bob Okafor", dm=eve, dc=carl)
        enrol("Zed Quinn", dm=eve)
        self.jobs["tina"] = self.stage.order("114-7", "08:00", "11:00")
        self.jobs["bob"] = self.stage.order("200-1", "08:00", "11:00", who="bob")

    def _app(self, settings: Settings) -> ASGIApp:
        services = Services(
            settings, self.stage.store, self.writer, self.stage.context, self.stage.clock,
            self.photos, self._wake, lambda: "doorstep_bot",
        )  # fmt: skip
        receiver = Receiver(self.writer, self.stage.door, self.stage.clock)
        return build_web(self.writer, receiver, routes=desk_routes(services))

    def let_mail(self, *, on: bool) -> None:
        """With a mail server, or without."""
        self.stage.context = replace(self.stage.context, mail_on=on)
        self.app = self._app(self.settings)

    def _wake(self) -> None:
        self.woken += 1

    def link(self, who: str) -> str:
        """A fresh link's path for somebody."""

        def work(tx: Tx) -> str:
            person = people.get(tx, self.stage.people[who])
            assert person is not None
            return signing_in.new_link(tx, person, "", self.stage.clock.now(), "test")

        return self.stage.store.transact(work)

    def keep_picture(self) -> str:
        """A JPEG with a place in it, in the photo store; its path there."""
        image, out = Image.new("RGB", (600, 400), "teal"), io.BytesIO()
        exif = Image.Exif()
        exif[0x010E] = "taken at 42.7284 N 73.6918 W"
        image.save(out, "JPEG", exif=exif)
        return asyncio.run(self.photos.put(out.getvalue(), "image/jpeg"))[0]

    def run_until(self, clock: str, *said: str) -> None:
        """Let it be that time, then Tina says these."""
        self.stage.forward(clock)
        for text in said:
            self.stage.says("tina", text)

    def job(self, number: str) -> Row:
        """The latest visit of an order."""
        return self.stage.row(lambda tx: jobs.of_order(tx, number)[0])

    def events(self, number: str) -> list[tuple[str, str, str]]:
        """(event, by, channel) of a job's timeline."""
        job = self.job(number)["id"]
        rows = self.stage.store.transact(lambda tx: timeline.of_job(tx, job))
        return [(row["event"], row["by"], row["channel"]) for row in rows]

    def browser(self, base: str = f"http://{HOST}") -> httpx.AsyncClient:
        """A browser that is not signed in."""
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(
            transport=transport, base_url=base, headers={"user-agent": "Firefox Linux"}
        )

    @contextlib.asynccontextmanager
    async def at_desk(self, who: str) -> AsyncIterator["Visit"]:
        """Somebody who has signed in."""
        async with self.browser() as browser:
            answer = await browser.post(self.link(who))
            assert 303 == answer.status_code, answer.text
            yield Visit(browser)

    def close(self) -> None:
        """Let the writer go."""
        self.writer.close()


class Visit:
    """A signed-in browser: looks at pages and sends their forms."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self.browser = browser

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.browser.get(path)

    async def page(self, path: str) -> str:
        """A page that is there."""
        answer = await self.get(path)
        assert 200 == answer.status_code, answer.text
        return answer.text

    async def keys(self, path: str = "/desk/me") -> dict[str, str]:
        """The csrf token and a form's key, as a page has them."""
        text = await self.page(path)
        found = {
            name: re.findall(f'name="{name}" value="([^"]+)"', text)
            for name in ("csrf", "key", "seen")
        }
        return {name: values[0] for name, values in found.items() if values}

    async def send(
        self, path: str, *, page: str = "/desk/me", files: Any = None, **form: str
    ) -> httpx.Response:
        """Send a form as the page `page` has it; redirects are not followed."""
        data = await self.keys(page) | form
        headers = {"referer": f"http://{HOST}{page}", "origin": f"http://{HOST}"}
        return await self.browser.post(path, data=data, files=files, headers=headers)

    async def does(
        self, path: str, *, page: str = "/desk/me", files: Any = None, **form: str
    ) -> str:
        """Send a form and look at the page that follows."""
        answer = await self.send(path, page=page, files=files, **form)
        if answer.status_code == 303:
            answer = await self.browser.get(answer.headers["location"])
        assert 200 == answer.status_code, answer.text
        return answer.text
