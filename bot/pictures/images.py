"""Pictures: looked at before they are decoded, decoded off the loop, stripped on leaving (S6)."""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from pi_heif import register_heif_opener  # type: ignore[import-untyped]
from PIL import Image, ImageOps

Image.init()
register_heif_opener()
T = TypeVar("T")
MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2048
_QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF", "BMP", "TIFF")
"""What phones send; no other decoder of the library ever sees a stranger's bytes."""
_threads = ThreadPoolExecutor(1, thread_name_prefix="pictures")  # one decoded picture at a time
_MANY = 12_000_000
"""Pixels from which a picture is made smaller before anything is done to it."""


class PictureError(Exception):
    """A picture cannot be used.

    PictureError
    ├── TooBig      more than 20 MB or 50 megapixels; it was not decoded
    └── Unreadable  no picture, or a broken one
    """


class TooBig(PictureError):
    """More bytes or pixels than we decode."""


class Unreadable(PictureError):
    """Not a picture that can be read."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a picture is by its own bytes; sides in pixels, as stored."""

    mime: str
    width: int
    height: int


def _opened(data: bytes) -> Image.Image:
    """The picture with its header read and nothing decoded; PictureError."""
    if len(data) > MOST_BYTES:
        raise TooBig("more than 20 MB")
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooBig("more than 50 megapixels") from error
    except Exception as error:  # the decoders raise anything on hostile bytes
        raise Unreadable("this is no picture") from error
    if image.width * image.height > MOST_PIXELS:
        raise TooBig("more than 50 megapixels")
    return image


def _inspected(data: bytes) -> Facts:
    image = _opened(data)
    # Two pictures in one JPEG, as some phones make them, are a JPEG to everybody else.
    form = "JPEG" if image.format in (None, "MPO") else image.format
    facts = Facts(Image.MIME[form], image.width, image.height)
    try:
        image.draft("RGB", (64, 64))
        image.load()
    except Exception as error:
        raise Unreadable("the picture is broken") from error
    return facts


def smaller(image: Image.Image, side: int) -> Image.Image:
    """A big picture without the pixels that a copy of `side` does not need (S6).

    Only JPEG decodes smaller by itself. Turning, blending and scaling each take the whole picture
    once more: without this, a PNG of 2 MB and 50 megapixels takes a gigabyte.
    """
    factor = int(max(image.size) / (side * 1.5))
    if factor < 2 or image.width * image.height < _MANY:
        return image
    if image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode.startswith("I;"):
        image = image.convert("I")
    return image.reduce(factor)


def on_white(image: Image.Image) -> Image.Image:
    """In 256 levels of red, green and blue; what is transparent is white paper.

    Grey of 16 bits (a scanner's, some cameras' PNG) is scaled: Pillow by itself would cut it off.
    """
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256))
    if image.mode in ("I", "F"):
        image = image.convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("RGB")


def _copied(data: bytes) -> bytes:
    image = _opened(data)
    try:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(smaller(image, LONGEST_SIDE))
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        # Pasted onto a new picture: nothing but pixels comes along, no place, no comment.
        clean = Image.new("RGB", upright.size)
        clean.paste(on_white(upright))
    except Exception as error:
        raise Unreadable("the picture is broken") from error
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


async def _beside(work: Callable[[bytes], T], data: bytes) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, data)


async def inspect(data: bytes) -> Facts:
    """What these bytes are, and that they can be read to the end; PictureError."""
    return await _beside(_inspected, data)


async def copy_for_sending(data: bytes) -> bytes:
    """An upright JPEG of at most 2048 pixels a side without any metadata (P7); PictureError."""
    return await _beside(_copied, data)
