"""Program mila as a process: `serve` over the Bot API wire and over signed Twilio webhooks."""

from pathlib import Path

import pytest

from bot.rehearsal.pictures import sample
from tests.carriers.judges import judge_botapi, judge_twilio
from tests.wire.running import Running, hears

pytestmark = pytest.mark.slow

PEOPLE = """name,role,phone,email,dm,program,timezone
Mia Turner,technician,+447400123456,mia@example.org,Dana Cole,mila,Europe/London
Mo Ali,technician,+447400123457,mo@example.org,Dana Cole,mila,Europe/London
"""
MANIFEST = """Order,Customer,Address,City,Post Code,Technician,Date,Schedule Notes,Program
M-9,Harriet Cole,12 High St,Leeds,LS1 4AB,Mia Turner,23/11/2026,14:00-15:00 wall mount,mila
"""


async def test_m02_to_m15_on_both_wires(tmp_path: Path) -> None:
    async with Running(tmp_path).carriers() as running:
        judges = judge_botapi(running.telegram), judge_twilio(running.twilio)
        running.env["MILA_PROOF_EMAIL"] = "proof@mila.example"
        await running.set_up()
        (running.folder / "people.csv").write_text(PEOPLE)
        (running.folder / "mila.csv").write_text(MANIFEST)
        await running.command("people", "import", "people.csv")
        await running.start()
        mia = await running.join("Mia Turner", channel="telegram")
        mo = await running.join("Mo Ali", channel="sms")
        await hears(mia, "Doorstep")
        await hears(mo, "STOP")

        await running.command("manifest", "import", "mila.csv")
        assert "wait_app" == (await running.job("M-9"))["state"]
        mo.says("new 8841 today 16:00 4 Mill Ln, York")
        await hears(mo, "1/5 8841")
        mo.says("1")
        await hears(mo, "2/5 8841")
        mo.says("who do I call?")
        await hears(mo, "020 3808 4619")
        mo.says("1")
        await hears(mo, "3/5")

        await running.forward("11:00")
        await hears(mia, "in the Amazon app by now")
        mia.says("1")
        await hears(mia, "update its status")
        mia.says("1")
        await hears(mia, "sign in the Amazon app")
        mia.says("1")
        await hears(mia, "Close the service")
        mia.says("issue")
        await hears(mia, "What is wrong")
        mia.says("3")
        await hears(mia, "proof of appointment")
        mia.says("5")
        await hears(mia, "photo of the signed proof")
        mia.sends_photo(sample("form"))
        await hears(mia, "You are done here")
        await running.forward("11:20")

        job = await running.job("M-9")
        assert ("reported", ["form"]) == (job["state"], [each["kind"] for each in job["photos"]])
        assert ["proof@mila.example"] == [mail["to"] for mail in job["mails"]] or [
            ["proof@mila.example"]
        ] == [mail["to"] for mail in job["mails"]]
        assert [] == running.telegram.violations + running.twilio.violations
        for judged in judges:
            judged.assert_clean()
        assert 0 == await running.stop()
        assert "Traceback" not in running.log()
