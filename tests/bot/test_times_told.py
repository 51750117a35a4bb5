"""Times told for what was done: in the order of the steps, or asked about once (A22)."""

from pathlib import Path

import pytest

from bot.clock import to_datetime
from bot.days import zone_of
from bot.speech.gsm import segments
from flows.talk import Talk
from storage import jobs
from tests.stage import ZONE, Stage


@pytest.fixture(name="stage")
def signed_in(tmp_path: Path) -> Stage:
    """Tina arrived at 8:05, began at 8:07 and signed in at 8:20."""
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual()
    stage.plays("07:40 A 800 B 1230", "07:40 1", "08:05 1", "08:07 1", "08:20 1")
    return stage


def told(stage: Stage, step: str, number: str = "114-7") -> str:
    """When that step was done, as its wall clock showed it; empty where it is not."""
    talk = Talk.from_json(stage.row(lambda tx: jobs.of_order(tx, number)[0])["talk"])
    at = talk.marks.get(step)
    return f"{to_datetime(at).astimezone(zone_of(ZONE)):%H:%M}" if at else ""


def test_a22_a_time_before_the_step_before_it_is_asked_about_once(stage: Stage) -> None:
    stage.plays("09:30 1 810")
    asked = stage.last("tina")
    stage.plays("09:31 1 810")

    assert "8:10 is before IVR sign-in (8:20). To keep it, send it once more" in asked
    assert 1 == segments(asked)
    assert ("complete", "08:10") == (stage.state("114-7"), told(stage, "assemble"))


def test_a22_or_the_right_time_is_told_instead(stage: Stage) -> None:
    stage.plays("09:30 1 810", "09:31 1 910")

    assert ("complete", "09:10") == (stage.state("114-7"), told(stage, "assemble"))


def test_a22_another_answer_between_lets_it_be_asked_again(stage: Stage) -> None:
    stage.plays("09:30 1 810", "09:31 WHERE", "09:32 1 810")

    assert "is before IVR sign-in" in stage.last("tina")


@pytest.mark.parametrize("time", ["817", "8:16", "820", "9:00"])
def test_a_few_minutes_are_rounded_and_not_asked_about(stage: Stage, time: str) -> None:
    stage.plays(f"09:30 1 {time}")

    assert "complete" == stage.state("114-7")


def test_who_catches_up_is_asked_about_times_only_where_they_were_told(stage: Stage) -> None:
    stage.plays("11:00 1", "11:01 1", "11:02 1", "11:03 1", "11:04 1", "11:05 1 10:30")

    assert ("report", "10:30") == (stage.state("114-7"), told(stage, "ivr_out"))


def test_a22_a_sign_out_before_the_sign_in_is_asked_about(stage: Stage) -> None:
    stage.plays("11:00 1", "11:01 1", "11:02 1", "11:03 1", "11:04 1", "11:05 1 8:00")

    assert "8:00 is before IVR sign-in (8:20)" in stage.last("tina")


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_a22_times_asked_for_after_done_n_are_in_order_too(tmp_path: Path, channel: str) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel).usual()
    stage.plays("07:40 A 800 B 1230", "07:40 1", "09:30 DONE 7", "09:31 9:00", "09:31 8:00")
    asked = stage.last("tina")
    stage.plays("09:32 9:05")

    assert "is before your arrival" in asked
    assert ("selfie", "09:05") == (stage.state("114-7"), told(stage, "ivr_in"))


def test_what_nobody_knows_any_more_is_before_nothing(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual()
    stage.plays("07:40 A 800 B 1230", "07:40 1", "09:30 DONE 7", "09:31 0", "09:31 9:05")

    assert ("selfie", "09:05") == (stage.state("114-7"), told(stage, "ivr_in"))


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_a_time_is_kept_while_it_is_asked_for_which_job_it_is(tmp_path: Path, channel: str) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel).usual()
    stage.plays("07:40 A 800 B 1130", "07:40 1", "08:05 1", "08:07 1", "08:20 1", "09:40 1")
    stage.plays("09:41 1", "09:42 1", "09:43 1", "09:44 1", "10:31 1 1020")
    asked = stage.last("tina")
    stage.plays("10:32 A")

    assert "Which job is" in asked
    assert ("report", "10:20") == (stage.state("114-7"), told(stage, "ivr_out"))


def test_late_is_no_case_that_turned_out_to_be_another(stage: Stage) -> None:
    stage.plays("08:30 B LATE", "08:31 OUT", "08:32 B ISSUE")

    assert "late.when" == stage.state("114-9")
    assert "B What is wrong?" in stage.last("tina")


@pytest.mark.parametrize("typed", ["done 9:20", "Ok 920", "done at 9.20", "finished 9:20", "1 920"])
def test_a_time_follows_whatever_says_forward(stage: Stage, typed: str) -> None:
    stage.plays(f"09:25 {typed}")

    assert ("complete", "09:20") == (stage.state("114-7"), told(stage, "assemble"))
