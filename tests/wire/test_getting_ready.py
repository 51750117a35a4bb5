"""Getting ready as a process, from the code to ready (M01): apollo by text, mila in a chat, in one
served `serve`, with a clock that is pushed over Amazon's 48 hours."""

from pathlib import Path
from typing import Any

import pytest

from bot.clock import real_now
from bot.turns import enrolment
from storage import onboardings, people
from storage.db import Store, Tx
from tests.carriers.judges import judge_botapi, judge_twilio
from tests.databases import new_store
from tests.wire.running import Running, hears

pytestmark = pytest.mark.slow

DANA, NINA, MIA = "+12125550110", "+12125550102", "+447400123456"
US = "America/New_York"
CODES = {"Nina Ruiz": "WELCOMENNA", "Mia Turner": "WELCOMEMIA"}
LINE = (
    "1/11.*ETA", "2/11.*Sample St", "3/11.*Start Job", "4/11.*800-484-0254", "5/11", "6/11.*Complete",
    "7/11", "8/11.*Selfie", "9/11.*jobs to complete", "10/11.*800-484-0254", "11/11.*Mars",
)  # fmt: skip
"""The practice job by text, apollo's eleven steps: 1 leads on at each."""


async def says(phone: Any, words: str, *patterns: str) -> None:
    """Say it; the answer must have each of these."""
    seen = len(phone.inbox)
    phone.says(words)
    for pattern in patterns:
        await hears(phone, f"(?s){pattern}", seen)


async def presses(phone: Any, label: str, *patterns: str) -> None:
    """Press the newest button with that word; the answer must have each of these."""
    seen = len(phone.inbox)
    shown = [b for m in phone.messages for row in m.buttons for b in row if label in b.text]
    phone.presses(shown[-1].text)
    for pattern in patterns:
        await hears(phone, f"(?s){pattern}", seen)


async def forward(running: Running, day: str, clock: str, phone: Any, pattern: str) -> None:
    """Let it be that day and time; this phone must hear of it."""
    seen = len(phone.inbox)
    await running.forward(clock, day)
    await hears(phone, f"(?s){pattern}", seen)


def states(store: Store) -> dict[str, str]:
    """Where everybody stands, by program."""
    with store.reading() as tx:
        everybody = [each["id"] for each in people.everybody(tx)]
        rows = [row for each in everybody for row in onboardings.of_person(tx, each)]
    return {row["program"]: row["state"] for row in rows}


def cast(running: Running) -> Store:
    """Dana, whose phone is known, and two who are invited; their database."""
    store, now = new_store(running.env["DATABASE_URL"]), real_now()

    def work(tx: Tx) -> None:
        dana = tx.insert(
            "people", name="Dana Cole", roles="manager", phone=DANA, created_at=now, timezone=US,
            program="apollo",
        )  # fmt: skip
        people.bind(tx, dana, "sms", DANA, now, "agreed")
        people.change(tx, dana, channel="sms", address=DANA)
        for name, phone, zone, program in (
            ("Nina Ruiz", NINA, US, "apollo"), ("Mia Turner", MIA, "Europe/London", "mila"),
        ):  # fmt: skip
            person = tx.insert(
                "people", name=name, phone=phone, dm=dana, created_at=now, timezone=zone,
                program=program,
            )  # fmt: skip
            code = enrolment.hash_of(CODES[name])
            people.invite(tx, person, code, now, now + enrolment.VALID_FOR)

    store.transact(work)
    return store


async def nina_gets_ready(nina: Any) -> None:
    """By text: all but the approval."""
    await says(nina, f"join {CODES['Nina Ruiz']}", "STOP to opt out", "1 Begin 2 Later")
    await says(nina, "1", "SETUP 1/6 Install.*48 h", "1 Registered 2 Stuck")
    await says(nina, "registered", "2/6.*youtube.com/playlist")
    await says(nina, "1", "3/6.*CARD")
    await says(nina, "1", "4/6.*Manual POS.*Apollo Assembly")
    await says(nina, "1", "5/6.*practice job")
    for answer in LINE:
        await says(nina, "1", f"PRACTICE.*{answer}")
    await says(nina, "1", "Practice done", "6/6.*approval", "1 Approved")


async def mia_gets_ready(mia: Any) -> None:
    """In a chat: all but the approval."""
    seen = len(mia.inbox)
    mia.starts(CODES["Mia Turner"])
    await hears(mia, "(?s)Hi Mia!.*Mila", seen)
    await presses(mia, "Begin", "1/5.*no subscription")
    await presses(mia, "✅ Registered", "2/5.*wallet card")
    await presses(mia, "I have it", "3/5.*proofs of appointment")
    await presses(mia, "in the vehicle", "4/5.*practice job")
    await presses(mia, "Go", "PRACTICE · 1/5")
    for place, label in enumerate(("Accepted", "in the Amazon app", "Service done", "Signed"), 2):
        await presses(mia, label, f"PRACTICE · {place}/5")
    await presses(mia, "Closed", "Practice done", "5/5.*approval")


async def test_m01_from_the_code_to_ready_on_both_wires(tmp_path: Path) -> None:
    async with Running(tmp_path, clock="2026-11-23T09:00-05:00").carriers() as running:
        judges = judge_botapi(running.telegram), judge_twilio(running.twilio)
        store = cast(running)
        await running.start()
        dana, nina = running.twilio.phone(DANA), running.twilio.phone(NINA)
        mia = running.telegram.user("Mia Turner")

        await nina_gets_ready(nina)
        await mia_gets_ready(mia)
        assert {"apollo": "approval", "mila": "approval"} == states(store)

        # 48 hours later both are asked: one is approved, the other a day after the no.
        await forward(running, "2026-11-25", "10:00", nina, "48 h are over.*3 Not yet")
        await presses(mia, "Approved", "You are ready for")
        await says(nina, "3", "Dana knows.*ask again tomorrow")
        await hears(dana, "Nina Ruiz.*not approved by Amazon yet")
        await forward(running, "2026-11-26", "11:00", nina, "has Amazon approved you")
        await says(nina, "1", "You are ready for Apollo Assembly")
        assert {"apollo": "ready", "mila": "ready"} == states(store)

        for judge in judges:
            judge.assert_clean()
        assert 0 == await running.stop()
        assert "Traceback" not in running.log()
