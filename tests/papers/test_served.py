"""FORM and CARD from the served product: a document over the wire, a link in a text."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.carriers.judges import judge_botapi, judge_twilio
from tests.papers.reading import Read
from tests.wire.running import Running, hears, until

pytestmark = pytest.mark.slow


def files(phone: Any) -> list[Any]:
    """The messages of a chat that are documents."""
    return [message for message in phone.inbox if message.document is not None]


async def test_form_and_card_arrive_behind_their_words(tmp_path: Path) -> None:
    async with Running(tmp_path, clock="2026-11-23T08:10-05:00").carriers() as running:
        judged = judge_botapi(running.telegram)
        await running.set_up()
        await running.start()
        tina = await running.join("Tina Abernathy", channel="telegram")
        await hears(tina, "Doorstep")
        await running.command("manifest", "import", "manifest.csv")

        tina.says("/form")
        form = (await until(lambda: files(tina)))[0]
        tina.says("/card")
        card = (await until(lambda: files(tina)[1:]))[0]

        assert ("manual-pos-114-7.pdf", "wallet-card.pdf") == (form.filename, card.filename)
        assert "Carla Montgomery" in Read(form.document).text
        assert "855-836-3483" in Read(card.document).text
        place = tina.inbox.index(form)
        assert "follows as a PDF" in tina.inbox[place - 1].text
        assert [] == running.telegram.violations
        judged.assert_clean()
        assert "Traceback" not in running.log()
        assert "Carla" not in running.log()


async def test_a_texted_link_opens_the_form_and_outlives_a_restart(tmp_path: Path) -> None:
    async with Running(tmp_path, clock="2026-11-23T08:10-05:00").carriers() as running:
        judged = judge_twilio(running.twilio)
        await running.set_up()
        await running.start()
        tina = await running.join("Tina Abernathy", channel="sms")
        await hears(tina, "Doorstep")
        await running.command("manifest", "import", "manifest.csv")

        tina.says("form")
        said = await hears(tina, "/f/")
        await running.stop()
        await running.start()

        found = re.search(r"http\S+/f/[a-z2-7]+", said)
        assert found is not None
        async with httpx.AsyncClient() as client:
            opened = await client.get(found[0])
            guessed = await client.get(f"{running.url}/f/{'a' * 32}")
            nowhere = await client.get(f"{running.url}/nowhere")
        assert "Carla Montgomery" in Read(opened.content).text
        assert (404, nowhere.content) == (guessed.status_code, guessed.content)
        assert [] == running.twilio.violations
        judged.assert_clean()
        assert "/f/" not in running.log(), "no link stands in a log"
