"""The rehearsal's page and its routes: everything is served from this machine, to this machine."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot import days
from bot.clock import to_datetime
from bot.pictures.images import PictureError, copy_for_sending
from bot.pictures.photo_store import open_store
from bot.rehearsal import feed, guide, pictures
from bot.rehearsal.phones import Device
from bot.rehearsal.stage import Services, Stage
from bot.turns import signing_in
from bot.wires.commit import commit
from bot.wires.web import OWN_PAGE
from flows.facts import MINUTE
from storage import outbox, people, photos
from storage.db import Tx

LONGEST_TEXT = 20_000
PATIENCE = 1.0
"""Real seconds that a request for news waits for some."""
PACES = (0, 1, 10, 60)
LONGEST_PUSH = 24 * 60
"""Minutes."""
_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
Handler = Callable[[Request], Awaitable[Response]]


class Page:
    """The page of one stage and one running product."""

    def __init__(self, stage: Stage, services: Services) -> None:
        self.stage, self.services = stage, services
        self.painter = feed.Painter(stage, services.context)
        self._time = asyncio.Lock()
        self._photos = open_store(stage.settings.photo_store, stage.settings.s3_endpoint_url)

    def routes(self) -> list[BaseRoute]:
        """Everything under /rehearsal/."""
        gets: dict[str, Handler] = {
            "/rehearsal/": self.show,
            "/rehearsal/feed": self.news,
            "/rehearsal/picture/{device}/{key}/{place:int}": self.picture,
            "/rehearsal/photo/{photo:int}": self.kept_photo,
            "/rehearsal/file/{device}/{key}": self.file,
            "/rehearsal/mail/{mail:int}/{place:int}": self.attachment,
            "/rehearsal/sample/{name}": self.sample,
            "/rehearsal/desk": self.desk,
        }
        posts: dict[str, Handler] = {
            "/rehearsal/say": self.say,
            "/rehearsal/press": self.press,
            "/rehearsal/send-photo": self.send_photo,
            "/rehearsal/time": self.time,
            "/rehearsal/guide": self.guided,
            "/rehearsal/afresh": self.afresh,
        }
        static = Path(__file__).parent / "static"
        return [
            Route("/rehearsal", lambda _: RedirectResponse("/rehearsal/")),
            *(
                Route(path, self._checked(handler), methods=["GET"])
                for path, handler in gets.items()
            ),
            *(
                Route(path, self._checked(handler, changes=True), methods=["POST"])
                for path, handler in posts.items()
            ),
            Mount("/rehearsal/static", StaticFiles(directory=static)),
        ]

    def _checked(self, handler: Handler, *, changes: bool = False) -> Handler:
        """Only for this machine (its name, against rebinding), changes only with the token."""

        async def answer(request: Request) -> Response:
            host = request.headers.get("host", "")
            name = host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]
            if name.lower() not in _HOSTS:
                return Response("The rehearsal answers to this machine only.", 403)
            if changes:
                said = request.headers.get("x-rehearsal-token", "")
                origin = request.headers.get("origin")
                if not hmac.compare_digest(said, self.stage.token) or origin not in (
                    None,
                    f"http://{host}",
                ):
                    return JSONResponse(
                        {"error": "This page is of an earlier start. Reload it."}, 403, OWN_PAGE
                    )
            try:
                response = await handler(request)
            except asyncio.CancelledError:  # the product stops while a page waits for news
                response = Response("The rehearsal ends.", 503)
            except (LookupError, ValueError) as error:
                words = str(error.args[0]) if error.args else "That cannot be done now."
                response = JSONResponse({"error": words}, 400)
            for header, value in OWN_PAGE.items():
                response.headers.setdefault(header, value)
            return response

        return answer

    # -- looking --------------------------------------------------------------------------------

    async def _drawn(self, wish: feed.Wish) -> feed.Drawn:
        def work() -> feed.Snapshot:
            with self.services.store.reading() as tx:
                return feed.read(tx, self.stage, wish)

        return self.painter.draw(await asyncio.to_thread(work))

    async def show(self, request: Request) -> Response:
        """The page with its panes as they are now."""
        drawn = await self._drawn(_wish(request))
        devices = self.stage.phones.devices
        template = self.painter.templates.get_template("page.html")
        return HTMLResponse(
            template.render(
                token=self.stage.token,
                panes=drawn.panes,
                facts=drawn.facts,
                scenarios=guide.SCENARIOS,
                slots=[
                    ("technician", "Technician", [d for d in devices if d.works]),
                    ("manager", "Manager", [d for d in devices if not d.works]),
                ],
                commands={d.id: self.stage.phones.commands(d) for d in devices},
                samples=pictures.SAMPLES,
                clock=_clock_words(drawn.facts["now"], drawn.facts["zone"]),
            )
        )

    async def news(self, request: Request) -> Response:
        """The panes that are not as the page has them; waits a moment for some."""
        try:
            seen = json.loads(request.query_params.get("seen", "{}"))
        except ValueError:
            seen = {}
        wish = _wish(request)
        drawn = await self._drawn(wish)
        fresh = _fresh(drawn, seen)
        if not fresh and request.query_params.get("wait") != "0":
            await self.stage.pulse.wait(PATIENCE)
            drawn = await self._drawn(wish)
            fresh = _fresh(drawn, seen)
        return JSONResponse({"facts": dict(drawn.facts), "panes": fresh})

    async def picture(self, request: Request) -> Response:
        """A picture on a phone's screen."""
        device = self._device(request.path_params["device"])
        key, place = request.path_params["key"], request.path_params["place"]
        content: bytes | None = None
        if device.channel == "telegram":
            content = next(
                (m.photo for m in self.stage.phones.messages(device) if str(m.message_id) == key),
                None,
            )
        else:
            text = next((text for text in self.stage.phones.texts(device) if text.key == key), None)
            content = text.pictures[place] if text and place < len(text.pictures) else None
        return _image(content)

    async def kept_photo(self, request: Request) -> Response:
        """A stored photo, as a copy that may be shown."""
        number = request.path_params["photo"]

        def work() -> str:
            with self.services.store.reading() as tx:
                row = photos.get(tx, number)
                return str(row["path"]) if row else ""

        path = await asyncio.to_thread(work)
        try:
            return _image(await copy_for_sending(await self._photos.get(path)))
        except (OSError, PictureError):
            return _image(None)

    async def file(self, request: Request) -> Response:
        """A document on a phone's screen, for saving."""
        device, key = self._device(request.path_params["device"]), request.path_params["key"]
        for message in self.stage.phones.messages(device):
            if str(message.message_id) == key and message.document is not None:
                return _for_saving(message.document, message.filename or "file")
        raise HTTPException(404)

    async def attachment(self, request: Request) -> Response:
        """An attachment of a mail: a picture is shown, anything else is only offered for saving."""
        mailbox = self.stage.carriers.mailbox
        mails = mailbox.mails if mailbox else []
        mail, place = request.path_params["mail"], request.path_params["place"]
        if mail >= len(mails) or place >= len(mails[mail].attachments):
            raise HTTPException(404)
        name, kind, content = mails[mail].attachments[place]
        if kind in ("image/jpeg", "image/png"):
            return Response(content, media_type=kind)
        return _for_saving(content, name or "attachment")

    async def sample(self, request: Request) -> Response:
        """A small sample photo."""
        name = request.path_params["name"]
        content = (
            await asyncio.to_thread(pictures.thumbnail, name) if name in pictures.SAMPLES else None
        )
        return _image(content)

    async def desk(self, _: Request) -> Response:
        """On to the desk of the first manager, by the same kind of link that a phone would get."""
        now = self.services.clock.now()

        def work(tx: Tx) -> str:
            found = [each for each in people.everybody(tx) if signing_in.may_sign_in(each)]
            found.sort(key=lambda each: (not people.has_role(each, "manager"), each["id"]))
            if not found:
                raise LookupError("Nobody here has a desk: it is for managers.")
            return signing_in.new_link(tx, found[0], "", now, "rehearsal")

        return RedirectResponse(await commit(self.services.writer, work), 303)

    # -- acting ---------------------------------------------------------------------------------

    async def say(self, request: Request) -> Response:
        """A person types."""
        form = await request.form(max_files=0, max_part_size=4 * LONGEST_TEXT)
        text = str(form.get("text", "")).strip()
        if not text:
            raise ValueError("Type something first.")
        self.stage.phones.say(self._device(str(form.get("device", ""))), text[:LONGEST_TEXT])
        return _done()

    async def press(self, request: Request) -> Response:
        """A person presses an inline button."""
        form = await request.form(max_files=0)
        message = str(form.get("message", ""))
        number = int(message) if message.isdecimal() else 0
        self.stage.phones.press(
            self._device(str(form.get("device", ""))), str(form.get("data", "")), number
        )
        return _done()

    async def send_photo(self, request: Request) -> Response:
        """A person sends a sample photo or one of their own."""
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > pictures.MOST_BYTES + 65_536:
            raise ValueError("That picture is too large: 12 MB at most.")
        async with request.form(max_files=1) as form:
            device = self._device(str(form.get("device", "")))
            upload = form.get("file")
            if isinstance(upload, UploadFile) and upload.filename:
                content = await asyncio.to_thread(pictures.as_phone_sends, await upload.read())
            else:
                content = await self._sample(str(form.get("sample", "")))
            self.stage.phones.send_photo(device, content, str(form.get("caption", ""))[:1000])
        return _done()

    async def _sample(self, name: str) -> bytes:
        if name not in pictures.SAMPLES:
            raise LookupError("There is no such photo.")
        local = self.services.clock.datetime().astimezone(
            days.zone_of(self.stage.settings.timezone)
        )
        return await asyncio.to_thread(
            pictures.sample,
            name,
            f"{local:%b} {local.day} {local.hour % 12 or 12}:{local:%M:%S %p}",
        )

    async def time(self, request: Request) -> Response:
        """The clock is pushed (`minutes`), sent to the next event (`next`), or paced (`rate`)."""
        form = await request.form(max_files=0)
        clock = self.services.clock
        if "rate" in form:
            rate = str(form["rate"])
            if rate not in {str(pace) for pace in PACES}:
                raise ValueError("The clock runs at 1, 10 or 60 times, or stops.")
            clock.pace(float(rate))
            await commit(self.services.writer, clock.store)
        elif "next" in form:
            await self._to_next_event()
        else:
            minutes = str(form.get("minutes", ""))
            if not minutes.isdecimal() or not 0 < int(minutes) <= LONGEST_PUSH:
                raise ValueError("Push the clock by 1 minute to 24 hours.")
            await self._push(clock.now() + int(minutes) * MINUTE)
        self.stage.pulse.beat()
        return _done()

    async def _to_next_event(self) -> None:
        def work() -> int | None:
            with self.services.store.reading() as tx:
                return _next_event(tx, self.services.clock.now())

        to = await asyncio.to_thread(work)
        if to is None:
            raise LookupError("Nothing is due.")
        await self._push(to)

    async def _push(self, to: int) -> None:
        async with self._time:
            await self.services.pass_time(max(to, self.services.clock.now()))

    async def guided(self, request: Request) -> Response:
        """The guide's suggestion is carried out, as if by hand."""
        form = await request.form(max_files=0)
        act, device, value = (str(form.get(name, "")) for name in ("act", "device", "value"))

        def work() -> feed.Snapshot:
            with self.services.store.reading() as tx:
                return feed.read(tx, self.stage, feed.Wish(str(form.get("scenario", ""))))

        found = await asyncio.to_thread(work)
        self.stage.phones.cast(found.cast)
        step = guide.suggest(found.scene, self.stage.phones, self.services.context.engine)
        if (step.act, step.device, step.value) != (act, device, value) or not step.act:
            raise ValueError("Meanwhile something else comes next.")
        match step.act:
            case "say":
                self.stage.phones.say(self._device(step.device), step.value)
            case "press":
                self.stage.phones.press(self._device(step.device), step.value, step.message)
            case "photo":
                self.stage.phones.send_photo(
                    self._device(step.device), await self._sample(step.value)
                )
            case _:
                await self._push(int(step.value))
        self.stage.pulse.beat()
        return _done()

    async def afresh(self, _: Request) -> Response:
        """The samples are put back to the morning of another day."""
        async with self._time:
            await self.stage.start_afresh(self.services)
        return _done()

    def _device(self, number: str) -> Device:
        device = self.stage.phones.device(number)
        if device is None:
            raise LookupError("That phone is not here any more. Reload the page.")
        return device


