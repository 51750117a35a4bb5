"""Every channel says the same about the same trouble: one table of cases, run over each wire."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.base import (
    Channel,
    Misconfigured,
    Outgoing,
    Refused,
    SendError,
    TryLater,
    UnknownOutcome,
)
from bot.channels.email import Email
from bot.channels.sms import Sms
from bot.channels.telegram import Telegram
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.mailbox import Mailbox
from bot.rehearsal.carriers.twilio import TwilioApi

TOKEN = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcA"
ACCOUNT, AUTH, OURS = "AC" + "1a" * 16, "0123456789abcdef0123456789abcdef", "+18885550100"
NOWHERE = "http://127.0.0.1:9"
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def now() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Stand:
    """One channel with its carrier: how to make each trouble, and what arrived."""

    channels: Sequence[Channel]
    """As it should be, with nobody at the other end, and with wrong credentials."""
    address: str
    payload: dict[str, Any]
    busy: Callable[[], object]
    broken: Callable[[], object]
    hangs: Callable[[], object]
    answer_lost: Callable[[], object]
    refuses: Callable[[], object]
    arrived: Callable[[], int]

    def message(self) -> Outgoing:
        return Outgoing(7, self.address, "prompt", self.payload, now())


@pytest.fixture
async def telegram() -> AsyncIterator[Stand]:
    api = BotApi(TOKEN, "doorstep_bot", now)
    async with api.running() as url:
        tina = api.user("Tina")
        tina.starts()
        add = api.faults.add
        channels = [
            Telegram(TOKEN, url, timeout=0.5),
            Telegram(TOKEN, NOWHERE),
            Telegram(TOKEN[:-1] + "B", url),
        ]
        yield Stand(
            channels,
            str(tina.id),
            {"text": "Hello"},
            busy=lambda: add("sendMessage", retry_after=3),
            broken=lambda: add("sendMessage", status=502),
            hangs=lambda: add("sendMessage", hang=True),
            answer_lost=lambda: add("sendMessage", drop="after"),
            refuses=tina.blocks_bot,
            arrived=lambda: len(tina.inbox),
        )
        for channel in channels:
            await channel.close()


@pytest.fixture
async def sms() -> AsyncIterator[Stand]:
    api = TwilioApi(ACCOUNT, AUTH, now)
    async with api.running() as url:
        phone = api.phone("+12125550101")
        call = "POST Messages.json"
        channels = [
            Sms(ACCOUNT, AUTH, url, senders={"": OURS}, timeout=0.5),
            Sms(ACCOUNT, AUTH, NOWHERE, senders={"": OURS}),
            Sms(ACCOUNT, "f" * 32, url, senders={"": OURS}),
        ]
        yield Stand(
            channels,
            phone.number,
            {"text": "Hello", "program": "apollo"},
            busy=lambda: api.faults.add(call, retry_after=3),
            broken=lambda: api.faults.add(call, status=502),
            hangs=lambda: api.faults.add(call, hang=True),
            answer_lost=lambda: api.faults.add(call, drop="after"),
            refuses=lambda: phone.says("STOP"),
            arrived=lambda: len([m for m in api.messages if m.direction == "outbound-api"]),
        )
        for channel in channels:
            await channel.close()


@pytest.fixture
async def email() -> AsyncIterator[Stand]:
    box = Mailbox(now, login=("user", "right"))
    with box.running():
        at = f"127.0.0.1:{box.port}?tls=none"
        channels = [
            Email(f"smtp://user:right@{at}", "bot@example.com", timeout=0.5),
            Email("smtp://127.0.0.1:9?tls=none", "bot@example.com", timeout=0.5),
            Email(f"smtp://user:wrong@{at}", "bot@example.com", timeout=0.5),
        ]
        payload = {"to": ["o@example.com"], "subject": "S", "text": "T", "message_id": "<1@x>"}
        yield Stand(
            channels,
            "o@example.com",
            payload,
            busy=lambda: box.add_fault("450 4.2.0 busy", stage="RCPT"),
            broken=lambda: box.add_fault("drop", stage="MAIL"),
            hangs=lambda: box.add_fault("hang", stage="DATA"),
            answer_lost=lambda: box.add_fault("drop after"),
            refuses=lambda: box.add_fault("550 5.1.1 who?", stage="RCPT"),
            arrived=lambda: len(box.mails),
        )
        for channel in channels:
            await channel.close()


@pytest.fixture(params=["telegram", "sms", "email"])
def stand(request: pytest.FixtureRequest) -> Stand:
    found: Stand = request.getfixturevalue(request.param)
    return found


async def test_a_message_arrives_once_and_has_the_providers_id(stand: Stand) -> None:
    sent = await stand.channels[0].send(stand.message())

    assert stand.arrived() == 1
    assert sent.provider_id


CASES: list[tuple[str, type[SendError], int]] = [
    ("busy", TryLater, 0),
    ("broken", TryLater, 0),
    ("hangs", UnknownOutcome, 0),
    ("answer_lost", UnknownOutcome, 1),
    ("refuses", Refused, 0),
]


@pytest.mark.parametrize(("trouble", "error", "arrived"), CASES)
async def test_a_trouble_is_named_alike_on_every_channel(
    stand: Stand, trouble: str, error: type[SendError], arrived: int
) -> None:
    getattr(stand, trouble)()

    with pytest.raises(error) as raised:
        await stand.channels[0].send(stand.message())

    assert stand.arrived() == arrived
    assert "12125550101" not in str(raised.value)
    assert TOKEN not in str(raised.value)


async def test_nobody_at_the_other_end_is_an_outage_of_the_whole_channel(stand: Stand) -> None:
    with pytest.raises(TryLater) as raised:
        await stand.channels[1].send(stand.message())

    assert raised.value.whole_channel


async def test_wrong_credentials_are_a_matter_for_the_operator(stand: Stand) -> None:
    with pytest.raises(Misconfigured):
        await stand.channels[2].send(stand.message())

    assert stand.arrived() == 0
