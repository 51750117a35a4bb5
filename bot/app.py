"""The wiring: everything is built and joined here, started, and stopped."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any

import httpx
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.routing import BaseRoute

from bot.channels.email import Email
from bot.channels.sms import Sms
from bot.channels.telegram import Telegram
from bot.clock import Clock
from bot.clockwork.clock_routes import clock_routes
from bot.clockwork.passing import Passing
from bot.clockwork.reminders import Reminders
from bot.context import build_context
from bot.desk.asking import Services as DeskServices
from bot.desk.routes import desk_routes
from bot.papers import links
from bot.pictures.photo_store import open_store
from bot.rehearsal import samples
from bot.settings import Settings, load_settings
from bot.turns import mails
from bot.turns.door import Door
from bot.wires.commands_menu import introduce
from bot.wires.commit import commit
from bot.wires.delivery import Delivery
from bot.wires.fetching import Fetching
from bot.wires.forgetting import Forgetting
from bot.wires.limits import Budget, telegram_pace, twilio_pace
from bot.wires.logs import write_log
from bot.wires.metrics import Metrics
from bot.wires.polling import TelegramPolling, TwilioPolling
from bot.wires.printing import Printing
from bot.wires.readiness import Check, checks
from bot.wires.receiving import Health, Presses, Receiver
from bot.wires.redaction import keep_secrets
from bot.wires.serving import Server, WillNotStart, first_failure, listen, settings_of
from bot.wires.settling import settle_down
from bot.wires.upload import Uploads
from bot.wires.web import TelegramHook, TwilioHook, build_web
from flows.book import APART, PROGRAMS, SIDES
from flows.check import broken
from flows.texts import languages, sentences
from storage.db import StorageBroken, StorageError, Store, Tx, Writer
from storage.migrations import upgrade

if TYPE_CHECKING:
    from bot.rehearsal.stage import Stage

log = logging.getLogger(__name__)
HEARTBEAT = 1.0
"""Seconds between two looks for what is due; the only thing that the scheduler library does."""


def refuse_broken_tables() -> None:
    """WillNotStart where the workflow tables are broken."""
    known = {language: sentences(language) for language in languages()}
    faults = broken(PROGRAMS, SIDES, known, APART)
    if faults:
        raise WillNotStart("The workflow tables are broken:\n" + "\n".join(faults))


class App:
    """The running whole; `run` ends when it is told to stop or the database can no longer be
    trusted."""

    def __init__(
        self, settings: Settings, clock: Clock, sock: socket.socket, stage: "Stage | None" = None
    ) -> None:
        self.settings, self.clock, self.stage, self._sock = settings, clock, stage, sock
        self.store = Store(settings.database_url.get_secret_value())
        refuse_broken_tables()
        self.context = build_context(settings, clock)
        self.door = Door(self.context)
        self._stop = asyncio.Event()
        self._broken: StorageBroken | None = None
        loop = asyncio.get_running_loop()
        upgrade(self.store)

        def broken_down(error: StorageBroken) -> None:
            loop.call_soon_threadsafe(self._break, error)

        self.writer = Writer(self.store, broken_down)
        self.health = Health()
        self._channels()
        self.reminders = Reminders(self.writer, self.door, clock, settings.timezone)
        self.passing = Passing(
            clock,
            self.writer,
            (self.reminders.ring_due, self.fetching.attempt_all_due, self.delivery.attempt_all_due),
        )
        self.pass_time = self.passing.pass_time

    def _channels(self) -> None:
        settings = self.settings
        self.telegram: Telegram | None = None
        self.sms: Sms | None = None
        self.email: Email | None = None
        if settings.telegram_on:
            self.telegram = Telegram(
                settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url
            )
        if settings.twilio_on:
            senders = {"": settings.sender("")} | {name: settings.sender(name) for name in PROGRAMS}
            status_url = f"{settings.public_url}/twilio/status" if settings.public_url else ""
            self.sms = Sms(
                settings.twilio_account_sid,
                settings.twilio_auth_token.get_secret_value(),
                settings.twilio_api_url,
                senders=senders,
                status_url=status_url,
            )
        if settings.smtp_url.get_secret_value():
            self.email = Email(settings.smtp_url.get_secret_value(), settings.mail_from)
        self.photos = open_store(settings.photo_store, settings.s3_endpoint_url)
        chat = Printing(self.telegram, self.store, self.context) if self.telegram else None
        channels = [channel for channel in (chat, self.sms, self.email) if channel is not None]
        sms_pace = twilio_pace(settings.senders, settings.sms_per_second)
        self.delivery = Delivery(
            self.store,
            self.writer,
            self.door,
            self.clock,
            channels,
            read=self.photos.get,
            paces={"telegram": telegram_pace(), "sms": sms_pace},
            budget=Budget(settings.sms_daily_limit),
        )
        fetchers = {
            channel.name: channel for channel in (self.telegram, self.sms) if channel is not None
        }
        self.fetching = Fetching(
            self.writer, self.door, self.clock, self.photos, fetchers,
            tidy={"sms"} if settings.twilio_delete_media else (),
        )  # fmt: skip
        self.receiver = Receiver(self.writer, self.door, self.clock, self.wake)
        self.presses = Presses(self.telegram) if self.telegram else None

    def wake(self) -> None:
        """Something was committed: there may be something to send or to fetch."""
        self.delivery.wake()
        self.fetching.wake()

    def stop(self) -> None:
        """Come to an end."""
        self._stop.set()

    def _break(self, error: StorageBroken) -> None:
        self._broken = error
        self._stop.set()

    # -- running --------------------------------------------------------------------------------

    async def run(self) -> int:
        """Run until stopped; the exit code."""
        with self.store.reading() as tx:
            self.clock.resume(tx, serving=True)
        await commit(self.writer, lambda tx: links.prepare(tx, self.settings.public_url))
        await commit(self.writer, lambda tx: mails.address_waiting(tx, self.context))
        if self.stage is not None:
            stage = self.stage
            await commit(self.writer, lambda tx: stage.seed(tx, self.context))
        else:
            await commit(self.writer, _without_samples)
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            self.beat,
            "interval",
            seconds=HEARTBEAT,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._close)
            running = [asyncio.create_task(work, name=name) for name, work in self._loops()]
            web = self._web()
            server = asyncio.create_task(web.serve(sockets=[self._sock]), name="web")
            scheduler.start()
            stack.callback(scheduler.shutdown, wait=False)
            settle_down()
            stopping = asyncio.create_task(self._stop.wait())
            failed = await first_failure([*running, server], stopping)
            # Not cancelled: it has to take its socket from the loop before that is closed, or
            # the next socket with that number is never heard.
            web.should_exit = True
            for task in (*running, stopping):
                task.cancel()
            await asyncio.gather(*running, server, stopping, return_exceptions=True)
            if failed is not None:
                log.critical(
                    "%s stopped: %s",
                    failed.get_name(),
                    failed.exception(),
                    exc_info=failed.exception(),
                )
        if self._broken is not None:
            log.critical(
                "%s: nothing more is taken; free the disk or restore a backup, then start again",
                self._broken,
            )
        return 1 if self._broken or failed is not None else 0

    def _loops(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        settings = self.settings
        yield "delivery", self.delivery.run()
        yield "photos", self.fetching.run()
        if self.telegram and self.presses:
            if settings.telegram_mode == "polling":
                polling = TelegramPolling(
                    self.writer, self.receiver, self.telegram, self.presses, self.health
                )
                yield "Telegram", polling.run()
            yield (
                "Telegram's menus",
                introduce(self.telegram, self.writer, self.context.wording, self.settings),
            )
        if self.sms:
            if settings.twilio_delete_media:
                yield "Twilio's pictures", Forgetting(self.writer, self.sms).run()
            sweep = not settings.twilio_polls
            yield (
                "Twilio",
                TwilioPolling(
                    self.store,
                    self.writer,
                    self.receiver,
                    self.sms,
                    self.door,
                    self.health,
                    sweep=sweep,
                ).run(),
            )
        if settings.heartbeat_url:
            yield "heartbeat", self._signal()

    async def beat(self) -> None:
        """Once a second: what is due rings, what waits is looked at again."""
        try:
            await self.reminders.ring_due()
            self.health.well("reminders")
            if self.clock.movable:
                await commit(self.writer, self.clock.store)
        except StorageError as error:
            log.warning("no reminder could ring: %s", error)
        except asyncio.CancelledError:
            return  # we are stopping; the scheduler library would report it as a fault
        self.wake()

    async def _signal(self) -> None:
        """Fetch HEARTBEAT_URL every minute while all is well."""
        async with httpx.AsyncClient(timeout=10) as client:
            while True:
                if not any([await check() for check in self._checks().values()]):
                    with suppress(httpx.HTTPError):
                        await client.get(self.settings.heartbeat_url)
                await asyncio.sleep(60)

    def _web(self) -> Server:
        settings = self.settings
        routes: list[BaseRoute] = [*clock_routes(self.clock, settings.timezone, self.pass_time)]
        routes += links.form_routes(self.store, self.context, self.clock)
        routes += desk_routes(
            DeskServices(
                settings, self.store, self.writer, self.context, self.clock, self.photos,
                self.wake, lambda: self.telegram.username if self.telegram else "",
            )
        )  # fmt: skip
        door, wake = self.door.receive, self.wake
        routes += Uploads(self.store, self.writer, self.clock, self.photos, door, wake).routes()
        if self.stage is not None:
            routes += self.stage.routes(self)
        telegram = None
        if self.telegram and self.presses and settings.telegram_mode == "webhook":
            telegram = TelegramHook(
                self.telegram.account,
                settings.telegram_webhook_secret.get_secret_value(),
                self.presses,
            )
        twilio = None
        if self.sms and settings.public_url:
            twilio = TwilioHook(
                settings.twilio_auth_token.get_secret_value(), settings.public_url, self.door
            )
        metrics = Metrics(self.store, self.clock, self.health)
        app = build_web(
            self.writer,
            self.receiver,
            telegram=telegram,
            twilio=twilio,
            checks=self._checks(),
            metrics=metrics.samples,
            routes=routes,
        )
        return Server(settings_of(app))

    def _checks(self) -> dict[str, Check]:
        polls = self.telegram is not None and self.settings.telegram_mode == "polling"
        return checks(self.writer, self.clock, self.health, polls=polls)

    async def _close(self) -> None:
        if self.presses:
            await self.presses.close()
        for channel in (self.telegram, self.sms, self.email):
            if channel is not None:
                with suppress(Exception):
                    await channel.close()
        if self.clock.movable:
            with suppress(StorageError):
                await commit(self.writer, self.clock.store)
        await asyncio.to_thread(self.writer.close)


def _without_samples(tx: Tx) -> None:
    """What a rehearsal left in this database goes before anything real is sent (S11)."""
    if samples.are_here(tx):
        samples.remove(tx)


def _tell(settings: Settings) -> None:
    write_log(settings.log_format)
    keep_secrets(
        settings.telegram_bot_token.get_secret_value(),
        settings.twilio_auth_token.get_secret_value(),
        settings.smtp_url.get_secret_value(),
        settings.telegram_webhook_secret.get_secret_value(),
    )


async def _run(
    settings: Settings, clock: Clock, sock: socket.socket, stage: "Stage | None" = None
) -> int:
    app = App(settings, clock, sock, stage)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(sign, app.stop)
    return await app.run()


def serve() -> None:
    """Run the bot with the settings of this directory; exits with 1 where it had to stop."""
    settings = load_settings()
    _tell(settings)
    clock = Clock.from_setting(settings.clock)

    async def work() -> int:
        sock = listen(settings.http_host, settings.http_port)
        here = f"http://{settings.http_host}:{sock.getsockname()[1]}"
        _say(settings, f"Doorstep runs; its desk is {settings.public_url or here}/desk/")
        return await _run(settings, clock, sock)

    sys.exit(asyncio.run(_guarded(settings, work())))


def rehearse() -> None:
    """Run the same bot between simulated carriers, with phones in a page."""
    settings = load_settings()
    _tell(settings)
    from bot.rehearsal.stage import Stage  # noqa: PLC0415 - `serve` needs no simulated carriers

    clock = Clock.from_setting(settings.clock or Stage.first_clock(settings))

    async def play() -> int:
        async with Stage(settings, clock) as stage:
            host, port = stage.settings.http_host, stage.settings.http_port
            sock = listen(host, port)
            _say(settings, f"The rehearsal is at http://{host}:{port}/rehearsal/")
            return await _run(stage.settings, clock, sock, stage)

    sys.exit(asyncio.run(_guarded(settings, play())))


def _say(settings: Settings, sentence: str) -> None:
    """Where to look, to the person who started it; a program reads it in its log."""
    if settings.log_format == "json":
        log.info("%s", sentence)
    else:
        print(f"{sentence}  (Ctrl-C ends it)", file=sys.stderr, flush=True)  # noqa: T201


async def _guarded(settings: Settings, work: Awaitable[int]) -> int:
    try:
        return await work
    except (WillNotStart, StorageError) as error:
        if settings.log_format == "json":
            log.critical("%s", error)
        else:
            print(error, file=sys.stderr)  # noqa: T201 - for a person
        return 1
