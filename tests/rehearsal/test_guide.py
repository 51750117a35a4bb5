"""The guided scenarios, one suggestion after the other as the page carries them out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.rehearsal.playing import Playing, bare_settings, playing

pytestmark = pytest.mark.slow


@pytest.fixture
async def rehearsal(tmp_path: Path) -> AsyncIterator[Playing]:
    async with playing(bare_settings(tmp_path)) as started:
        yield started


async def guided(rehearsal: Playing, scenario: str, over: str) -> list[str]:
    """Do what the guide says until it says `over`; the acts."""
    done: list[str] = []
    before = drawn = ""
    for _ in range(1_000):
        query = {"wait": "0", "guide": scenario}
        news = (await rehearsal.client.get("/rehearsal/feed", params=query)).json()
        drawn, suggested = news["panes"]["guide"]["html"], news["facts"]["suggest"]
        if over in drawn:
            return done
        said = {"scenario": scenario} | {name: str(each) for name, each in suggested.items()}
        # A second press of a hasty thumb would be one step too many.
        if drawn != before and (await rehearsal.post("guide", data=said)).is_success:
            done.append(suggested["act"])
            before = drawn
        await asyncio.sleep(0.05)
    raise AssertionError(f"{scenario} never got there: {drawn}")


async def test_the_guide_leads_through_every_scenario(rehearsal: Playing) -> None:
    for scenario, over in (
        ("normal", "Reported, with every time kept"),
        ("no_show", "Left open: photo"),
        ("request", "Done: every time"),
        ("newcomer", "Noah is ready"),
    ):
        await guided(rehearsal, scenario, over)

    assert ["reported", "left_open", "reported"] == [
        rehearsal.job(number)["state"] for number in ("114-7", "114-9", "8850")
    ]


async def test_m01_a_newcomer_is_guided_by_text_as_well(rehearsal: Playing) -> None:
    await rehearsal.act("say", device="s7", text="Join welcomenew")
    await rehearsal.shows("screen-s7", "get you ready for Apollo")
    await rehearsal.act("say", device="s7", text="2")
    await rehearsal.shows("screen-s7", "Later then")

    assert ["say"] * 18 == await guided(rehearsal, "newcomer", "Noah is ready")
