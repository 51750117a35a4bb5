"""P3, P6, P10: whole days of many technicians with random slips and faults, each from one seed."""

import time
from collections import Counter
from pathlib import Path

import pytest

from flows.book import SIDES
from tests.promises.day import Day

MOVES = 45
"""Moves of a technician in a day."""
A_FIRM = 1_000
"""Technicians of the one great day, lived where the tests are run with `--thorough 20` or more."""


def live(url: str, seed: int, size: int) -> tuple[Day, str]:
    with pytest.MonkeyPatch.context() as patch:
        day = Day(url, patch, seed, size)
        return day, day.live(MOVES * size)


@pytest.mark.postgresql
def test_a_seed_gives_the_same_journal_on_either_database(
    tmp_path: Path, postgres_migrated_url: str
) -> None:
    first, one = live(f"sqlite:///{tmp_path}/one.db", 1, 2)
    _, two = live(f"sqlite:///{tmp_path}/two.db", 1, 2)
    _, other = live(f"sqlite:///{tmp_path}/other.db", 2, 2)
    elsewhere, _ = live(postgres_migrated_url, 1, 2)

    assert one == two
    assert one != other
    assert first.stage.transcript == elsewhere.stage.transcript
    assert [] == elsewhere.unanswered


def test_p3_p6_p10_a_day_of_slips_and_faults_leaves_nothing_stuck_or_unanswered(
    tmp_path: Path, thorough: int
) -> None:
    began, seen, cases = time.monotonic(), Counter[str](), set[str]()
    sizes = [4 + seed % 7 for seed in range(10, 11 + thorough)]
    for seed, size in enumerate([*sizes, *[A_FIRM] * (thorough // 20)], 10):
        day, _ = live(f"sqlite:///{tmp_path}/{seed}.db", seed, size)

        assert [] == day.unanswered, f"seed {seed}"
        seen.update(day.faults)
        seen.update(technicians=size, messages=len(day.stage.heard))
        for job in day._rows("SELECT state FROM jobs"):
            seen[f"ended {job['state']}"] += 1
        steps = (row["step"] for row in day._rows("SELECT DISTINCT step FROM timeline"))
        cases |= {step.partition(".")[0] for step in steps} & set(SIDES)
    print(f"{len(sizes)} days in {time.monotonic() - began:.0f} s: {dict(seen)}; {sorted(cases)}")
    if thorough >= 20:
        assert set(SIDES) == cases, "an escalation that nobody met"
