"""The desk's one way in: session, right, form token and double submit, before any page or act.

A page is a function of what is stored; an act is one transaction (P3), kept in the inbox under the
form's own key, so that the same form sent twice acts once (P2).
"""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot import days
from bot.desk import rights, sessions, words
from bot.desk.asking import Act, Ask, Draw, Find, MovedOn, Page, Sent, Services, Went
from bot.desk.forms import (
    SAID,
    Again,
    back_to,
    bytes_of,
    client_of,
    is_short,
    once,
    parts_of,
    path_of,
    redirect,
    unpacked,
)  # fmt: skip
from bot.desk.rights import NotYours, Visitor
from bot.operator.who import Refused
from bot.wires.commit import commit
from bot.wires.web import OWN_PAGE
from flows.facts import Instant
from storage import desk as stored
from storage.db import Row, StorageError, Tx
from storage.jobs import Conflict

_log = logging.getLogger(__name__)
_KEY = re.compile(r'name="key" value="[^"]*"')
LONGEST_FORM = 64 * 1024
"""Bytes of a form without a file."""
_HEADERS = OWN_PAGE | {
    # Not no-referrer: a browser would then hide from us where a form comes from.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}


def version_of(part: str) -> str:
    """The entity tag of a part of a page; the keys of its forms, new each time, are no news."""
    return f'W/"{hashlib.sha256(_KEY.sub("", part.strip()).encode()).hexdigest()[:20]}"'


def _unless_known(request: Request, news: Response) -> Response:
    """The news, or that there are none since what the page shows."""
    version = version_of(bytes(news.body).decode())
    if request.headers.get("if-none-match", "") == version:
        news = Response(status_code=304)
    news.headers["ETag"] = version
    return news


class Gate:
    """Draws pages and carries acts for whoever may."""

    def __init__(self, services: Services) -> None:
        self.services = services
        public = services.settings.public_url
        self.secure = public.startswith("https:")
        self.cookie = "__Host-desk" if self.secure else "desk"
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(public)) if public else ""
        self.guesses = sessions.Guesses()
        self.templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self.templates.globals |= {
            "words": words, "new_key": lambda: secrets.token_urlsafe(16), "version": version_of,
        }  # fmt: skip
        self._headers = dict(_HEADERS)
        if self.secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    # -- pages ----------------------------------------------------------------------------------

    def page(self, route: str, draw: Draw, *, live: bool = False) -> Callable[[Request], Any]:
        """The answer to a GET; `live` news are no sign that somebody is at the desk."""

        async def answer(request: Request) -> Response:
            return await self._guarded(request, self._read(request, route, draw, live=live))

        return answer

    async def _read(self, request: Request, route: str, draw: Draw, *, live: bool) -> Response:
        key, now = request.cookies.get(self.cookie, ""), self.services.clock.now()
        said = unpacked(request.cookies.get(SAID, ""))

        def work() -> tuple[Visitor | None, bool, Response]:
            with self.services.store.reading() as tx:
                visitor = sessions.visitor(tx, key, now)
                if visitor is None:
                    return None, False, self._signed_out(request)
                thing = rights.admit(tx, visitor, route, path_of(request))
                ask = Ask(tx, self.services, visitor, now, thing, dict(request.query_params))
                drawn = draw(ask)
                if isinstance(drawn, Sent):
                    return visitor, sessions.is_stale(tx, visitor.session, now), bytes_of(drawn)
                response = self._draw(drawn, visitor, now, said=said)
                if live:
                    response = _unless_known(request, response)
                return visitor, sessions.is_stale(tx, visitor.session, now), response

        visitor, stale, response = await asyncio.to_thread(work)
        if stale and visitor is not None and not live:
            session = visitor.session
            await commit(self.services.writer, lambda tx: stored.seen(tx, session, now))
        if any(said) and not live:
            response.delete_cookie(SAID, path="/desk")
        return response

    async def allowed(self, request: Request, route: str, find: Find) -> Any:
        """What `find` gives to a visitor who may; NotYours. For answers that take their time."""
        key, now = request.cookies.get(self.cookie, ""), self.services.clock.now()

        def work() -> Any:
            with self.services.store.reading() as tx:
                visitor = sessions.visitor(tx, key, now)
                if visitor is None:
                    raise NotYours
                thing = rights.admit(tx, visitor, route, path_of(request))
                query = dict(request.query_params)
                return find(Ask(tx, self.services, visitor, now, thing, query))

        return await asyncio.to_thread(work)

    async def drawn(self, request: Request, visitor: Visitor, page: Page) -> Response:
        """A page of an answer that took its time."""
        said, now = unpacked(request.cookies.get(SAID, "")), self.services.clock.now()
        response = await asyncio.to_thread(self._draw, page, visitor, now, said)
        if any(said):
            response.delete_cookie(SAID, path="/desk")
        return response

    def slow(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """An answer of its own making, guarded like a page."""

        async def guarded(request: Request) -> Response:
            return await self._guarded(request, answer(request))

        return guarded

    def _draw(
        self, page: Page, visitor: Visitor | None, now: Instant, said: tuple[str, str] = ("", "")
    ) -> Response:
        zone = days.zone_of(
            visitor.person["timezone"] if visitor else self.services.settings.timezone
        )
        common = {
            "visitor": visitor, "csrf": visitor.csrf if visitor else "", "now": now,
            "said": said[0], "wrong": said[1], "zone": zone.key,
            "wording": self.services.context.wording,
        }  # fmt: skip
        template = self.templates.get_template(page.template)
        return HTMLResponse(template.render(common | dict(page.values)), page.status)

    def _signed_out(self, request: Request) -> Response:
        values = {"bot": self.services.bot_name(), "number": self._number()}
        status = 401
        return self._draw(Page("signed_out.html", values, status), None, self.services.clock.now())

    def _number(self) -> str:
        settings = self.services.settings
        sender = settings.sender("") if settings.twilio_on else ""
        return sender if sender.startswith("+") else ""

    # -- acts -----------------------------------------------------------------------------------

    def act(
        self, route: str, act: Act, *, most: int = LONGEST_FORM, before: Find | None = None
    ) -> Callable[[Request], Any]:  # fmt: skip
        """The answer to a POST: once a form, one transaction; `before` it what takes its time."""

        async def answer(request: Request) -> Response:
            if most > LONGEST_FORM and not await asyncio.to_thread(self._knows, request):
                return self._signed_out(request)  # before a stranger's file fills the disk (S6)
            ready = await self.allowed(request, route, before) if before else None
            return await self._change(request, route, act, most, ready)

        async def guarded(request: Request) -> Response:
            return await self._guarded(request, answer(request))

        return guarded

    async def _change(
        self, request: Request, route: str, act: Act, most: int, ready: Any
    ) -> Response:  # fmt: skip
        if not self._from_here(request) or not is_short(request, most):
            raise NotYours
        key, now = request.cookies.get(self.cookie, ""), self.services.clock.now()
        files = 1 if most > LONGEST_FORM else 0
        async with request.form(max_files=files, max_fields=50, max_part_size=most) as form:
            texts, uploads = await parts_of(form)

        def work(tx: Tx) -> tuple[Visitor, Went | Page] | None:
            visitor = sessions.visitor(tx, key, now)
            if visitor is None:
                return None
            if not hmac.compare_digest(texts.get("csrf", "").encode(), visitor.csrf.encode()):
                raise MovedOn("This page is from an earlier sign-in. Nothing was done.")
            thing = rights.admit(tx, visitor, route, path_of(request))
            once(tx, request, visitor, route, texts, now)
            stored.seen(tx, visitor.session, now)
            query = dict(request.query_params)
            ask = Ask(tx, self.services, visitor, now, thing, query, texts, uploads, ready)
            return visitor, act(ask)

        back = back_to(request)
        try:
            done = await commit(self.services.writer, work)
        except Again:
            return redirect(Went(back, "That was done already."), secure=self.secure)
        except Refused as refused:
            return redirect(Went(back), str(refused), secure=self.secure)
        except (MovedOn, Conflict) as moved:
            said = str(moved) if isinstance(moved, MovedOn) else "The job moved on meanwhile."
            wrong = f"{said} Look again, then decide."
            return redirect(Went(back), wrong, secure=self.secure)
        if done is None:
            return self._signed_out(request)
        self.services.wake()
        visitor, went = done
        if isinstance(went, Page):
            return await asyncio.to_thread(self._draw, went, visitor, now)
        return redirect(went, secure=self.secure)

    def _knows(self, request: Request) -> bool:
        key, now = request.cookies.get(self.cookie, ""), self.services.clock.now()
        with self.services.store.reading() as tx:
            return sessions.visitor(tx, key, now) is not None

    def _from_here(self, request: Request) -> bool:
        """A form of our own pages, by what the browser says about where it comes from."""
        origin = request.headers.get("origin")
        here = {self._origin, f"{request.url.scheme}://{request.headers.get('host', '')}"}
        if origin is not None and origin not in here:
            return False
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")

    # -- signing in -----------------------------------------------------------------------------

    async def sign_in(self, request: Request) -> Response:
        """The page behind a link: it asks, and uses nothing up."""
        return await self._guarded(request, self._ask_in(request))

    async def _ask_in(self, request: Request) -> Response:
        if (full := self._guessing(request)) is not None:
            return full
        token, now = request.path_params["token"], self.services.clock.now()

        def work() -> Row | None:
            with self.services.store.reading() as tx:
                return sessions.whose_link(tx, token, now)

        person = await asyncio.to_thread(work)
        if person is None:
            self.guesses.missed(client_of(request))
            return self._draw(Page("link_over.html", {}, 404), None, now)
        return self._draw(Page("sign_in.html", {"person": person, "token": token}), None, now)

    async def confirm(self, request: Request) -> Response:
        """The button on that page: now the link is used up, and this browser signed in."""
        return await self._guarded(request, self._let_in(request))

    async def _let_in(self, request: Request) -> Response:
        if (full := self._guessing(request)) is not None:
            return full
        if not self._from_here(request):
            raise NotYours
        token, now = request.path_params["token"], self.services.clock.now()
        agent = words.browser(request.headers.get("user-agent", ""))
        key = await commit(self.services.writer, lambda tx: sessions.sign_in(tx, token, agent, now))
        if key is None:
            self.guesses.missed(client_of(request))
            return self._draw(Page("link_over.html", {}, 404), None, now)
        response = RedirectResponse("/desk/", 303)
        response.set_cookie(
            self.cookie, key, max_age=sessions.LONGEST // 1000, path="/", secure=self.secure,
            httponly=True, samesite="lax",
        )  # fmt: skip
        return response

    def _guessing(self, request: Request) -> Response | None:
        if not self.guesses.too_many(client_of(request)):
            return None
        page = Page("said.html", {"title": "Too many tries", "text": "Wait ten minutes."}, 429)
        return self._draw(page, None, self.services.clock.now())

    # -- whatever goes wrong --------------------------------------------------------------------

    async def _guarded(self, request: Request, answering: Any) -> Response:
        try:
            response: Response = await answering
        except NotYours:
            text = "There is no such page, or it is not yours to see."
            response = self._said("Not here", text, 404)
        except StorageError as error:
            _log.warning("desk: %s", error)
            response = self._said("Not now", "The database does not answer. Try again.", 503)
        for header, value in self._headers.items():
            response.headers.setdefault(header, value)
        return response

    def _said(self, title: str, text: str, status: int) -> Response:
        page = Page("said.html", {"title": title, "text": text}, status)
        return self._draw(page, None, self.services.clock.now())
