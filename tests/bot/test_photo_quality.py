"""What is seen in a picture without knowing what it shows: dark, blurred, small, seen before."""

import asyncio
import io
import itertools
import threading

import pytest
from PIL import Image, ImageDraw

from bot.pictures import images, photo_quality
from bot.pictures.images import TooBig, Unreadable
from bot.pictures.photo_quality import ALIKE, BLURRED, THE_SAME, Quality, distance, judge
from tests.bot.drawn import blurred, door, encoded, form, jpeg, lit, scene
from tests.wire.pictures import HEIC

PICTURES = {
    "scene": scene(1), "busy scene": scene(2), "door": door(0), "plain door": door(4), "form": form(1)
}  # fmt: skip
each_picture = pytest.mark.parametrize("image", PICTURES.values(), ids=PICTURES.keys())


def same(one: Quality, other: Quality) -> bool:
    if not (one.dhash and other.dhash):
        return False
    is_alike = distance(one.dhash, other.dhash) <= ALIKE
    return is_alike and distance(one.detail, other.detail) <= THE_SAME


# ------------------------------------------------------------------------------ what it lacks


@each_picture
@pytest.mark.parametrize("quality", [30, 85])
def test_a_good_picture_lacks_nothing(image: Image.Image, quality: int) -> None:
    assert () == judge(jpeg(image, quality)).flaws


@each_picture
@pytest.mark.parametrize("share", [0.0015])
def test_a_little_unsharp_is_good_enough(image: Image.Image, share: float) -> None:
    assert () == judge(jpeg(blurred(image, share))).flaws


@each_picture
@pytest.mark.parametrize("share", [0.006, 0.02])
def test_out_of_focus_is_blurred(image: Image.Image, share: float) -> None:
    assert ("blurred",) == judge(jpeg(blurred(image, share))).flaws


def test_one_sharp_corner_is_enough() -> None:
    image = blurred(door(1), 0.01)
    image.paste(door(1).crop((0, 700, 300, 1100)), (0, 700))
    ImageDraw.Draw(image).text((60, 800), "12", fill=(20, 20, 20), font_size=90)

    assert not judge(jpeg(image)).too_blurred


@each_picture
def test_half_the_light_is_light_enough(image: Image.Image) -> None:
    assert () == judge(jpeg(lit(image, 0.5))).flaws


@each_picture
def test_a_tenth_of_the_light_is_dark(image: Image.Image) -> None:
    assert "dark" == judge(jpeg(lit(image, 0.1))).flaws[0]


def test_a_lamp_in_the_night_lights_nothing() -> None:
    night = lit(door(1), 0.08)
    ImageDraw.Draw(night).ellipse((400, 100, 560, 260), fill=(255, 240, 200))

    assert judge(jpeg(night)).too_dark


def test_a_door_in_the_light_of_its_lamp_is_seen() -> None:
    night = lit(door(1), 0.08)
    night.paste(door(1).crop((300, 400, 700, 1000)), (300, 400))

    assert () == judge(jpeg(night)).flaws


def test_too_little_light_is_not_taken_for_blur() -> None:
    assert not judge(jpeg(lit(scene(1), 0.3))).too_blurred


@pytest.mark.parametrize(
    ("size", "small"),
    [((320, 240), False), ((240, 900), False), ((239, 900), True), ((160, 120), True)],
)
def test_the_shorter_side_counts(size: tuple[int, int], small: bool) -> None:
    found = judge(jpeg(Image.effect_noise(size, 60)))

    assert (found.width, found.height) == size
    assert found.too_small is small


def test_noise_is_sharp() -> None:
    assert () == judge(jpeg(Image.effect_noise((800, 600), 60))).flaws


@pytest.mark.parametrize(
    ("grey", "worst"), [(0, "dark"), (20, "dark"), (128, "blurred"), (255, "blurred")]
)
def test_an_empty_picture_shows_nothing_and_looks_like_nothing(grey: int, worst: str) -> None:
    found = judge(jpeg(Image.new("L", (800, 600), grey)))

    assert worst == found.flaws[0]
    assert (found.dhash, found.detail) == ("", "")


@pytest.mark.parametrize("size", [(4, 3000), (3000, 4)])
def test_a_strip_is_a_picture_too(size: tuple[int, int]) -> None:
    assert judge(encoded(Image.effect_noise(size, 60), "PNG")).too_small


# ------------------------------------------------------------------------------ seen before


