"""Every fault, seen through the real clients."""

import asyncio
import time

import pytest
import requests
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]

from bot.rehearsal.carriers.faults import Faults
from tests.carriers.rigs import OURS, THEIRS, Twilio, telegram, twilio


async def test_429_says_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        rig.api.faults.add("sendMessage", retry_after=7)

        with pytest.raises(RetryAfter, match="Retry in 0:00:07"):
            await rig.bot.send_message(tina.id, "x")
        await rig.bot.send_message(tina.id, "y")

        assert [m.text for m in tina.inbox] == ["y"]


async def test_an_outage_answers_html() -> None:
    async with telegram() as rig:
        rig.api.faults.add("telegram/*", status=502, times=None)

        with pytest.raises(NetworkError):
            await rig.bot.get_me()
        answer = await rig.raw("getMe")
        assert (answer.status_code, answer.headers["content-type"]) == (
            502,
            "text/html; charset=utf-8",
        )
        assert answer.text.startswith("<html>")

        rig.api.faults.clear()
        assert (await rig.bot.get_me()).id == rig.api.bot_id


async def test_another_error_with_a_body_of_ones_own() -> None:
    async with telegram() as rig:
        error = '{"ok":false,"error_code":400,"description":"Bad Request: scripted"}'
        rig.api.faults.add("getMe", status=400, body=error)

        with pytest.raises(BadRequest, match="Scripted"):
            await rig.bot.get_me()


async def test_dropped_before_handling_nothing_arrives() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        rig.api.faults.add("sendMessage", drop="before")

        with pytest.raises(NetworkError):
            await rig.bot.send_message(tina.id, "x")

        assert tina.inbox == []


async def test_p5_dropped_after_handling_it_arrives_all_the_same() -> None:
    async with telegram() as rig:
        tina = rig.api.user("Tina")
        tina.says("/start")
        rig.api.faults.add("sendMessage", drop="after")

        with pytest.raises(NetworkError):
            await rig.bot.send_message(tina.id, "x")

        assert [m.text for m in tina.inbox] == ["x"]


async def test_hanging_until_the_client_gives_up() -> None:
    async with telegram() as rig:
        rig.api.faults.add("sendMessage", hang=True)

        with pytest.raises(TimedOut):
            await rig.bot.send_message(5, "x", read_timeout=0.1)


async def test_slow() -> None:
    async with telegram() as rig:
        rig.api.faults.add("sendMessage", slow=0.3, status=400)
        start = time.monotonic()

        with pytest.raises(BadRequest):
            await rig.bot.send_message(5, "x")

        assert time.monotonic() - start >= 0.3


async def test_a_fault_for_one_chat_only_and_so_many_times() -> None:
    async with telegram() as rig:
        tina, omar = rig.api.user("Tina"), rig.api.user("Omar")
        for person in (tina, omar):
            person.says("/start")
        fault = rig.api.faults.add("send*", target=tina.id, times=2, status=500)

        for _try in range(3):
            for person in (tina, omar):
                await rig.raw("sendMessage", chat_id=person.id, text="x")

        assert [len(tina.inbox), len(omar.inbox)] == [1, 3]
        assert fault.fired == 2
        assert [(hit.call, hit.target) for hit in rig.api.faults.log] == [
            ("sendMessage", str(tina.id))
        ] * 2


async def test_a_download_can_fail_too() -> None:
    async with telegram() as rig:
        sent = rig.api.user("Tina").sends_file(b"x", "a.txt", "text/plain")
        assert sent.document_file is not None
        rig.api.faults.add("file", status=404, body="gone")
        file = await rig.bot.get_file(sent.document_file.file_id)

        with pytest.raises(Exception, match="Not Found"):
            await file.download_as_bytearray()
        assert bytes(await file.download_as_bytearray()) == b"x"


async def test_one_registry_serves_both() -> None:
    faults = Faults()
    async with telegram(faults=faults) as rig, twilio(faults=faults) as sms:
        faults.add("*", times=2, status=503)

        assert (await rig.raw("getMe")).status_code == 503
        with pytest.raises(TwilioException):
            await create(sms)
        assert [hit.carrier for hit in faults.log] == ["telegram", "twilio"]


async def create(rig: Twilio) -> None:
    await asyncio.to_thread(rig.client.messages.create, to=THEIRS, from_=OURS, body="x")


async def test_twilio_429_is_20429() -> None:
    async with twilio() as rig:
        rig.api.faults.add("POST Messages.json", target=THEIRS, retry_after=1)

        with pytest.raises(TwilioException) as caught:
            await create(rig)

        assert (caught.value.status, caught.value.code) == (429, 20429)


@pytest.mark.parametrize(("drop", "arrived"), [("before", 0), ("after", 1)])
async def test_twilio_drops(drop: str, arrived: int) -> None:
    async with twilio() as rig:
        rig.api.faults.add("POST Messages.json", drop=drop)  # type: ignore[arg-type]

        with pytest.raises(requests.ConnectionError):
            await create(rig)

        await rig.api.settle()
        assert len(rig.api.phone(THEIRS).inbox) == arrived


async def test_twilio_hangs() -> None:
    async with twilio() as rig:
        rig.client.http_client.timeout = 0.2
        rig.api.faults.add("POST Messages.json", hang=True)

        with pytest.raises(requests.ReadTimeout):
            await create(rig)
