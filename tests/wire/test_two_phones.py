"""One person with a chat and a number, on both wires of a served bot: what one phone cannot get
comes to the other, can be answered there, and nothing comes twice."""

import re
from pathlib import Path
from typing import Any

import pytest

from storage import people
from storage.db import Store, Tx
from tests.carriers.judges import judge_botapi, judge_twilio
from tests.wire.running import MANIFEST, PEOPLE, Running, hears, more, said, until

pytestmark = pytest.mark.slow


class Both:
    """Tina's chat and number, Dana's number, and the served bot between them."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.chat: Any = None
        self.number: Any = None
        self.dana: Any = None

    async def set_up(self) -> None:
        """Tina agreed to both and uses the chat; it is asked whether her ETA is sent."""
        running = self.running
        (running.folder / "people.csv").write_text(PEOPLE)
        (running.folder / "manifest.csv").write_text(MANIFEST)
        await running.command("people", "import", "people.csv")
        await running.command("manifest", "import", "manifest.csv")
        self.chat = running.telegram.user("Tina Abernathy")
        self.number = running.twilio.phone("+12125550101")
        self.dana = running.twilio.phone("+12125550110")
        Store(running.env["DATABASE_URL"]).transact(self._agreed)
        await running.start()
        self.chat.starts()
        await more(self.chat, 0)
        await running.forward("07:00")
        await hears(self.chat, "12 Elm St")
        await self.types(self.chat, "A 9:00 B 1130")
        await running.forward("08:00")
        await hears(self.chat, "1/11")

    def _agreed(self, tx: Tx) -> None:
        for name, channel, address in (
            ("Tina Abernathy", "sms", self.number.number),
            ("Tina Abernathy", "telegram", str(self.chat.id)),
            ("Dana Cole", "sms", self.dana.number),
        ):
            (person,) = people.find(tx, name)
            people.bind(tx, person["id"], channel, address, 1, "agreed")
            people.change(tx, person["id"], channel=channel, address=address)

    async def types(self, phone: Any, words: str) -> None:
        """Say it and wait for what follows on either phone."""
        seen = len(self.chat.inbox) + len(self.number.inbox)
        phone.says(words)
        await self._more(seen)

    async def presses(self, label: str) -> None:
        """Press the newest button of that word, and wait for what follows on either phone."""
        seen = len(self.chat.inbox) + len(self.number.inbox)
        shown = [b for m in self.chat.inbox for row in m.buttons for b in row if label in b.text]
        self.chat.presses(shown[-1].text)
        await self._more(seen)

    async def _more(self, seen: int) -> None:
        both = _Together(self.chat, self.number)
        await more(both, seen)

    def statuses(self) -> list[str]:
        """What became of the texts to Tina."""
        to_her = [m for m in self.running.twilio.messages if m.to == self.number.number]
        return [m.status for m in to_her]

    def waits(self) -> bool:
        """Whether a text waits for its next try: the server has heard what became of the first."""
        with Store(self.running.env["DATABASE_URL"]).reading() as tx:
            return bool(
                tx.all("SELECT id FROM outbox WHERE channel = 'sms' AND status = 'pending'")
            )

    def steps(self) -> list[str]:
        """Which steps' prompts came, to either phone; the first is reminded of."""
        shown = [text for phone in (self.chat, self.number) for text in said(phone)]
        return sorted(n for text in shown for n in re.findall(r"(\d+)/11", text) if n != "1")


class _Together:
    def __init__(self, *phones: Any) -> None:
        self._phones = phones

    @property
    def inbox(self) -> list[Any]:
        return [message for phone in self._phones for message in phone.inbox]


async def chat_fails(it: Both) -> None:
    """Refused, used again, down: what it cannot get comes by text."""
    # Telegram refuses: the answer to a press comes by text, and is answered there.
    it.running.telegram.faults.add("sendMessage", target=it.chat.id, status=403)
    chats, texts = len(said(it.chat)), len(said(it.number))
    await it.presses("ETA sent")
    assert "2/11" in said(it.number)[texts]
    await hears(it.dana, "Telegram does not reach Tina Abernathy: I write by SMS")
    await it.running.forward("08:55")
    await it.types(it.number, "1")
    assert "3/11" in said(it.number)[-1]
    assert chats == len(said(it.chat)), "nothing more in the chat"

    # Used again, the chat is written to, from where the texts got to.
    texts = len(said(it.number))
    await it.types(it.chat, "1")
    assert "4/11" in said(it.chat)[-1]
    assert texts == len(said(it.number)), "nothing more by text"

    # Telegram is down: after ten minutes what waited comes by text, and not in the chat too.
    fault = it.running.telegram.faults.add("sendMessage", times=None, status=502)
    it.chat.says("1")
    await until(lambda: fault.fired)
    await it.running.forward("09:03")
    assert texts == len(said(it.number))
    await it.running.forward("09:12")
    await hears(it.number, "5/11", texts)
    it.running.telegram.faults.clear(fault)
    await it.types(it.number, "1")
    assert "6/11" in said(it.number)[-1]


async def number_fails(it: Both) -> None:
    """Unreachable, unknown, opted out: what it cannot get comes by chat, and then to the manager."""
    # 30003, off or out of coverage: once more after five minutes, then by the chat.
    it.number.behaves("sent", ("undelivered", 30003))
    chats, texts = len(said(it.chat)), len(said(it.number))
    it.number.says("1")
    await until(lambda: "undelivered" in it.statuses() and it.waits())
    assert chats == len(said(it.chat))
    await it.running.forward("09:20")
    await hears(it.chat, "7/11", chats)
    assert 2 == it.statuses().count("undelivered")
    await hears(it.dana, "SMS does not reach Tina Abernathy: I write by Telegram")

    # 30005, unknown to the carrier: at once.
    it.number.behaves("sent", ("undelivered", 30005))
    chats = len(said(it.chat))
    it.number.says("1")
    await hears(it.chat, "8/11", chats)

    # 21610, opted out where no webhook told of it.
    it.number.behaves()
    it.running.twilio.account.blocked.add((it.number.number, it.number.writes_to))
    chats = len(said(it.chat))
    it.number.says("1")
    await hears(it.chat, "9/11", chats)
    await hears(it.dana, "OPTED OUT of texts: Tina Abernathy. I write by Telegram")
    assert texts == len(said(it.number)), "nothing more by text"

    # Neither phone: the manager is asked to call.
    it.running.telegram.faults.add("sendMessage", target=it.chat.id, status=403)
    it.chat.says("where")
    await hears(it.dana, "UNREACHABLE Tina Abernathy")


async def test_what_one_phone_cannot_get_comes_to_the_other_and_is_answered_there(
    tmp_path: Path,
) -> None:
    async with Running(tmp_path).carriers() as running:
        judges = judge_botapi(running.telegram), judge_twilio(running.twilio)
        it = Both(running)
        await it.set_up()

        await chat_fails(it)
        await number_fails(it)

        assert [str(step) for step in range(2, 10)] == it.steps()
        for judge in judges:
            judge.assert_clean()
        assert "Traceback" not in running.log()
