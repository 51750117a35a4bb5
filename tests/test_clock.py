"""P6: a clock that is pushed goes on after a restart, and never behind what a killed process said."""

from pathlib import Path

import pytest

from bot import clock
from bot.clock import Clock
from storage import kept
from tests.databases import new_store

START = "2026-11-23T08:00-05:00"


@pytest.mark.parametrize(("down", "later"), [(300, 300), (60_000, 2_000), (-5_000, 0)])
def test_p6_a_killed_process_had_gone_on_since_it_stored_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, down: int, later: int
) -> None:
    store, now = new_store(f"sqlite:///{tmp_path}/clock.db"), 1_000_000_000
    monkeypatch.setattr(clock, "real_now", lambda: now)
    before = Clock.from_setting(START)
    now += 90_000
    store.transact(before.store)
    stored = before.now()
    now += down

    after = Clock.from_setting(START)
    store.transact(lambda tx: after.resume(tx, serving=True))

    assert stored + later == after.now()
    assert store.transact(lambda tx: kept.get(tx, clock.KEY))
