"""Whatever a phone sends as a picture, from its bytes to what is answered, on both channels."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PIL import Image

from bot.incoming import PhotoRef
from bot.pictures.photo_store import Folder
from bot.wires.fetching import Fetching
from storage import photos
from storage.db import Writer
from tests.bot.drawn import blurred, door, encoded, jpeg, lit
from tests.bot.test_second_look import at_the_door
from tests.stage import Stage
from tests.wire.pictures import HEIC

DOOR = door(0, (900, 1200))
GREY = DOOR.convert("L")


class Phone:
    """A channel that has one picture to give."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.content = b""

    async def fetch(self, source: Mapping[str, object]) -> bytes:
        """The picture."""
        return self.content


class Street:
    """Tina at the door, with a phone whose pictures are really fetched and stored."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.phone = stage, Phone(stage.channel)
        self.writer = Writer(stage.store)
        self.fetching = Fetching(
            self.writer, stage.door, stage.clock, Folder(folder), {stage.channel: self.phone}
        )

    async def sends(self, content: bytes) -> str:
        """She sends it; what she is answered."""
        stage, (channel, address) = self.stage, self.stage.phones["tina"]
        self.phone.content = content
        stage.clock.set(stage.clock.now() + 3_000)
        stage._receive(channel, address, text="", photos=(PhotoRef({"n": 1}, "image/jpeg", 9),))
        await self.fetching.attempt_all_due()
        stage._deliver()
        return stage.last("tina")

    def photos(self) -> list[str]:
        """What became of each."""
        with self.stage.store.reading() as tx:
            return [row["status"] for row in tx.all("SELECT status FROM photos ORDER BY id")]


@pytest.fixture(params=["telegram", "sms"])
def street(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Street]:
    street = Street(at_the_door(tmp_path, request.param), tmp_path / "photos")
    yield street
    street.writer.close()


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return jpeg(DOOR, exif=exif)


PICTURES = {
    "cmyk": jpeg(DOOR.convert("CMYK")),
    "palette": encoded(DOOR.quantize(64), "PNG"),
    "sixteen bits": encoded(
        Image.frombytes("I;16", GREY.size, b"".join(bytes((0, v)) for v in GREY.tobytes())), "PNG"
    ),
    "moving gif": encoded(
        DOOR, "GIF", save_all=True, append_images=[Image.new("RGB", DOOR.size)] * 2
    ),
    "moving webp": encoded(
        DOOR, "WEBP", save_all=True, append_images=[Image.new("RGB", DOOR.size)] * 2
    ),
    "progressive": jpeg(DOOR, progressive=True),
    **{f"turned {orientation}": turned(orientation) for orientation in range(1, 9)},
}


@pytest.mark.parametrize("content", PICTURES.values(), ids=PICTURES.keys())
async def test_a_picture_of_any_kind_is_evidence(street: Street, content: bytes) -> None:
    answer = await street.sends(content)

    assert "855-836-3483" in answer
    assert street.stage.state("114-7") == "no_show.call_office"
    assert ["stored"] == street.photos()


WRONG = {
    "words": (b"no picture at all", "can't open"),
    "nothing": (b"", "can't open"),
    "half": (jpeg(DOOR)[:9_000], "can't open"),
    "half a png": (encoded(DOOR, "PNG")[:9_000], "can't open"),
    "pdf": (b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj", "can't open"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "can't open"),
    "bomb": (encoded(Image.new("1", (7_100, 7_100)), "PNG"), "too big"),
    "greater bomb": (encoded(Image.new("1", (20_000, 20_000)), "PNG"), "too big"),
    "20 MB": (jpeg(DOOR) + b"\0" * (20 << 20), "too big"),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG.keys())
async def test_s6_what_is_none_is_answered_in_words(
    street: Street, content: bytes, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await street.sends(content)

    assert said in answer
    assert street.stage.state("114-7") == "no_show.door_photo"
    assert ["lost"] == street.photos()
    assert [] == [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (jpeg(lit(DOOR, 0.08)), "too dark"),
        (jpeg(blurred(DOOR, 0.02)), "blurred"),
        (jpeg(Image.effect_noise((60, 45), 60)), "too small"),
    ],
    ids=["dark", "blurred", "small"],
)
async def test_what_shows_too_little_is_asked_for_again_and_then_taken(
    street: Street, content: bytes, said: str
) -> None:
    assert said in await street.sends(content)
    assert street.stage.state("114-7") == "no_show.door_photo"

    await street.sends(content)

    assert street.stage.state("114-7") == "no_show.call_office"
    assert ["stored", "stored"] == street.photos()


async def test_a_heic_of_an_iphone_is_evidence_at_the_latest_the_second_time(
    street: Street,
) -> None:
    for _ in range(2):
        await street.sends(HEIC)

    assert street.stage.state("114-7") == "no_show.call_office"
    assert ["stored", "stored"] == street.photos()


async def test_a_picture_that_cannot_be_measured_is_evidence_all_the_same(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: bytes) -> None:
        return None

    monkeypatch.setattr("bot.pictures.photo_quality.look", nothing)
    await street.sends(jpeg(lit(DOOR, 0.08)))

    assert street.stage.state("114-7") == "no_show.call_office"


async def test_the_print_of_a_real_picture_is_kept(street: Street) -> None:
    await street.sends(jpeg(DOOR))

    with street.stage.store.reading() as tx:
        (row,) = tx.all("SELECT * FROM photos")
    assert photos.dhash_of(row) is not None
    assert 64 == len(row["detail"])
    assert "" == row["flaws"]


async def test_p10_a_picture_that_nobody_foresaw_waits_and_does_not_run_hot(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def inspect(data: bytes) -> None:
        tries.append(data)
        raise ArithmeticError("a new decoder's")

    monkeypatch.setattr("bot.pictures.images.inspect", inspect)
    await street.sends(jpeg(DOOR))
    await street.fetching.attempt_all_due()
    assert 1 == len(tries)

    monkeypatch.undo()
    street.stage.clock.set(street.stage.clock.now() + 60_000)
    await street.fetching.attempt_all_due()
    assert ["stored"] == street.photos()
