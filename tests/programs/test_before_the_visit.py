"""What is done before a visit (accepting it, waiting for the app) is not begun (M02, M03, M12)."""

from pathlib import Path

import pytest

from bot.operator import actions
from storage import jobs, people
from storage.db import Tx
from tests.stage import DAY, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Mia with a request that she noted; Kay works for the same managers."""
    stage = Stage(
        f"sqlite:///{tmp_path / 'stage.db'}", "sms", zone="Europe/London", program="mila"
    ).british()
    stage.enrol("Kay Lowe", dm=stage.people["dana"])
    stage.says("mia", "NEW 8841 today 14:00 12 High St, Leeds")
    return stage


WALKS = {
    "accept": (),
    "wait_app": ("1",),
    "support.call": ("1", "2", "1"),
    "reschedule.when": ("1", "LATE"),
}


@pytest.mark.parametrize("state", WALKS)
def test_m12_a_request_is_given_to_another_before_the_visit(stage: Stage, state: str) -> None:
    for said in WALKS[state]:
        stage.says("mia", said)
    assert state == stage.state("8841")

    def give(tx: Tx) -> tuple[int, str]:
        job, kay = jobs.of_order(tx, "8841")[0], people.get(tx, stage.people["kay"])
        assert kay is not None
        given = actions.assign(tx, stage.context, job, kay, stage.clock.now(), "Dana Cole")
        return given["visit"], given["state"]

    kept = "accept" if state == "accept" else "wait_app"
    assert (1, kept) == stage.store.transact(give)


@pytest.mark.parametrize("state", WALKS)
def test_m05_a_request_is_put_to_another_time_before_the_visit(stage: Stage, state: str) -> None:
    for said in WALKS[state]:
        stage.says("mia", said)

    def move(tx: Tx) -> tuple[int, str, str]:
        job, now = jobs.of_order(tx, "8841")[0], stage.clock.now()
        moved = actions.move(tx, stage.context, job, None, "16-17", now, "Dana Cole")
        return moved["visit"], moved["day"], moved["state"]

    kept = "accept" if state == "accept" else "wait_app"
    assert (1, DAY.isoformat(), kept) == stage.store.transact(move)


@pytest.mark.parametrize("walk", [("LATE today 16:30",), ("1", "LATE today 16:30")])
def test_m05_the_time_of_a_request_is_mended_before_the_visit(
    stage: Stage, walk: tuple[str, ...]
) -> None:
    for said in walk[:-1]:
        stage.says("mia", said)
    before = stage.state("8841")
    stage.says("mia", walk[-1])

    assert before == stage.state("8841")
    start = stage.row(lambda tx: jobs.of_order(tx, "8841")[0])["window_start"]
    assert stage.instant("16:30") == start


@pytest.mark.parametrize("when", ["14/9 14:00", "yesterday 14:00"])
def test_m02_a_request_is_never_for_a_time_that_is_over(stage: Stage, when: str) -> None:
    stage.says("mia", f"NEW 8842 {when} 3 Low Rd, Leeds")
    assert "That time is past." in stage.last("mia")
    assert "Which day and time?" in stage.last("mia")

    stage.says("mia", "tomorrow 9:30")
    stage.says("mia", "3 Low Rd, Leeds")
    assert "accept" == stage.state("8842")
