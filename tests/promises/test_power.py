"""P1, P3: the power may go at any write or sync of a day, and the disk may be full or fail."""

import random
import secrets
from contextlib import nullcontext
from pathlib import Path

import apsw
import pytest

from storage.db import StorageBroken
from tests.promises.disk import LOSSES
from tests.promises.power import Cuts, Day, after_cut

SCRIPT = Path(__file__).parents[1] / "scripts" / "no_show.script"
FEW = """
07:00 tina > 1
08:00 tina > 1
08:10 tina > 2
tina > 2.
tina > [photo]
tina > where
"""


def test_p1_a_power_cut_loses_nothing_acknowledged_and_leaves_no_half_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thorough: int
) -> None:
    day = Day(tmp_path, monkeypatch)
    day.begin()
    cuts = Cuts(day, every=max(1, 30 // thorough))
    cuts.watch()

    day.play(SCRIPT.read_text())

    print(f"{len(cuts.found)} cuts in {day.disk.ops} writes and syncs, {len(day.states)} commits")
    assert len(cuts.found) >= 90
    assert [] == [each for each in cuts.found if not each.sound]
    assert [] == cuts.lost()
    day.writer.close()


def test_a_disk_that_is_synced_less_does_lose_so_the_cuts_would_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = Day(tmp_path, monkeypatch, synchronous="NORMAL")
    day.begin()
    cuts = Cuts(day, every=40)
    cuts.watch()

    day.play(SCRIPT.read_text())

    assert cuts.lost()
    day.writer.close()


@pytest.mark.parametrize("fault", ["write", "sync"])
def test_p1_a_full_or_failing_disk_stops_loudly_with_the_state_of_the_last_commit(
    tmp_path: Path, thorough: int, fault: str
) -> None:
    """From the n-th write on the disk is full, or from the n-th sync on it fails."""
    error = apsw.FullError if fault == "write" else apsw.IOError
    _, whole, total = _lived(tmp_path / "whole", fault, error, 0)
    step = max(1, total // (10 * thorough))
    for n in range(1, total + 1, step):
        day, states, _ = _lived(tmp_path / str(n), fault, error, n)
        assert 1 == len(day.broken)
        with pytest.raises(StorageBroken):
            day.transact(lambda tx: tx.one("SELECT 1 AS x"))
        day.writer.close()
        for loss in LOSSES:
            sound, holds = after_cut(day.disk, loss, random.Random(n))
            assert sound
            assert holds in whole[len(states) - 1 :][:2]  # or the turn under way, as a whole
    print(f"{len(range(1, total + 1, step))} of {total} {fault}s failed")


def _lived(folder: Path, fault: str, error: type[apsw.Error], n: int) -> tuple[Day, list[str], int]:
    """A day on a disk that fails from the n-th operation on (0: never), its states, and how many
    such operations there were."""
    folder.mkdir()
    seen = 0

    def before(_op: int, kind: str) -> None:
        nonlocal seen
        seen += kind == fault
        if n and kind == fault and seen >= n:
            raise error("of a test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "choice", lambda these: these[0])
        day = Day(folder, patch)
        day.begin()
        day.disk.before = before
        with pytest.raises(StorageBroken) if n else nullcontext():
            day.play(FEW)
        day.disk.before = lambda _n, _kind: None
    return day, day.states, seen
