"""Sample photos, painted here: door, damaged box, form, selfie; what a phone makes of an upload."""

import io
import random
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from flows.book import PROGRAMS

_COMPANY = next(iter(PROGRAMS.values())).contacts["company"]

SIZE = (960, 1280)
LONGEST_SIDE = 1600
MOST_PIXELS = 40_000_000
MOST_BYTES = 12 * 1024 * 1024
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_Paint = Callable[[Image.Image, ImageDraw.ImageDraw], None]


class NotAPhoto(ValueError):
    """The upload is no picture that a phone could send; the message says what to do."""


def _wall(image: Image.Image, upper: tuple[int, int, int], lower: tuple[int, int, int]) -> None:
    shade = Image.linear_gradient("L").resize(image.size)
    image.paste(ImageOps.colorize(shade, upper, lower))


def _door(image: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    _wall(image, (206, 196, 180), (168, 156, 140))
    for y in range(0, 1130, 42):  # clapboard
        draw.line((0, y, 960, y), fill=(150, 140, 124), width=3)
    draw.rectangle((0, 1130, 960, 1280), fill=(120, 116, 112))
    draw.polygon(((170, 1130), (790, 1130), (880, 1280), (80, 1280)), fill=(146, 142, 136))
    draw.rectangle((236, 150, 724, 1136), fill=(238, 234, 226))
    draw.rectangle((268, 184, 692, 1136), fill=(44, 78, 96))
    for box in (
        (308, 240, 464, 560),
        (496, 240, 652, 560),
        (308, 620, 464, 1050),
        (496, 620, 652, 1050),
    ):
        draw.rectangle(box, fill=(38, 67, 83), outline=(66, 106, 126), width=6)
    draw.rectangle((400, 574, 560, 604), fill=(182, 150, 74))  # letter slot
    draw.ellipse((636, 640, 674, 678), fill=(206, 176, 96), outline=(120, 96, 40), width=3)
    draw.rectangle((250, 1112, 710, 1150), fill=(88, 70, 52))
    draw.rounded_rectangle((780, 420, 826, 500), 14, fill=(60, 60, 62))
    draw.ellipse((793, 440, 813, 460), fill=(226, 226, 220))
    draw.polygon(((110, 300), (170, 300), (158, 420), (122, 420)), fill=(56, 54, 50))
    draw.ellipse((90, 320, 190, 420), outline=(255, 226, 150), width=4)
    draw.text((752, 300), "12", font=ImageFont.load_default(96), fill=(52, 46, 40))


def _damage(image: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    _wall(image, (126, 112, 96), (92, 78, 64))
    for y in range(80, 1280, 150):  # floorboards
        draw.line((0, y, 960, y + 30), fill=(78, 64, 50), width=4)
    draw.polygon(((120, 360), (640, 250), (880, 420), (360, 560)), fill=(206, 166, 116))
    draw.polygon(((120, 360), (360, 560), (360, 1060), (120, 830)), fill=(176, 136, 90))
    draw.polygon(((360, 560), (880, 420), (880, 900), (360, 1060)), fill=(190, 150, 102))
    draw.polygon(
        ((360, 560), (520, 517), (470, 640), (560, 700), (420, 760), (360, 720)), fill=(52, 42, 34)
    )
    draw.polygon(((520, 517), (600, 470), (560, 600), (470, 640)), fill=(224, 190, 146))
    draw.line((470, 640, 540, 820, 500, 900), fill=(110, 80, 52), width=6)
    draw.polygon(((396, 610), (500, 566), (452, 640), (500, 690), (416, 720)), fill=(232, 226, 214))
    draw.line((410, 640, 480, 700), fill=(120, 110, 96), width=5)
    draw.polygon(((640, 690), (780, 650), (780, 740), (640, 782)), fill=(238, 236, 230))
    for place in range(7):
        draw.line(
            (660 + 16 * place, 692 - 4 * place, 660 + 16 * place, 762 - 4 * place),
            fill=(40, 40, 40),
            width=5 + place % 3,
        )
    draw.text((640, 800), "THIS SIDE UP", font=ImageFont.load_default(34), fill=(120, 84, 52))


def _selfie(image: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    _wall(image, (214, 220, 222), (190, 192, 188))
    draw.rectangle((0, 1000, 960, 1280), fill=(150, 126, 100))
    draw.rectangle((60, 640, 400, 1010), fill=(112, 84, 60))
    draw.rectangle((80, 664, 380, 812), fill=(84, 62, 44))
    draw.rectangle((80, 834, 380, 990), fill=(84, 62, 44))
    draw.rectangle((100, 380, 370, 632), fill=(30, 32, 36), outline=(60, 62, 66), width=8)
    draw.rectangle((660, 180, 900, 520), fill=(186, 214, 232), outline=(244, 244, 240), width=16)
    draw.ellipse((230, 960, 830, 1700), fill=(34, 72, 112))
    draw.rectangle((470, 800, 600, 1010), fill=(190, 138, 108))
    draw.ellipse((356, 350, 716, 880), fill=(72, 48, 36))
    draw.ellipse((386, 420, 686, 870), fill=(212, 160, 128))
    draw.pieslice((372, 340, 700, 660), 180, 360, fill=(72, 48, 36))
    for x in (476, 598):
        draw.ellipse((x - 24, 606, x + 24, 636), fill=(250, 250, 248))
        draw.ellipse((x - 13, 606, x + 13, 634), fill=(58, 42, 34))
        draw.arc((x - 36, 566, x + 36, 620), 200, 340, fill=(60, 40, 30), width=8)
    draw.line((537, 640, 524, 716, 548, 722), fill=(176, 124, 96), width=7)
    draw.chord((472, 736, 602, 806), 10, 170, fill=(150, 66, 60))
    draw.rounded_rectangle((610, 1090, 720, 1150), 10, fill=(236, 236, 232))
    draw.text((622, 1100), "TINA", font=ImageFont.load_default(40), fill=(34, 72, 112))


def _form(image: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    _wall(image, (138, 104, 74), (104, 76, 52))
    for y in range(40, 1280, 170):  # the table's boards
        draw.line((0, y, 960, y + 18), fill=(86, 62, 42), width=5)
    draw.polygon(((120, 96), (856, 70), (884, 1196), (96, 1210)), fill=(240, 238, 230))
    title, small = ImageFont.load_default(44), ImageFont.load_default(24)
    ink, pen = (44, 44, 48), (36, 58, 140)
    draw.text((164, 128), _COMPANY, font=title, fill=ink)
    draw.text((164, 186), "Manual Proof of Service", font=small, fill=ink)
    for half, top in (("A. Service provider", 260), ("B. Customer", 720)):
        draw.line((160, top, 828, top - 8), fill=ink, width=5)
        draw.text((164, top + 14), half, font=small, fill=ink)
        for row in range(5):
            y = top + 110 + 62 * row
            draw.line((164, y, 824, y - 6), fill=(150, 150, 150), width=3)
            for letter in range(9 - row):  # handwriting, as far as a line goes
                x = 190 + 62 * letter
                draw.arc((x, y - 44, x + 34, y - 6), 20 + 40 * row, 290, fill=pen, width=4)
                draw.line((x + 34, y - 30, x + 54, y - 12), fill=pen, width=4)
    for y in (662, 1140):  # both have signed
        draw.arc((220, y - 60, 330, y + 20), 150, 420, fill=pen, width=5)
        draw.line((300, y - 30, 390, y - 50, 430, y - 4, 520, y - 40, 600, y), fill=pen, width=5)


_PAINTERS: dict[str, _Paint] = {
    "door": _door, "damage": _damage, "form": _form, "selfie": _selfie,
}  # fmt: skip
SAMPLES = {
    "door": "Front door", "damage": "Damaged box", "form": "Signed form", "selfie": "Selfie",
}  # fmt: skip


@cache
def _painted(name: str) -> Image.Image:
    image = Image.new("RGB", SIZE)
    _PAINTERS[name](image, ImageDraw.Draw(image))
    soft = image.filter(ImageFilter.GaussianBlur(1.6))
    grain = Image.frombytes("L", (240, 320), random.Random(name).randbytes(240 * 320)).resize(SIZE)  # noqa: S311
    lit = Image.blend(soft, Image.merge("RGB", (grain, grain, grain)), 0.06)
    vignette = Image.radial_gradient("L").resize(SIZE).point(lambda value: value // 3)
    return Image.composite(Image.new("RGB", SIZE, (20, 16, 12)), lit, vignette)


def sample(name: str, stamp: str = "") -> bytes:
    """A sample photo as JPEG, `stamp` in its corner as a camera does; KeyError for another name.

    The stamp also makes two of them different files: the same picture twice is no second proof.
    """
    image = _painted(name).copy()
    if stamp:
        draw = ImageDraw.Draw(image)
        font = ImageFont.load_default(34)
        draw.text(
            (34, 1220),
            stamp,
            font=font,
            fill=(255, 196, 84),
            stroke_width=2,
            stroke_fill=(40, 24, 0),
        )
    return _jpeg(image, 84)


def thumbnail(name: str) -> bytes:
    """A small JPEG of a sample photo."""
    return _jpeg(ImageOps.fit(_painted(name), (168, 168)), 80)


def as_phone_sends(content: bytes) -> bytes:
    """An upload as a phone's own app sends it: upright, JPEG, at most 1600 pixels; NotAPhoto."""
    if len(content) > MOST_BYTES:
        raise NotAPhoto("That picture is too large: 12 MB at most.")
    try:
        with Image.open(io.BytesIO(content)) as opened:
            pixels = opened.width * opened.height
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = _upright(opened) if pixels <= MOST_PIXELS else None
    except (OSError, ValueError, SyntaxError, *_BOMBS) as error:
        raise NotAPhoto("That file is no picture. Choose a JPEG or PNG.") from error
    if upright is None:
        raise NotAPhoto("That picture has too many pixels: 40 million at most.")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _jpeg(upright, 88)


def _upright(opened: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(opened).convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
