"""Papers over the Bot API: made when they are sent, for the person whose they are then."""

import io
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.channels.base import Outgoing, Refused
from bot.channels.telegram import Telegram
from bot.clock import to_datetime
from bot.rehearsal.carriers.botapi import BotApi
from bot.wires.printing import Printing
from storage import jobs
from tests.papers.conftest import Staged
from tests.papers.reading import Read
from tests.stage import Stage

TOKEN = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcA"


def left_in(folder: Path) -> list[Path]:
    """The papers that lie in a folder."""
    return list(folder.glob("*.pdf"))


class Wire:
    """Tina's stage, with her chat at a simulated Bot API."""

    def __init__(self, stage: Stage, channel: Telegram, phone: Any) -> None:
        self.stage, self.phone = stage, phone
        self.printing = Printing(channel, stage.store, stage.context)

    def message(self, payload: dict[str, Any]) -> Outgoing:
        """A row of the outbox to Tina's chat."""
        at = to_datetime(self.stage.clock.now())
        return Outgoing(1, str(self.phone.id), "reply", payload, at)

    def paper(self, paper: str, number: str = "", who: str = "tina") -> Outgoing:
        """A row that names a paper."""
        job = (
            self.stage.store.transact(lambda tx: jobs.of_order(tx, number)[0]["id"])
            if number
            else 0
        )
        document = {
            "paper": paper,
            "person": self.stage.people[who],
            "job": job,
            "name": f"{paper}.pdf",
        }
        return self.message({"text": "a paper", "document": document})


@pytest.fixture
async def wire(staged: Staged) -> AsyncIterator[Wire]:
    stage = staged("telegram")
    api = BotApi(TOKEN, "doorstep_bot", lambda: to_datetime(stage.clock.now()))
    async with api.running() as url:
        phone = api.user("Tina")
        phone.starts()
        channel = Telegram(TOKEN, url)
        try:
            yield Wire(stage, channel, phone)
        finally:
            await channel.close()


async def test_a_form_arrives_as_a_document_with_what_is_known_by_then(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    row = wire.paper("form", "114-7")
    wire.stage.store.transact(lambda tx: tx.run("UPDATE work_orders SET product = 'a bunk bed'"))

    sent = await wire.printing.send(row)

    message = wire.phone.inbox[-1]
    assert ("form.pdf", "a paper") == (message.filename, message.caption)
    assert str(message.message_id) == sent.provider_id
    assert "a bunk bed" in Read(message.document).text
    assert [] == left_in(tmp_path), "no copy is left lying"


@pytest.mark.parametrize(("paper", "pages"), [("pad", 4), ("card", 1)])
async def test_a_pad_and_a_card_arrive(wire: Wire, paper: str, pages: int) -> None:
    await wire.printing.send(wire.paper(paper))

    assert pages == len(Read(wire.phone.inbox[-1].document).pages)


async def test_a_managers_day_arrives_as_a_photo_with_its_words(wire: Wire) -> None:
    document = {
        "paper": "board", "person": wire.stage.people["dana"], "day": "2026-11-23",
        "name": "day-2026-11-23.png",
    }  # fmt: skip
    await wire.printing.send(wire.message({"text": "<b>Mon 11/23</b>", "document": document}))

    message = wire.phone.inbox[-1]
    assert ("Mon 11/23", 1080) == (message.caption, Image.open(io.BytesIO(message.photo)).width)


async def test_s3_a_form_of_somebody_elses_job_never_leaves(wire: Wire) -> None:
    before = len(wire.phone.inbox)

    with pytest.raises(Refused, match="no longer this person's"):
        await wire.printing.send(wire.paper("form", "115-1"))

    assert before == len(wire.phone.inbox)


async def test_an_ordinary_text_goes_through_untouched(wire: Wire) -> None:
    await wire.printing.send(wire.message({"text": "Hello"}))

    assert "Hello" == wire.phone.inbox[-1].text
    assert ("telegram", 25.0) == (wire.printing.name, wire.printing.patience)
    assert await wire.printing.find(wire.message({"text": "Hello"}), 0) is None
