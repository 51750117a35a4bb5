"""The same product as a process: `serve` over the Bot API wire and over signed Twilio webhooks."""

import json
import re
from pathlib import Path

import pytest

from bot.rehearsal.pictures import sample
from tests.carriers.judges import judge_botapi, judge_twilio
from tests.carriers.rigs import picture
from tests.wire.running import Running, hears, more, said, until

pytestmark = pytest.mark.slow


def followed(log: str) -> set[str]:
    """Updates that one line tells of as done, and another as answered by a message that left."""
    done = re.findall(r" done outbox=\d[\d,]* \[(telegram/\d+)\]", log)
    return set(done) & set(re.findall(r"sent=telegram/\d+ \[(telegram/\d+)\]", log))


async def test_a_day_on_telegram_to_reported(tmp_path: Path) -> None:
    async with Running(tmp_path).carriers() as running:
        judged = judge_botapi(running.telegram)
        await running.set_up()
        await running.start()
        tina = await running.join("Tina Abernathy", channel="telegram")
        await hears(tina, "Doorstep")
        await running.command("manifest", "import", "manifest.csv")
        await running.forward("07:00")
        await hears(tina, "12 Elm St")
        tina.says("A 9:00 B 1130")
        await hears(tina, "9:00")
        await running.forward("08:00")
        await hears(tina, "ETA")

        for forward in (
            "ETA sent",
            "At the door",
            "Started",
            "Signed in",
            "built",
            "Complete Job",
            "Signed and",
        ):
            seen = len(tina.inbox)
            pressed = tina.presses(next(b for b in _buttons(tina) if forward.lower() in b.lower()))
            await more(tina, seen)
            assert pressed.answered
            if forward == "ETA sent":
                await running.forward("08:55")
        seen = len(tina.inbox)
        tina.sends_photo(picture())
        await hears(tina, "jobs to complete", seen)
        for forward in ("Gone", "Signed out"):
            seen = len(tina.inbox)
            tina.presses(next(b for b in _buttons(tina) if forward.lower() in b.lower()))
            await more(tina, seen)
        tina.says("1")
        await hears(tina, "Ben Okafor", seen)

        job = await running.job("114-7")
        assert "reported" == job["state"]
        assert ["selfie"] == [photo["kind"] for photo in job["photos"]]
        assert [] == running.telegram.violations
        judged.assert_clean()
        shown = await running.shown()
        assert 0 == await running.stop()
        assert "Traceback" not in running.log()
        assert [] == running.leaks(shown)
        assert followed(running.log())


def _buttons(phone: object) -> list[str]:
    shown = [m for m in phone.messages if m.from_bot and m.buttons]  # type: ignore[attr-defined]
    return [button.text for row in shown[-1].buttons for button in row]


async def test_a_no_show_on_sms_to_left_open(tmp_path: Path) -> None:
    async with Running(tmp_path).carriers() as running:
        running.env["LOG_FORMAT"] = "json"
        judged = judge_twilio(running.twilio)
        await running.set_up()
        await running.start()
        tina = await running.join("Tina Abernathy", channel="sms")
        dana = await running.join("Dana Cole", channel="sms")
        await hears(tina, "STOP")
        await running.command("manifest", "import", "manifest.csv")
        await running.forward("07:00")
        await hears(tina, "12 Elm St")
        tina.says("1")
        await hears(tina, "8:00")
        await running.forward("07:01")
        tina.says("where")
        await hears(tina, "1/11")
        tina.says("1")
        await hears(tina, "2/11")
        await running.forward("08:05")
        tina.says("2")
        await hears(tina, "2 Nobody home")
        tina.says("2.")
        await hears(tina, "[Pp]hoto of the door")
        tina.sends_photo(sample("door"))
        await hears(tina, "855-836-3483")
        await hears(dana, "NO-SHOW")
        dana.says("1a")
        tina.says("1 called")
        await hears(tina, "[Ww]ait until 8:35")
        await running.forward("08:36")
        await hears(tina, "11/11 Report in Mars")
        tina.says("1")
        await hears(tina, "Ben Okafor", len(said(tina)) - 1)

        job = await running.job("114-7")
        assert "left_open" == job["state"]
        assert [("1.2", "failed_visit", "owed")] == [
            (f["units"], f["reason"], f["status"]) for f in job["fees"]
        ]
        assert ["door"] == [photo["kind"] for photo in job["photos"]]
        assert ["sent", "sent"] == [mail["status"] for mail in job["mails"]]
        first = running.mail.mails[0]
        assert "114-7" in first.subject
        assert "amazon@apolloretail.com" in first.to
        assert 1 == len(first.attachments)
        assert [] == running.twilio.violations
        judged.assert_clean()
        assert 0 == await running.stop()
        assert "Traceback" not in running.log()
        assert [] == running.leaks()
        lines = [json.loads(line) for line in running.log().splitlines()]
        done = {line["cause"] for line in lines if line.get("status") == "done"}
        assert done & {line["cause"] for line in lines if "sent" in line and "cause" in line}


async def test_the_texts_come_by_polling_where_there_is_no_public_address(tmp_path: Path) -> None:
    async with Running(tmp_path, twilio_mode="polling").carriers() as running:
        running.env["PUBLIC_URL"] = ""
        await running.set_up()
        await running.start()
        tina = await running.join("Tina Abernathy", channel="sms")
        await until(lambda: said(tina), 20)

        tina.says("menu")

        await until(lambda: any("TODAY" in text for text in said(tina)), 20)
        assert [] == running.twilio.violations
