"""P8: an hour of outage on the test's clock, for each provider and each way to fail; then everything
leaves in its order, urgent first, what is stale is dropped by rule."""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import FetchError
from bot.channels.email import Email
from bot.channels.sms import Sms
from bot.channels.telegram import Telegram
from bot.incoming import Incoming
from bot.pictures.photo_store import Folder
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.mailbox import Mailbox
from bot.rehearsal.carriers.twilio import TwilioApi
from bot.wires.delivery import Delivery
from bot.wires.fetching import Fetching
from bot.wires.limits import Pace
from bot.wires.receiving import Receiver
from storage import db
from storage.db import StorageDown
from tests.wire.world import ACCOUNT, AUTH, BOT, World

MINUTE = 60_000
HTTP: dict[str, dict[str, Any]] = {
    "429": {"retry_after": 900},
    "503": {"status": 503},
    "hang": {"hang": True},
    "lost answers": {"drop": "after"},
    "half open": {"drop": "before"},
}
MAIL = {
    "429": "421 4.7.0 too many",
    "503": "451 4.3.0 later",
    "hang": "hang",
    "lost answers": "drop after",
    "half open": "drop",
}
NO_NAME = "no name"
HOST = "localhost"


def named(url: str) -> str:
    """The same with a name in it."""
    return url.replace("127.0.0.1", HOST)


class Names:
    """What the machine asks for names: it knows the provider's, or nobody answers it."""

    def __init__(self) -> None:
        self.known = True
        self._ask = socket.getaddrinfo

    def ask(self, host: Any, *rest: Any, **more: Any) -> Any:
        """In place of socket.getaddrinfo."""
        if host not in (HOST, HOST.encode()):
            return self._ask(host, *rest, **more)
        if not self.known:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._ask("127.0.0.1", *rest, **more)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names()
    monkeypatch.setattr(socket, "getaddrinfo", made.ask)
    return made


@dataclass
class Stand:
    """One provider, the sender on it, and what arrived there."""

    delivery: Delivery
    queue: Callable[..., int]
    heal: Callable[[], None]
    arrived: Callable[[], list[str]]


@asynccontextmanager
async def stand(
    world: World, folder: Path, provider: str, how: str, names: Names
) -> AsyncIterator[Stand]:
    """The provider fails in this way until it is healed."""

    def seconds() -> float:
        return world.clock.now() / 1000

    def sender(channel: Any) -> Delivery:
        return Delivery(
            world.store, world.writer, world.door, world.clock, [channel],
            read=Folder(folder).get, paces={channel.name: Pace(None, now=seconds)},
        )  # fmt: skip

    async with PROVIDERS[provider](world, how, sender) as it:
        clear = it.heal

        def heal() -> None:
            names.known = True
            clear()

        names.known = how != NO_NAME
        it.heal = heal
        yield it


@asynccontextmanager
async def _telegram(
    world: World, how: str, sender: Callable[[Any], Delivery]
) -> AsyncIterator[Stand]:
    api = BotApi(BOT, "doorstep_bot", world.clock.datetime)
    async with api.running() as url:
        tina = api.user("Tina")
        tina.starts()
        channel = Telegram(BOT, named(url), timeout=0.3)
        if how in HTTP:
            api.faults.add("sendMessage", times=None, **HTTP[how])

        def queue(text: str, **more: Any) -> int:
            return world.queue("telegram", str(tina.id), json.dumps({"text": text}), **more)

        yield Stand(
            sender(channel), queue, api.faults.clear,
            lambda: [str(message.text) for message in tina.inbox],
        )  # fmt: skip
        await channel.close()


@asynccontextmanager
async def _sms(world: World, how: str, sender: Callable[[Any], Delivery]) -> AsyncIterator[Stand]:
    twilio = TwilioApi(ACCOUNT, AUTH, world.clock.datetime, time_scale=0.02)
    async with twilio.running() as url:
        phone = twilio.phone("+12125550101")
        texts = Sms(ACCOUNT, AUTH, named(url), senders={"": "+18885550100"}, timeout=0.3)
        if how in HTTP:
            twilio.faults.add("POST Messages.json", times=None, **HTTP[how])

        def queue(text: str, **more: Any) -> int:
            return world.queue("sms", "+12125550101", json.dumps({"text": text}), **more)

        yield Stand(
            sender(texts), queue, twilio.faults.clear,
            lambda: [received.text for received in phone.inbox],
        )  # fmt: skip
        await texts.close()
        await twilio.settle()


