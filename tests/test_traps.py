"""Every trap of SMS that docs/sms.md lists has the test that it names; some of them stand here."""

import re
from pathlib import Path

import httpx
import pytest

from bot.speech.gsm import segments
from bot.speech.wording import Message, Part, Wording
from bot.wires.receiving import Receiver
from bot.wires.web import TwilioHook, build_web
from tests.stage import Stage
from tests.wire.test_sms import FORM, sign
from tests.wire.world import AUTH, world

ROOT = Path(__file__).resolve().parents[1]
LISTED = re.findall(
    r"^\| (\d+) .*`(tests/\S+)::(\w+)` \|$", (ROOT / "docs/sms.md").read_text(), re.M
)
TWILIOS = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 29, 30, 31, 32, 35, 36, 37, 38, 39, 43, 44}
"""The numbers of the traps that texts can fall into."""


@pytest.mark.parametrize(("trap", "file", "name"), LISTED)
def test_a_listed_trap_has_its_test(trap: str, file: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.M)


def test_every_trap_is_listed() -> None:
    assert {int(trap) for trap, _, _ in LISTED} >= TWILIOS


@pytest.mark.parametrize("path", ["/twilio/inbound", "/twilio/status?row=1"])
async def test_trap_6_the_answer_to_a_webhook_is_an_empty_document(
    tmp_path: Path, path: str
) -> None:
    """Anything else that Twilio can read would be texted to the technician."""
    with world(tmp_path) as made:
        hook = TwilioHook(AUTH, "https://bot.example", made.door)
        app = build_web(made.writer, Receiver(made.writer, made.door, made.clock), twilio=hook)
        signed = {"X-Twilio-Signature": sign(f"https://bot.example{path}", FORM)}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://inner") as client:
            answers = [await client.post(path, data=FORM, headers=signed) for _ in range(2)]

    for answer in answers:
        assert answer.headers["Content-Type"].partition(";")[0] == "text/xml"
        assert answer.text.endswith("<Response/>")


def test_trap_30_a_text_that_arrived_and_was_not_answered_is_escalated(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", "sms").usual()
    stage.forward("06:42")
    stage.says("tina", "1")
    stage.forward("07:25")
    stage.store.transact(lambda tx: tx.run("UPDATE outbox SET status = 'delivered'"))
    stage.forward("07:31")

    assert "NO ETA" in stage.last("dana")


def test_trap_32_a_curly_quote_that_somebody_typed_doubles_nothing() -> None:
    typed = {"manager": "José Núñez", "text": "don’t go – “wait” … ok 👍" + " and wait" * 12}
    text = Wording.shipped().sms(Message((Part("managers_word", typed),)))

    assert segments(text) == 1
