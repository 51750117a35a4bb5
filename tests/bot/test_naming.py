"""What a sentence may name: cut for a text message, whole in a chat, in the job's own time zone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.speech.gsm import fits
from bot.speech.naming import (
    JOB_VALUES,
    PERSON_VALUES,
    clock,
    cut,
    day_words,
    job_values,
    mark_value,
    person_values,
    shortened,
    told_words,
    window_words,
)
from flows.facts import HOUR, MINUTE
from tests.bot.samples import CONTACTS, ELEVEN, JOB, MANAGER, MARKS, NINE, NOW, TECHNICIAN

NESTED = {"where", "reason", "which", "wish", "amount", "decision"}
"""These are sentences; the wording puts them in."""


def named(
    *, sms: bool = True, marks: Mapping[str, int] | None = None, **changed: Any
) -> dict[str, str]:
    return job_values(
        JOB | changed,
        TECHNICIAN,
        MANAGER,
        CONTACTS,
        MARKS if marks is None else marks,
        NOW,
        sms=sms,
    )


@pytest.mark.parametrize("sms", [True, False])
def test_every_value_that_is_promised_is_there(sms: bool) -> None:
    assert set() == JOB_VALUES - NESTED - set(named(sms=sms))
    assert set() == PERSON_VALUES - set(person_values(TECHNICIAN, MANAGER, CONTACTS, sms=sms))


def test_a_mark_gives_its_time_under_its_steps_name() -> None:
    values = named()

    assert "11:11" == values["door_photo_time"]
    assert "11:13" == values["no_show_told_time"]
    assert "11:14" == values["late_told_time"]
    assert "arrive_time" == mark_value("arrive")


def test_a_text_message_has_names_cut_and_the_order_whole() -> None:
    values = named()

    assert "C. Montgomery-He" == values["customer"]
    assert "12345 Martin Luther King" == values["street"]
    assert "T. Abernathy-Okonkwo" == values["technician"]
    assert JOB["number"] == values["order"]
    assert "Bartholomews" == values["dm"]


def test_a_chat_has_names_whole_and_an_address_to_tap() -> None:
    values = named(sms=False)

    assert JOB["customer"] == values["customer"]
    assert f"{JOB['street']}, West Palm Beach, FL 33401" == values["address"]
    assert values["map"].startswith("https://maps.google.com/?q=12345+Martin")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ann Lee", "Ann Lee"),
        ("José García", "José Garcia"),
        ("Maria del Carmen Ortega Villalobos", "M. Villalobos"),
        ("Wolfeschlegelsteinhausenbergerdorff", "Wolfeschlegelste"),
        ("  Ann   Lee ", "Ann Lee"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_last_name(name: str, short: str) -> None:
    assert short == shortened(name, 16)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("12 Elm St", "12 Elm St"),
        ("12345 Martin Luther King Jr Blvd", "12345 Martin Luther King"),
        ("1 Llanfairpwllgwyngyllgogery Street", "1 Llanfairpwllgwyngyllgo"),
        ("500 North Ocean Boulevard, Apt 4B", "500 North Ocean"),
    ],
)
def test_a_street_is_cut_at_a_word(text: str, short: str) -> None:
    assert short == cut(text, 24)


@pytest.mark.parametrize(
    ("zone", "sms", "chat"),
    [
        ("America/New_York", "9:00", "9:00 AM"),
        ("America/Los_Angeles", "6:00", "6:00 AM"),
        ("Asia/Kathmandu", "7:45", "7:45 PM"),
        ("Europe/London", "14:00", "14:00"),
    ],
)
def test_a_time_is_the_wall_clocks_at_the_job(zone: str, sms: str, chat: str) -> None:
    assert sms == clock(NINE, zone, sms=True)
    assert chat == clock(NINE, zone, sms=False)


def test_a_time_is_right_on_the_night_that_the_clocks_go_back() -> None:
    half_past_five = int(datetime(2026, 11, 1, 5, 30, tzinfo=UTC).timestamp()) * 1000

    assert "1:30 AM" == clock(half_past_five, "America/New_York", sms=False)
    assert "1:30 AM" == clock(half_past_five + HOUR, "America/New_York", sms=False)
    assert "2:30 AM" == clock(half_past_five + 2 * HOUR, "America/New_York", sms=False)


def test_midnight_and_noon_are_twelve() -> None:
    assert "12:00 PM" == clock(NINE + 3 * HOUR, "America/New_York", sms=False)
    assert "12:05 AM" == clock(NINE + 15 * HOUR + 5 * MINUTE, "America/New_York", sms=False)


def test_a03_a_window_is_short_on_a_phone_and_plain_in_a_chat() -> None:
    start, end = JOB["window_start"], JOB["window_end"]

    assert "11:00-2:00" == window_words(start, end, JOB["timezone"], sms=True)
    assert "11 AM – 2 PM" == window_words(start, end, JOB["timezone"], sms=False)


def test_a_day_is_named() -> None:
    assert "Mon Nov 23" == day_words("2026-11-23")


def test_a_job_without_a_plan_is_planned_for_the_windows_start() -> None:
    values = named(planned_arrival=None)

    assert "11:00" == values["planned"]
    assert "10:00" == values["eta_time"]


def test_a42_the_thirty_minutes_run_from_the_photo_or_from_the_window() -> None:
    early = {"no_show.door_photo": ELEVEN - 20 * MINUTE}

    assert "11:41" == named()["thirty_end"]
    assert "11:30" == named(marks=early)["thirty_end"]


@pytest.mark.parametrize(
    ("marks", "came", "left"),
    [
        ({"ivr_in": ELEVEN, "arrive": ELEVEN - MINUTE, "ivr_out": ELEVEN + HOUR}, "11:00", "12:00"),
        ({"arrive": ELEVEN - MINUTE}, "10:59", "11:44"),
        (
            {"no_show.opened": ELEVEN, "done": ELEVEN + 30 * MINUTE, "unfinished": 1},
            "11:00",
            "11:30",
        ),
        ({"arrive": ELEVEN, "done": ELEVEN + 20 * MINUTE}, "11:00", "11:44"),
        ({}, "11:44", "11:44"),
    ],
)
def test_a44_mars_gets_the_best_known_times(marks: dict[str, int], came: str, left: str) -> None:
    values = named(marks=marks)

    assert (came, left) == (values["in_time"], values["out_time"])


def test_the_case_is_the_branch_that_was_opened_last() -> None:
    opened = {"damaged.opened": ELEVEN, "more_work.opened": ELEVEN + HOUR}

    assert "damaged" == named(marks=opened)["case"]
    assert "other" == named(marks=opened | {"other.opened": ELEVEN + MINUTE})["case"]
    assert "" == named(marks={"done": ELEVEN})["case"]


def test_what_was_chosen_is_that_of_the_case() -> None:
    marks = {
        "damaged.opened": ELEVEN, "damaged.most_built": ELEVEN,
        "missing_parts.opened": ELEVEN + MINUTE, "missing_parts.box_it": ELEVEN + MINUTE,
    }  # fmt: skip
    values = named(marks=marks)

    assert ("box_it", "") == (values["said_wish"], values["said_amount"])


def test_what_was_typed_is_that_of_the_branch() -> None:
    words = {
        "damaged.what": "side panel", "missing_parts.what": "4 dowels",
        "missing_parts.customer_wish": "into the garage", "more_work.price": "$45, 1.5 units",
    }  # fmt: skip

    assert told_words(words, {}, "missing_parts") == {
        "text": "4 dowels", "price": "", "wish": "into the garage",
    }  # fmt: skip
    assert "" == told_words(words, {"missing_parts.box_it": ELEVEN}, "missing_parts")["wish"]
    assert "$45, 1.5 units" == told_words(words, {}, "more_work")["price"]
    assert "" == told_words(words, {}, "apollo")["text"]


def test_nobody_known_is_no_error() -> None:
    values = job_values(JOB, None, None, CONTACTS, {}, NOW, sms=True)

    assert "" == values["dm"] == values["technician"] == values["dm_phone"]


def test_the_cut_values_are_for_one_segment() -> None:
    values = named(customer="Иван Ðorđević-Łukaszewicz", street="№12 “Elm” Street")

    assert fits(values["customer"] + values["street"])
    assert 'No12 "Elm" Street' == values["street"]
