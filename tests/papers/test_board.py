"""The picture of a day: what it holds, that it can be read, that it stays bounded."""

import io
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops

from bot.overview import Day, Visit
from bot.papers.board import MOST_ROWS, WIDE, draw_board
from flows.facts import HOUR, Instant

ZONE = ZoneInfo("America/New_York")


def at(hour: int, minute: int = 0) -> Instant:
    return round(datetime(2026, 11, 23, hour, minute, tzinfo=ZONE).timestamp() * 1000)


VISIT = Visit(
    1, "apollo", "A", "Tina Abernathy", "Maria García", at(8), at(11), at(9), False, None, None, "ahead", "ETA"
)  # fmt: skip


NINE = at(9)


def drawn(*visits: Visit, now: Instant = NINE) -> Image.Image:
    png = draw_board(Day("2026-11-23", ZONE.key, visits, at(22)), now)
    return Image.open(io.BytesIO(png)).convert("RGB")


def has(image: Image.Image, colour: tuple[int, int, int]) -> bool:
    """Whether a good part of the picture has nearly this colour."""
    apart = ImageChops.difference(image, Image.new("RGB", image.size, colour)).convert("L")
    return sum(apart.histogram()[:8]) > 3000


def test_it_is_as_wide_as_a_phone_and_as_long_as_its_rows() -> None:
    one = drawn(VISIT)
    beside = drawn(VISIT, replace(VISIT, letter="B", start=at(11), end=at(14)))
    over = drawn(VISIT, replace(VISIT, letter="B"))

    assert (WIDE, one.height) == (one.width, beside.height)
    assert over.height > one.height


def test_late_is_red_and_reported_is_green() -> None:
    red, green = (213, 94, 0), (0, 158, 115)
    late, done = drawn(replace(VISIT, look="late")), drawn(replace(VISIT, look="done"))

    assert (True, False) == (has(late, red), has(late, green))
    assert (False, True) == (has(done, red), has(done, green))


def test_names_and_hours_of_any_kind_are_drawn() -> None:
    odd = replace(VISIT, technician="Ω 名前 🙂", customer="", where="x" * 300, end=at(23))
    midnight = replace(VISIT, start=at(20), end=at(20) + 6 * HOUR, came=at(21), look="working")
    plain = replace(VISIT, technician="", letter="")

    for visit in (odd, midnight, plain):
        assert WIDE == drawn(visit, now=at(0)).width


def test_many_technicians_make_a_bounded_picture_and_the_late_one_is_in_it() -> None:
    crowd = [replace(VISIT, technician=f"Tech {n:03d}") for n in range(200)]
    image = drawn(*crowd, replace(VISIT, technician="Zoe Last", look="late"))

    assert has(image, (213, 94, 0))
    assert image.height < 110 * MOST_ROWS


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2027, 3, 14), date(2026, 11, 23)])
def test_p6_a_window_lies_at_its_hour_on_the_day_the_clocks_change(day: date) -> None:
    """Eight to eleven at the customer is a quarter of the day from eight to eight."""
    opens, ends = (
        round(datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).timestamp() * 1000)
        for hour in (8, 11)
    )
    late = replace(VISIT, start=opens, end=ends, due=opens, look="late")
    png = draw_board(Day(day.isoformat(), ZONE.key, (late,), ends + 9 * HOUR), opens)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    row = [image.getpixel((x, 230)) == (213, 94, 0) for x in range(WIDE)]

    assert (242, 434) == (row.index(True), WIDE - 1 - row[::-1].index(True))
