"""What sounds like an answer and is none: nothing is acted on that was not meant."""

from pathlib import Path

import pytest

from tests.stage import Stage


def _stage(tmp_path: Path, channel: str = "sms") -> Stage:
    return Stage(f"sqlite:///{tmp_path / 's.db'}", channel).usual()


@pytest.mark.parametrize("said", ["ok 20 min", "yeah 10 min", "k 10 min", "ready 10 min"])
@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_so_many_minutes_on_the_way_are_no_arrival(tmp_path: Path, said: str, channel: str) -> None:
    stage = _stage(tmp_path, channel)
    stage.plays("06:42 a 900 b 1130", "08:00 1", f"09:11 {said}")
    assert stage.state("114-7") == "arrive"


@pytest.mark.parametrize("said", ["11", "111"])
def test_an_hour_on_the_way_is_no_arrival(tmp_path: Path, said: str) -> None:
    stage = _stage(tmp_path)
    stage.plays("06:42 a 900 b 1130", "08:00 1", f"09:11 {said}")
    assert stage.state("114-7") == "arrive"


def test_a_question_about_a_time_does_not_ask_for_a_carriers_word(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    stage.plays("06:42 a 900 b 1130", "08:00 1", "08:54 1", "08:55 1", "09:40 1 845")
    assert "Right?" not in stage.last("tina")


def test_the_sum_of_all_roles_takes_all(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", "sms")
    me = stage.enrol("Solo Smith", "technician;manager;operator;office")
    stage.is_set("solo", "dm", str(me))
    stage.order("114-7", "08:00", "11:00", who="solo")
    stage.plays("06:42 1", "07:31 take all", who="solo")
    assert "Yours now" in stage.last("solo")


def test_in_a_firm_of_one_a_fee_can_be_decided(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", "sms")
    me = stage.enrol("Solo Smith", "technician;manager;operator;office")
    stage.is_set("solo", "dm", str(me))
    stage.order("114-7", "08:00", "11:00", who="solo")
    stage.plays("06:42 1", "07:00 1", "08:05 2", "08:05 2", "08:06 [photo]", "08:08 1", who="solo")
    stage.forward("08:37")
    card = next(text for name, text in reversed(stage.heard) if "NO-SHOW OVER" in text)
    stage.says("solo", f"{card.split()[0]}y K7QM")
    assert "approved" == stage.row(lambda tx: tx.one("SELECT * FROM fees"))["status"]


def test_an_old_take_all_takes_nothing_that_came_after_it(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", "telegram")
    dana = stage.enrol("Dana Cole", "manager")
    for name, order in (("Tina Abernathy", "114-7"), ("Tom Baker", "114-8")):
        stage.enrol(name, dm=dana)
        stage.order(order, "08:00", "11:00", who=name.split()[0].lower())
    stage.plays("06:43 1", who="tina")
    stage.plays("06:43 1", "07:31 1", "08:05 2", "08:06 2", "08:06 [photo]", who="tom")
    stage.presses("dana", "a:0:a:1")  # the button under the list of 7:30
    no_show = stage.row(lambda tx: tx.one("SELECT * FROM alerts WHERE kind = 'no_show'"))
    assert no_show["acknowledged_by"] == ""


@pytest.mark.parametrize("said", ["cant do it", "i cant do it i forgot the code"])
def test_that_it_cannot_be_done_opens_no_case_by_itself(tmp_path: Path, said: str) -> None:
    stage = _stage(tmp_path)
    stage.plays("06:42 1", "07:50 1", "08:05 1", "08:06 1", f"08:07 {said}")
    assert stage.state("114-7") == "ivr_in"
    assert "1 Signed in 2 Problem" in stage.last("tina")


@pytest.mark.parametrize("said", ["floor is wet", "it is wet outside", "a crack in the wall"])
def test_weather_is_no_damage(tmp_path: Path, said: str) -> None:
    stage = _stage(tmp_path)
    stage.plays("06:42 1", "07:50 1", "08:05 1", f"08:07 {said}")
    assert stage.state("114-7") == "start"


@pytest.mark.parametrize("said", ["1 not yet", "1 no"])
def test_one_and_a_denial_is_no_done(tmp_path: Path, said: str) -> None:
    stage = _stage(tmp_path)
    stage.plays("06:42 1", "07:50 1", "08:05 1", f"08:07 {said}")
    assert stage.state("114-7") == "start"


def test_only_who_may_decide_counts_as_another(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", "sms")
    carl = stage.enrol("Carl Stone", "manager")  # of Tom alone: neither hears nor sees Dana's fee
    dana = stage.enrol("Dana Cole", "technician;manager;operator")
    stage.is_set("dana", "dm", str(dana))
    stage.enrol("Tom Baker", dm=carl)
    stage.order("114-7", "08:00", "11:00", who="dana")
    stage.plays("06:42 1", "07:00 1", "08:05 2", "08:05 2", "08:06 [photo]", "08:08 1", who="dana")
    stage.forward("08:37")
    card = next(text for who, text in reversed(stage.heard) if "NO-SHOW OVER" in text)
    number = card.partition(" NO-SHOW OVER")[0].split()[-1]
    stage.says("dana", f"{number}y K7QM")
    fee = stage.row(lambda tx: tx.one("SELECT * FROM fees"))
    assert fee["status"] == "approved"
