"""What the clock does for program mila, row by row of the contract's table (M03, M08)."""

from pathlib import Path

import pytest

from storage import timers
from storage.db import Tx
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    url = f"sqlite:///{tmp_path / 'stage.db'}"
    return Stage(url, "sms", zone="Europe/London", program="mila").british()


def said(stage: Stage, who: str, since: int) -> list[str]:
    """What this phone heard after the first `since` messages."""
    return [text for name, text in stage.heard[since:] if name == who]


def accepted(stage: Stage, when: str = "today 14:00") -> None:
    stage.says("mia", f"NEW 8841 {when} 12 High St, Leeds")
    stage.says("mia", "1")


def test_the_day_sheets_come_in_the_evening_and_in_the_morning_and_ask_for_no_plan(
    stage: Stage,
) -> None:
    stage.order("8841", "14:00", "15:00", who="mia", program="mila")
    tomorrow = stage.store.transact(lambda tx: timers.of_person(tx, stage.people["mia"]))
    stage.forward("07:00")

    sheet = said(stage, "mia", 0)
    assert any("8841" in text for text in sheet)
    assert not any("arrive" in text or "When" in text for text in sheet)
    assert {"sheet_morning", "flag_before", "flag_end"} == {
        row["name"].partition(" ")[0] for row in tomorrow
    }


def test_an_evening_before_the_visit_tomorrows_sheet_comes_at_six(stage: Stage) -> None:
    accepted(stage, "tomorrow 14:00")
    stage.says("mia", "1")  # it is in the app
    assert "planned" == stage.state("8841")
    stage.forward("17:59")
    since = len(stage.heard)
    stage.forward("18:00")

    assert any("8841" in text for text in said(stage, "mia", since))


def test_m03_four_hours_after_accepting_it_is_asked_for_then_support(stage: Stage) -> None:
    accepted(stage)
    stage.forward("10:39")
    since = len(stage.heard)
    stage.forward("10:41")

    assert any("by now" in text for text in said(stage, "mia", since))
    stage.says("mia", "3")
    assert "support.call" == stage.state("8841")
    assert "020 3808 4619" in stage.last("mia")


def test_m03_found_after_downtime_the_question_says_that_it_is_late(stage: Stage) -> None:
    accepted(stage)
    since = len(stage.heard)
    stage.clock.set(stage.instant("11:30"))  # nothing ran at 07:00 and at 10:40
    stage.forward("11:30")

    asked = [text for text in said(stage, "mia", since) if "by now" in text]
    assert 1 == len(asked)
    assert "was due" in asked[0]
    assert "07:00" in asked[0]


def test_an_hour_before_the_appointment_the_technician_is_reminded(stage: Stage) -> None:
    stage.order("8841", "14:00", "15:00", who="mia", program="mila")
    stage.forward("12:59")
    since = len(stage.heard)
    stage.forward("13:00")

    assert any("Status in the Amazon app" in text for text in said(stage, "mia", since))


def test_no_word_is_asked_an_hour_after_the_window_and_an_hour_later_the_manager_hears(
    stage: Stage,
) -> None:
    stage.order("8841", "14:00", "15:00", who="mia", program="mila")
    stage.forward("15:59")
    since = len(stage.heard)
    stage.forward("16:00")
    assert said(stage, "mia", since)
    assert not any("NO WORD" in text for text in said(stage, "dana", since))
    stage.forward("17:01")

    assert any("NO WORD" in text for text in said(stage, "dana", since))


def test_half_an_hour_after_the_service_the_closing_is_asked_for(stage: Stage) -> None:
    stage.order("8841", "14:00", "15:00", who="mia", program="mila")
    stage.forward("14:40")
    stage.says("mia", "1")
    since = len(stage.heard)
    stage.forward("15:11")

    assert any("sign" in text for text in said(stage, "mia", since))


def test_m08_four_hours_after_closing_one_light_look_back_and_no_question(stage: Stage) -> None:
    stage.order("8841", "14:00", "15:00", who="mia", program="mila")
    stage.forward("14:40")
    for _ in range(3):
        stage.says("mia", "1")
    assert "reported" == stage.state("8841")
    since = len(stage.heard)
    stage.forward("20:59")

    told = said(stage, "mia", since)
    assert 1 == len([text for text in told if "overview" in text])
    assert 0 == stage.store.transact(_waits)


def _waits(tx: Tx) -> int:
    """How many reminders of jobs still stand."""
    return len(tx.all("SELECT 1 AS x FROM timers WHERE job_id IS NOT NULL"))


def test_what_is_open_two_hours_before_the_days_end_and_at_its_end_is_told(stage: Stage) -> None:
    stage.order("8841", "14:00", "15:00", who="mia", program="mila")
    stage.forward("14:40")
    stage.says("mia", "1")
    since = len(stage.heard)
    stage.forward("17:01")

    mia, dana = said(stage, "mia", since), said(stage, "dana", since)
    assert any("not closed yet" in text for text in mia)
    assert any("8841" in text for text in dana)
    assert any("over" in text for text in mia)


def test_no_manifest_is_missed_where_orders_come_one_by_one(stage: Stage) -> None:
    stage.enrol("Olga Ops", "operator", channel="sms")
    stage.forward("19:30")

    assert [] == [text for who, text in stage.heard if who == "olga"]
