"""Whole conversations with a keypad, over the wire, with webhooks and without a public address."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest

from storage import people
from tests.wire.phones import Line, line


async def no_show(made: Line, jpeg: bytes) -> None:
    """Nobody is home, played by somebody who mistypes."""
    tina = made.phone("tina")
    dana, carl = made.phone("dana", busy=True), made.phone("carl", busy=True)
    await made.forward("06:41")
    tina.hears("Good morning", "A 8:00-11:00", "B 11:00-2:00")
    await tina.says(" 1. ")
    tina.hears("Planned: A 8:00")
    await made.forward("06:46")
    tina.hears("A 1/11", "1 Sent 2 Problem")
    await tina.says("SENT!!")
    tina.hears("2/11", "1 At the door")
    await made.forward("08:05")
    await tina.says("porblem")
    tina.hears("What is wrong", "2 Nobody home")
    await tina.says("nobdy home")
    tina.hears("photo of the door")
    await tina.sends_photo(jpeg)
    tina.hears("customer service", "1 They know")
    told = dana.hears("NO-SHOW since 8:05")
    carl.hears("NO-SHOW")
    await tina.says("CALLED THEM")
    tina.hears("Wait until 8:3")
    number = re.match(r"\d+", told)
    assert number
    await dana.says(f"{number[0]}A")
    dana.hears(f"{number[0]} is yours")
    await made.forward("08:37")
    dana.hears("NO-SHOW OVER")
    tina.hears("you may leave", "Report in Mars", "NO-SHOW, door photo 8:05")
    await tina.says("Entered.")
    tina.hears("You are done with A. Next B")
    assert made.stage.state("114-7") == "left_open"


@pytest.mark.parametrize("mode", ["webhook", "polling"])
async def test_a_no_show_by_sms(tmp_path: Path, jpeg: bytes, mode: str) -> None:
    async with line(tmp_path, mode) as made:
        await no_show(made, jpeg)


async def test_the_same_no_show_while_the_carrier_misbehaves(tmp_path: Path, jpeg: bytes) -> None:
    """Callbacks early, twice and reversed; webhooks repeated; pictures late; nothing is doubled."""
    async with line(tmp_path) as made:
        carrier = made.twilio
        carrier.callbacks.copies = 2
        carrier.callbacks.reverse = carrier.callbacks.before_response = True

        def again(_: str, event: dict[str, Any]) -> None:
            if event["type"] == "sent":
                carrier.redeliver(carrier.account.messages[event["sid"]])

        carrier.listeners.append(again)
        await no_show(made, jpeg)


@pytest.mark.parametrize("mode", ["webhook", "polling"])
async def test_lost_answers_to_sends_double_nothing(tmp_path: Path, mode: str) -> None:
    async with line(tmp_path, mode) as made:
        made.twilio.faults.add("POST Messages.json", drop="after", times=1)
        tina = made.phone("tina")
        await made.forward("06:41")
        made.stage.clock.set(made.stage.clock.now() + 60_000)
        await made.settle()
        tina.hears("Good morning")
        await tina.says("1")
        tina.hears("Planned")


async def test_stop_and_start_on_the_wire(tmp_path: Path) -> None:
    async with line(tmp_path) as made:
        tina, dana = made.phone("tina"), made.phone("dana", busy=True)
        await made.forward("06:46")
        tina.hears("Good morning")
        tina.hears("1/11")
        await tina.says("Stop")
        tina.hears("unsubscribed")  # the carrier's own, and nothing of ours
        dana.hears("OPTED OUT")
        await tina.says("ok")
        await made.forward("07:05")
        dana.hears("SEND ETA")
        await tina.says("START")
        tina.hears("re-subscribed")
        tina.hears("1/11")
        dana.hears("gets texts again")


@pytest.mark.parametrize("mode", ["webhook", "polling"])
async def test_s9_a_toll_free_network_leaves_yes_alone_so_we_answer_and_it_undoes_no_stop(
    tmp_path: Path, mode: str
) -> None:
    async with line(tmp_path, mode) as made:
        tina, dana = made.phone("tina"), made.phone("dana", busy=True)
        await made.forward("06:46")
        tina.hears("Good morning")
        tina.hears("1/11")
        await tina.says("YES")
        tina.hears("I don't get that", "1/11", "1 Sent")
        await tina.says("STOP")
        tina.hears("unsubscribed")
        dana.hears("OPTED OUT")
        await tina.says("YES")
        assert "" == made.stage.row(lambda tx: people.find(tx, "Tina Abernathy")[0])["channel"]
        await tina.says("UNSTOP")
        tina.hears("re-subscribed")
        tina.hears("1/11")


async def unexpected(folder: Path) -> None:
    async with line(folder) as made:
        made.phone("tina")
        await made.forward("06:41")


async def test_a_text_that_nobody_expected_fails_the_test(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Good morning"):
        await unexpected(tmp_path)


async def broken(folder: Path) -> None:
    async with line(folder) as made:
        await made.settle()
        logging.getLogger("bot").error("something broke")


async def test_an_error_in_the_log_fails_the_test(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="something broke"):
        await broken(tmp_path)
