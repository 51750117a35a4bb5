"""Conversations by SMS over the wire: phones that say and hear, and silence that means silence.

The product's own door, delivery, photos and reminders, in this process, between a database and the
simulated carrier, with webhooks or without a public address. `phone.says` and `phone.sends_photo`
text; `phone.hears` takes the next text and looks at it. What no test has heard by the end, an error
in the log and whatever the carrier's judges complain of fail the test.
"""

import contextlib
import logging
import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bot.channels.sms import Sms
from bot.pictures.photo_store import Folder
from bot.rehearsal.carriers.serving import serve
from bot.rehearsal.carriers.twilio import TwilioApi
from bot.rehearsal.carriers.twilio_phone import SmsPhone
from bot.wires.delivery import Delivery
from bot.wires.fetching import Fetching
from bot.wires.limits import Budget
from bot.wires.polling import TwilioPolling
from bot.wires.receiving import Health, Receiver
from bot.wires.web import TwilioHook, build_web
from storage import timers
from storage.db import Tx, Writer
from tests.carriers.judges import TwilioJudge, judge_twilio
from tests.stage import Stage
from tests.wire.world import ACCOUNT, AUTH

OURS = "+18885550100"


class Phone:
    """One person's phone with keys and a small screen."""

    def __init__(self, line: "Line", name: str, handset: SmsPhone) -> None:
        self._line, self.name, self._handset = line, name, handset
        self._heard = 0
        self.busy = False
        """A busy phone hears more than a test is about: what it wants is looked for."""

    async def says(self, text: str) -> None:
        """Send a text; all that follows from it happens."""
        self._line.tick()
        self._handset.says(text)
        await self._line.settle()

    async def sends_photo(self, picture: bytes, text: str = "") -> None:
        """Send a picture message."""
        self._line.tick()
        self._handset.sends_photo(picture, text)
        await self._line.settle()

    def hears(self, *patterns: str) -> str:
        """The next text that nobody has looked at yet; each pattern must be found in it."""
        inbox = self._handset.inbox
        if self.busy:
            found = (n for n in range(self._heard, len(inbox)) if _has(inbox[n].text, patterns))
            self._heard = next(found, len(inbox))
        assert len(inbox) > self._heard, f"{self.name} hears nothing, wanted {patterns}"
        text = inbox[self._heard].text
        self._heard += 1
        for pattern in patterns:
            assert re.search(pattern, text), f"{self.name} hears {text!r}, wanted {pattern!r}"
        return text

    @property
    def unheard(self) -> list[str]:
        """Texts that came and that no test has looked at; of a busy phone none is missed."""
        return [] if self.busy else [text.text for text in self._handset.inbox[self._heard :]]


def _has(text: str, patterns: tuple[str, ...]) -> bool:
    return all(re.search(pattern, text) for pattern in patterns)


class Line:
    """The bot between the stage's people and the simulated carrier."""

    def __init__(self, stage: Stage, folder: Path, twilio: TwilioApi, sms: Sms) -> None:
        self.stage, self.twilio = stage, twilio
        self.writer = Writer(stage.store)
        self.receiver = Receiver(self.writer, stage.door, stage.clock)
        photos = Folder(folder / "photos")
        self.delivery = Delivery(
            stage.store, self.writer, stage.door, stage.clock, [sms],
            read=photos.get, budget=Budget(2000),
        )  # fmt: skip
        self.fetching = Fetching(self.writer, stage.door, stage.clock, photos, {"sms": sms})
        self.polling = TwilioPolling(
            stage.store, self.writer, self.receiver, sms, stage.door, Health()
        )
        self.polls = True
        self.phones: dict[str, Phone] = {}

    def phone(self, name: str, *, busy: bool = False) -> Phone:
        """The phone of somebody on the stage, always the same one."""
        handset = self.twilio.phone(self.stage.phones[name][1])
        phone = self.phones.setdefault(name, Phone(self, name, handset))
        phone.busy = phone.busy or busy
        return phone

    def tick(self) -> None:
        """A moment passes: the carrier's stamps have whole seconds."""
        self.stage.clock.set(self.stage.clock.now() + 3_000)

    async def settle(self) -> None:
        """Until nothing more happens by itself."""
        for _ in range(3):
            await self.twilio.settle()
            if self.polls:
                await self.polling.once()
            await self.fetching.attempt_all_due()
            await self.delivery.attempt_all_due()

    async def forward(self, clock: str) -> None:
        """Let it be that time; everything that becomes due on the way happens in order."""
        to = self.stage.instant(clock)
        while (due := self.stage.store.transact(timers.next_due)) is not None and due <= to:
            self.stage.clock.set(max(due, self.stage.clock.now()))
            now = self.stage.clock.now()
            for row in self.stage.store.transact(partial(timers.due, now=now, limit=500)):
                self.stage.store.transact(partial(self._ring, row["id"]))
            await self.settle()
        self.stage.clock.set(max(to, self.stage.clock.now()))
        await self.settle()

    def _ring(self, timer: int, tx: Tx) -> None:
        self.stage.door.ring(tx, timer, self.stage.clock.now())


@contextlib.asynccontextmanager
async def line(folder: Path, mode: str = "webhook") -> AsyncIterator[Line]:
    """A day with Tina, Dana and Carl on their phones; `mode` is webhook or polling."""
    stage = Stage(f"sqlite:///{folder / 'line.db'}", "sms").usual()
    twilio = TwilioApi(ACCOUNT, AUTH, stage.clock.datetime, numbers=(OURS,))
    judge: TwilioJudge = judge_twilio(twilio)
    app: Any = None

    async def late(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    async with serve(late) as url, twilio.running() as base:
        hooked = mode == "webhook"
        sms = Sms(
            ACCOUNT, AUTH, base, senders={"": OURS}, timeout=10.0,
            status_url=f"{url}/twilio/status" if hooked else "",
        )  # fmt: skip
        made = Line(stage, folder, twilio, sms)
        made.polls = not hooked
        app = build_web(made.writer, made.receiver, twilio=TwilioHook(AUTH, url, stage.door))
        if hooked:
            twilio.set_urls(f"{url}/twilio/inbound#rc=2&rp=all")
        else:
            await made.polling.once()  # the very first look only remembers when it was
        with no_errors():
            yield made
            await made.settle()
        await sms.close()
        made.writer.close()
    unheard = {name: phone.unheard for name, phone in made.phones.items() if phone.unheard}
    assert unheard == {}, f"nobody expected {unheard}"
    judge.assert_clean()


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextlib.contextmanager
def no_errors() -> Iterator[None]:
    """Whatever is logged as an error meanwhile fails the test."""
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(errors)
    assert errors.said == [], f"in the log: {errors.said}"
