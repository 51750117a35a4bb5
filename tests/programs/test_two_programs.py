"""One technician, two programs, one day: one sheet, and each job keeps its own rules (A05, M05)."""

import json
from pathlib import Path

import pytest

from bot.overview import read_day
from storage import people
from storage.db import Tx
from tests.stage import DAY, Stage


@pytest.mark.parametrize("channel", ["telegram", "sms"])
def test_a05_m05_each_job_keeps_its_rules(channel: str, tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel).usual()
    stage.order("M-1", "14:00", "15:00", customer="Harriet Cole", program="mila")
    stage.forward("07:00")

    sheet = next(text for who, text in stage.heard if who == "tina")
    assert all(each in sheet for each in ("Ben Okafor", "Harriet Cole", "M-1"))
    outlook = next(text for who, text in stage.heard if who == "dana" and "first at" in text)
    assert "planned arrival: 2" in outlook  # nobody is asked when they will be at M-1

    stage.says("tina", "LATE A 1145")
    assert "is told" in stage.last("tina")
    stage.says("tina", "C late")
    stage.says("tina", "C tomorrow 10:00")
    assert "Noted" in stage.last("tina")
    assert "planned" == stage.state("M-1")
    assert "eta" == stage.state("114-7")

    stage.says("tina", "may I change the date?")
    assert "Never agree another time" in stage.last("tina")


def test_a24_only_where_one_job_suspends_all_the_digest_says_so(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms")
    for manager, technician, number, program in (
        ("Dana Cole", "Tina Abernathy", "114-7", "apollo"),
        ("Mara Voss", "Mia Brand", "M-1", "mila"),
    ):
        stage.enrol(technician, dm=stage.enrol(manager, "manager"))
        stage.order(number, "08:00", "11:00", who=technician.split()[0].lower(), program=program)
    stage.forward("11:01")  # the day ends two hours after the last window

    told = {who: text for who, text in stage.heard if "2 h to the end" in text}
    assert "One unreported = no new jobs" in told["dana"]
    assert "Mia A: the service." == told["mara"].splitlines()[1]
    assert "no new jobs" not in told["mara"]


def test_a24_where_one_of_both_programs_suspends_it_is_said(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms")
    stage.enrol("Tina Abernathy", dm=stage.enrol("Dana Cole", "manager"))
    stage.order("114-7", "08:00", "11:00")
    stage.order("M-1", "09:00", "10:00", program="mila")
    stage.forward("11:01")

    told = [text for who, text in stage.heard if who == "dana" and "2 h to the end" in text]
    assert ["One unreported = no new jobs"] == [
        each for each in ("One unreported = no new jobs",) if each in told[-1]
    ]


def test_m03_what_is_done_before_the_visit_is_not_shown_as_at_the_door(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms", program="mila")
    stage.enrol("Mia Brand", dm=stage.enrol("Mara Voss", "manager"))
    stage.says("mia", "NEW 8841 today 14:00 12 High St, Leeds")

    def look(tx: Tx) -> str:
        mara = people.get(tx, stage.people["mara"])
        assert mara is not None
        seen = read_day(tx, stage.context, mara, DAY.isoformat(), stage.clock.now())
        return seen.visits[0].look

    assert ("accept", "ahead") == (stage.state("8841"), stage.store.transact(look))


def test_m15_the_manager_sees_the_signed_paper(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms", zone="Europe/London", program="mila")
    stage.enrol("Mia Brand", dm=stage.enrol("Mara Voss", "manager", channel="telegram"))
    stage.order("8841", "14:00", "15:00", who="mia", program="mila")
    stage.forward("14:10")
    stage.says("mia", "issue")
    stage.says("mia", "3")
    stage.says("mia", "5")
    photo = stage.sends_photo("mia")

    def shown(tx: Tx) -> list[int]:
        rows = tx.all("SELECT payload FROM outbox WHERE kind = 'alert' ORDER BY id")
        return [each for row in rows if (each := json.loads(row["payload"]).get("photo"))]

    assert [photo] == stage.store.transact(shown)