@each_picture
def test_a_forwarded_copy_is_the_same(image: Image.Image) -> None:
    first, half = judge(jpeg(image)), (image.width // 2, image.height // 2)

    assert (len(first.dhash), len(first.detail)) == (16, 64)
    assert same(first, judge(jpeg(image, 60)))
    assert distance(first.dhash, judge(jpeg(image.resize(half), 60)).dhash) <= ALIKE


@pytest.mark.parametrize("image", [scene(1), form(1), door(0)], ids=["scene", "form", "door"])
def test_a_copy_of_half_the_size_is_the_same(image: Image.Image) -> None:
    half = (image.width // 2, image.height // 2)

    assert same(judge(jpeg(image)), judge(jpeg(image.resize(half), 60)))


@pytest.mark.parametrize("draw", [scene, form, door])
def test_other_jobs_forms_and_doors_are_not_the_same(draw: object) -> None:
    assert callable(draw)
    found = [judge(jpeg(draw(seed))) for seed in range(12)]

    assert [] == [pair for pair in itertools.combinations(found, 2) if same(*pair)]


def test_forms_are_alike_which_is_why_they_are_looked_at_twice() -> None:
    found = [judge(jpeg(form(seed))) for seed in range(12)]
    alike = [
        pair
        for pair in itertools.combinations(found, 2)
        if distance(pair[0].dhash, pair[1].dhash) <= ALIKE
    ]

    assert alike


def test_another_picture_and_a_turned_one_are_others() -> None:
    image = scene(1)
    first, turned = judge(jpeg(image)), image.transpose(Image.Transpose.ROTATE_90)

    assert distance(first.dhash, judge(jpeg(scene(2))).dhash) > ALIKE
    assert distance(first.dhash, judge(jpeg(turned)).dhash) > ALIKE


# ------------------------------------------------------------------------------ any picture

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_looked_at_upright(orientation: int) -> None:
    upright, exif = scene(3, (1200, 900)), Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(_TURNS[orientation]) if orientation > 1 else upright

    found, plain = judge(jpeg(stored, exif=exif)), judge(jpeg(upright))

    assert (found.width, found.height) == (1200, 900)
    assert same(found, plain)


def test_cmyk_and_palettes_and_alpha_and_sixteen_bits_are_seen_as_they_look() -> None:
    image = scene(4, (600, 800))
    plain = judge(encoded(image, "PNG"))
    grey = image.convert("L")
    sixteen = Image.frombytes("I;16", grey.size, b"".join(bytes((0, v)) for v in grey.tobytes()))
    clear = image.convert("RGBA")
    others = [
        jpeg(image.convert("CMYK")),
        encoded(image.quantize(64), "PNG"),
        encoded(clear, "PNG"),
        encoded(clear, "WEBP"),
        encoded(sixteen, "PNG"),
        encoded(image, "TIFF"),
        encoded(image, "BMP"),
        encoded(image, "GIF"),
        jpeg(image, progressive=True),
    ]
    assert sixteen.mode == "I;16"

    found = [judge(other) for other in others]

    assert [()] * len(others) == [each.flaws for each in found]
    assert max(distance(plain.dhash, each.dhash) for each in found) <= ALIKE


def test_what_is_transparent_is_white_paper() -> None:
    sheet = Image.new("RGBA", (600, 800), (0, 0, 0, 0))
    ImageDraw.Draw(sheet).text((60, 300), "signed", fill=(0, 0, 0, 255), font_size=160)

    assert () == judge(encoded(sheet, "PNG")).flaws


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_of_a_moving_picture_the_first_is_looked_at(kind: str) -> None:
    first, black = scene(5, (600, 800)), Image.new("RGB", (600, 800))
    moving = encoded(first, kind, save_all=True, append_images=[black, black])

    found = judge(moving)

    assert () == found.flaws
    assert distance(found.dhash, judge(jpeg(first)).dhash) <= ALIKE


def test_a_heic_of_an_iphone_is_read() -> None:
    found = judge(HEIC)

    assert (found.width, found.height) in ((64, 48), (48, 64))


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture at all", b"\xff\xd8\xff\xe0broken", jpeg(scene(1))[:20_000], b"GIF89a"],
    ids=["nothing", "words", "head", "half", "gif"],
)
def test_s6_what_is_no_picture_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        judge(data)


@pytest.mark.parametrize("form_", ["PNG", "GIF"])
def test_s6_a_bomb_is_too_big_and_not_decoded(form_: str) -> None:
    bomb = encoded(Image.new("1" if form_ == "PNG" else "L", (7100, 7100)), form_)
    assert len(bomb) < 400_000

    with pytest.raises(TooBig):
        judge(bomb)


async def test_what_cannot_be_measured_is_none() -> None:
    assert await photo_quality.look(b"no picture") is None


async def test_s6_it_is_measured_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []

    def noted(data: bytes) -> Quality:
        threads.append(threading.current_thread().name)
        return judge(data)

    monkeypatch.setattr(photo_quality, "judge", noted)
    found = await asyncio.gather(*[photo_quality.look(jpeg(scene(1))) for _ in range(2)])

    assert [()] * 2 == [each.flaws for each in found if each]
    assert {"pictures"} == {name.partition("_")[0] for name in threads}


async def test_what_is_judged_can_be_stored_and_sent() -> None:
    """The two ways of decoding agree on what a picture is."""
    for data in (jpeg(scene(1)), encoded(scene(1).quantize(16), "GIF"), HEIC):
        found = judge(data)
        facts = await images.inspect(data)
        sent = Image.open(io.BytesIO(await images.copy_for_sending(data)))

        assert sorted((found.width, found.height)) == sorted((facts.width, facts.height))
        assert (sent.width > sent.height) is (found.width > found.height)


def test_a_limit_lies_between_what_is_read_and_what_is_not() -> None:
    good, bad = form(1), blurred(form(1), 0.006)
    grey = [each.convert("L").resize((384, 512)) for each in (good, bad)]
    sharp, soft = (photo_quality._sharpness(each) for each in grey)

    assert soft * 2 < BLURRED < sharp / 5
