"""A thumb that sends a digit twice at once: the choice where nothing else can be meant."""

from pathlib import Path

import pytest

from tests.stage import Stage


@pytest.fixture(name="stage")
def at_the_door(tmp_path: Path) -> Stage:
    """Tina is on the way to A, by text."""
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual()
    stage.plays("07:40 A 800 B 1230", "07:40 1")
    return stage


@pytest.mark.parametrize("typed", ["11", "111", "11."])
def test_a_choice_sent_twice_at_once_counts_once(stage: Stage, typed: str) -> None:
    stage.plays("08:05 1", f"08:07 {typed}")

    assert "ivr_in" == stage.state("114-7")


def test_it_may_be_any_choice_and_in_any_menu(stage: Stage) -> None:
    stage.plays("08:05 1", "08:07 22", "08:08 99")

    assert "other.what" == stage.state("114-7")


def test_where_words_are_asked_for_it_is_none(stage: Stage) -> None:
    stage.plays("08:05 1", "08:07 2", "08:08 9", "08:09 00")

    assert "other.photo" == stage.state("114-7"), "words like any others"


@pytest.mark.parametrize("clock", ["08:05", "11:02", "11:40"])
def test_on_the_way_it_may_be_when_they_are_there_and_is_no_choice(
    stage: Stage, clock: str
) -> None:
    stage.plays(f"{clock} 11")

    assert "arrive" == stage.state("114-7")


def test_where_it_may_tell_when_they_will_be_there_it_is_no_choice(stage: Stage) -> None:
    """The ETA of B is asked for: 11 may be when she gets there."""
    stage.plays("08:05 1", "08:07 1", "08:08 1", "11:15 WHERE", "11:16 B WHERE", "11:17 11")

    assert "eta" == stage.state("114-9")


@pytest.mark.parametrize("typed", ["12", "1 1", "77", "10"])
def test_what_is_no_double_of_a_choice_stays_unclear(stage: Stage, typed: str) -> None:
    stage.plays("08:05 1", f"08:07 {typed}")

    assert "start" == stage.state("114-7")


def test_getting_ready_and_its_practice_hear_it_too(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").unmanned()
    stage.invites("Nina Ruiz")
    stage.plays("09:00 JOIN WELCOME234", "09:00 11", "09:01 PRACTICE", "09:01 11", who="nina")

    assert "2/11" in stage.last("nina")