def _wish(request: Request) -> feed.Wish:
    job = request.query_params.get("job", "")
    return feed.Wish(
        request.query_params.get("guide", guide.NORMAL), int(job) if job.isdecimal() else None
    )


def _fresh(drawn: feed.Drawn, seen: Any) -> dict[str, dict[str, str]]:
    known = seen if isinstance(seen, dict) else {}
    marked = {name: (feed.digest(markup), markup) for name, markup in drawn.panes.items()}
    return {
        name: {"hash": mark, "html": markup}
        for name, (mark, markup) in marked.items()
        if known.get(name) != mark
    }


def _next_event(tx: Tx, now: int) -> int | None:
    timer = guide.next_timer(tx, now)
    found = (timer["due_at"] if timer else None, outbox.next_due(tx, now))
    return min((due for due in found if due is not None), default=None)


def _clock_words(now: int, zone: str) -> str:
    local = to_datetime(now).astimezone(days.zone_of(zone))
    return f"{local:%a} {local.hour % 12 or 12}:{local:%M %p}"


def _image(content: bytes | None) -> Response:
    if content is None:
        raise HTTPException(404)
    return Response(
        content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"}
    )


def _for_saving(content: bytes, name: str) -> Response:
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )


def _done() -> Response:
    return JSONResponse({"done": True})
