"""P6: the same day on every wall: an hour lost or gained overnight, zones over UTC's midnight, a
clock that jumps, hours in which nothing ran."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage import timers
from tests.stage import Stage

SUNDAY = date(2026, 11, 8)
HOUR = 3_600_000
WALLS = {
    "gains an hour": (date(2026, 11, 1), "America/New_York"),
    "loses an hour": (date(2027, 3, 14), "America/New_York"),
    "west of midnight UTC": (SUNDAY, "Pacific/Honolulu"),
    "east of midnight UTC": (SUNDAY, "Pacific/Auckland"),
}
SAID = ("07:31 1", "08:10 1", "08:20 1", "08:30 1")


def set_up(folder: Path, day: date = SUNDAY, zone: str = "America/New_York") -> Stage:
    """Tina's two jobs of that day, since the noon before."""
    stage = Stage(f"sqlite:///{folder}/{day}-{zone[-4:]}.db", "sms", zone=zone, day=day)
    before = day - timedelta(days=1)
    stage.clock.set(stage.instant("12:00", before))
    stage.usual()
    stage.forward("23:59", before)
    return stage


def told(stage: Stage) -> list[str]:
    """All that was said, with its time on the wall and without the date."""
    return [re.sub(r"\d+/\d+(?=[ :,]|$)", "DATE", line) for line in stage.transcript]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A Sunday on which nothing is odd."""
    stage = set_up(tmp_path_factory.mktemp("usual"))
    stage.plays(*SAID)
    stage.forward("23:59")
    return told(stage)


@pytest.mark.parametrize("wall", WALLS)
def test_p6_the_same_is_said_at_the_same_time_on_every_wall(
    tmp_path: Path, usual: list[str], wall: str
) -> None:
    stage = set_up(tmp_path, *WALLS[wall])
    stage.plays(*SAID)
    stage.forward("23:59")

    assert usual == told(stage)


def test_p6_a_clock_that_is_set_back_says_nothing_twice(tmp_path: Path, usual: list[str]) -> None:
    stage = set_up(tmp_path)
    stage.plays(*SAID)
    stage.forward("10:12")
    stage.clock.set(stage.clock.now() - 5 * HOUR)
    stage.forward("23:59")

    assert usual == told(stage)


def test_p6_a_window_over_midnight_is_one_day(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path}/night.db", "sms", day=date(2026, 10, 31))
    dana = stage.enrol("Dana Cole", "manager")
    stage.enrol("Tina Abernathy", dm=dana)
    night = stage.order("114-7", "22:00", "23:59")
    clocks_change = stage.instant("01:30", date(2026, 11, 1))
    stage.store.transact(lambda tx: tx.update("jobs", night, window_end=clocks_change))
    stage.plays("21:05 1", "22:05 1", "22:06 1", "22:07 1")
    stage.forward("03:00", date(2026, 11, 1))

    said = "\n".join(text for _, text in stage.heard)
    assert "WO 114-7" in said
    assert "10:00-1:30" in said


def test_p6_after_hours_down_each_reminder_is_late_by_its_own_rule(tmp_path: Path) -> None:
    stage = set_up(tmp_path)
    stage.heard.clear()
    stage.clock.set(stage.instant("13:00"))  # nothing ran since the evening
    stage.forward("13:00")

    assert [
        "Good morning. Today, Sun 11/8:",  # the sheet is sent; no ETA is asked for any more
        "A (Late, was due 10:45)",  # where they are is asked once, not for 8:10 as well
        "B (Late, was due 11:10)",
    ] == [text.partition("\n")[0] for name, text in stage.heard if name == "tina"]
    assert [] == stage.store.transact(lambda tx: timers.due(tx, stage.clock.now(), 100))
