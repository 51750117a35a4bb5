"""The rehearsal's stage: simulated carriers where a channel is not configured, and the phones.

The product itself does not know that it rehearses: `Stage.settings` are the operator's, with the
missing channels pointed at servers on the loopback that speak the providers' own protocols.
"""

import asyncio
import logging
import secrets
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr
from starlette.routing import BaseRoute

from bot.clock import Clock, real_now
from bot.context import Context
from bot.env_file import WrongSettings
from bot.rehearsal import samples
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.mailbox import Mail, Mailbox
from bot.rehearsal.carriers.twilio import TwilioApi
from bot.rehearsal.phones import Cast, Phones
from bot.settings import Settings, is_loopback
from bot.wires.commit import commit
from flows.book import PROGRAMS
from flows.facts import Instant
from storage.db import Store, Tx, Writer

BOT_ID, BOT_NAME = 4_242_424_242, "doorstep_rehearsal_bot"
ACCOUNT = "AC" + "d0" * 16
NUMBER = "+18885550100"
MAIL_FROM = "Doorstep <doorstep@localhost>"


class Services(Protocol):
    """What the page needs of the running product."""

    writer: Writer
    store: Store
    context: Context
    clock: Clock

    async def pass_time(self, to: Instant) -> object:
        """Push business time through all that becomes due; ValueError if `to` lies behind."""
        ...


class Pulse:
    """Wakes whoever waits for something to happen on the stage."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def beat(self) -> None:
        """Something happened."""
        beaten, self._next = self._next, asyncio.Event()
        beaten.set()

    async def wait(self, seconds: float) -> None:
        """Until something happens, at most so many real seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._next.wait(), seconds)


@dataclass(slots=True)
class Carriers:
    """The simulated sides; None where a channel is configured and used as it is."""

    telegram: BotApi | None = None
    twilio: TwilioApi | None = None
    mailbox: Mailbox | None = None


