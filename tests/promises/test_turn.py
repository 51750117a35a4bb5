"""P3: a turn is one transaction: whatever fails in it, it is done or not done, never half."""

from pathlib import Path

import pytest

from tests.promises.faults import FaultyStore
from tests.stage import Stage, play

SCRIPTS = Path(__file__).parents[1] / "scripts"
WORKS = ("_receive", "sends_photo", "_ring")


@pytest.mark.parametrize("script", ["no_show", "damaged"])
def test_p3_a_fault_at_any_database_call_of_a_turn_leaves_no_half_turn(
    database_url: str, script: str, thorough: int
) -> None:
    slow = 4 if database_url.startswith("postgresql") else 1
    store = FaultyStore(database_url, whole=WORKS, stride=max(1, 5 * slow // thorough))
    stage = Stage(database_url, "sms").usual()
    stage.store = store

    play(stage, (SCRIPTS / f"{script}.script").read_text())

    print(f"{store.tried} faults in {store.works} turns")
    assert store.works >= 20
    assert store.tried > store.works
