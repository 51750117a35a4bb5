"""P1, P2: whole jobs go on to their end through SIGKILLs at random moments, nothing applied twice.

`tests/promises/test_kill.py` has the load; here each technician answers what was asked, and every
job is reported."""

import asyncio
import random
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.wire.running import Running, hears, more, said, until

pytestmark = pytest.mark.slow
KILLS = 6
TECHNICIANS = 4
MOST = 40
"""Answers of a technician: eleven, and one more for each message that came twice."""


def _people() -> str:
    rows = [f"Tech {n},technician,+1212555030{n},,Dana Cole,,own" for n in range(TECHNICIANS)]
    return (
        "\n".join(
            [
                "name,role,phone,email,dm,dc,app",
                "Dana Cole,manager,+12125550110,dana@example.org,,,",
                *rows,
            ]
        )
        + "\n"
    )


def _manifest() -> str:
    rows = [
        f"200-{n},S,Must Use the Amazon App C{n},{n} Elm St,Troy,NY,12180,Tech {n},2026-11-23,8-11 desk"
        for n in range(TECHNICIANS)
    ]
    return (
        "\n".join(
            [
                "Work Order,Shift,Customer,Address,City,State,Zip,Technician,Date,Schedule Notes",
                *rows,
            ]
        )
        + "\n"
    )


async def test_p1_p2_jobs_come_to_their_end_through_kills(tmp_path: Path, thorough: int) -> None:
    for seed in range(7, 7 + thorough):
        home = tmp_path / str(seed)
        home.mkdir()
        await _day(home, random.Random(seed))


async def _day(tmp_path: Path, chance: random.Random) -> None:
    async with Running(tmp_path, clock="2026-11-23T08:00-05:00").carriers() as running:
        (tmp_path / "people.csv").write_text(_people())
        (tmp_path / "manifest.csv").write_text(_manifest())
        await running.command("people", "import", "people.csv")
        await running.command("doctor", "--confirm-contacts")
        await running.command("manifest", "import", "manifest.csv")
        await running.start()
        phones = [await running.join(f"Tech {n}", channel="telegram") for n in range(TECHNICIANS)]
        for phone in phones:
            await hears(phone, "Elm St")
            phone.says("1")
            await hears(phone, "8:00")
            phone.says("where")
            await hears(phone, "ETA in the Amazon app")

        answers = 0

        async def work(phone: Any) -> None:
            # A message whose outcome the killed process did not know may come twice (P5): whoever
            # answers both is told that the step is done, and goes on.
            nonlocal answers
            for _ in range(MOST):
                shown = len(said(phone))
                phone.says("1")
                answers += 1
                await more(phone, shown, 90)
                if any("That was the last one" in text for text in said(phone)):
                    return
                await asyncio.sleep(0.05)

        async def kill() -> None:
            for _ in range(KILLS):
                await asyncio.sleep(chance.uniform(0.05, 0.9))
                running.kill()
                assert running.process is not None
                await running.process.wait()
                await running.start()

        await asyncio.gather(kill(), *(work(phone) for phone in phones))
        await until(lambda: not running.telegram.undelivered, 20)
        await running.stop()

        rows = sqlite3.connect(tmp_path / "doorstep.db")
        events = Counter(
            rows.execute(
                "SELECT job_id, event, step FROM timeline WHERE job_id IS NOT NULL AND event IN ('there', 'started', 'signed_in', 'built', 'completed', 'signed', 'gone', 'signed_out', 'reported')"
            ).fetchall()
        )
        assert {} == {key: count for key, count in events.items() if count != 1}
        keys = [
            int(key)
            for (key,) in rows.execute(
                "SELECT key FROM inbox WHERE channel = 'telegram' AND person_id IS NOT NULL"
            )
        ]
        assert len(keys) == len(set(keys))
        assert len(keys) >= answers + 2 * TECHNICIANS, "all that was said is there"
        assert set(running.telegram.update_ids) >= set(keys)
        assert [("reported",)] * TECHNICIANS == rows.execute("SELECT state FROM jobs").fetchall()
        unsent = rows.execute("SELECT count(*) FROM outbox WHERE status IN ('sending')").fetchone()
        assert (0,) == unsent
