"""Pictures at the limits: looked at before decoding, stripped on leaving (S6, P7)."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageOps

from bot.pictures import images


def encoded(image: Image.Image, form: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims to be this big and has not a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "size", [(8000, 7000), (12_000, 9_000), (20_000, 20_000), (60_000, 60_000)]
)
async def test_s6_more_than_fifty_megapixels_are_never_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(images.TooBig):
        await images.inspect(png_header(*size))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "1", "L", "I;16"])
async def test_s6_a_big_picture_is_made_smaller_before_anything_else_is_done_to_it(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """40 megapixels of a PNG are then one decoded picture in memory, not six."""
    monkeypatch.setattr(images, "_MANY", 0)
    monkeypatch.setattr(images, "LONGEST_SIDE", 300)
    turned, whole = list[tuple[int, int]](), ImageOps.exif_transpose

    def turns(image: Image.Image) -> Image.Image:
        turned.append(image.size)
        return whole(image)

    monkeypatch.setattr(ImageOps, "exif_transpose", turns)
    picture = Image.new("L", (900, 600), 255)
    picture.paste(0, (0, 0, 450, 600))
    if mode == "I;16":
        picture = picture.convert("I").point(lambda value: value * 257)
    lies = Image.Exif()
    lies[0x0112] = 6
    out = io.BytesIO()
    picture.convert(mode).save(out, "PNG", exif=lies)

    copy = Image.open(io.BytesIO(await images.copy_for_sending(out.getvalue()))).convert("L")

    assert [(450, 300)] == turned
    assert (200, 300) == copy.size
    assert copy.getpixel((100, 20)) < 16  # type: ignore[operator]
    assert copy.getpixel((100, 280)) > 239  # type: ignore[operator]


async def test_s6_more_than_twenty_megabytes_are_not_even_opened() -> None:
    with pytest.raises(images.TooBig):
        await images.inspect(b"\0" * (images.MOST_BYTES + 1))


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<svg/>", b"%!PS-Adobe", b"\xff\xd8\xff\xe0", png_header(9, 9)]
)
async def test_p10_junk_is_unreadable(content: bytes) -> None:
    with pytest.raises(images.Unreadable):
        await images.inspect(content)


async def test_a_picture_cut_in_half_is_unreadable() -> None:
    whole = encoded(Image.effect_noise((400, 300), 80), "JPEG")

    with pytest.raises(images.Unreadable):
        await images.inspect(whole[: len(whole) // 2])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
async def test_what_phones_send_can_be_read_and_copied(form: str) -> None:
    data = encoded(Image.new("RGB", (3000, 20), "navy"), form)

    facts = await images.inspect(data)
    copy = await images.copy_for_sending(data)

    assert (facts.width, facts.height) == (3000, 20)
    with Image.open(io.BytesIO(copy)) as image:
        assert (image.format, image.size[0]) == ("JPEG", 2048)


async def test_p7_a_copy_has_no_metadata_whatever_the_original_had() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Tina's house"
    exif[0x0112] = 8
    secret = encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif, comment=b"Tina's house")

    copy = await images.copy_for_sending(secret)

    assert b"Tina" not in copy
    with Image.open(io.BytesIO(copy)) as image:
        assert image.size == (20, 40), "upright"
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_a_transparent_picture_gets_a_white_ground() -> None:
    clear = encoded(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG")

    with Image.open(io.BytesIO(await images.copy_for_sending(clear))) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


def _graded(form: str) -> bytes:
    """From black to white, left to right, as this kind of picture stores it."""
    ramp = Image.linear_gradient("L").rotate(90)
    if form == "16-bit grey":
        deep = Image.frombytes("I;16", ramp.size, b"".join(bytes((v, v)) for v in ramp.tobytes()))
        return encoded(deep, "PNG")
    if form == "32-bit grey":
        return encoded(ramp.convert("I").point(lambda value: value * 257), "TIFF")
    if form == "half transparent":
        ramp.putalpha(ramp.point(lambda _: 255))
        return encoded(ramp, "PNG")
    if form == "CMYK":
        return encoded(ramp.convert("RGB").convert("CMYK"), "JPEG", quality=95)
    return encoded(ramp.convert(form), "PNG")


@pytest.mark.parametrize(
    "form", ["L", "P", "RGB", "16-bit grey", "32-bit grey", "half transparent", "CMYK"]
)
async def test_p7_a_copy_looks_like_its_original_however_it_is_stored(form: str) -> None:
    data = _graded(form)

    with Image.open(io.BytesIO(await images.copy_for_sending(data))) as copy:
        pixels = copy.convert("L").tobytes()
        shades = [pixels[128 * copy.width + x] for x in (8, 128, 248)]

    assert [abs(got - x) <= 12 for got, x in zip(shades, (8, 128, 248), strict=True)] == [True] * 3