class Stage:
    """`async with Stage(settings, clock) as stage:` runs the carriers; then use `stage.settings`.

    `settings.http_port` must be the port that will really be served: the simulated Twilio calls the
    bot's webhooks there. WrongSettings where a configured channel is not on this machine, so that
    no rehearsal ever reaches a real provider (S11).
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.bare = not (
            settings.telegram_on or settings.twilio_on or settings.smtp_url.get_secret_value()
        )
        """Whether nothing is configured: only then are there samples."""
        self.token = secrets.token_urlsafe(24)
        """Every change that the page asks for carries it (CSRF)."""
        self.pulse = Pulse()
        self.carriers = Carriers()
        self.phones = Phones(self.carriers, clock, self.pulse.beat)
        self._stack = AsyncExitStack()

    @staticmethod
    def first_clock(settings: Settings) -> str:
        """`CLOCK` where none is set: tomorrow, before the day begins."""
        return samples.first_morning(real_now(), settings.timezone).isoformat()

    async def __aenter__(self) -> "Stage":
        _refuse_real_providers(self.settings)
        # Ids of an earlier rehearsal are in the database: begin above them, a hundred a second.
        start = real_now() // 10 % 1_000_000_000
        changes: dict[str, object] = {}
        if not is_loopback(f"//{self.settings.http_host}"):
            changes["http_host"] = "127.0.0.1"
        try:
            if not self.settings.telegram_on:
                changes |= await self._telegram(start)
            if not self.settings.twilio_on:
                changes |= await self._twilio(start)
            if not self.settings.smtp_url.get_secret_value():
                changes |= self._mail()
        except BaseException:
            await self._stack.aclose()
            raise
        self.settings = self.settings.model_copy(update=changes)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.pulse.beat()
        await self._stack.aclose()

    async def _telegram(self, start: int) -> dict[str, object]:
        token = f"{BOT_ID}:{secrets.token_urlsafe(26)}"
        api = BotApi(token, BOT_NAME, self.clock.datetime, start=start)
        url = await self._stack.enter_async_context(api.running())
        self.carriers.telegram = api
        self.phones.listen_to_telegram(api)
        return {
            "telegram_bot_token": SecretStr(token),
            "telegram_api_url": url,
            "telegram_mode": "polling",
        }

    async def _twilio(self, start: int) -> dict[str, object]:
        public = self.settings.public_url or f"http://127.0.0.1:{self.settings.http_port}"
        secret = secrets.token_hex(16)
        api = TwilioApi(
            ACCOUNT,
            secret,
            self.clock.datetime,
            numbers=(NUMBER,),
            inbound_url=f"{public}/twilio/inbound",
            regions=sorted({program.region for program in PROGRAMS.values()}),
            start=start,
        )
        url = await self._stack.enter_async_context(api.running())
        self.carriers.twilio = api
        self.phones.listen_to_twilio(api)
        return {
            "sms_per_second": 100.0,
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": SecretStr(secret),
            "twilio_from": NUMBER,
            **{f"twilio_from_{program}": NUMBER for program in PROGRAMS},
            "twilio_api_url": url,
            "twilio_mode": "webhook",
            "public_url": public,
        }

    def _mail(self) -> dict[str, object]:
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of every line
        mailbox = Mailbox(self.clock.datetime)
        loop = asyncio.get_running_loop()

        def arrived(_: Mail) -> None:  # in the mail server's own thread
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self.pulse.beat)

        mailbox.listeners.append(arrived)
        url = self._stack.enter_context(mailbox.running())
        self.carriers.mailbox = mailbox
        # Kept nowhere: mail to the office may leave here, as it cannot leave this machine.
        return {
            "smtp_url": SecretStr(f"{url}?tls=none"),
            "mail_from": MAIL_FROM,
            **samples.mail_addresses(self.settings.contact),
        }

    def seed(self, tx: Tx, context: Context) -> None:
        """Samples where nothing is configured and nobody is known; phones for everybody.

        Samples whose day is over make room for new ones.
        """
        now, zone = self.clock.now(), self.settings.timezone
        if self.bare and samples.are_over(tx, now, zone):
            samples.remove(tx)
        if self.bare and samples.nobody_is_known(tx):
            samples.add(tx, context, now, zone)
        self.phones.cast(Phones.read(tx))

    async def start_afresh(self, services: Services) -> None:
        """The samples anew, on the morning after; LookupError where there are none."""
        morning = samples.morning_after(self.clock.now(), self.settings.timezone)

        def work(tx: Tx) -> Cast:
            if not samples.remove(tx):
                raise LookupError("these people are no samples: they stay")
            self.clock.set(morning)
            self.clock.store(tx)
            samples.add(tx, services.context, morning, self.settings.timezone)
            return Phones.read(tx)

        self.phones.cast(await commit(services.writer, work))
        self.phones.clear()
        if self.carriers.mailbox is not None:
            self.carriers.mailbox.mails.clear()
        self.pulse.beat()

    def routes(self, services: Services) -> list[BaseRoute]:
        """Everything under /rehearsal/ but the clock's own route."""
        from bot.rehearsal.page import Page  # noqa: PLC0415 - the page is built around a stage

        return Page(self, services).routes()


def _refuse_real_providers(settings: Settings) -> None:
    smtp = settings.smtp_url.get_secret_value()
    used = {
        "TELEGRAM_API_URL": settings.telegram_api_url if settings.telegram_on else "",
        "TWILIO_API_URL": settings.twilio_api_url if settings.twilio_on else "",
        "PUBLIC_URL": settings.public_url,
        "SMTP_URL": smtp,
    }
    wrong = [
        f"A rehearsal stays on this machine: {name} is not an address of it."
        for name, url in used.items()
        if url and not is_loopback(url)
    ]
    if wrong:
        raise WrongSettings("\n".join(wrong))
