"""Phones and dates as people of a country write them, in what comes in and in what goes out."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.desk.finding import digits_of
from bot.sheets.cells import Phone, read_phone, read_phone_of
from bot.sheets.people_file import PersonRow, read_people
from bot.speech.phones import phone_forms, phone_words
from flows.book import PROGRAMS
from tests.stage import Stage

UK, US = "Europe/London", "America/New_York"


@pytest.mark.parametrize(
    ("typed", "region", "e164"),
    [
        ("07400 123456", "GB", "+447400123456"),
        ("07700 900123", "GB", "+447700900123"),
        ("+44 (0)7700 900123", "GB", "+447700900123"),
        ("+44 (0)7700 900123", "US", "+447700900123"),
        ("0044 7400-123-456", "GB", "+447400123456"),
        ("(0113) 496 0141", "GB", "+441134960141"),
        ("020 3808 4619", "GB", "+442038084619"),
        ("tel: 07400 123 456", "GB", "+447400123456"),
        ("(212) 555-0101", "US", "+12125550101"),
        ("1-212-555-0101", "US", "+12125550101"),
        ("212.555.0101", "US", "+12125550101"),
    ],
)
def test_a_phone_is_read_as_people_there_write_it(typed: str, region: str, e164: str) -> None:
    read = read_phone(typed, region)

    assert isinstance(read, Phone), read
    assert e164 == read.e164


@pytest.mark.parametrize(
    ("typed", "e164"),
    [("07400 123456", "+447400123456"), ("212 555 0101", "+12125550101"), ("7400123456", None),
     ("0800", None)],
)  # fmt: skip
def test_a_number_of_another_country_needs_its_zero(typed: str, e164: str | None) -> None:
    read = read_phone_of(typed, ["US", "GB"])

    assert e164 == (read.e164 if isinstance(read, Phone) else None)


@pytest.mark.parametrize(
    ("number", "zone", "written"),
    [
        ("+447400123456", UK, "07400 123456"),
        ("+442038084619", UK, "020 3808 4619"),
        ("+447400123456", US, "+44 7400 123456"),
        ("+12125550101", US, "212-555-0101"),
        ("+12125550101", "America/Los_Angeles", "212-555-0101"),
        ("+12125550101", UK, "+1 212-555-0101"),
        ("", UK, ""),
        ("no number", UK, "no number"),
    ],
)
def test_a_phone_is_written_as_its_reader_writes_it(number: str, zone: str, written: str) -> None:
    assert written == phone_words(number, zone)


def test_every_form_that_a_text_has_is_known_to_whoever_must_forget_it() -> None:
    assert {"07400 123456", "+44 7400 123456"} == set(phone_forms("+447400123456"))
    assert [] == phone_forms("")


def people_of(rows: str) -> dict[str, PersonRow]:
    read = read_people(
        f"name,role,phone,timezone,program\n{rows}".encode(),
        "people.csv",
        default_zone=ZoneInfo(US),
        default_region="US",
        regions={name: each.region for name, each in PROGRAMS.items()},
        zones={name: each.zone for name, each in PROGRAMS.items() if each.one_zone},
    )
    assert [] == read.problems
    return {row.name: row for row in read.rows}


def test_people_are_read_by_the_country_that_they_work_in() -> None:
    found = people_of(
        "Mia,technician,07700 900123,,mila\n"
        "Mara,manager,+44 (0)7700 900124,,\n"
        "Nell,manager,07700 900125,,\n"
        "Una,manager,0113 496 0142,Europe/London,\n"
        "Dana,manager,(212) 555-0101,,\n"
        "Tina,technician,212-555-0102,,apollo\n"
    )

    assert {
        "Mia": ("+447700900123", UK), "Mara": ("+447700900124", UK),
        "Nell": ("+447700900125", UK), "Una": ("+441134960142", UK),
        "Dana": ("+12125550101", US), "Tina": ("+12125550102", US),
    } == {name: (row.phone, row.timezone) for name, row in found.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("07400 123456", "7400123456"), ("+44 (0)7400 123456", "7400123456"), ("07400 12", "740012"),
     ("212-555-0101", "2125550101"), ("12 High St", ""), ("07", "")],
)  # fmt: skip
def test_the_desk_finds_a_phone_as_it_is_typed(typed: str, digits: str) -> None:
    assert digits == digits_of(typed)


@pytest.mark.parametrize("channel", ["telegram", "sms"])
def test_what_goes_out_is_written_as_people_there_write_it(channel: str, tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel, zone=UK, program="mila").british()
    stage.is_set("mia", "phone", "+447400123456")
    stage.is_set("dana", "phone", "+447400123457")
    stage.says("mia", "NEW 8841 14/5 14:00 12 High St, Leeds")
    stage.says("mia", "NEW 8842 today 16:00 3 Low Rd, Leeds")
    stage.says("mia", "NUMBERS")
    stage.says("mia", "OUT")

    heard = "\n".join(text for _, text in stage.heard)
    assert "Fri 14 May" in heard
    assert "07400 123457" in heard  # her DM's
    assert "07400 123456" in heard  # hers, in the alert
    assert "+4474" not in "\n".join(text for _, text in stage.heard if "[contact" not in text)
