"""Photos from announcement to evidence: fetched, durable, and said when they cannot be had (P7)."""

import hashlib
import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.base import FetchError
from bot.channels.sms import Sms
from bot.channels.telegram import Telegram
from bot.pictures import images
from bot.pictures.photo_store import Folder
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.serving import serve
from bot.rehearsal.carriers.twilio import TwilioApi
from bot.wires.fetching import Fetching
from bot.wires.polling import TelegramPolling
from bot.wires.receiving import Health, Presses, Receiver
from tests.wire.pictures import HEIC
from tests.wire.world import ACCOUNT, AUTH, World

MINUTE = 60_000


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "photos")


@pytest.fixture
def fetching(world: World, telegram: Telegram, store: Folder) -> Fetching:
    return Fetching(world.writer, world.door, world.clock, store, {"telegram": telegram})


async def announce(
    world: World, telegram: Telegram, botapi: BotApi, content: bytes, *, name: str = ""
) -> int:
    """Tina sends it; the photo's id."""
    tina = botapi.user("Tina")
    if name:
        tina.sends_file(content, name, "image/jpeg")
    else:
        tina.sends_photo(content)
    receiver = Receiver(world.writer, world.door, world.clock)
    polling = TelegramPolling(world.writer, receiver, telegram, Presses(telegram), Health())
    while await polling.once(0):
        pass
    source = world.door.received[-1].photos[0].source
    return world.announce("telegram", json.dumps(dict(source)))


async def test_p7_a_photo_is_durable_before_it_counts(
    world: World, telegram: Telegram, botapi: BotApi, fetching: Fetching, store: Folder, jpeg: bytes
) -> None:
    photo = await announce(world, telegram, botapi, jpeg, name="IMG.JPG")

    await fetching.attempt_all_due()

    row = world.photo(photo)
    assert (row["status"], row["mime"]) == ("stored", "image/jpeg")
    assert row["sha256"] == hashlib.sha256(jpeg).hexdigest()
    assert await store.get(row["path"]) == jpeg
    assert "Tina" not in row["path"]


@pytest.mark.parametrize("status", [404, 500, 502])
async def test_p7_a_failed_download_is_retried_on_the_business_clock(
    world: World, telegram: Telegram, botapi: BotApi, fetching: Fetching, jpeg: bytes, status: int
) -> None:
    photo = await announce(world, telegram, botapi, jpeg)
    botapi.faults.add("file", status=status, times=2)

    await fetching.attempt_all_due()
    assert (world.photo(photo)["status"], world.door.stored) == ("announced", [])
    for _ in range(2):
        world.advance(MINUTE)
        await fetching.attempt_all_due()

    assert world.photo(photo)["status"] == "stored"
    assert world.photo(photo)["tries"] == 2


async def test_p7_a_photo_that_cannot_be_had_for_an_hour_is_lost_and_said(
    world: World, telegram: Telegram, botapi: BotApi, fetching: Fetching, jpeg: bytes
) -> None:
    photo = await announce(world, telegram, botapi, jpeg)
    botapi.faults.add("getFile", status=500, times=None)

    for _ in range(70):
        await fetching.attempt_all_due()
        world.advance(MINUTE)

    assert world.door.lost == [(photo, "lost")]


async def test_trap_22_a_file_above_20_mb_is_said_to_be_too_big(
    world: World, telegram: Telegram, botapi: BotApi, fetching: Fetching, jpeg: bytes
) -> None:
    photo = await announce(world, telegram, botapi, jpeg + b"\0" * (21 << 20), name="big.jpg")

    await fetching.attempt_all_due()

    assert world.door.lost == [(photo, "too_big")]


@pytest.mark.parametrize("content", [b"no picture at all", b"\xff\xd8\xff\xe0broken"])
async def test_s6_what_is_no_picture_is_said_to_be_unreadable(
    world: World, telegram: Telegram, botapi: BotApi, fetching: Fetching, content: bytes
) -> None:
    photo = await announce(world, telegram, botapi, content, name="a.jpg")

    await fetching.attempt_all_due()

    assert world.door.lost == [(photo, "unreadable")]


