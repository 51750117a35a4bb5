"""P3, P6, P10: whole days of many technicians with random slips and faults, each from one seed."""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.promises.day import Day

MOVES = 45
"""Moves of a technician in a day."""


def live(folder: Path, seed: int, size: int) -> tuple[Day, str]:
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        day = Day(folder, patch, seed, size)
        return day, day.live(MOVES * size)


def test_a_seed_gives_the_same_journal(tmp_path: Path) -> None:
    _, one = live(tmp_path / "one", 1, 3)
    _, two = live(tmp_path / "two", 1, 3)
    _, other = live(tmp_path / "other", 2, 3)

    assert one == two
    assert one != other


def test_p3_p6_p10_a_day_of_slips_and_faults_leaves_nothing_stuck_or_unanswered(
    tmp_path: Path, thorough: int
) -> None:
    began, seen = time.monotonic(), Counter[str]()
    for seed in range(10, 11 + thorough):
        day, _ = live(tmp_path / str(seed), seed, 4 + seed % 7)

        assert [] == day.unanswered, f"seed {seed}"
        seen.update(day.faults)
        seen["technicians"] += len(day.technicians)
        seen["messages"] += len(day.stage.heard)
        for job in day._rows("SELECT state FROM jobs"):
            seen[f"ended {job['state']}"] += 1
        for event in day._rows("SELECT DISTINCT step FROM timeline"):
            seen[f"step {event['step']}"] += 1
    print(f"{1 + thorough} days in {time.monotonic() - began:.0f} s: {dict(seen)}")
