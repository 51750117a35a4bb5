"""Every case in the rehearsal, on both channels: the page's phones, real carriers, real mail.

Two of them by default; `--thorough 2` plays them all, which takes about a quarter of an hour.
"""

from pathlib import Path

import pytest

from tests.rehearsal.acting import SCRIPTS, Actor
from tests.rehearsal.playing import bare_settings, playing

STILL = "2026-11-23T06:40-05:00@0.001"
FEW = {"telegram": ["late"], "sms": ["missing_parts", "something_else"]}
ELSEWHERE = frozenset({"two_on_one_job", "no_smartphone"})
"""They begin with a helper, or with somebody without an app: the samples have neither."""


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_cases_come_to_the_same_end_in_the_rehearsal(
    channel: str, tmp_path: Path, thorough: int
) -> None:
    every = sorted(path.stem for path in SCRIPTS.glob("*.script"))
    apollo = [name for name in every if not name.startswith("mila") and name not in ELSEWHERE]
    for name in apollo if thorough > 1 else FEW[channel]:
        home = tmp_path / name
        home.mkdir()
        async with playing(bare_settings(home), STILL) as rehearsal:
            await rehearsal.shows("screen-t3", "Good morning")
            await Actor(rehearsal, channel).play((SCRIPTS / f"{name}.script").read_text("utf-8"))