async def test_p7_a_full_disk_delays_and_loses_nothing(  # noqa: PLR0917 - fixtures
    world: World,
    telegram: Telegram,
    botapi: BotApi,
    fetching: Fetching,
    store: Folder,
    jpeg: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    photo = await announce(world, telegram, botapi, jpeg)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        await fetching.attempt_all_due()
    assert world.photo(photo)["status"] == "announced"
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    world.advance(MINUTE)
    await fetching.attempt_all_due()

    assert world.photo(photo)["status"] == "stored"


async def test_trap_23_media_of_twilio_goes_through_its_redirect_without_credentials(
    world: World, twilio: TwilioApi, store: Folder, jpeg: bytes
) -> None:
    sms = Sms(ACCOUNT, AUTH, twilio.base_url, senders={"": "+18885550100"})
    message = twilio.phone("+12125550101").sends_photo(jpeg)
    url = (
        twilio.base_url
        + f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}/Media/{message.media[0].sid}"
    )
    photo = world.announce("sms", json.dumps({"url": url}))
    twilio.faults.add("storage/GET Media", status=503)
    twilio.faults.add("twilio/GET Media", status=404)
    fetching = Fetching(world.writer, world.door, world.clock, store, {"sms": sms})

    for _ in range(3):
        await fetching.attempt_all_due()
        world.advance(MINUTE)
    await sms.close()

    assert world.photo(photo)["status"] == "stored"
    assert await store.get(world.photo(photo)["path"]) == jpeg


@pytest.mark.parametrize(
    "to", [None, "http://[", "https://a:99999/", "file:///etc/hostname", "\x01", "//", "/same"]
)
async def test_s6_a_redirect_to_nowhere_is_a_fetch_that_failed(to: str | None) -> None:
    async def answer(_: Request) -> Response:
        return Response(status_code=307, headers={} if to is None else {"Location": to})

    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
    async with serve(Starlette(routes=[Route("/{rest:path}", answer)])) as url:
        sms = Sms(ACCOUNT, AUTH, url, senders={"": "+18885550100"})
        with pytest.raises(FetchError):
            await sms.fetch({"url": path})
        await sms.close()


async def test_p7_a_picture_message_of_twilio_that_is_no_photo_or_too_big_is_said(
    world: World, twilio: TwilioApi, store: Folder, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sms = Sms(ACCOUNT, AUTH, twilio.base_url, senders={"": "+18885550100"})
    tina = twilio.phone("+12125550101")
    fetching = Fetching(world.writer, world.door, world.clock, store, {"sms": sms})
    sent = [
        tina.sends_photo(b"BEGIN:VCARD", mime="image/jpeg"),  # carriers mislabel
        tina.sends_photo(jpeg, mime="application/octet-stream"),
    ]
    numbers = [
        world.announce("sms", json.dumps({"url": twilio.account.media_path(message.media[0])}))
        for message in sent
    ]
    await fetching.attempt_all_due()
    monkeypatch.setattr("bot.channels.sms.MEDIA_LIMIT", 100)
    big = tina.sends_photo(jpeg)
    too_big = world.announce("sms", json.dumps({"url": twilio.account.media_path(big.media[0])}))
    await fetching.attempt_all_due()
    await sms.close()

    assert world.door.lost == [(numbers[0], "unreadable"), (too_big, "too_big")]
    assert [each["photo"] for each in world.door.stored] == [numbers[1]]


async def test_a_heic_from_an_iphone(
    world: World, telegram: Telegram, botapi: BotApi, fetching: Fetching
) -> None:
    photo = await announce(world, telegram, botapi, HEIC, name="IMG_0001.HEIC")

    await fetching.attempt_all_due()

    assert world.photo(photo)["mime"] == "image/heif"
    assert world.photo(photo)["path"].endswith(".heic")
    copy = await images.copy_for_sending(HEIC)
    assert b"Tina" in HEIC
    assert b"Tina" not in copy