@asynccontextmanager
async def _email(world: World, how: str, sender: Callable[[Any], Delivery]) -> AsyncIterator[Stand]:
    mailbox = Mailbox(world.clock.datetime)
    with mailbox.running() as url:
        mail = Email(f"{named(url)}?tls=none", "bot@example.com", timeout=0.3)
        if how in MAIL:
            mailbox.add_fault(MAIL[how], times=None)

        def queue(text: str, **more: Any) -> int:
            payload = {
                "to": ["office@example.com"], "cc": [], "reply_to": "", "subject": text,
                "text": text, "photos": [], "message_id": f"<{text}@doorstep>",
            }  # fmt: skip
            kind = {"kind": "mail"} | {k: v for k, v in more.items() if k != "kind"}
            return world.queue("email", "office@example.com", json.dumps(payload), **kind)

        yield Stand(
            sender(mail), queue, mailbox.clear_faults,
            lambda: [received.subject for received in mailbox.mails],
        )  # fmt: skip
        await mail.close()


PROVIDERS = {"telegram": _telegram, "sms": _sms, "email": _email}


@pytest.mark.parametrize("how", [*HTTP, NO_NAME])
@pytest.mark.parametrize("provider", list(PROVIDERS))
async def test_p8_an_hour_of_outage_delays_and_then_all_leaves_in_its_order(
    world: World, tmp_path: Path, provider: str, how: str, names: Names
) -> None:
    async with stand(world, tmp_path, provider, how, names) as it:
        first = it.queue("first", lane=1)
        for minute in range(0, 60, 10):
            await it.delivery.attempt_all_due()
            world.advance(10 * MINUTE)
            if minute == 20:
                it.queue("second", lane=1)
                it.queue("stale", lane=1, expires_at=world.clock.now() + 10 * MINUTE)
            if minute == 40:
                it.queue("urgent", lane=0, kind="alert")
        failed = it.arrived()
        it.heal()
        for _ in range(4):
            await it.delivery.attempt_all_due()
            world.advance(6 * MINUTE)

        arrived = it.arrived()
        after = arrived[len(failed) :]
        statuses = {row["status"] for row in _rows(world)}
        assert "stale" not in arrived
        assert sorted(after, key=("urgent", "first", "second").index) == after
        assert not {"pending", "sending"} & statuses
        if how in {"429", "503", NO_NAME} or (provider == "email" and how != "lost answers"):
            assert ["urgent", "first", "second"] == arrived
        else:  # nobody knows whether it left: contract section 6 says who is sent again
            assert "urgent" in arrived
            assert max(Counter(arrived).values()) <= (2 if provider == "sms" else 6)
            assert (
                max(arrived.count(text) for text in ("first", "second")) <= 2 or provider == "email"
            )
            assert world.row(first)["status"] in {"sent", "delivered", "unknown", "dropped"}


def _rows(world: World) -> list[Any]:
    with world.store.reading() as tx:
        return list(tx.all("SELECT * FROM outbox ORDER BY id"))


class _Picture:
    name = "telegram"

    def __init__(self, data: bytes) -> None:
        self.data, self.down = data, False

    async def fetch(self, source: object) -> bytes:
        if self.down:
            raise FetchError("502")
        return self.data


class _Store(Folder):
    """A photo store whose disk is full for a while."""

    down = False

    async def put(self, data: bytes, mime: str) -> tuple[str, str]:
        if self.down:
            raise OSError(28, "No space left on device")
        return await super().put(data, mime)


@pytest.mark.parametrize("down", ["provider", "store"])
async def test_p7_p8_a_photo_waits_for_a_provider_or_a_store_that_is_down(
    world: World, tmp_path: Path, jpeg: bytes, down: str
) -> None:
    store, channel = _Store(tmp_path), _Picture(jpeg)
    broken: Any = store if down == "store" else channel
    fetching = Fetching(world.writer, world.door, world.clock, store, {"telegram": channel})
    photo = world.announce("telegram", "{}")
    broken.down = True
    for _ in range(11):
        await fetching.attempt_all_due()
        world.advance(5 * MINUTE)
    assert "announced" == world.photo(photo)["status"]
    assert [] == world.door.stored
    broken.down = False
    world.advance(4 * MINUTE)

    await fetching.attempt_all_due()

    row = world.photo(photo)
    assert "stored" == row["status"]
    assert jpeg == (tmp_path / row["path"]).read_bytes()


async def test_p8_an_hour_without_the_database_acknowledges_nothing_and_loses_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(world.writer, world.door, world.clock)
    now = world.clock.now()
    updates = [
        Incoming("telegram", "a", str(n), "7", now, now, text=str(n), payload="{}")
        for n in range(3)
    ]
    begin = db._begin

    def down(connection: Any, store: Any) -> None:
        raise StorageDown("the database cannot be reached")

    monkeypatch.setattr(db, "_begin", down)
    for update in updates:
        for _ in range(6):  # the provider tries again
            with pytest.raises(StorageDown):
                await receiver.take(update)
            world.advance(10 * MINUTE)
    monkeypatch.setattr(db, "_begin", begin)

    receipts = await asyncio.gather(*(receiver.take(update) for update in updates))

    assert ["done"] * 3 == [receipt.status for receipt in receipts]
    assert ["0", "1", "2"] == [row["key"] for row in world.inbox()]
