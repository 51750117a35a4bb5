"""Silence in a case: asked once more, told to the managers, and over with the next word (contract
section 6)."""

from pathlib import Path

import pytest

from storage import alerts, jobs
from storage.db import Tx
from tests.stage import Stage

SPLIT = ("07:50 1", "08:00 A1", "08:01 1", "08:02 2", "08:02 4", "08:03 a leg is split")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Tina is asked for photos of the damage since 8:03. Both channels: the scripts."""
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual()
    stage.plays(*SPLIT)
    assert "damaged.photos" == stage.state("114-7")
    return stage


def silences(stage: Stage) -> list[str]:
    """How the managers' alerts about it stand."""

    def work(tx: Tx) -> list[str]:
        job = jobs.of_order(tx, "114-7")[0]
        return [a["status"] for a in alerts.of_job(tx, job["id"]) if a["kind"] == "silent"]

    return stage.store.transact(work)


@pytest.mark.parametrize("words", ["[photo]", "MANAGER they look for the box"])
def test_the_first_word_after_a_silence_ends_its_alert(stage: Stage, words: str) -> None:
    stage.forward("08:49")
    raised = silences(stage)

    stage.plays(f"08:51 {words}")
    stage.forward("09:20")

    assert (["open"], ["closed"]) == (raised, silences(stage))
    assert [] == [text for who, text in stage.heard if who == "carl" and "SILENT" in text]


def test_whoever_asks_and_tells_meanwhile_is_not_called_silent(stage: Stage) -> None:
    stage.plays("08:15 WHERE", "08:25 MANAGER they look for the box", "08:39 NUMBERS")

    stage.forward("09:20")

    assert [] == silences(stage)


def test_silence_after_such_a_word_counts_from_there(stage: Stage) -> None:
    stage.plays("08:15 WHERE")
    seen = len(stage.heard)

    stage.forward("08:29")
    before = [text for who, text in stage.heard[seen:] if who == "tina" and "Photos" in text]
    stage.forward("09:01")

    assert ([], ["open"]) == (before, silences(stage))
    assert "SILENT since 8:15" in stage.last("dana")


def test_a_word_that_was_long_on_its_way_breaks_no_silence(stage: Stage) -> None:
    stage.forward("08:49")

    stage.says("tina", "WHERE", sent_at=stage.instant("08:20"))

    assert ["open"] == silences(stage)


@pytest.fixture
def waiting(tmp_path: Path) -> Stage:
    """Nothing was delivered: the manager was told at 8:03, and Tina waits."""
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual()
    stage.plays("07:50 1", "08:00 A1", "08:01 1", "08:02 2", "08:02 3", "08:02 5", "08:03 4")
    assert "not_delivered.call_dm" == stage.state("114-7")
    return stage


def test_who_waits_for_an_answer_that_a_manager_holds_is_not_called_silent(waiting: Stage) -> None:
    waiting.forward("08:19")
    asked = waiting.last("tina")
    waiting.forward("09:20")

    assert "Call Dana" in asked
    assert [] == silences(waiting)


@pytest.mark.parametrize("taken", [True, False])
def test_nor_once_the_manager_has_taken_it(waiting: Stage, *, taken: bool) -> None:
    if taken:
        waiting.says("dana", "1a")
    waiting.says("tina", "WHERE")
    waiting.forward("09:20")

    assert [] == silences(waiting)


def test_an_alert_that_decides_nothing_here_explains_no_silence(stage: Stage) -> None:
    stage.says("tina", "MANAGER come quickly")
    stage.forward("09:00")

    assert ["open"] == silences(stage)
