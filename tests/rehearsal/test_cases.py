"""Every case in the rehearsal, on both channels: the page's phones, real carriers, real mail.

Two of them by default; `--thorough 2` plays them all, which takes about a quarter of an hour.
"""

from pathlib import Path

import pytest

from tests.rehearsal.acting import SCRIPTS, Actor
from tests.rehearsal.playing import bare_settings, playing

STILL = "2026-11-23T06:40-05:00@0.001"
FEW = {"telegram": ["late"], "sms": ["missing_parts", "something_else"]}
EARLIER = {"no_smartphone": STILL.replace("06:40", "06:20")}
"""Who has no app is known before the day of the job begins."""
ELSEWHERE = frozenset({"two_on_one_job"})
"""It begins with a helper, whom the samples do not have."""


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_cases_come_to_the_same_end_in_the_rehearsal(
    channel: str, tmp_path: Path, thorough: int
) -> None:
    every = sorted(path.stem for path in SCRIPTS.glob("*.script"))
    apollo = [name for name in every if not name.startswith("mila") and name not in ELSEWHERE]
    for name in apollo if thorough > 1 else FEW[channel]:
        home = tmp_path / name
        home.mkdir()
        async with playing(bare_settings(home), EARLIER.get(name, STILL)) as rehearsal:
            if name not in EARLIER:
                await rehearsal.shows("screen-t3", "Good morning")
            await Actor(rehearsal, channel).play((SCRIPTS / f"{name}.script").read_text("utf-8"))
