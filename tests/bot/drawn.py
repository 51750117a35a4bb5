"""Drawn pictures on which the limits of a photo's quality were found."""

import io
import random

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont


def jpeg(image: Image.Image, quality: int = 85, **more: object) -> bytes:
    """As a phone stores it."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, **more)
    return out.getvalue()


def encoded(image: Image.Image, form: str, **more: object) -> bytes:
    """In another format."""
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def blurred(image: Image.Image, share: float) -> Image.Image:
    """Out of focus: by this share of the longer side."""
    return image.filter(ImageFilter.GaussianBlur(share * max(image.size)))


def lit(image: Image.Image, light: float) -> Image.Image:
    """With that much of its light."""
    return ImageEnhance.Brightness(image).enhance(light)


def scene(seed: int, size: tuple[int, int] = (1200, 1600)) -> Image.Image:
    """Boxes and balls before a wall that the light falls on from above."""
    chance, (width, height) = random.Random(seed), size
    wall = [chance.randrange(90, 230) for _ in range(3)]
    lower = Image.new("RGB", size, tuple(each // 2 for each in wall))
    shade = Image.linear_gradient("L").resize(size)
    image = Image.composite(Image.new("RGB", size, tuple(wall)), lower, shade)
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y = chance.randrange(width), chance.randrange(height)
        box = (x, y, x + chance.randrange(40, width // 2), y + chance.randrange(40, height // 2))
        color = tuple(chance.randrange(256) for _ in range(3))
        (draw.rectangle if chance.random() < 0.6 else draw.ellipse)(box, fill=color)
    return image


def door(seed: int, size: tuple[int, int] = (1200, 1600)) -> Image.Image:
    """A plain door in a plain wall, with nothing on it but a knob."""
    chance, (width, height) = random.Random(seed), size
    wall = chance.randrange(150, 235)
    image = Image.new("RGB", size, (wall, wall, wall - 8))
    draw = ImageDraw.Draw(image)
    left, right = chance.randrange(80, 300), width - chance.randrange(80, 300)
    leaf = chance.randrange(60, 250)
    box = (left, chance.randrange(50, 250), right, height - chance.randrange(40, 200))
    draw.rectangle(box, fill=(leaf, leaf, leaf - 5))
    knob = left + 60 if chance.random() < 0.5 else right - 60
    draw.ellipse((knob - 15, height // 2 - 15, knob + 15, height // 2 + 15), fill=(180, 150, 60))
    return Image.blend(image, Image.effect_noise(size, 20).convert("RGB"), 0.04)


def form(seed: int) -> Image.Image:
    """The same printed form, filled and signed each time anew, photographed on a table."""
    chance = random.Random(seed)
    sheet = Image.new("RGB", (1240, 1754), (248, 247, 243))
    draw, small = ImageDraw.Draw(sheet), ImageFont.load_default(34)
    draw.text((360, 60), "MANUAL POS FORM", font=ImageFont.load_default(60), fill=(20, 20, 20))
    for row in range(24):
        y = 180 + row * 60
        name = ("Work order", "Customer", "Street", "Shift", "Product", "Technician")[row % 6]
        draw.line((80, y + 44, 1160, y + 44), fill=(60, 60, 60), width=2)
        draw.text((90, y), name, font=small, fill=(30, 30, 30))
        filled = "".join(chance.choice("abcdefghijklmnopqrst 0123456789") for _ in range(22))
        draw.text((500, y), filled[: chance.randrange(5, 22)], font=small, fill=(30, 40, 140))
    pen = [(500 + step * 20, 1640 + chance.randrange(-30, 30)) for step in range(20)]
    draw.line(pen, fill=(20, 30, 120), width=5)
    table = Image.new("RGB", (1500, 2000), (chance.randrange(60, 140),) * 3)
    table.paste(sheet, (130 + chance.randrange(-12, 13), 120 + chance.randrange(-12, 13)))
    tilt = chance.uniform(-1.5, 1.5)
    return table.rotate(tilt, Image.Resampling.BILINEAR, fillcolor=(90, 90, 90))
