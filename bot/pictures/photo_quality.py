"""How well a photo shows what it is taken for, measured while the technician still stands there.

Whole pictures only, and never a person: no face is looked for. What is a selfie is not judged by
its caller (S8). The limits were found on drawn scenes, doors, forms and two photographs, each
sharp, blurred, darkened, shrunk, cropped, turned and recompressed; tests/bot/test_photo_quality.py
draws them again.
"""

from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageFilter, ImageOps, ImageStat

from bot.pictures.images import PictureError, Unreadable, _beside, _opened, on_white, smaller

SHORTEST_SIDE = 240
"""Pixels. Less than that shows no door and no form; a flip phone's 320 by 240 still passes."""
DARK = 40
"""Of 255: 98 % of a dark picture is darker. A door at a quarter of its light reaches 41 to 50, at
15 % 23 to 29; a lamp in the night that fills less than 2 % lights nothing."""
BLURRED = 60.0
"""Variance of the Laplacian in the sharpest of 4 by 4 tiles, at full contrast, where the longer
side has 512 pixels. Sharp, also as JPEG of quality 30: 360 and more. Blurred by 0.15 % of the
longer side: 116 and more; by 0.6 %, where a form cannot be read: 52 and less. One sharp tile is
enough: a plain wall is not blurred if its bell is sharp."""
ALIKE = 6
"""Bits of 64 in which two pictures of one scene may differ. Recompressed or halved: 0 to 2."""
THE_SAME = 12
"""Bits of 256, asked of those that are alike. So is every second pair of different forms and 7 %
of the pairs of plain doors, and nobody is to be suspected for that. Recompressed or halved: 0 to
13, one 20. Of 1225 pairs of forms none is as close as this (17 and more), of 1035 of doors one."""
_SIDE, _TILES, _CUT = 512, 4, 2
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
_FLAT = 16
"""Of 255: a picture without as much contrast has nothing by which it could be recognised."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What can be said of a picture without knowing what it shows.

    Sides in pixels, upright. `dhash` (64 bits) and `detail` (256 bits) say whether it is lighter to
    the right, on a grid of 8 by 8 and of 16 by 16, as hexadecimal digits; "" where it is flat.
    """

    width: int
    height: int
    too_dark: bool
    too_blurred: bool
    too_small: bool
    dhash: str = ""
    detail: str = ""

    @property
    def flaws(self) -> tuple[str, ...]:
        """What a better one should not be: dark, blurred, small; the worst first."""
        found = {"dark": self.too_dark, "blurred": self.too_blurred, "small": self.too_small}
        return tuple(name for name, is_so in found.items() if is_so)


def judge(data: bytes) -> Quality:
    """Measure a picture, the first one of several; PictureError. Pure, for a thread of its own."""
    image = _opened(data)
    try:
        image.draft("L", (_SIDE, _SIDE))
        width, height = image.size if image.format != "JPEG" else _full_size(data)
        if image.getexif().get(0x0112, 1) > 4:  # lies on its side
            width, height = height, width
        image = ImageOps.exif_transpose(smaller(image, _SIDE))
        grey = on_white(image).convert("L")
        grey.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    except Exception as error:  # the decoders raise anything on hostile bytes
        raise Unreadable("the picture is broken") from error
    is_flat = _contrast(grey) < _FLAT
    return Quality(
        width,
        height,
        too_dark=_brightest(grey) < DARK,
        too_blurred=_sharpness(grey) < BLURRED,
        too_small=min(width, height) < SHORTEST_SIDE,
        dhash="" if is_flat else _dhash(grey, 8),
        detail="" if is_flat else _dhash(grey, 16),
    )


async def look(data: bytes) -> Quality | None:
    """`judge` where pictures are decoded, off the loop; None where there is nothing to measure."""
    try:
        return await _beside(judge, data)
    except PictureError:
        return None


def distance(one: str, other: str) -> int:
    """In how many bits two hashes of the same length differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _full_size(data: bytes) -> tuple[int, int]:
    return _opened(data).size  # draft has made the other one smaller


def _below(grey: Image.Image, share: float) -> int:
    """The brightness that this share of the picture does not exceed."""
    left = share * grey.width * grey.height
    for value, count in enumerate(grey.histogram()):
        left -= count
        if left <= 0:
            return value
    return 255


def _brightest(grey: Image.Image) -> int:
    return _below(grey, 1 - _CUT / 100)


def _contrast(grey: Image.Image) -> int:
    return _brightest(grey) - _below(grey, _CUT / 100)


def _sharpness(grey: Image.Image) -> float:
    """At full contrast, so that little light is not taken for blur."""
    edges = ImageOps.autocontrast(grey, cutoff=_CUT).filter(_LAPLACIAN)
    width, height = edges.size
    if min(width, height) < 3 * _TILES:
        return 0.0
    inner = edges.crop((1, 1, width - 1, height - 1))  # the filter leaves the rim as it was
    return max(
        ImageStat.Stat(inner.crop(_tile(inner, column, row))).var[0]
        for column in range(_TILES)
        for row in range(_TILES)
    )


def _tile(image: Image.Image, column: int, row: int) -> tuple[int, int, int, int]:
    width, height = image.size
    left, top = width * column // _TILES, height * row // _TILES
    return left, top, width * (column + 1) // _TILES, height * (row + 1) // _TILES


def _dhash(grey: Image.Image, side: int) -> str:
    pixels = grey.resize((side + 1, side), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(side):
        line = pixels[row * (side + 1) : (row + 1) * (side + 1)]
        for left, right in pairwise(line):
            bits = bits << 1 | (left < right)
    return f"{bits:0{side * side // 4}x}"
