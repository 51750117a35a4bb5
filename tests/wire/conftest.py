"""Fixtures of the wires: a world, and the carriers with their judges."""

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.telegram import Telegram
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.twilio import TwilioApi
from tests.carriers.judges import judge_botapi, judge_twilio
from tests.wire.world import ACCOUNT, AUTH, BOT, World, world


@pytest.fixture(name="world")
def fixture_world(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A small photo that says where it was taken."""
    image = Image.effect_noise((320, 240), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (40.0, 42.0, 46.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
async def botapi(world: World) -> AsyncIterator[BotApi]:
    """A Bot API server; at the end aiogram must have had nothing to complain about."""
    api = BotApi(BOT, "doorstep_bot", world.clock.datetime)
    judge = judge_botapi(api)
    async with api.running():
        yield api
    if judge.judged:  # a test may need no more than the address
        judge.assert_clean()


@pytest.fixture
async def telegram(botapi: BotApi) -> AsyncIterator[Telegram]:
    channel = Telegram(BOT, botapi.base_url, timeout=1.0)
    yield channel
    await channel.close()


@pytest.fixture
async def twilio(world: World) -> AsyncIterator[TwilioApi]:
    """A Twilio server; at the end its own description must have been kept to."""
    api = TwilioApi(ACCOUNT, AUTH, world.clock.datetime, time_scale=0.2)
    judge = judge_twilio(api)
    async with api.running():
        yield api
    if judge.judged:  # a test may need no more than the address
        judge.assert_clean()
